"""case_act: one door for screens and interfaces. It finds the writer that a step belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bihuan.kernel.cases.merging import case_merge, case_unmerge
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.pack import packs, workflows
from bihuan.lib.refusals import NotFound
from bihuan.lib.text import FieldError


def case_act(
    *,
    case_id: int,
    step: str,
    by: int,
    now: datetime,
    version: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Moved:
    """Take a step on a case that the present scope may see; NotFound otherwise. Raises as `case_move` does."""
    row = Case.objects.filter(pk=case_id).values("pack", "workflow").first()
    if row is None:
        raise NotFound("not_found", "没有这一件,或您无权查看。")
    merging = workflows()[row["workflow"]].merging
    given = dict(data or {})
    if merging and step == merging.merge:
        return case_merge(case_id=case_id, into=_survivor(given), by=by, now=now, version=version, data=given)
    if merging and step == merging.unmerge:
        return case_unmerge(case_id=case_id, by=by, now=now, version=version, data=given)
    writer = packs()[row["pack"]].writers.get(step, case_move)
    return writer(case_id=case_id, step=step, by=by, now=now, version=version, data=given)


def _survivor(data: dict[str, Any]) -> int:
    """The case named by id or by number; it must be visible to whoever merges."""
    named = str(data.pop("case", "") or "").replace("\0", "").strip()
    wanted = {"pk": int(named)} if named.isdecimal() and len(named) < 19 else {"number": named}
    found = Case.objects.filter(**wanted).values_list("pk", flat=True).first()
    if found is None:
        raise FieldError("case", "unknown_case", "没有这一件,或您无权查看。")
    return int(found)
