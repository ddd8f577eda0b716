"""An answer is given, at the seat or by the unit; which ready answers it was made of is counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.packs.hotline.answers.ready import ready_answers_use

ANSWERING = ("answer", "answer_at_seat")


def order_answer(
    *,
    case_id: int,
    step: str,
    by: int,
    now: datetime,
    version: int | None = None,
    data: Mapping[str, Any],
) -> Moved:
    """`case_move` by a step that answers, and the ready answers in its words are counted. Raises what `case_move` raises."""
    with transaction.atomic():
        moved = case_move(case_id=case_id, step=step, by=by, now=now, version=version, data=data)
        ready_answers_use(case=case_id, text=str(data.get("answer", "")), by=by, now=now)
    return moved
