"""Reading worklists: what waits for me, what my unit holds, all I may see. Row-level security is the second lock.

The statements are SQL because each is made for one index (cases_open_due, cases_open_state, cases_open_all,
cases_open_asked, cases_open_board, cases_closed, cases_unit_closed); conditions that row-level security would keep from
the index are said again here in a form that it does not, or are those of a partial index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from bihuan.kernel.assignment.rules import REQUESTS_WAIT
from bihuan.kernel.cases.permission import Granted
from bihuan.kernel.desk.case.actions import granted_to
from bihuan.kernel.desk.lists.wanted import MINE_OR_NOBODY, NOBODY, Wanted
from bihuan.kernel.evaluation.rules import DISCONTENT
from bihuan.kernel.identity.scope import Held, Scope
from bihuan.kernel.pack import roles, workflows
from bihuan.lib.text import SHANGHAI

PAGE = 30
COLUMNS = """
    c.id, c.number, c.title, c.workflow, c.state, u.name as unit, c.due_at, c.warn_at, c.urgent, c.supervised,
    c.provisional, c.confidential, c.redo_count, c.return_count, c.urge_count, c.parent_id, c.merged_into_id,
    jsonb_array_length(coalesce(c.progress -> 'merged', '[]')) as merged, c.matter, c.place, c.opened_at, c.closed_at,
    u.name_en as unit_en, c.version, h.name as handler, c.facts ->> 'outcome' as outcome
"""
LISTED = f"""
    select {COLUMNS} from (select c.* from cases_case c where {{where}} order by {{order}} limit %(most)s) c
    join identity_unit u on u.id = c.unit_id left join identity_person h on h.id = c.handler_id order by {{order}}
"""
"""Names are looked up for the rows of the list alone."""


class CaseRow(NamedTuple):
    """One line of a list: the columns above."""

    id: int
    number: str
    title: str
    workflow: str
    state: str
    unit: str
    due_at: datetime | None
    warn_at: datetime | None
    urgent: bool
    supervised: bool
    provisional: bool
    confidential: bool
    redo_count: int
    return_count: int
    urge_count: int
    parent_id: int | None
    merged_into_id: int | None
    merged: int
    matter: str
    place: str
    opened_at: datetime
    closed_at: datetime | None
    unit_en: str
    version: int
    handler: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A condition in SQL with its parameters."""

    sql: str
    values: dict[str, Any]


Lent = list[tuple[Held, str]]
"""Roles that others have delegated to a person, each with the step it is for ("": every step)."""


def condition_of(scope: Scope, tab: str, *, now: datetime, lent: Lent | None = None) -> Part:
    """Which open cases a tab holds for this person; `lent` saves reading it again."""
    if tab == "mine":
        return _waiting(scope, roles_lent(scope=scope, now=now) if lent is None else lent)
    if tab == "unit":
        return Part("c.unit_id = any(%(own)s)", {"own": own_units(scope)})
    return Part("true", {})  # row-level security is this very condition


def own_units(scope: Scope) -> list[int]:
    """The units for which the person acts."""
    known = roles()
    return sorted({h.unit for h in scope.held if h.role in known and known[h.role].acts != "nowhere"})


def roles_lent(*, scope: Scope, now: datetime) -> Lent:
    """What others have delegated to this person at `now`, of roles that packs know."""
    return lent_of(granted_to(scope.person, now))


def lent_of(granted: Iterable[Granted]) -> Lent:
    """Of these the delegated ones, of roles that packs know."""
    return [
        (Held(one.role, one.unit), one.step) for one in granted if one.on_behalf_of and one.role in roles()
    ]


