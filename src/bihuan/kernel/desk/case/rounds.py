"""The rounds of a case: what was done since it last came back, and of each earlier round the answer and why it was sent back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bihuan.kernel.cases.models import Case, CaseText
from bihuan.kernel.desk.case.loop_line import ORDER
from bihuan.kernel.desk.case.timeline import Told
from bihuan.kernel.workflow.model import Workflow
from bihuan.lib.masking import mask_text

REVIEWED = ORDER["reviewed"]


@dataclass(slots=True)
class Round:
    """Entries of one round, oldest first; `back` is the one that ended it, None for the present round."""

    entries: list[Told] = field(default_factory=list)
    back: Told | None = None


@dataclass(frozen=True, slots=True)
class Assisted:
    """What an assisting unit's case has come to."""

    case: Case
    answer: str


def rounds_of(told: Sequence[Told], workflow: Workflow) -> list[Round]:
    """The rounds, oldest first, from entries that are latest first. The last is the present one."""
    rounds = [Round()]
    for entry in reversed(told):
        if entry.kind != "move":
            continue
        if _is_back(entry.step, workflow):
            rounds[-1].back = entry
            rounds.append(Round())
        elif any(said.value or said.erased for said in entry.fields):
            rounds[-1].entries.append(entry)
    return rounds


def _is_back(code: str, workflow: Workflow) -> bool:
    """Does the step lead back from review or call-back to those who handle?"""
    step = workflow.by_code.get(code)
    if step is None or step.target not in workflow.state:
        return False
    before = min(ORDER[workflow.state[source].station] for source in step.sources)
    return before >= REVIEWED > ORDER[workflow.state[step.target].station]


def assisted_of(related: Sequence[tuple[str, Case]], case: Case) -> list[Assisted]:
    """The assisting units' cases of this one, with their results."""
    children = [other for _, other in related if other.parent_id == case.pk]
    answers = _answers([child.pk for child in children])
    return [Assisted(child, answers.get(child.pk, "")) for child in children]


def survivor_of(related: Sequence[tuple[str, Case]], case: Case) -> tuple[Case, str] | None:
    """The case that this one was merged into, with its answer: what its caller is told."""
    found = next((other for _, other in related if other.pk == case.merged_into_id), None)
    return (found, _answers([found.pk]).get(found.pk, "")) if found else None


def _answers(cases: Sequence[int]) -> dict[int, str]:
    if not cases:
        return {}
    found = CaseText.objects.filter(case__in=cases).values_list("case_id", "answer")
    return {case: mask_text(answer) for case, answer in found}
