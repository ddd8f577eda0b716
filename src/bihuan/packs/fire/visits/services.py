"""Writing visits and questions of a project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Grant, holds_on
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.fire.keys import key_lock, key_taken
from bihuan.packs.fire.models import Project, Question, Visit
from bihuan.packs.fire.projects.services import KEEPERS, STREAM, project_found
from bihuan.packs.fire.workflows import OWNER


def visit_plan(*, scope: Scope, project: int, at: datetime, about: str, key: str, now: datetime) -> Visit:
    """Plan a visit of one's own to a project; the same `key` returns the same one, Conflict for another's. Refusal for a time that is past."""
    if at < now:
        raise Refusal("visit_past", _("这个时间已经过了,请选以后的时间。"), field="at")
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        made, new = Visit.objects.get_or_create(
            key=key, defaults={"project": row, "planned_at": at, "visitor_id": scope.person, "about": about}
        )
        if (made.project_id, made.visitor_id) != (row.pk, scope.person):
            raise key_taken()
        if new:
            data = {"project": row.pk, "visit": made.pk, "planned_at": at.isoformat()}
            register_append(
                stream=STREAM,
                kind="visit_planned",
                at=now,
                by=scope.person,
                data=data,
                private={"about": about},
            )
    return made


def visit_make(*, scope: Scope, visit: int, note: str, now: datetime) -> Visit:
    """The visit was made; once, by whoever planned it."""
    with transaction.atomic(), kernel_writes():
        row = Visit.objects.select_for_update().filter(pk=visit, visitor=scope.person).first()
        if row is None:
            raise NotFound("not_found", _("没有这次上门,或不是您的。"))
        if row.made_at is not None:
            raise Refusal("visit_made", _("这次上门已经登记过。"))
        row.made_at, row.note = now, note
        row.save(update_fields=["made_at", "note"])
        data = {"project": row.project_id, "visit": row.pk}
        register_append(
            stream=STREAM,
            kind="visit_made",
            at=now,
            by=scope.person,
            data=data,
            private={"note": note} if note else {},
        )
    return row


def question_ask(
    *,
    scope: Scope,
    project: int,
    text: str,
    words: Sequence[str],
    owner: int,
    due: date,
    visit: int | None,
    key: str,
    now: datetime,
) -> Question:
    """A question of a project, by the section or the project's owner, with whoever answers it and by when.

    Refusal for a day that is past or somebody who is not of the section.
    """
    if due < day_of(now):
        raise Refusal("too_early", _("这一天太早,应为以后的日期。"), field="due")
    with transaction.atomic(), kernel_writes():
        row = _project_of(project, scope)
        if owner not in section_people(row.unit_id, day_of(now)):
            raise Refusal("not_of_section", _("答复人要是本科室的人。"), field="owner")
        key_lock(key)
        known = Question.objects.filter(key=key).first()
        if known:
            if (known.project_id, known.asked_by_id) != (row.pk, scope.person):
                raise key_taken()
            return known
        seen = Visit.objects.filter(pk=visit, project=row).first() if visit else None
        made = Question.objects.create(
            project=row, visit=seen, text=text, words=list(words), asked_at=now, asked_by_id=scope.person, owner_id=owner, due=due, key=key
        )  # fmt: skip
        data = {"project": row.pk, "question": made.pk, "owner": owner, "due": due.isoformat()}
        register_append(
            stream=STREAM, kind="question_asked", at=now, by=scope.person, data=data, private={"text": text}
        )
    return made


def question_answer(*, scope: Scope, question: int, answer: str, now: datetime) -> Question:
    """Answer a question, by anybody of the section that keeps the project; once."""
    with transaction.atomic(), kernel_writes():
        row = Question.objects.select_for_update().filter(pk=question).first()
        if row is None:
            raise NotFound("not_found", _("没有这个问题,或您无权答复。"))
        project_found(row.project_id, scope)
        if row.answered_at is not None:
            raise Refusal("answered", _("这个问题已有答复。"))
        row.answer, row.answered_at, row.answered_by_id = answer, now, scope.person
        row.save(update_fields=["answer", "answered_at", "answered_by"])
        data = {"project": row.project_id, "question": row.pk}
        register_append(
            stream=STREAM,
            kind="question_answered",
            at=now,
            by=scope.person,
            data=data,
            private={"answer": answer},
        )
    return row


def section_people(unit: int, on: date) -> list[int]:
    """The ids of those who hold a role of the section in a unit on a day."""
    held = Grant.objects.filter(holds_on(on), unit_id=unit, role__in=KEEPERS, person__is_active=True)
    return sorted(set(held.values_list("person_id", flat=True)))


def _project_of(project: int, scope: Scope) -> Project:
    """A project of the section's, or of the owner who asks."""
    own = {held.unit for held in scope.held if held.role == OWNER}
    row = Project.objects.filter(pk=project, owner_unit__in=own).first() if own else None
    return row or project_found(project, scope)
