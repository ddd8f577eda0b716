"""Documents are issued in the transaction of the step that decides; one whose ground falls away is revoked with it."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import SUSPENDED, VALID
from bihuan.kernel.certificates.services import Holder, Issue, certificate_issue, certificate_revoke
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.models import LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Stepped
from bihuan.packs.fire.merging.network import PERMIT
from bihuan.packs.fire.models import Project, ProjectCase
from bihuan.packs.fire.papers.contents import ISSUING, Told, document_told, permit_told, whole_told
from bihuan.packs.fire.rules import KINDS, LEGACY
from bihuan.packs.fire.special.rules import measure_told
from bihuan.packs.fire.stages.covering import stages_settle

WORDS = ("opinion", "faults", "reason", "remark")
TIMED = {"accept": "handle", "deem_accepted": "handle", "notify_once": "correct"}
"""Whose promise a document tells."""


def steps_documented(steps: Sequence[Stepped]) -> None:
    """Issue what each step issues, and revoke what no longer holds; of a case without an application only the construction permit."""
    for stepped in steps:
        if not (stepped.closed or stepped.step in ISSUING or stepped.step == "lapse"):
            continue
        with kernel_writes():
            row = (
                ProjectCase.objects.select_related("project", "case__unit__parent")
                .filter(case=stepped.case)
                .first()
            )
        if row is None:
            _permit_issue(stepped)
            continue
        whole = stages_settle(case=stepped.case, state=stepped.state, closed=stepped.closed)
        if stepped.step == "lapse":
            _ground_gone(stepped)
        elif made := document_told(stepped.step, told_of(row, stepped)):
            _issue(row.project, organ_of(row.case), made, stepped)
        if whole:
            told = whole_told(told_of(row, stepped), _works_told(row.project))
            _issue(row.project, organ_of(row.case), told, stepped)


def _works_told(project: Project) -> str:
    with kernel_writes():
        return "、".join(project.works.order_by("pk").values_list("name", flat=True))[:2_000]


def told_of(row: ProjectCase, stepped: Stepped) -> Told:
    """What is known of the case at this step."""
    project = row.project
    with kernel_writes():
        rows = LedgerPrivate.objects.filter(stream=f"case:{stepped.case}", name__in=WORDS).order_by("seq")
        texts = {name: text for name, text in rows.values_list("name", "text") if text}
        clocks = Clock.objects.filter(case=stepped.case, kind=TIMED.get(stepped.step, ""), stopped_at=None)
        due = clocks.filter(basis__in=("promised", "term")).values_list("due_at", flat=True).first()
    return Told(
        kind=row.kind, matter=dict((*KINDS, LEGACY))[row.kind], number=stepped.number, project=project.name, place=project.place,
        size=size_told(project), standard=project.standard, scope=str(stepped.facts.get("scope") or ""), data=stepped.data, facts=stepped.facts, texts=texts,
        due=day_of(due).isoformat() if due else "",
    )  # fmt: skip


def size_told(project: Project) -> str:
    """Use, area and height in a line."""
    parts = [project.use]
    parts += [f"建筑面积 {measure_told(project.area)} 平方米"] if project.area is not None else []
    parts += [f"建筑高度 {measure_told(project.height)} 米"] if project.height is not None else []
    return ",".join(parts)


def organ_of(case: Case) -> Unit:
    """Who signs: the bureau that the section belongs to."""
    unit = case.unit
    parent = unit.parent
    return parent if parent is not None and parent.kind == Unit.Kind.DEPARTMENT else unit


def _issue(project: Project, organ: Unit, made: tuple[str, dict[str, str]], stepped: Stepped) -> None:
    (kind, lines), holder = made, Holder(project.owner, organisation=True)
    issue = Issue(kind=kind, case=stepped.case, unit=organ.pk, holder=holder, contents=lines)
    certificate_issue(issue=issue, by=stepped.by, now=stepped.now)


def _permit_issue(stepped: Stepped) -> None:
    """The construction permit, when the last part of a merged application was granted."""
    if stepped.step != "part_pass" or stepped.facts.get("part") != PERMIT:
        return
    with kernel_writes():
        project = Project.objects.get(pk=stepped.facts["project"])
        organ = organ_of(Case.objects.select_related("unit__parent").get(pk=stepped.case))
    told = Told("permit", "", stepped.number, project.name, project.place, size_told(project))
    _issue(project, organ, permit_told(told), stepped)


def _ground_gone(stepped: Stepped) -> None:
    """An application lapsed with what it rested on: so do its receipt and the certificate of its filing."""
    with kernel_writes():
        held = Certificate.objects.filter(
            case=stepped.case, kind__in=("fire_receipt", "fire_filed"), state__in=(VALID, SUSPENDED)
        )
        ids = list(held.values_list("pk", flat=True))
    reason = "所依据的核查、审查已撤销:" + str(stepped.data.get("reason", ""))
    for one in ids:
        certificate_revoke(certificate=one, reason=reason, by=stepped.by, now=stepped.now)
