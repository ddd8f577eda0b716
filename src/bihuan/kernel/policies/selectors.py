"""Reading policies: the row in force on a day, in a region or the nearest one around it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.db import connection

from bihuan.kernel.policies.models import PolicyRule
from bihuan.lib.refusals import Refusal

_kept: tuple[tuple[int, int], list[PolicyRule]] | None = None


class Stamp(NamedTuple):
    last: int
    rows: int


def regions_around(region: str) -> tuple[str, ...]:
    """A region and those around it, nearest first: 371502 → 3715 → 37 → the country ("")."""
    return tuple(dict.fromkeys((region, region[:4], region[:2], "")))


def policy_rows() -> list[PolicyRule]:
    """All rows, kept in the process and read again when one was added."""
    global _kept
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0), count(*) from policies_rule")
        stamp = cursor.fetchone()
    if _kept is None or _kept[0] != stamp:
        _kept = (stamp, list(PolicyRule.objects.order_by("-recorded_at", "-id")))
    return _kept[1]


def policy_in_force(*, code: str, region: str, on: date, rows: list[PolicyRule] | None = None) -> PolicyRule:
    """The row of `code` in force on `on`: nearest region first, then the latest start, then the latest recorded.

    Refusal when there is none: a rule that nobody set is never guessed.
    """
    around = regions_around(region)
    found = [
        row
        for row in (policy_rows() if rows is None else rows)
        if row.code == code
        and row.region in around
        and row.valid_from <= on
        and (row.valid_to is None or on < row.valid_to)
    ]
    if not found:
        raise Refusal(
            "policy_missing", f"规则“{code}”在 {on:%Y-%m-%d} 没有设定,请系统管理员先设定。", rule=code
        )
    superseded = {row.supersedes_id for row in found}
    alive = [row for row in found if row.pk not in superseded] or found
    return min(alive, key=lambda row: (around.index(row.region), -row.valid_from.toordinal(), -row.pk))
