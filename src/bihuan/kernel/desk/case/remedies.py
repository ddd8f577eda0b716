"""What still stands in the way of a step, and which step would mend it: read off the rules and the effects themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bihuan.kernel.cases.draft import COLUMN_MARKS, Draft
from bihuan.kernel.cases.facts import CaseFacts
from bihuan.kernel.workflow.model import Guard, Step


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that does not hold yet, in its own words; `remedy` is a step after which it would."""

    sentence: str
    remedy: Step | None = None


def checks_of(draft: Draft, step: Step, mine: Iterable[Step], *, by: int, now: datetime) -> list[Check]:
    """Every rule of `step` that does not hold, with the first of the steps `mine` that would mend it."""
    facts = draft.facts(by=by, now=now)
    judged = draft.pack.judge(facts)
    others = [other for other in mine if other.target == "same"]
    return [
        Check(_sentence(guard), next((o for o in others if _mends(draft, facts, o, guard)), None))
        for guard in step.when
        if not guard(judged)
    ]


def _mends(draft: Draft, facts: CaseFacts, step: Step, guard: Guard) -> bool:
    """Would the guard hold after this step, taken with the first of each choice and yes to every question?"""
    if not (step.code in draft.pack.on_step or any(effect.verb == "mark" for effect in step.does)):
        return False
    marks = {e.what: True for e in step.does if e.verb == "mark" and e.what not in COLUMN_MARKS}
    data = {ask.name: ask.choices[0][0] if ask.choices else ask.kind == "yes" or None for ask in step.asks}
    kept = draft.pack.on_step.get(step.code, lambda case: {})(replace(facts, data=data))
    after = replace(facts, progress={**facts.progress, **marks}, facts={**facts.facts, **kept})
    return guard(draft.pack.judge(after))


def _sentence(guard: Guard) -> str:
    """The rule's own phrase, in Chinese."""
    return " ".join((guard.__doc__ or "").split())
