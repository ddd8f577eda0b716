"""Figures over many rows, kept for ten minutes: many read them, nobody needs them to the second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.core.cache import cache

from bihuan.kernel.identity.scope import Scope, day_of

T = TypeVar("T")
KEPT = 600


def figures_kept(name: str, *, scope: Scope, now: datetime, count: Callable[[], T]) -> T:
    """What `count` found for whoever sees the same, at the longest KEPT seconds ago."""
    sees = "all" if scope.everything else ".".join(map(str, sorted(scope.units)))
    key = f"{name}.{day_of(now)}.{sees}"
    known: T | None = cache.get(key)
    if known is None:
        known = count()
        cache.set(key, known, KEPT)
    return known
