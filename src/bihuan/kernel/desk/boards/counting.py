"""Counting for boards, and the cases behind each count: both read the same condition, so that they cannot differ.

What was opened in a span is still open, or was closed since: these have indexes, moments of opening have none. Row-level
security is the second lock; whoever does not see everything counts the cases that the own units hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from bihuan.kernel.desk.boards.asked import Asked, Mark
from bihuan.kernel.desk.lists.worklist import BURNING, Part
from bihuan.kernel.manifest import Chart
from bihuan.kernel.pack import workflows

NONE = "-"
HOUR = "extract(hour from c.opened_at at time zone 'Asia/Shanghai')::int"
DAY = "(c.opened_at at time zone 'Asia/Shanghai')::date"
STATE = "c.workflow || ':' || c.state"
TURNED = (
    "i.pack = %(pack)s and i.outcome = 'bad' and i.measure in ('returned', 'redone') and i.at >= %(since)s"
)
NOW = ("opened", "closed", "open", "waiting", "unsigned", "near", "late")
"""Opened and closed today; open, of these not yet with a unit, not yet signed for, nearly due, past due."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Cases opened in each hour of the same weekdays before, and how many such days there were."""

    hours: dict[int, int]
    days: int


@dataclass(frozen=True, slots=True)
class UnitPressing:
    """A unit's open cases: past due, nearly due, all."""

    code: str
    late: int
    near: int
    open: int


@dataclass(frozen=True, slots=True)
class Turned:
    """Cases that `series` ("returned" or "redone") brought from a unit; `to` holds them now ("-": out of one's sight)."""

    series: str
    unit: str
    to: str
    count: int


def held(asked: Asked) -> str:
    """The pack's whole cases that the person's units hold."""
    own = "true" if asked.scope.everything else "c.unit_id = any(%(units)s)"
    return f"c.pack = %(pack)s and c.parent_id is null and {own}"


def came(asked: Asked, since: str) -> str:
    """The cases opened from the moment %(since)s, as a table `c`."""
    columns = "c.id, c.opened_at, c.matter, c.territory_id"
    began = f"c.opened_at >= %({since})s and {held(asked)}"
    return (
        f"(select {columns} from cases_case c where c.closed_at is null and {began} union all"
        f" select {columns} from cases_case c where c.closed_at >= %({since})s and {began}) c"
    )


def stations(*wanted: str) -> list[str]:
    """`workflow:state` of the open states at these stations of the loop."""
    return [
        f"{flow.key}:{state.code}"
        for flow in workflows().values()
        for state in flow.states
        if state.station in wanted and not state.final
    ]


def now_counted(asked: Asked) -> dict[str, int]:
    """How the cases stand: see NOW."""
    rows = _rows(
        "select count(*) filter (where came), count(*) filter (where not open), count(*) filter (where open),"
        " count(*) filter (where at = any(%(waiting)s)), count(*) filter (where at = any(%(unsigned)s)),"
        " count(*) filter (where near), count(*) filter (where late) from ("
        f" select c.opened_at >= %(midnight)s as came, true as open, {STATE} as at,"
        f" ({BURNING['near']}) as near, ({BURNING['late']}) as late"
        f" from cases_case c where c.closed_at is null and {held(asked)} union all"
        " select c.opened_at >= %(midnight)s, false, '', false, false"
        f" from cases_case c where c.closed_at >= %(midnight)s and {held(asked)}) n",
        {**asked.values, "waiting": stations("found", "numbered"), "unsigned": stations("dispatched")},
    )
    return dict(zip(NOW, rows[0], strict=True))


def hours_counted(asked: Asked) -> dict[int, int]:
    """Cases opened in each hour of today, by Shanghai's clock."""
    return dict(_rows(f"select {HOUR}, count(*) from {came(asked, 'midnight')} group by 1", asked.values))


def usual_counted(asked: Asked) -> Usual:
    """The same weekday in the eight weeks before: of the roll-up for whoever sees everything, else of the own cases."""
    days = asked.usual_days
    first = _rows("select min(day) from desk_opened_hourly where pack = %(pack)s", asked.values)[0][0]
    if asked.scope.everything:
        sql = "select hour, sum(count)::int from desk_opened_hourly where pack = %(pack)s and day = any(%(days)s)"
    else:
        sql = f"select {HOUR}, count(*) from {came(asked, 'first')} where {DAY} = any(%(days)s)"
    hours = dict(_rows(f"{sql} group by 1", _usual_values(asked)))
    return Usual(hours, sum(1 for day in days if first and day >= first))


def _usual_values(asked: Asked) -> dict[str, Any]:
    return {
        **asked.values,
        "days": asked.usual_days,
        "first": asked.midnight - timedelta(weeks=len(asked.usual_days)),
    }


def opened_counted(asked: Asked) -> list[tuple[str, str, int]]:
    """Cases opened in the span: matter, code of where they are ("-": nowhere), how many."""
    sql = (
        f"select n.matter, coalesce(u.code, '{NONE}'), n.count from (select c.matter, c.territory_id, count(*) as count"
        f" from {came(asked, 'since')} group by 1, 2) n left join identity_unit u on u.id = n.territory_id"
    )
    return [(matter, place, count) for matter, place, count in _rows(sql, asked.values)]


