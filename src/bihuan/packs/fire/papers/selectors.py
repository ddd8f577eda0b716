"""Reading documents."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import REVOKED
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.packs.fire.models import Project

DECIDING = (
    "fire_design_opinion",
    "fire_acceptance_opinion",
    "fire_stage_opinion",
    "fire_filed",
    "fire_permit",
)
"""Documents without which an application has not come to what was asked for."""


def cases_undone() -> QuerySet[Certificate, int]:
    """The cases whose deciding document was revoked: what they brought may be applied for again."""
    return Certificate.objects.filter(kind__in=DECIDING, state=REVOKED).values_list("case", flat=True)


def documents_of(project: Project, *, today: date) -> list[tuple[Certificate, str, str, str, bool]]:
    """What was issued for a project's cases, the latest first, as far as the present scope sees it."""
    rows = Certificate.objects.select_related("case", "unit", "replaced_by")
    own, parts = project.applications.values("case"), project.merged.values("case__bundle__parts__case")
    return certificates_told(rows.filter(Q(case__in=own) | Q(case__in=parts)).order_by("-pk"), today=today)
