"""What guards may know of a case: a frozen value of plain things. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Named:
    """Another case that a step names: is it closed with an answer, of the same matter, by the same caller (None:
    one of the two left no telephone number)? `is_origin`: it is what this case was reported again of.
    """

    answered: bool
    same_matter: bool
    same_caller: bool | None
    is_origin: bool = False


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case as its guards see it, at `now`, for the person `by` (0 is the system, -1 the reporter) taking a step with `data`.

    `data` is empty when only asking what could be done; `kinds` tells what kind of unit each unit named in it is.
    `facts` are the pack's own; `progress` the kernel's memory. `named` are the other cases named in `data`; `assisting` the units
    whose assisting cases are open; `matter` is what the pack's list says of the matter given in `data`; `extensible` and `pausable` the clocks that their limits let be so.
    """

    state: str
    unit: int
    by: int
    now: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    progress: Mapping[str, Any] = field(default_factory=dict)
    redo_count: int = 0
    return_count: int = 0
    open_children: int = 0
    is_child: bool = False
    provisional: bool = False
    returnable: bool = True
    supervised: bool = False
    confidential: bool = False
    merged: bool = False
    kinds: Mapping[int, str] = field(default_factory=dict)
    named: Mapping[int, Named] = field(default_factory=dict)
    matter: Mapping[str, Any] = field(default_factory=dict)
    assisting: frozenset[int] = frozenset()
    extensible: frozenset[str] = frozenset()
    pausable: frozenset[str] = frozenset()
    superior: Mapping[str, Any] = field(default_factory=dict)
    clocks: Mapping[str, datetime | None] = field(default_factory=dict)

    def is_over(self, clock: str) -> bool:
        """Has the clock of this kind run out?"""
        due = self.clocks.get(clock)
        return due is not None and self.now > due

    @property
    def level(self) -> int:
        """The present level of review, from 0."""
        return int(self.progress.get("level", 0))

    @property
    def levels(self) -> tuple[str, ...]:
        """The roles that review, in order, as the policy said when the case was opened."""
        return tuple(self.progress.get("levels", ()))

    def marked(self, name: str) -> bool:
        return bool(self.progress.get(name))