def _waiting(scope: Scope, lent: Lent) -> Part:
    """States that wait for one of the person's roles: anywhere, or in the unit where the role is held; and cases with a
    request that one of these roles grants.
    """
    anywhere, units = _reach((*scope.held, *(held for held, step in lent if not step)))
    parts: list[str] = []
    values: dict[str, Any] = {"anywhere": sorted(anywhere)}
    asked = sorted({pair for role in anywhere for pair in _granting().get(role, ())})
    if asked:
        parts.append(
            "(c.state = any(%(q_states)s) and c.workflow || ':' || c.state = any(%(q_pairs)s)"
            " and c.progress ?| array['extension', 'pause'])"
        )
        values |= {"q_states": [pair.rpartition(":")[2] for pair in asked], "q_pairs": asked}
    by_step = [(held, step) for held, step in lent if step]
    for number, (given, code) in enumerate(by_step):
        part = _lent_step(number, given, code)
        parts.append(part.sql)
        values |= part.values
    plain, levelled = waiting_states()
    here = sorted({pair for role in anywhere for pair in plain.get(role, ())})
    if here:
        parts.append("(c.state = any(%(w_states)s) and c.workflow || ':' || c.state = any(%(w_pairs)s))")
        values |= {"w_states": [pair.rpartition(":")[2] for pair in here], "w_pairs": here}
    for number, (role, held) in enumerate(sorted(units.items())):
        values |= {f"u{number}": held, f"r{number}": role}
        if plain.get(role):
            pairs = sorted(plain[role])
            parts.append(
                f"(c.unit_id = any(%(u{number})s) and c.workflow || ':' || c.state = any(%(p{number})s))"
            )
            values[f"p{number}"] = pairs
        for place in range(len(levelled)):
            parts.append(
                f"(c.unit_id = any(%(u{number})s) and c.workflow || ':' || c.state = %(l{place})s"
                f" and coalesce(c.level_role, %(f{place})s) = %(r{number})s)"
            )
    for place, (pair, fallback) in enumerate(levelled):
        values |= {f"l{place}": pair, f"f{place}": fallback, f"s{place}": pair.rpartition(":")[2]}
        if anywhere:
            unsaid = " or c.level_role is null" if fallback in anywhere else ""
            parts.append(
                f"(c.state = %(s{place})s and c.workflow || ':' || c.state = %(l{place})s"
                f" and (c.level_role = any(%(anywhere)s){unsaid}))"
            )
    sql = " or ".join(parts) or "false"
    if units and not anywhere and not by_step:
        values["w_units"] = sorted({unit for held in units.values() for unit in held})
        sql = f"c.unit_id = any(%(w_units)s) and ({sql})"
    return Part(f"({sql})", values)


def _lent_step(number: int, held: Held, code: str) -> Part:
    """The states that wait for a role of which one step was delegated; levels of review, when they are at that role."""
    n, pairs = number, _left_by(code, held.role)
    here = "" if roles()[held.role].acts == "anywhere" else f"c.unit_id = %(du{n})s and "
    return Part(
        f"({here}c.state = any(%(ds{n})s) and c.workflow || ':' || c.state = any(%(dp{n})s)"
        f" and (c.workflow || ':' || c.state <> all(%(d_levelled)s)"
        f" or coalesce(c.level_role, %(dr{n})s) = %(dr{n})s))",
        {
            f"du{n}": held.unit,
            f"ds{n}": [pair.rpartition(":")[2] for pair in pairs],
            f"dp{n}": pairs,
            f"dr{n}": held.role,
            "d_levelled": [pair for pair, _ in waiting_states()[1]],
        },
    )


def _granting() -> dict[str, set[str]]:
    """`workflow:state` by the role that decides on more time or a pause asked for there, while the state waits for others."""
    found: dict[str, set[str]] = defaultdict(set)
    for workflow in workflows().values():
        for step in workflow.steps:
            if REQUESTS_WAIT.intersection(step.when):
                for role in step.by:
                    found[role] |= {f"{workflow.key}:{state}" for state in step.sources}
    return found


def _left_by(code: str, role: str) -> list[str]:
    """`workflow:state` of the states that wait for this role, or for a level of review, and are left by this step."""
    return sorted(
        f"{workflow.key}:{state}"
        for workflow in workflows().values()
        if (step := workflow.by_code.get(code)) and (role in step.by or step.at_level)
        for state in step.sources
        if step.at_level or workflow.state[state].waits_for == role
    )


