"""Which questions are like each other. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

ALIKE = 0.4
"""Of the pairs of characters of the shorter question so many also stand in the other."""


def alike(one: str, other: str) -> bool:
    """Do two questions ask the same, judged by the pairs of characters that they share?"""
    ours, theirs = _pairs(one), _pairs(other)
    least = min(len(ours), len(theirs))
    return bool(least) and len(ours & theirs) / least >= ALIKE


def times_asked(questions: Sequence[str]) -> list[int]:
    """For each question how many of all, itself among them, ask the same."""
    return [sum(one is other or alike(one, other) for other in questions) for one in questions]


def _pairs(text: str) -> set[str]:
    signs = [sign for sign in text if sign.isalpha()]
    return {first + second for first, second in pairwise(signs)}
