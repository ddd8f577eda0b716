"""The board of promises and its stories: a visitor sees figures and steps, and nothing that is somebody's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.promises import stories as told
from bihuan.kernel.desk.promises.stories import PREFIX, stories
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of, scope_within
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs, roles
from tests.api.client import contents, rows
from tests.desk.conftest import City
from tests.public.conftest import kept
from tests.stories.cast import text_of

EVERYTHING = Scope(0, (), (), True)


@pytest.fixture(autouse=True)
def _fresh(city: City) -> None:
    cache.clear()


def test_a_visitor_sees_every_promise_that_is_kept() -> None:
    page = Client().get("/promises").content.decode()
    for pack in packs().values():
        for promise in pack.promises:
            assert promise.phrase in page
            assert promise.kept and promise.kept in page
            assert promise.test in page


def test_the_figures_are_live(city: City, as_: Callable[..., Client]) -> None:
    city.closed()
    page = as_("qian", after=5).get("/promises").content.decode()
    assert "近一年承办 0 件" in page  # opened without the hotline's own row
    assert "未定类别 100.0% (1 / 1)" in page
    assert "已答复的 100.0% (1 / 1) 经过审核" in page
    assert "已评价的 0.0% (0 / 1) 理解并认可" in page
    assert "重办 0 次" in page


def test_the_unit_s_own_call_back_is_counted_in_what_is_reviewed(
    city: City, as_: Callable[..., Client]
) -> None:
    case = city.handling().case
    city.move(case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    page = as_("qian", after=5).get("/promises").content.decode()
    assert "审核中、留有联系方式的 100.0% (1 / 1) 先回访过" in page
    assert "《东昌府区12345市民热线首接负责制(试行)》 · 《首问负责制度》 · 《回访制度》" in page


def test_the_share_called_back_first_is_of_those_who_left_a_contact(
    city: City, as_: Callable[..., Client]
) -> None:
    opened = city.handling()
    city.move(opened.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    for_nobody = city.dispatched(facts={"type": "complaint", "reachable": False})
    city.move(for_nobody.case, "sign_for", "wang")
    city.move(for_nobody.case, "answer", "wang", outcome="done", answer="经核实已经整改,本件办结。")
    page = as_("qian", after=5).get("/promises").content.decode()
    assert "审核中、留有联系方式的 100.0% (1 / 1) 先回访过" in page


def test_the_board_shows_nothing_of_a_case_and_leaves_no_scope(city: City) -> None:
    opened = city.dispatched()
    page = Client().get("/promises").content.decode()
    assert opened.number not in page
    assert "宋女士" not in page.replace("宋女士的退费", "")
    assert Client().get(f"/cases/{opened.number}").status_code == 302


@pytest.mark.parametrize("code", sorted(code for code, story in stories().items() if not story.rehearsed))
def test_a_story_is_clicked_through_to_its_end(code: str) -> None:
    story, visitor = stories()[code], Client()
    assert visitor.post(f"/promises/{code}", {"next": "begin"}).status_code == 302
    for place, scene in enumerate(story.scenes):
        assert visitor.post(f"/promises/{code}", {"next": str(place)}).status_code == 302
        assert bool(visitor.session["story"]["taken"][place]["refusal"]) == scene.refused
    page = visitor.get(f"/promises/{code}").content.decode()
    assert "已走完" in page
    assert page.count("系统不许") == sum(scene.refused for scene in story.scenes)
    with kernel_writes():
        children = list(Case.objects.filter(parent=visitor.session["story"]["case"]))
    assert [one.number for one in children if f"协办件 {one.number}" not in page] == []
    assert ("移送办结" in page) == (code == "joint")
    assert visitor.session["story"]["seconds"] > 0
    assert "19900000001" not in page


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("account", ["已签字,上报中心:抽 1 件", "签收", "部门后三名", "启动问责:", "连续2个月", "已销号"]),
        ("alley", ["3 件并入", "治本工程", "治本工程验证有效,转回访", "另外 3 位来电人", "并入的件"]),
    ],
)
def test_a_story_in_which_months_pass_is_played_to_its_end_and_leaves_nothing(
    code: str, said: list[str]
) -> None:
    story, visitor = stories()[code], Client()
    visitor.post(f"/promises/{code}", {"next": "begin"})
    scope_apply(EVERYTHING)
    before = kept(rows()), contents()
    for place in range(len(story.scenes)):
        assert visitor.post(f"/promises/{code}", {"next": str(place)}).status_code == 302
    page = text_of(visitor.get(f"/promises/{code}"))
    assert "已走完" in page
    assert page.count("系统不许") == sum(scene.refused for scene in story.scenes) == 1
    assert [words for words in said if words not in page] == []
    assert page.count("启动问责:") == (code == "account"), "one unit alone is among the last twice"
    assert "19900000" not in page
    scope_apply(EVERYTHING)
    assert (kept(rows()), contents()) == before


def test_the_refund_ends_closed_after_two_redos() -> None:
    visitor = Client()
    visitor.post("/promises/refund", {"next": "begin"})
    for place in range(len(stories()["refund"].scenes)):
        visitor.post("/promises/refund", {"next": str(place)})
    scope_apply(EVERYTHING)
    case = Case.objects.get(external_id__startswith=PREFIX, parent=None)
    assert (case.state, case.redo_count, case.return_count) == ("closed", 2, 1)
    assert [attempt["result"] for attempt in case.facts["mediation"]] == ["again", "agreed"]


def test_a_click_that_was_sent_twice_takes_one_step() -> None:
    visitor = Client()
    visitor.post("/promises/refund", {"next": "begin"})
    visitor.post("/promises/refund", {"next": "0"})
    before = rows(), contents()
    for forged in ("0", "7", "-1", "x", "", "begin"):
        visitor.post("/promises/refund", {"next": forged})
    assert len(visitor.session["story"]["taken"]) == 1
    assert (rows(), contents()) == before


def test_stories_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "MOST_AN_HOUR", 1)
    Client().post("/promises/refund", {"next": "begin"})
    before = rows(), contents()
    visitor = Client()
    page = visitor.post("/promises/refund", {"next": "begin"}, follow=True).content.decode()
    assert "请稍后再来" in page
    assert (rows(), contents()) == before


def test_there_are_no_stories_outside_the_demonstration(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "DEMONSTRATION", False)
    before = rows(), contents()
    assert Client().get("/promises/refund").status_code == 404
    assert Client().post("/promises/refund", {"next": "begin"}).status_code == 404
    assert "一步一步真的办一遍" not in Client().get("/promises").content.decode()
    assert (rows(), contents()) == before


def test_a_scope_lent_is_given_back(city: City) -> None:
    opened = city.dispatched()
    wang, qian = (scope_of(person=city.people[who], at=city.now, roles=roles()) for who in ("wang", "qian"))
    scope_apply(qian)
    with scope_within(wang):
        assert Case.objects.filter(pk=opened.case).exists()
    assert not Case.objects.filter(pk=opened.case).exists()
