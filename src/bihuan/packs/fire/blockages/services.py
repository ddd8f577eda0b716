"""Writing blockages: recorded and given to a unit with a day, at once."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import case_open
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.blockages.stages import STAGES
from bihuan.packs.fire.keys import key_lock, key_taken
from bihuan.packs.fire.models import Blockage
from bihuan.packs.fire.projects.opening import project_opening
from bihuan.packs.fire.projects.services import project_found


def blockage_record(
    *, scope: Scope, project: int, stage: str, words: str, unit: int, due: date, key: str, now: datetime
) -> Blockage:
    """Record what blocks a project at a stage and give it to a unit, to be cleared by a day. The same `key` returns the same one.

    Refusal for an unknown stage, a unit where nobody could act, a day that is past; then nothing was written.
    """
    if stage not in dict(STAGES):
        raise Refusal("choice", _("没有这一环节。"), field="stage")
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        key_lock(key)
        known = Blockage.objects.select_related("case").filter(key=key).first()
        if known is not None:
            if known.project_id != row.pk:
                raise key_taken()
            return known
        opened = case_open(
            project_opening(
                row, workflow="blockage", title=f"{dict(STAGES)[stage]}堵点:{row.name}", text=words, by=scope.person, now=now,
                facts={"stage": stage}, viewers=(row.unit_id,), passes_on=True,
            )
        )  # fmt: skip
        made = Blockage.objects.create(
            project=row, case=Case.objects.get(pk=opened.case), stage=stage, key=key
        )
        case_move(
            case_id=opened.case,
            step="assign",
            by=scope.person,
            now=now,
            data={"unit": unit, "due": due.isoformat()},
        )
        return Blockage.objects.select_related("case", "project").get(pk=made.pk)
