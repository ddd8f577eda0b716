"""The rules in force as one value, kept in the process and made anew when a policy or the calendar changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.clocks.calendar import OFFICE_HOURS, Calendar, Shift, shifts_parse
from bihuan.kernel.clocks.models import CalendarDay, CalendarYear
from bihuan.kernel.clocks.rules import Limit
from bihuan.kernel.clocks.running import limit_read
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.refusals import Refusal

STAMP_RULES = "(select coalesce(max(id), 0) from policies_rule)"
STAMP_CALENDAR = "(select (extract(epoch from max(changed_at)) * 1000000)::bigint from clocks_calendar_year)"
STAMP = f"select {STAMP_RULES}, {STAMP_CALENDAR}"
Stamp = tuple[int, Any]
HOURS = "office_hours"
"""The policy of the office hours: the shifts of a worked day in order, ["08:30-12:00", "14:00-17:30"]."""


@dataclass(frozen=True)
class Rulebook:
    """Policies and calendar as of one stamp."""

    stamp: Stamp
    rules: dict[str, list[PolicyRule]]
    calendar: Calendar
    limits: dict[int, Limit] = field(default_factory=dict)
    found: dict[tuple[str, str, date], PolicyRule] = field(default_factory=dict)
    derived: dict[tuple[int, int], Mapping[str, Any]] = field(default_factory=dict)

    def numbered(self, value: Mapping[str, Any], number: int) -> Mapping[str, Any]:
        """The same limit with another number; kept, so that `limit` may know it by its identity."""
        key = (id(value), number)
        known = self.derived.get(key)
        if known is None:
            known = self.derived[key] = {**value, "number": number}
        return known

    def limit(self, value: Mapping[str, Any]) -> Limit:
        """The limit that a value of one of these rows describes, read once."""
        known = self.limits.get(id(value))
        if known is None:
            known = self.limits[id(value)] = limit_read(value)
        return known

    def rule(self, code: str, *, region: str, on: date) -> PolicyRule:
        """The row of `code` in force; Refusal when nobody set one."""
        known = self.found.get((code, region, on))
        if known is None:
            rows = self.rules.get(code, [])
            known = self.found[code, region, on] = policy_in_force(code=code, region=region, on=on, rows=rows)
        return known

    def value(self, code: str, *, region: str, on: date, default: Any = None) -> Any:
        """The value of the row in force, or `default` when there is none."""
        try:
            return self.rule(code, region=region, on=on).value
        except Refusal:
            return default


_kept: Rulebook | None = None


def rulebook(stamp: Stamp | None = None) -> Rulebook:
    """The rules in force. `stamp` saves the question whether they changed, when the caller has just asked it."""
    global _kept
    if stamp is None:
        with connection.cursor() as cursor:
            cursor.execute(STAMP)
            stamp = cursor.fetchone()
    if _kept is None or _kept.stamp != stamp:
        _kept = _read(stamp)
    return _kept


def _read(stamp: Stamp) -> Rulebook:
    rules: dict[str, list[PolicyRule]] = {}
    for row in PolicyRule.objects.order_by("id"):
        rules.setdefault(row.code, []).append(row)
    years = list(CalendarYear.objects.all())
    days = {day.date: day.working for day in CalendarDay.objects.all()}
    calendar = Calendar.build(
        days,
        published=[year.year for year in years if year.published],
        provisional=[year.year for year in years if not year.published],
        later=hours_dated(rules.get(HOURS, []), settings.REGION),
    )
    return Rulebook(stamp, rules, calendar)


def hours_dated(rows: list[PolicyRule], region: str) -> dict[date, tuple[Shift, ...]]:
    """The office hours that these rows of the policy give a region, by the day from which they are kept."""
    turns = {row.valid_from for row in rows} | {row.valid_to for row in rows if row.valid_to}
    found, kept = {}, OFFICE_HOURS
    for day in sorted(turns):
        hours = _hours_on(rows, region, day)
        if hours != kept:
            found[day] = kept = hours
    return found


def _hours_on(rows: list[PolicyRule], region: str, on: date) -> tuple[Shift, ...]:
    try:
        return shifts_parse(",".join(policy_in_force(code=HOURS, region=region, on=on, rows=rows).value))
    except Refusal:
        return OFFICE_HOURS
