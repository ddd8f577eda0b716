"""Keeping what was learnt, and ending it: each an entry of the register `lessons`."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.lessons.models import Lesson
from bihuan.packs.onewindow.lessons.selectors import HEADS, ended_by
from bihuan.packs.onewindow.models import Item

STREAM = "lessons"
KEEPERS = ("window_clerk", "supervisor", *HEADS)


def lesson_keep(*, item: int, question: str, answer: str, scope: Scope, now: datetime) -> Lesson:
    """Keep a question with its answer beside an item. NotPermitted for whoever neither takes in nor leads; FieldError names the field.

    The same question is kept once: another answer ends the earlier one, and is for `HEADS` of its author's unit alone.
    """
    asked = clean_text(question, field="question", max_length=300, min_length=4, multiline=False)
    said = clean_text(answer, field="answer", max_length=2000, min_length=4)
    _keeps(scope)
    with kernel_writes():
        row = Item.objects.select_for_update(no_key=True).filter(pk=item).first()
        if row is None:
            raise NotFound("not_found", _("没有这个事项。"))
        same = list(Lesson.objects.filter(item=row, question=asked, active=True))
        if any(one.answer == said for one in same):
            raise FieldError("answer", "duplicate", _("这条知识已经记过。"))
        for one in same:
            if not ended_by([one], scope):
                raise FieldError("question", "kept", _("这个问题已记过另一个答复。要改,请记它的人所在单位的科长、负责人或大厅主管来改;或把问题写得不一样。"))  # fmt: skip
            _end(one, scope, now)
        lesson = Lesson.objects.create(
            item=row, question=asked, answer=said, kept_at=now, kept_by_id=scope.person
        )
        data = {"lesson": lesson.pk, "items": [row.code]}
        register_append(
            stream=STREAM, kind="lesson_kept", at=now, by=scope.person, data=data,
            private={"question": asked, "answer": said},
        )  # fmt: skip
    return lesson


def lesson_end(*, lesson: int, scope: Scope, now: datetime) -> None:
    """It is no longer shown. NotPermitted but for `HEADS` of its author's unit; NotFound when it is not there or ended."""
    _keeps(scope)
    with kernel_writes():
        found = Lesson.objects.select_for_update().filter(pk=lesson, active=True).first()
        if found is None:
            raise NotFound("not_found", _("没有这条知识,或已停用。"))
        if not ended_by([found], scope):
            raise NotPermitted("not_permitted", _("只有记它的人所在单位的科长、负责人或大厅主管能停用。"))
        _end(found, scope, now)


def _end(lesson: Lesson, scope: Scope, now: datetime) -> None:
    lesson.active = False
    lesson.save(update_fields=["active"])
    register_append(stream=STREAM, kind="lesson_ended", at=now, by=scope.person, data={"lesson": lesson.pk})


def _keeps(scope: Scope) -> None:
    if not scope.holds(*KEEPERS):
        raise NotPermitted("not_permitted", _("窗口的知识由窗口人员、单位负责人、大厅主管或中心督办来记。"))
