"""Reading the hotline: how fast and how right dispatch is, repeated callers, similar open orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from bihuan.kernel.cases.grams import gram_codes
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.sentences import named
from bihuan.lib.identifiers import phone_fault, phone_normal
from bihuan.lib.text import bigrams
from bihuan.packs.hotline.models import Matter, MatterName

CANDIDATES = 100
"""Open orders of a matter in a territory that are compared by their words, the newest."""
UNREAD = ("facts", "progress", "superior", "head", "content__text", "content__answer")
NAMES = ("code", "name", "name_en")
"""What a matter is called by; read without the rest of its row, for every page that names one."""
MUCH = 0.35
"""So much of the shorter text in common makes two orders alike."""

FIGURES = """
    with orders as materialized (
        select o.case_id, o.arrived_at, o.automatic, o.on_desk_at, c.closed_at, c.state,
               c.return_count > 0 or coalesce((c.progress ->> 'objections')::int, 0) > 0 as disputed,
               c.unit_id <> c.opened_by_id or c.closed_at is null as away
        from hotline_order o join cases_case c on c.id = o.case_id
        where o.arrived_at >= %(longest)s and o.arrived_at < %(until)s and not c.imported
    ), moves as materialized (
        select e.case_id, e.at, convert_from(e.body, 'UTF8')::jsonb -> 'data' as data
        from ledger_entry e join orders o on o.case_id = e.case_id
        where e.kind = 'move' and e.at < %(until)s and (o.on_desk_at is null and o.away or o.disputed)
            and convert_from(e.body, 'UTF8') ~ '"(to|step)": ?"(dispatched|accept_return|rule)"'
    ), desks as (
        select case_id, min(at) as at from moves where data ->> 'to' = 'dispatched' group by case_id
    ), wrong as (
        select distinct case_id from moves
        where data ->> 'step' in ('accept_return', 'rule') and data ? 'unit'
    ), timed as materialized (
        select o.arrived_at, o.automatic, coalesce(o.on_desk_at, d.at) as desk, w.case_id is not null as wrong,
               extract(epoch from coalesce(o.on_desk_at, d.at, %(until)s) - o.arrived_at)::float8 as seconds
        from orders o left join desks d on d.case_id = o.case_id left join wrong w on w.case_id = o.case_id
        where coalesce(o.on_desk_at, d.at) is not null or o.closed_at is null
    )
    select (select count(*) from orders o where o.arrived_at >= s.since), t.*
    from unnest(%(since)s::timestamptz[]) with ordinality s(since, place) cross join lateral (
        select count(*), count(desk), count(*) filter (where automatic),
               count(*) filter (where wrong), count(*) filter (where wrong and automatic),
               percentile_cont(array[0.5, 0.99]) within group (order by seconds),
               percentile_cont(array[0.5, 0.99]) within group (order by seconds) filter (where automatic)
        from timed where arrived_at >= s.since
    ) t order by s.place
"""
"""Of each span that ends now: the orders of the longest are read once for all. What was closed by whoever opened it went to no unit
(not `away`), so that its entries need not be read."""


@dataclass(frozen=True, slots=True)
class DispatchFigures:
    """How dispatch did. Times are seconds from arrival to the final unit's desk; shares 0-1; 0/0 is None.

    `orders`: all that arrived, history taken over left out; `to_send`: of them, all but those that ended
    without a unit (answered or declined at the seat); `sent`: on a final unit's desk; `waiting`: at the
    seat or a coordination desk, their time still running and counted up to `until`; `wrong`: taken from the
    first unit by an accepted return or a ruling. `median_s` and `p99_s` are over all of `to_send`, the
    automatic ones over `automatic`.
    """

    orders: int
    to_send: int
    sent: int
    waiting: int
    automatic: int
    wrong: int
    wrong_automatic: int
    median_s: float | None
    p99_s: float | None
    automatic_median_s: float | None
    automatic_p99_s: float | None
    automatic_share: float | None
    wrong_share: float | None
    wrong_automatic_share: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def dispatch_figures(*, since: datetime, until: datetime) -> DispatchFigures:
    """The figures over all orders that arrived from `since` until before `until`, within the scope that is
    set.
    """
    return dispatch_figures_of(since=[since], until=until)[0]


def dispatch_figures_of(*, since: Sequence[datetime], until: datetime) -> list[DispatchFigures]:
    """The same for several spans that end at one moment."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"since": list(since), "longest": min(since), "until": until})
        return [_figures(*row) for row in cursor.fetchall()]


