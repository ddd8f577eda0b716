"""Parts of the case page that a pack adds: its `case_parts.py` may offer `case_parts(page) -> [Part]`.

Presence is registration; each part is drawn by its template in the column of facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A template, and what it shows under the name `part`."""

    template: str
    shown: dict[str, Any]


def case_parts(pack: str, page: Any) -> list[Part]:
    """What the case's pack adds to its page."""
    offered = _offered(pack)
    return offered(page) if offered else []


@cache
def _offered(pack: str) -> Any:
    module = f"bihuan.packs.{pack}.case_parts"
    return import_module(module).case_parts if find_spec(module) else None
