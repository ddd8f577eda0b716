"""A theme's pages over HTTP: the guide, the form at the window, the network on the case, the projects, and administration."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.administration.shape import Asked
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.packs.onewindow.models import Item
from bihuan.packs.onewindow.themes.models import ThemeApplication, ThemeVersion
from bihuan.packs.onewindow.themes.register import Themes
from tests.packs.onewindow.bazaar import ALL, DATED, FOOD, GIVEN, HYGIENE, SIGN, Bazaar
from tests.packs.onewindow.conftest import PERSON, As
from tests.packs.onewindow.test_loop import state_now
from tests.stories.cast import text_of
from tests.walks import EVERYTHING

pytestmark = pytest.mark.django_db


def words_of(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(answer)))


def sent(client: Client, bazaar: Bazaar, *present: str, **typed: Any) -> HttpResponse:
    address = f"/onewindow/window/theme/{bazaar.theme.pk}"
    key = typed.pop("key", None) or re.search(r'name="key" value="(\w+)"', text_of(client.get(address)))[1]  # type: ignore[index]
    data = {
        **PERSON,
        **DATED,
        "subject": "水城面馆",
        "present": list(present or ALL),
        "outcome": "accept",
        "key": key,
        **typed,
    }
    return client.post(address, data)


def test_the_guide_shows_one_list_and_what_goes_side_by_side(
    bazaar: Bazaar, as_: As, django_assert_max_num_queries: Any
) -> None:
    page = words_of(Client().get("/public/guide?q=面馆"))
    assert "一件事一次办 开餐馆 一业一证" in page
    with django_assert_max_num_queries(16):
        page = words_of(Client().get(f"/public/theme/{bazaar.theme.pk}"))
    for said in (
        "包含 3 个事项", "一个接一个要 12 个工作日", "同时办要 8 个工作日", "可省 4 个工作日",
        "逐件去办要交 11 份材料,一起办只要 8 份", "卫生 · 公共场所卫生许可 关键 不用等 3 第 1–3 天",
        "招牌 · 户外广告设施设置审批 不用等 4 第 1–4 天", "食品 · 食品经营许可(新办) 关键 卫生 5 第 4–8 天",
        "营业执照 由窗口核对,不用带 用于:卫生、招牌、食品",
    ):  # fmt: skip
        assert said in page, said
    assert Client().get("/public/theme/999999").status_code == 404
    assert Client().get(f"/public/theme/{2**31}").status_code == 404


def test_the_clerk_finds_the_theme_and_takes_it_in_once(
    bazaar: Bazaar, as_: As, django_assert_max_num_queries: Any
) -> None:
    fang = as_("fang")
    assert f"/onewindow/window/theme/{bazaar.theme.pk}" in text_of(fang.get("/onewindow/window/found?q=餐饮"))
    with django_assert_max_num_queries(30):
        page = words_of(fang.get(f"/onewindow/window/theme/{bazaar.theme.pk}"))
    for said in (
        "同时办 8 个工作日,逐件办要 12 个",
        "2. 经营场所平面图 用于:卫生、食品",
    ):
        assert said in page, page
    key = "k" * 8
    first = sent(fang, bazaar, key=key)
    before = state_now()
    assert sent(fang, bazaar, key=key)["Location"] == first["Location"]
    again = sent(fang, bazaar, key=key, subject="别的店")
    assert (again.status_code, "这张表已经收过一件,内容与现在的不同。" in text_of(again)) == (422, True)
    assert state_now() == before
    with django_assert_max_num_queries(40):
        page = words_of(fang.get(first["Location"]))
    for said in (
        "各部分办得怎样",
        "主题 开餐馆",
        "店铺或项目名称 水城面馆",
        "正在办",
        "等前面的办完",
        "并联审批中",
    ):
        assert said in page, said
    for who in ("wang", "li", "qian", "admin", "ren", "tang"):
        assert as_(who).get(f"/onewindow/window/theme/{bazaar.theme.pk}").status_code == 403, who


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"subject": "", "phone": "x"}, "不能为空"),
        ({"subject": "字" * 101}, "不能超过100个字"),
        ({"subject": "a\x07b"}, "控制字符"),
        ({"id_number": "371502199001011227"}, "校验码不符"),
        ({"outcome": "keep"}, "请选怎么办"),
        ({"outcome": "accept_lacking"}, "可容缺清单"),
        ({"present": ["1", "99"]}, "没有第 99 项"),
        ({"present": ["1"]}, "还没有交齐:请发补正告知,或按目录容缺受理。 缺:2 "),
        ({"dated_4": ""}, "请填签发日期"),
        ({"dated_4": "2025-01-01"}, "已过期"),
        ({"outcome": "tell_missing"}, "不发补正告知"),
        ({"key": "';--"}, "表单不完整"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_nothing_is_taken_in(
    bazaar: Bazaar, as_: As, typed: dict[str, Any], words: str
) -> None:
    fang, before = as_("fang"), state_now()
    answer = sent(fang, bazaar, **{"name": "宋晓梅", **typed})
    assert (answer.status_code, words in text_of(answer), 'value="宋晓梅"' in text_of(answer)) == (
        422,
        True,
        True,
    )
    scope_apply(EVERYTHING)
    assert state_now() == before


def test_who_approves_a_part_sees_where_it_stands_in_the_whole(bazaar: Bazaar, as_: As) -> None:
    whole = bazaar.take()
    case = bazaar.part(whole.case, "卫生").case
    assert case
    page = words_of(as_("371502_health_handler").get(f"/cases/{case.number}"))
    for said in ("同一次申请的各部分", f"本件是主题办件的一部分: {whole.number} 开餐馆:水城面馆", "已收"):
        assert said in page, said
    assert as_("qian").get(f"/cases/{case.number}").status_code == 404


def test_the_projects_and_the_days_that_they_saved(
    bazaar: Bazaar, as_: As, django_assert_max_num_queries: Any
) -> None:
    tang = as_("tang")
    page = words_of(tang.get("/onewindow/themes"))
    assert "还没有主题办件" in page and "全部办完 –" in page
    scope_apply(EVERYTHING)
    for days in (1, 3):
        whole = bazaar.take()
        for code in ("卫生", "招牌"):
            bazaar.window.later(days=days)
            bazaar.grant(whole.case, code)
        bazaar.grant(whole.case, "食品")
    open_ = bazaar.take()
    bazaar.refuse(open_.case, "卫生")
    # 1 + 2 + 1 days in 2; then from Wednesday to Saturday, which counts as Friday, and Tuesday: 2 + 4 + 2 in 4.
    tang = as_("tang")
    with django_assert_max_num_queries(15):
        page = words_of(tang.get("/onewindow/themes"))
    for said in (
        "全部办完 66.7% 2 / 3",
        "一个接一个要的工作日 12",
        "实际用的工作日 6",
        "省下的工作日 6",
        "0 / 3 1 个没有通过",
    ):
        assert said in page, (said, page)
    for who in ("wang", "qian", "admin", "li"):
        assert as_(who).get("/onewindow/themes").status_code == 403, who
    assert Client().get("/onewindow/themes").status_code == 302


def test_the_administrator_enters_changes_and_imports_themes(bazaar: Bazaar, as_: As) -> None:
    admin = as_("admin")
    page = words_of(admin.get(f"/administration/themes/of/{bazaar.theme.pk}"))
    assert "一个接一个(工作日) 12" in page and "最长的一串 卫生 → 食品" in page
    home, before = "/administration/themes/do/add", ThemeVersion.objects.count()
    circle = f"卫生 | {HYGIENE} | 之后:食品\n食品 | {FOOD} | 之后:卫生"
    answer = admin.post(home, {**GIVEN, "code": "shop", "parts": circle})
    assert (answer.status_code, "先后成了一个圈:卫生 → 食品 → 卫生" in text_of(answer)) == (422, True)
    seen = admin.post(home, {**GIVEN, "code": "shop"})
    assert ThemeVersion.objects.count() == before
    made = admin.post(home, {**GIVEN, "code": "shop", "confirm": seen.context["seal"]})
    assert (made.status_code, ThemeVersion.objects.count()) == (302, before + 1)
    assert "登记主题" in words_of(admin.get(made["Location"]))
    item = {
        "scheme": "opaque",
        "code": "A-1",
        "name": "临时占道许可",
        "kind": "01",
        "organ": "综合行政执法局",
    }
    seen = admin.post("/administration/items/do/add", item)
    made = admin.post("/administration/items/do/add", {**item, "confirm": seen.context["seal"]})
    assert (made.status_code, Item.objects.filter(code="A-1").count()) == (302, 1)
    assert as_("fang").get("/administration/themes").status_code == 403
    assert Case.objects.count() == ThemeApplication.objects.count() == 0


def test_a_file_of_130_themes_is_imported_and_the_second_time_changes_nothing(
    bazaar: Bazaar, now: Any
) -> None:
    kind, asked = Themes(), Asked(Scope(bazaar.window.people["admin"], (), (), True), now)
    rows = [
        {
            "code": f"t{n}",
            "name": f"主题{n}",
            "kind": "trade",
            "parts": f"招牌 | {SIGN}\n食品 | {FOOD} | 之后:招牌 | 9天",
        }
        for n in range(130)
    ]
    assert {kind.row_import(row, asked).what for row in rows} == {"new"}
    assert {kind.row_import(row, asked).what for row in rows[:5]} == {"same"}
    assert kind.row_import({**rows[0], "name": "开超市"}, asked).what == "changed"
    assert kind.rows(asked).count() == 131
