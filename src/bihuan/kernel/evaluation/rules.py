"""Call-back, grades and redo: guards that packs share. Pure.

Five grades (国办发〔2019〕51号): 5 very satisfied … 1 very dissatisfied; the last two mean a redo, always (S1: 不达标的一律重办).
The fact `grades` lists the grades given so far, a round each. The facts `max_attempts` and `max_redos` come from the policies.
"""

from __future__ import annotations

from bihuan.kernel.assignment.rules import HasCase

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
    return int(facts.case.progress.get("attempts", 0)) >= int(facts.case.facts.get("max_attempts", 3))


def attempts_are_left(facts: HasCase) -> bool:
    """回访次数已满,请按未接通办结。"""
    return not attempts_are_exhausted(facts)
