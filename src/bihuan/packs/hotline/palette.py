"""Ready answers in the palette: put into the present case's answer, or, for who keeps them, opened to be changed."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.finding.palette import Entry, Group, said_in, step_address
from bihuan.kernel.identity.scope import Scope
from bihuan.packs.hotline.answers.ready import KEEPER, ready_answers_fitting, ready_answers_kept

SHOWN = 5


def palette_found(*, scope: Scope, text: str, case: Case | None) -> list[Group]:
    """With nothing typed, those that fit the present case; else those that hold the words."""
    answering = case is not None and case.pack == "hotline" and case.state == "handling"
    if not (answering or (text and scope.holds(KEEPER))):
        return []
    if text:
        found = [one for one in ready_answers_kept() if said_in(f"{one.title}\n{one.text}", text)]
    else:
        found = ready_answers_fitting(case) if case else []
    entries = [
        Entry(
            one.title,
            one.text[:40],
            step_address(case, "answer", ready=one.pk)
            if case and answering
            else f"{reverse('hotline:answers')}?answer={one.pk}",
        )
        for one in found[:SHOWN]
    ]
    return [Group("answers", gettext("现成答复"), entries)]
