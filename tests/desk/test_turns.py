"""The reviewer's and the call-back clerk's queues: whose turn, in which order, what is never theirs, what refusals change."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.desk.models import Turn
from bihuan.kernel.identity.models import Grant, Person
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.workflow.model import BY_REPORTER
from tests.desk.conftest import City
from tests.desk.test_case_page import see_all, stored
from tests.desk.test_queue import ANSWER, answered, version_of

As = Callable[..., Client]


def reviewed(city: City, **more: Any) -> Any:
    """An order that waits for zhao, 2 hours after the beginning."""
    opened = answered(city, **more)
    city.move(opened.case, "approve_up", "sun", after=2)
    return opened


def calling(city: City, *, after: int = 3, **more: Any) -> Any:
    """An order that waits for its call-back."""
    opened = reviewed(city, **more)
    city.move(opened.case, "approve", "zhao", after=after)
    return opened


def another(city: City, username: str, role: str) -> None:
    """A second person in a role of the centre."""
    with kernel_writes():
        person = Person.objects.create(username=username, name=f"第二{username}")
        Grant.objects.create(
            person=person,
            role=role,
            unit_id=city.units["371502_12345"],
            valid_from=city.now.date() - timedelta(days=9),
        )
    city.people[username] = person.pk


def entry_of(city: City, case: int, kind: str) -> dict[str, Any]:
    see_all(city)
    found = LedgerEntry.objects.filter(case_id=case, kind=kind).latest("seq")
    return dict(json.loads(bytes(found.body))["data"])


def test_zhao_reads_message_answer_rounds_and_assisting_results(city: City, as_: As) -> None:
    opened = city.handling()
    city.move(opened.case, "mediate", "wang", claim="退5200元", offer="退5000元", result="agreed", sum="5000")
    city.move(opened.case, "answer", "wang", outcome="done", answer="第一次的答复,没有写明经过。")
    city.move(opened.case, "approve_up", "sun", after=2)
    city.move(opened.case, "redo_after_review", "zhao", after=3, reason="没有写明办理经过,请补充。")
    city.move(opened.case, "self_call_back", "wang", after=4, reached="yes", note="第二次联系")
    city.move(opened.case, "answer", "wang", after=5, outcome="done", answer=ANSWER)
    city.move(opened.case, "approve_up", "sun", after=6)
    page = as_("zhao", after=7).get("/queue")
    body = page.content.decode()
    assert [verdict["step"].code for verdict in page.context["verdicts"]] == ["approve", "redo_after_review"]
    for words in (
        "要求退费",
        ANSWER,
        "第二次联系",
        "没有写明办理经过,请补充。",
        "第一次的答复,没有写明经过。",
        "5000",
    ):
        assert words in body, words
    assert [one.back.step for one in page.context["earlier"]] == ["redo_after_review"]
    assert [told.step for told in page.context["now_round"]] == ["answer", "self_call_back"]


def test_the_next_is_there_at_once_and_the_day_is_counted(city: City, as_: As) -> None:
    first, second = reviewed(city, title="甲"), reviewed(city, title="乙")
    as_("zhao", after=3).get("/queue")
    zhao = as_("zhao", after=3 + 2 / 60)
    sent = zhao.post(f"/queue/{first.number}/approve", {"version": version_of(city, first.case)}, follow=True)
    assert sent.context["case"].number == second.number
    line = sent.context["line"]
    assert (line.left, line.done, line.seconds) == (1, 1, 120.0)
    assert "今天办了 <b>1</b> 件,每件通常用时 2 分钟" in sent.content.decode()
    assert as_("zhao", after=30).get("/queue").context["line"].done == 0


def test_what_somebody_handled_is_never_in_the_own_queue(city: City, as_: As) -> None:
    opened = reviewed(city)
    see_all(city)
    with kernel_writes():
        row = Case.objects.get(pk=opened.case)
        row.progress["did"]["handle"] = [city.people["zhao"]]
        row.save(update_fields=["progress"])
    page = as_("zhao", after=3).get("/queue")
    assert (page.context["line"].left, "都办完了" in page.content.decode()) == (0, True)


def test_two_reviewers_get_two_cases(city: City, as_: As) -> None:
    first, second = reviewed(city, title="甲"), reviewed(city, title="乙")
    another(city, "zhao2", "reviewer")
    assert as_("zhao", after=3).get("/queue").context["case"].number == first.number
    other = as_("zhao2", after=3)
    assert other.get("/queue").context["case"].number == second.number
    assert as_("zhao", after=3).get("/queue").context["case"].number == first.number, "a reload keeps it"
    city.move(second.case, "approve", "zhao", after=3)
    waiting = other.get("/queue").content.decode()
    assert "剩下的正由别人看着" in waiting
    assert as_("zhao2", after=3.2).get("/queue").context["case"].number == first.number, "it runs out"
    assert Turn.objects.filter(case_id=first.case, done_at=None).count() == 1


def test_the_slower_of_two_reviewers_reads_who_was_first(city: City, as_: As) -> None:
    opened = reviewed(city)
    before = version_of(city, opened.case)
    zhao = as_("zhao", after=3)
    zhao.get("/queue")
    another(city, "zhao2", "reviewer")
    city.move(opened.case, "approve", "zhao2", after=3)
    was = stored(city, opened.case)
    sent = zhao.post(
        f"/queue/{opened.number}/redo_after_review", {"version": before, "reason": "请写明办理的经过"}
    )
    assert (sent.status_code, stored(city, opened.case)) == (409, was)
    body = sent.content.decode()
    assert "第二zhao2已先一步办理" in body
    assert "请写明办理的经过" in body, "the words can be copied"


def test_the_address_narrows_the_queue(city: City, as_: As) -> None:
    plain, urgent = reviewed(city, title="甲"), reviewed(city, title="乙", urgent=True)
    zhao = as_("zhao", after=3)
    assert zhao.get("/queue?burning=urgent").context["case"].number == urgent.number
    assert zhao.get("/queue?burning=redone").context["line"].left == 0
    assert zhao.get("/queue?unit=371502_market").context["line"].left == 2
    assert zhao.get("/queue?unit=371502_veterans").context["line"].left == 0
    zhao.get("/queue?burning=urgent")
    sent = zhao.post(
        f"/queue/{urgent.number}/approve?burning=urgent", {"version": version_of(city, urgent.case)}
    )
    assert sent["Location"] == "/queue?tab=mine&burning=urgent"
    assert stored(city, plain.case)[0] == "reviewing"


def numbers_in_turn(city: City, as_: As, after: float, count: int) -> list[str]:
    """The next cases of liu's queue, each put aside so that the one after it comes."""
    found = []
    liu = as_("liu", after=after)
    for _ in range(count):
        page = liu.get("/queue")
        if "case" not in page.context:
            break
        found.append(page.context["case"].number)
        liu.post(f"/queue/aside/{found[-1]}")
    liu.post("/queue/resume")
    return found


