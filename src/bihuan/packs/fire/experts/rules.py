"""When an expert review holds, and who may not sit in it. Pure.

住建部令第51号 art. 17 (which designs), 22-25 (sent within 5 working days, a meeting within 10 of receipt, at least seven experts, three
quarters agree, at most 20 working days that are not counted); rules.md C2.
"""

from __future__ import annotations

from collections.abc import Iterable

GROUNDS = (
    ("no_standard", "国家工程建设消防技术标准没有规定"),
    ("new_technology", "采用可能影响消防安全的新技术、新工艺、新材料,不符合国家标准"),
    ("historic", "保护利用历史建筑,确实无法满足国家标准"),
)
LEAST = 7
"""Experts at a meeting."""
AGREE, DISAGREE = "agree", "disagree"
VOTES = ((AGREE, "同意"), (DISAGREE, "不同意"))


def enough(present: int) -> bool:
    """Are there enough experts?"""
    return present >= LEAST


def agreed(present: int, agree: int) -> bool:
    """Do at least three quarters of those present agree?"""
    return enough(present) and 4 * agree >= 3 * present


def interested(employer: str, owner: str, declared: bool) -> bool:
    """Has an expert an interest in a project: declared, or the owner's own man?"""
    return declared or employer.strip() == owner.strip()


def counted(votes: Iterable[str]) -> tuple[int, int, int]:
    """How many are present, agree, and have not said yet."""
    said = list(votes)
    return len(said), said.count(AGREE), said.count("")
