"""The public guides: an item's page without an account, found in Chinese, quick with the whole list."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.catalogue.contents import materials_told
from bihuan.packs.onewindow.catalogue.importing import items_import
from bihuan.packs.onewindow.catalogue.services import item_use
from tests.packs.onewindow.conftest import FOOD, Window
from tests.packs.onewindow.test_codes import ORGAN, SICHUAN
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(window: Window, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    return Client()


def test_a_guide_says_what_to_bring_how_long_and_where(window: Window, visitor: Client) -> None:
    page = text_of(visitor.get(f"/public/guide/{window.item.pk}"))
    for words in (
        "食品经营许可(新办)", "受理后 5 个工作日", "(法定 20 个工作日)", "鉴定(最多 10 天)", "由窗口核对,不用带", "可以后补", "需要时才带",
        "区政务服务中心二楼综合窗口", "不收费", FOOD, "《食品安全法》第三十五条", "县级",
    ):  # fmt: skip
        assert words in page, words
    assert "Food business licence (new)" in text_of(
        visitor.get(f"/public/guide/{window.item.pk}", headers={"accept-language": "en"})
    )


def test_a_guide_and_its_application_are_read_in_english(window: Window, visitor: Client) -> None:
    materials = "食品经营许可申请书 | 英文:Application form\n营业执照 | 城市已有:营业执照 | 英文:Business licence\n平面图"
    item = window.item_of(
        f"{ORGAN}4370131013000", materials=materials, online=True, results="食品经营许可证\n副本", conditions="有场所。",
        conditions_en="Premises.", places_en="Service centre, window 3", hours_en="Working days 8:30-12:00",
    )  # fmt: skip
    with kernel_writes():
        assert materials_told(item.versions.get().materials) == materials
    english = {"accept-language": "en"}
    page = text_of(visitor.get(f"/public/guide/{item.pk}", headers=english))
    for words in (
        "<li>Application form\n", "<li>Business licence\n", "Not needed from who holds our “Business licence”", "<li>平面图\n",
        "<dd>Service centre, window 3 ·", "<dd>Working days 8:30-12:00</dd>", "<dd>Premises.</dd>", "<dd>Food business licence<br>副本</dd>",
    ):  # fmt: skip
        assert words in page, words
    form = text_of(visitor.get(f"/public/apply/{item.pk}", headers=english))
    assert '<label for="field-file_1">1. Application form ' in form
    assert "the city issued you a Business licence" in form
    chinese = text_of(visitor.get(f"/public/guide/{item.pk}"))
    assert ("<li>食品经营许可申请书\n" in chinese, "Application form" in chinese) == (True, False)


def test_an_unknown_item_is_not_found_and_an_ended_one_says_so(window: Window, visitor: Client) -> None:
    for item in (0, 999_999, 2**40):
        assert visitor.get(f"/public/guide/{item}").status_code == 404
    item_use(item=window.item.pk, active=False, now=window.now, by="system")
    assert "这个事项已停用" in text_of(visitor.get(f"/public/guide/{window.item.pk}"))
    assert "0 个事项" in text_of(visitor.get("/public/guide?q=食品"))


@pytest.mark.skipif(not SICHUAN.exists(), reason="the file is not here")
def test_the_whole_list_is_paged_and_searched_in_few_queries(
    window: Window, visitor: Client, django_assert_max_num_queries: Any
) -> None:
    items_import(path=SICHUAN, mapping="sichuan", now=window.now, by="system")
    with django_assert_max_num_queries(15):
        page = text_of(visitor.get("/public/guide"))
    assert "1136 个事项" in page
    assert "1 / 23" in page
    found = text_of(visitor.get("/public/guide?q=食品经营"))
    assert "食品经营许可(新办)" in found
    assert "page=2" not in found
    assert "还没有登记,请问窗口。" in text_of(visitor.get(f"/public/guide/{window.item.pk + 1}"))
    for q in ("办理食品经营许可证", "食经证", "我要办 食品经营 许可证"):
        assert "食品经营许可(新办)" in text_of(visitor.get("/public/guide", {"q": q})), q
    first = visitor.get("/public/guide", {"q": "卫生"}).context["rows"][0][1]
    assert "卫生" in first  # what is named so comes before what its office is named so
    for q in ("'; drop table", "%", "食" * 500, "((("):
        assert visitor.get("/public/guide", {"q": q}).status_code == 200
    assert visitor.get("/public/guide?page=9999").status_code == 200


def test_the_start_page_leads_to_the_guides(window: Window, visitor: Client) -> None:
    assert 'action="/public/guide"' in text_of(visitor.get("/public"))
