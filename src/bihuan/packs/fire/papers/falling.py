"""What rests on a document, and falls with it when it is revoked."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from bihuan.kernel.certificates.changes import change_follows
from bihuan.kernel.certificates.grounds import RESTS
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import SUSPENDED, VALID
from bihuan.kernel.certificates.services import certificate_revoke
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.merging.selectors import permits_of
from bihuan.packs.fire.models import Covered, ProjectCase
from bihuan.packs.fire.owners.telling import change_told
from bihuan.packs.fire.projects.lapsing import applications_lapse, under_way
from bihuan.packs.fire.stages.covering import stage_told
from bihuan.packs.fire.stages.rules import PASSED

DESIGN, STAGE, WHOLE, FILED = (
    "fire_design_opinion",
    "fire_stage_opinion",
    "fire_acceptance_opinion",
    "fire_filed",
)
APPROVALS = {"acceptance": (WHOLE, STAGE), "filing": (FILED,)}
"""By the class of the phases that are verified in advance: the approvals that rest on them."""
ENDED = "ended"


def document_changed(certificate: int, act: str, reason: str, by: int, now: datetime) -> None:
    """With a revoked opinion on the design the acceptances under way go back, and who issued the construction permit is asked whether it is
    suspended (行政许可法 art. 69: the organ decides); with that on stages their stages are open again, and
    the opinion on the whole falls; with its certificate a filing under way ends. The owner is told of every change. In the caller's transaction."""
    row, case = _of(certificate)
    change_told(row, act, now)
    if act != "revoke" or case is None:
        return
    if row.kind == DESIGN:
        applications_lapse(under_way(case.project_id, "acceptance"), reason=reason, now=now)
        _permits_asked(row, case, reason, by, now)
    if row.kind == FILED:
        applications_lapse(
            under_way(case.project_id, "filing").filter(pk=row.case_id), reason=reason, now=now
        )
    if row.kind == STAGE:
        _covered(row).update(outcome=ENDED)
        for whole in _wholes(case):
            certificate_revoke(
                certificate=whole.pk, reason=f"所依据的 {row.number} 已撤销:{reason}"[:500], by=by, now=now
            )


def document_resting(certificate: int) -> list[str]:
    """What falls with a document when it is revoked, and what must be looked at apart, in words."""
    row, case = _of(certificate)
    if case is None:
        return []
    told: list[str] = []
    if row.kind == DESIGN:
        told += [
            gettext("%s 的验收回到待受理") % one.number for one in under_way(case.project_id, "acceptance")
        ]
        told.append(gettext("要重新申请消防设计审查,合格后才能再验收。"))
        told += [
            gettext("施工许可证 %s 不自动失效:随即请发证机关决定是否暂停使用,决定以前一直提示。") % one.number
            for one in permits_of(case.project)
        ]
    if row.kind == FILED:
        told += [
            gettext("%s 的备案失效") % one.number
            for one in under_way(case.project_id, "filing").filter(pk=row.case_id)
        ]
        told.append(gettext("要重新办理备案。"))
    if row.kind == STAGE:
        stages = _covered(row).select_related("stage__work")
        told += [gettext("%s 要重新申请验收") % stage_told(one.stage) for one in stages]
        told += [gettext("整个项目的意见书 %s") % one.number for one in _wholes(case)]
    return told


def _of(certificate: int) -> tuple[Certificate, ProjectCase | None]:
    row = Certificate.objects.get(pk=certificate)
    return row, ProjectCase.objects.filter(case=row.case_id).first()


def _covered(row: Certificate) -> QuerySet[Covered]:
    return Covered.objects.filter(case=row.case_id, outcome=PASSED)


def _wholes(case: ProjectCase) -> QuerySet[Certificate]:
    """The opinions on the whole of a project that is accepted in stages."""
    staged = Covered.objects.filter(stage__work__project=case.project_id).values("case")
    return Certificate.objects.filter(kind=WHOLE, state__in=(VALID, SUSPENDED), case__in=staged).order_by(
        "pk"
    )


def _permits_asked(row: Certificate, case: ProjectCase, reason: str, by: int, now: datetime) -> None:
    """In the name of who asked for the opinion to be revoked, so that whoever decided that may decide this too."""
    asked = row.changes.filter(act="revoke", outcome="granted").values_list("asked_by", flat=True).last()
    with kernel_writes():
        for permit in permits_of(case.project).select_related("case"):
            change_follows(
                certificate=permit,
                act="suspend",
                ground=RESTS,
                reason=f"所依据的 {row.number} 已撤销:{reason}",
                by=asked or by,
                now=now,
            )
