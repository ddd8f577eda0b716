"""Boards: exact counts, as many cases behind each mark as it says, and nobody counts what is not theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.kernel.desk.boards.asked import Asked, boards
from bihuan.kernel.desk.boards.charts import MAKERS
from bihuan.kernel.desk.boards.counting import now_counted
from bihuan.kernel.desk.boards.live import events_told
from bihuan.kernel.desk.boards.rolling import opened_roll_up
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.pack import roles
from bihuan.kernel.scoring.keeping import scores_keep
from tests.desk.conftest import City
from tests.stories.cast import text_of

As = Callable[..., Client]
MOST_QUERIES = 30
BOARD = "/boards/hotline"


def asked(city: City, username: str, *, days: int = 7, after: float = 12) -> Asked:
    """What this person asks; the transaction then sees what that person may see."""
    now = city.now + timedelta(hours=after)
    scope = scope_of(person=city.people[username], at=now, roles=roles())
    scope_apply(scope)
    return Asked("hotline", scope, now, days)


def filled(city: City) -> None:
    """Eight orders: four with the market bureau, one returned by it, one redone, one closed content, one nowhere yet."""
    here = {"matter": "0401", "territory": city.units["371502001"]}
    city.opened(**here)
    city.dispatched(**here), city.dispatched(matter="0101"), city.handling(), city.dispatched(urgent=True)
    returned = city.dispatched(territory=city.units["371502002"])
    city.move(returned.case, "return", "wang", grounds="duty", reason="这件事不归我局管,请改派。")
    city.closed(**here)
    redone = city.handling()
    city.move(redone.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    city.move(redone.case, "approve_up", "sun", after=2)
    city.move(redone.case, "approve", "zhao", after=3)
    city.move(
        redone.case,
        "redo",
        "liu",
        after=4,
        grade="1",
        contacted="true",
        resolved="false",
        understood="false",
        reason="钱没有退。",
    )
    scores_keep(now=city.now + timedelta(hours=5))


def marks(page: Any) -> Iterator[tuple[str, int, str]]:
    """Every mark of a page's charts: where it stands, what it says, where it leads."""
    for chart in page.context["charts"]:
        for one in chart.drawing.get("series", ()):
            for value, link in zip(one["values"], one["links"], strict=True):
                yield chart.code, value, link
        for one in (*chart.drawing.get("links", ()), *chart.drawing.get("places", ())):
            yield chart.code, one["value"], one["link"]


def behind(client: Client, address: str) -> int:
    """How many rows the list behind a mark has, on all its pages."""
    count, page = 0, 1
    while True:
        answer = client.get(f"{address}&page={page}")
        assert answer.status_code == 200, address
        count += len(answer.context["rows"])
        if "count" in answer.context:
            assert answer.context["count"] >= count
        if not answer.context["more"]:
            return count
        page += 1


def test_the_figures_count_exactly(city: City) -> None:
    filled(city)
    assert now_counted(asked(city, "tang")) == {
        "opened": 8, "closed": 1, "open": 7, "waiting": 1, "unsigned": 4, "near": 0, "late": 4,
    }  # fmt: skip
    late = now_counted(asked(city, "tang", after=24 * 30))
    assert (late["opened"], late["late"], late["open"]) == (0, 7, 7)


def test_every_mark_leads_to_as_many_orders(city: City, as_: As) -> None:
    filled(city)
    tang = as_("tang", after=24 * 6)
    page = tang.get(f"{BOARD}?days=30")
    seen = set()
    for chart, value, link in marks(page):
        if not value:
            continue
        assert behind(tang, link) == value, (chart, link)
        seen.add(chart)
    assert seen == {"places", "classes", "pressing", "turned"}
    today = as_("tang", after=12).get(BOARD)
    for chart, value, link in marks(today):
        if chart == "hours" and value:
            assert behind(tang, link) == 8 == value
    for one in today.context["figures"]:
        assert behind(tang, one["address"]) == int(one["value"]), one["label"]


