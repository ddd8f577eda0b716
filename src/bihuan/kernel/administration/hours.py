"""Other office hours: what they would do to limits in working hours, before they count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.kernel.administration.policy_values import key_words, rules
from bihuan.kernel.administration.shape import Table
from bihuan.kernel.clocks.calendar import Calendar, CalendarError, Shift, day_number, epoch, shifts_parse
from bihuan.kernel.clocks.rulebook import HOURS, hours_dated, rulebook
from bihuan.kernel.clocks.rules import due_at
from bihuan.kernel.clocks.running import limit_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.selectors import policy_rows
from bihuan.kernel.sentences import in_line

BEGUN = (time(9), time(16, 30))
ACROSS = """
    select count(*) from clocks_clock where stopped_at is null and due_at >= %s
        and ("limit" ->> 'unit' = 'working_hour' or "limit" ->> 'ends' = 'close_of_business')
"""


def hours_effect(
    value: Sequence[str], given: Mapping[str, Any], now: datetime
) -> tuple[list[str], tuple[Table, ...]]:
    """From when the hours count and what stays, and the ends of limits in working hours as they are and would be."""
    since, calendar = given["valid_from"], rulebook().calendar
    shifts = shifts_parse(",".join(value))
    seconds = sum(end - start for start, end in shifts)
    lines = [
        _("%(day)s 起每个工作日办公 %(length)s 小时:%(hours)s;在那以前的日子按原来的。")
        % {"day": since, "length": f"{seconds / 3600:g}", "hours": hours_words(shifts)}
    ]
    if given["valid_to"]:
        lines.append(_("%s 起恢复为那天另有规定的,没有规定的按缺省。") % given["valid_to"])
    count = _across(since)
    kept = ngettext(
        "跨过那天、按办公时间算的时限有 %(n)s 个在走,已存的到期时间一个也不变。",
        "跨过那天、按办公时间算的时限有 %(n)s 个在走,已存的到期时间一个也不变。",
        count,
    )
    lines.append(kept % {"n": count})
    after = calendar_with_hours(calendar, value, given)
    if after == calendar:
        lines.append(_("本中心(%s)的办公时间不因此改变。") % settings.REGION)
        return lines, ()
    return lines, (_examples(calendar, after, since),)


def hours_words(shifts: Sequence[Shift]) -> str:
    """Shifts as people write them: 08:30-12:00、14:00-17:30."""
    return in_line(f"{_clock(start)}-{_clock(end)}" for start, end in shifts)


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"


def calendar_with_hours(calendar: Calendar, value: Sequence[str], given: Mapping[str, Any]) -> Calendar:
    """The calendar as it would be with this row of the policy."""
    dates = {name: given[name] for name in ("region", "valid_from", "valid_to")}
    new = PolicyRule(pk=2**62, code=HOURS, value=list(value), **dates)
    rows = [row for row in policy_rows() if row.code == HOURS]
    later = hours_dated([*rows, new], settings.REGION)
    return replace(calendar, later=tuple((day_number(day), shifts) for day, shifts in later.items()))


def _across(since: date) -> int:
    """How many running clocks that go by office hours end on that day or later; as the kernel sees."""
    morning = datetime.combine(since, time(0), tzinfo=timezone.get_current_timezone())
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(ACROSS, [morning])
        return int(cursor.fetchone()[0])


def _examples(before: Calendar, after: Calendar, since: date) -> Table:
    """Limits in working hours of a case that comes on the first worked day, in the morning and before the close."""
    rows = [
        (f"{told} {at:%H:%M}", _due(limit, at, before), _due(limit, at, after))
        for at in _moments(before, since)
        for told, limit in _limits(since)
    ]
    title = _("例:%s 受理的一件") % f"{next(_moments(before, since)):%Y-%m-%d}"
    return Table(title, (_("情形"), _("现行到期"), _("改后到期")), tuple(rows))


def _moments(calendar: Calendar, since: date) -> Iterator[datetime]:
    day = since + timedelta(days=calendar.working_day_from(day_number(since)) - day_number(since))
    for clock in BEGUN:
        yield datetime.combine(day, clock, tzinfo=timezone.get_current_timezone())


def _limits(on: date) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The limits in working hours that are in force on a day, each with its name."""
    book = rulebook()
    for rule in rules().values():
        value = book.value(rule.code, region=settings.REGION, on=on) if rule.unit == "limit" else None
        table = {"": value} if value and "number" in value else value or {}
        for key, limit in table.items():
            if limit["unit"] == "working_hour":
                words = key_words(rule, key) if key else ""
                yield f"{rule.label} {words}".strip(), limit


def _due(limit: Mapping[str, Any], at: datetime, calendar: Calendar) -> str:
    try:
        when = due_at(limit_read(limit), epoch(at), calendar).when
    except CalendarError:
        return "–"
    return f"{when:%Y-%m-%d %H:%M}" if when else "–"
