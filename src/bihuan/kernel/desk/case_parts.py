"""What a pack adds to a case: its `case_parts.py` may offer `case_parts(page) -> [Part]` and `case_facts(case) -> [Fact]`.

Presence is registration. Each part is drawn by its template in the column of facts; facts stand among the kernel's own on
the page, on paper and in the API.
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


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the pack knows of a case: its name for machines, label and value in the page's language."""

    name: str
    label: str
    value: str


def case_facts(pack: str, case: int) -> list[Fact]:
    """What the case's pack tells of it, for whoever may see the case."""
    offered = _offered(pack, "case_facts")
    return offered(case) if offered else []


def case_parts(pack: str, page: Any) -> list[Part]:
    """What the case's pack adds to its page."""
    offered = _offered(pack, "case_parts")
    return offered(page) if offered else []


@cache
def _offered(pack: str, name: str) -> Any:
    module = f"bihuan.packs.{pack}.case_parts"
    return getattr(import_module(module), name, None) if find_spec(module) else None