def _figures(
    orders: int, to_send: int, sent: int, automatic: int, wrong: int, wrong_automatic: int,
    times: Sequence[float] | None, quick: Sequence[float] | None,
) -> DispatchFigures:  # fmt: skip
    median, p99 = times or (None, None)
    quick_median, quick_p99 = quick or (None, None)
    return DispatchFigures(
        orders=orders,
        to_send=to_send,
        sent=sent,
        waiting=to_send - sent,
        automatic=automatic,
        wrong=wrong,
        wrong_automatic=wrong_automatic,
        median_s=median,
        p99_s=p99,
        automatic_median_s=quick_median,
        automatic_p99_s=quick_p99,
        automatic_share=_share(automatic, to_send),
        wrong_share=_share(wrong, sent),
        wrong_automatic_share=_share(wrong_automatic, automatic),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def orders_by_phone(*, phone: str) -> QuerySet[Case]:
    """Earlier orders of a caller, open ones first, then the newest, by the number in any spelling; within the scope
    that is set.
    """
    number = phone_normal(phone)
    if not number or phone_fault(phone):
        return Case.objects.none()
    said = Party.objects.filter(phone=number, role=Party.Role.REPORTER).values("case_id")
    mine = Case.objects.filter(pack="hotline", pk__in=said)
    return mine.order_by(F("closed_at").desc(nulls_first=True), "-reported_at", "-id")


@dataclass(frozen=True, slots=True)
class Alike:
    """An open order that may be the same; `share` 0-1 is how much of the shorter text the two have in common."""

    case: Case
    same_place: bool
    share: float


def orders_alike(*, text: str, matter: str, place: str, territory: int | None, limit: int = 3) -> list[Alike]:
    """Open orders of the same matter at the same place, or in the same territory with much the same words; with such words
    one of a matter not known yet is alike too.

    The same place comes first, then the most words in common, then the oldest: the one that others merge into.
    """
    if not (place or territory):
        return []
    here = (Q(place=place) if place else Q()) | (Q(territory=territory) if territory else Q())
    open_ones = Case.objects.filter(
        here, pack="hotline", closed_at=None, merged_into=None, matter__in=(matter, "")
    )
    newest = open_ones.select_related("unit", "content").defer(*UNREAD).order_by("-id")[:CANDIDATES]
    said = set(gram_codes(bigrams(text)))
    found = [
        Alike(case, bool(place) and case.matter == matter != "" and case.place == place, _shared(said, case))
        for case in newest
    ]
    alike = [one for one in found if one.same_place or one.share >= MUCH]
    return sorted(alike, key=lambda one: (not one.same_place, -one.share, one.case.pk))[:limit]


def _shared(said: set[int], case: Case) -> float:
    known = set(case.content.grams)
    return len(said & known) / min(len(said), len(known)) if said and known else 0.0


def matter_names(on: date | None = None) -> dict[str, str]:
    """Every matter's name by its code, in the page's language; those no longer in force too, for older orders. `on`: as
    they were called that day.
    """
    names = {m.code: named(m) for m in Matter.objects.exclude(parent=None).values_list(*NAMES, named=True)}
    if on is None:
        return names
    earlier = MatterName.objects.filter(since__lte=on).order_by("matter", "-since").distinct("matter")
    columns = ("matter_id", *NAMES[1:])
    return names | {row.matter_id: named(row) for row in earlier.values_list(*columns, named=True)}


def matters_open() -> dict[str, str]:
    """The matters that an order may be given now, by code, in the page's language."""
    found = Matter.objects.exclude(parent=None).filter(active=True).order_by("code")
    return {m.code: named(m) for m in found.values_list(*NAMES, named=True)}


def matter_classes() -> dict[str, tuple[str, str]]:
    """The class of every matter by the matter's code: its code, and its name in the page's language."""
    return {
        one.code: (one.parent.code, named(one.parent))
        for one in Matter.objects.exclude(parent=None).select_related("parent")
        if one.parent
    }
