"""An on-site evaluation on a telephone: hours without a network, through reloads and a new window, then everything is there once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.draws.services import draw_hold
from bihuan.packs.fire.evaluations.checklist import CHECKLIST
from bihuan.packs.fire.evaluations.selectors import evaluation_standing
from bihuan.packs.fire.models import Evaluation, Photo, Sheet, Signature
from tests.browser.axe import overflows, serious
from tests.browser.test_citizen import picture
from tests.packs.fire.conftest import Section
from tests.packs.fire.evaluating import OnSite, good_sheet

pytestmark = [pytest.mark.browser, pytest.mark.service_worker]
PAUSE_MS = 800
"""After the last key, what is typed is on the device."""
THRICE = """() => {
    const form = document.querySelector("details#alarm form.sheet");
    return Promise.all([1, 2, 3].map(() => evaluation.keep(form)));
}"""
"""As when one pause ends while another field is left."""
SESSION_OVER = (
    """async (person) => (await caches.open(`kept:${person}`)).put("/kept-until", new Response("1"))"""
)


def evaluated(present: datetime, *left: str) -> OnSite:
    """An acceptance whose evaluation was begun; every item but those `left` is written from ping's telephone."""
    with transaction.atomic():
        section = Section(present)
        project = section.enter()
        section.reviewed(project)
        on_site = OnSite(section, section.accepted(project))
        for item, must in CHECKLIST[on_site.found.kind].items():
            if item not in left:
                on_site.write(item, good_sheet(item) if must == "must" else {"none": "on"}, "ping")
    return on_site


def opened(page: Any, on_site: OnSite) -> str:
    """The page of the evaluation, kept on the device, then without a network and loaded again."""
    address = f"{page.home}/fire/evaluations/{on_site.case.number}"
    page.goto(address)
    expect(page.locator("#evaluation-kept")).to_contain_text("没有网络也能打开")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#waiting-note")).to_contain_text("没有网络,这是")
    return address


def item(page: Any, code: str) -> Any:
    found = page.locator(f"details#{code}")
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()
    return found


KEPT = """async () => {
    const kept = [];
    for (const { name } of await indexedDB.databases()) {
        const base = await new Promise((done) => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result); });
        for (const store of base.objectStoreNames) {
            const rows = await new Promise((done) => { const asked = base.transaction(store).objectStore(store).getAll(); asked.onsuccess = () => done(asked.result); });
            kept.push(JSON.stringify(rows));
        }
        base.close();
    }
    return kept.join();
}"""
"""Everything that the browser keeps of this site, as text."""


def write(page: Any, code: str, sheet: dict[str, str]) -> Any:
    """Fill an item in by hand; it is kept, not saved."""
    found = item(page, code)
    for name, value in sheet.items():
        field = found.locator(f'[name="{name}"]')
        if name.endswith(".result"):
            found.locator(f'[name="{name}"][value="{value}"]').check()
        else:
            field.fill(value)
    expect(found.locator(".item-kept")).to_have_text("已写在本机,还没有保存")
    last = list(sheet.values())[-1]
    for _ in range(100):  # what was typed last lies on the device
        page.wait_for_timeout(100)
        if last in page.evaluate(KEPT):
            return found
    raise AssertionError(f"{last} was not kept")


def photographed(found: Any) -> None:
    """One photograph whose place the telephone tells, and one whose place it is not allowed to tell: that is typed."""
    context, form = found.page.context, found.locator("form.photo")
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 36.456789, "longitude": 115.985432, "accuracy": 12})
    form.locator("input[type=file]").set_input_files([picture()])
    expect(form.locator(".offline")).to_be_visible()
    expect(form.locator("input[type=file]")).to_have_value("")
    expect(found.page.locator("#sign-photos")).to_have_text("签字包括照片 1 张。")
    context.clear_permissions()
    form.locator("input[type=file]").set_input_files([picture("green")])
    expect(form.locator("[data-unplaced]")).to_contain_text("手机没有给出位置。照片照收")
    assert not overflows(found.page)
    form.get_by_label("拍照的位置").fill("首层东门外")
    form.get_by_role("button", name="上传").click()
    expect(form.locator("input[type=file]")).to_have_value("")
    expect(found.page.locator("#sign-photos")).to_have_text("签字包括照片 2 张。")


def sign(page: Any, who: str, name: str = "") -> None:
    """Without a network."""
    signed(page, who, name)
    page.locator("#sign-form .offline").wait_for()
    expect(page.locator("#sign-form [name=taken_at]")).to_have_value("")  # the box is free for the next


