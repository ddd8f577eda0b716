"""What Open311 tells of orders: number, matter, township, unit, state and times. What people said is never among it.

Confidential orders and reports of wrongdoing are as if they were not there, and so are the parts of other units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import english
from bihuan.lib.refusals import NotFound
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.hotline.adapters.open311_services import UNSORTED, service_names
from bihuan.packs.hotline.citizens.words import STATES
from bihuan.packs.hotline.services import PACK

SPAN = timedelta(days=90)
"""As far apart as start_date and end_date may lie, and as far back as is told unless asked otherwise."""
MOST = 1000
STATUSES = ("open", "closed")
COLUMNS = (
    "id", "number", "state", "matter", "closed_at", "moved_at", "order__arrived_at", "unit__name", "unit__name_en",
    "territory__name", "territory__name_en", "territory__parent__name", "territory__parent__name_en",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which requests: these numbers, or else from `start` until before `end`, of these services and statuses, changed
    after a moment; the `page`-th of `size`."""

    numbers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    updated_after: datetime | None = None
    page: int = 1
    size: int = MOST


def asked_read(typed: Mapping[str, str], *, now: datetime) -> Asked:
    """The filters as typed; one that is empty is as if it were not there. FieldError names the one that is wrong."""
    numbers, statuses = _listed(typed, "service_request_id"), _listed(typed, "status")
    if set(statuses) - set(STATUSES):
        raise FieldError("status", "choice", _("只能是 open 或 closed。"))
    after = moment_read(typed, "updated_after")
    start, end = _range(moment_read(typed, "start_date"), moment_read(typed, "end_date"), now, after is None)
    return Asked(
        numbers=numbers,
        services=_listed(typed, "service_code"),
        statuses=statuses,
        start=start,
        end=end,
        updated_after=after,
        page=_number(typed, "page", 1, 100_000),
        size=_number(typed, "page_size", MOST, MOST),
    )


def requests_told(asked: Asked) -> list[dict[str, Any]]:
    """The requests asked for: the newest first, or by their last change when `updated_after` is asked. Five queries at most."""
    rows = _public()
    if asked.numbers:
        return _told(rows.filter(number__in=asked.numbers).order_by("-order__arrived_at", "-id"))
    if asked.start:
        rows = rows.filter(order__arrived_at__gte=asked.start)
    if asked.end:
        rows = rows.filter(order__arrived_at__lte=asked.end)
    if len(set(asked.statuses)) == 1:
        rows = rows.filter(closed_at__isnull=asked.statuses[0] == "open")
    if asked.services:
        unsorted = Q(matter="") if UNSORTED in asked.services else Q()
        rows = rows.filter(Q(matter__in=asked.services) | unsorted)
    first = (asked.page - 1) * asked.size
    if asked.updated_after is None:
        return _told(rows.order_by("-order__arrived_at", "-id")[first : first + asked.size])
    ids = _changed(rows, asked.updated_after, first + asked.size)[first:]
    places = {id_: place for place, id_ in enumerate(ids)}
    return _told(_public().filter(pk__in=ids), place=lambda row: places[row["id"]])


def _changed(rows: QuerySet[Case], after: datetime, most: int) -> list[int]:
    """The first of those changed after a moment, by their last change. Open and closed ones are read apart, each by an index."""
    with kernel_writes():
        moved = rows.filter(closed_at=None, moved_at__gt=after).order_by("moved_at", "id")
        closed = rows.filter(closed_at__gt=after).order_by("closed_at", "id")
        found = [*moved.values_list("moved_at", "id")[:most], *closed.values_list("closed_at", "id")[:most]]
    return [id_ for _at, id_ in sorted(found)[:most]]


def request_told(number: str) -> dict[str, Any]:
    """One request. The same NotFound for one that is not there and for one that is not told."""
    found = requests_told(Asked(numbers=(number,)))
    if not found:
        raise NotFound("not_found", _("没有这件(service_request_id)。"), field="service_request_id")
    return found[0]


