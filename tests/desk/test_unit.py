"""The unit's desks: a handler's cards, what a chief hands out, and who may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.handing_out import cases_hand_out
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.services import people_enter
from bihuan.kernel.ledger.verify import ledger_verify
from tests.desk.conftest import City
from tests.desk.test_case_page import see_all, stored

As = Callable[..., Client]
WHY = "答复前,承办单位要先回访来电人(回访自查);未接通的,要在不同时间回访满规定次数。"


@pytest.fixture
def feng(city: City) -> int:
    """A second handler at the market bureau."""
    market = city.units["371502_market"]
    person = {"username": "feng", "name": "冯丽", "grants": [(market, "handler")]}
    city.people |= people_enter(people=[person], password=None, now=city.now, by="system")
    return city.people["feng"]


def row(city: City, case: int) -> Case:
    see_all(city)
    return Case.objects.get(pk=case)


def pick(city: City, case: int, step: str = "") -> str:
    """What a box or a button sends."""
    return f"{step}:{case}:{row(city, case).version}".removeprefix(":")


def said(client: Client, address: str) -> list[str]:
    return [str(message) for message in client.get(address).context["messages"]]


def test_the_cards_are_the_own_orders_with_the_step_that_is_next(city: City, as_: As, feng: int) -> None:
    city.dispatched(title="待签")
    signed = city.dispatched(title="在办")
    city.move(signed.case, "sign_for", "wang")
    city.handling(title="已访")
    other = city.dispatched(title="别人的")
    city.move(other.case, "sign_for", "feng")
    page = as_("wang").get("/mine")
    found = {card["case"].title: card["next"] for card in page.context["cards"]}
    assert {title: (step.step.code, step.at_once, step.why) for title, step in found.items()} == {
        "待签": ("sign_for", True, ""),
        "在办": ("self_call_back", False, WHY),
        "已访": ("answer", False, ""),
    }
    assert row(city, signed.case).handler_id == city.people["wang"]
    assert row(city, other.case).handler_id == feng


def test_one_tap_signs_for(city: City, as_: As) -> None:
    opened = city.dispatched()
    wang = as_("wang")
    sent = wang.post("/mine", {"one": pick(city, opened.case, "sign_for")})
    assert (sent.status_code, sent["Location"]) == (302, "/mine?")
    assert said(wang, "/mine") == ["已办好 1 件。"]
    assert stored(city, opened.case)[0] == "handling"


def test_several_are_signed_for_and_each_refusal_is_told(city: City, as_: As) -> None:
    first, second, stale = city.dispatched(), city.dispatched(), city.dispatched()
    elsewhere = city.opened()
    city.move(elsewhere.case, "dispatch", "li", unit=city.units["371502_veterans"])
    picks = [pick(city, one.case, "sign_for") for one in (first, second, stale, elsewhere)]
    city.move(stale.case, "urge", "li")
    before = stored(city, stale.case), stored(city, elsewhere.case)
    wang = as_("wang")
    wang.post("/mine", {"pick": [*picks, "sign_for:x:1", "sign_for:9999999:1"]})
    told = said(wang, "/mine")
    assert [stored(city, one.case)[0] for one in (first, second)] == ["handling"] * 2
    assert told[0].startswith(f"{stale.number}: 李文静已先一步办理")
    assert told[1:] == ["工单: 没有找到,或您无权查看。"] * 2 + ["已办好 2 件。"]
    assert (stored(city, stale.case), stored(city, elsewhere.case)) == before


@pytest.mark.parametrize("data", [{}, {"one": "sign_for"}, {"one": "::"}, {"pick": ["\0", "a" * 500]}])
def test_nothing_picked_changes_nothing(city: City, as_: As, data: dict[str, Any]) -> None:
    opened = city.dispatched()
    before = stored(city, opened.case)
    wang = as_("wang")
    assert wang.post("/mine", data).status_code == 302
    assert said(wang, "/mine") == ["请先勾选工单。"]
    assert stored(city, opened.case) == before


def test_a_step_that_asks_is_not_taken_from_a_card(city: City, as_: As) -> None:
    opened = city.handling()
    before = stored(city, opened.case)
    wang = as_("wang")
    wang.post("/mine", {"one": pick(city, opened.case, "answer")})
    assert "请填写" in said(wang, "/mine")[0]
    assert stored(city, opened.case) == before


def test_a_chief_hands_out_and_the_record_says_to_whom(city: City, as_: As, feng: int) -> None:
    first, second = city.dispatched(title="甲"), city.dispatched(title="乙")
    chen = as_("chen")
    page = chen.get("/unit")
    assert [one["case"].title for one in page.context["rows"]] == ["甲", "乙"]
    assert page.context["nobody"] == [2, 0, 0]
    sent = chen.post("/unit", {"to": "feng", "pick": [pick(city, first.case), pick(city, second.case)]})
    assert sent.status_code == 302
    assert said(chen, "/unit") == ["已把 2 件交给冯丽。"]
    assert [row(city, one.case).handler_id for one in (first, second)] == [feng] * 2
    page = chen.get("/unit?handler=feng")
    assert [one["case"].title for one in page.context["rows"]] == ["甲", "乙"]
    assert {one.username: one.held for one in page.context["people"]}["feng"] == [2, 0, 0]
    told = chen.get(f"/cases/{first.number}").context["page"].told[0]
    assert (told.label, told.who, [(s.label, s.value) for s in told.fields]) == (
        "交给经办人", "陈立新", [("经办人", "冯丽")],
    )  # fmt: skip
    assert ledger_verify().faults == ()


@pytest.mark.parametrize(
    ("by", "to", "words"),
    [
        ("wang", "feng", "交办要由承办单位的负责人来办,您没有这一权限。"),
        ("chen", "qian", "接办人要在承办单位有办理角色。"),
        ("chen", "zhao", "接办人要在承办单位有办理角色。"),
        ("chen", "wang", "本件已经由此人经办。"),
    ],
)
def test_who_may_not_hand_out_and_to_whom_not(
    city: City, as_: As, feng: int, by: str, to: str, words: str
) -> None:
    opened = city.handling()
    before = stored(city, opened.case), row(city, opened.case).handler_id
    client = as_(by, after=2)
    client.post("/unit", {"to": to, "pick": [pick(city, opened.case)]})
    assert said(client, "/unit") == [f"{opened.number}: {words}"]
    assert (stored(city, opened.case), row(city, opened.case).handler_id) == before


def test_a_chief_hands_out_on_the_case_page(city: City, as_: As, feng: int) -> None:
    opened = city.handling()
    chen = as_("chen", after=2)
    path = f"/cases/{opened.number}"
    page = chen.get(path)
    assert [(one.username, one.held[0]) for one in page.context["page"].colleagues] == [
        ("feng", 0), ("sun", 0), ("chen", 0),
    ]  # fmt: skip
    version = row(city, opened.case).version
    sent = chen.post(f"{path}/handler", {"to": "feng", "version": version})
    assert (sent.status_code, sent["Location"]) == (302, f"{path}#units")
    page = chen.get(path)
    assert [str(m) for m in page.context["messages"]] == ["已交给冯丽经办。"]
    assert row(city, opened.case).handler_id == feng
    assert "feng" not in [one.username for one in page.context["page"].colleagues]
    assert page.context["page"].told[0].label == "交给经办人"


@pytest.mark.parametrize("username", ["wang", "tang", "li", "zhao"])
def test_who_hands_nothing_out_is_not_asked_on_the_case_page(
    city: City, as_: As, feng: int, username: str
) -> None:
    opened = city.handling()
    before = stored(city, opened.case)
    client = as_(username, after=2)
    assert 'name="to"' not in client.get(f"/cases/{opened.number}").content.decode()
    refused = client.post(f"/cases/{opened.number}/handler", {"to": "feng", "version": before[1]})
    assert refused.status_code == 403
    assert "交办要由承办单位的负责人来办,您没有这一权限。" in refused.content.decode()
    assert stored(city, opened.case) == before


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({}, 422, "请选择交给谁。"),
        ({"to": "nobody\0"}, 422, "请选择交给谁。"),
        ({"to": "x" * 500}, 422, "请选择交给谁。"),
        ({"to": "feng", "version": ""}, 422, "表单缺少版本号"),
        ({"to": "feng", "version": "1"}, 409, "本件刚才有人办理过,请刷新后再交办。"),
        ({"to": "qian"}, 422, "接办人要在承办单位有办理角色。"),
        ({"to": "wang"}, 422, "本件已经由此人经办。"),
    ],
)
def test_a_wrong_choice_on_the_case_page_is_told_beside_it(
    city: City, as_: As, feng: int, data: dict[str, str], status: int, words: str
) -> None:
    opened = city.handling()
    before = stored(city, opened.case), row(city, opened.case).handler_id
    version = {"version": str(before[0][1])}
    refused = as_("chen", after=2).post(f"/cases/{opened.number}/handler", {**version, **data})
    assert refused.status_code == status
    assert words in refused.content.decode()
    assert (stored(city, opened.case), row(city, opened.case).handler_id) == before


def test_a_closed_case_is_not_handed_out_on_its_page(city: City, as_: As, feng: int) -> None:
    opened = city.closed()
    assert 'name="to"' not in as_("chen", after=6).get(f"/cases/{opened.number}").content.decode()


def test_another_unit_s_case_a_closed_and_a_changed_one_are_not_handed_out(
    city: City, as_: As, feng: int
) -> None:
    closed, changed = city.closed(), city.dispatched()
    elsewhere = city.opened()
    city.move(elsewhere.case, "dispatch", "li", unit=city.units["371502_veterans"])
    picks = [pick(city, one.case) for one in (closed, changed, elsewhere)]
    city.move(changed.case, "urge", "li")
    before = [stored(city, one.case) for one in (closed, changed, elsewhere)]
    chen = as_("chen", after=5)
    chen.post("/unit", {"to": "feng", "pick": picks})
    assert said(chen, "/unit") == [
        f"{closed.number}: 本件已经办结,不能再交办。",
        f"{changed.number}: 本件刚才有人办理过,请刷新后再交办。",
        "工单: 没有这一件,或您无权查看。",
    ]
    assert [stored(city, one.case) for one in (closed, changed, elsewhere)] == before


def test_a_case_that_goes_to_another_unit_has_nobody_again(city: City) -> None:
    opened = city.handling()
    city.move(opened.case, "return", "wang", grounds="duty", reason="不是本单位职责")
    city.move(opened.case, "accept_return", "tang", after=2, unit=city.units["371502_education"])
    assert row(city, opened.case).handler_id is None


def test_handing_out_is_judged_by_the_grants_of_the_moment(city: City, feng: int) -> None:
    opened = city.dispatched()
    version = row(city, opened.case).version
    given = {"cases": {opened.case: version}, "to": feng, "now": city.now + timedelta(hours=2)}
    assert cases_hand_out(by=city.people["sun"], **given) == {opened.case: None}
    refused = cases_hand_out(by=city.people["sun"], **given)[opened.case]
    assert refused is not None and refused.code == "version"


@pytest.mark.parametrize(
    "address", ["/mine", "/unit", "/unit?handler=wang", "/mine?burning=late", "/mine?sort=new"]
)
def test_the_desks_ask_no_more_with_more_rows(
    city: City, as_: As, django_assert_max_num_queries: Any, address: str
) -> None:
    wang = as_("chen" if address.startswith("/unit") else "wang", after=2)
    assert wang.get(address).status_code == 200
    for _ in range(33):
        city.dispatched()
    city.handling()
    with django_assert_max_num_queries(25):
        page = wang.get(address)
    if address in ("/mine", "/unit"):
        assert 'rel="next"' in page.content.decode()
        assert (
            len(
                wang.get(f"{address}{page.context['more']}").context[
                    "cards" if address == "/mine" else "rows"
                ]
            )
            > 0
        )


@pytest.mark.parametrize("address", ["/mine", "/unit", "/unit?handler=wang"])
def test_the_outsider_sees_nothing_here(city: City, as_: As, address: str) -> None:
    opened = city.handling()
    body = as_("qian").get(address).content.decode()
    assert opened.number not in body and "王建业" not in body
