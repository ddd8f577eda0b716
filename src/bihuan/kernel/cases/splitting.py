"""case_split: assisting units get cases of their own, which end before the lead unit's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.opening import Opening
from bihuan.lib.refusals import Refusal


def assisting_openings(drafts: Sequence[Draft]) -> list[Opening]:
    """What the cases of the assisting units begin with that the splits of these drafts name. The lead units see them."""
    if not drafts:
        return []
    ids = [draft.row.id for draft in drafts]
    parents = Case.objects.select_related("content").in_bulk(ids)
    asked = Case.objects.filter(parent_id__in=ids, closed_at=None).values_list("parent_id", "unit_id")
    known = set(asked)
    return [
        opening
        for draft in drafts
        for split in draft.splits
        for opening in _openings(draft, parents[draft.row.id], **split)
        if (draft.row.id, opening.unit) not in known
    ]


def _openings(
    draft: Draft, parent: Case, *, units: Sequence[int], by: int, now: datetime, data: Mapping[str, Any]
) -> Iterator[Opening]:
    """One for each unit; the caller's data stays with the parent."""
    row, joint = draft.row, draft.workflow.joint
    if joint is None:
        raise Refusal("joint", "这类件不设协办。")
    lead = [c.due_at for (kind, _), c in draft.clocks.items() if kind == joint.lead_clock and c.due_at]
    ends_before = now + (min(lead) - now) / 2 if lead and min(lead) > now else None
    words = "\n".join(str(value) for value in data.values() if isinstance(value, str))
    for unit in units:
        yield Opening(
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
