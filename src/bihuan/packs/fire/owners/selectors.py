"""Reading for the owner's page, and how late a filing came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.materials import MATERIALS
from bihuan.packs.fire.merging.models import Merged
from bihuan.packs.fire.models import Project, ProjectCase
from bihuan.packs.fire.owners.rules import LABELS, completed_on, days_late, steps_open
from bihuan.packs.fire.projects.selectors import working_days

SHOWN, MOST, FEW = 10, 30, 5_000
TERMS = ("correct", "legacy")
"""The clocks that tell until when it is the owner's turn; without one it is the step's own term."""
WAITING = ("correcting", "rectifying", "preparing")
"""States in which it is the owner's turn."""
FILES = {("legacy", "preparing"): ("file",), ("legacy", "rectifying"): ("after",)}
"""The field of the files that an owner sends in a legacy project's case."""


LATEST = """
    (select c.id from certificates_certificate c join fire_project_case a on a.case_id = c.case_id join fire_project p on p.id = a.project_id
    where p.owner_unit_id = any(%(units)s) order by c.id desc limit %(most)s)
    union all
    (select c.id from fire_merged m join fire_project p on p.id = m.project_id join bundles_part b on b.bundle_id = m.case_id
    join certificates_certificate c on c.case_id = b.case_id where p.owner_unit_id = any(%(units)s) order by c.id desc limit %(most)s)
"""
"""The certificates issued last in cases of owners' projects, and in parts of such cases."""


@dataclass(frozen=True, slots=True)
class OwnCase:
    """An open case of an owner: what was found missing (code and name), until when it may be completed or the section has to be done, the steps that he may take, and the
    field of the files that he may send with them.
    """

    case: Case
    missing: Sequence[tuple[str, str]]
    due: datetime | None
    steps: list[tuple[str, str]]
    files: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lateness:
    """A filing's completion acceptance, the working days since, how many are allowed, and by how many it came late."""

    days: int
    within: int
    late: int


def own_projects(units: Sequence[int]) -> QuerySet[Project]:
    """The projects of these owners, the latest first."""
    return Project.objects.filter(owner_unit__in=units).order_by("-pk")


def cases_open(units: Sequence[int]) -> tuple[list[int], list[int]]:
    """The keys of these owners' open cases: those in which it is their turn, whose term ends first standing first, and those in hand
    elsewhere, the latest first.
    """
    with kernel_writes():  # whose they are is asked once; each is read as its owner sees it
        own = ProjectCase.objects.filter(project__owner_unit__in=units, case__closed_at=None)
        found = list(own.order_by("-case").values_list("case", "case__state", "case__due_at"))
        due = {case: at for case, state, at in found if state in WAITING}
        due |= dict(_terms(due).values_list("case", "due_at"))
    waiting = sorted(due, key=lambda case: (due[case] is None, due[case], -case))
    return waiting, [case for case, state, _at in found if state not in WAITING]


def _terms(cases: Iterable[int]) -> QuerySet[Clock]:
    return Clock.objects.filter(case__in=cases, kind__in=TERMS, stopped_at=None)


def cases_waiting(keys: Sequence[int]) -> list[OwnCase]:
    """The first of these cases, in their order."""
    found = {one.case.pk: one for one in own_cases(keys[:MOST])}
    return [found[key] for key in keys[:MOST] if key in found]


def own_cases(keys: Sequence[int]) -> list[OwnCase]:
    """Open cases as their owner reads them, the latest first."""
    cases = list(Case.objects.filter(pk__in=keys).order_by("-pk"))
    due = dict(_terms(keys).values_list("case", "due_at"))
    return [
        OwnCase(
            case,
            _missing(case),
            due.get(case.pk, case.due_at),
            [(step, LABELS[step]) for step in steps_open(case.matter, case.state)],
            FILES.get((case.matter, case.state), ()),
        )
        for case in cases
    ]


def _missing(case: Case) -> list[tuple[str, str]]:
    codes = {one.name: one.code for one in MATERIALS.get(case.matter, ())}
    told = case.facts.get("missing", ()) if case.state == "correcting" else ()
    return [(codes[name], name) for name in told if name in codes]


def own_documents(units: Sequence[int], *, now: datetime) -> list[tuple[Certificate, str, str, str, bool]]:
    """What was issued to these owners, the latest first."""
    found = Certificate.objects.filter(_issued_to(units)).select_related("case", "unit", "replaced_by")
    return certificates_told(found.order_by("-pk")[:SHOWN], today=day_of(now))


def _issued_to(units: Sequence[int]) -> Q:
    """Issued in a case of these owners' projects, or in a part of one: few cases are named, of many the latest certificates are asked."""
    with kernel_writes():
        own = ProjectCase.objects.filter(project__owner_unit__in=units)
        parts = Part.objects.filter(
            bundle__case__in=Merged.objects.filter(project__owner_unit__in=units).values("case")
        )
        cases = [
            *own.values_list("case", flat=True)[: FEW + 1],
            *parts.values_list("case", flat=True)[: FEW + 1],
        ]
        if len(cases) <= FEW:
            return Q(case__in=cases)
        with connection.cursor() as cursor:
            cursor.execute(LATEST, {"units": list(units), "most": SHOWN})
            return Q(pk__in=[key for (key,) in cursor.fetchall()])


def filing_lateness(case: Case) -> Lateness | None:
    """How late a filing came after the completion acceptance; None for another case, or before the day is told."""
    day = completed_on(case.facts.get("declared", {}), case.facts)
    if day is None or not case.workflow.startswith("filing/"):
        return None
    within = int(rulebook().value("fire.file_within", region=settings.REGION, on=case.basis_date, default=5))
    days = working_days(datetime.combine(day, time(12), SHANGHAI), case.opened_at)
    return Lateness(days, within, days_late(days, within))
