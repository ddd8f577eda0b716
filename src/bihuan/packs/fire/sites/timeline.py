"""People and devices of a site on one time line (人防 + 技防), the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext

from bihuan.lib.declared import declared
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.models import Site
from bihuan.packs.fire.sites.kinds import DEVICES, GRADES, RESULTS, SOURCES, VISITS
from bihuan.packs.fire.sites.life import EVENTS
from bihuan.packs.fire.sites.services import subject_of
from bihuan.telemetry.models import Episode

MOST = 60
PASSED = """
    select date_bin('1 hour', at, timestamptz '2000-01-01') as hour, sum(came), sum(went) from (
        select entered_at as at, 1 as came, 0 as went from fire_attendance where site_id = %(site)s and entered_at > %(since)s
        union all select left_at, 0, 1 from fire_attendance where site_id = %(site)s and left_at > %(since)s
    ) as passed group by hour order by hour desc limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Told:
    """Something on the time line: who told of it ("people" or "device"), when, in what words, and where more stands; `whole`: of a day."""

    at: datetime
    source: str
    words: str
    address: str = ""
    tone: str = ""
    whole: bool = False


def timeline_of(site: Site, *, now: datetime, source: str = "") -> list[Told]:
    """The latest of everything, of people or of devices alone when `source` says so."""
    found = [*_devices(site)] if source != "people" else []
    found += [*_people(site, now)] if source != "device" else []
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _devices(site: Site) -> Iterator[Told]:
    rows = Episode.objects.filter(device__subject=subject_of(site.pk)).select_related("device", "case")
    for one in rows.order_by("-began_at")[:MOST]:
        kind = DEVICES[one.device.kind]
        metric = kind.metric(one.metric)
        if metric is None:
            continue
        values = {
            "device": one.device.name, "metric": gettext(metric.label), "worst": f"{one.worst:g}", "bound": f"{one.bound:g}",
            "unit": metric.unit,
        }  # fmt: skip
        number = one.case.number if one.case else ""
        address = reverse("case", args=[number]) if number else ""
        words = gettext("%(device)s %(metric)s报警:%(worst)s %(unit)s,限值 %(bound)s") % values
        yield Told(one.began_at, "device", words, address, "late")
        if one.ended_at:
            yield Told(one.ended_at, "device", gettext("%(device)s %(metric)s恢复") % values)


def _people(site: Site, now: datetime) -> Iterator[Told]:
    turns = {turn.code: turn.label for turn in EVENTS}
    for turn in site.events.order_by("-on", "-pk")[:MOST]:
        at = datetime.combine(turn.on, time(), SHANGHAI)
        yield Told(at, "people", " ".join((gettext(turns[turn.kind]), turn.note)).strip(), whole=True)
    visits, grades = dict(VISITS), dict(GRADES)
    for seen in site.inspections.order_by("-at")[:MOST]:
        failed = sum(result == RESULTS[1][0] for result in seen.results.values())
        words = {"kind": gettext(visits[seen.kind]), "failed": failed, "all": len(seen.results)}
        told = gettext("%(kind)s:%(all)s 项中 %(failed)s 项不符合") % words
        yield Told(seen.at, "people", told, tone="late" if failed else "")
    for accident in site.accidents.order_by("-at")[:MOST]:
        yield Told(accident.at, "people", f"{gettext(grades[accident.grade])}:{accident.words}", tone="late")
    for hazard in site.hazards.select_related("case").order_by("-pk")[:MOST]:
        address = reverse("case", args=[hazard.case.number])
        if hazard.source == SOURCES[2][0]:
            yield Told(hazard.found_at, "people", gettext("上报隐患:%s") % hazard.part, address, "late")
        if hazard.case.closed_at:
            yield Told(
                hazard.case.closed_at, "people", gettext("隐患销号:%s") % declared(hazard.part), address
            )
    with connection.cursor() as cursor:
        cursor.execute(PASSED, {"site": site.pk, "since": now - timedelta(days=2), "most": MOST})
        for at, came, went in cursor.fetchall():
            words = gettext("进场 %(came)s 人,出场 %(went)s 人") % {"came": came, "went": went}
            yield Told(at, "people", words)
