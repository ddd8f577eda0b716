"""Revoking a phase that was verified in advance: what rests on it lapses, whether it is under way or was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import SUSPENDED, VALID
from bihuan.kernel.certificates.services import certificate_revoke
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.packs.fire.models import PreCheck, ProjectCase
from bihuan.packs.fire.papers.falling import APPROVALS, document_changed
from bihuan.packs.fire.projects.deferring import owed_told
from bihuan.packs.fire.projects.lapsing import applications_lapse, owner_told, under_way
from bihuan.packs.fire.projects.selectors import DONE
from bihuan.packs.fire.projects.services import STREAM, project_found
from bihuan.packs.fire.workflows import CHIEF


@dataclass(frozen=True, slots=True)
class Resting:
    """What rests on a phase: the phases that lapse, the cases under way, and the approvals of those that were decided."""

    phases: list[int]
    open: QuerySet[Case]
    approvals: QuerySet[Certificate]


def resting_on(check: PreCheck) -> Resting:
    """Of the check's class: later phases, every acceptance under way, and filings and opinions issued since the phase passed."""
    later = PreCheck.objects.filter(
        project=check.project_id, kind=check.kind, phase__gte=check.phase, revoked_at=None
    )
    of_project = ProjectCase.objects.filter(project=check.project_id, kind=check.kind).values("case")
    issued = Certificate.objects.filter(
        case__in=of_project, kind__in=APPROVALS[check.kind], state__in=(VALID, SUSPENDED), issued_at__gte=check.passed_at,
    )  # fmt: skip
    cases = under_way(check.project_id, check.kind)
    if check.kind == "filing":
        cases = cases.filter(pk__in=issued.values("case"))
    decided = issued.filter(case__state__in=DONE).select_related("case").order_by("pk")
    return Resting(sorted(later.values_list("phase", flat=True)), cases, decided)


def precheck_revoke(*, scope: Scope, precheck: int, reason: str, now: datetime) -> list[str]:
    """Revoke a phase: later ones lapse with it, acceptances under way go back before acceptance, filings end, the approvals of
    what was decided are revoked, and the owner is told. Returns the numbers of the cases.

    NotFound for another section's, or one that was revoked before; NotPermitted for anybody but its chief while approvals rest on it.
    """
    with transaction.atomic(), kernel_writes():
        found = _found(precheck)
        project = project_found(found.project_id, scope)
        resting = resting_on(_found(precheck))
        cases, approvals = list(resting.open), list(resting.approvals)
        falls = approvals or (found.kind == "filing" and cases)  # a filing under way has its certificate
        if falls and not any(h.role == CHIEF and h.unit == project.unit_id for h in scope.held):
            raise NotPermitted("not_permitted", _("有已签发的文书以这一核查为依据,撤销要由负责人来办。"))
        lapsing = PreCheck.objects.filter(
            phase__in=resting.phases, project=project, kind=found.kind, revoked_at=None
        )
        lapsing.update(revoked_at=now, revoked_by_id=scope.person, reason=reason)
        numbers = applications_lapse(resting.open, reason=reason, now=now)
        words = f"所依据的提前核查已撤销:{reason}"
        for one in approvals:
            certificate_revoke(certificate=one.pk, reason=words, by=scope.person, now=now)
            document_changed(one.pk, "revoke", reason, scope.person, now)
        cases += [one.case for one in approvals]
        numbers += [one.case.number for one in approvals]
        owed_told(project.pk, now=now)
        for case in cases:
            owner_told(project, case, key=str(found.pk), now=now)
        data = {"project": project.pk, "kind": found.kind, "phases": resting.phases, "cases": numbers}
        told = {"reason": reason}
        register_append(
            stream=STREAM, kind="precheck_revoked", at=now, by=scope.person, data=data, private=told
        )
        return numbers


def _found(precheck: int) -> PreCheck:
    found = PreCheck.objects.filter(pk=precheck, revoked_at=None).first()
    if found is None:
        raise NotFound("not_found", _("没有这一核查,或已经撤销。"))
    return found
