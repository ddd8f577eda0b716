"""case_act: one door for screens and interfaces. It finds the writer that a step belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bihuan.kernel.cases.merging import case_merge, case_unmerge
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.named import cases_resolve
from bihuan.kernel.pack import packs, workflows
from bihuan.lib.refusals import NotFound


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
    taken = workflows()[row["workflow"]].by_code.get(step)
    given = cases_resolve(taken, data or {}) if taken else dict(data or {})
    if merging and step == merging.merge:
        into = int(given.pop("case", 0))
        return case_merge(case_id=case_id, into=into, by=by, now=now, version=version, data=given)
    if merging and step == merging.unmerge:
        return case_unmerge(case_id=case_id, by=by, now=now, version=version, data=given)
    writer = packs()[row["pack"]].writers.get(step, case_move)
    return writer(case_id=case_id, step=step, by=by, now=now, version=version, data=given)
