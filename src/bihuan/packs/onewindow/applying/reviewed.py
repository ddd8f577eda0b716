"""Who is under review once a bad review has come, and what is kept from them: they neither see nor influence who gave it (rules.md B3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.kernel.cases.models import Case
from bihuan.kernel.evaluation.rules import DISCONTENT
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.themes.workflow import PART
from bihuan.packs.onewindow.workflow import who_evaluates

KEPT = frozenset(
    (
        "evaluate",
        "complain",
        "will_not_evaluate",
        "contact",
        "ask_exclusion",
        "revisit",
        "evaluate_again",
        "complain_again",
    )
)
"""Steps whose words are the applicant's, or tell them again. What was found, and what is to be put right, those under review read."""


def kept_from(case: Case, person: int) -> frozenset[str]:
    """`KEPT` for whoever took in, examined or decided the application, or a part of it, that has a bad review; nothing for others."""
    whole = case
    if case.workflow == PART.key:
        with kernel_writes():
            whole = Case.objects.get(pk=case.origin_id)
    if not set(DISCONTENT) & set(whole.facts.get("grades", ())):
        return frozenset()
    return KEPT if person in _reviewed(whole) else frozenset()


def _reviewed(whole: Case) -> set[int]:
    with kernel_writes():
        parts = list(Case.objects.filter(origin=whole, workflow=PART.key).values_list("progress", flat=True))
    did: list[Mapping[str, Any]] = [one.get("did", {}) for one in (whole.progress, *parts)]
    return {person for one in did for duty in who_evaluates for person in one.get(duty, ())}
