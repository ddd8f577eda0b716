"""The forms of the demonstration's instant items: what registering a shop and a small restaurant asks."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from bihuan.kernel.forms.services import form_publish

BUSINESS, CATERING = "onewindow.business", "onewindow.catering"


def _line(title: str, title_en: str, *sources: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title, "x-title-en": title_en, "type": "string", "maxLength": 100, **({"x-from": list(sources)} if sources else {}), **more
    }  # fmt: skip


SHOP_FORM: dict[str, Any] = {
    "title": "个体工商户登记申请书",
    "x-title-en": "Application to register a self-employed business",
    "type": "object",
    "properties": {
        "name": _line("字号名称", "Name of the business", "before.name"),
        "address": _line("经营场所", "Premises", "before.address", description="门牌号写到户"),
        "scope": _line("经营范围", "Scope of business", "before.scope"),
        "staff": {
            "title": "从业人数",
            "x-title-en": "Staff",
            "type": "integer",
            "minimum": 1,
            "maximum": 500,
        },
    },
    "required": ["name", "address", "scope"],
}
CATERING_FORM: dict[str, Any] = {
    "title": "小餐饮登记申请表",
    "x-title-en": "Application to register a small catering business",
    "type": "object",
    "properties": {
        "name": _line("店名", "Name of the restaurant", "onewindow_business.name", "before.name"),
        "address": _line("地址", "Address", "onewindow_business.address", "before.address"),
        "scope": _line("经营项目", "What is served", "before.scope"),
        "area": {
            "title": "面积", "x-title-en": "Area", "type": "number", "exclusiveMinimum": 0, "maximum": 150, "x-unit": "平方米", "x-unit-en": "m²",
        },
        "delivery": {"title": "做外卖", "x-title-en": "Delivers meals", "type": "boolean"},
        "clean": {"title": "承诺后厨符合食品安全要求", "x-title-en": "The kitchen meets the rules of food safety", "type": "boolean", "const": True},
    },
    "required": ["name", "address", "scope", "area", "clean"],
    "if": {"properties": {"delivery": {"const": True}}, "required": ["delivery"]},
    "then": {"properties": {"platform": _line("外卖平台", "Delivery platform")}, "required": ["platform"]},
}  # fmt: skip
ANSWERS: dict[str, dict[str, Any]] = {
    BUSINESS: {"name": "水城小厨", "address": "柳园南路66号1号商铺", "scope": "小餐饮", "staff": 3},
    CATERING: {
        "name": "水城小厨",
        "address": "柳园南路66号1号商铺",
        "scope": "面食、凉菜",
        "area": 45,
        "clean": True,
    },
}


def forms_load(*, since: date, now: datetime) -> None:
    """Publish them, in force from a day on."""
    for code, schema in ((BUSINESS, SHOP_FORM), (CATERING, CATERING_FORM)):
        text = json.dumps(schema, ensure_ascii=False, indent=1)
        form_publish(
            code=code, schema=text, valid_from=since, basis="演示设定:照通用的申请书", now=now, by="system"
        )
