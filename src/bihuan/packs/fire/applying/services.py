"""Opening an application, and what the law lets follow when a term has run out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Move, Moved, case_move, case_move_many
from bihuan.kernel.cases.opening import case_open
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.keys import key_taken
from bihuan.packs.fire.materials import MATERIALS
from bihuan.packs.fire.models import Project, ProjectCase, Stage
from bihuan.packs.fire.papers.selectors import cases_undone
from bihuan.packs.fire.projects.opening import project_opening
from bihuan.packs.fire.projects.selectors import DONE
from bihuan.packs.fire.projects.services import not_applicable
from bihuan.packs.fire.routes.rules import EXEMPT, route_of
from bihuan.packs.fire.rules import KINDS, LEGACY
from bihuan.packs.fire.special.cells import use_excluded
from bihuan.packs.fire.stages.covering import covers_judged, stage_told, stages_cover
from bihuan.packs.fire.stages.rules import NOT_EARLY, Early
from bihuan.packs.fire.workflows import CHIEF, OWNER, WINDOW

APPLYING = (WINDOW, CHIEF, OWNER)
"""Who opens an application: at the desk, or the owner for his own project."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asks for: for acceptance `stages` are the ids of those that it covers, `early` whether these works
    are to be used before the rest; `declared` is what the owner says of it, which the rules judge again at the window, `files` what he
    hands in by the code of its material.
    """

    kind: str
    stages: Sequence[int] = ()
    early: Early = NOT_EARLY
    declared: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def application_open(*, scope: Scope, project: int, asked: Asked, key: str, now: datetime) -> str:
    """Open an application of a project; returns its number, the same again for the same `key`.

    Refusal when the law has another way for it: special projects are reviewed and accepted, others filed; acceptance comes
    after a passed review; nothing is applied for twice at a time. Conflict for a key that opened another application.
    """
    if not scope.holds(*APPLYING):
        raise NotPermitted("not_permitted", _("只有消防审验窗口和建设单位可以申请。"))
    external = f"fire:{key}"
    with transaction.atomic(), kernel_writes():
        row = _project_of(scope, project)
        known = Case.objects.filter(pack="fire", external_id=external).first()
        if known is not None:
            if not row.applications.filter(case=known, kind=asked.kind).exists():
                raise key_taken()
            return known.number
        _may_apply(row, asked.kind, now)
        covered = covers_judged(row, asked.stages, asked.early, now=now) if asked.kind == "acceptance" else []
        covers = ";".join(stage_told(one) for one in covered)
        facts = {"scope": covers, "early": asked.early.wanted} if covered else {}
        facts |= {"declared": dict(asked.declared)} if asked.declared else {}
        words = f"{row.name},{row.owner},{row.place}。{row.reason}。{covers}"
        opened = case_open(
            project_opening(
                row, workflow=asked.kind, title=f"{dict(KINDS)[asked.kind]}:{row.name}", text=words, by=scope.person, now=now,
                facts=facts, external_id=external,
            )
        )  # fmt: skip
        ProjectCase.objects.create(project=row, case_id=opened.case, kind=asked.kind)
        stages_cover(case=opened.case, stages=covered)
        files_keep(case=opened.case, kind=asked.kind, files=asked.files, now=now)
        return opened.number


def files_keep(*, case: int, kind: str, files: Mapping[str, Sequence[Any]], now: datetime) -> None:
    """Keep what an owner hands in as attachments of the kind of its material, named after it. Refusal that tells what is wrong with every
    file. Within `kernel_writes`.
    """
    names = {one.code: one.name for one in MATERIALS.get(kind, ())}
    faults = []
    for code, some in files.items():
        for file in some:
            name = f"{names[code]}-{file.name}" if code in names else str(file.name)
            try:
                attachment_add(case=case, file=file, name=name, by=BY_REPORTER, now=now, kind=code)
            except Refusal as refusal:
                faults.append(f"“{name[:80]}”:{told(refusal)}")
    if faults:
        raise Refusal("value", " ".join(faults), field="files")


def _project_of(scope: Scope, project: int) -> Project:
    """The project, locked, if the person's section keeps it or the person's unit owns it. NotFound otherwise."""
    row = Project.objects.select_for_update(of=("self",)).filter(pk=project).first()
    ours = {held.unit for held in scope.held if held.role in (WINDOW, CHIEF)}
    own = {held.unit for held in scope.held if held.role == OWNER}
    if row is None or not (row.unit_id in ours or row.owner_unit_id in own):
        raise NotFound("not_found", _("没有这个项目,或您无权查看。"))
    return row


def _may_apply(project: Project, kind: str, now: datetime) -> None:
    if kind not in dict(KINDS):
        raise Refusal("choice", _("没有这一类申请。"), field="kind")
    if use_excluded(project.use):
        raise not_applicable(project.use, field="kind")
    if project.special is (kind == "filing"):
        raise Refusal(
            "way",
            _("特殊建设工程要审查、验收,其他建设工程办备案(住建部令第51号第14条、第33条)。"),
            field="kind",
        )
    if project.applications.filter(kind=LEGACY[0]).exclude(case__state="dropped").exists():
        raise Refusal("way", _("这个项目已列入历史遗留项目,按它自己的路径办证。"), field="kind")
    if project_route(project, now=now) == EXEMPT:
        raise Refusal("exempt", _("限额以下的其他建设工程,按本地规定不用办消防验收备案。"), field="kind")
    cases = Case.objects.filter(pk__in=project.applications.filter(kind=kind).values("case"))
    staged = kind == "acceptance" and Stage.objects.filter(work__project=project).exists()
    if not staged and cases.filter(closed_at=None).exists():
        raise Refusal("in_hand", _("这个项目已有一件同类申请在办。"), field="kind")
    done = cases.filter(state__in=DONE).exclude(pk__in=cases_undone())
    if kind == "design" and project.design_changed_at:
        done = done.filter(opened_at__gt=project.design_changed_at)
    if not staged and done.exists():
        raise Refusal("in_hand", _("这个项目的这一类申请已经办成。"), field="kind")
    if kind == "acceptance" and not project.legacy and not is_reviewed(project):
        raise _no_review()


def _no_review() -> Refusal:
    return Refusal("no_review", _("消防设计审查合格后才能申请消防验收(消防法第12条)。"), field="kind")


def application_accept(**move: Any) -> Moved:
    """Accept an application: an acceptance rests on a review that stands. Takes what `case_move` takes, and raises what it raises."""
    with transaction.atomic():
        with kernel_writes():
            if not _rests(move["case_id"]):
                raise _no_review()
        return case_move(**move)


def _rests(case: int) -> bool:
    """Is it no acceptance of a new project, or does a review of its design stand? One may have been revoked since it was applied for."""
    of = ProjectCase.objects.select_related("project").filter(case=case, kind="acceptance").first()
    return of is None or of.project.legacy or is_reviewed(of.project)


def is_reviewed(project: Project) -> bool:
    """Has a review passed of the design as it is now?"""
    reviews = project.applications.filter(kind="design").values("case")
    passed = Case.objects.filter(pk__in=reviews, state="passed").exclude(pk__in=cases_undone())
    changed = project.design_changed_at
    return (passed.filter(opened_at__gt=changed) if changed else passed).exists()


def project_route(project: Project, *, now: datetime) -> str:
    """Which way the project takes by the rules of today: see `routes.rules`."""
    files = policy_in_force(code="fire.small_files", region=settings.REGION, on=day_of(now)).value == "files"
    return route_of(special=project.special, small=project.small, small_files=files)


def applications_by_the_clock(*, now: datetime) -> int:
    """Accept what has waited beyond the time in which all that is missing is told (行政许可法 art. 32); end, where the local rule says so,
    what was not completed in time; and let the time for review run on once the experts have had theirs. Returns how many applications
    went on.
    """
    lapses = policy_in_force(code="fire.correct_lapses", region=settings.REGION, on=day_of(now)).value
    with kernel_writes():
        moves = [move for move in _late("accept", "received", "deem_accepted", now) if _rests(move.case)]
    moves += _late("expert", "with_province", "expert_overrun", now)
    moves += _late("correct", "correcting", "deem_withdrawn", now) if lapses == "withdrawn" else []
    return sum(isinstance(done, Moved) for done in case_move_many(moves=moves))


def _late(clock: str, state: str, step: str, now: datetime) -> list[Move]:
    with kernel_writes():
        late = Clock.objects.filter(
            case__pack="fire", case__state=state, kind=clock, stopped_at=None, due_at__lt=now
        )
        return [Move(case, step, 0, now) for case in sorted(late.values_list("case", flat=True))]
