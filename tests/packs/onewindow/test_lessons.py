"""What the desk did not know becomes the morning meeting's lesson and knowledge beside the item."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.identity.scope import scope_of
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.meetings.services import meeting_plan
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.lessons.rules import alike, times_asked
from bihuan.packs.onewindow.lessons.selectors import Missing, materials_missing, questions_asked
from bihuan.packs.onewindow.lessons.services import lesson_end, lesson_keep
from bihuan.packs.onewindow.models import Lesson
from tests.packs.onewindow.conftest import As, Window
from tests.stories.cast import text_of

FIRST, AGAIN, OTHER = "方位图要不要画到街道?", "方位图要画到街道吗,二楼的店?", "健康证明在外地办的行不行?"


def test_like_questions_share_their_characters() -> None:
    assert alike(FIRST, AGAIN)
    assert not alike(FIRST, OTHER)
    assert not alike("", FIRST)
    assert times_asked([FIRST, OTHER, AGAIN]) == [2, 1, 2]
    assert times_asked([]) == []


def asked(window: Window) -> None:
    """Three questions about one item, the first answered."""
    for number, question in enumerate((FIRST, OTHER, AGAIN)):
        taken = window.take("1", "3", outcome="keep")
        window.later(minutes=1)
        window.move(taken.case, "ask_approver", "fang", question=f"{question} 电话 19900000001")
        window.later(minutes=1)
        if not number:
            window.move(taken.case, "answer_desk", "wang", reply="要画到街道,标出相邻的门牌。")


@pytest.mark.django_db
def test_the_weeks_questions_by_item_with_what_was_asked_again(window: Window) -> None:
    since = window.now
    asked(window)
    window.take("1", outcome="tell_missing")
    window.later(minutes=1)
    (one,) = questions_asked(since=since, until=window.now)
    assert (one.item, [(q.times, q.answer) for q in one.questions], one.again) == (
        window.item.pk, [(2, "要画到街道,标出相邻的门牌。"), (1, ""), (2, "")], 2,
    )  # fmt: skip
    assert "19900000001" not in str(one)
    assert materials_missing(since=since, until=window.now) == [
        Missing(window.item.pk, "食品经营许可(新办)", "经营场所平面图", 1, 4),
        Missing(window.item.pk, "食品经营许可(新办)", "食品安全管理制度", 1, 4),
    ]
    assert questions_asked(since=window.now, until=window.now + timedelta(days=1)) == []


@pytest.mark.django_db
def test_the_morning_meeting_draws_them_into_its_agenda(window: Window) -> None:
    asked(window)
    window.take("1", "3", outcome="tell_missing")
    window.later(minutes=1)
    scope = scope_of(person=window.people["tang"], at=window.now, roles=roles())
    meeting = meeting_plan(
        scope=scope, kind="morning", subject="周例会", at=window.now + timedelta(hours=1), place="三楼", units=(), key="m-1",
        now=window.now,
    )  # fmt: skip
    assert [(item.source, item.title, item.figures) for item in meeting.items.order_by("position")] == [
        ("learn", "食品经营许可(新办)", {"asked": 3, "again": 2, "address": "/onewindow/lessons"}),
        ("learn", "食品经营许可(新办):食品安全管理制度", {"missing": 1, "taken": 4, "address": "/onewindow/lessons"}),
    ]  # fmt: skip
    other = meeting_plan(
        scope=scope, kind="dispatch", subject="调度会", at=window.now + timedelta(hours=1), place="三楼", units=(), key="m-2",
        now=window.now,
    )  # fmt: skip
    assert not other.items.filter(source="learn").exists()


@pytest.mark.django_db
def test_what_is_kept_is_shown_when_the_item_is_taken_in_and_kept_once(
    window: Window, as_: As, django_assert_max_num_queries: Any
) -> None:
    asked(window)
    fang = as_("fang")
    with django_assert_max_num_queries(25):
        page = text_of(fang.get("/onewindow/lessons"))
    for words in ("方位图要不要画到街道", "一周问了 2 次", "要画到街道,标出相邻的门牌。", "还没有答复"):
        assert words in page, words
    said = {"item": window.item.pk, "question": "方位图画到哪里?", "answer": "画到街道,标出门牌。"}
    assert fang.post("/onewindow/lessons", said).status_code == 302
    again = fang.post("/onewindow/lessons", said)
    assert (again.status_code, "这条知识已经记过" in text_of(again)) == (422, True)
    assert fang.post("/onewindow/lessons", {**said, "question": "x"}).status_code == 422
    assert fang.post("/onewindow/lessons", {**said, "item": "999999"}).status_code == 404
    with kernel_writes():
        assert Lesson.objects.count() == 1
    assert "画到街道,标出门牌。" in text_of(fang.get(f"/onewindow/window?item={window.item.pk}"))
    with kernel_writes():
        lesson = Lesson.objects.get().pk
    other = {**said, "answer": "画到门牌为止。"}
    assert (
        fang.post("/onewindow/lessons", other).status_code,
        "已记过另一个答复" in text_of(fang.post("/onewindow/lessons", other)),
    ) == (422, True)
    end = {"act": "end", "lesson": lesson}
    assert (
        fang.post("/onewindow/lessons", end).status_code,
        "停用<span" in text_of(fang.get("/onewindow/lessons")),
    ) == (403, False)
    assert "画到街道,标出门牌。" in text_of(fang.get(f"/onewindow/window?item={window.item.pk}"))
    cheng = as_("cheng")
    assert "<small>食品经营许可(新办)</small><br><strong>方位图画到哪里?" in text_of(
        cheng.get("/onewindow/lessons")
    )
    assert cheng.post("/onewindow/lessons", end).status_code == 302
    assert "画到街道,标出门牌。" not in text_of(fang.get(f"/onewindow/window?item={window.item.pk}"))
    assert as_("qian").get("/onewindow/lessons").status_code == 403


@pytest.mark.django_db
def test_only_who_takes_in_or_leads_keeps_and_the_authors_head_alone_puts_another_answer(
    window: Window,
) -> None:
    def scope(who: str) -> Any:
        return scope_of(person=window.people[who], at=window.now, roles=roles())

    said = {"item": window.item.pk, "question": "方位图画到哪里?", "answer": "画到街道。", "now": window.now}
    with pytest.raises(NotPermitted, match="窗口人员"):
        lesson_keep(**said, scope=scope("li"))
    with pytest.raises(FieldError, match="不能少于4个字"):
        lesson_keep(**{**said, "answer": "画"}, scope=scope("fang"))
    with kernel_writes():
        assert Lesson.objects.count() == 0
    first = lesson_keep(**said, scope=scope("fang"))
    other = {**said, "answer": "画到街道,标门牌。"}
    for who in ("fang", "chen", "tang"):
        with pytest.raises(FieldError, match="已记过另一个答复"):
            lesson_keep(**other, scope=scope(who))
        with pytest.raises(NotPermitted, match="所在单位"):
            lesson_end(lesson=first.pk, scope=scope(who), now=window.now)
    with kernel_writes():
        assert list(Lesson.objects.filter(active=True)) == [first]
    lesson_keep(**other, scope=scope("cheng"))
    with kernel_writes():
        assert list(Lesson.objects.filter(active=True).values_list("answer", flat=True)) == [
            "画到街道,标门牌。"
        ]
        (ended,) = register_entries(stream="lessons", match={"lesson": first.pk}, most=1)
    assert (ended.kind, ended.by) == ("lesson_ended", window.people["cheng"])
    with pytest.raises(NotFound, match="已停用"):
        lesson_end(lesson=first.pk, scope=scope("cheng"), now=window.now)
