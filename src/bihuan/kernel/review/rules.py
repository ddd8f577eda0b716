"""Levels of review: guards that packs share. Pure.

Which roles review, and in which order, is a policy whose value the case keeps from its opening (rules.md A6).
"""

from __future__ import annotations

from bihuan.kernel.assignment.rules import HasCase


def more_levels_follow(facts: HasCase) -> bool:
    """这已是最后一级审核。"""
    return facts.case.level + 1 < len(facts.case.levels)


def is_last_level(facts: HasCase) -> bool:
    """后面还有审核级次。"""
    return facts.case.level + 1 >= len(facts.case.levels)


def is_unit_level(facts: HasCase) -> bool:
    """中心审核不通过的,按重办处理。"""
    return facts.case.level + 1 < len(facts.case.levels)
