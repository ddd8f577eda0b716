"""Reading visits and questions."""

from __future__ import annotations

from django.db.models import QuerySet

from bihuan.packs.fire.models import Project, Question, Visit
from bihuan.packs.fire.projects.selectors import said_of


def visits_of(person: int) -> QuerySet[Visit]:
    """One's own visits that are not made yet, the next first."""
    return Visit.objects.filter(visitor=person, made_at=None).select_related("project").order_by("planned_at")


def questions_open(*, owner: int | None = None) -> QuerySet[Question]:
    """Questions without an answer, of one person when given, the most pressing first."""
    rows = Question.objects.filter(answered_at=None).select_related("project", "owner").order_by("due", "pk")
    return rows.filter(owner=owner) if owner else rows


def questions_like(project: Project) -> list[Question]:
    """Answered questions of other projects that this one should know: one of their words stands in its name, use or a work's name."""
    said = said_of(project)
    rows = Question.objects.exclude(project=project).exclude(answered_at=None).exclude(words=[])
    return [
        row
        for row in rows.select_related("project").order_by("-pk")[:500]
        if any(word in said for word in row.words)
    ]
