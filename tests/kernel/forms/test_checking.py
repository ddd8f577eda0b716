"""Answers against their form: which fields are shown, what is kept, and what every refusal says."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bihuan.kernel.forms.checking import answers_check
from bihuan.kernel.forms.rules import Source, answers_joined, answers_shown, form_prefilled
from bihuan.kernel.forms.schema import form_read
from bihuan.kernel.forms.words import flaw_told
from tests.kernel.forms.stall import GOOD, ID_NUMBER, SCHEMA, USCC, text

STALL = form_read(text())
FOOD = {**GOOD, "goods": ["food"], "licence": "JY123456", "fire": False}


def changed(**more: Any) -> dict[str, Any]:
    return {k: v for k, v in {**deepcopy(GOOD), **more}.items() if v is not None}


@pytest.mark.parametrize(
    "values", [GOOD, FOOD, {**FOOD, "fire": True, "smoke": "装净化器"}, {**GOOD, "firm": True, "uscc": USCC}]
)
def test_good_answers_are_kept_as_they_are(values: dict[str, Any]) -> None:
    checked = answers_check(STALL, values)
    assert (checked.values, checked.flaws) == (values, ())


def test_answers_are_stored_in_one_way() -> None:
    values = changed(
        applicant={"name": " 宋晓梅 ", "phone": "+86 138-1234-1234", "id_number": f" {ID_NUMBER}"},
        area=Decimal("2.50"), note="一行\r\n二行", firm=False, goods=["toys", "toys"], since="", helpers=[],
    )  # fmt: skip
    checked = answers_check(STALL, values)
    assert checked.flaws == ()
    assert checked.values == {
        "applicant": {"name": "宋晓梅", "phone": "13812341234", "id_number": ID_NUMBER},
        "firm": False, "goods": ["toys"], "kind": "cart", "area": Decimal("2.5"), "note": "一行\n二行", "promise": True,
    }  # fmt: skip
    assert type(answers_check(STALL, changed(area=Decimal("3.0"))).values["area"]) is int


def test_what_is_not_shown_does_not_survive() -> None:
    hidden = changed(licence="JY123456", fire=True, smoke="看得见的烟", uscc=USCC, shows="摊位", firm=False)
    checked = answers_check(STALL, hidden)
    assert (checked.values, checked.flaws) == ({**GOOD, "firm": False}, ())
    bad = changed(licence="\x00", uscc="错的", fire="也许")
    assert answers_check(STALL, bad).flaws == ()
    assert answers_check(STALL, {**FOOD, "why": "没有理由"}).values == FOOD


def test_a_field_behind_a_field_that_vanished_vanishes_too() -> None:
    values = {**FOOD, "fire": True, "smoke": "装净化器", "goods": ["books"]}
    assert answers_check(STALL, values).values == {**GOOD, "goods": ["books"]}


@pytest.mark.parametrize(
    ("more", "path", "rule", "words"),
    [
        ({"applicant": {"phone": "13812341234"}}, "applicant.name", "required", "请填写“姓名”。"),
        ({"applicant": None}, "applicant.name", "required", "请填写“姓名”。"),
        ({"applicant": "宋"}, "applicant", "object", "“申请人”应为一组字段。"),
        ({"kind": None}, "kind", "required", "请选择“摊位”。"),
        ({"kind": "tent"}, "kind", "choice", "“摊位”不是可选的值。"),
        ({"kind": 7}, "kind", "not_text", "“摊位”应为文字。"),
        ({"promise": None}, "promise", "required", "请勾选“承诺守规矩”。"),
        ({"promise": False}, "promise", "agree", "请勾选“承诺守规矩”。"),
        ({"goods": []}, "goods", "required", "请选择“卖什么”。"),
        ({"goods": ["toys", "arms"]}, "goods", "choice", "“卖什么”不是可选的值。"),
        ({"goods": "toys"}, "goods", "list", "“卖什么”应为列表。"),
        ({"firm": "on"}, "firm", "yes_or_no", "“以企业名义”只能是“是”或“否”。"),
        ({"firm": True}, "uscc", "required", "请填写“统一社会信用代码”。"),
        ({"firm": True, "uscc": USCC[:-1] + "9"}, "uscc", "format", "统一社会信用代码校验码不符（GB 32100）。"),
        ({"applicant": {**GOOD["applicant"], "phone": "1381"}}, "applicant.phone", "format", "电话号码应为11位手机号、带区号的固定电话、400/800号码或短号。"),
        ({"applicant": {**GOOD["applicant"], "id_number": ID_NUMBER[:-1] + "1"}}, "applicant.id_number", "format",
         "身份证号码校验码不符（GB 11643）。"),
        ({"area": 0}, "area", "above", "“面积”应大于 0。"),
        ({"area": 21}, "area", "largest", "“面积”不能大于 20。"),
        ({"area": Decimal("1.3")}, "area", "multiple", "“面积”应是 0.5 的整倍数。"),
        ({"area": "很大"}, "area", "number", "“面积”应为数字,最多 15 位。"),
        ({"area": True}, "area", "number", "“面积”应为数字,最多 15 位。"),
        ({"area": float("inf")}, "area", "number", "“面积”应为数字,最多 15 位。"),
        ({"area": 10**15}, "area", "number", "“面积”应为数字,最多 15 位。"),
        ({"since": "2026-02-30", "spot": "南门"}, "since", "format", "“从哪天起”应为日期,如 2026-01-31。"),
        ({"since": "20260131", "spot": "南门"}, "since", "format", "“从哪天起”应为日期,如 2026-01-31。"),
        ({"since": "2026-02-28"}, "spot", "required", "请填写“在哪里”。"),
        ({"note": "字" * 301}, "note", "too_long", "“说明”不能超过 300 个字。"),
        ({"spot": "南门\x07"}, "spot", "control_character", "“在哪里”含有控制字符。"),
        ({"spot": "南门\n北门"}, "spot", "line_break", "“在哪里”不能换行,也不能含制表符。"),
        ({"spot": "字" * 201}, "spot", "too_long", "“在哪里”不能超过 200 个字。"),
        ({"photo": "a.jpg"}, "photo", "number", "“照片”应为数字,最多 15 位。"),
        ({"helpers": [{"name": "甲"}, {"age": 20}]}, "helpers.1.name", "required", "请填写“姓名(第 2 行)”。"),
        ({"helpers": [{"name": "甲", "age": 17}]}, "helpers.0.guardian", "required", "请填写“监护人(第 1 行)”。"),
        ({"helpers": [{"name": "甲", "age": 15, "guardian": "乙"}]}, "helpers.0.age", "smallest", "“年龄(第 1 行)”不能小于 16。"),
        ({"helpers": [{"name": "甲", "age": Decimal("20.5")}]}, "helpers.0.age", "number", "“年龄(第 1 行)”应为整数。"),
        ({"helpers": [{"name": "甲"}] * 4}, "helpers", "too_many", "“帮手”最多 3 项。"),
        ({"helpers": ["甲"]}, "helpers.0", "object", "“帮手(第 1 行)”应为一组字段。"),
        ({"nobody": 1}, "nobody", "unknown", "表单里没有“nobody”这一项。"),
        ({"applicant": {**GOOD["applicant"], "age": 3}}, "applicant.age", "unknown", "表单里没有“applicant.age”这一项。"),
        ({**FOOD, "licence": "JY12"}, "licence", "pattern", "“食品许可证号”应为 JY 加 6 位数字。"),
        ({**FOOD, "fire": True, "smoke": "无"}, "smoke", "too_short", "“油烟怎么处理”不能少于 4 个字。"),
    ],
)  # fmt: skip
def test_each_flaw_names_field_and_rule(more: dict[str, Any], path: str, rule: str, words: str) -> None:
    flaws = answers_check(STALL, changed(**more)).flaws
    assert [(f.path, f.rule, flaw_told(f)) for f in flaws if f.path == path] == [(path, rule, words)]
    assert all(f.path for f in flaws)
    with translation.override("en"):
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in flaw_told(flaws[0])), flaw_told(flaws[0])


def test_flaws_come_in_the_order_of_the_fields_and_tell_no_value() -> None:
    secret = "绝密的话" * 20
    flaws = answers_check(
        STALL, {"applicant": {"name": secret, "phone": secret}, "kind": secret, "helpers": [{}]}
    ).flaws
    assert [f.path for f in flaws] == [
        "applicant.name",
        "applicant.phone",
        "goods",
        "helpers.0.name",
        "kind",
        "promise",
    ]
    assert not any("绝密" in flaw_told(f) for f in flaws)


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 30) | st.sampled_from(["food", "cart", "x", "JY123456", "", "\x00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "age", "phone"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = [field.name for field in STALL.fields]


@patient
@given(st.dictionaries(st.sampled_from([*NAMES, "nobody"]), ANY))
def test_whatever_is_sent_is_judged_and_checking_again_changes_nothing(values: dict[str, Any]) -> None:
    checked = answers_check(STALL, values)
    again = answers_check(STALL, checked.values)
    assert again.values == checked.values
    if not checked.flaws:
        assert again.flaws == ()
        assert Draft202012Validator(SCHEMA).is_valid(json.loads(json.dumps(checked.values, default=float)))


@st.composite
def forms(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A form whose fields each wait for one before, in one of the ways that a schema knows, and answers to all of it."""
    count = draw(st.integers(2, 7))
    names = draw(st.permutations([f"f{n}" for n in range(count)]))
    schema: dict[str, Any] = {"title": "表", "type": "object", "properties": {}, "allOf": []}
    for place, name in enumerate(names):
        field = {"properties": {name: {"title": name, "type": "string", "enum": ["1", "2"]}}}
        before = draw(st.none() | st.sampled_from(names[:place])) if place else None
        if before is None:
            schema["properties"] |= field["properties"]
        elif draw(st.booleans()):
            schema["allOf"].append(
                {"if": {"required": [before]}, draw(st.sampled_from(["then", "else"])): field}
            )
        else:
            condition = {
                "properties": {before: {"const": draw(st.sampled_from(["1", "2"]))}},
                "required": [before],
            }
            condition = draw(st.sampled_from([condition, {"not": condition}, {"anyOf": [condition]}]))
            schema["allOf"].append({"if": condition, draw(st.sampled_from(["then", "else"])): field})
    schema["allOf"] = draw(st.permutations(schema["allOf"])) or [{}]
    return json.dumps(schema), {name: draw(st.sampled_from(["1", "2"])) for name in names}


