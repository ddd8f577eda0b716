"""Reading stages for the pages of a project."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.packs.fire.models import Covered, Project, SingleWork, Stage
from bihuan.packs.fire.stages.covering import stages_read
from bihuan.packs.fire.stages.rules import FAILED, LABELS, OPEN, PASSED, STANDINGS, accepted, standing


@dataclass(frozen=True, slots=True)
class StageTold:
    """A stage with its standing, the words for both, the latest case, and whether it may be applied for."""

    stage: Stage
    label: str
    standing: str
    words: str
    case: Case | None
    open: bool


@dataclass(frozen=True, slots=True)
class WorkTold:
    """A single work with its stages; accepted once each has passed."""

    work: SingleWork
    stages: list[StageTold]
    accepted: bool


@dataclass(frozen=True, slots=True)
class StageCounts:
    """How many stages have passed of all, and how many works are accepted of all."""

    passed: int
    stages: int
    accepted: int
    works: int


def works_told(project: Project) -> list[WorkTold]:
    """Every single work with its stages."""
    told: dict[int, list[StageTold]] = {}
    planned = stages_read(project)
    covers = Covered.objects.filter(stage__in=[stage for stage, _outcomes in planned])
    cases = {one.stage_id: one.case for one in covers.select_related("case").order_by("pk")}
    for stage, outcomes in planned:
        now_is = standing(outcomes)
        segment = gettext("第 %s 段") % stage.segment if stage.segment else ""
        label = f"{gettext(LABELS[stage.kind])} {segment}".strip()
        one = StageTold(
            stage, label, now_is, gettext(STANDINGS[now_is]), cases.get(stage.pk), now_is in (OPEN, FAILED)
        )
        told.setdefault(stage.work_id, []).append(one)
    return [
        WorkTold(work, told.get(work.pk, []), accepted([one.standing for one in told.get(work.pk, [])]))
        for work in project.works.all()
    ]


def stage_counts(works: list[WorkTold]) -> StageCounts | None:
    """Figures of the stages; None where nothing is accepted in stages."""
    stages = [one for work in works for one in work.stages]
    if not stages:
        return None
    passed = sum(one.standing == PASSED for one in stages)
    return StageCounts(passed, len(stages), sum(work.accepted for work in works), len(works))
