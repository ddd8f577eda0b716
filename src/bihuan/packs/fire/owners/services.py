"""Writing what an owner does: a project declared, an application judged before it is opened, steps in his own cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.identity.models import Grant, Unit, holds_on
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.sentences import in_line
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.applying.services import Asked, application_open, files_keep, is_reviewed
from bihuan.packs.fire.models import Project, ProjectCase
from bihuan.packs.fire.owners.rules import commitment_fault, conditions_fault, materials_required, steps_open
from bihuan.packs.fire.projects.services import KEEPERS, STREAM, Declared, project_enter
from bihuan.packs.fire.rules import completion_precedes
from bihuan.packs.fire.workflows import OWNER, WINDOW

WORDS = {
    "corrected": "supplied",
    "withdraw": "remark",
    "ask_recheck": "remark",
    "legacy_supplied": "supplied",
    "legacy_rectified": "remark",
}
"""The field of each step that takes the owner's words."""


def owner_units(scope: Scope) -> list[int]:
    """The units that this person represents."""
    return [held.unit for held in scope.held if held.role == OWNER]


def project_declare(*, scope: Scope, declared: Declared, key: str, now: datetime) -> Project:
    """An owner declares a project of his own; the section that receives applications keeps it. As `project_enter`."""
    units = owner_units(scope)
    if not units:
        raise NotPermitted("not_permitted", _("只有建设单位代表可以申报自己的项目。"))
    with kernel_writes():
        owner = Unit.objects.get(pk=units[0])
    own = replace(declared, owner=owner.name, owner_unit=owner.pk)
    return project_enter(scope=scope, declared=own, key=key, now=now, unit=_section(day_of(now)))


def _section(on: date) -> int:
    with kernel_writes():
        held = Grant.objects.filter(holds_on(on), role=WINDOW)
        unit = held.order_by("unit_id").values_list("unit_id", flat=True).first()
    if unit is None:
        raise Refusal("unstaffed", _("还没有受理消防审验的窗口。"))
    return int(unit)


def own_application_open(*, scope: Scope, project: int, asked: Asked, key: str, now: datetime) -> str:
    """An owner applies: what he declares and hands in is judged at once by the rules that the window goes by. Returns the number.

    Refusal with the rule, or with all that is missing; then nothing was written.
    """
    kind, declared = asked.kind, asked.declared
    if kind == "acceptance" and conditions_fault(declared):
        raise Refusal(
            "inspection",
            _("消防查验四项条件没有全部满足的,建设单位不得编制竣工验收报告,不能申请验收(令51第27条)。"),
            field="kind",
        )
    fault = commitment_fault(declared) if kind == "filing" else ""
    if fault == "commitment":
        raise Refusal(
            "commitment",
            _(
                "告知承诺只用于一般项目;增加面积、高度、层数,改变用途、火灾危险性、结构或保温的,不能承诺备案(令58)。"
            ),
            field="way",
        )
    if fault == "letter":
        raise Refusal("letter", _("承诺备案要勾选承诺。"), field="promise")
    if kind == "filing" and not completion_precedes(str(declared.get("completed_on") or ""), now):
        raise Refusal("completion", _("竣工验收合格的日子还没有到。"), field="completed_on")
    missing = [_(one.name) for one in materials_required(kind, declared) if not asked.files.get(one.code)]
    if missing:
        raise Refusal("required", _("必须交的材料还没有传:%s。") % in_line(missing), field="files")
    plain = replace(asked, declared={name: _plain(value) for name, value in declared.items()})
    return application_open(scope=scope, project=project, asked=plain, key=key, now=now)


def owner_step(
    *, scope: Scope, number: str, step: str, words: str, version: int, now: datetime, files: Mapping[str, Sequence[Any]] | None = None
) -> Moved:  # fmt: skip
    """An owner answers a notice, with files by the code of their material, withdraws, or asks for a re-check in a case of his own project;
    an entry says who it was.

    NotFound for another's case; Refusal for a step that the state does not offer; else as `case_move`.
    """
    with transaction.atomic():
        with kernel_writes():
            row = ProjectCase.objects.filter(
                case__number=number[:80].replace("\0", ""), project__owner_unit__in=owner_units(scope)
            )
            case = Case.objects.filter(pk__in=row.values("case")).first()
        if case is None:
            raise NotFound("not_found", _("没有这个项目,或您无权查看。"))
        if step not in steps_open(case.matter, case.state):
            raise Refusal("state", _("本件现在的状态不能办这一步。"), field="step")
        with kernel_writes():
            files_keep(case=case.pk, kind=case.matter, files=files or {}, now=now)
        data = {WORDS[step]: words} if words else {}
        moved = case_move(case_id=case.pk, step=step, by=BY_REPORTER, now=now, version=version, data=data)
        told = {"case": case.pk, "number": case.number, "step": step}
        register_append(stream=STREAM, kind="owner_stepped", at=now, by=scope.person, data=told)
    return moved


def design_change(*, scope: Scope, project: int, changed: str, now: datetime) -> None:
    """The reviewed design of a project is changed: it must be reviewed again before acceptance (令51 art. 26)."""
    with transaction.atomic(), kernel_writes():
        row = Project.objects.select_for_update(of=("self",)).filter(pk=project).first()
        ours = {held.unit for held in scope.held if held.role in KEEPERS}
        if row is None or not (row.unit_id in ours or row.owner_unit_id in owner_units(scope)):
            raise NotFound("not_found", _("没有这个项目,或您无权查看。"))
        if not is_reviewed(row):
            raise Refusal("no_review", _("还没有审查合格的设计,直接按新的设计申请审查。"))
        row.design_changed_at = now
        row.save(update_fields=["design_changed_at"])
        register_append(
            stream=STREAM,
            kind="design_changed",
            at=now,
            by=scope.person,
            data={"project": row.pk},
            private={"changed": changed},
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
