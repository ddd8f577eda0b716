"""Reading sites: the list with its figures, what stands on a site's page, people by trade and by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from bihuan.kernel.clocks.rulebook import Rulebook, rulebook
from bihuan.kernel.desk.time_left import TimeLeft, cases_left
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.paging import MOST
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.findings.selectors import OPEN
from bihuan.packs.fire.holding import rows_holding
from bihuan.packs.fire.models import Accident, Attendance, Hazard, Site, Worker
from bihuan.packs.fire.sites.kinds import DEVICES, TRADES
from bihuan.packs.fire.sites.life import UNDER_CONSTRUCTION, days_without
from bihuan.packs.fire.sites.services import subject_of
from bihuan.telemetry.models import Episode
from bihuan.telemetry.rules import Limit, Metric
from bihuan.telemetry.selectors import Measured, devices_measured, devices_of, hours_measured

DAYS, HAZARDS = 14, 20
BY_DAY = """
    select (g.d at time zone 'Asia/Shanghai')::date, count(distinct a.worker_id) from generate_series(%(first)s::timestamptz, %(last)s::timestamptz, '1 day') as g(d)
    left join fire_attendance a on a.site_id = %(site)s and a.entered_at < g.d + interval '1 day'
        and coalesce(a.left_at, %(now)s) >= g.d
    group by g.d order by g.d
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A site in the list: who is inside, hazards that are open, metrics that are in alarm."""

    site: Site
    inside: int
    hazards: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Sums:
    """The register in figures: `building` are under construction, `joined` of those on the platform; area in m²."""

    building: int
    joined: int
    area: Decimal
    inside: int
    alarms: int
    accidents: int
    without: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A metric of a device on the page: its state ("alarm", "silent", "never", "good") and the bound that holds now."""

    measured: Measured
    state: str
    limit: Limit | None
    bound: float | None


def sites_found(*, text: str, stage: str, kind: str) -> QuerySet[Site]:
    """Sites whose name, contractor, place or permit holds the text; of a stage ("under": under construction, at work or stopped) and kind ("": all),
    the newest permit first.
    """
    rows = Site.objects.order_by("-permitted_on", "-pk")
    rows = rows_holding(rows, text) if text else rows
    rows = rows.filter(stage__in=UNDER_CONSTRUCTION if stage == "under" else (stage,)) if stage else rows
    return rows.filter(kind=kind) if kind else rows


def sites_burning(rows: QuerySet[Site]) -> list[int]:
    """The keys of those of these sites that stand first: in alarm, then with an open hazard; each the newest permit first."""
    prefix = subject_of("")
    subjects = Episode.objects.filter(device__subject__startswith=prefix, ended_at=None)
    alarms = {
        int(one.removeprefix(prefix)) for one in subjects.values_list("device__subject", flat=True).distinct()
    }
    unverified = Hazard.objects.filter(case__closed_at=None, case__state__in=OPEN)
    hazards = set(unverified.values_list("site", flat=True)[:MOST])
    found = list(rows.filter(pk__in=alarms | hazards).values_list("pk", flat=True))
    return sorted(found, key=lambda site: (site not in alarms, site not in hazards))


def rows_shown(sites: Sequence[Site]) -> list[Row]:
    """These sites with their counts: three questions, however many."""
    inside = _counted(Attendance.objects.filter(site__in=sites, left_at=None), "site")
    subjects = {subject_of(site.pk): site.pk for site in sites}
    hazards = _counted(Hazard.objects.filter(site__in=sites, case__closed_at=None), "site")
    alarms = _counted(Episode.objects.filter(device__subject__in=subjects, ended_at=None), "device__subject")
    return [
        Row(site, inside.get(site.pk, 0), hazards.get(site.pk, 0), alarms.get(subject_of(site.pk), 0))
        for site in sites
    ]


def _counted(rows: QuerySet[Any], by: str) -> dict[Any, int]:
    return dict(rows.values_list(by).annotate(count=Count("pk")))


def sites_summed(now: datetime) -> Sums:
    """All sites that may be seen."""
    under = Site.objects.filter(stage__in=UNDER_CONSTRUCTION)
    counted = under.aggregate(building=Count("unit"), joined=Count("joined_on"), area=Sum("area"))
    happened = Accident.objects.aggregate(count=Count("pk"), last=Max("at"))
    begun = (
        Site.objects.exclude(joined_on=None).order_by("joined_on").values_list("joined_on", flat=True).first()
    )
    last = [day_of(happened["last"])] if happened["last"] else []
    return Sums(
        counted["building"], counted["joined"], counted["area"] or Decimal(0),
        Attendance.objects.filter(left_at=None).count(),
        Episode.objects.filter(device__subject__startswith="fire.site:", ended_at=None).count(),
        happened["count"], days_without(last, since=begun, until=day_of(now)),
    )  # fmt: skip