def test_callers_come_in_a_fair_order(city: City, as_: As) -> None:
    tried, agreed, later, plain = (calling(city, title=title) for title in "甲乙丙丁")
    city.move(tried.case, "attempt", "liu", after=4, result="no_answer")
    at = {hours: (city.now + timedelta(hours=hours)).isoformat() for hours in (5, 7)}
    city.move(agreed.case, "attempt", "liu", after=4, result="later", again=at[5])
    city.move(later.case, "attempt", "liu", after=4, result="later", again=at[7])
    assert numbers_in_turn(city, as_, 4.5, 4) == [plain.number]
    line = as_("liu", after=4.5).get("/queue").context["line"]
    assert (line.left, line.later, line.next_at) == (
        1,
        3,
        city.now + timedelta(hours=5),
    )
    assert numbers_in_turn(city, as_, 5.5, 4) == [agreed.number, plain.number], (
        "the same half day for the one tried"
    )
    next_morning = 24
    assert numbers_in_turn(city, as_, next_morning, 4) == [
        agreed.number,
        later.number,
        tried.number,
        plain.number,
    ]


def test_nobody_is_called_outside_decent_hours(city: City, as_: As) -> None:
    plain, agreed = calling(city, title="甲"), calling(city, title="乙")
    night = (city.now + timedelta(hours=13)).isoformat()
    city.move(agreed.case, "attempt", "liu", after=4, result="later", again=night)
    assert as_("liu", after=4).get("/queue").context["case"].number == plain.number
    quiet = as_("liu", after=12.5).get("/queue").content.decode()
    assert "按规定只在 08:30 至 20:00 回访" in quiet
    assert numbers_in_turn(city, as_, 13.5, 2) == [agreed.number], "that was agreed"


