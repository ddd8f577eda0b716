"""A hall is set up in the administration: its windows are entered, changed, closed and opened again, each an entry of its register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.hall import windows
from bihuan.packs.onewindow.hall.calling import window_leave
from bihuan.packs.onewindow.hall.groups import group_remove
from bihuan.packs.onewindow.hall.models import HallWindow
from bihuan.packs.onewindow.hall.rules import Group
from bihuan.packs.onewindow.hall.selectors import hall_units, terms_now
from tests.packs.onewindow.conftest import APPROVAL, HEALTH, MARKET
from tests.packs.onewindow.test_hall import Hall, hall  # noqa: F401  a fixture
from tests.packs.onewindow.test_hall_pages import as_  # noqa: F401  a fixture
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db
HOME = "/administration/hall_windows"


def doing(hall: Hall, act: Callable[..., HallWindow], who: str = "admin", **given: Any) -> Callable[[], Any]:
    return lambda: act(by=hall.window.people[who], now=hall.window.now, **given)


def test_a_unit_has_a_hall_with_its_first_window(hall: Hall) -> None:
    market = hall.window.units[MARKET]
    assert hall_units() == [hall.unit]
    made = doing(hall, windows.window_add, unit=market, code=" a3 ", skills=["C", "A", "A"])()
    assert (made.code, made.skills, made.state, made.active) == ("A3", ["A", "C"], "shut", True)
    assert sorted(hall_units()) == sorted([hall.unit, market])
    entry = register_entries(stream=f"hall:{market}", match={"window": "A3"})[0]
    assert (entry.kind, entry.data) == (
        "window_added",
        {"window": "A3", "unit": market, "skills": ["A", "C"]},
    )


def test_a_window_that_makes_no_sense_is_refused(hall: Hall) -> None:
    good = {"unit": hall.unit, "code": "4", "skills": ["A"]}
    gone = hall.window.units[HEALTH]
    with kernel_writes():
        Unit.objects.filter(pk=gone).update(valid_to=datetime(2026, 1, 1).date())
    for code, wrong in (
        ("window_code", {"code": "12345"}), ("window_code", {"code": ""}), ("window_code", {"code": "一"}),
        ("window_code", {"code": "1"}), ("window_unit", {"unit": gone}), ("window_unit", {"unit": 10**9}),
        ("window_skills", {"skills": []}), ("window_skills", {"skills": ["A", "Z"]}),
    ):  # fmt: skip
        hall.refused(code, doing(hall, windows.window_add, **{**good, **wrong}))
    for who in ("cheng", "fang", "security"):
        hall.refused("power", doing(hall, windows.window_add, who, **good))
        hall.refused("power", doing(hall, windows.window_close, who, window=hall.windows["1"]))


def test_a_window_closes_when_nobody_is_left_without_one(hall: Hall) -> None:
    third = hall.windows["3"]
    hall.sit("3", "hou")
    hall.refused("window_manned", doing(hall, windows.window_close, window=third))
    hall.window.later(minutes=1)
    windows.window_change(window=third, skills=["A", "C"], by="system", now=hall.window.now)
    hall.refused("same", doing(hall, windows.window_change, window=third, skills=["C", "A"]))
    window_leave(window=third, scope=hall.scope("hou"), now=hall.window.now)
    hall.take("C")
    hall.refused("window_waiting", doing(hall, windows.window_close, window=third))
    doing(hall, windows.window_change, window=hall.windows["1"], skills=["A", "B", "C"])()
    closed = doing(hall, windows.window_close, window=third)()
    assert (closed.active, closed.state) == (False, "shut")
    hall.refused("not_found", lambda: hall.sit("3", "hou"))
    hall.refused("not_found", doing(hall, windows.window_close, window=third))
    hall.refused("not_found", doing(hall, windows.window_change, window=third, skills=["A"]))
    hall.refused("not_found", doing(hall, windows.window_reopen, window=hall.windows["1"]))
    hall.refused("window_code", doing(hall, windows.window_add, unit=hall.unit, code="3", skills=["A"]))
    assert doing(hall, windows.window_reopen, window=third)().active
    with kernel_writes():
        entries = LedgerEntry.objects.filter(stream=f"hall:{hall.unit}").order_by("seq")
        kinds = list(entries.values_list("kind", flat=True))
    assert kinds == [
        "window_opened", "window_skills", "window_shut", "window_skills", "window_closed", "window_reopened",
    ]  # fmt: skip


def test_the_administrator_sets_up_a_hall(as_: Any, hall: Hall, django_assert_max_num_queries: Any) -> None:
    admin, given = as_("admin"), {"unit": APPROVAL, "code": "7", "skills": ["A", "B"]}

    def codes() -> list[str]:
        return [one.code for one, *_more in as_("cheng").get("/onewindow/hall").context["windows"]]

    answer = admin.post(f"{HOME}/do/add", {**given, "code": "七"})
    assert (answer.status_code, "编号写 1 至 4 个数字或字母" in text_of(answer)) == (422, True)
    assert admin.post(f"{HOME}/do/add", {**given, "skills": ["Z"]}).status_code == 422
    with kernel_writes():
        assert HallWindow.objects.count() == 3
    made = admin.post(f"{HOME}/do/add", given)["Location"]
    page = text_of(admin.get(made))
    assert "7 号窗口" in page and "新登记窗口" in page and "综合受理、企业和经营" in page
    admin.post(f"{made}/do/change", {"skills": ["D"]})
    page = text_of(admin.get(made))
    assert "不动产" in page and "改办理的业务" in page
    assert admin.post(f"{made}/do/close").status_code == 302
    with django_assert_max_num_queries(16):
        assert "已停用" in text_of(admin.get(HOME))
    assert admin.post(f"{made}/do/close").status_code != 302
    assert "7" not in codes()
    assert admin.post(f"{made}/do/reopen").status_code == 302
    assert "恢复使用窗口" in text_of(admin.get(made))
    assert "7" in codes()
    for who in ("cheng", "fang", "security"):
        assert as_(who).get(HOME).status_code == 403


def test_the_administrator_keeps_the_groups_by_a_plain_form(as_: Any, hall: Hall) -> None:
    admin, home = as_("admin"), "/administration/hall_groups"
    hall.take("A")
    before = terms_now(hall.window.now).groups
    given = {
        "code": "f",
        "name": "公积金",
        "name_en": "Housing fund",
        "minutes": 8,
        "head_start": 0,
        "words": "公积金, 住房,公积金",
        "basis": "大厅会议",
    }
    for wrong, words in (
        ({"code": "1"}, "大写字母"), ({"code": "A"}, "已有一类在用"), ({"name": ""}, "名称"), ({"minutes": 0}, "几分钟"), ({"basis": ""}, "依据"),
    ):  # fmt: skip
        answer = admin.post(f"{home}/do/add", {**given, **wrong})
        assert (answer.status_code, words in text_of(answer)) == (422, True), wrong
    for who in ("cheng", "fang", "security"):
        assert as_(who).post(f"{home}/do/add", given).status_code == 403
    assert terms_now(hall.window.now).groups == before
    made = admin.post(f"{home}/do/add", given)["Location"]
    assert terms_now(hall.window.now).groups == (
        *before, Group("F", "公积金", "Housing fund", 8, 0, ("公积金", "住房"))
    )  # fmt: skip
    assert "大厅会议" in text_of(admin.get(made))
    admin.post(f"{made}/do/change", {**given, "name": "住房公积金"})
    assert terms_now(hall.window.now).group("F").name == "住房公积金"  # type: ignore[union-attr]
    hall.refused(
        "group_served",
        lambda: group_remove(code="A", basis="x", by=hall.window.people["admin"], now=hall.window.now),
    )
    assert admin.post(f"{made}/do/remove", {"basis": "并入不动产"}).status_code == 302
    assert terms_now(hall.window.now).groups == before
