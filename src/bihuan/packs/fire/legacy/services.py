"""Writing the programme: a legacy project is listed, with its proposed route, and becomes a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.legacy.rules import FAMILIES, SITUATIONS, Proposed, route_proposed
from bihuan.packs.fire.models import LegacyProject, Project, ProjectCase
from bihuan.packs.fire.projects.opening import project_opening
from bihuan.packs.fire.projects.services import STREAM, project_found

BATCHES = 99


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of a legacy project: its batch, what became of it in its time and when, whether the as-built drawings
    are there, which family of standards it is judged by, and the zone's department that it is handled with (an id; None: none).
    """

    project: int
    batch: int
    situation: str
    decided_on: date
    drawings: bool
    family: str = "building"
    zone: int | None = None


def times_in_force(on: date) -> dict[str, Any]:
    """Authorities and standards by date: the policy in force on a day."""
    return dict(policy_in_force(code="fire.times", region=settings.REGION, on=on).value)


def legacy_list(*, scope: Scope, listed: Listed, now: datetime) -> LegacyProject:
    """List a legacy project: a case of its own with the route that the rule proposes. Once a project.

    Refusal for a project that is no legacy one or is listed already, and for what cannot be; then nothing was written.
    """
    _check(listed, day_of(now))
    route = route_proposed(
        listed.situation, drawings=listed.drawings, decided_on=listed.decided_on, family=listed.family, times=times_in_force(day_of(now))
    )  # fmt: skip
    with transaction.atomic(), kernel_writes():
        project = project_found(listed.project, scope)
        if not project.legacy:
            raise Refusal("legacy", _("这个项目没有登记为历史遗留项目。"), field="project")
        if LegacyProject.objects.filter(project=project).exists():
            raise Refusal("in_hand", _("这个项目已经列入。"), field="project")
        zone = Unit.objects.filter(pk=listed.zone).first() if listed.zone else None
        if listed.zone and zone is None:
            raise Refusal("unit", _("没有这个单位,或该单位已撤销。"), field="zone")
        case = case_open(_opening(project, listed, route, scope.person, now)).case
        ProjectCase.objects.create(project=project, case_id=case, kind="legacy")
        row = LegacyProject.objects.create(
            project=project, case_id=case, batch=listed.batch, situation=listed.situation, decided_on=listed.decided_on,
            drawings=listed.drawings, family=listed.family, zone=zone, route=route.route, standard=route.standard,
            authority=route.authority,
        )  # fmt: skip
        data = {
            "project": project.pk, "batch": listed.batch, "situation": listed.situation, "decided_on": listed.decided_on,
            "route": route.route, "standard": route.standard, "authority": route.authority,
        }  # fmt: skip
        register_append(stream=STREAM, kind="legacy_listed", at=now, by=scope.person, data=data)
    return row


def _check(listed: Listed, today: date) -> None:
    if listed.situation not in dict(SITUATIONS) or listed.family not in dict(FAMILIES):
        raise Refusal("choice", _("请选当时办到哪一步。"), field="situation")
    if not 1 <= listed.batch <= BATCHES:
        raise Refusal("range", _("批次应为 1 至 %s。") % BATCHES, field="batch")
    if listed.decided_on > today:
        raise Refusal("future_date", _("不能晚于今天。"), field="decided_on")


def _opening(project: Project, listed: Listed, route: Proposed, by: int, now: datetime) -> Opening:
    viewers = [one for one in (project.owner_unit_id, listed.zone) if one and one != project.unit_id]
    facts = {
        "route": route.route, "route_reason": route.reason, "papers": list(route.papers), "standard": route.standard,
        "authority": route.authority,
    }  # fmt: skip
    words = f"{project.name},{project.owner},{project.place}。{route.reason}。要补的资料:{'、'.join(route.papers)}。"
    return project_opening(
        project, workflow="legacy", title=f"历史遗留项目办证:{project.name}", text=words, by=by, now=now, facts=facts,
        viewers=tuple(dict.fromkeys(viewers)),
    )  # fmt: skip
