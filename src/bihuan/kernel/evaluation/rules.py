"""Call-back, grades and redo: guards that packs share. Pure.

Five grades (国办发〔2019〕51号): 5 very satisfied … 1 very dissatisfied; the last two mean a redo, always (S1: 不达标的一律重办).
The fact `grades` lists the grades given so far, a round each. The facts `max_attempts`, `attempts_apart` ({"hours": 2,
"half_days": true}) and `max_redos` come from the policies; the pack keeps the moments of unanswered calls in the fact
`attempted_at`, and a moment agreed with the caller in `again_at`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bihuan.kernel.assignment.rules import HasCase
from bihuan.lib.text import SHANGHAI

GRADES = (("5", "非常满意"), ("4", "满意"), ("3", "基本满意"), ("2", "不满意"), ("1", "非常不满意"))
CONTENT = ("5", "4", "3")
DISCONTENT = ("2", "1")


def caller_is_content(facts: HasCase) -> bool:
    """来电人不满意的,一律重办;不能直接办结。"""
    return facts.case.data.get("grade", "5") in CONTENT


def caller_is_discontent(facts: HasCase) -> bool:
    """来电人表示满意的,不需要重办。"""
    return facts.case.data.get("grade", "1") not in CONTENT


def attempts_are_exhausted(facts: HasCase) -> bool:
    """要在不同时间回访满三次都未接通,才能按未接通办结。"""
    return len(facts.case.facts.get("attempted_at", ())) >= int(facts.case.facts.get("max_attempts", 3))


def attempts_are_left(facts: HasCase) -> bool:
    """回访次数已满,请按未接通办结。"""
    return not attempts_are_exhausted(facts)


def attempt_is_at_another_time(facts: HasCase) -> bool:
    """两次回访要隔开:换一个半天,并且间隔不少于规定的小时数。"""
    agreed = facts.case.facts.get("again_at")
    if "again" in facts.case.data or (agreed and datetime.fromisoformat(agreed) <= facts.case.now):
        return True  # agreed with the caller
    return is_another_time(facts.case.facts.get("attempted_at", ()), facts)


def is_another_time(moments: Sequence[str], facts: HasCase) -> bool:
    """Does now lie far enough from the last of these moments (ISO), as the fact `attempts_apart` says?"""
    if not moments:
        return True
    apart: Mapping[str, Any] = facts.case.facts.get("attempts_apart") or {}
    last = datetime.fromisoformat(moments[-1])
    if facts.case.now - last < timedelta(hours=float(apart.get("hours", 2))):
        return False
    return not apart.get("half_days", True) or half_day(last) != half_day(facts.case.now)


def half_day(at: datetime) -> tuple[date, bool]:
    """The day in Beijing, and whether it is the morning."""
    local = at.astimezone(SHANGHAI)
    return local.date(), local.hour < 12
