"""Reading findings, as far as the present scope sees their cases."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.paging import figure_counted
from bihuan.packs.fire.models import Covered, Finding, Hazard

OPEN = ("told", "rectified")


def findings_found(*, state: str = "", project: int | None = None) -> QuerySet[Finding]:
    """Findings with project and case: in a state ("": all), of one project, newest first."""
    rows = Finding.objects.select_related("project", "case", "work", "application").order_by("-pk")
    rows = rows.filter(_standing(state)) if state else rows
    return rows.filter(project=project) if project else rows


def _standing(state: str) -> Q:
    """In a state; open ones are few and found by the index of open cases."""
    return Q(case__state=state, case__closed_at=None) if state in OPEN else Q(case__state=state)


def findings_counted() -> dict[str, str]:
    """How many findings stand in each state, and how many of those not yet verified were rectified more than once ("redone")."""
    unverified = Finding.objects.filter(case__closed_at=None, case__state__in=OPEN)
    return {
        "all": figure_counted(Finding.objects.all()),
        **{state: figure_counted(Finding.objects.filter(_standing(state))) for state in (*OPEN, "verified")},
        "redone": figure_counted(unverified.filter(case__redo_count__gt=0)),
    }


def findings_open(project: int) -> QuerySet[Finding]:
    """The findings of a project that are not yet verified as rectified."""
    return findings_found(project=project).filter(case__closed_at=None)


def left_to_rectify(project: int, case: int) -> tuple[int, int]:
    """How many findings an application has to wait for, and how many hazards of the project's sites."""
    covered = _covered(case)
    return _findings_holding(project, covered).count(), _hazards_holding(project, covered)


def findings_holding(project: int, case: int) -> QuerySet[Finding]:
    """The open findings that an application has to wait for: all of its project, but for places in which a passed sub-item failed;
    where it covers stages, those found for these stages, those of the site in the works that it covers, and those of no work in particular.
    """
    return _findings_holding(project, _covered(case))


def _covered(case: int) -> list[tuple[int, int]]:
    """The stages that an application covers, each with its work."""
    return list(Covered.objects.filter(case=case).values_list("stage", "stage__work"))


def _hazards_holding(project: int, covered: list[tuple[int, int]]) -> int:
    """Hazards that people found, whoever keeps the site: where stages are covered, those in their works and those of no work in particular.
    Alarms of devices are those of the building work.
    """
    with kernel_writes():
        found = Hazard.objects.filter(site__project=project, case__closed_at=None).exclude(source="alarm")
        return (found.filter(_in_works(covered)) if covered else found).count()


def _findings_holding(project: int, covered: list[tuple[int, int]]) -> QuerySet[Finding]:
    found = findings_open(project).exclude(source=Finding.Source.PLACE)
    if not covered:
        return found
    same = Covered.objects.filter(stage__in=[stage for stage, _work in covered]).values("case")
    return found.filter(Q(application__in=same) | Q(application=None) & _in_works(covered))


def _in_works(covered: list[tuple[int, int]]) -> Q:
    return Q(work=None) | Q(work__in=[work for _stage, work in covered])
