"""Open cases of a unit that is no more go to the unit that was named when it was closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.identity.models import Grant, Unit, holds_on
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles, workflows

BATCH = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open cases of a unit in one state, and whether another unit could go on with them."""

    workflow: str
    state: str
    count: int
    role: str
    staffed: bool


def cases_waiting(*, unit: int, to: int | None, now: datetime) -> list[Waiting]:
    """The open cases of a unit by state, and whether `to` has somebody for the next step of each."""
    held = _staffed(to, now) if to else frozenset()
    with kernel_writes():
        rows = Case.objects.filter(unit=unit, closed_at=None).values_list("workflow", "state")
        counted = list(rows.annotate(Count("pk")).order_by("workflow", "state"))
    found = []
    for workflow, state, count in counted:
        role = workflows()[workflow].state[state].waits_for
        found.append(Waiting(workflow, state, count, role, _goes_on(role, held)))
    return found


def cases_succeed(*, now: datetime, by: int | str) -> int:
    """Move the open cases of every unit that ended to its successor, with an entry each. Returns how many.

    A case whose next step nobody in the successor could take stays and is tried again the next day (ADR 8).
    """
    on, moved = timezone.localdate(now), 0
    for unit in Unit.objects.filter(valid_to__lte=on).exclude(successor=None):
        with kernel_writes():
            ids = list(Case.objects.filter(unit=unit, closed_at=None).values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            moved += _moved(ids[start : start + BATCH], unit, by=by, now=now)
    return moved


def _moved(ids: Sequence[int], unit: Unit, *, by: int | str, now: datetime) -> int:
    to = unit.successor_id
    assert to is not None
    with writer_cursor() as cursor:
        drafts, _held = cases_lock(cursor, ids, now=now, units=[to])
        going = [d for d in drafts.values() if _may_go(d, unit.pk, to)]
        for draft in going:
            row = draft.row
            row.unit_id, row.handler_id = to, None
            row.version += 1
            data = {"from": unit.pk, "unit": to, "version": row.version}
            draft.enter(kind="unit_succeeded", at=now, by=by, data=data)
        cases_write(cursor, going)
    return len(going)


def _may_go(draft: Draft, unit: int, to: int) -> bool:
    role = draft.workflow.state[draft.row.state].waits_for
    open_here = draft.row.unit_id == unit and draft.row.closed_at is None
    return open_here and _goes_on(role, draft.staffed.get(to, frozenset()))


def _goes_on(role: str, held: frozenset[str]) -> bool:
    known = roles().get(role)
    return known is None or known.acts != "holder" or role in held


def _staffed(unit: int, now: datetime) -> frozenset[str]:
    on = timezone.localdate(now)
    grants = Grant.objects.filter(holds_on(on), unit=unit, person__is_active=True)
    return frozenset(grants.values_list("role", flat=True))
