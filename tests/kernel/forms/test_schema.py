"""A form's schema: what is read of it, and what is refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bihuan.kernel.forms.rules import fields_walked
from bihuan.kernel.forms.schema import MAX_BYTES, form_read
from bihuan.lib.refusals import Refusal
from tests.kernel.forms.stall import one, text


def test_fields_come_in_the_order_that_the_form_says() -> None:
    form = form_read(text())
    assert (form.title, form.title_en) == ("摊位申请", "Application for a stall")
    assert [(path, field.kind) for path, field in fields_walked(form.fields)] == [
        ("applicant", "group"), ("applicant.name", "line"), ("applicant.phone", "phone"), ("applicant.id_number", "id-number"),
        ("firm", "yes"), ("uscc", "uscc"), ("goods", "many"), ("licence", "line"), ("fire", "yes"),
        ("smoke", "line"), ("why", "line"), ("helpers", "rows"), ("kind", "one"), ("area", "number"), ("since", "date"), ("spot", "place"),
        ("note", "long"), ("photo", "file"), ("shows", "line"), ("promise", "agree"),
    ]  # fmt: skip


def test_what_stands_under_defs_may_be_used_again() -> None:
    day = {"type": "string", "format": "date"}
    form = form_read(
        json.dumps(
            {"title": "表", "type": "object", "$defs": {"day": day},
             "properties": {"a": {"title": "起", "$ref": "#/$defs/day"}, "b": {"title": "止", "$ref": "#/$defs/day"}}}
        )
    )  # fmt: skip
    assert [(f.name, f.kind, f.schema["title"]) for f in form.fields] == [
        ("a", "date", "起"),
        ("b", "date", "止"),
    ]


DEEP = '{"a":' * 40 + "1" + "}" * 40
ROW = {"type": "object", "properties": {"x": {"title": "x", "type": "string"}}}
LINE = {"title": "行", "type": "string"}
BOMB = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 150} for n in range(3)} | {
    "d3": {"required": ["a"]}
}
IF_A = {"properties": {"a": {"const": "1"}}, "required": ["a"]}


def rooted(**more: Any) -> str:
    return json.dumps({"title": "表", "type": "object", "properties": {"a": LINE, "b": LINE}, **more})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("", "不是合法的 JSON"),
        ("[]", "要是一个 JSON 对象"),
        ("{", "不是合法的 JSON"),
        ('{"title":"a","title":"b"}', "同一项写了两次"),
        ('{"title": NaN}', "不是合法的 JSON"),
        (DEEP, "嵌套不能超过 16 层"),
        (" " * (MAX_BYTES + 1), "不能超过 200 kB"),
        (text(type="array"), "要写 type: object"),
        (text(title=None), "要有标题"),
        (text(properties={}, allOf=None, dependentSchemas=None, required=None, dependentRequired=None, **{"x-order": None}),
         "至少要有一个字段"),
        (text(**{"$schema": "http://json-schema.org/draft-07/schema#"}), "2020-12"),
        (text(required="applicant"), "不是合法的 JSON Schema 2020-12"),
        (text(additionalProperties=False), "additionalProperties"),
        (text(**{"x-order": ["nobody"]}), "x-order"),
        (text(required=["nobody"]), "没有的字段“nobody”"),
        (one(type="text"), "不是合法的 JSON Schema"),
        (one(type="null"), "type 只能是"),
        (one(type=["string", "null"]), "type 只能是"),
        (one(type="string", title=""), "要有标题"),
        (one(type="string", format="email"), "format 只能是"),
        (one(type="integer", format="date"), "attachment"),
        (one(type="number", multipleOf=1e-20), "multipleOf 不能小于 0.000001"),
        (one(type="string", maxLength=9_000), "maxLength"),
        (one(type="string", pattern="(a+)+$"), "括号后不能重复"),
        (one(type="string", pattern="a*b*c*d"), "最多两处不限次数的重复"),
        (one(type="string", pattern="a?" * 27 + "a" * 27 + "b"), "可有可无"),
        (one(type="string", pattern="a{0,99}" * 6 + "b"), "可长可短"),
        (one(type="string", pattern="(a|aa)" * 26 + "b"), "可有可无"),
        (one(type="string", pattern="(a)\\1"), "反向引用"),
        (one(type="string", pattern="(?x)^(a+) +$"), "“(?”之后只能是"),
        (one(type="string", pattern="(?x:^(a+) +$)"), "“(?”之后只能是"),
        (one(type="string", pattern="^(a+)(?#c)(?:b)$"), "“(?”之后只能是"),
        (one(type="string", title="\ud800"), "含有不完整的字符编码"),
        (one(type="string", enum=["a\x00"]), "含有控制字符"),
        (rooted(description="甲\u202e乙"), "隐藏字符"),
        (rooted(properties={"a\ud800": LINE}), "含有不完整的字符编码"),
        (one(type="string", enum=["a"], pattern="(a+)+$"), "括号后不能重复"),
        (one(type="string", pattern="a", maxLength=201), "pattern 只用于 200 字以内"),
        (one(type="string", pattern="[a"), "不是合法的 JSON Schema"),
        (one(type="string", default="x"), "不能用“default”"),
        (one(type="string", **{"x-form": ["a.b"]}), "不能用“x-form”"),
        (one(type="string", **{"x-from": ["nowhere"]}), "来源.位置"),
        (one(type="string", **{"x-mask": "all"}), "x-mask"),
        (one(type="boolean", const=False), "const 只能是 true"),
        (one(type="string", enum=[]), None),
        (one(type="string", enum=["a", ""]), "选项"),
        (one(type="string", oneOf=[{"const": "a"}]), "选项"),
        (one(type="string", oneOf=[{"const": "a", "title": "甲"}] * 2), "值不重复"),
        (one(type="array", items={"type": "string"}), "多选"),
        (one(type="array", items=ROW), "maxItems"),
        (one(type="array", maxItems=51, items=ROW), "maxItems"),
        (one(type="array", maxItems=3, items={"type": "object", "properties": {"g": {"title": "g", **ROW}}}), "表格行里"),
        (one(type="object", properties={}), "至少要有一个字段"),
        (one(**{"$ref": "https://example.com/form.json"}), "$ref 只能指向本表单"),
        (one(**{"$ref": "#/properties/it"}), "$ref 只能指向本表单"),
        (rooted(**{"$defs": {"d": {"$ref": "#/$defs/d"}}}, properties={"a": {"$ref": "#/$defs/d"}}), "成环"),
        (rooted(**{"$defs": BOMB}, allOf=[{"$ref": "#/$defs/d0"}]), "太多"),
        (rooted(**{"$defs": {"d": True}}, allOf=[{"$ref": "#/$defs/d"}]), "不能是 true 或 false"),
        (rooted(properties={"A b": LINE}), "字段名"),
        (rooted(properties={"a": True}), "不能是 true 或 false"),
        (rooted(then={"required": ["a"]}), "要配 if"),
        (rooted(allOf=[{"properties": {"a": LINE}}]), "只能声明一次"),
        (rooted(allOf=[{"properties": {"a": {"title": "又"}}}]), "不能用“title”"),
        (rooted(allOf=[{"properties": {"c": {"maxLength": 3}}}]), "没有的字段“c”"),
        (rooted(allOf=[{"properties": {"a": {"pattern": "(a+)+$"}}}]), "不能用“pattern”"),
        (rooted(**{"if": {}, "then": {}}), "不空的对象"),
        (rooted(**{"if": {"properties": {"a": {"const": "1"}}}, "then": {"required": ["b"]}}), "同时写进 required"),
        (rooted(**{"if": {"properties": {"a": {"pattern": "x"}}, "required": ["a"]}}), "不能用“pattern”"),
        (rooted(**{"if": {"properties": {"z": {"const": "1"}}, "required": ["z"]}}), "没有的字段“z”"),
        (rooted(allOf=[
            {"if": IF_A, "then": {"properties": {"c": LINE}}},
            {"if": {"required": ["c"]}, "then": {"properties": {"d": LINE}}},
            {"if": {"required": ["d"]}, "then": {"properties": {"e": LINE}}},
        ], properties={"b": LINE}), "没有的字段“a”"),
        (rooted(allOf=[
            {"if": {"required": ["d"]}, "then": {"properties": {"c": LINE}}},
            {"if": {"required": ["c"]}, "else": {"properties": {"d": LINE}}},
        ]), "成环:c、d"),
    ],
)  # fmt: skip
def test_what_a_form_may_not_say_is_refused_with_its_place(schema: str, words: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        form_read(schema)
    assert (refused.value.code, refused.value.field) == ("schema", "schema")
    assert refused.value.message.startswith("表单定义“")
    assert words is None or words in refused.value.message, refused.value.message


def test_as_many_fields_as_may_be() -> None:
    most = {f"f{n}": LINE for n in range(300)}
    assert len(form_read(rooted(properties=most)).fields) == 300
    with pytest.raises(Refusal, match="最多 300 个字段"):
        form_read(rooted(properties={**most, "one_more": LINE}))
