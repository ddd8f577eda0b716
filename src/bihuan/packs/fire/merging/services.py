"""Opening a merged application and its parts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.bundles.services import bundle_begin, part_move, parts_waiting
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import PartDue
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.fire.applying.services import Asked, application_open, project_route
from bihuan.packs.fire.keys import key_taken
from bihuan.packs.fire.merging.models import Merged
from bihuan.packs.fire.merging.network import LABELS, PERMIT, REVIEW, network
from bihuan.packs.fire.merging.selectors import is_built, merged_stands, review_stands
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.projects.opening import project_opening
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open
from bihuan.packs.fire.projects.services import project_found
from bihuan.packs.fire.routes.rules import MERGED as MERGED_ROUTE
from bihuan.packs.fire.workflows import CHIEF, WINDOW


def merged_open(*, scope: Scope, project: int, key: str, now: datetime) -> str:
    """Handle a project's formalities together; returns the number of the whole, the same again for the same `key`.

    Refusal below the limits, and for a project whose formalities are, or were, handled so already.
    """
    if not scope.holds(WINDOW, CHIEF):
        raise NotPermitted("not_permitted", _("只有消防审验窗口可以合并办理。"))
    external = f"fire:whole:{key}"
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        known = Case.objects.filter(pack="fire", external_id=external).first()
        if known is not None:
            if not row.merged.filter(case=known).exists():
                raise key_taken()
            return known.number
        if project_route(row, now=now) != MERGED_ROUTE:
            raise Refusal("below", _("限额以下的项目不办施工许可,直接申请消防审验。"))
        if is_built(row):
            raise Refusal("built", _("项目已经建成,申请过消防验收或备案,不再办施工许可。"))
        if merged_stands(row):
            raise Refusal("in_hand", _("这个项目的手续已经合并办理。"))
        parts = network(reviewed="design" not in kinds_open(row, applications_of(row, now=now)))
        facts = {"parts": parts_waiting(parts)}
        opened = case_open(
            _opening(row, "merged", f"合并办理:{row.name}", scope.person, now, facts, external_id=external)
        )
        Merged.objects.create(case_id=opened.case, project=row)
        bundle_begin(whole=opened.case, parts=parts, by=scope.person, now=now)
        return opened.number


def part_open(due: PartDue) -> int:
    """Open a part: the fire review as an application of its own, anything else as a case of the section. Returns the case."""
    with kernel_writes():
        row = Merged.objects.select_related("project", "case").get(pk=due.whole)
        project, label = row.project, LABELS[due.code][0]
        if due.code == REVIEW:
            scope = scope_of(person=due.by, at=due.now, roles=roles())
            key = f"merged:{due.whole}:{row.case.version}"
            number = application_open(
                scope=scope, project=project.pk, asked=Asked("design"), key=key, now=due.now
            )
            return int(Case.objects.values_list("pk", flat=True).get(number=number))
        facts = {"part": due.code}
        opened = case_open(
            _opening(
                project, "merged_part", f"{label}:{project.name}", due.by, due.now, facts, origin=due.whole
            )
        )
        return opened.case


def part_grant(**move: Any) -> Moved:
    """See `part_move`; no construction permit while the design has not passed (消防法 art. 12): what passed before may have been revoked."""
    with kernel_writes():
        case = Case.objects.filter(pk=move["case_id"]).first()
        project = Project.objects.filter(pk=case.facts.get("project")).first() if case else None
        held_up = case and project and case.facts.get("part") == PERMIT and not review_stands(project)
    if held_up:
        raise Refusal(
            "no_review",
            _("消防设计审查意见书已撤销或设计有变更,重新审查合格后才能准予施工许可(消防法第12条)。"),
        )
    return part_move(**move)


def _opening(
    project: Project, workflow: str, title: str, by: int, now: datetime, facts: dict[str, Any], **more: Any
) -> Opening:
    text = f"{project.name},{project.owner},{project.place}。"
    return project_opening(
        project, workflow=workflow, title=title, text=text, by=by, now=now, facts=facts, matter="", **more
    )
