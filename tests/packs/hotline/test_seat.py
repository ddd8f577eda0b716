"""What the seat shows while an agent types is what dispatch would do, and ready answers are kept by a supervisor alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.packs.hotline.answers.ready import ready_answers_for
from bihuan.packs.hotline.models import ReadyAnswer
from bihuan.packs.hotline.seat.suggestions import suggestion
from bihuan.packs.hotline.services import order_take
from tests.desk.conftest import City, as_, city  # noqa: F401  fixtures
from tests.packs.hotline.test_screens import GOOD, everything

As = Callable[..., Client]
SAID: tuple[dict[str, str], ...] = (
    {"text": "古楼街道锦渡胡同一下雨就积水。", "matter": "道路积水"},
    {"text": "柳园街道花园小区楼道里闻到很浓的煤气味,有人晕倒了,快来人!"},
    {"text": "说不清的事。", "place": "柳园街道"},
    {"text": "街上积水。", "matter": "0101"},
    {"text": "柳园街道的事在打官司。", "matter": "诉讼仲裁事项"},
    {"text": "柳园街道积水。", "matter": "0101", "accused": "371502_municipal"},
)


@pytest.mark.parametrize("typed", SAID)
def test_the_proposal_is_what_dispatch_does(city: City, now: datetime, typed: dict[str, str]) -> None:
    everything()
    proposed = suggestion(typed=typed, phone="", now=now).proposed
    done = order_take(data=typed, by=city.people["li"], now=now)
    assert proposed is not None
    assert (proposed.unit.pk, proposed.decision.reasons) == (done.unit, done.reasons)
    assert proposed.decision.automatic == done.automatic


def test_what_is_half_typed_is_left_out_and_nothing_is_kept(as_: As) -> None:
    client = as_("li")
    everything()
    before = Case.objects.count(), LedgerEntry.objects.count()
    typed = {
        "text": GOOD["text"],
        "matter": "道路积",
        "territory": "古楼街道",
        "phone": "199",
        "type": "quarrel",
    }
    body = client.post("/hotline/suggest", typed).content.decode()
    assert "<dt>事项</dt><dd>没有把握" in body
    assert "<dd>古楼街道</dd>" in body
    everything()
    assert (Case.objects.count(), LedgerEntry.objects.count()) == before


@pytest.mark.parametrize("text", ["", "有\x00空", "长" * 4001, " \n "])
def test_words_that_cannot_be_an_order_bring_nothing_about(as_: As, text: str) -> None:
    body = as_("li").post("/hotline/suggest", {"text": text}).content.decode()
    assert "proposed-title" not in body
    assert "填写电话或开始记录后" in body


def test_open_orders_of_a_caller_come_first(as_: As, city: City, now: datetime) -> None:
    closed = city.closed(title="旧事")
    opened = city.opened(title="新事", reported_at=now.replace(year=2025))
    body = as_("li", after=5).post("/hotline/suggest", {"phone": "19900000001"}).content.decode()
    assert body.index(opened.number) < body.index(closed.number)
    assert "近 30 天 1 件" in body


def test_the_suggestion_asks_the_database_a_fixed_number_of_questions(
    as_: As, city: City, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for _ in range(7):
        order_take(data=GOOD, by=city.people["li"], now=now)
    client = as_("li")
    client.post("/hotline/suggest", GOOD)
    with django_assert_max_num_queries(22):
        client.post("/hotline/suggest", GOOD)
    with django_assert_max_num_queries(22):
        client.get("/hotline/new?phone=19900000001")


def test_answers_of_the_matter_come_first_then_those_whose_words_match(city: City) -> None:
    titles = [one.title for one in ready_answers_for(matter="0401", text="个人信息保密怎么做到")]
    assert titles == ["退费先留好凭证", "个人信息保密"]
    assert ready_answers_for(matter="", text="无关") == []


def test_a_supervisor_adds_changes_and_withdraws_an_answer(as_: As) -> None:
    client = as_("tang")
    typed = {"matter": "路灯不亮", "title": "路灯报修", "text": "请说明路灯杆上的编号。"}
    assert client.post("/hotline/answers", typed).status_code == 302
    kept = ReadyAnswer.objects.get(title="路灯报修")
    assert (kept.matter, kept.active) == ("0103", True)
    assert (
        client.post(f"/hotline/answers?answer={kept.pk}", {**typed, "text": "请说明灯杆编号。"}).status_code
        == 302
    )
    kept.refresh_from_db()
    assert kept.text == "请说明灯杆编号。"
    offered = as_("li").post("/hotline/suggest", {"text": "路灯坏了", "matter": "0103"}).content.decode()
    assert "请说明灯杆编号。" in offered
    as_("tang").post(f"/hotline/answers/{kept.pk}/withdraw")
    kept.refresh_from_db()
    assert not kept.active
    assert [one.title for one in ready_answers_for(matter="0103", text="路灯坏了")] == []


BAD = (
    ({"title": ""}, "title"),
    ({"title": "长" * 81}, "title"),
    ({"text": "短"}, "text"),
    ({"text": "有\x00空格在里面"}, "text"),
    ({"text": "长" * 2001}, "text"),
    ({"matter": "吵架"}, "matter"),
)


@pytest.mark.parametrize(("change", "field"), BAD)
def test_a_faulty_answer_is_refused_beside_its_field(as_: As, change: dict[str, str], field: str) -> None:
    before = list(ReadyAnswer.objects.values_list("pk", "title", "text"))
    typed = {"matter": "", "title": "路灯报修", "text": "请说明路灯杆上的编号。", **change}
    refused = as_("tang").post("/hotline/answers", typed)
    assert refused.status_code == 422
    assert f'id="field-{field}-wrong"' in refused.content.decode()
    assert list(ReadyAnswer.objects.values_list("pk", "title", "text")) == before


@pytest.mark.parametrize("username", ["li", "zhou", "wang", "qian", "admin"])
def test_only_a_supervisor_keeps_the_answers(as_: As, username: str) -> None:
    client, kept = as_(username), ReadyAnswer.objects.order_by("pk").first()
    assert kept is not None
    assert client.get("/hotline/answers").status_code == 403
    assert client.post("/hotline/answers", {"title": "路灯报修", "text": "请说明编号。"}).status_code == 403
    assert client.post(f"/hotline/answers/{kept.pk}/withdraw").status_code == 403
    assert ReadyAnswer.objects.filter(active=True).count() == 8
