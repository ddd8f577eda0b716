"""Reading blockages: the list, and figures by stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from bihuan.packs.fire.blockages.stages import STAGES
from bihuan.packs.fire.models import Blockage


@dataclass(frozen=True, slots=True)
class StageSums:
    """Blockages of a stage: recorded, open, late of the open ones, cleared and confirmed, done again."""

    code: str
    label: str
    recorded: int
    open: int
    late: int
    confirmed: int
    redone: int


def blockages_found(*, stage: str = "", project: int | None = None) -> QuerySet[Blockage]:
    """Blockages that may be seen, those due first on top."""
    rows = Blockage.objects.select_related("project", "case", "case__unit").order_by(
        "case__closed_at", "case__due_at", "-pk"
    )
    rows = rows.filter(stage=stage) if stage else rows
    return rows.filter(project=project) if project else rows


def stages_summed(now: datetime) -> list[StageSums]:
    """Every stage of the chain, those without a blockage too."""
    open_ = Q(case__closed_at=None)
    counted = {
        stage: numbers
        for stage, *numbers in Blockage.objects.values_list("stage").annotate(
            recorded=Count("pk"),
            open=Count("pk", filter=open_),
            late=Count("pk", filter=open_ & Q(case__due_at__lt=now)),
            confirmed=Count("pk", filter=Q(case__state="confirmed")),
            redone=Count("pk", filter=Q(case__redo_count__gt=0)),
        )
    }
    return [StageSums(code, label, *counted.get(code, (0, 0, 0, 0, 0))) for code, label in STAGES]
