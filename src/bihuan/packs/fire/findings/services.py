"""Writing findings: one is recorded and becomes a case at once; its rectification is reported with a photograph."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import case_open
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import workflows
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.fire.findings.selectors import left_to_rectify
from bihuan.packs.fire.keys import key_lock, key_taken
from bihuan.packs.fire.materials import ITEMS
from bihuan.packs.fire.models import Finding, Hazard, Project, ProjectCase, SingleWork
from bihuan.packs.fire.projects.opening import project_opening
from bihuan.packs.fire.projects.services import project_found
from bihuan.telemetry.models import Episode


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: in which `part`, in which words; `item` is one of the 17 of an evaluation ("": none), `clause` what it
    offends, `work` the id of a single work, `application` that of the acceptance or filing that it was found for.
    """

    part: str
    words: str
    source: str
    item: str = ""
    clause: str = ""
    work: int | None = None
    application: int | None = None


def finding_record(*, scope: Scope, project: int, found: Found, key: str, now: datetime) -> Finding:
    """Record something found wrong with a project: a case of `rectification`, held by the owner's unit where it has an account,
    else by the section. The same `key` returns the same finding; Conflict for the key of another project's.

    NotFound for another section's project; FieldError or Refusal for what cannot be kept; then nothing was written.
    """
    part = clean_text(found.part, field="part", max_length=120, min_length=1, multiline=False)
    words = clean_text(found.words, field="words", max_length=4000, min_length=2)
    clause = clean_text(found.clause, field="clause", max_length=200, multiline=False)
    if found.source not in Finding.Source.values or (found.item and found.item not in dict(ITEMS)):
        raise Refusal("choice", _("没有这一个评定项目。"), field="item")
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        key_lock(key)
        known = Finding.objects.select_related("case").filter(key=key).first()
        if known is not None:
            if known.project_id != row.pk:
                raise key_taken()
            return known
        work = _work_of(row, found.work)
        case = _case_opened(row, part, f"{words}\n{clause}".strip(), scope.person, now)
        made = Finding.objects.create(
            project=row, case=case, application_id=found.application, work=work, source=found.source,
            item=found.item, part=part, clause=clause, found_at=now, found_by_id=scope.person, key=key,
        )  # fmt: skip
        applications_told(row.pk, now=now)
        return made


def _work_of(project: Project, work: int | None) -> SingleWork | None:
    found = project.works.filter(pk=work).first() if work else None
    if work and found is None:
        raise Refusal("choice", _("这个项目没有这个单体。"), field="work")
    return found


def _case_opened(project: Project, part: str, text: str, by: int, now: datetime) -> Case:
    opened = case_open(
        project_opening(
            project, workflow="rectification", title=f"{part}:{project.name}", text=text, by=by, now=now,
            unit=project.owner_unit_id or project.unit_id, viewers=(project.unit_id,),
        )
    )  # fmt: skip
    return Case.objects.get(pk=opened.case)


def finding_close(**move: Any) -> Moved:
    """A finding, or a hazard of a site, is verified or cancelled: `case_move`, and the project's open applications are told how many are left.

    Refusal for one that a device told of and that is to be verified while the device is still in alarm.
    """
    with transaction.atomic():
        done = case_move(**move)
        with kernel_writes():
            if move["step"] == "verify":
                _alarm_over(move["case_id"])
            project = _project_of(move["case_id"])
            if project is not None:
                applications_told(project, now=move["now"])
        return done


def _alarm_over(case: int) -> None:
    standing = Episode.objects.select_related("device").filter(case=case, ended_at=None).first()
    if standing is not None:
        raise Refusal(
            "alarm_stands",
            _(
                "%(device)s还在报警(限值 %(bound)s):读数回到限值以内再复查合格;设备已经拆下的,先在工地页登记撤下。"
            )
            % {"device": standing.device.name, "bound": f"{standing.bound:g}"},
        )


def _project_of(case: int) -> int | None:
    found = Finding.objects.filter(case=case).values_list("project", flat=True).first()
    return found or Hazard.objects.filter(case=case).values_list("site__project", flat=True).first()


def applications_told(project: int, *, now: datetime) -> None:
    """Tell the project's applications that are being evaluated, or are about to be signed, how many findings and hazards are open."""
    waiting = Case.objects.filter(
        pk__in=ProjectCase.objects.filter(project=project).values("case"), closed_at=None
    )
    for case, workflow, state in waiting.order_by("pk").values_list("pk", "workflow", "state"):
        counted = workflows()[workflow].by_code.get("findings_counted")
        if counted is not None and counted.leads_from(state):
            left = sum(left_to_rectify(project, case))
            case_move(case_id=case, step=counted.code, by=0, now=now, data={"open_findings": left})


def rectification_report(**move: Any) -> Moved:
    """Report that a finding was rectified: `case_move`, once a photograph of it was added since it was told (last)."""
    with transaction.atomic():
        with kernel_writes():
            case = (
                Case.objects.select_for_update(of=("self",)).filter(pk=move["case_id"], state="told").first()
            )
            of_site = Hazard.objects.filter(case=case)
            told = case is not None and (Finding.objects.filter(case=case).exists() or of_site.exists())
            photos = Attachment.objects.filter(
                case=case, kind="after", withdrawn_at=None, blob__mime__startswith="image/"
            )
            shown = told and case is not None and photos.filter(added_at__gte=case.moved_at).exists()
        if told and not shown:
            raise Refusal("photograph", _("请先上传整改后的照片(种类选“处理后”),再报整改情况。"))
        return case_move(**move)