def _reach(every: Iterable[Held]) -> tuple[set[str], dict[str, list[int]]]:
    """Roles that act anywhere, and those that act in units with the units."""
    anywhere: set[str] = set()
    units: dict[str, list[int]] = defaultdict(list)
    for held in every:
        acts = roles()[held.role].acts if held.role in roles() else "nowhere"
        if acts == "anywhere":
            anywhere.add(held.role)
        elif acts == "holder":
            units[held.role].append(held.unit)
    return anywhere, units


def waiting_states() -> tuple[dict[str, set[str]], list[tuple[str, str]]]:
    """`workflow:state` by the role that it waits for; and those that wait for the role of their level of review."""
    plain: dict[str, set[str]] = defaultdict(set)
    levelled: list[tuple[str, str]] = []
    for workflow in workflows().values():
        for state in workflow.states:
            pair = f"{workflow.key}:{state.code}"
            if any(step.at_level for step in workflow.leaving[state.code]):
                levelled.append((pair, state.waits_for))
            elif state.waits_for:
                plain[state.waits_for].add(pair)
    return plain, levelled


RUNS = "select 1 from clocks_clock k where k.case_id = c.id and k.stopped_at is null"
BURNING = {
    "late": "c.due_at <= %(now)s",
    "near": "c.warn_at <= %(now)s and c.due_at > %(now)s",
    "urgent": "c.urgent",
    "supervised": "c.supervised",
    "burns": "(c.warn_at <= %(now)s or c.urgent or c.supervised)",
    "redone": "c.redo_count > 0",
    "returned": "c.return_count > 0",
    "dissatisfied": "c.facts -> 'grades' ->> -1 = any(%(discontent)s)",
    "back": "(c.redo_count > 0 or c.return_count > 0)",
    "unsigned": f"exists ({RUNS} and k.kind = 'sign' and k.due_at <= %(now)s)",
    "extension": "c.progress ? 'extension'",
    "pause_asked": "c.progress ? 'pause'",
    "paused": f"(c.due_at is null and exists ({RUNS} and k.paused_at is not null))",
}
PROMISE = "select 1 from clocks_clock k where k.case_id = c.id and k.kind = 'handle' and k.basis = 'promised'"
ANSWERED = {
    "in_time": f"exists ({PROMISE} and k.stopped_at <= k.due_at)",
    "late": f"exists ({PROMISE} and k.stopped_at > k.due_at)",
    "untimed": f"not exists ({PROMISE} and k.stopped_at is not null and k.due_at is not null)",
}
HANDLERS = {
    NOBODY: "c.handler_id is null",
    MINE_OR_NOBODY: "(c.handler_id is null or c.handler_id = %(person)s)",
    "": "c.handler_id = (select id from identity_person where username = %(handler)s)",
}


def filters_of(wanted: Wanted, *, scope: Scope, now: datetime) -> Part:
    """The conditions of an address besides its tab, each with "and" before it."""
    begin, end = wanted.span()
    since = period_begin(wanted.ended, now) if wanted.ended else None
    every = (
        ("state", "c.state = %(state)s", wanted.state),
        (
            "unit",
            "c.unit_id = (select id from identity_unit where code = %(unit)s or name = %(unit)s order by code limit 1)",
            wanted.unit,
        ),
        ("matter", "c.matter = %(matter)s", wanted.matter),
        ("number", "c.number >= %(number)s and c.number < %(number)s || chr(1114111)", wanted.number),
        ("handler", HANDLERS.get(wanted.handler, HANDLERS[""]), wanted.handler),
        ("ended", "c.closed_at >= %(ended)s", since),
        ("answered", ANSWERED.get(wanted.answered, ""), wanted.answered),
        (
            "territory",
            "c.territory_id = (select id from identity_unit where code = %(territory)s)",
            wanted.territory,
        ),
        ("waits", waits_sql(), wanted.waits),
        ("burning", BURNING.get(wanted.burning, ""), wanted.burning),
        ("begin", "c.opened_at >= %(begin)s", begin),
        ("end", "c.opened_at < %(end)s", end),
        ("ids", "c.id = any(%(ids)s)", list(wanted.ids)),
    )
    sql = "".join(f" and {sql}" for _, sql, given in every if given)
    values = {name: given for name, _, given in every if given}
    return Part(sql, values | {"now": now, "person": scope.person, "discontent": list(DISCONTENT)})


