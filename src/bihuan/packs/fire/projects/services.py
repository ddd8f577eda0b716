"""Writing the register: a project entered, an application opened, a phase verified in advance or revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Move, Moved, case_move, case_move_many
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.models import Conflict, PreCheck, Project, ProjectCase, SingleWork, Stage
from bihuan.packs.fire.projects.phases import CLASSES, PHASES
from bihuan.packs.fire.projects.selectors import DONE
from bihuan.packs.fire.rules import KINDS
from bihuan.packs.fire.special.files import project_read, verdict_decided
from bihuan.packs.fire.special.rules import Limits, classify, limits_of
from bihuan.packs.fire.stages.covering import covers_judged, stage_told, stages_cover
from bihuan.packs.fire.stages.rules import NOT_EARLY, Early
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, REVIEWER, WINDOW

STREAM = "fire"
KEEPERS = (WINDOW, REVIEWER, INSPECTOR, CHIEF)
"""The people of the fire section."""
APPLYING = (WINDOW, CHIEF)
"""Who opens an application at the desk."""


@dataclass(frozen=True, slots=True)
class Work:
    """A single work: area in m², height in m."""

    name: str
    area: Any = None
    height: Any = None
    storeys: int | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A project as its owner declares it; `use`, `area`, `height` and `contains` are the words of the form."""

    name: str
    owner: str
    place: str
    use: str
    area: str = ""
    height: str = ""
    contains: str = ""
    standard: str = ""
    legacy: bool = False
    crowded: bool = False
    punished: bool = False
    owner_unit: int | None = None
    works: Sequence[Work] = field(default=())


def limits_in_force(on: date) -> Limits:
    """The thresholds of article 14 by the policy in force on a day."""
    return limits_of(policy_in_force(code="fire.special", region=settings.REGION, on=on).value)


def keeper_unit(scope: Scope, *roles: str) -> int:
    """The unit in which this person holds one of the roles (any of the fire section). NotPermitted for nobody's."""
    for held in scope.held:
        if held.role in (roles or KEEPERS):
            return held.unit
    raise NotPermitted("not_permitted", _("只有消防审验的人员可以办理。"))


def project_enter(*, scope: Scope, declared: Declared, key: str, now: datetime) -> Project:
    """Enter a project with its single works and the verdict of article 14; again with the same `key` it is returned as it is.

    FieldError names the cell that is wrong.
    """
    unit = keeper_unit(scope)
    told = {
        "use": declared.use,
        "area_m2": declared.area,
        "height_m": declared.height,
        "contains": declared.contains,
    }
    read = project_read(told)
    verdict = verdict_decided(read, classify(read, limits=limits_in_force(day_of(now))))
    with kernel_writes():
        row, new = Project.objects.get_or_create(
            key=key,
            defaults={
                "name": declared.name, "owner": declared.owner, "owner_unit_id": declared.owner_unit, "unit_id": unit,
                "place": declared.place, "use": declared.use, "area": read.area, "height": read.height,
                "contains": declared.contains, "special": verdict.special, "row": verdict.row, "reason": verdict.reason,
                "standard": declared.standard, "legacy": declared.legacy, "crowded": declared.crowded,
                "punished": declared.punished, "entered_at": now,
            },
        )  # fmt: skip
        if new:
            SingleWork.objects.bulk_create(
                SingleWork(project=row, name=one.name, area=one.area, height=one.height, storeys=one.storeys)
                for one in declared.works
            )
            data = {
                "project": row.pk, "name": row.name, "use": row.use, "area": str(row.area), "height": str(row.height),
                "contains": row.contains, "special": row.special, "row": row.row, "works": len(declared.works),
            }  # fmt: skip
            register_append(stream=STREAM, kind="project_entered", at=now, by=scope.person, data=data)
    return row


def application_open(
    *,
    scope: Scope,
    project: int,
    kind: str,
    key: str,
    now: datetime,
    stages: Sequence[int] = (),
    early: Early = NOT_EARLY,
) -> str:
    """Open an application of a project; returns its number, the same again for the same `key`. For acceptance `stages` are the
    ids of those that it covers, `early` whether these works are to be used before the rest.

    Refusal when the law has another way for it: special projects are reviewed and accepted, others filed; acceptance comes
    after a passed review; nothing is applied for twice at a time.
    """
    unit = keeper_unit(scope, *APPLYING)
    external = f"fire:{key}"
    with transaction.atomic(), kernel_writes():
        known = Case.objects.filter(external_id=external).values_list("number", flat=True).first()
        if known:
            return str(known)
        row = project_found(project, scope)
        _may_apply(row, kind)
        covered = covers_judged(row, stages, early, now=now) if kind == "acceptance" else []
        told = ";".join(stage_told(one) for one in covered)
        facts: Mapping[str, Any] = {"scope": told, "early": early.wanted} if covered else {}
        opened = case_open(
            Opening(
                pack="fire",
                workflow=kind,
                title=f"{dict(KINDS)[kind]}:{row.name}",
                text=f"{row.name},{row.owner},{row.place}。{row.reason}。{told}",
                unit=unit,
                opened_by=unit,
                by=scope.person,
                now=now,
                reported_at=now,
                matter=kind,
                place=row.place,
                region=settings.REGION,
                external_id=external,
                facts={"project": row.pk, **facts},
                viewers=(row.owner_unit_id,) if row.owner_unit_id else (),
            )
        )
        ProjectCase.objects.create(project=row, case_id=opened.case, kind=kind)
        stages_cover(case=opened.case, stages=covered)
        return opened.number