def limits_known() -> Callable[[Metric, date], Limit | None]:
    """Tells the limit of a metric by the policy in force on a day, None where nobody set one; the rules are asked for once."""
    return cache(partial(limit_of, rulebook()))


def limit_of(book: Rulebook, metric: Metric, on: date) -> Limit | None:
    """See `limits_known`."""
    try:
        rule = book.rule(metric.policy, region=settings.REGION, on=on)
    except Refusal:  # a rule that nobody set: no limit is guessed
        return None
    value: Mapping[str, Any] = rule.value
    return Limit(
        bound=value["limit"], clear=value["clear"], readings=int(value["readings"]), calm=int(value["calm"]), below=metric.below,
        night_bound=value.get("night_limit"), night_clear=value.get("night_clear"), rule=rule.id,
    )  # fmt: skip


def number_in_force(code: str, on: date) -> int:
    """A number that a policy holds."""
    return int(rulebook().value(code, region=settings.REGION, on=on))


def devices_told(site: Site, now: datetime) -> list[Told]:
    """What every device of a site said last, and how it stands."""
    silent = now - timedelta(minutes=number_in_force("fire.device_silent", day_of(now)))
    rows, limits = devices_measured(list(devices_of(subject_of(site.pk))), DEVICES), limits_known()
    return [_told(one, limits(one.metric, day_of(now)), silent, now) for one in rows]


def _told(one: Measured, limit: Limit | None, silent: datetime, now: datetime) -> Told:
    state = "never" if one.at is None else "alarm" if one.episode else "silent" if one.at < silent else "good"
    return Told(one, state, limit, limit.bound_at(now) if limit else None)


def readings_drawn(told: Told, now: datetime) -> dict[str, Any]:
    """The last 24 hours of a metric by the hour, as boards draw it: the worse of each hour as columns, the limit as a line."""
    metric, device, limit = told.measured.metric, told.measured.device, told.limit
    hours = hours_measured(device=device.pk, metric=metric.code, since=now - timedelta(hours=24), until=now)
    values = [least if metric.below else most for _at, least, most in hours]
    bounds = [limit.bound_at(at) if limit else None for at, _least, _most in hours]
    return {
        "labels": [f"{at.astimezone(SHANGHAI):%H}" for at, _least, _most in hours],
        "values": [round(value, 2) for value in values],
        "bounds": bounds,
    }


def headcounts(site: Site, now: datetime) -> list[tuple[date, int]]:
    """How many were on the site, by day, over the last two weeks."""
    today = datetime.combine(day_of(now), time(), SHANGHAI)
    values = {"first": today - timedelta(days=DAYS - 1), "last": today, "site": site.pk, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, values)
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class People:
    """The roll in figures: on it, inside now, by trade (label, on the roll, inside), certificates that have run out or soon will."""

    roll: int
    inside: int
    trades: list[tuple[str, int, int]]
    expired: int
    expiring: int


def people_counted(site: Site, now: datetime) -> People:
    """Who is on a site's roll, in figures."""
    today = day_of(now)
    soon = today + timedelta(days=number_in_force("fire.certificate_days", today))
    present = Q(attendances__isnull=False, attendances__left_at=None)
    rows = site.workers.filter(left_at=None).values_list("trade").annotate(
        roll=Count("pk", distinct=True),
        inside=Count("pk", filter=present, distinct=True),
        expired=Count("pk", filter=Q(certificate_until__lt=today), distinct=True),
        expiring=Count("pk", filter=Q(certificate_until__gte=today, certificate_until__lte=soon), distinct=True),
    )  # fmt: skip
    counted = {trade: tuple(numbers) for trade, *numbers in rows}
    sums = [sum(numbers[place] for numbers in counted.values()) for place in range(4)]
    trades = [(label, *counted[code][:2]) for code, label in TRADES if code in counted]
    return People(sums[0], sums[1], trades, sums[2], sums[3])


@dataclass(frozen=True, slots=True)
class Held:
    """A hazard on the page, with the time that is left to it."""

    hazard: Hazard
    left: TimeLeft


def hazards_told(site: Site, now: datetime) -> list[Held]:
    """The latest hazards of a site, the open ones first."""
    order = F("case__closed_at").desc(nulls_first=True)
    rows = list(site.hazards.select_related("case").order_by(order, "-pk")[:HAZARDS])
    left = cases_left((one.case for one in rows), now)
    return [Held(one, left[one.case_id]) for one in rows]


def roll_of(site: Site, text: str) -> QuerySet[Worker]:
    """The roll, of a team or trade that holds the text: those present first."""
    rows = site.workers.filter(left_at=None).annotate(
        inside=Count("attendances", filter=Q(attendances__left_at=None, attendances__isnull=False))
    )
    found = [code for code, label in TRADES if text and text in label]
    rows = rows.filter(Q(team__icontains=text) | Q(trade__in=found)) if text else rows
    return rows.order_by("-inside", "team", "pk")
