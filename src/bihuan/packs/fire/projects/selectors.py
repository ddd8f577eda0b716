"""Reading the register: the list with its figures, and what stands on a project's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.calendar import day_number
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.paging import figure_counted
from bihuan.packs.fire.holding import rows_holding
from bihuan.packs.fire.models import PreCheck, Project, SingleWork, Stage
from bihuan.packs.fire.papers.selectors import cases_undone
from bihuan.packs.fire.projects.phases import PHASES, Spans, first_check
from bihuan.packs.fire.rules import LEGACY
from bihuan.packs.fire.special.cells import use_excluded

TIMED, NATURAL = ("handle", "spot_check"), "fifteenth"
DONE = ("passed", "unselected")
"""States in which an application has come to what was asked for."""
KINDS = {"special": Q(special=True), "other": Q(special=False), "legacy": Q(legacy=True)}
"""What the register may be narrowed to."""


@dataclass(frozen=True, slots=True)
class Application:
    """A case of a project: promised and prescribed working days, and those that it has taken so far; `done`: it has come to what
    was asked for, and its document was not revoked. `fifteenth`: of an acceptance, the last day counted in natural days."""

    case: Case
    kind: str
    promised: int | None
    prescribed: int | None
    fifteenth: date | None
    spans: Spans | None
    done: bool


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the project's class: verified or not, and whether it is the next one."""

    phase: int
    label: str
    check: PreCheck | None
    next: bool


def projects_found(*, text: str, kind: str) -> QuerySet[Project]:
    """Projects whose name, owner or place holds the text; `kind` "special", "other", "legacy" or "" for all; newest first."""
    works = SingleWork.objects.filter(project=OuterRef("pk")).order_by().values("project")
    count = Subquery(works.annotate(count=Count("pk")).values("count"))
    rows = Project.objects.annotate(work_count=Coalesce(count, 0)).order_by("-pk")
    rows = rows_holding(rows, text) if text else rows
    return rows.filter(KINDS[kind]) if kind in KINDS else rows


def register_counts() -> dict[str, str]:
    """Projects, special ones, others and legacy ones within the scope, as figures."""
    counts = {kind: figure_counted(Project.objects.filter(wanted)) for kind, wanted in KINDS.items()}
    return {"projects": figure_counted(Project.objects.all()), **counts}


def phases_of(project: Project) -> list[Phase]:
    """The three phases of the project's class, with what holds of them."""
    kind = "acceptance" if project.special else "filing"
    holding = {
        one.phase: one for one in project.prechecks.all() if one.kind == kind and one.revoked_at is None
    }
    first = next((phase for phase, _label in PHASES if phase not in holding), 0)
    return [Phase(phase, label, holding.get(phase), phase == first) for phase, label in PHASES]


def applications_of(project: Project, *, now: datetime) -> list[Application]:
    """The project's cases that may be seen, newest first, each with its days."""
    kinds = dict(project.applications.values_list("case", "kind"))
    undone = Exists(cases_undone().filter(case=OuterRef("pk")))
    cases = list(Case.objects.filter(pk__in=kinds).annotate(undone=undone).order_by("-pk"))
    clocks: dict[int, list[Clock]] = {}
    fifteenth: dict[int, date] = {}
    for clock in Clock.objects.filter(case__in=kinds, kind__in=(*TIMED, NATURAL)).order_by("pk"):
        if clock.kind == NATURAL and clock.due_at is not None:
            fifteenth[clock.case_id] = day_of(clock.due_at - timedelta(seconds=1))
            continue
        clocks.setdefault(clock.case_id, []).append(clock)
    passed = [one.passed_at for one in project.prechecks.all() if one.revoked_at is None]
    return [
        _application(case, kinds[case.pk], clocks.get(case.pk, ()), fifteenth.get(case.pk), passed, now)
        for case in cases
    ]


def _application(
    case: Case,
    kind: str,
    clocks: Sequence[Clock],
    fifteenth: date | None,
    passed: Sequence[datetime],
    now: datetime,
) -> Application:
    numbers = {clock.basis: int(clock.limit["number"]) for clock in clocks}
    spans = None
    if clocks:
        last = clocks[-1]
        end = last.stopped_at or now
        first = first_check(passed, end) if kind != "design" else None
        spans = Spans(working_days(last.started_at, end), None if first is None else working_days(first, end))
    done = case.state in DONE and not case.undone
    return Application(case, kind, numbers.get("promised"), numbers.get("statutory"), fifteenth, spans, done)


def kinds_open(project: Project, applications: Sequence[Application]) -> list[str]:
    """What may be applied for now: nothing that is in hand or done and stands, and acceptance once the review has passed."""
    changed = project.design_changed_at
    done = {
        one.kind
        for one in applications
        if one.done and (one.kind != "design" or changed is None or one.case.opened_at > changed)
    }
    taken = done | {one.kind for one in applications if one.case.closed_at is None}
    if use_excluded(project.use):
        return []
    if any(one.kind == LEGACY[0] and one.case.state != "dropped" for one in applications):
        return []  # it goes its own way to a certificate
    wanted = ("design", "acceptance") if project.special else ("filing",)
    reviewed = project.legacy or "design" in done
    if Stage.objects.filter(work__project=project).exists():
        taken = taken | {"acceptance"}  # applied for stage by stage, on a page of its own
    return [kind for kind in wanted if kind not in taken and (kind != "acceptance" or reviewed)]


def said_of(project: Project) -> str:
    """Where the words are looked for by which rulings and answers are found: name, use and single works."""
    works = (work.name for work in project.works.all())
    return "\n".join((project.name, project.use, project.contains, *works))


def working_days(start: datetime, end: datetime) -> int:
    """Working days from `start` to `end`, the first day left out as limits leave it out."""
    calendar = rulebook().calendar
    first, last = day_number(day_of(start)), day_number(day_of(end))
    return sum(1 for day in range(first + 1, last + 1) if calendar.is_working(day))