def _may_apply(project: Project, kind: str) -> None:
    if kind not in dict(KINDS):
        raise Refusal("choice", _("没有这一类申请。"), field="kind")
    if project.special is (kind == "filing"):
        raise Refusal(
            "way",
            _("特殊建设工程要审查、验收,其他建设工程办备案(住建部令第51号第14条、第33条)。"),
            field="kind",
        )
    cases = Case.objects.filter(pk__in=project.applications.filter(kind=kind).values("case"))
    staged = kind == "acceptance" and Stage.objects.filter(work__project=project).exists()
    if not staged and cases.filter(closed_at=None).exists():
        raise Refusal("in_hand", _("这个项目已有一件同类申请在办。"), field="kind")
    if not staged and cases.filter(state__in=DONE).exists():
        raise Refusal("in_hand", _("这个项目的这一类申请已经办成。"), field="kind")
    reviewed = Case.objects.filter(
        pk__in=project.applications.filter(kind="design").values("case"), state="passed"
    )
    if kind == "acceptance" and not project.legacy and not reviewed.exists():
        raise Refusal("no_review", _("消防设计审查合格后才能申请消防验收(消防法第12条)。"), field="kind")


def project_found(project: int, scope: Scope) -> Project:
    """The project, locked, if the person's section keeps it. NotFound otherwise."""
    units = {held.unit for held in scope.held if held.role in KEEPERS}
    row = Project.objects.select_for_update(of=("self",)).filter(pk=project, unit__in=units).first()
    if row is None:
        raise NotFound("not_found", _("没有这个项目,或您无权查看。"))
    return row


def applications_deem(*, now: datetime) -> int:
    """Accept what has waited beyond the time in which all that is missing is told (行政许可法 art. 32). Returns how many."""
    with kernel_writes():
        late = Clock.objects.filter(
            case__pack="fire", case__state="received", kind="accept", stopped_at=None, due_at__lt=now
        )
        waiting = sorted(late.values_list("case", flat=True))
    moves = [Move(case, "deem_accepted", 0, now) for case in waiting]
    return sum(isinstance(done, Moved) for done in case_move_many(moves=moves))


def precheck_pass(
    *, scope: Scope, project: int, kind: str, phase: int, deferred: str, now: datetime
) -> PreCheck:
    """A phase is verified in advance: in order, once. `deferred` names what may follow later (容后)."""
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
            project=row, kind=kind, phase=phase, deferred=deferred, passed_at=now, passed_by_id=scope.person
        )
        data = {"project": row.pk, "kind": kind, "phase": phase, "deferred": deferred}
        register_append(stream=STREAM, kind="precheck_passed", at=now, by=scope.person, data=data)
        return made


def precheck_revoke(*, scope: Scope, precheck: int, reason: str, now: datetime) -> list[str]:
    """Revoke a phase: later ones lapse with it, and an open acceptance that rests on it goes back before acceptance.

    Returns the numbers of the cases that went back.
    """
    with transaction.atomic(), kernel_writes():
        found = PreCheck.objects.select_related("project").filter(pk=precheck, revoked_at=None).first()
        if found is None:
            raise NotFound("not_found", _("没有这一核查,或已经撤销。"))
        project_found(found.project_id, scope)
        lapsed = PreCheck.objects.filter(
            project=found.project, kind=found.kind, phase__gte=found.phase, revoked_at=None
        )
        phases = sorted(lapsed.values_list("phase", flat=True))
        lapsed.update(revoked_at=now, revoked_by_id=scope.person, reason=reason)
        numbers = _cases_lapse(found, reason, now)
        data = {"project": found.project_id, "kind": found.kind, "phases": phases, "cases": numbers}
        register_append(
            stream=STREAM,
            kind="precheck_revoked",
            at=now,
            by=scope.person,
            data=data,
            private={"reason": reason},
        )
        return numbers


def _cases_lapse(precheck: PreCheck, reason: str, now: datetime) -> list[str]:
    resting = ProjectCase.objects.filter(project=precheck.project_id, kind="acceptance")
    states = ("evaluating", "to_pass", "to_fail")
    open_ones = Case.objects.filter(pk__in=resting.values("case"), closed_at=None, state__in=states)
    numbers = []
    for case in open_ones.order_by("pk"):
        case_move(case_id=case.pk, step="lapse", by=0, now=now, data={"reason": reason})
        numbers.append(case.number)
    return numbers


def conflict_declare(*, scope: Scope, project: int, person: int, reason: str, now: datetime) -> None:
    """Keep an inspector apart from a project in draws: by the inspector, or by the chief for anybody. Once."""
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        if person != scope.person and not scope.holds(CHIEF):
            raise NotPermitted("not_permitted", _("回避由本人申报,或由负责人登记。"))
        _made, new = Conflict.objects.get_or_create(
            project=row, person_id=person, defaults={"reason": reason, "declared_at": now}
        )
        if new:
            data = {"project": row.pk, "person": person}
            register_append(
                stream=STREAM,
                kind="conflict_declared",
                at=now,
                by=scope.person,
                data=data,
                private={"reason": reason},
            )
