"""Reading the merged applications of a project."""

from __future__ import annotations

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.merging.models import Merged
from bihuan.packs.fire.models import Project

AFTER = ("acceptance", "filing")
STANDING = ("parallel", "permitted")


def merged_of(project: Project) -> list[Case]:
    """The project's merged applications that may be seen, newest first."""
    return list(Case.objects.filter(pk__in=project.merged.values("case")).order_by("-pk"))


def merged_stands(project: Project) -> bool:
    """Are the project's formalities being handled together, or were they with success?"""
    return project.merged.filter(case__state__in=STANDING).exists()


def project_of_permit(number: str) -> int | None:
    """The project that a construction permit issued here was granted to, whoever may see it."""
    with kernel_writes():
        permit = Certificate.objects.filter(kind="fire_permit", number=number).values("case")
        found = Merged.objects.filter(case__bundle__parts__case__in=permit)
        return found.values_list("project", flat=True).first()


def is_built(project: Project) -> bool:
    """Has the project been built already, so that no construction permit is to come?"""
    return project.legacy or project.applications.filter(kind__in=AFTER).exists()
