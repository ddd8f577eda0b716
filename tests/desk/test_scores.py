"""Scores on the screen: each person's own, the rule named, denominators shown, from every figure to its orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.desk.scores.documents import bulletin_data
from bihuan.kernel.identity.models import Grant, Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.services import policy_set
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.kernel.scoring.models import Decision
from bihuan.kernel.scoring.ranking import Card, Count, Placed
from bihuan.packs.hotline.policies import POLICIES
from tests.desk.conftest import City
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db
MARKET = "/scores/units/371502_market"


@pytest.fixture
def scored(city: City) -> City:
    """Two orders of the market bureau closed, and counted."""
    city.orders = [city.closed(), city.closed()]  # type: ignore[attr-defined]
    scores_keep(now=city.now + timedelta(hours=5))
    return city


def rate(told: str) -> str:
    """A rate as the table of scores shows it: its count is not broken."""
    return told.replace(" / ", "\u00a0/\u00a0")


def test_the_month_names_its_rule_and_tells_every_rate_with_its_orders(
    scored: City, as_: Callable[..., Client]
) -> None:
    page = text_of(as_("tang", after=6).get("/scores"))
    for words in (
        "东昌府区12345市民热线日考核制度(试行)",
        rate("100.0% (2 / 2)"),
        rate("– (0 / 0)"),
        "件数不足,不排名",
        "红色通报",
    ):
        assert words in page, words
    day = text_of(as_("tang", after=6).get("/scores?day=2026-03-02"))
    assert "考核 2026-03-02" in day and rate("100.0% (2 / 2)") in day and "红色通报" not in day
    assert "这段时间没有计分的件" in text_of(as_("tang", after=6).get("/scores?month=2026-01"))
    for by, words in (("kind", "部门"), ("matter", "未定"), ("place", "未定")):
        assert words in text_of(as_("tang", after=6).get(f"/scores?by={by}"))


@pytest.mark.parametrize(
    "query",
    [
        "?month=2026-13",
        "?month=x",
        "?day=0000-00-00",
        "?day=0001-01-01",
        "?day=9999-12-31",
        "?by=x",
        "?month=9999-12",
    ],
)
def test_an_address_that_makes_no_sense_shows_this_month(
    scored: City, as_: Callable[..., Client], query: str
) -> None:
    assert "考核 2026-03" in text_of(as_("tang", after=6).get(f"/scores{query}"))


def test_from_a_figure_to_the_orders_behind_it(scored: City, as_: Callable[..., Client]) -> None:
    sun = as_("sun", after=6)
    page = text_of(sun.get(MARKET))
    assert f"{MARKET}/on_time?month=2026-03&outcome=good" in page and "100.0% (2 / 2)" in page
    behind = text_of(sun.get(f"{MARKET}/response?month=2026-03&outcome=bad"))
    assert all(one.number in behind for one in scored.orders)  # type: ignore[attr-defined]
    assert "这段时间没有计分的件" in text_of(sun.get(f"{MARKET}/on_time?month=2026-03&outcome=bad"))
    assert sun.get(f"{MARKET}/praise").status_code == 404
    assert sun.get("/scores/units/371502_veterans").status_code == 404
    assert as_("wang", after=6).get(MARKET).status_code == 403
    assert as_("qian", after=6).get("/scores").status_code == 403


def test_a_head_sees_the_own_unit_alone_until_rankings_are_shown(
    scored: City, as_: Callable[..., Client]
) -> None:
    with kernel_writes():
        other = Person.objects.create(username="mei", name="梅香")
        Grant.objects.create(person=other, unit_id=scored.units["371502_veterans"], role="bureau_head")
    hidden = text_of(as_("mei", after=6).get("/scores"))
    assert "排名不公开时,只显示本单位" in hidden and rate("100.0% (2 / 2)") not in hidden
    assert "各单位的排名没有公开" in text_of(Client().get("/public/scores?month=2026-03"))
    card = next(value for code, value, *_ in POLICIES if code == "hotline.score_card")
    policy_set(
        code="hotline.score_card", value={**card, "public": True, "least": 1}, unit="score_card", legal_basis="公开办法",
        valid_from=date(2026, 3, 1), now=scored.now, by="test", region="371502",
    )  # fmt: skip
    shown = text_of(as_("mei", after=6).get("/scores"))
    assert rate("100.0% (2 / 2)") in shown and MARKET not in shown
    public = text_of(Client().get("/public/scores?month=2026-03"))
    assert "东昌府区市场监督管理局" in public and "1 / 1" in public


def test_leaving_an_order_out_takes_two(scored: City, as_: Callable[..., Client]) -> None:
    number = scored.orders[0].number  # type: ignore[attr-defined]
    typed = {"kind": "exclusion", "number": number, "category": "litigation", "words": "已由法院立案"}
    wrong = as_("sun", after=6).post("/scores/decisions", {**typed, "category": ""})
    assert (
        wrong.status_code == 422 and "请选择剔除的情形" in text_of(wrong) and "已由法院立案" in text_of(wrong)
    )
    assert as_("sun", after=6).post("/scores/decisions", {**typed, "number": "RX1"}).status_code == 422
    assert Decision.objects.count() == 0
    assert as_("sun", after=6).post("/scores/decisions", typed).status_code == 302
    row = Decision.objects.get()
    refused = as_("sun", after=6).post(f"/scores/decisions/{row.pk}/decide", {"granted": "yes"})
    assert refused.status_code == 403
    assert (
        as_("tang", after=6).post(f"/scores/decisions/{row.pk}/decide", {"granted": "yes"}).status_code == 302
    )
    out = text_of(as_("sun", after=7).get(f"{MARKET}/on_time?outcome=out"))
    assert number in out and "已剔除" in out
    assert rate("100.0% (1 / 1)") in text_of(as_("tang", after=7).get("/scores"))


def test_a_unit_is_named_publicly_only_after_a_second_decision(
    scored: City, as_: Callable[..., Client]
) -> None:
    with kernel_writes():
        second = Person.objects.create(username="tao", name="陶敏")
        Grant.objects.create(person=second, unit_id=scored.units["371502_12345"], role="supervisor")
    typed = {"kind": "naming", "unit": "东昌府区市场监督管理局 · 371502_market", "category": "shirking"}
    typed |= {"words": "三次推诿,经核实没有正当理由"}
    assert as_("tang", after=6).post("/scores/decisions", typed).status_code == 302
    row = Decision.objects.get()
    assert "三次推诿" not in text_of(Client().get("/public/scores"))
    assert (
        as_("tang", after=6).post(f"/scores/decisions/{row.pk}/decide", {"granted": "yes"}).status_code == 403
    )
    assert (
        as_("tao", after=6).post(f"/scores/decisions/{row.pk}/decide", {"granted": "yes"}).status_code == 302
    )
    assert "三次推诿" in text_of(Client().get("/public/scores"))
    as_("tao", after=8).post(f"/scores/decisions/{row.pk}/withdraw")
    as_("tao", after=9)
    assert "三次推诿" not in text_of(Client().get("/public/scores"))


def test_bulletins_tell_thresholds_figures_and_rule(city: City, as_: Callable[..., Client]) -> None:
    unit = city.units["371502_market"]
    card = Card("日考核制度", "试行", {"on_time": 100}, lights={"red": 60, "yellow": 70, "blue": 80})
    row = Placed(unit, {"on_time": Count(11, 9)}, 20, 5500, 22, True, "red")
    lists = {"townships": [], "departments": [row]}
    data = bulletin_data(lists, light="red", month=date(2026, 2, 1), card=card, now=city.now)
    assert (data["title"], data["rule"]) == ("红色通报 2026-02", "依据《日考核制度(试行)》")
    assert data["sections"][1]["rows"] == [
        ["22 / 1", "东昌府区市场监督管理局", "55.00", "按期办结率 55.0% (11 / 20)"]
    ]
    assert "低于 60 分红色" in data["threshold"]
    pdf = as_("tang", after=6).get("/scores/bulletins/2026-02/red.pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    for address in ("/scores/bulletins/2026-02/green.pdf", "/scores/bulletins/2026-2/red.pdf"):
        assert as_("tang", after=6).get(address).status_code == 404
    assert as_("sun", after=6).get("/scores/bulletins/2026-02/red.pdf").status_code == 404


def test_no_page_asks_once_a_row(
    scored: City, as_: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    client = as_("tang", after=6)
    client.get("/scores")
    for address in ("/scores", MARKET, f"{MARKET}/on_time", "/scores/decisions", "/scores?by=matter"):
        with django_assert_max_num_queries(30):
            assert client.get(address).status_code == 200