def version(page: Any) -> int:
    return int(page.context["case"].version)


def test_a_satisfied_caller_closes_the_case_and_the_next_comes(city: City, as_: As) -> None:
    first, second = calling(city, title="甲"), calling(city, title="乙")
    liu = as_("liu", after=4)
    page = liu.get("/queue")
    call = page.context["call"]
    assert [(grade.value, grade.step.code) for grade in call["grades"]] == [
        ("5", "evaluate"), ("4", "evaluate"), ("3", "evaluate"), ("2", "redo"), ("1", "redo"),
    ]  # fmt: skip
    assert "回复说已经办结" in call["script"].lines[-1]
    assert [verdict["choice"]["label"] for verdict in page.context["verdicts"]] == [
        "无人接听",
        "占线",
        "约时再访",
    ]
    assert [verdict["key"] for verdict in page.context["verdicts"]] == [6, 7, 8]
    said = {
        "version": version(page),
        "grade": "4",
        "contacted": "on",
        "resolved": "on",
        "words": "办得快",
        "reason": "",
    }
    sent = liu.post(f"/queue/call/{first.number}", said, follow=True)
    assert sent.context["case"].number == second.number
    assert stored(city, first.case)[0] == "closed"
    assert entry_of(city, first.case, "move")["fields"] == {"grade": "4", "contacted": True, "resolved": True}


def test_a_dissatisfied_caller_s_words_are_the_reason_of_the_redo(city: City, as_: As) -> None:
    opened = calling(city)
    liu = as_("liu", after=4)
    before, was = version(liu.get("/queue")), stored(city, opened.case)
    short = liu.post(f"/queue/call/{opened.number}", {"version": before, "grade": "1", "reason": "短"})
    assert (short.status_code, stored(city, opened.case)) == (422, was)
    assert short.context["problems"] == [("call-reason", "不满意的原因", "不能少于4个字")]
    assert (
        'value="1" data-fields="grade contacted resolved understood reason" checked' in short.content.decode()
    )
    liu.post(
        f"/queue/call/{opened.number}", {"version": before, "grade": "1", "words": "没有人联系过我,钱也没退"}
    )
    assert stored(city, opened.case)[0] == "handling"
    see_all(city)
    assert Case.objects.get(pk=opened.case).facts["evaluation"] == {"grade": "1"}


@pytest.mark.parametrize("grade", ["", "6", "满意", "5' or 1=1"])
def test_a_grade_that_is_none_is_refused(city: City, as_: As, grade: str) -> None:
    opened = calling(city)
    liu = as_("liu", after=4)
    before, was = version(liu.get("/queue")), stored(city, opened.case)
    sent = liu.post(f"/queue/call/{opened.number}", {"version": before, "grade": grade, "words": "还有话说"})
    assert (sent.status_code, stored(city, opened.case)) == (422, was)
    assert "请选择满意度。" in sent.content.decode()
    assert "还有话说</textarea>" in sent.content.decode()


@pytest.mark.parametrize(
    ("again", "why"),
    [("", "要写明以后的日期和时间"), ("2020-01-01T10:00", "要写明以后的日期和时间"), ("x", "应为日期和时间"), ("2090-01-01T10:00", "要写明以后的日期和时间")],
)  # fmt: skip
def test_an_appointment_needs_a_time_that_lies_ahead(city: City, as_: As, again: str, why: str) -> None:
    opened = calling(city)
    liu = as_("liu", after=4)
    before, was = version(liu.get("/queue")), stored(city, opened.case)
    sent = liu.post(f"/queue/{opened.number}/attempt", {"version": before, "result": "later", "again": again})
    assert (sent.status_code, stored(city, opened.case)) == (422, was)
    assert why in sent.content.decode()
    assert [verdict["tried"] for verdict in sent.context["verdicts"]] == [False, False, True]


