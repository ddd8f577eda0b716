"""A phase of a project is verified in advance (容后分步按类)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.models import PreCheck
from bihuan.packs.fire.projects.deferring import Later, deferred_add
from bihuan.packs.fire.projects.phases import CLASSES, PHASES
from bihuan.packs.fire.projects.services import STREAM, project_found


def precheck_pass(
    *, scope: Scope, project: int, kind: str, phase: int, now: datetime, later: Sequence[Later] = ()
) -> PreCheck:
    """A phase is verified in advance: in order, once. `later` are the things that may follow later (容后)."""
    if kind not in dict(CLASSES) or phase not in dict(PHASES):
        raise Refusal("choice", _("没有这一个时段。"), field="phase")
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        if (kind == "filing") is row.special:
            raise Refusal("way", _("特殊建设工程按验收类核查,其他建设工程按备案类核查。"), field="kind")
        done = set(row.prechecks.filter(kind=kind, revoked_at=None).values_list("phase", flat=True))
        if phase in done:
            raise Refusal("in_hand", _("这一时段已经核查通过。"), field="phase")
        if phase > 1 and phase - 1 not in done:
            raise Refusal("order", _("按 图纸核对、质量核实、手续核准 的次序核查。"), field="phase")
        made = PreCheck.objects.create(
            project=row, kind=kind, phase=phase, passed_at=now, passed_by_id=scope.person
        )
        told = [f"{one.name}({one.due.isoformat()})" for one in later]
        data = {"project": row.pk, "kind": kind, "phase": phase, "deferred": told}
        register_append(stream=STREAM, kind="precheck_passed", at=now, by=scope.person, data=data)
        deferred_add(made, later, now=now)
        return made
