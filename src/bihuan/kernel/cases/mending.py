"""case_mended: what waited for works goes on by itself once they are proved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.pack import workflows
from bihuan.lib.refusals import Refusal


def case_mended(*, case: int, answer: str, now: datetime) -> Moved | None:
    """Let a case go on, as the system, by the first of its workflow's `mended` steps that the rules allow where it is now.

    `answer` is what its callers are told of the works. None, and nothing is written, where the rules allow none: a case that was
    closed or answered meanwhile keeps to its own way. What was merged into it follows as ever (`Merging.release`).
    """
    workflow = workflows()[Case.objects.values_list("workflow", flat=True).get(pk=case)]
    for code in workflow.mended:
        asked = {ask.name for ask in workflow.by_code[code].asks}
        data = {"answer": answer} if "answer" in asked else {}
        try:
            with transaction.atomic():
                return case_move(case_id=case, step=code, by=0, now=now, data=data)
        except Refusal:
            continue
    return None
