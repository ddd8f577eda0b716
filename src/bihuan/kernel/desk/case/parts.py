"""What a pack adds to a case: its `case_parts.py` may offer `case_parts(page) -> [Part]`, `case_facts(case) -> [Fact]`,
`ready_words(case, step) -> [Ready]` and `cases_alike(case) -> [Case]`.

Presence is registration. Each part is drawn by its template in the column of facts, or first of all; facts stand among the kernel's own on
the page, on paper and in the API; ready words are offered above a step's form, similar cases beside the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bihuan.kernel.cases.models import Case


@dataclass(frozen=True, slots=True)
class Part:
    """A template, and what it shows under the name `part`; `first`: work to be done there stands right below the next step."""

    template: str
    shown: dict[str, Any]
    first: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the pack knows of a case: its name for machines, label and value in the page's language."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Words that may be put into the `field` of a step's form and mended; `note` says how they were chosen. `given` words stand there
    from the start and are not offered besides."""

    id: int
    field: str
    title: str
    text: str
    note: str = ""
    given: bool = False


def case_facts(pack: str, case: int) -> list[Fact]:
    """What the case's pack tells of it, for whoever may see the case."""
    offered = _offered(pack, "case_facts")
    return offered(case) if offered else []


def case_parts(pack: str, page: Any) -> list[Part]:
    """What the case's pack adds to its page."""
    offered = _offered(pack, "case_parts")
    return offered(page) if offered else []


def ready_words(case: Case, step: str) -> list[Ready]:
    """What may be put into this step's form, the fittest first."""
    offered = _offered(case.pack, "ready_words")
    return offered(case, step) if offered else []


def has_alike(pack: str) -> bool:
    """Does the pack know which of its cases are similar?"""
    return _offered(pack, "cases_alike") is not None


def cases_alike(case: Case) -> list[Case]:
    """Other open cases that may be about the same, the likest first, as far as the present scope sees them."""
    offered = _offered(case.pack, "cases_alike")
    return offered(case) if offered else []


@cache
def _offered(pack: str, name: str) -> Any:
    module = f"bihuan.packs.{pack}.case_parts"
    return getattr(import_module(module), name, None) if find_spec(module) else None
