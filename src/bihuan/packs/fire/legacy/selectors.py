"""Reading the programme: by batch, and the projects of one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.models import LegacyProject, Project

ENDED = ("confirmed", "dropped")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: projects, single works, certified, dropped, and those in hand."""

    batch: int
    projects: int
    works: int
    confirmed: int
    dropped: int

    @property
    def in_hand(self) -> int:
        return self.projects - self.confirmed - self.dropped


def batches(scope: Scope) -> list[Batch]:
    """Every batch of the sections of this scope, in order."""
    with kernel_writes():  # whose they are is asked once, not of every project, work and case
        listed = LegacyProject.objects.filter(_own(scope, "project__")).order_by("batch").values("batch")
        works = dict(listed.annotate(n=Count("project__works")).values_list("batch", "n"))
        rows = list(
            listed.annotate(
                projects=Count("pk"),
                confirmed=Count("pk", filter=Q(case__state="confirmed")),
                dropped=Count("pk", filter=Q(case__state="dropped")),
            )
        )
    return [Batch(works=works.get(row["batch"], 0), **row) for row in rows]


def _own(scope: Scope, project: str) -> Q:
    return Q() if scope.everything else Q(**{f"{project}unit__in": scope.units})


def legacy_found(*, batch: int) -> QuerySet[LegacyProject]:
    """The projects of a batch (0: of all), the earliest batch first."""
    rows = LegacyProject.objects.select_related("project", "case__unit", "zone").order_by("batch", "pk")
    return rows.filter(batch=batch) if batch else rows


def unlisted(scope: Scope) -> list[Project]:
    """Legacy projects of these sections that are on no list yet."""
    with kernel_writes():
        found = Project.objects.filter(_own(scope, ""), legacy=True, programme=None)
        return list(found.only("name").order_by("name")[:500])
