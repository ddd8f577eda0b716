"""One line of `bihuan doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, what was found, and what to do when it is not well."""

    part: str
    level: Level
    told: str
    remedy: str = ""


def judged(part: str, told: str, *, remedy: str, fail: bool = False, warn: bool = False) -> Finding:
    """A finding that fails, warns, or is well: then there is nothing to do."""
    if fail or warn:
        return Finding(part, "fail" if fail else "warn", told, remedy)
    return Finding(part, "ok", told)
