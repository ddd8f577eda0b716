"""Two cases beside each other: what is the same is marked, never more than the reader may see; merging is the next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.opening import Opened, PartyData
from tests.desk.conftest import City

As = Callable[..., Client]
PLACE = {"matter": "0401", "place": "柳园街道兴华路8号"}


@pytest.fixture
def two(city: City) -> tuple[Opened, Opened]:
    return (
        city.dispatched(**PLACE, title="培训班不退费", text="培训班一直没有开课,要求退费。"),
        city.dispatched(**PLACE, title="要求退款", text="这家店的培训班一直没有开课,<b>老板跑了</b>。"),
    )


def same(response: Any) -> dict[str, bool]:
    return {line.label: line.same for line in response.context["beside"].lines}


def test_what_is_the_same_is_marked(two: tuple[Opened, Opened], as_: As) -> None:
    first, second = two
    response = as_("li").get(f"/cases/{second.number}/similar")
    assert response.context["other"].number == first.number
    assert same(response) == {
        "标题": False, "事项": True, "地点": True, "属地": False, "反映人": True, "提出时间": False, "承办单位": True,
        "环节": False,
    }  # fmt: skip
    body = response.content.decode()
    assert "<mark>培训班一直没有开课</mark>" in body
    assert "<b>老板" not in body
    assert "19900000001" not in body
    assert "199****0001" in body


def test_who_may_not_read_numbers_is_not_told_that_they_are_the_same(
    two: tuple[Opened, Opened], as_: As
) -> None:
    first, second = two
    assert same(as_("zhao").get(f"/cases/{second.number}/similar?with={first.number}"))["反映人"] is False


def test_a_confidential_caller_is_the_same_as_nobody_for_the_handling_unit(city: City, as_: As) -> None:
    first = city.dispatched(**PLACE)
    second = city.dispatched(
        **PLACE,
        confidential=True,
        parties=(PartyData(name="宋女士", phone="19900000001", confidential=True),),
    )
    response = as_("wang").get(f"/cases/{first.number}/similar?with={second.number}")
    assert same(response)["反映人"] is False
    assert "宋" not in response.context["beside"].lines[4].right


def test_what_is_out_of_scope_is_neither_shown_nor_compared(
    two: tuple[Opened, Opened], city: City, as_: As
) -> None:
    first, second = two
    foreign = city.opened(**PLACE, title="别处的件")
    client = as_("wang")
    response = client.get(f"/cases/{first.number}/similar")
    assert [case.number for case in response.context["alike"]] == [second.number]
    for number in (foreign.number, first.number, "RX0", "长" * 90):
        refused = client.get(f"/cases/{first.number}/similar", {"with": number})
        assert refused.status_code == 404
        assert "没有这个编号的另一件,或您无权查看" in refused.content.decode()
        assert "别处的件" not in refused.content.decode()
    assert as_("qian").get(f"/cases/{first.number}/similar").status_code == 404


def test_merging_is_offered_to_whom_it_is_allowed_and_makes_them_one(
    two: tuple[Opened, Opened], as_: As
) -> None:
    first, second = two
    assert "step" not in as_("wang").get(f"/cases/{second.number}/similar").context
    client = as_("tang", after=2)
    response = client.get(f"/cases/{second.number}/similar")
    typed = {"version": response.context["case"].version, **dict(response.context["given"])}
    assert typed["case"] == first.number
    assert client.post(f"/cases/{second.number}/steps/merge", typed).status_code == 302
    merged = Case.objects.get(pk=second.case)
    assert (merged.state, merged.merged_into_id) == ("merged", first.case)
    assert "step" not in client.get(f"/cases/{first.number}/similar?with={second.number}").context


def test_the_page_asks_few_questions_and_the_case_and_the_queue_lead_to_it(
    two: tuple[Opened, Opened], as_: As, django_assert_max_num_queries: Any
) -> None:
    client, address = as_("tang"), f"/cases/{two[1].number}/similar"
    with django_assert_max_num_queries(30):
        client.get(address)
    assert f'href="{address}"' in client.get(f"/cases/{two[1].number}").content.decode()


def test_nothing_similar_is_said_and_a_number_can_be_given(city: City, as_: As) -> None:
    alone = city.dispatched()
    body = as_("tang").get(f"/cases/{alone.number}/similar").content.decode()
    assert "没有找到相似的在办件" in body
    assert 'name="with"' in body
