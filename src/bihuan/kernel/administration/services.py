"""Writing rules and the calendar as their administrators may: who, whether it makes sense, then the entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.administration.policy_checks import value_check
from bihuan.kernel.administration.policy_values import rule_of
from bihuan.kernel.cases.tasks import clocks_recompute_year
from bihuan.kernel.clocks.models import CalendarYear
from bihuan.kernel.clocks.rulebook import HOURS
from bihuan.kernel.clocks.services import calendar_year_publish
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import clean_text

EARLIEST = date(2004, 1, 1)
FURTHEST = timedelta(days=3_660)
REGIONS = (0, 2, 4, 6)
"""How many digits the code of a region has (GB/T 2260); none for the whole country."""


def policy_change(
    *,
    code: str,
    value: Any,
    legal_basis: str,
    valid_from: date,
    now: datetime,
    by: int | str,
    region: str = "",
    valid_to: date | None = None,
) -> PolicyRule:
    """Set a rule from a day on. Security's rules are the security administrator's, all others the system administrator's.

    Refusal with field and rule when the value makes no sense, the dates are out of bounds, or nothing would change.
    """
    rule = rule_of(code)
    power_require("security_admin" if rule.security else "system_admin", by=by, now=now)
    value_check(rule, value)
    basis = clean_text(legal_basis, field="legal_basis", max_length=300, multiline=False)
    if len(region) not in REGIONS or not ((region.isascii() and region.isdecimal()) or not region):
        raise Refusal("region", _("地区应为 2、4 或 6 位代码,全国留空。"), field="region", rule="GB/T 2260")
    if not EARLIEST <= valid_from <= timezone.localdate(now) + FURTHEST:
        raise Refusal("dates", _("生效日期应在 2004 年以后、十年以内。"), field="valid_from")
    if code == HOURS and valid_from <= timezone.localdate(now):
        message = _("办公时间只能从明天或以后起改:今天以前的时间已按原来的算过。")
        raise Refusal("dates", message, field="valid_from", rule=code)
    with kernel_writes():
        last = PolicyRule.objects.filter(code=code, region=region).order_by("-id").first()
        if last and (last.value, last.valid_from, last.valid_to, last.legal_basis) == (
            value,
            valid_from,
            valid_to,
            basis,
        ):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), rule=code)
        return policy_set(
            code=code,
            value=value,
            legal_basis=basis,
            valid_from=valid_from,
            valid_to=valid_to,
            region=region,
            unit=rule.unit,
            now=now,
            by=by,
        )


def calendar_change(
    *, year: int, days: Mapping[date, tuple[bool, str]], source: str, now: datetime, by: int | str
) -> None:
    """Publish a year, or correct a published one: {date: (is it worked, name)} of the days that differ from their weekday.

    Only the system administrator may. A job recomputes the running clocks that the year reaches, an entry each. Refusal
    when years would be left out, when a worked day is on the list as worked, or when nothing would change.
    """
    power_require("system_admin", by=by, now=now)
    source = clean_text(source, field="source", max_length=300, min_length=1, multiline=False)
    years = dict(CalendarYear.objects.values_list("year", "published"))
    if years and not min(years) <= year <= max(years) + 1:
        message = _("日历现有 %(first)s 至 %(last)s 年,中间不能空着一年。")
        words = {"first": min(years), "last": max(years)}
        raise Refusal("year_gap", message % words, field="year")
    worked = [day for day, (works, _name) in days.items() if works and day.weekday() < 5]
    if worked:
        message = _("%s 本来就是工作日,不用列为上班。") % min(worked)
        raise Refusal("weekday", message, field="days")
    with kernel_writes():
        calendar_year_publish(year=year, days=days, source=source, now=now, by=by)
        clocks_recompute_year.defer(year=year, by=by)
