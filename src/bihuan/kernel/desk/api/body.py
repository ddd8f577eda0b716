"""Reading a JSON body strictly: size, kind, numbers and depth are bounded before anybody looks inside."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja.parser import Parser

from bihuan.kernel.desk.api.problems import Problem, too_big

MAX_BYTES = 1_000_000
MAX_DEPTH = 8
MAX_DIGITS = 18


class JsonParser(Parser):
    """JSON up to 1 MB and 8 levels; numbers up to 18 digits without exponent; every name once; no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The object. Problem 400 (code json, number, duplicate_name, depth), 413 or 415 otherwise."""
        body_check(request)
        return json_read(request.body)


def body_check(request: HttpRequest) -> None:
    """Refuse by size (413) and kind (415) without reading the body."""
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length[:20]) > MAX_BYTES:
        raise too_big()
    if request.content_type != "application/json":
        raise Problem(415, "content_type", "请求体要用 application/json。", field="Content-Type")
    try:
        if len(request.body) > MAX_BYTES:
            raise too_big()
    except RequestDataTooBig:
        raise too_big() from None


def json_read(body: bytes) -> Any:
    """The value of strict JSON in UTF-8; non-integers come as Decimal. Problem 400 otherwise."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_decimal,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        raise Problem(400, "json", "请求体不是合法的 JSON。", field="body") from None
    _check_depth(value)
    return value


def _refuse_constant(name: str) -> None:
    raise Problem(400, "number", "数字不能是 NaN 或无穷大。", field="body")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Problem(400, "number", "数字不能超过 18 位。", field="body")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS or "e" in digits.lower():
        raise Problem(400, "number", "数字不能超过 18 位,也不能用指数写法。", field="body")
    return Decimal(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Problem(400, "duplicate_name", "同一项写了两次。", field="body")
    return value


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Problem(400, "depth", "嵌套不能超过 8 层。", field="body")
        level = [child for item in level for child in _children(item)]


def _children(value: Any) -> list[Any]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, (dict, list))]
