"""tang's morning in a real browser: what burns, twenty urged at once, three returns decided, a view kept for tomorrow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from tests.browser.axe import overflows, serious
from tests.desk.conftest import City

pytestmark = pytest.mark.browser


def cases(ids: list[int]) -> list[Case]:
    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        return list(Case.objects.filter(pk__in=ids).order_by("pk"))


def returned(city: City) -> int:
    opened = city.dispatched()
    city.move(opened.case, "return", "wang", grounds="duty", reason="这件事不归我局管,请改派。")
    return opened.case


def test_tang_finds_what_burns_urges_decides_and_keeps_a_view(open_as: Any, present: datetime) -> None:
    with transaction.atomic():
        city = City(present)
        urged = [city.dispatched().case for _ in range(20)]
        asked = [returned(city) for _ in range(3)]
        first, repeat = city.dispatched(), city.dispatched()
    tang = open_as("tang")
    tang.goto(tang.home + "/home")
    tang.wait_for_url("**/overview")
    tang.locator(".bars a", has_text="办理人").click()
    tang.wait_for_url("**waits=handler**")
    rows = tang.locator("tr[data-row]")
    expect(rows).to_have_count(22)
    tang.keyboard.press("j")
    tang.keyboard.press("x")
    expect(tang.locator("#picked")).to_have_text("已勾选 1", use_inner_text=True)
    tang.locator("#pick-page").check()
    for one in (first, repeat):
        tang.locator(f'[name=id][value="{one.case}"]').uncheck()
    expect(tang.locator("#picked")).to_have_text("已勾选 20", use_inner_text=True)
    tang.get_by_role("button", name="催办", exact=True).click()
    expect(tang.get_by_text("“催办”办了就不能撤销")).to_be_visible()
    tang.locator("[name=remark]").fill("今天务必签收。")
    tang.get_by_role("button", name="催办这 20 件").dblclick()
    tang.get_by_text("共 20 件:已办 20 件,没有办 0 件").wait_for()
    assert [case.urge_count for case in cases(urged)] == [1] * 20
    # A repeat is merged, and taken apart again: this can be undone.
    tang.goto(f"{tang.home}/?tab=all&number={repeat.number}")
    tang.locator("#pick-page").check()
    tang.get_by_role("button", name="并单").click()
    tang.locator("#field-case").fill(first.number)
    tang.get_by_role("button", name="并单这 1 件").click()
    tang.get_by_text("共 1 件:已办 1 件").wait_for()
    assert cases([repeat.case])[0].merged_into_id == first.case
    tang.get_by_role("link", name="撤销并单 1 件").click()
    tang.locator("[name=reason]").fill("不是同一件事。")
    tang.get_by_role("button", name="撤销并单这 1 件").click()
    tang.get_by_text("共 1 件:已办 1 件").wait_for()
    assert cases([repeat.case])[0].merged_into_id is None
    # Three returns, one after the other.
    tang.goto(tang.home + "/overview")
    tang.locator("#decide .chip", has_text="退单待审").click()
    for left in (3, 2, 1):
        tang.get_by_text(f"还有 {left} 件").wait_for()
        tang.wait_for_load_state()
        tang.locator(".verdict > summary", has_text="不同意退单").click()
        form = tang.locator(".verdict[open]")
        form.locator("[name=reason]").fill("按职责清单应由你单位办理。")
        form.locator(".btn-primary").last.click()
    tang.get_by_text("都办完了。").wait_for()
    assert [case.state for case in cases(asked)] == ["dispatched"] * 3
    # The view is there tomorrow, on another machine.
    tang.goto(tang.home + "/?tab=all&waits=handler")
    tang.get_by_text("保存为视图").click()
    tang.locator("#view-name").fill("等办理人的")
    tang.get_by_role("button", name="保存", exact=True).click()
    tang.get_by_text("视图“等办理人的”已保存").wait_for()
    tomorrow = open_as("tang")
    tomorrow.goto(tomorrow.home + "/")
    tomorrow.locator(".views .chip", has_text="等办理人的").click()
    tomorrow.wait_for_url("**waits=handler**")
    expect(tomorrow.locator("tr[data-row]")).to_have_count(24)
    tomorrow.get_by_role("button", name="删去视图").click()
    tomorrow.get_by_role("button", name="撤销", exact=True).click()
    expect(tomorrow.locator(".views .chip")).to_have_count(1)


@pytest.mark.parametrize(("width", "language"), [(360, "en-US"), (1280, "zh-CN")])
def test_the_supervisors_pages_are_sound(open_as: Any, present: datetime, width: int, language: str) -> None:
    with transaction.atomic():
        city = City(present)
        picked = [city.dispatched().case for _ in range(3)]
        returned(city)
    tang = open_as("tang", width=width, language=language, audited=True)
    ids = "&".join(f"id={case}" for case in picked)
    for path in ("/overview", "/?tab=all", "/?tab=all&columns=state.unit.line.left.handler.matter.place.opened",
                 f"/bulk?tab=all&step=supervise&{ids}"):  # fmt: skip
        tang.goto(tang.home + path)
        assert serious(tang) == [], path
        assert not overflows(tang), path
    tang.locator("[name=reason]").fill("群众反映强烈,限期办结。")
    tang.locator(".bulk-form .btn-primary").click()
    tang.wait_for_url("**/bulk/runs/*")
    assert serious(tang) == []
    assert not overflows(tang)


def test_an_empty_district_is_drawn_too(open_as: Any, present: datetime) -> None:
    tang = open_as("tang", width=360, audited=True)
    tang.goto(tang.home + "/overview")
    expect(tang.locator(".figure b").first).to_have_text("0", use_inner_text=True)
    assert serious(tang) == []
    assert not overflows(tang)


def test_the_map_shows_where_it_burns(open_as: Any, present: datetime) -> None:
    city = City(present)
    place = "柳园南路66号 东昌府区(地图点位 36.45000, 115.98500)"
    opened = city.dispatched(place=place, territory=city.units["371502002"])
    for width, language, county in ((1280, "zh-CN", "东昌府区 1"), (360, "en", "Dongchangfu District 1")):
        tang = open_as("tang", width=width, language=language, audited=True)
        tang.goto(tang.home + "/overview")
        expect(tang.locator(".county-map .county").filter(has_text=county)).to_be_visible()
        assert serious(tang) == []
        assert not overflows(tang)
        tang.locator(".county-map path.leaflet-interactive").click()
        tang.wait_for_url(f"**/cases/{opened.number}")
