"""Reading documents."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.packs.fire.models import Project


def documents_of(project: Project, *, today: date) -> list[tuple[Certificate, str, str, str, bool]]:
    """What was issued for a project's cases, the latest first, as far as the present scope sees it."""
    rows = Certificate.objects.select_related("case", "unit", "replaced_by")
    own, parts = project.applications.values("case"), project.merged.values("case__bundle__parts__case")
    return certificates_told(rows.filter(Q(case__in=own) | Q(case__in=parts)).order_by("-pk"), today=today)