def pressing_counted(asked: Asked) -> list[UnitPressing]:
    """Units with cases past due or nearly due, most first."""
    sql = (
        f"select u.code, n.late, n.near, n.open from (select c.unit_id, count(*) filter (where {BURNING['late']}) as late,"
        f" count(*) filter (where {BURNING['near']}) as near, count(*) as open"
        f" from cases_case c where c.closed_at is null and {held(asked)} group by 1) n"
        " join identity_unit u on u.id = n.unit_id where n.late + n.near > 0 order by 2 desc, 3 desc, 4 desc, 1"
    )
    return [UnitPressing(*row) for row in _rows(sql, asked.values)]


def turned_counted(asked: Asked) -> list[Turned]:
    """Returns and redos in the span: how many cases each brought from which unit to which, most first."""
    sql = (
        f"select i.measure, f.code, coalesce(t.code, '{NONE}'), count(distinct i.case_id) from {_turned(asked)}"
        " group by 1, 2, 3 order by 4 desc, 1, 2, 3"
    )
    return [Turned(*row) for row in _rows(sql, asked.values)]


def _turned(asked: Asked) -> str:
    own = "true" if asked.scope.everything else "i.unit_id = any(%(units)s)"
    return (
        "scoring_item i join identity_unit f on f.id = i.unit_id left join cases_case c on c.id = i.case_id"
        f" left join identity_unit t on t.id = c.unit_id where {TURNED} and {own}"
    )


def behind_now(asked: Asked, mark: Mark) -> Part:
    """The ids of the cases that a figure counts."""
    if mark.series == "opened":
        return Part(f"select c.id from {came(asked, 'midnight')}", asked.values)
    where = {
        "closed": "c.closed_at >= %(midnight)s",
        "open": "c.closed_at is null",
        "waiting": f"c.closed_at is null and {STATE} = any(%(states)s)",
        "unsigned": f"c.closed_at is null and {STATE} = any(%(states)s)",
        "near": f"c.closed_at is null and {BURNING['near']}",
        "late": f"c.closed_at is null and {BURNING['late']}",
    }[mark.series]
    states = stations("found", "numbered") if mark.series == "waiting" else stations("dispatched")
    return Part(
        f"select c.id from cases_case c where {where} and {held(asked)}", {**asked.values, "states": states}
    )


def behind(chart: Chart, asked: Asked, mark: Mark, matters: dict[str, str]) -> Part:
    """The ids of the cases that a mark counts. `matters` are the classes of matters by code. KeyError for an unknown mark."""
    values = {**asked.values, "key": mark.key, "to": mark.to}
    if chart.counts == "turned":
        to = f"coalesce(t.code, '{NONE}') = %(to)s"
        sql = f"select distinct i.case_id as id from {_turned(asked)} and i.measure = %(series)s and f.code = %(key)s and {to}"
        return Part(sql, {**values, "series": mark.series})
    if chart.counts == "pressing":
        burning = {"late": BURNING["late"], "near": BURNING["near"], "open": "true"}[mark.series]
        unit = "c.unit_id = (select id from identity_unit where code = %(key)s)"
        return Part(
            f"select c.id from cases_case c where c.closed_at is null and {burning} and {unit} and {held(asked)}",
            values,
        )
    return _behind_opened(chart, asked, mark, matters, values)


def _behind_opened(
    chart: Chart, asked: Asked, mark: Mark, matters: dict[str, str], values: dict[str, Any]
) -> Part:
    if chart.by == "hour":
        hour = f"{HOUR} = %(hour)s"
        values |= {"hour": int(mark.key) if mark.key.isdecimal() else -1}
        if mark.series == "usual":
            usual = f"select c.id from {came(asked, 'first')} where {hour} and {DAY} = any(%(days)s)"
            return Part(usual, values | _usual_values(asked))
        return Part(f"select c.id from {came(asked, 'midnight')} where {hour}", values)
    if chart.by == "class":
        values |= {
            "known": list(matters),
            "matters": [code for code, one in matters.items() if one == mark.key],
        }
        one = "c.matter <> all(%(known)s)" if mark.key == NONE else "c.matter = any(%(matters)s)"
    else:
        place = "c.territory_id = (select id from identity_unit where code = %(key)s)"
        one = "c.territory_id is null" if mark.key == NONE else place
    return Part(f"select c.id from {came(asked, 'since')} where {one}", values)


def behind_counted(part: Part) -> int:
    """How many cases are behind a mark."""
    return int(_rows(f"select count(*) from ({part.sql}) b", part.values)[0][0])


BEHIND = """
    select c.number, c.title, c.workflow, c.state, u.name as unit, u.name_en as unit_en, c.opened_at, c.due_at, c.closed_at
    from ({}) b left join cases_case c on c.id = b.id left join identity_unit u on u.id = c.unit_id
    order by c.opened_at desc nulls last, b.id desc limit %(most)s offset %(offset)s
"""


def behind_listed(part: Part, *, most: int, offset: int) -> list[dict[str, Any]]:
    """The cases behind a mark, the latest first; one out of sight has no number."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND.format(part.sql), {**part.values, "most": most, "offset": offset})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


LATEST = """
    select c.matter, c.workflow, c.state, c.opened_at, c.urgent, u.name as unit, u.name_en as unit_en,
        t.name as place, t.name_en as place_en
    from cases_case c join identity_unit u on u.id = c.unit_id left join identity_unit t on t.id = c.territory_id
    where c.id = any(array(
        select c.id from cases_case c where {} and not c.confidential order by c.id desc limit 5 * %(most)s))
    order by c.opened_at desc, c.id desc limit %(most)s
"""


def latest_listed(asked: Asked, *, most: int) -> list[dict[str, Any]]:
    """The last cases that came, by what anybody may read of them: no title, no words, nothing confidential."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST.format(held(asked)), {**asked.values, "most": most})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _rows(sql: str, values: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
