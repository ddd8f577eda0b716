"""A form on its page: drawn, read back, told; and its answers on the page and the paper of a case."""

from __future__ import annotations

import html
import json
import re
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation

from bihuan.kernel.forms.checking import answers_check
from bihuan.kernel.forms.drawing import Drawn, form_drawn
from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.forms.reading import answers_typed, number_read
from bihuan.kernel.forms.rules import Source, form_prefilled
from bihuan.kernel.forms.schema import form_read
from bihuan.kernel.forms.services import answers_record
from bihuan.kernel.forms.told import answers_told
from tests.desk.conftest import City
from tests.desk.test_case_pdf import text_of
from tests.kernel.forms.conftest import See
from tests.kernel.forms.stall import GOOD, ID_NUMBER, USCC, text

STALL = form_read(text())
FULL: dict[str, Any] = {
    "applicant": {"name": "宋晓梅", "phone": "13812341234", "id_number": ID_NUMBER},
    "firm": True, "uscc": USCC, "goods": ["food", "toys"], "licence": "JY123456", "fire": True, "smoke": "装净化器",
    "helpers": [{"name": "甲", "age": 30}, {"name": "乙", "age": 17, "guardian": "丙"}],
    "kind": "cart", "area": Decimal("2.5"), "since": "2026-05-01", "spot": "南门<b>", "note": "一行\n二行", "promise": True,
}  # fmt: skip


def every(fields: list[Drawn]) -> dict[str, Drawn]:
    found = {}
    for one in fields:
        found[one.path] = one
        found |= every(one.inside)
        for row in one.rows:
            found |= every(row)
    return found


def typed_of(page: str) -> QueryDict:
    """What a browser would send of a page: its enabled controls as they stand."""
    sent = QueryDict(mutable=True)
    page = re.sub(r"<template>.*?</template>", "", page, flags=re.S)
    for tag, name, rest in re.findall(r'<(input|textarea|select)([^>]*?)>(.*?)(?=<(?:input|textarea|select|/div|/fieldset))', page, re.S):  # fmt: skip
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', name))
        if "disabled" in name.split() or "name" not in attributes or attributes.get("type") == "file":
            continue
        value = attributes.get("value", "")
        if tag == "textarea":
            value = rest.split("</textarea>")[0]
        if tag == "select":
            value = next(iter(re.findall(r'value="([^"]*)" selected', rest)), "")
        if attributes.get("type") in ("radio", "checkbox") and " checked" not in name:
            continue
        sent.appendlist(attributes["name"], html.unescape(value))
    return sent


def page_of(values: dict[str, Any], **more: Any) -> str:
    return render_to_string("forms/form.html", {"drawn": form_drawn(STALL, values, **more)})


@pytest.mark.parametrize("values", [{}, GOOD, FULL])
def test_what_a_page_shows_is_what_it_sends(values: dict[str, Any]) -> None:
    typed = answers_typed(STALL, typed_of(page_of(values)))
    assert typed.values == values
    assert (typed.more, typed.files) == (None, {})


def test_only_fields_that_are_shown_are_open_and_the_rest_waits_on_the_page() -> None:
    drawn = every(form_drawn(STALL, GOOD).fields)
    assert {path for path, one in drawn.items() if not one.shown} == {"licence", "uscc", "fire", "smoke", "shows", "helpers.0.guardian"}  # fmt: skip
    assert json.loads(drawn["uscc"].when) == [
        [{"properties": {"firm": {"const": True}}, "required": ["firm"]}, True]
    ]
    assert (drawn["helpers.0.guardian"].at, drawn["applicant.name"].at, drawn["uscc"].at) == (
        "helpers.0",
        "applicant",
        "",
    )
    page = page_of(GOOD)
    assert re.search(r'data-path="uscc"[^>]* hidden', page)
    assert re.search(r'name="f.uscc"[^>]* disabled', page)
    assert not re.search(r'name="f.kind"[^>]* disabled', page)
    food = every(form_drawn(STALL, FULL).fields)
    assert {path for path, one in food.items() if not one.shown} == {"why", "shows", "helpers.0.guardian"}
    assert {path for path, one in food.items() if one.required} == {
        "applicant", "applicant.name", "applicant.phone", "uscc", "goods", "licence", "fire", "smoke", "kind", "promise", "spot",
        "helpers.0.name", "helpers.1.name", "helpers.1.guardian",
    }  # fmt: skip


def test_flaws_stand_at_their_fields_and_in_the_list_and_words_are_kept() -> None:
    bad = {**deepcopy(GOOD), "applicant": {"name": "宋", "phone": "12"}, "kind": "tent", "area": "很大"}
    drawn = form_drawn(STALL, bad, flaws=answers_check(STALL, bad).flaws)
    assert drawn.problems == [
        ("applicant.phone", "电话号码应为11位手机号、带区号的固定电话、400/800号码或短号。", ""),
        ("kind", "“摊位”不是可选的值。", ""),
        ("area", "“面积”应为数字,最多 15 位。", ""),
    ]
    page = page_of(bad, flaws=answers_check(STALL, bad).flaws)
    assert 'id="field-applicant.phone" name="f.applicant.phone"' in page
    assert (
        'aria-invalid="true" aria-describedby="field-applicant.phone-hint field-applicant.phone-wrong"'
        in page
    )
    assert 'value="很大"' in page


def test_a_page_speaks_the_language_of_its_reader() -> None:
    with translation.override("en"):
        page = page_of(FULL)
    plain = re.sub(r"<template>.*?</template>|<[^>]+>", "", page, flags=re.S)
    assert not re.search(
        "[\u4e00-\u9fff]", plain.replace("南门", "").replace("一行", "").replace("二行", "")
    ), plain


