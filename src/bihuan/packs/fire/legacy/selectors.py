"""Reading the programme: by batch, and the projects of one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

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


def batches() -> list[Batch]:
    """Every batch in order, within the scope."""
    works = dict(
        LegacyProject.objects.order_by("batch")
        .values("batch")
        .annotate(n=Count("project__works"))
        .values_list("batch", "n")
    )
    rows = LegacyProject.objects.order_by("batch").values("batch").annotate(
        projects=Count("pk"),
        confirmed=Count("pk", filter=Q(case__state="confirmed")),
        dropped=Count("pk", filter=Q(case__state="dropped")),
    )  # fmt: skip
    return [Batch(works=works.get(row["batch"], 0), **row) for row in rows]


def legacy_found(*, batch: int) -> QuerySet[LegacyProject]:
    """The projects of a batch (0: of all), the earliest batch first."""
    rows = LegacyProject.objects.select_related("project", "case__unit", "zone").order_by("batch", "pk")
    return rows.filter(batch=batch) if batch else rows


def unlisted() -> list[Project]:
    """Legacy projects that are on no list yet."""
    return list(Project.objects.filter(legacy=True, programme=None).order_by("name")[:500])
