"""好差评 in figures: who was asked, who evaluated, who was satisfied are three different things; silence is not praise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

COUNT = """
    select count(*), count(*) filter (where state <> 'excluded' and facts -> 'grades' is not null),
        count(*) filter (where state <> 'excluded' and facts -> 'grades' ->> 0 in ('3', '4', '5')),
        count(*) filter (where state <> 'excluded' and facts -> 'grades' ->> 0 in ('1', '2')),
        count(*) filter (where state in ('mended', 'unappeased')), count(*) filter (where state = 'excluded'),
        count(*) filter (where state = 'unevaluated')
    from cases_case
    where pack = 'onewindow' and opened_at >= %s and facts ? 'outcome' and state not in ('certifying', 'delivering')
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


def reviews_counted(*, since: datetime) -> Reviews:
    """The figures over the cases that the present scope sees."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [since])
        return Reviews(*cursor.fetchone())


def share_told(part: int, whole: int) -> str:
    """A share with its fraction: "75.0 % (3/4)"; nothing of nothing is "–"."""
    return f"{part / whole:.1%} ({part}/{whole})".replace("%", " %") if whole else "–"