def test_a_table_says_what_the_chart_draws_and_its_figures_lead_there_too(city: City, as_: As) -> None:
    filled(city)
    tang = as_("tang", after=12)
    charts = {chart.code: chart for chart in tang.get(BOARD).context["charts"]}
    assert [(name, [cell.text for cell in cells]) for name, cells in charts["places"].rows] == [
        ("地点未定", ["4", "50.0% (4 / 8)"]),
        ("古楼街道", ["3", "37.5% (3 / 8)"]),
        ("柳园街道", ["1", "12.5% (1 / 8)"]),
    ]
    assert {(row[0], *(cell.text for cell in row[1])) for row in charts["turned"].rows} == {
        ("东昌府区市场监督管理局", "退单", "东昌府区市场监督管理局", "1"),
        ("东昌府区市场监督管理局", "重办", "东昌府区市场监督管理局", "1"),
    }
    for chart in charts.values():
        for _, cells in chart.rows:
            for cell in cells:
                if "behind" in cell.address:
                    assert behind(tang, cell.address) >= 1


def test_satisfaction_is_the_scores_own_and_leads_to_them(city: City, as_: As) -> None:
    filled(city)
    tang = as_("tang", after=12)
    whole, part = (tang.get(f"{BOARD}/scores", headers=more) for more in ({}, {"HX-Request": "true"}))
    assert "<html" in text_of(whole) and "<html" not in text_of(part)
    chart, ranking = part.context["charts"]
    assert (chart.code, ranking.code) == ("satisfaction", "ranking")
    ((name, cells),) = chart.rows
    assert (name, [cell.text for cell in cells]) == ("东昌府区市场监督管理局", ["50.0% (1 / 2)", "1", "1"])
    assert chart.drawing["labels"] == [
        "市场监督管理局"
    ]  # on an axis all would begin with the district's name
    assert [behind(tang, cell.address) for cell in cells[1:]] == [1, 1]


def test_usual_is_the_mean_of_the_same_weekdays_with_their_number(city: City, as_: As) -> None:
    """A week later the day before counts for nothing, the same weekday for all."""
    city.opened(), city.opened(), city.dispatched()
    opened_roll_up(last=(city.now + timedelta(days=1)).date())
    for who, count, told in (("tang", 3, "3.0 (3 / 1)"), ("sun", 1, "1.0 (1 / 1)")):
        client = as_(who, after=24 * 7)
        (chart,) = (c for c in client.get(BOARD).context["charts"] if c.code == "hours")
        usual = [cells[1] for _, cells in chart.rows if cells[1].address]
        assert [cell.text for cell in usual] == [told], who
        assert behind(client, usual[0].address) == count, who
    (next_day,) = (c for c in as_("tang", after=24 * 8).get(BOARD).context["charts"] if c.code == "hours")
    assert {cells[1].text for _, cells in next_day.rows} == {"0.0 (0 / 1)"}


def test_a_head_counts_the_own_unit_and_an_outsider_nothing(city: City, as_: As) -> None:
    filled(city)
    assert now_counted(asked(city, "sun"))["open"] == 6
    assert now_counted(asked(city, "qian")) == dict.fromkeys(
        ("opened", "closed", "open", "waiting", "unsigned", "near", "late"), 0
    )
    qian = as_("qian", after=12)
    page = qian.get(BOARD)
    assert [value for _, value, _ in marks(page) if value] == []
    tang = as_("tang", after=12)
    addresses = {link for _, value, link in marks(tang.get(BOARD)) if value}
    addresses |= {one["address"] for one in tang.get(BOARD).context["figures"]}
    qian = as_("qian", after=12)
    for address in addresses:
        if "/behind/" in address:
            assert qian.get(address).context["count"] == 0, address


def test_whoever_sees_no_case_is_refused(city: City, as_: As) -> None:
    for path in ("", "/now", "/live", "/behind/now?mark=open", "/screen", "/screen/now", "/screen/live"):
        assert as_("audit").get(BOARD + path).status_code == 403, path
    assert as_("li").get(f"{BOARD}/scores").status_code == 403
    for path in ("/screen", "/screen/now", "/screen/live"):
        assert as_("sun").get(BOARD + path).status_code == 403, path
    stranger = Client().get(f"{BOARD}/live")
    assert (stranger.status_code, stranger["Location"]) == (302, f"/login?next={BOARD}/live")


