"""好差评 in figures: who was asked, who evaluated, who was satisfied are three different things; silence is not praise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

ASKED = """facts ? 'outcome' and state not in
            ('certifying', 'delivering', 'concluding', 'part_granted', 'part_refused', 'part_withdrawn')"""
"""An application that has come to its evaluation: not one whose certificate is still to be made or handed out, and no part of a theme,
which is evaluated as a whole."""
COUNT = f"""
    with asked as materialized (
        select state, facts -> 'grades' is not null and state <> 'excluded' as graded, facts -> 'grades' ->> 0 as grade from cases_case
        where pack = 'onewindow' and opened_at >= %s and {ASKED}
    )
    select count(*), count(*) filter (where graded), count(*) filter (where graded and grade in ('3', '4', '5')),
        count(*) filter (where graded and grade in ('1', '2')), count(*) filter (where state in ('mended', 'unappeased')),
        count(*) filter (where state = 'excluded'), count(*) filter (where state = 'unevaluated')
    from asked
"""
VISITED = """
    select count(*) filter (where k.stopped_at is not null or k.due_at < %(now)s), count(*) filter (where k.stopped_at <= k.due_at),
        count(*) filter (where named), count(*) filter (where named and k.stopped_at is not null)
    from (
        select c.id, exists (select from cases_party p where p.case_id = c.id and p.role = 'reporter' and p.name <> '') as named
        from cases_case c
        where c.pack = 'onewindow' and c.opened_at >= %(since)s and c.state <> 'excluded' and c.facts -> 'grades' ->> 0 in ('1', '2')
    ) bad join clocks_clock k on k.case_id = bad.id and k.kind = 'contact' and k.basis = 'promised'
"""
DAYS = 90


@dataclass(frozen=True, slots=True)
class Reviews:
    """Applications taken in since a day that came to their evaluation: how many were `asked`, `evaluated` (those left out apart),
    `satisfied` (grades 5, 4, 3), `bad` (2, 1), of these `mended` to the end; `excluded` were left out, `silent` said nothing in time.
    """

    asked: int
    evaluated: int
    satisfied: int
    bad: int
    mended: int
    excluded: int
    silent: int


@dataclass(frozen=True, slots=True)
class Visits:
    """Of bad reviews (those left out apart): how many contacts are `due` (made, or their term is over), how many were made
    `in_time`; how many reviews are `named` (the applicant is known by name), how many of these were `visited`."""

    due: int
    in_time: int
    named: int
    visited: int


def visits_counted(*, since: datetime, now: datetime) -> Visits:
    """The figures over the cases taken in since a day that the present scope sees."""
    with connection.cursor() as cursor:
        cursor.execute(VISITED, {"since": since, "now": now})
        return Visits(*cursor.fetchone())


def reviews_counted(*, since: datetime) -> Reviews:
    """The figures over the cases that the present scope sees."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [since])
        return Reviews(*cursor.fetchone())
