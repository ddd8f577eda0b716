"""Planning the stages of single works."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.models import Covered, Stage
from bihuan.packs.fire.projects.services import STREAM, project_found
from bihuan.packs.fire.stages.rules import MOST_SEGMENTS, plan_of


def stages_plan(
    *, scope: Scope, project: int, works: Sequence[int], kinds: Iterable[str], segments: int, now: datetime
) -> int:
    """Plan the stages of these single works anew. Returns how many stages were planned.

    Refusal for a work of which a stage was applied for, or that is no work of the project.
    """
    if not 1 <= segments <= MOST_SEGMENTS:
        raise Refusal("range", _("主体分段应为 1 至 %s 段。") % MOST_SEGMENTS, field="segments")
    plan = plan_of(kinds, segments)
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        found = list(row.works.filter(pk__in=works))
        if not found or len(found) != len(set(works)):
            raise Refusal("choice", _("请选要分阶段验收的单体工程。"), field="works")
        begun = Covered.objects.filter(stage__work__in=found).select_related("stage__work").first()
        if begun is not None:
            raise Refusal(
                "in_hand", _("“%s”已申请过验收,阶段不能再改。") % begun.stage.work.name, field="works"
            )
        Stage.objects.filter(work__in=found).delete()
        Stage.objects.bulk_create(
            Stage(work=work, kind=kind, segment=segment) for work in found for kind, segment in plan
        )
        data = {
            "project": row.pk,
            "works": [work.pk for work in found],
            "stages": [list(one) for one in plan],
        }
        register_append(stream=STREAM, kind="stages_planned", at=now, by=scope.person, data=data)
    return len(found) * len(plan)