def test_known_answers_say_where_they_are_from_and_some_are_not_asked() -> None:
    sources = {
        "account": Source("登录信息", {"name": "宋晓梅", "id_number": ID_NUMBER}),
        "licence": Source("营业执照", {"uscc": USCC}),
    }
    prefilled = form_prefilled(STALL, sources)
    drawn = form_drawn(STALL, prefilled.values, prefilled=prefilled)
    assert drawn.silent == [("身份证号码", "登录信息")]
    assert drawn.known == ""
    page = page_of(prefilled.values, prefilled=prefilled)
    assert "已按登录信息填好,不对可以改。" in page
    assert "身份证号码 <small>来自登录信息</small>" in page
    assert "f.applicant.id_number" not in page and ID_NUMBER not in page
    changed = page_of({"applicant": {"name": "别人"}}, prefilled=prefilled)
    assert "已按登录信息填好" not in changed


def test_what_is_not_asked_still_decides_what_is_shown() -> None:
    schema = {
        "title": "表", "type": "object",
        "properties": {"kind": {"title": "类", "type": "string", "x-from": ["register.kind"], "x-ask": False}},
        "if": {"properties": {"kind": {"const": "firm"}}, "required": ["kind"]},
        "then": {"properties": {"more": {"title": "更多", "type": "string"}}},
    }  # fmt: skip
    form = form_read(json.dumps(schema))
    prefilled = form_prefilled(form, {"register": Source("登记簿", {"kind": "firm"})})
    drawn = form_drawn(form, prefilled.values, prefilled=prefilled)
    assert [(one.path, one.shown) for one in drawn.fields] == [("more", True)]
    assert json.loads(drawn.known) == {"kind": "firm"}


def test_without_a_script_a_row_is_asked_for_by_a_button() -> None:
    sent = typed_of(page_of({**GOOD, "helpers": [{"name": "甲"}]}))
    sent["more"] = "helpers"
    typed = answers_typed(STALL, sent)
    assert typed.more == "helpers"
    drawn = every(form_drawn(STALL, typed.values, more=typed.more).fields)
    assert len(drawn["helpers"].rows) == 2
    full = form_drawn(STALL, {"helpers": [{"name": "甲"}] * 3}, more="helpers")
    assert (len(every(full.fields)["helpers"].rows), every(full.fields)["helpers"].full) == (3, True)


def test_rows_are_read_in_order_without_the_empty_ones_and_files_come_with_their_path() -> None:
    sent = QueryDict(
        "f.helpers.2.name=乙&f.helpers.0.name=甲&f.helpers.1.name=&f.helpers.x.name=丁&f.nobody=1&f.helpers.99999.name=戊"
    )
    file = SimpleUploadedFile("a.jpg", b"x")
    typed = answers_typed(STALL, sent, {"f.photo": file, "f.other": file})
    assert typed.values == {"helpers": [{"name": "甲"}, {"name": "乙"}], "photo": 0}
    assert typed.files == {"photo": file}


@pytest.mark.parametrize(
    ("written", "read"),
    [("1,234", 1234), ("2.50", Decimal("2.50")), ("12", 12), ("很大", "很大"), ("", ""), ("nan", "nan"), ("1e999", "1e999"),
     ("9" * 50, "9" * 50), ("-3", -3), ("1.0", 1)],
)  # fmt: skip
def test_numbers_as_people_write_them(written: str, read: Any) -> None:
    assert number_read(written) == read


def test_answers_are_told_in_words_and_masked() -> None:
    said = [
        (one.label, one.value)
        for one in answers_told(STALL, {**FULL, "photo": 7, "shows": "摊位"}, files={7: "a.jpg"})
    ]
    assert said == [
        ("申请人 · 姓名", "宋**"), ("申请人 · 电话", "138****1234"), ("申请人 · 身份证号码", "371***********1230"),
        ("以企业名义", "是"), ("统一社会信用代码", USCC), ("卖什么", "食品、玩具"), ("食品许可证号", "JY123456"), ("用明火", "是"), ("油烟怎么处理", "装净化器"),
        ("帮手 1 · 姓名", "*"), ("帮手 1 · 年龄", "30 岁"), ("帮手 2 · 姓名", "*"), ("帮手 2 · 年龄", "17 岁"),
        ("帮手 2 · 监护人", "丙"), ("摊位", "推车"), ("面积", "2.5 平方米"), ("从哪天起", "2026-05-01"), ("在哪里", "南门<b>"),
        ("说明", "一行\n二行"), ("照片", "a.jpg"), ("照片上是什么", "摊位"), ("承诺守规矩", "是"),
    ]  # fmt: skip
    plain = {one.label: one.value for one in answers_told(STALL, FULL, plain=True)}
    assert (plain["申请人 · 姓名"], plain["申请人 · 电话"]) == ("宋晓梅", "13812341234")


@pytest.mark.django_db
def test_a_case_shows_its_answers_on_page_and_paper(
    city: City, stall: FormVersion, see: See, as_: Any, django_assert_max_num_queries: Any
) -> None:
    opened = city.handling()
    see("wang")
    answers_record(case=opened.case, form=stall, values=FULL, by=city.people["wang"], now=city.now)
    client = as_("wang")
    client.get(f"/cases/{opened.number}")
    with django_assert_max_num_queries(30):
        page = client.get(f"/cases/{opened.number}").content.decode()
    part = page.partition('class="answers"')[2].partition("</section>")[0]
    assert "摊位申请" in part and "138****1234" in part and "南门&lt;b&gt;" in part
    assert ID_NUMBER not in page and '"goods"' not in page
    assert "填写表单" in page
    paper = text_of(client.get(f"/cases/{opened.number}/print.pdf").content)
    assert "摊位申请" in paper and "138****1234" in paper and "13812341234" not in paper
