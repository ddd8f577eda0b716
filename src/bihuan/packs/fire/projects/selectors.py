"""Reading the register: the list with its figures, and what stands on a project's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.calendar import day_number
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.packs.fire.models import PreCheck, Project, SingleWork, Stage
from bihuan.packs.fire.projects.phases import PHASES, Spans, first_check

TIMED = ("handle", "spot_check")
DONE = ("passed", "unselected")
"""States in which an application has come to what was asked for."""


@dataclass(frozen=True, slots=True)
class Application:
    """A case of a project: promised and prescribed working days, and those that it has taken so far."""

    case: Case
    kind: str
    promised: int | None
    prescribed: int | None
    spans: Spans | None


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the project's class: verified or not, and whether it is the next one."""

    phase: int
    label: str
    check: PreCheck | None
    next: bool


def projects_found(*, text: str, kind: str) -> QuerySet[Project]:
    """Projects whose name, owner or place holds the text; `kind` "special", "other", "legacy" or "" for all; newest first."""
    rows = Project.objects.annotate(work_count=Count("works")).order_by("-pk")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(owner__icontains=text) | Q(place__icontains=text))
    wanted = {"special": Q(special=True), "other": Q(special=False), "legacy": Q(legacy=True)}
    return rows.filter(wanted[kind]) if kind in wanted else rows


def register_counts() -> dict[str, int]:
    """Projects, single works, special projects and legacy ones, within the scope."""
    kinds = {"special": Q(special=True), "other": Q(special=False), "legacy": Q(legacy=True)}
    counted = Project.objects.aggregate(
        all_of=Count("pk"), **{f"{kind}_of": Count("pk", filter=wanted) for kind, wanted in kinds.items()}
    )
    counts = {kind: counted[f"{kind}_of"] for kind in kinds}
    return {"projects": counted["all_of"], **counts, "works": SingleWork.objects.count()}


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
    cases = list(Case.objects.filter(pk__in=kinds).order_by("-pk"))
    clocks: dict[int, list[Clock]] = {}
    for clock in Clock.objects.filter(case__in=kinds, kind__in=TIMED).order_by("pk"):
        clocks.setdefault(clock.case_id, []).append(clock)
    passed = [one.passed_at for one in project.prechecks.all() if one.revoked_at is None]
    return [_application(case, kinds[case.pk], clocks.get(case.pk, ()), passed, now) for case in cases]


def _application(
    case: Case, kind: str, clocks: Sequence[Clock], passed: Sequence[datetime], now: datetime
) -> Application:
    numbers = {clock.basis: int(clock.limit["number"]) for clock in clocks}
    spans = None
    if clocks:
        last = clocks[-1]
        end = last.stopped_at or now
        first = first_check(passed, end) if kind != "design" else None
        spans = Spans(working_days(last.started_at, end), None if first is None else working_days(first, end))
    return Application(case, kind, numbers.get("promised"), numbers.get("statutory"), spans)


def kinds_open(project: Project, applications: Sequence[Application]) -> list[str]:
    """What may be applied for now: nothing that is in hand or done, and acceptance once the review has passed."""
    changed = project.design_changed_at
    done = {
        one.kind
        for one in applications
        if one.case.state in DONE
        and (one.kind != "design" or changed is None or one.case.opened_at > changed)
    }
    taken = done | {one.kind for one in applications if one.case.closed_at is None}
    wanted = ("design", "acceptance") if project.special else ("filing",)
    reviewed = project.legacy or "design" in done
    if Stage.objects.filter(work__project=project).exists():
        taken = taken | {"acceptance"}  # applied for stage by stage, on a page of its own
    return [kind for kind in wanted if kind not in taken and (kind != "acceptance" or reviewed)]


def working_days(start: datetime, end: datetime) -> int:
    """Working days from `start` to `end`, the first day left out as limits leave it out."""
    calendar = rulebook().calendar
    first, last = day_number(day_of(start)), day_number(day_of(end))
    return sum(1 for day in range(first + 1, last + 1) if calendar.is_working(day))
