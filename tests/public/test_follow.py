"""Following by number and code: what is allowed is shown, everything else stays inside, and guessing is bounded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.public.following import followed
from tests.public.conftest import REFUND, Citizen, code_of
from tests.stories.cast import ANSWER, Town

WRONG = "编号或查询码不对"


def test_a_case_is_followed_on_the_loop_line_without_names(citizen: Citizen, town: Town) -> None:
    number = town.called_back()
    page = citizen.opens(number, code_of(number))
    assert "有答复了,请您看看。" in page and ANSWER in page
    assert page.count('class="stop ') == 8
    assert "东昌府区市场监督管理局" in page
    from bihuan.kernel.identity.models import Person

    names = set(Person.objects.values_list("name", flat=True))
    assert [name for name in names if name and name in page] == []
    for inside in ("宋晓梅", "19900000001", "已向来电人说明", "理由:", "派单目录"):
        assert inside not in page, inside


def test_an_answer_is_shown_only_when_it_was_reviewed(citizen: Citizen, town: Town) -> None:
    number = town.handling()
    town.takes("wang", number, "self_call_back", reached="yes", note="已说明")
    town.takes("wang", number, "answer", outcome="done", answer=ANSWER)
    page = citizen.opens(number, code_of(number))
    assert "正在检查" in page and ANSWER not in page
    town.takes("sun", number, "send_back", reason="写得不清楚,请改一改")
    page = citizen.page(number)
    assert "承办单位正在办。" in page
    assert ANSWER not in page and "写得不清楚" not in page
    assert "退回修改" in page


def test_reasons_of_a_return_stay_inside(citizen: Citizen, town: Town) -> None:
    number = town.handling()
    town.takes("wang", number, "return", grounds="duty", reason="张三科长说不归我们管")
    page = citizen.opens(number, code_of(number))
    assert "正在确定由谁来办。" in page
    assert "张三" not in page


def test_by_when_it_is_told(citizen: Citizen, town: Town) -> None:
    number = town.handling()
    due = town.clock(number, "handle").due_at
    page = citizen.opens(number, code_of(number))
    assert f"{due.astimezone(town.now.tzinfo):%Y-%m-%d %H:%M}" in page
    town.later(days=30)
    again = Citizen(town)
    assert "已过了答应的时间" in again.opens(number, code_of(number))


@pytest.mark.parametrize("typed", ["{0}", " {1} ", "{2}", "{3}"])
def test_a_code_may_be_typed_as_people_do(citizen: Citizen, town: Town, typed: str) -> None:
    number = town.open()
    code = code_of(number)
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "-" else c for c in code)
    citizen.opens(
        f" {number.lower()} ", typed.format(code, code.lower().replace("-", " "), code.replace("-", ""), wide)
    )


def test_a_wrong_number_and_a_wrong_code_are_answered_alike(citizen: Citizen, town: Town) -> None:
    number = town.open()
    other = town.open(phone="19900000002", reporter="李明")
    pages = [
        citizen.refused("/public/follow", {"number": typed, "code": code}, WRONG, status=404)
        for typed, code in (
            (number, "ABCD-2345"),
            ("RX2026030299999", code_of(number)),
            (number, code_of(other)),
            (number, ""),
            ("", ""),
        )
    ]
    plain = [page.replace(number, "").replace("RX2026030299999", "") for page in pages]
    import re

    tokens = [re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", page) for page in plain]
    assert len(set(tokens)) == 1


def test_guessing_a_code_ends_soon(town: Town) -> None:
    number = town.open()
    right = code_of(number)
    for n in range(10):
        guesser = Citizen(town, f"198.51.100.{n}")
        assert guesser.post("/public/follow", {"number": number, "code": f"AAAA-22{n}2"}).status_code == 404
    late = Citizen(town, "198.51.100.77")
    late.refused("/public/follow", {"number": number, "code": right}, "现在收到的太多了", status=429)
    town.later(hours=1)
    Citizen(town).opens(number, right)


def test_an_address_may_not_try_many_numbers(citizen: Citizen, town: Town) -> None:
    number = town.open()
    right = code_of(number)
    for n in range(30):
        tried = {"number": f"RX20260302{n + 100:05}", "code": right}
        assert citizen.post("/public/follow", tried).status_code == 404
    citizen.refused("/public/follow", {"number": number, "code": right}, "现在收到的太多了", status=429)
    Citizen(town, "203.0.113.99").opens(number, right)


def test_anothers_case_is_not_opened_by_the_own_code(citizen: Citizen, town: Town) -> None:
    mine, _ = citizen.reports()
    other = town.open(phone="19900000002", reporter="李明")
    for path in (f"/public/cases/{other}", f"/public/cases/{other}/again"):
        response = citizen.client.get(path)
        assert response["Location"] == f"/public/follow?number={other}"
    before = town.case(other).seq
    for path in ("words", "grade"):
        response = citizen.post(
            f"/public/cases/{other}/{path}", {"words": "我是别人", "grade": "1", "version": "1"}
        )
        assert response["Location"] == f"/public/follow?number={other}"
    assert town.case(other).seq == before
    assert mine in citizen.page(mine)


def test_leaving_closes_the_door(citizen: Citizen) -> None:
    number, code = citizen.reports()
    citizen.page(number)
    citizen.post("/public/leave", {})
    assert citizen.client.get(f"/public/cases/{number}").status_code == 302
    citizen.opens(number, code)


def test_an_assisting_units_case_is_not_followed(citizen: Citizen, town: Town) -> None:
    number = town.handling()
    town.takes("wang", number, "assist", units=town.unit("371502_housing"), request="请一起核实情况")
    town.see()
    child = Case.objects.get(parent__number=number)
    citizen.refused(
        "/public/follow", {"number": child.number, "code": code_of(child.number)}, WRONG, status=404
    )


def test_a_confidential_reporter_follows_and_is_told_nothing_of_herself(citizen: Citizen) -> None:
    number, code = citizen.reports(secret="yes", text="我是宋晓梅,电话19900000001,消费退费纠纷。")
    page = citizen.opens(number, code)
    assert "宋晓梅" not in page and "19900000001" not in page


def test_the_page_asks_a_fixed_number_of_queries(
    citizen: Citizen, town: Town, django_assert_max_num_queries: Any
) -> None:
    number = town.called_back()
    citizen.opens(number, code_of(number))
    case = town.case(number).pk
    with django_assert_max_num_queries(11):
        followed(case=case, now=town.now)
    with django_assert_max_num_queries(23):
        citizen.page(number)
    with django_assert_max_num_queries(16):
        citizen.get("/public")
    with django_assert_max_num_queries(20):
        citizen.get("/public/report")


def test_the_session_ends_and_asks_for_the_code_again(citizen: Citizen, town: Town) -> None:
    number, _ = citizen.reports()
    assert citizen.client.session.get_expiry_age() == timedelta(minutes=30).total_seconds()
    citizen.client.cookies.clear()
    assert citizen.client.get(f"/public/cases/{number}")["Location"] == f"/public/follow?number={number}"


def test_what_is_public_is_open_to_all(citizen: Citizen) -> None:
    assert "我要反映" in citizen.get("/public")
    assert "/public" in citizen.get("/login")
    outlines = citizen.client.get("/public/outlines.json").json()
    assert {f["properties"]["name"] for f in outlines["features"]} >= {"东昌府区", "临清市"}
    assert REFUND["reporter"] not in citizen.get("/public/report")
