"""Reading documents."""

from __future__ import annotations

from datetime import date

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.packs.fire.models import Project


def documents_of(project: Project, *, today: date) -> list[tuple[Certificate, str, str, str, bool]]:
    """What was issued for a project's cases, the latest first, as far as the present scope sees it."""
    rows = Certificate.objects.select_related("case", "unit", "replaced_by")
    return certificates_told(
        rows.filter(case__in=project.applications.values("case")).order_by("-pk"), today=today
    )