@patient
@given(forms())
def test_shown_fields_are_those_that_validation_looks_at(made: tuple[str, dict[str, str]]) -> None:
    """What is kept, the library has evaluated; what was dropped, it would not have: nothing else settles what is shown."""
    written, values = made
    form = form_read(written)
    shown = answers_shown(form.fields, values)
    strict = Draft202012Validator({**json.loads(written), "unevaluatedProperties": False})
    assert strict.is_valid(shown)
    for field in form.fields:
        assert field.shown(shown) is (field.name in shown)
        named = {
            name for other in form.fields for c in other.when for name in json.dumps(c.schema).split('"')
        }
        if field.name not in shown and field.name not in named:
            assert not strict.is_valid({**shown, field.name: values[field.name]})


SOURCES = {
    "before": Source("2025 年的申请", {"applicant": {"name": "宋晓梅", "phone": "错的"}}),
    "account": Source("登录信息", {"name": "宋小梅", "id_number": ID_NUMBER}),
    "licence": Source("营业执照", {"uscc": USCC}),
}


def test_the_first_source_that_has_a_fitting_value_wins() -> None:
    found = form_prefilled(STALL, SOURCES)
    assert found.values == {"applicant": {"name": "宋晓梅", "id_number": ID_NUMBER}, "uscc": USCC}
    assert found.origins == {
        "applicant.name": "2025 年的申请", "applicant.id_number": "登录信息", "uscc": "营业执照",
    }  # fmt: skip
    assert found.silent == {"applicant.id_number"}
    assert form_prefilled(STALL, {"account": SOURCES["account"]}).values["applicant"]["name"] == "宋小梅"
    assert form_prefilled(STALL, {}) == form_prefilled(STALL, {"other": SOURCES["before"]})


def test_what_is_not_asked_for_cannot_be_sent() -> None:
    found = form_prefilled(STALL, SOURCES)
    sent = {"applicant": {"name": "改了的", "id_number": "别人的号码"}}
    assert answers_joined(sent, found) == {"applicant": {"name": "改了的", "id_number": ID_NUMBER}}
    assert sent["applicant"]["id_number"] == "别人的号码"
