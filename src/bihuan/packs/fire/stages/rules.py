"""Stages of a single work, and when a part may be accepted for use before the rest. Pure.

S0: 主体分阶段监督验收, 土建工程与安装工程穿插监督验收. Partial acceptance is a provincial rule (rules.md C2, unverified): a policy allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

WHOLE, STRUCTURE, CIVIL, INSTALLATION = "whole", "structure", "civil", "installation"
STAGES = ((STRUCTURE, _("主体结构")), (CIVIL, _("土建工程")), (INSTALLATION, _("安装工程")))
LABELS = dict(STAGES) | {WHOLE: _("整体验收")}
OPEN, IN_HAND, PASSED, FAILED = "open", "in_hand", "passed", "failed"
STANDINGS = {OPEN: _("未申请"), IN_HAND: _("在办"), PASSED: _("已通过"), FAILED: _("不合格,可重新申请")}
MOST_SEGMENTS = 9


@dataclass(frozen=True, slots=True)
class Early:
    """Does the owner want to use these works before the rest, and what does he declare of them?"""

    wanted: bool = False
    independent: bool = False
    safe: bool = False


NOT_EARLY = Early()


def plan_of(kinds: Iterable[str], segments: int) -> list[tuple[str, int]]:
    """The stages of a single work as (kind, segment): the structure in so many segments; without any kind one whole."""
    chosen = [kind for kind, _label in STAGES if kind in set(kinds)]
    if not chosen:
        return [(WHOLE, 0)]
    numbers = range(1, segments + 1) if segments > 1 else (0,)
    return [(kind, number) for kind in chosen for number in (numbers if kind == STRUCTURE else (0,))]


def standing(outcomes: Sequence[str]) -> str:
    """Where a stage stands by the outcomes of the applications that covered it, in their order; "" is one in hand."""
    if PASSED in outcomes:
        return PASSED
    if "" in outcomes:
        return IN_HAND
    return FAILED if FAILED in outcomes else OPEN


def accepted(standings: Sequence[str]) -> bool:
    """Is a work accepted: has each of its stages passed?"""
    return bool(standings) and all(one == PASSED for one in standings)


def early_faults(early: Early, *, allowed: bool, whole_works: bool) -> list[str]:
    """Why works may not be accepted for use before the rest, in the order of the rule; empty where they may or nobody asks."""
    if not early.wanted:
        return []
    told = (
        (allowed, "partial_closed"),
        (whole_works, "partial_unfinished"),
        (early.independent, "partial_dependent"),
        (early.safe, "partial_unsafe"),
    )
    return [code for held, code in told if not held]
