"""Drawing a sample that anybody can draw again. Pure.

The list is a set of numbers of cases. Its digest is the SHA-256 of the numbers in order, a line each. Every number gets a
place: the SHA-256 of the seed, a line feed and the number. Those with the smallest places are drawn. No draw can be
chosen without changing the seed or the list, and both stand in the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

ALGORITHM = "sha256/1"
ROUNDINGS = ("up", "nearest", "down")


def list_digest(numbers: Iterable[str]) -> str:
    """The SHA-256 (hex) of the list: its numbers sorted, joined by line feeds, in UTF-8."""
    return _sha256("\n".join(sorted(set(numbers))))


def place_of(number: str, *, seed: str) -> str:
    """Where the seed puts a number: 64 hexadecimal digits, the smallest are drawn."""
    return _sha256(f"{seed}\n{number}")


def drawn(numbers: Iterable[str], *, seed: str, count: int) -> list[str]:
    """`count` of the numbers (all, if there are fewer), in the order of their places."""
    return sorted(set(numbers), key=lambda number: (place_of(number, seed=seed), number))[: max(count, 0)]


def count_of(size: int, *, percent: int, rounding: str) -> int:
    """How many are drawn of `size` at `percent`: a part of one counts as one ("up"), as the nearest whole (a half
    up), or not at all ("down"). ValueError for another rounding.
    """
    whole, rest = divmod(size * percent, 100)
    if rounding not in ROUNDINGS:
        raise ValueError(rounding)
    more = rest > 0 if rounding == "up" else rest >= 50 if rounding == "nearest" else False
    return min(size, whole + more)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