@pytest.mark.parametrize(
    "path",
    ["/behind/now?mark=nothing", "/behind/nothing", "/behind/hours?mark=today&key=x%27", "/behind/pressing?mark=x",
     "/behind/turned?mark=x", "/behind/ranking", "/behind/satisfaction?mark=a"],
)  # fmt: skip
def test_what_no_mark_can_be_is_not_found_or_nothing(city: City, as_: As, path: str) -> None:
    filled(city)
    answer = as_("tang", after=12).get(BOARD + path)
    assert answer.status_code == 404 or answer.context["count"] == 0, path


@pytest.mark.parametrize("rows", [0, 1, 40])
def test_the_board_asks_as_often_for_forty_orders_as_for_none(city: City, as_: As, rows: int) -> None:
    for _ in range(rows):
        city.dispatched()
    tang = as_("tang", after=2)
    for path, most in (
        (BOARD, MOST_QUERIES),
        (f"{BOARD}/screen", MOST_QUERIES),
        (f"{BOARD}/scores", MOST_QUERIES),
        (f"{BOARD}/live", 12),
    ):
        tang.get(path)
        with CaptureQueriesContext(connection) as found:
            assert tang.get(path).status_code == 200
        assert len(found) <= most, (path, len(found))


def test_events_tell_what_changed_and_always_the_time(city: City, as_: As) -> None:
    first = as_("tang", after=12).get(f"{BOARD}/live")
    assert first["Content-Type"] == "text/event-stream; charset=utf-8"
    assert first.content.decode() == (
        'retry: 5000\nid: 0-0-0-0-0-0-0\nevent: counts\ndata: {"opened": 0, "closed": 0, "open": 0, "waiting": 0,'
        ' "unsigned": 0, "near": 0, "late": 0}\n\nevent: beat\ndata: 22:00:00\n\n'
    )
    tang = as_("tang", after=12)
    same = tang.get(f"{BOARD}/live", headers={"Last-Event-ID": "0-0-0-0-0-0-0"}).content.decode()
    assert same == "retry: 5000\nevent: beat\ndata: 22:00:00\n\n"
    assert tang.get(f"{BOARD}/live?last=0-0-0-0-0-0-0").content.decode() == same
    city.dispatched()
    scope = asked(city, "sun")
    told = events_told(now_counted(scope), last="0-0-0-0-0-0-0", now=scope.now)
    assert json.loads(re.search("data: ({.*})", told)[1])["unsigned"] == 1  # type: ignore[index]
    assert (
        "event: counts" not in as_("qian", after=12).get(f"{BOARD}/live?last=0-0-0-0-0-0-0").content.decode()
    )


def test_the_screen_shows_the_district_and_no_word_of_a_citizen(city: City, as_: As) -> None:
    filled(city)
    secret = city.opened(title="绝密标记", confidential=True)
    hall = as_("hall", after=12)
    assert hall.get("/home")["Location"] == "/boards/screen"
    page = hall.get("/boards/screen", follow=True)
    assert {one["code"]: one["value"] for one in page.context["figures"]}["opened"] == "9"
    told = text_of(page)
    for word in ("宋女士", "19900000001", "不退费", "绝密标记", secret.number):
        assert word not in told, word
    assert len(page.context["latest"]) == 7
    hall = as_("hall", after=12)
    assert hall.get("/").context["rows"] == [] and hall.get(f"/cases/{secret.number}").status_code == 404
    assert hall.get(BOARD).status_code == 403
    assert hall.session.get_expiry_age() <= 30 * 60
    hall.get(f"{BOARD}/screen")
    assert hall.session.get_expiry_age() > 6 * 24 * 3600


def test_boards_are_declared_so_that_they_can_be_drawn() -> None:
    for code, (_, board) in boards().items():
        assert board.code == code
        codes = [chart.code for chart in board.charts]
        assert len(codes) == len(set(codes)) and set(board.screen) <= set(codes)
        assert all((chart.counts, chart.by) in MAKERS for chart in board.charts)
        assert all(chart.measure for chart in board.charts if chart.counts == "scored")
