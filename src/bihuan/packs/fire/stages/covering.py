"""Stages covered by an application, and what becomes of them with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.models import Covered, Project, SingleWork, Stage
from bihuan.packs.fire.stages.rules import (
    FAILED,
    IN_HAND,
    LABELS,
    PASSED,
    Early,
    accepted,
    early_faults,
    standing,
)

OUTCOMES = {"passed": PASSED, "failed": FAILED, "declined": "ended", "withdrawn": "ended"}
"""What the last state of an application means for the stages that it covers."""


def covers_judged(project: Project, chosen: Sequence[int], early: Early, *, now: datetime) -> list[Stage]:
    """The stages that an application of a project will cover. Refusal for one that has passed, is in hand or is not the
    project's, and for works to be used before the rest where the rule does not allow it.
    """
    planned = stages_read(project)
    stages = {stage.pk: stage for stage, _outcomes in planned}
    if not stages and not chosen:
        return []
    if not chosen:
        raise Refusal("stage", _("这个项目分阶段验收:请选这次申请的单体和阶段。"), field="stages")
    standings = {stage.pk: standing(outcomes) for stage, outcomes in planned}
    for one in chosen:
        if one not in stages:
            raise Refusal("stage", _("这个项目没有这一阶段。"), field="stages")
        if standings[one] == PASSED:
            raise Refusal("stage", _("“%s”已经通过,不再要求申请。") % stage_told(stages[one]), field="stages")
        if standings[one] == IN_HAND:
            raise Refusal("stage", _("“%s”已有一件申请在办。") % stage_told(stages[one]), field="stages")
    _early_check(early, stages, standings, set(chosen), now)
    return [stages[one] for one in sorted(set(chosen))]


def _early_check(
    early: Early, stages: dict[int, Stage], standings: dict[int, str], chosen: set[int], now: datetime
) -> None:
    works = {stages[one].work_id for one in chosen}
    rest = [pk for pk, stage in stages.items() if stage.work_id in works and pk not in chosen]
    allowed = policy_in_force(code="fire.partial", region=settings.REGION, on=day_of(now)).value == "allowed"
    faults = early_faults(early, allowed=allowed, whole_works=all(standings[pk] == PASSED for pk in rest))
    if "partial_closed" in faults:
        raise Refusal(
            "partial_closed", _("本地规定不办理局部验收,全部单体验收合格后才能投入使用。"), field="early"
        )
    if "partial_unfinished" in faults:
        raise Refusal(
            "partial_unfinished", _("先投入使用的单体,要把它的各阶段一并申请或都已通过。"), field="early"
        )
    if faults:
        raise Refusal(
            "partial_dependent",
            _("只有能独立使用、并且使用安全的部分才能局部验收:两项都要声明。"),
            field="early",
        )


def stages_cover(*, case: int, stages: Sequence[Stage]) -> None:
    """The case covers these stages, in the caller's transaction."""
    Covered.objects.bulk_create(Covered(stage=stage, case_id=case) for stage in stages)


def stages_settle(*, case: int, state: str, closed: bool) -> bool:
    """A case that covers stages has moved: its end is their outcome. True when the whole project is accepted by it."""
    if not closed or state not in OUTCOMES:
        return False
    with kernel_writes():
        covered = Covered.objects.filter(case=case).select_related("stage__work").first()
        if covered is None:
            return False
        project = Project.objects.select_for_update().get(pk=covered.stage.work.project_id)
        Covered.objects.filter(case=case).update(outcome=OUTCOMES[state])
        return OUTCOMES[state] == PASSED and project_accepted(project)


def project_accepted(project: Project) -> bool:
    """Has every stage of every single work passed?"""
    planned = stages_read(project)
    planless = SingleWork.objects.filter(project=project, stages=None).exists()
    return not planless and accepted([standing(outcomes) for _stage, outcomes in planned])


def stages_read(project: Project) -> list[tuple[Stage, list[str]]]:
    """The stages of a project in the order of its works, each with the outcomes of what covered it."""
    stages = list(Stage.objects.filter(work__project=project).select_related("work").order_by("work", "pk"))
    outcomes: dict[int, list[str]] = {}
    covers = Covered.objects.filter(stage__in=stages).order_by("pk")
    for stage, outcome in covers.values_list("stage", "outcome"):
        outcomes.setdefault(stage, []).append(outcome)
    return [(stage, outcomes.get(stage.pk, [])) for stage in stages]


def stage_told(stage: Stage) -> str:
    """A stage in Chinese: the name of the work, the stage, the segment."""
    return f"{stage.work.name}:{LABELS[stage.kind]}" + (f"第{stage.segment}段" if stage.segment else "")
