"""Writing and finding rulings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotPermitted
from bihuan.packs.fire.models import Project, Ruling
from bihuan.packs.fire.projects.selectors import said_of
from bihuan.packs.fire.projects.services import STREAM
from bihuan.packs.fire.workflows import CHIEF, REVIEWER

MAKERS = (REVIEWER, CHIEF)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A conflict and how it was ruled on; `words` are what a like project's name, use or single works hold."""

    title: str
    clauses: str
    ruling: str
    reason: str
    scope: str
    words: Sequence[str]
    project: int | None = None


def ruling_enter(*, scope: Scope, ruled: Ruled, now: datetime) -> Ruling:
    """Enter a ruling. NotPermitted for whoever neither reviews nor leads."""
    if not scope.holds(*MAKERS):
        raise NotPermitted("not_permitted", _("只有设计审查人和负责人可以登记裁定。"))
    with kernel_writes():
        row = Ruling.objects.create(
            title=ruled.title, project_id=ruled.project, clauses=ruled.clauses, ruling=ruled.ruling,
            reason=ruled.reason, scope=ruled.scope, words=list(ruled.words), ruled_at=now, ruled_by_id=scope.person,
        )  # fmt: skip
        data = {
            "ruling": row.pk, "title": row.title, "project": ruled.project, "clauses": row.clauses, "said": row.ruling,
            "reason": row.reason, "scope": row.scope, "words": row.words,
        }  # fmt: skip
        register_append(stream=STREAM, kind="ruling_entered", at=now, by=scope.person, data=data)
    return row


def rulings_found(text: str) -> QuerySet[Ruling]:
    """Rulings that hold the text in title, clauses, scope or words; all for "", newest first."""
    rows = Ruling.objects.select_related("project", "ruled_by").order_by("-pk")
    places = ("title", "clauses", "ruling", "scope")
    held = [Q(**{f"{name}__icontains": text}) for name in places] + [Q(words__contains=[text])]
    return rows.filter(reduce(or_, held)) if text else rows


def rulings_like(project: Project) -> list[Ruling]:
    """Rulings that a project should know: one of their words stands in its name, use or a single work's name."""
    said = said_of(project)
    rows = Ruling.objects.select_related("project").order_by("-pk")
    return [row for row in rows if any(word in said for word in row.words)]
