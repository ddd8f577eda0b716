"""Whose turn a case is at the queue: the next one, held softly for a while, put aside, and the day's own figures.

What a person holds is shown to nobody else before it runs out, so that two do not read the same case at once. It is a
courtesy: the guard is `case_move`'s version, and whoever decides a case without holding it is not hindered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import connection

from bihuan.kernel.clocks.rulebook import Rulebook
from bihuan.kernel.desk.lists.wanted import Wanted
from bihuan.kernel.desk.lists.worklist import Lent, Part, condition_of, filters_of, period_begin
from bihuan.kernel.desk.queue.calling import CALLS, calls_of, ready_part
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import workflows

HELD, ASIDE = ("desk.hold_minutes", 10), ("desk.aside_minutes", 120)
"""The policies of how long a case is held and put aside, in minutes, and what holds while none is set."""
TRIED = 20
"""So many of the next cases are tried, where others take theirs at the same moment."""
APART = """
    (c.workflow || ':' || c.state <> all(%(apart_pairs)s) or not exists (
        select 1 from jsonb_array_elements(%(apart)s) a, jsonb_array_elements_text(a -> 1) duty
        where a ->> 0 = c.workflow || ':' || c.state
          and c.progress -> 'did' -> duty @> to_jsonb(%(person)s)))
"""
BY_TIME = "due_at nulls last, id"
BY_CALL = f"(again is not null) desc, again, {BY_TIME}"
LINE = """
    with w as materialized (
        select c.id, c.due_at, {again} as again, {ready} as ready,
            exists (select 1 from desk_turn t where t.case_id = c.id and t.person_id = %(person)s and t.aside
                    and t.until > %(now)s) as put,
            (select t.person_id from desk_turn t where t.case_id = c.id and not t.aside and t.done_at is null
             and t.until > %(now)s) as holder
        from cases_case c where {waiting})
    select count(*) filter (where ready and not put), count(*) filter (where not ready),
        min(again) filter (where not ready), count(*) filter (where ready and put),
        (select array_agg(f.id order by f.place) from (
            select id, row_number() over (order by (holder is not null) desc, {order}) as place from w
            where ready and not put and (holder is null or holder = %(person)s)
            order by place limit %(tried)s) f),
        (select array[count(*), percentile_cont(0.5) within group (order by extract(epoch from done_at - began_at))]
         from desk_turn where person_id = %(person)s and done_at >= %(today)s)
    from w
"""
TAKE = """
    with lock as (select pg_try_advisory_xact_lock(hashtextextended('desk_turn:' || %(case)s, 0)) as got),
    taken as (
        insert into desk_turn (case_id, person_id, began_at, until, aside)
        select %(case)s, %(person)s, %(now)s, %(until)s, false from lock where got
        on conflict (case_id) where not aside and done_at is null do update set
            began_at = case when desk_turn.person_id = %(person)s and desk_turn.until > %(now)s
                            then desk_turn.began_at else excluded.began_at end,
            until = excluded.until, person_id = excluded.person_id
        where desk_turn.person_id = %(person)s or desk_turn.until <= %(now)s
        returning case_id),
    left_behind as (
        delete from desk_turn where exists (select 1 from taken) and id in (
            select id from desk_turn where person_id = %(person)s and case_id <> %(case)s and (
                (not aside and done_at is null) or (aside and until <= %(now)s) or done_at < %(today)s)
            for update skip locked))
    select count(*) from taken
