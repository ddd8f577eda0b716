"""One case after another: the next at once, refusals that change nothing, and the head's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from tests.desk.conftest import City
from tests.desk.test_case_page import see_all, stored

As = Callable[..., Client]
ANSWER = "经调解双方同意退费,已经办结。"


def answered(city: City, **more: Any) -> Any:
    opened = city.handling(**more)
    city.move(opened.case, "answer", "wang", outcome="done", answer=ANSWER)
    return opened


def version_of(city: City, case: int) -> int:
    see_all(city)
    return Case.objects.get(pk=case).version


def test_the_queue_shows_message_and_answer_and_goes_on_at_once(city: City, as_: As) -> None:
    first, second = answered(city, title="甲"), answered(city, title="乙")
    sun = as_("sun", after=2)
    page = sun.get("/queue")
    body = page.content.decode()
    assert page.context["case"].number == first.number
    assert page.context["line"].left == 2
    assert "要求退费" in body and ANSWER in body
    assert [verdict["step"].code for verdict in page.context["verdicts"]] == ["approve_up", "send_back"]
    sent = sun.post(f"/queue/{first.number}/approve_up", {"version": version_of(city, first.case)})
    assert (sent.status_code, sent["Location"]) == (302, "/queue?tab=mine")
    after = sun.get("/queue?tab=mine")
    assert after.context["case"].number == second.number
    assert f"{first.number} “审核通过,报上一级”已办好,本件现在是“审核中”。" in after.content.decode()
    assert stored(city, first.case)[0] == "reviewing"


def test_putting_aside_leaves_a_case_for_later(city: City, as_: As) -> None:
    first, second = answered(city, title="甲"), answered(city, title="乙")
    sun = as_("sun", after=2)
    sun.get("/queue")
    put = sun.post(f"/queue/aside/{first.number}", follow=True)
    assert put.context["case"].number == second.number
    assert f"{first.number} 已放在一边,03-02 14:00 起再给您。" in put.content.decode()
    end = sun.post(f"/queue/aside/{second.number}", follow=True)
    assert "只剩下您放在一边的。" in end.content.decode()
    assert (end.context["line"].left, end.context["line"].aside) == (0, 2)
    back = sun.post("/queue/resume", follow=True)
    assert (back.context["case"].number, back.context["line"].left) == (first.number, 2)
    assert "都办完了" in as_("qian").get("/queue").content.decode()


def test_what_was_put_aside_comes_back_by_its_undo_and_by_itself(city: City, as_: As) -> None:
    first, second = answered(city, title="甲"), answered(city, title="乙")
    sun = as_("sun", after=2)
    put = sun.post(f"/queue/aside/{first.number}", follow=True)
    assert f'action="/queue/resume/{first.number}?tab=mine"' in put.content.decode()
    sun.post(f"/queue/aside/{second.number}")
    assert sun.post(f"/queue/resume/{second.number}", follow=True).context["case"].number == second.number
    assert as_("sun", after=4.1).get("/queue").context["line"].left == 2


def test_a_refused_verdict_shows_the_same_case_with_its_words(city: City, as_: As) -> None:
    opened = answered(city)
    sun, before = as_("sun", after=2), stored(city, opened.case)
    answer = sun.post(f"/queue/{opened.number}/send_back", {"version": before[1], "reason": "短"})
    assert answer.status_code == 422
    assert answer.context["case"].number == opened.number
    assert answer.context["problems"] == [("send_back-reason", "理由", "不能少于4个字")]
    assert 'href="#field-send_back-reason"' in answer.content.decode()
    assert ">短</textarea>" in answer.content.decode()
    assert stored(city, opened.case) == before


def test_a_second_click_signs_nothing_twice(city: City, as_: As) -> None:
    opened, second = answered(city), answered(city)
    sun, version = as_("sun", after=2), version_of(city, opened.case)
    for _ in range(2):
        sent = sun.post(f"/queue/{opened.number}/approve_up", {"version": version})
        assert sent.status_code == 302
    see_all(city)
    signed = [
        entry
        for entry in LedgerEntry.objects.filter(case_id=opened.case)
        if b"approve_up" in bytes(entry.body)
    ]
    assert len(signed) == 1
    page = sun.get(sent["Location"])
    assert "没有重复办理" in page.content.decode()
    assert page.context["case"].number == second.number


@pytest.mark.parametrize(("username", "status"), [("qian", 404), ("wang", 403)])
def test_others_sign_nothing_in_a_queue(city: City, as_: As, username: str, status: int) -> None:
    opened = answered(city)
    before = stored(city, opened.case)
    sent = as_(username, after=2).post(f"/queue/{opened.number}/approve_up", {"version": before[1]})
    assert sent.status_code == status
    assert stored(city, opened.case) == before


def test_a_step_sent_without_a_form_goes_to_the_queue(city: City, as_: As) -> None:
    opened = answered(city)
    came = as_("sun", after=2).get(f"/queue/{opened.number}/approve_up?tab=mine&state=reviewing")
    assert (came.status_code, came["Location"]) == (302, "/queue?tab=mine&state=reviewing")


def test_the_head_sees_what_to_sign_what_burns_and_what_came_back(city: City, as_: As) -> None:
    signing, urgent = answered(city, title="待签"), city.dispatched(title="煤气")
    city.move(urgent.case, "pass_on", "li", service="119")
    redone = answered(city, title="返工")
    city.move(redone.case, "approve_up", "sun", after=2)
    city.move(redone.case, "approve", "zhao", after=3)
    city.move(redone.case, "redo", "liu", after=4, grade="1", reason="没有人联系过我")
    city.closed(title="办完")
    with kernel_writes():
        Clock.objects.filter(case=city.closed(title="没有承诺时限").case, kind="handle").update(basis="term")
    page = as_("sun", after=5).get("/head")
    blocks = {block["code"]: block for block in page.context["blocks"]}
    numbers = {code: [row["case"].number for row in block["rows"]] for code, block in blocks.items()}
    assert numbers == {"sign": [signing.number], "burns": [urgent.number], "back": [redone.number]}
    assert [count for _, count, _ in blocks["back"]["chips"]] == [1, 0, 1]
    assert [one["value"] for one in page.context["figures"]] == [3, 1, 0], "open, late, near"
    ended = [[one["value"] for one in row["figures"]] for row in page.context["ended"]]
    assert ended == [[2, 1, 0, 1, 0]] * 2, (
        "closed, in time, late, without a limit, redone: today and this month"
    )
    every = [*page.context["figures"], *(one for row in page.context["ended"] for one in row["figures"])]
    for one in every:
        assert len(as_("sun", after=5).get(one["address"]).context["rows"]) == one["value"], one["address"]


def test_the_head_s_page_asks_no_more_with_more_rows(
    city: City, as_: As, django_assert_max_num_queries: Any
) -> None:
    sun = as_("sun", after=2)
    assert "现在没有等您签批的。" in sun.get("/head").content.decode()
    for _ in range(7):
        answered(city)
    with django_assert_max_num_queries(25):
        page = sun.get("/head")
    assert "看全部 7 件" in page.content.decode()
    with django_assert_max_num_queries(30):
        sun.get("/queue")


@pytest.mark.parametrize(
    "query", ["", "?tab=x&state=%27&after=9&burning=z&handler=%27%3B--&ended=never&sort=up"]
)
def test_a_strange_address_of_a_queue_is_read_as_far_as_it_can_be(city: City, as_: As, query: str) -> None:
    answered(city)
    assert as_("sun", after=2).get(f"/queue{query}").status_code == 200


def test_the_outsider_s_head_page_is_empty(city: City, as_: As) -> None:
    opened = answered(city)
    page = as_("qian").get("/head")
    assert opened.number not in page.content.decode()
    assert all(block["count"] == 0 for block in page.context["blocks"])


@pytest.mark.parametrize(
    ("username", "to"),
    [
        *(("wang", "/mine"), ("chen", "/unit"), ("sun", "/head"), ("li", "/")),
        *(("admin", "/administration"), ("security", "/administration"), ("audit", "/audit")),
    ],
)
def test_everybody_begins_at_the_page_of_the_own_role(city: City, as_: As, username: str, to: str) -> None:
    assert as_(username).get("/home")["Location"] == to


def test_who_sees_no_cases_is_offered_none(as_: As) -> None:
    menu = [address for _, address in as_("audit").get("/audit").context["menu"]]
    assert menu == ["/notices", "/audit"]
    assert 'action="/search"' not in as_("audit").get("/audit").content.decode()
    assert 'action="/search"' in as_("li").get("/").content.decode()
    assert {"/", "/search"} <= {address for _, address in as_("li").get("/").context["menu"]}
