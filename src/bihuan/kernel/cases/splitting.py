"""case_split: assisting units get cases of their own, which end before the lead unit's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.opening import Opening
from bihuan.kernel.workflow.model import Joint
from bihuan.lib.refusals import Refusal


def assisting_openings(
    draft: Draft,
    joint: Joint | None,
    *,
    units: Sequence[int],
    by: int,
    now: datetime,
    data: Mapping[str, Any],
) -> list[Opening]:
    """What the assisting units' cases begin with. The lead unit sees them; the caller's data stays with the parent."""
    row = draft.row
    if joint is None:
        raise Refusal("joint", "这类件不设协办。")
    parent = Case.objects.select_related("content").get(pk=row.id)
    existing = set(Case.objects.filter(parent_id=row.id, closed_at=None).values_list("unit_id", flat=True))
    lead = [c.due_at for (kind, _), c in draft.clocks.items() if kind == joint.lead_clock and c.due_at]
    ends_before = now + (min(lead) - now) / 2 if lead and min(lead) > now else None
    words = "\n".join(str(value) for value in data.values() if isinstance(value, str))
    return [
        Opening(
            pack=row.pack,
            title=f"协办:{parent.title}"[:200],
            text=f"{words}\n\n{parent.content.text}"[:4000],
            unit=unit,
            opened_by=row.unit_id,
            by=by,
            now=now,
            reported_at=parent.reported_at,
            matter=parent.matter,
            place=parent.place,
            territory=row.territory_id,
            region=row.region,
            facts={**row.facts, "reachable": False},
            urgent=row.urgent,
            confidential=row.confidential,
            parent=row.id,
            viewers=(row.unit_id, row.opened_by_id),
            ends_before=ends_before,
        )
        for unit in units
        if unit not in existing
    ]