def test_the_third_call_in_vain_leaves_the_case_to_be_closed(city: City, as_: As) -> None:
    opened, other = calling(city, title="甲"), calling(city, title="乙")
    city.move(opened.case, "attempt", "liu", after=4, result="no_answer")
    city.move(opened.case, "attempt", "liu", after=24, result="busy")
    liu = as_("liu", after=30)
    page = liu.get("/queue")
    assert page.context["case"].number == opened.number
    third = liu.post(
        f"/queue/{opened.number}/attempt", {"version": version(page), "result": "no_answer"}, follow=True
    )
    assert third.context["case"].number == opened.number
    assert [verdict["step"].code for verdict in third.context["verdicts"]] == ["close_unreached"]
    end = liu.post(f"/queue/{opened.number}/close_unreached", {"version": version(third)}, follow=True)
    assert (stored(city, opened.case)[0], end.context["case"].number) == ("closed", other.number)


def test_the_number_is_read_by_a_standing_reason_once_a_press(city: City, as_: As) -> None:
    opened = calling(city)
    liu = as_("liu", after=4)
    page = liu.get("/queue")
    assert "19900000001" not in page.content.decode()
    party = page.context["call"]["reporters"][0].id
    shown = liu.post(f"/queue/phone/{opened.number}/{party}")
    assert 'href="tel:19900000001"' in shown.content.decode()
    entry = entry_of(city, opened.case, "unmasked")
    assert (entry["party"], entry["standing"]) == (party, "call_back")
    assert liu.post(f"/queue/phone/{opened.number}/{party + 999}").status_code == 404


@pytest.mark.parametrize(("username", "status"), [("zhao", 403), ("tang", 403), ("wang", 403), ("qian", 404)])
def test_nobody_else_reads_a_number_by_that_reason(city: City, as_: As, username: str, status: int) -> None:
    opened = calling(city)
    party = as_("liu", after=4).get("/queue").context["call"]["reporters"][0].id
    was = stored(city, opened.case)
    sent = as_(username, after=4).post(f"/queue/phone/{opened.number}/{party}")
    assert (sent.status_code, stored(city, opened.case)) == (status, was)
    assert b"19900000001" not in sent.content


def test_what_the_citizen_answered_on_line_is_not_called_again(city: City, as_: As) -> None:
    first, second = calling(city, title="甲"), calling(city, title="乙")
    liu = as_("liu", after=4)
    before = version(liu.get("/queue"))
    case_move(
        case_id=first.case,
        step="evaluate",
        by=BY_REPORTER,
        now=city.now + timedelta(hours=4),
        data={"grade": "5"},
    )
    was = stored(city, first.case)
    late = liu.post(f"/queue/call/{first.number}", {"version": before, "grade": "1", "reason": "没有人联系"})
    assert (late.status_code, stored(city, first.case)) == (422, was)
    assert liu.get("/queue").context["case"].number == second.number


def test_everybody_merged_into_an_order_is_called_with_its_answer(city: City, as_: As) -> None:
    from bihuan.kernel.cases.merging import case_merge

    survivor = city.handling(title="甲")
    repeat = city.opened(title="乙")
    case_merge(
        case_id=repeat.case, into=survivor.case, by=city.people["li"], now=city.now + timedelta(hours=1)
    )
    city.move(survivor.case, "answer", "wang", outcome="impossible", answer=ANSWER, until="2026-12-31")
    city.move(survivor.case, "approve_up", "sun", after=2)
    city.move(survivor.case, "approve", "zhao", after=3)
    assert set(numbers_in_turn(city, as_, 4, 3)) == {survivor.number, repeat.number}
    liu = as_("liu", after=4)
    liu.post(f"/queue/aside/{survivor.number}")
    page = liu.get("/queue")
    assert (page.context["case"].number, page.context["answer"]) == (repeat.number, ANSWER)
    assert "现在还不能解决" in page.context["call"]["script"].lines[-1]


@pytest.mark.parametrize("username", ["zhao", "liu"])
def test_a_queue_asks_no_more_with_more_cases(
    city: City, as_: As, username: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        (reviewed if username == "zhao" else calling)(city)
    client = as_(username, after=4)
    with django_assert_max_num_queries(30):
        assert client.get("/queue").context["line"].left == 6
