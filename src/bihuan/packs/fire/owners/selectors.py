"""Reading for the owner's page, and how late a filing came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.conf import settings
from django.db.models import Q

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.merging.models import Merged
from bihuan.packs.fire.models import Project, ProjectCase
from bihuan.packs.fire.owners.rules import LABELS, completed_on, days_late, steps_open
from bihuan.packs.fire.projects.selectors import working_days

SHOWN = 50
WAITING = ("correcting", "rectifying", "preparing")
"""States in which it is the owner's turn."""


@dataclass(frozen=True, slots=True)
class OwnCase:
    """An open case of an owner: what was found missing, until when it may be completed, and the steps that he may take."""

    case: Case
    missing: Sequence[str]
    due: datetime | None
    steps: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Lateness:
    """A filing's completion acceptance, the working days since, how many are allowed, and by how many it came late."""

    days: int
    within: int
    late: int


def own_projects(units: Sequence[int]) -> list[Project]:
    """The projects of these owners, the latest first."""
    rows = Project.objects.filter(owner_unit__in=units)
    return list(rows.order_by("-pk")[:SHOWN])


def own_cases(units: Sequence[int]) -> list[OwnCase]:
    """The open cases of these owners, those that wait for the owner first."""
    rows = ProjectCase.objects.filter(project__owner_unit__in=units, case__closed_at=None)
    cases = [row.case for row in rows.select_related("case").order_by("-pk")[:SHOWN]]
    due = dict(
        Clock.objects.filter(case__in=cases, kind__in=("correct", "legacy"), stopped_at=None).values_list(
            "case", "due_at"
        )
    )
    told = [
        OwnCase(
            case,
            case.facts.get("missing", ()) if case.state == "correcting" else (),
            due.get(case.pk),
            [(step, LABELS[step]) for step in steps_open(case.matter, case.state)],
        )
        for case in cases
    ]
    return sorted(told, key=lambda one: one.case.state not in WAITING)


def own_documents(units: Sequence[int], *, now: datetime) -> list[tuple[Certificate, str, str, str, bool]]:
    """What was issued to these owners, the latest first."""
    own = ProjectCase.objects.filter(project__owner_unit__in=units).values("case")
    parts = Merged.objects.filter(project__owner_unit__in=units).values("case__bundle__parts__case")
    found = Certificate.objects.filter(Q(case__in=own) | Q(case__in=parts)).select_related(
        "case", "unit", "replaced_by"
    )
    return certificates_told(found.order_by("-pk")[:SHOWN], today=day_of(now))


def filing_lateness(case: Case) -> Lateness | None:
    """How late a filing came after the completion acceptance; None for another case, or before the day is told."""
    day = completed_on(case.facts.get("declared", {}), case.facts)
    if day is None or not case.workflow.startswith("filing/"):
        return None
    within = int(rulebook().value("fire.file_within", region=settings.REGION, on=case.basis_date, default=5))
    days = working_days(datetime.combine(day, time(12), SHANGHAI), case.opened_at)
    return Lateness(days, within, days_late(days, within))