def signed(page: Any, who: str, name: str = "") -> None:
    page.get_by_label("谁签").select_option(who)
    if name:
        page.get_by_label("姓名").fill(name)
    pad = page.locator("#sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120 + 20 * len(name) + int(who) % 37 if who.isdigit() else box["x"] + 200, box["y"] + 70, steps=4)  # fmt: skip
    page.mouse.up()
    expect(page.locator("#sign-form [name=taken_at]")).not_to_have_value("")
    page.get_by_role("button", name="确认签字").click()


def stored(on_site: OnSite, item: str) -> tuple[int, int, int]:
    """Versions of an item, photographs and signatures."""
    with kernel_writes():
        sheets = Sheet.objects.filter(evaluation=on_site.found, item=item).count()
        return sheets, Photo.objects.count(), Signature.objects.count()


def test_an_evaluation_without_a_network_is_all_there_once_when_it_is_back(
    open_as: Any, present: datetime
) -> None:
    on_site = evaluated(present, "evacuation")
    people = on_site.section.person
    page = open_as("yan", width=360, audited=True)
    address = opened(page, on_site)
    page.evaluate(
        SESSION_OVER, people["yan"]
    )  # the session ends after half an hour; the day on site is longer
    write(page, "evacuation", good_sheet("evacuation") | {"exits.1.where": "首层东门", "exits.1.measured": "1.15"})  # fmt: skip
    signs = page.locator('[data-sub="signs"]')
    signs.locator('[name="signs.places"]').fill("9")
    signs.locator('[value="fail"]').first.check()
    expect(signs.locator(".sub-judged")).to_have_text("有 1 处不合格,再抽 5 处")
    signs.locator('[name="signs.places"]').fill("1")
    signs.locator('[value="pass"]').first.check()
    expect(signs.locator(".sub-judged")).to_have_text("合格")
    exits = page.locator('[data-sub="exits"]')
    for measured, said in (("1.14", "合格"), ("1.1399", "不合格"), ("1.15", "合格")):  # 1.2 less 5 %
        exits.locator('[name="exits.1.measured"]').fill(measured)
        expect(exits.locator(".sub-judged")).to_have_text(said)
    exits.locator('[name="exits.2.required"]').fill("1.2")
    for measured, said in (("1,3", "要求值和实测值要填数,如 1.10"), ("1.3", "查了 2 处,多于现场的 1 处")):
        exits.locator('[name="exits.2.measured"]').fill(measured)  # what the server would refuse hours later
        expect(exits.locator(".sub-judged")).to_have_text(said)
    for field in ("measured", "required"):
        exits.locator(f'[name="exits.2.{field}"]').fill("")
    expect(exits.locator(".sub-judged")).to_have_text("合格")
    page.wait_for_timeout(PAUSE_MS)
    page.reload()
    found = item(page, "evacuation")
    expect(found.locator('[name="exits.1.measured"]')).to_have_value("1.15")
    expect(page.locator("#sign-unsaved")).to_contain_text("请先保存再签字")
    found.get_by_role("button", name="保存这一项").click()
    expect(found.locator(".item-kept")).to_have_text("已存在本机,等待发送")
    photographed(found)
    sign(page, str(people["yan"]))
    sign(page, "owner", "雷明")
    assert serious(page) == []
    assert not overflows(page)
    assert stored(on_site, "evacuation") == (0, 0, 0)
    again = page.context.new_page()  # the browser was closed in between
    page.close()
    again.goto(address)
    expect(item(again, "evacuation").locator('[name="exits.1.measured"]')).to_have_value("1.15")
    expect(again.locator("#waiting-note")).to_contain_text("5 项等待发送")
    again.context.set_offline(False)
    expect(again.locator("#waiting-note")).to_contain_text("5 项已送达")
    assert stored(on_site, "evacuation") == (1, 2, 2)
    other = open_as("ping", width=360)
    other.goto(address)
    signed(other, str(people["ping"]))
    expect(other.locator(".item-photos .signature")).to_have_count(3)
    again.goto(address)
    with kernel_writes():
        standing = evaluation_standing(Evaluation.objects.get(pk=on_site.found.pk))
        told, typed = Photo.objects.order_by("taken_at")
        assert told.taken_at < told.arrived_at
        assert (str(told.latitude), told.accuracy, told.place) == ("36.456789", 12, "")
        assert (typed.latitude, typed.place) == (None, "首层东门外")
        assert standing.signed_for == {told.sent, typed.sent}
    assert (standing.conclusion, standing.inspectors, standing.owners) == ("pass", 2, 1)
    again.get_by_role("button", name="出现场评定结论").click()
    expect(again.locator(".case")).to_contain_text("结论:合格")
    with kernel_writes():
        assert Case.objects.get(pk=on_site.case.pk).facts["site"]["conclusion"] == "pass"


def test_two_inspectors_without_a_network_lose_nothing_and_choose(open_as: Any, present: datetime) -> None:
    on_site = evaluated(present, "alarm")
    page = open_as("yan", width=360, audited=True)
    address = opened(page, on_site)
    page.evaluate(THRICE)
    write(page, "alarm", good_sheet("alarm") | {"remark": "联动三次正常"})
    assert page.evaluate(KEPT).count('"state":"draft"') == 1
    page.goto(page.home + "/waiting")
    page.get_by_text("没有等待发送的。").wait_for()  # what is not saved is not to be sent
    page.goto(address)
    found = item(page, "alarm")
    expect(found.locator("[name=remark]")).to_have_value("联动三次正常")
    found.get_by_role("button", name="保存这一项").click()
    found.locator("form.sheet .offline").wait_for()
    with transaction.atomic():
        on_site.write("alarm", good_sheet("alarm") | {"panel.1.result": "fail"}, "ping")
    page.context.set_offline(False)
    expect(page.locator("#waiting-note")).to_contain_text("1 项已送达")
    page.goto(address)
    expect(page.locator("details#alarm .version")).to_have_count(2)
    expect(page.locator("details#alarm")).to_contain_text("联动三次正常")
    assert serious(page) == []
    assert not overflows(page)
    page.get_by_role("button", name="用严松的这一版").click()
    expect(page.locator("details#alarm .item-result")).to_have_text("合格")
    assert stored(on_site, "alarm")[0] == 2
    with transaction.atomic():
        on_site.section.see()
        on_site.section.filed()
        draw = draw_hold(scope=on_site.section.scope("du"), now=on_site.section.now, seed="0" * 64)
    for width, language in ((1280, "zh-CN"), (360, "en-US")):
        page = open_as("yan", width=width, language=language, audited=True)
        for read in (address, *(f"{page.home}/{folder}/draws/{draw.pk}" for folder in ("fire", "public"))):
            assert page.goto(read).status == 200, read
            page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
            assert serious(page) == [], read
            assert not overflows(page), read