@cache
def waits_sql() -> str:
    """The condition that an open case waits for the role %(waits)s, by its state or its level of review."""
    plain, levelled = waiting_states()
    parts = [
        f"%(waits)s = '{role}' and c.workflow || ':' || c.state = any('{{{','.join(sorted(pairs))}}}')"
        for role, pairs in sorted(plain.items())
    ]
    parts += [
        f"c.workflow || ':' || c.state = '{pair}' and coalesce(c.level_role, '{role}') = %(waits)s"
        for pair, role in levelled
    ]
    return "(" + " or ".join(parts) + ")" if parts else "false"


def period_begin(period: str, now: datetime) -> datetime:
    """When this day or this month began, by Shanghai's clock."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.replace(day=1) if period == "month" else midnight


def cases_listed(
    *, scope: Scope, wanted: Wanted, now: datetime, most: int = PAGE + 1, lent: Lent | None = None
) -> list[CaseRow]:
    """The next rows of a list: open ones by their due time (those without one last) or as `wanted.sort` says, closed ones
    latest first.
    """
    filters = filters_of(wanted, scope=scope, now=now)
    tab = _tab_of_closed(scope, wanted.tab) if wanted.closed else wanted.tab
    scoped = condition_of(scope, tab, now=now, lent=lent)
    values = {**scoped.values, **filters.values, "most": most}
    at, last = _cursor_read(wanted.after)
    values |= {"at": at, "last": last}
    body = f"{scoped.sql}{filters.sql}"
    if wanted.closed:
        further = " and (c.closed_at, c.id) < (%(at)s, %(last)s)" if at else ""
        return _rows(f"{body} and c.closed_at is not null{further}", "c.closed_at desc, c.id desc", values)
    open_ = f"{body} and c.closed_at is null"
    if wanted.sort == "new":
        further = " and c.id < %(last)s" if last else ""
        return _rows(f"{open_}{further}", "c.id desc", values)
    rows: list[CaseRow] = []
    if at or not last:
        further = " and (c.due_at, c.id) > (%(at)s, %(last)s)" if at else ""
        rows = _rows(f"{open_} and c.due_at is not null{further}", "c.due_at, c.id", values)
    if len(rows) < most and wanted.burning not in ("near", "late"):
        rest = {**values, "most": most - len(rows), "last": 0 if at else last}
        rows += _rows(f"{open_} and c.due_at is null and c.id > %(last)s", "c.id", rest)
    return rows


def _tab_of_closed(scope: Scope, tab: str) -> str:
    """Closed cases wait for nobody: they are the unit's, or everybody's for whoever sees everything."""
    return "all" if tab == "all" or scope.everything else "unit"


def _rows(where: str, order: str, values: dict[str, Any]) -> list[CaseRow]:
    with connection.cursor() as cursor:
        cursor.execute(LISTED.format(where=where, order=order), values)
        return [CaseRow(*row) for row in cursor.fetchall()]


def cursor_of(row: CaseRow, *, closed: bool, sort: str = "") -> str:
    """Where a list goes on after this row: microseconds of its time (none, or sorted by id: empty) and its id."""
    at = row.closed_at if closed else None if sort else row.due_at
    return f"{int(at.timestamp() * 1_000_000 + 0.5) if at else ''}.{row.id}"


def _cursor_read(text: str) -> tuple[datetime | None, int]:
    micros, _, last = text.partition(".")
    if not last.isdecimal() or len(last) > 18 or (micros and not (micros.isdecimal() and len(micros) < 17)):
        return None, 0
    whole, part = divmod(int(micros or 0), 1_000_000)
    return (datetime.fromtimestamp(whole, UTC).replace(microsecond=part) if micros else None), int(last)
