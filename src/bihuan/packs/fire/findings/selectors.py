"""Reading findings, as far as the present scope sees their cases."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.models import Covered, Finding, Hazard

STATES = ("told", "rectified", "verified")


def findings_found(*, state: str = "", project: int | None = None) -> QuerySet[Finding]:
    """Findings with project and case: in a state ("": all), of one project, newest first."""
    rows = Finding.objects.select_related("project", "case", "work", "application").order_by("-pk")
    rows = rows.filter(case__state=state) if state else rows
    return rows.filter(project=project) if project else rows


def findings_counted() -> dict[str, int]:
    """How many findings stand in each state, and how many were rectified more than once ("redone")."""
    counted = Finding.objects.aggregate(
        all_of=Count("pk"),
        redone_of=Count("pk", filter=Q(case__redo_count__gt=0)),
        **{f"{state}_of": Count("pk", filter=Q(case__state=state)) for state in STATES},
    )
    return {name.removesuffix("_of"): number for name, number in counted.items()}


def findings_open(project: int) -> QuerySet[Finding]:
    """The findings of a project that are not yet verified as rectified."""
    return findings_found(project=project).filter(case__closed_at=None)


def hazards_left(project: int) -> int:
    """How many hazards that people found on the project's sites are not rectified, whoever keeps the site; alarms of devices are
    those of the building work.
    """
    with kernel_writes():
        found = Hazard.objects.filter(site__project=project, case__closed_at=None)
        return found.exclude(source="alarm").count()


def left_to_rectify(project: int, case: int) -> int:
    """How many findings an application has to wait for, and hazards of the project's sites."""
    return findings_holding(project, case).count() + hazards_left(project)


def findings_holding(project: int, case: int) -> QuerySet[Finding]:
    """The open findings that an application has to wait for: all of its project; where it covers stages, those found for these
    stages, those of the site in the works that it covers, and those of no work in particular.
    """
    covered = list(Covered.objects.filter(case=case).values_list("stage", "stage__work"))
    found = findings_open(project)
    if not covered:
        return found
    same = Covered.objects.filter(stage__in=[stage for stage, _work in covered]).values("case")
    works = [work for _stage, work in covered]
    site = Q(application=None) & (Q(work=None) | Q(work__in=works))
    return found.filter(Q(application__in=same) | site)
