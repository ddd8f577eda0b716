"""The whole district now: how many orders are open, whose move is next, what burns and where, what came and went today.

Open cases are counted exactly; closed ones come from the daily roll-up and what closed since. Every statement reads only
open cases (partial indexes) and those closed in the span asked for: whatever was opened in a span is still open, or was
closed in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from bihuan.kernel.desk.lists.worklist import BURNING, period_begin, waiting_states
from bihuan.kernel.pack import roles, workflows
from bihuan.lib.geo import Point, point_in

TOPIC_DAYS = 7
REPEATED = 3
"""So many orders of one matter in one township are a topic."""
FIRST = 10
MARKED = {name: BURNING[name] for name in ("late", "near", "urgent", "supervised")} | {
    "assisting": "c.parent_id is not null"
}
MARKS = tuple(MARKED)
OPEN = f"""
    select c.workflow, c.state, c.unit_id, c.territory_id, grouping(c.unit_id, c.territory_id), count(*),
        {", ".join(f"count(*) filter (where {sql})" for sql in MARKED.values())}
    from cases_case c where c.closed_at is null
    group by grouping sets ((c.workflow, c.state), (c.unit_id), (c.territory_id))
"""
"""Of all open cases in one pass."""
BY_STATE, BY_UNIT, BY_TERRITORY = 0b11, 0b01, 0b10
FEW = """
    select
        (select count(distinct c.id) from clocks_clock k join cases_case c on c.id = k.case_id
            where c.closed_at is null and k.stopped_at is null and k.kind = 'sign' and k.due_at <= %(now)s) as unsigned,
        (select count(*) from cases_case c where c.closed_at is null and {paused}) as paused,
        count(*) filter (where {extension}) as extension, count(*) filter (where {pause_asked}) as pause_asked
    from cases_case c where c.closed_at is null and c.progress ?| array['extension', 'pause']
""".format_map(BURNING)
"""What few cases bear, each found by an index of its own."""
LEVELS = """
    select c.workflow, c.state, c.level_role, count(*) from cases_case c
    where c.closed_at is null and c.state = any(%(levelled)s) group by 1, 2, 3
"""
NAMED = """
    select u.id, u.code, u.name, u.name_en, coalesce(p.code, u.code) from identity_unit u
    left join identity_unit p on p.id = u.parent_id and u.kind = 'township' where u.id = any(%(units)s)
"""
HOURS = """
    select extract(hour from at at time zone 'Asia/Shanghai')::int, count(*) filter (where came),
        count(*) filter (where not came)
    from (
        select c.opened_at as at, true as came from cases_case c
        where c.closed_at is null and c.opened_at >= %(midnight)s
        union all
        select c.opened_at, true from cases_case c
        where c.closed_at >= %(midnight)s and c.opened_at >= %(midnight)s
        union all
        select c.closed_at, false from cases_case c where c.closed_at >= %(midnight)s
    ) moments group by 1
"""
TOPICS = """
    select n.pack, n.matter, u.code, u.name, u.name_en, n.count, n.open from (
        select pack, matter, territory_id, count(*) as count, count(*) filter (where open) as open
        from (
            select c.pack, c.matter, c.territory_id, c.parent_id, true as open from cases_case c
            where c.closed_at is null and c.opened_at >= %(since)s
            union all
            select c.pack, c.matter, c.territory_id, c.parent_id, false from cases_case c
            where c.closed_at >= %(since)s and c.opened_at >= %(since)s
        ) lately
        where matter <> '' and territory_id is not null and parent_id is null
        group by 1, 2, 3 having count(*) >= %(repeated)s
    ) n join identity_unit u on u.id = n.territory_id
    order by n.count desc, n.open desc, n.matter, u.code limit %(most)s
"""
POINTS = """
    select c.number, c.place, c.due_at < %(now)s from cases_case c
    where c.closed_at is null and c.place ~ %(written)s order by c.due_at, c.id limit %(most)s
"""
POINTED = 500
"""So many orders are marked on the map, the most pressing ones."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the open cases stand: totals by mark ("open", "late", "near", "urgent", "supervised", "assisting", "extension", "pause_asked",
    "unsigned", "paused"), by the role that is waited for, and by `workflow:state`.
    """

    totals: dict[str, int]
    waiting: dict[str, int]
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class UnitBurning:
    """A unit with its open cases: past due, within the warning, all."""

    code: str
    name: str
    name_en: str
    late: int
    near: int
    open: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A matter that was reported again and again in a township (`code`) lately; `open` of `count` are not closed."""

    pack: str
    matter: str
    code: str
    name: str
    name_en: str
    count: int
    open: int


