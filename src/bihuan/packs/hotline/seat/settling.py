"""What the seat settles itself: an order taken in and answered, or declined, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any

from django.db import transaction

from bihuan.kernel.cases.moving import case_move
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.answering import order_answer
from bihuan.packs.hotline.dispatching import Decision, dispatch_map
from bihuan.packs.hotline.order_data import order_clean
from bihuan.packs.hotline.reasons import reason
from bihuan.packs.hotline.services import Taken, orders_enter

STEPS = {"answer": "answer_at_seat", "decline": "decline"}
"""What an agent chooses instead of dispatch, and the step that it is."""
WHY = {"answer": "seat", "decline": "declined"}
"""The reason that is stored."""
GUARDED = {"may_be_answered_at_seat": "outcome", "route_is_named": "route"}
"""The field beside which a guard's refusal is read."""


def order_settle(
    *, data: Mapping[str, Any], outcome: str, words: Mapping[str, str], by: int, now: datetime
) -> Taken:
    """Take an order in and answer or decline it at once. `words` are the fields of the step.

    FieldError or Refusal names the rule; then nothing was written, the order neither.
    """
    started, at = perf_counter(), dispatch_map()
    order, faults = order_clean(data, now=now, words=at.words())
    if order is None:
        raise faults[0]
    held = Decision(at.centre.id, "hold", order.matter, reasons=(reason(WHY[outcome]),))
    with transaction.atomic():
        (taken,) = orders_enter(orders=[order], by=by, started=started, decided=(at, [held]))
        try:
            take = order_answer if outcome == "answer" else case_move
            moved = take(case_id=taken.case, step=STEPS[outcome], by=by, now=now, data=dict(words))
        except Refusal as refusal:
            if refusal.code in GUARDED:
                raise FieldError(GUARDED[refusal.code], refusal.code, refusal.message) from refusal
            raise
    return replace(taken, state=moved.state, version=moved.version)
