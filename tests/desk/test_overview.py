"""The supervisor's page: every figure and the list behind it say the same, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.kernel.desk.bars import bars, columns
from bihuan.kernel.desk.homes.overview import (
    hours_today,
    open_counted,
    points_open,
    standing,
    topics_repeated,
    units_burning,
)
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.pack import roles
from tests.desk.conftest import City
from tests.stories.cast import text_of

As = Callable[..., Client]
MOST_QUERIES = 30


def returned(city: City, **more: Any) -> str:
    opened = city.dispatched(**more)
    city.move(opened.case, "return", "wang", grounds="duty", reason="这件事不归我局管,请改派。")
    return opened.number


def seen_by(city: City, username: str) -> None:
    scope_apply(scope_of(person=city.people[username], at=city.now, roles=roles()))


def test_the_supervisor_begins_there_and_nobody_else(city: City, as_: As) -> None:
    response = as_("tang").get("/home")
    assert (response.status_code, response["Location"]) == (302, "/overview")
    assert "全区" in text_of(as_("tang").get("/"))
    assert 'href="/overview"' not in text_of(as_("wang").get("/"))


def rows_at(tang: Client, address: str) -> int:
    """How many orders the list of this address holds, on all its pages."""
    count = 0
    while address:
        page = tang.get(address)
        count += len(page.context["rows"])
        address = page.context["more"] and "/" + page.context["more"]
    return count


def test_every_figure_leads_to_as_many_orders(city: City, as_: As) -> None:
    city.opened(), city.dispatched(), city.handling(), city.dispatched(urgent=True), city.closed()
    returned(city)
    supervised = city.dispatched()
    city.move(supervised.case, "supervise", "tang", reason="群众反映强烈,限期办结。")
    tang = as_("tang", after=24 * 30)
    page = tang.get("/overview")
    counted = {one["label"]: int(one["value"]) for one in page.context["figures"]}
    assert (counted["在办"], counted["督办"], counted["加急"], counted["超期"]) == (6, 1, 1, 6)
    assert counted["到时无人签收"] == 3, "a return waits for its ruling: that time does not run"
    for one in page.context["figures"]:
        assert rows_at(tang, one["address"]) == int(one["value"]), one["label"]
    for bar in (*page.context["waiting"], *page.context["places"]):
        assert rows_at(tang, bar.address) == bar.value, bar.label
    for unit in page.context["units"]:
        for label, count, address, _ in unit["cells"]:
            assert rows_at(tang, address) == count, (unit["name"], label)


def test_what_asks_for_a_decision_is_one_click_from_its_queue(city: City, as_: As) -> None:
    number = returned(city)
    asked = city.handling()
    city.move(asked.case, "ask_extension", "wang", days=2, reason="要等检测报告出来。")
    still = city.handling()
    city.move(still.case, "ask_pause", "chen", ground="testing", days=5, reason="要等检测报告出来。")
    tang = as_("tang", after=2)
    page = tang.get("/overview")
    assert page.context["deciding"]["count"] == 3
    chips = {label: (count, address) for label, count, address in page.context["deciding"]["chips"]}
    assert {label: count for label, (count, _) in chips.items()} == {
        "退单待审": 1,
        "申请延期": 1,
        "申请挂起": 1,
    }
    assert tang.get(chips["申请挂起"][1]).context["case"].number == still.number
    assert tang.get(chips["退单待审"][1]).context["case"].number == number
    assert tang.get(chips["申请延期"][1]).context["case"].number == asked.number


@pytest.mark.parametrize("rows", [0, 1, 40])
def test_the_page_asks_as_often_for_forty_orders_as_for_none(city: City, as_: As, rows: int) -> None:
    for _ in range(rows):
        returned(city)
    tang = as_("tang", after=2)
    tang.get("/overview")
    with CaptureQueriesContext(connection) as found:
        page = tang.get("/overview")
    assert page.status_code == 200
    assert len(found) <= MOST_QUERIES, len(found)
    assert page.context["deciding"]["count"] == rows


def test_who_is_waited_for(city: City) -> None:
    city.opened(), city.dispatched(), returned(city)
    answered = city.handling()
    city.move(answered.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    seen_by(city, "tang")
    found = standing(open_counted(now=city.now), now=city.now)
    assert found.waiting == {"seat_agent": 1, "handler": 1, "bureau_head": 1, "supervisor": 1}
    assert found.totals["open"] == 4


def test_topics_units_and_hours(city: City) -> None:
    here, there = ({"matter": "0401", "territory": city.units[code]} for code in ("371502001", "371502002"))
    for _ in range(3):
        city.dispatched(**here)
    city.dispatched(**there)
    city.closed(**here)
    seen_by(city, "tang")
    (topic,) = topics_repeated(now=city.now)
    assert (topic.matter, topic.code, topic.count, topic.open) == ("0401", "371502001", 4, 3)
    assert units_burning(open_counted(now=city.now)) == []
    hours = hours_today(now=city.now)
    assert hours[-1] == (5, 0), "opened in this very hour"
    assert sum(came for came, _ in hours) == 5


def test_an_outsider_sees_an_empty_district(city: City, as_: As) -> None:
    number = returned(city)
    page = as_("qian").get("/overview")
    assert page.status_code == 200
    assert number not in text_of(page)
    assert page.context["figures"][0]["value"] == "0"


def test_bars_are_whole_numbers_and_what_is_not_zero_is_seen() -> None:
    assert [bar.size for bar in bars([("a", 1000, ""), ("b", 1, ""), ("c", 0, "")])] == [100, 1, 0]
    assert [(c.x, c.y, c.height) for c in columns([0, 1, 120], 120)] == [(0, 60, 0), (24, 59, 1), (48, 0, 60)]
    assert bars([]) == []


def test_orders_that_name_a_point_are_marked_on_the_map(city: City, as_: As) -> None:
    place = "柳园南路66号 东昌府区(地图点位 36.45000, 115.98500)"
    territory = city.units["371502002"]
    late = city.dispatched(place=place, territory=territory)
    city.dispatched(place="1.234, 5.678", territory=territory)
    city.closed(place=place, territory=territory)
    tang = as_("tang", after=24 * 30)
    found = tang.get("/overview").context["on_map"]
    assert found == {
        "counties": {"371502": 2},
        "points": [
            {"at": [36.45, 115.985], "number": late.number, "late": True, "address": f"/cases/{late.number}"}
        ],
    }
    for who in ("wang", "qian"):
        seen_by(city, who)
        assert [one.number for one in points_open(now=city.now)] == ([late.number] if who == "wang" else [])