@dataclass(frozen=True, slots=True)
class Place:
    """A township (or what else a case's territory is) with its open cases; `county` is the code of what it lies in."""

    code: str
    name: str
    name_en: str
    county: str
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Pointed:
    """An open case and where it is on the map."""

    number: str
    point: Point
    late: bool


Marked = dict[str, int]
"""How many cases are "open", and how many of them bear each of MARKS."""


@dataclass(frozen=True, slots=True)
class Counted:
    """All open cases by workflow and state, by the id of the unit that holds them, and by that of where they are."""

    states: dict[tuple[str, str], Marked]
    units: dict[int, Marked]
    places: dict[int, Marked]


def open_counted(*, now: datetime) -> Counted:
    """All open cases of the present scope at `now`, counted once for everything that the page tells of them."""
    found = Counted({}, {}, {})
    for workflow, state, unit, territory, by, *counts in _rows(OPEN, now=now):
        marked = dict(zip(("open", *MARKS), counts, strict=True))
        if by == BY_STATE:
            found.states[workflow, state] = marked
        elif by == BY_UNIT:
            found.units[unit] = marked
        elif territory is not None:
            found.places[territory] = marked
    return found


def standing(counted: Counted, *, now: datetime) -> Standing:
    """How all open cases of the present scope stand at `now`."""
    unsigned, paused, extension, pause_asked = _rows(FEW, now=now)[0]
    totals = {name: sum(marked[name] for marked in counted.states.values()) for name in ("open", *MARKS)} | {
        "unsigned": unsigned,
        "paused": paused,
        "extension": extension,
        "pause_asked": pause_asked,
    }
    levelled = {pair for pair, _ in waiting_states()[1]}
    states = {f"{workflow}:{state}": marked["open"] for (workflow, state), marked in counted.states.items()}
    waiting: Counter[str] = Counter()
    for pair, count in states.items():
        if pair not in levelled:
            waiting[_awaited(*pair.rsplit(":", 1))] += count
    for workflow, state, level, count in _rows(
        LEVELS, levelled=sorted(p.rpartition(":")[2] for p in levelled)
    ):
        if f"{workflow}:{state}" in levelled:
            waiting[level or _awaited(workflow, state)] += count
    return Standing(totals, {role: waiting[role] for role in roles() if waiting[role]}, states)


def _awaited(workflow: str, state: str) -> str:
    known = workflows().get(workflow)
    return known.state[state].waits_for if known and state in known.state else ""


def units_burning(counted: Counted) -> list[UnitBurning]:
    """The ten units with most cases past due, then nearly due."""
    burning = {unit: n for unit, n in counted.units.items() if n["late"] + n["near"]}
    found = [
        UnitBurning(code, name, name_en, burning[pk]["late"], burning[pk]["near"], burning[pk]["open"])
        for pk, code, name, name_en, _county in _rows(NAMED, units=list(burning))
    ]
    return sorted(found, key=lambda one: (-one.late, -one.near, -one.open, one.code))[:FIRST]


def hours_today(*, now: datetime) -> list[tuple[int, int]]:
    """Cases opened and closed in each hour of today so far, by Shanghai's clock."""
    midnight = period_begin("today", now)
    found = {hour: (came, went) for hour, came, went in _rows(HOURS, midnight=midnight)}
    last = int((now - midnight).total_seconds() // 3600)
    return [found.get(hour, (0, 0)) for hour in range(last + 1)]


def topics_repeated(*, now: datetime) -> list[Topic]:
    """Matters that in one township were reported at least three times in the last seven days, most often first."""
    since = now - timedelta(days=TOPIC_DAYS)
    return [Topic(*row) for row in _rows(TOPICS, since=since, repeated=REPEATED, most=FIRST)]


def places_counted(counted: Counted) -> list[Place]:
    """Open cases by where they are, most first."""
    found = [
        Place(code, name, name_en, county, counted.places[pk]["open"], counted.places[pk]["late"])
        for pk, code, name, name_en, county in _rows(NAMED, units=list(counted.places))
    ]
    return sorted(found, key=lambda one: (-one.open, one.code))


def points_open(*, now: datetime) -> list[Pointed]:
    """Open cases whose place names a point on the map, the most pressing first."""
    rows = _rows(POINTS, now=now, written=r"\d\.\d{3,12}\s*[,， ]\s*\d{2,3}\.\d{3}", most=POINTED)
    return [Pointed(number, point, bool(late)) for number, place, late in rows if (point := point_in(place))]


def _rows(sql: str, **values: Any) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