def moment_read(typed: Mapping[str, str], name: str) -> datetime | None:
    """A moment as W3C writes it, with its zone; None when it is not given. FieldError otherwise."""
    text = typed.get(name, "").strip().replace(" ", "+")  # a plus sign that was not written as %2B
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FieldError(name, "date_format", _("应为带时区的时间,例如 2026-03-01T00:00:00Z。")) from None
    if moment.tzinfo is None or not 1990 <= moment.year <= 2100:
        raise FieldError(name, "date_format", _("应为带时区的时间,例如 2026-03-01T00:00:00Z。"))
    return moment.astimezone(SHANGHAI)  # the database knows no zone 16 hours away


def _range(
    start: datetime | None, end: datetime | None, now: datetime, bounded: bool
) -> tuple[datetime | None, datetime | None]:
    if start and end and not timedelta(0) <= end - start <= SPAN:
        raise FieldError("end_date", "range", _("起止时间最多相隔 90 天,并且起在前、止在后。"))
    if start:
        return start, end or start + SPAN
    if end:
        return end - SPAN, end
    return (now - SPAN, None) if bounded else (None, None)


def _listed(typed: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = tuple(part.strip() for part in typed.get(name, "").split(",") if part.strip())
    if len(values) > MOST or any(len(value) > 64 or not value.isprintable() for value in values):
        raise FieldError(name, "too_long", _("最多 %s 项,每项最多 64 个字。") % MOST)
    return values


def _number(typed: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = typed.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= most or len(text) > 9:
        raise FieldError(name, "range", _("应为 1 至 %s 的整数。") % most)
    return int(text)


def _public() -> QuerySet[Case]:
    """The orders that anybody may know of."""
    rows = Case.objects.filter(pack=PACK, parent=None, confidential=False, order__isnull=False)
    return rows.exclude(order__type="report")


def _told(
    rows: QuerySet[Case], *, place: Callable[[Mapping[str, Any]], int] | None = None
) -> list[dict[str, Any]]:
    with kernel_writes():
        found = list(rows.values(*COLUMNS))
        if place:
            found.sort(key=place)
        due = _due([row for row in found if row["closed_at"] is None])
        names = service_names()
    return [_request(row, due.get(row["id"]), names) for row in found]


def _due(rows: Sequence[Mapping[str, Any]]) -> dict[int, datetime]:
    """By case, when its state's promise ends."""
    kinds = {row["id"]: STATES[row["state"]].clock for row in rows if row["state"] in STATES}
    clocks = Clock.objects.filter(case_id__in=kinds, basis="promised", stopped_at=None, due_at__isnull=False)
    found = clocks.values_list("case_id", "kind", "due_at")
    return {case: at for case, kind, at in found if kinds[case] == kind}


def _request(row: Mapping[str, Any], due: datetime | None, names: Mapping[str, str]) -> dict[str, Any]:
    told = STATES.get(row["state"])
    code = row["matter"] if row["matter"] in names else UNSORTED
    return {
        "service_request_id": row["number"],
        "status": "closed" if row["closed_at"] else "open",
        "status_notes": str(told.now) if told else None,
        "service_name": names[code],
        "service_code": code,
        "description": None,
        "agency_responsible": _named(row, "unit"),
        "service_notice": str(told.next) or None if told else None,
        "requested_datetime": _moment(row["order__arrived_at"]),
        "updated_datetime": _moment(row["closed_at"] or row["moved_at"]),
        "expected_datetime": _moment(due) if due else None,
        "address": _address(row),
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


def _address(row: Mapping[str, Any]) -> str | None:
    """The township and its county: a place in the caller's own words may be a home."""
    if not row["territory__name"]:
        return None
    town, county = _named(row, "territory"), _named(row, "territory__parent") or ""
    return f"{town}, {county}".rstrip(", ") if english() else f"{county}{town}"


def _named(row: Mapping[str, Any], what: str) -> str | None:
    name: str | None = row[f"{what}__name"]
    return (row[f"{what}__name_en"] if english() else "") or name


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat()
