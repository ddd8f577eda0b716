"""An officer names the unit: the time to the desk ends, and what differs from the proposal is kept as training data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.packs.hotline.dispatching import DispatchMap, dispatch_map
from bihuan.packs.hotline.models import Correction, Order
from bihuan.packs.hotline.text.store import model_text

ASSIGNING = ("dispatch", "assign", "accept_return", "rule")


def order_assign(
    *,
    case_id: int,
    step: str,
    by: int,
    now: datetime,
    version: int | None = None,
    data: Mapping[str, Any],
) -> Moved:
    """An officer names the unit: `case_move` by dispatch, assign, accept_return or rule, and what follows
    for dispatch.

    The time to the final unit ends now if it still ran. When the unit, or the `matter` that the officer
    gives (a code), differs from what was proposed, the message is kept as training data. Raises what
    `case_move` raises.
    """
    if step not in ASSIGNING:
        raise Refusal("unknown_step", f"“{step[:40]}”不是派单的步骤。", field="step")
    at = dispatch_map()
    with transaction.atomic():
        before = Case.objects.filter(pk=case_id).values_list("matter", flat=True).first()
        result = case_move(case_id=case_id, step=step, by=by, now=now, version=version, data=data)
        with kernel_writes():
            order = (
                Order.objects.select_for_update(of=("self",))
                .select_related("case__content")
                .filter(case_id=case_id)
                .first()
            )
            if order is None:  # opened by another pack, not by a caller
                return result
            if order.on_desk_at is None:
                Order.objects.filter(case_id=case_id).update(on_desk_at=now)
            proposed = order.model_label or before or ""
            correct = _correction(order, proposed, result.unit, str(data.get("matter") or ""), at)
            if correct:
                text = model_text(order.case.title, order.case.content.text)
                Correction.objects.create(
                    case_id=case_id,
                    text=text,
                    proposed=order.model_label,
                    correct=correct,
                    by_id=by or None,
                    at=now,
                )
    return result


def _correction(order: Order, proposed: str, unit: int, matter: str, at: DispatchMap) -> str:
    """The right matter, or the right unit's code, when it is not what was proposed; else ""."""
    if matter:
        return matter if matter != proposed else ""
    territory = order.case.territory_id
    place = at.places.by_id.get(territory) if territory else None
    on = order.case.basis_date
    row = at.row_for(proposed, at.places.runner_of(place, on=on), on=on) if place and proposed else None
    expected = (row.unit or territory) if row else None
    return "" if expected == unit else str(Unit.objects.values_list("code", flat=True).get(pk=unit))
