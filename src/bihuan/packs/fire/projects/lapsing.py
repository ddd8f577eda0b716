"""Applications under way lapse when what they rest on is revoked."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.notices.services import notice_put
from bihuan.packs.fire.models import Project, ProjectCase

UNDER_WAY = {
    "acceptance": ("evaluating", "to_pass", "to_fail"),
    "filing": ("filed", "checking", "rectifying", "rechecking"),
}
"""The states between being accepted and being closed, from which the step `lapse` leads."""


def under_way(project: int, kind: str) -> QuerySet[Case]:
    """The applications of a project that were accepted and are not closed: what rests on a pre-check or a review."""
    resting = ProjectCase.objects.filter(project=project, kind=kind)
    return Case.objects.filter(
        pk__in=resting.values("case"), closed_at=None, state__in=UNDER_WAY[kind]
    ).order_by("pk")


def applications_lapse(cases: QuerySet[Case], *, reason: str, now: datetime) -> list[str]:
    """An acceptance goes back before it was accepted, a filing ends; in the caller's transaction. Returns their numbers."""
    numbers = []
    for case in cases:
        case_move(case_id=case.pk, step="lapse", by=0, now=now, data={"reason": reason})
        numbers.append(case.number)
    return numbers


def owner_told(project: Project, case: Case, *, key: str, now: datetime) -> None:
    """Tell the owner, or the section where the owner has no account here, that something of a case lapsed."""
    notice_put(
        channel="in_app", template="approval_lapsed", key=f"fire-lapse:{key}:{case.pk}", now=now,
        context={"number": case.number, "state": case.state}, case=case.pk, unit=project.owner_unit_id or project.unit_id,
    )  # fmt: skip
