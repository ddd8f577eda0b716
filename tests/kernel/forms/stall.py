"""A form of the tests' own: a stall at a market. It has every kind of field, and conditions of every shape."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

USCC = "91370100MA3C00003P"
ID_NUMBER = "371502199003071230"
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "摊位申请",
    "x-title-en": "Application for a stall",
    "type": "object",
    "x-order": ["applicant", "firm", "goods", "helpers"],
    "properties": {
        "applicant": {
            "title": "申请人",
            "x-title-en": "Applicant",
            "type": "object",
            "required": ["name", "phone"],
            "properties": {
                "name": {"title": "姓名", "x-title-en": "Name", "type": "string", "maxLength": 30, "x-mask": "name",
                         "x-from": ["before.applicant.name", "account.name"]},
                "phone": {"title": "电话", "x-title-en": "Telephone", "type": "string", "format": "phone",
                          "x-from": ["before.applicant.phone"], "description": "能接到通知的号码",
                          "x-description-en": "Where notices reach you"},
                "id_number": {"title": "身份证号码", "x-title-en": "Identity number", "type": "string",
                              "format": "id-number", "x-from": ["account.id_number"], "x-ask": False},
            },
        },
        "firm": {"title": "以企业名义", "x-title-en": "As a firm", "type": "boolean"},
        "goods": {
            "title": "卖什么", "x-title-en": "Goods", "type": "array",
            "items": {"type": "string", "oneOf": [
                {"const": "food", "title": "食品", "x-title-en": "Food"},
                {"const": "toys", "title": "玩具", "x-title-en": "Toys"},
                {"const": "books", "title": "书报", "x-title-en": "Books"},
            ]},
        },
        "kind": {
            "title": "摊位", "x-title-en": "Stall", "type": "string",
            "oneOf": [{"const": "cart", "title": "推车", "x-title-en": "Cart"}, {"const": "booth", "title": "亭子", "x-title-en": "Booth"}],
        },
        "area": {"title": "面积", "x-title-en": "Area", "type": "number", "exclusiveMinimum": 0, "maximum": 20,
                 "multipleOf": 0.5, "x-unit": "平方米", "x-unit-en": "m²"},
        "since": {"title": "从哪天起", "x-title-en": "From", "type": "string", "format": "date"},
        "spot": {"title": "在哪里", "x-title-en": "Where", "type": "string", "format": "place"},
        "note": {"title": "说明", "x-title-en": "Note", "type": "string", "x-long": True, "maxLength": 300},
        "photo": {"title": "照片", "x-title-en": "Picture", "type": "integer", "format": "attachment"},
        "helpers": {
            "title": "帮手", "x-title-en": "Helpers", "type": "array", "maxItems": 3,
            "items": {
                "type": "object", "required": ["name"],
                "properties": {
                    "name": {"title": "姓名", "x-title-en": "Name", "type": "string", "x-mask": "name"},
                    "age": {"title": "年龄", "x-title-en": "Age", "type": "integer", "minimum": 16, "maximum": 99, "x-unit": "岁",
                            "x-unit-en": "years"},
                },
                "if": {"properties": {"age": {"maximum": 17}}, "required": ["age"]},
                "then": {
                    "properties": {"guardian": {"title": "监护人", "x-title-en": "Guardian", "type": "string"}},
                    "required": ["guardian"],
                },
            },
        },
        "promise": {"title": "承诺守规矩", "x-title-en": "I will keep the rules", "type": "boolean", "const": True},
    },
    "required": ["applicant", "goods", "kind", "promise"],
    "dependentRequired": {"since": ["spot"]},
    "dependentSchemas": {
        "photo": {"properties": {"shows": {"title": "照片上是什么", "x-title-en": "What it shows", "type": "string"}}},
    },
    "allOf": [
        {
            "if": {"properties": {"firm": {"const": True}}, "required": ["firm"]},
            "then": {
                "properties": {"uscc": {"title": "统一社会信用代码", "x-title-en": "Unified social credit code", "type": "string",
                                        "format": "uscc", "x-from": ["licence.uscc"]}},
                "required": ["uscc"],
            },
        },
        {
            "if": {"properties": {"goods": {"contains": {"const": "food"}}}, "required": ["goods"]},
            "then": {
                "properties": {
                    "licence": {"title": "食品许可证号", "x-title-en": "Food licence", "type": "string", "pattern": "^JY[0-9]{6}$",
                                "x-pattern-says": "应为 JY 加 6 位数字。", "x-pattern-says-en": " is JY and 6 digits."},
                    "fire": {"title": "用明火", "x-title-en": "Open fire", "type": "boolean"},
                },
                "required": ["licence", "fire"],
                "if": {"properties": {"fire": {"const": True}}, "required": ["fire"]},
                "then": {
                    "properties": {"smoke": {"title": "油烟怎么处理", "x-title-en": "What becomes of the smoke", "type": "string",
                                             "minLength": 4}},
                    "required": ["smoke"],
                },
            },
            "else": {"properties": {"why": {"title": "为什么不卖食品", "x-title-en": "Why no food", "type": "string"}}},
        },
    ],
    "unevaluatedProperties": False,
}  # fmt: skip
GOOD: dict[str, Any] = {
    "applicant": {"name": "宋晓梅", "phone": "13812341234"},
    "goods": ["toys"],
    "kind": "cart",
    "promise": True,
}


def text(**changed: Any) -> str:
    """The form as a file; `changed` keys of its root are replaced, None takes them away."""
    schema = {**deepcopy(SCHEMA), **changed}
    return json.dumps({k: v for k, v in schema.items() if v is not None}, ensure_ascii=False, indent=1)


def one(**field: Any) -> str:
    """A form with one field of this declaration."""
    return json.dumps({"title": "表", "type": "object", "properties": {"it": {"title": "项", **field}}})
