"""Which case the chosen ones are merged into: one of themselves, or one that is alike, to be picked by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.parts import cases_alike
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import Step

SHOWN = 20
OTHER = "other"
"""What the form calls the field of a number that is typed by hand."""


@dataclass(frozen=True, slots=True)
class Target:
    """A case that may be chosen: it is one of those picked or only alike, and `merged` others wait for it already."""

    case: Case
    picked: bool
    merged: int


def case_asked(step: Step) -> Ask | None:
    """The field of a step that asks which case."""
    return next((ask for ask in step.asks if ask.kind == "case"), None)


def targets_found(ids: Sequence[int]) -> list[Target]:
    """Of the cases picked those that may go on for all, first the one that most others wait for, then the oldest; then what is
    like it. At most twenty, within the present scope. A case that was picked alone is no choice: it cannot go into itself.
    """
    open_ = Case.objects.filter(closed_at=None, merged_into=None, parent=None).select_related("unit")
    picked = [_target(case, picked=True) for case in open_.filter(pk__in=ids)]
    picked.sort(key=lambda one: (-one.merged, one.case.reported_at, one.case.pk))
    if not picked:
        return []
    known = set(ids)
    alike = [case.pk for case in cases_alike(picked[0].case) if case.pk not in known]
    found = open_.filter(pk__in=alike).in_bulk()
    return [
        *(picked if len(ids) > 1 else ()),
        *(_target(found[pk], picked=False) for pk in alike if pk in found),
    ][:SHOWN]


def _target(case: Case, *, picked: bool) -> Target:
    return Target(case, picked, len(case.progress.get("merged", ())))