"""
"""Nobody waits for anybody: where another is taking the same case at this moment, the next one is tried."""


@dataclass(frozen=True, slots=True)
class Line:
    """The queue of an address as one person has it: how many are left, how many wait for their time (with the earliest
    agreed moment), how many this person put aside, and what was done today: so many, each in about so many seconds.
    `next` are the first that nobody else has.
    """

    left: int
    later: int
    next_at: datetime | None
    aside: int
    done: int
    seconds: float | None
    next: tuple[int, ...] = ()


@cache
def _apart_of(role: str) -> dict[str, frozenset[str]]:
    """`workflow:state` by the duties of which one keeps a person of this role from every way on."""
    found = {}
    for workflow in workflows().values():
        for state in workflow.states:
            ways = [
                frozenset(step.apart_from)
                for step in workflow.leaving.get(state.code, ())
                if role in step.by and step.target not in ("same", state.code)
            ]
            if ways and (duties := frozenset.intersection(*ways)):
                found[f"{workflow.key}:{state.code}"] = duties
    return found


def _apart(scope: Scope, lent: Lent) -> Part:
    of: dict[str, frozenset[str]] = {}
    for role in {held.role for held in scope.held} | {held.role for held, _ in lent}:
        for pair, duties in _apart_of(role).items():
            of[pair] = of.get(pair, duties) & duties
    told = [[pair, sorted(duties)] for pair, duties in sorted(of.items())]
    return Part(APART, {"apart_pairs": sorted(of), "apart": json.dumps(told)})


def _waiting(scope: Scope, wanted: Wanted, now: datetime, lent: Lent) -> Part:
    """The open cases of the address that this person may decide, whoever holds them."""
    parts = (
        condition_of(scope, wanted.tab, now=now, lent=lent),
        filters_of(wanted, scope=scope, now=now),
        _apart(scope, lent),
    )
    where, filters, apart = parts
    values = {name: value for part in parts for name, value in part.values.items()}
    return Part(f"c.closed_at is null and {where.sql}{filters.sql} and {apart.sql}", values)


def line_read(*, scope: Scope, wanted: Wanted, now: datetime, lent: Lent, book: Rulebook) -> Line:
    """The queue of an address. Calls stand in the order of `calling.py`, everything else by its due time; what this person
    holds already comes first.
    """
    waiting, ready = _waiting(scope, wanted, now, lent), ready_part(now, book)
    order = BY_CALL if calls_of(scope, lent) else BY_TIME
    sql = LINE.format(again=CALLS["again"], ready=ready.sql, waiting=waiting.sql, order=order)
    more = {"person": scope.person, "tried": TRIED, "today": period_begin("today", now)}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**waiting.values, **ready.values, **more})
        left, later, next_at, aside, ids, (done, seconds) = cursor.fetchone()
    return Line(left, later, next_at, aside, int(done), seconds, tuple(ids or ()))


def until_of(policy: tuple[str, int], now: datetime, book: Rulebook) -> datetime:
    """Until when a case that is taken or put aside `now` stays so."""
    code, usual = policy
    minutes = book.value(code, region=settings.REGION, on=day_of(now), default=usual)
    return now + timedelta(minutes=int(minutes))


def turn_take(*, case: int, person: int, now: datetime, book: Rulebook) -> bool:
    """Hold the case for this person, and let go of what the person held before. False: somebody else has it."""
    today = period_begin("today", now)
    values = {"case": case, "person": person, "now": now, "until": until_of(HELD, now, book), "today": today}
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        return bool(cursor.fetchone()[0])


def turn_put_aside(*, case: int, person: int, now: datetime, book: Rulebook) -> datetime:
    """Let go of the case and do not show it to this person for a while; others may take it. Returns until when."""
    until = until_of(ASIDE, now, book)
    values = {"case": case, "person": person, "now": now, "until": until}
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "delete from desk_turn where case_id = %(case)s and person_id = %(person)s and done_at is null",
            values,
        )
        cursor.execute(
            "insert into desk_turn (case_id, person_id, began_at, until, aside)"
            " values (%(case)s, %(person)s, %(now)s, %(until)s, true)",
            values,
        )
    return until


def turns_take_up(*, person: int, case: int | None = None) -> int:
    """Show what this person put aside again: one case, or all. Returns how many."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "delete from desk_turn where person_id = %(person)s and aside"
            " and (%(case)s::bigint is null or case_id = %(case)s)",
            {"person": person, "case": case},
        )
        return int(cursor.rowcount)


def turn_done(*, case: int, person: int, now: datetime) -> None:
    """The case was decided: the time that it took counts in the person's own figures of the day."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "update desk_turn set done_at = %s where case_id = %s and person_id = %s and not aside and done_at is null",
            [now, case, person],
        )
