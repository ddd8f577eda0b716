"""The palette: one address for anything, within the scope; steps of the present case as the case page offers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.desk.finding.palette import Entry
from bihuan.packs.hotline.models import ReadyAnswer
from tests.desk.conftest import City

As = Callable[..., Client]


def asked(client: Client, **query: str) -> dict[str, list[Entry]]:
    response = client.get("/palette", query)
    assert response.status_code == 200
    return {group.code: group.entries for group in response.context["groups"]}


def labels(entries: list[Entry]) -> list[str]:
    return [entry.label for entry in entries]


def test_with_nothing_typed_the_steps_then_what_was_open_then_the_pages(city: City, as_: As) -> None:
    here, before, foreign = city.dispatched(), city.dispatched(title="路灯不亮"), city.opened(title="别处")
    recent = ",".join((here.number, foreign.number, "没有这个编号", before.number))
    found = asked(as_("wang"), case=here.number, recent=recent)
    assert list(found)[:3] == ["steps", "recent", "pages"]
    assert "签收" in labels(found["steps"])
    assert found["recent"] == [
        Entry("路灯不亮", f"{before.number} · 待签收 · 东昌府区市场监督管理局", f"/cases/{before.number}")
    ]
    assert "我的工单" in labels(found["pages"])
    assert "我的账号" in labels(found["pages"])
    assert "管理" not in labels(found["pages"])


def test_words_find_cases_units_views_pages_and_steps(city: City, as_: As) -> None:
    opened = city.dispatched()
    client = as_("wang")
    client.post("/views", {"name": "市场周报", "query": "?tab=unit"})
    found = asked(client, q="市场")
    assert labels(found["views"]) == ["市场周报"]
    assert labels(asked(client, q="市场监督")["units"]) == [
        "东昌府区市场监督管理局 · 371502_market",
        "聊城市市场监督管理局 · 371500_market",
    ]
    assert asked(client, q="培训班 退费")["cases"][0].address == f"/cases/{opened.number}"
    assert labels(asked(client, q=opened.number)["cases"]) == ["培训班不退费"]
    assert asked(client, q="签收", case=opened.number)["steps"] == [
        Entry("签收", "", f"/cases/{opened.number}?step=sign_for#act")
    ]
    assert "steps" not in asked(client, q="签收")
    assert labels(asked(client, q="工单")["pages"]) == ["我的工单"]
    assert asked(client, q="无此事") == {}


def test_the_outsider_is_told_of_no_case_by_any_way(city: City, as_: As) -> None:
    opened = city.dispatched()
    client = as_("qian")
    for query in ({"q": opened.number}, {"q": "培训班"}, {"case": opened.number}, {"recent": opened.number}):
        found = asked(client, **query)
        assert not {"cases", "steps", "recent"} & set(found), query
        alone = client.get("/palette", query, headers={"HX-Request": "true"}).content.decode()
        assert opened.number not in alone
        assert "培训班" not in alone


def test_a_ready_answer_goes_into_the_present_cases_answer(city: City, as_: As) -> None:
    opened, kept = city.handling(), ReadyAnswer.objects.get(title="退费先留好凭证")
    client = as_("wang")
    (entry,) = asked(client, q="留好凭证", case=opened.number)["answers"]
    assert entry.address == f"/cases/{opened.number}?step=answer&ready={kept.pk}#act"
    assert "answers" not in asked(client, q="留好凭证")
    (entry,) = asked(as_("tang"), q="留好凭证")["answers"]
    assert entry.address == f"/hotline/answers?answer={kept.pk}"


@pytest.mark.parametrize("text", ["\0", "' or 1=1 --", "<script>alert(1)</script>", "长" * 5000, "%_\\"])
def test_whatever_is_typed_is_only_words(city: City, as_: As, text: str) -> None:
    body = as_("tang").get("/palette", {"q": text, "case": text, "recent": text}).content.decode()
    assert "<script>alert" not in body


def test_the_dialog_gets_the_list_alone_in_few_questions(
    city: City, as_: As, django_assert_max_num_queries: Any
) -> None:
    opened = city.handling()
    for number in range(9):
        city.dispatched(title=f"培训班{number}")
    client = as_("wang")
    with django_assert_max_num_queries(24):
        body = client.get(
            "/palette", {"q": "培训", "case": opened.number}, headers={"HX-Request": "true"}
        ).content.decode()
    assert body.count('role="option"') >= 8
    assert "<html" not in body
    assert 'data-said="找到' in body


def test_every_page_of_the_desk_has_it_and_a_way_without_script(as_: As) -> None:
    body = as_("wang").get("/").content.decode()
    assert '<dialog id="palette"' in body
    assert 'data-palette href="/palette"' in body
    assert "找任何东西:页面、工单、单位、视图、下一步、现成答复" in body
