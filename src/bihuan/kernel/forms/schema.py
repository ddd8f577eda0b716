"""Reading a form's schema: what it may say, within bounds; all else is refused in a sentence that names the place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from bihuan.kernel.forms.conditions import condition_check, names_in, schema_refusal
from bihuan.kernel.forms.patterns import pattern_check
from bihuan.kernel.forms.rules import INSIDE, LINE, Choice, Condition, Field, Form, Kind, When
from bihuan.lib.text import FieldError, clean_text

MAX_BYTES = 200_000
MAX_DEPTH = 16
MAX_FIELDS = 300
MAX_ROWS = 50
MAX_CHOICES = 200
LONGEST = 5_000
"""Characters that a text may be allowed at the most."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PLACE = re.compile(r"[a-z][a-z0-9_-]*(\.[A-Za-z0-9_-]+)+")
MAX_PARTS = 20_000
"""Objects, lists and values of a schema at the most, once what stands under `$defs` stands in each place that names it."""
LEAST_STEP = Decimal("0.000001")
FORMATS = ("date", "uscc", "id-number", "phone", "place")
DIALECT = "https://json-schema.org/draft/2020-12/schema"

SAYS = {"title", "x-title-en", "description", "x-description-en", "$comment"}
FIELD = {*SAYS, "type", "x-from", "x-ask"}
KEYWORDS = {
    "string": {*FIELD, "format", "minLength", "maxLength", "pattern", "x-pattern-says", "x-pattern-says-en", "x-long", "enum", "oneOf", "x-mask"},
    "integer": {*FIELD, "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "x-unit", "x-unit-en"},
    "number": {*FIELD, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "x-unit", "x-unit-en"},
    "boolean": {*FIELD, "const"},
    "array": {*FIELD, "items", "minItems", "maxItems", "uniqueItems"},
}  # fmt: skip
BRANCHES = {"properties", "required", "dependentRequired", "dependentSchemas", "allOf", "if", "then", "else"}
OBJECT = {*FIELD, *BRANCHES, "x-order", "unevaluatedProperties"}
ROOT = {*OBJECT, "$schema", "$id", "$defs"}
NARROWS = {"minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "const", "enum"}  # fmt: skip
"""What a branch may say of a field that is declared elsewhere."""


def form_read(text: str) -> Form:
    """The form that a schema declares. Refusal (code schema, field schema) with the place and the reason otherwise."""
    schema = _json(text)
    _texts_check(schema)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = ".".join(str(part) for part in error.absolute_path) or "$"
        raise schema_refusal(where, _("不是合法的 JSON Schema 2020-12")) from None
    return _form(schema)


def form_registered(text: str) -> Form:
    """The form of a schema that was read before it was registered, ten times sooner."""
    return _form(_json(text))


def _form(schema: dict[str, Any]) -> Form:
    plain = _resolved(schema, schema.get("$defs", {}), 0, [MAX_PARTS])
    _keywords("$", plain, ROOT)
    if plain.get("type") != "object" or plain.get("$schema", DIALECT) != DIALECT:
        raise schema_refusal("$", _("要写 type: object;$schema 只能是 2020-12"))
    if not _is_text(plain.get("title")):
        raise schema_refusal("$", _("要有标题(title)"))
    fields = _fields("", plain)
    if not fields:
        raise schema_refusal("$", _("至少要有一个字段"))
    if sum(1 for _ in _every(fields)) > MAX_FIELDS:
        raise schema_refusal("$", _("最多 %s 个字段") % MAX_FIELDS)
    return Form(plain["title"], plain.get("x-title-en", ""), plain, fields)


def _json(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise schema_refusal("$", _("不能超过 %s kB") % (MAX_BYTES // 1000))
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise schema_refusal("$", _("不是合法的 JSON,或同一项写了两次")) from None
    if not isinstance(value, dict):
        raise schema_refusal("$", _("要是一个 JSON 对象"))
    if _depth(value) > MAX_DEPTH:
        raise schema_refusal("$", _("嵌套不能超过 %s 层") % MAX_DEPTH)
    return value


def _texts_check(schema: Mapping[str, Any]) -> None:
    """No name and no text holds what cannot be kept or shown: an escape may say more than the text of the schema."""
    left: list[Any] = [schema]
    while left:
        one = left.pop()
        if isinstance(one, str):
            try:
                clean_text(one, field="schema", max_length=MAX_BYTES)
            except FieldError as fault:
                raise schema_refusal("$", fault.message) from None
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one


def _no_number(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name twice")
    return value


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        items = [v.values() if isinstance(v, dict) else v for v in level]
        level = [child for inner in items for child in inner if isinstance(child, (dict, list))]
    return depth


def _resolved(value: Any, known: Mapping[str, Any], depth: int, left: list[int]) -> Any:
    """The schema with what stands under `$defs` in place of references to it; others are refused, and more than `left` parts."""
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        raise schema_refusal("$defs", _("$ref 嵌套太深、太多或成环"))
    if isinstance(value, list):
        return [_resolved(item, known, depth + 1, left) for item in value]
    if not isinstance(value, dict):
        return value
    ref = value.get("$ref")
    if isinstance(ref, str):
        name = ref.removeprefix("#/$defs/")
        if not ref.startswith("#/$defs/") or name not in known:
            raise schema_refusal(ref, _("$ref 只能指向本表单的 $defs"))
        _keywords(ref, known[name], set(known[name]) if isinstance(known[name], Mapping) else set())
        value = {**known[name], **{key: item for key, item in value.items() if key != "$ref"}}
        return _resolved(value, known, depth + 1, left)
    return {key: _resolved(item, known, depth + 1, left) for key, item in value.items() if key != "$defs"}


def _every(fields: Iterable[Field]) -> Iterable[Field]:
    for one in fields:
        yield one
        yield from _every(one.fields)


def _keywords(where: str, schema: Any, allowed: set[str]) -> None:
    if not isinstance(schema, Mapping):
        raise schema_refusal(where, _("要是一个对象,不能是 true 或 false"))
    unknown = sorted(set(schema) - allowed)
    if unknown:
        raise schema_refusal(where, _("这里不能用“%s”") % unknown[0][:40])


class _Level:
    """What one object's schema and its branches declare."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.declared: dict[str, tuple[Mapping[str, Any], When]] = {}
        self.needed: dict[str, list[When]] = {}
        self.named: set[str] = set()

    def walk(self, schema: Mapping[str, Any], when: When) -> None:
        for name, sub in schema.get("properties", {}).items():
            self.declare(name, sub, when)
        for name in schema.get("required", ()):
            self.need(name, when)
        for name, more in schema.get("dependentRequired", {}).items():
            for other in more:
                self.need(other, (*when, self.given(name)))
        for part in schema.get("allOf", ()):
            self.branch(part, when)
        for name, part in schema.get("dependentSchemas", {}).items():
            self.branch(part, (*when, self.given(name)))
        self.fork(schema, when)

    def fork(self, schema: Mapping[str, Any], when: When) -> None:
        """What holds if a condition is met, and what else."""
        if "if" in schema:
            condition_check(self.where or "$", schema["if"])
            self.named |= names_in(schema["if"])
            for branch, holds in (("then", True), ("else", False)):
                if branch in schema:
                    self.branch(schema[branch], (*when, Condition(schema["if"], holds)))
        elif "then" in schema or "else" in schema:
            raise schema_refusal(self.where or "$", _("then、else 要配 if"))

    def branch(self, schema: Any, when: When) -> None:
        _keywords(self.where or "$", schema, BRANCHES)
        self.walk(schema, when)

    def given(self, name: str) -> Condition:
        self.named.add(name)
        return Condition({"required": [name]})

    def need(self, name: str, when: When) -> None:
        self.named.add(name)
        self.needed.setdefault(name, []).append(when)

    def declare(self, name: str, schema: Any, when: When) -> None:
        where = f"{self.where}.{name}".strip(".")
        if not NAME.fullmatch(name):
            raise schema_refusal(where, _("字段名用小写字母、数字和下划线,字母开头,不超过 40 个"))
        if not isinstance(schema, Mapping) or "type" not in schema:
            _keywords(where, schema, NARROWS)
            self.named.add(name)
        elif name in self.declared:
            raise schema_refusal(where, _("同一层里只能声明一次(其他地方只写约束,不写 type)"))
        else:
            self.declared[name] = (schema, when)


def _fields(where: str, schema: Mapping[str, Any], inside: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """The fields that an object's schema and its branches declare, in their order."""
    level = _Level(where)
    level.walk(schema, ())
    missing = sorted(level.named - level.declared.keys())
    if missing:
        raise schema_refusal(where or "$", _("提到了本层没有的字段“%s”") % missing[0][:40])
    waits = {
        name: {n for c in when for n in names_in(c.schema)} for name, (_, when) in level.declared.items()
    }
    _no_circle(where or "$", waits)
    order = schema.get("x-order", [])
    if not isinstance(order, list) or not set(map(str, order)) <= level.declared.keys():
        raise schema_refusal(where or "$", _("x-order 只能列出本层的字段"))
    names = _in_order(waits, order)
    return tuple(
        _field(f"{where}.{name}".strip("."), name, *level.declared[name], tuple(level.needed.get(name, ())), inside)
        for name in names
    )  # fmt: skip


def _in_order(waits: Mapping[str, set[str]], order: list[str]) -> list[str]:
    """The fields by `order`, then as they are declared, but one with a condition right after the last that it waits for."""
    names = list(dict.fromkeys([*order, *(name for name, on in waits.items() if not on)]))
    left = [name for name in waits if name not in names]
    while left:
        name = next(one for one in left if waits[one] <= set(names))
        place = max(names.index(other) for other in waits[name]) + 1
        while place < len(names) and waits[names[place]] & waits[name]:
            place += 1
        names.insert(place, name)
        left.remove(name)
    return names


def _no_circle(where: str, waits: Mapping[str, set[str]]) -> None:
    """A field may depend only on fields that do not depend on it."""
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle = "、".join(sorted(set(error.args[1])))
        raise schema_refusal(where, _("显示条件互相依赖成环:%s") % circle[:60]) from None


def _field(
    where: str, name: str, schema: Mapping[str, Any], when: When, needed: tuple[When, ...], inside: tuple[str, ...]
) -> Field:  # fmt: skip
    kind = _kind(where, schema)
    fields: tuple[Field, ...] = ()
    if not _is_text(schema.get("title")):
        raise schema_refusal(where, _("要有标题(title)"))
    _more_check(where, schema, inside)
    if kind in INSIDE:
        if "rows" in inside or len(inside) >= 3 or (kind == "rows" and inside.count("group") > 2):
            raise schema_refusal(where, _("分组最多三层,表格行里不能再分组"))
        inner = schema if kind == "group" else schema["items"]
        fields = _fields(where, inner, (*inside, kind))
        if not fields:
            raise schema_refusal(where, _("里面至少要有一个字段"))
    return Field(name, kind, schema, when, needed, _choices(where, schema), fields)


def _kind(where: str, schema: Mapping[str, Any]) -> Kind:
    """The kind of a field, once its keywords are in order."""
    type_ = schema["type"]
    if type_ == "object":
        _keywords(where, schema, OBJECT)
        return "group"
    if not isinstance(type_, str) or type_ not in KEYWORDS:
        raise schema_refusal(where, _("type 只能是 string、integer、number、boolean、array 或 object 之一"))
    _keywords(where, schema, KEYWORDS[type_])
    find: dict[str, Any] = {
        "string": _text,
        "integer": _number,
        "number": _number,
        "boolean": _boolean,
        "array": _array,
    }
    return find[type_](where, schema)


def _text(where: str, schema: Mapping[str, Any]) -> Kind:
    format_ = schema.get("format")
    if "pattern" in schema:
        pattern_check(where, schema["pattern"], schema.get("maxLength", LINE))
    if "enum" in schema or "oneOf" in schema:
        return "one"
    if format_ is not None and format_ not in FORMATS:
        raise schema_refusal(where, _("format 只能是 %s") % "、".join(FORMATS))
    most = schema.get("maxLength", LINE)
    if most > LONGEST or schema.get("minLength", 0) > most:
        raise schema_refusal(where, _("maxLength 不能超过 %s,也不能小于 minLength") % LONGEST)
    return format_ or ("long" if schema.get("x-long") else "line")


def _number(where: str, schema: Mapping[str, Any]) -> Kind:
    if schema.get("format", "attachment") != "attachment":
        raise schema_refusal(where, _("整数的 format 只能是 attachment"))
    if schema.get("multipleOf", 1) < LEAST_STEP:
        raise schema_refusal(where, _("multipleOf 不能小于 %s") % LEAST_STEP)
    return "file" if "format" in schema else schema["type"]


def _boolean(where: str, schema: Mapping[str, Any]) -> Kind:
    if schema.get("const", True) is not True:
        raise schema_refusal(where, _("const 只能是 true(必须勾选)"))
    return "agree" if "const" in schema else "yes"


def _array(where: str, schema: Mapping[str, Any]) -> Kind:
    items = schema.get("items")
    if isinstance(items, Mapping) and items.get("type") == "string" and ("enum" in items or "oneOf" in items):
        _keywords(where, items, {"type", "enum", "oneOf"})
        return "many"
    if not isinstance(items, Mapping) or items.get("type") != "object":
        raise schema_refusal(where, _("items 要么是带 enum 或 oneOf 的 string(多选),要么是 object(表格行)"))
    _keywords(where, items, {"type", "x-order", "unevaluatedProperties", *BRANCHES})
    if not 1 <= schema.get("maxItems", 0) <= MAX_ROWS or schema.get("minItems", 0) > schema["maxItems"]:
        raise schema_refusal(where, _("表格行要写 maxItems,1 到 %s") % MAX_ROWS)
    return "rows"


def _choices(where: str, schema: Mapping[str, Any]) -> tuple[Choice, ...]:
    told = (
        schema if schema["type"] == "string" else schema.get("items", {}) if schema["type"] == "array" else {}
    )
    if "enum" in told:
        found = [Choice(str(value), str(value)) for value in told["enum"]]
    else:
        for one in told.get("oneOf", ()):
            _keywords(where, one, {"const", "title", "x-title-en"})
        found = [Choice(str(one.get("const", "")), str(one.get("title", "")), one.get("x-title-en", "")) for one in told.get("oneOf", ())]  # fmt: skip
    values = {choice.value for choice in found}
    short = all(0 < len(c.value) <= 60 and 0 < len(c.title) <= 120 for c in found)
    asked = "enum" in told or "oneOf" in told
    if not short or len(values) != len(found) or len(found) > MAX_CHOICES or (asked and not found):
        raise schema_refusal(where, _("选项要有值和标题,值不重复,最多 %s 个") % MAX_CHOICES)
    return tuple(found)


def _more_check(where: str, schema: Mapping[str, Any], inside: tuple[str, ...]) -> None:
    """Our own keywords have the types that they need."""
    texts = ("x-title-en", "x-description-en", "x-unit", "x-unit-en", "x-pattern-says", "x-pattern-says-en")
    if not all(isinstance(schema.get(name, ""), str) for name in texts):
        raise schema_refusal(where, _("x- 开头的说明要是文字"))
    from_ = schema.get("x-from", [])
    if not isinstance(from_, list) or not all(isinstance(f, str) and PLACE.fullmatch(f) for f in from_):
        raise schema_refusal(where, _("x-from 要是“来源.位置”的列表"))
    if from_ and ("rows" in inside or schema["type"] == "object" or schema.get("format") == "attachment"):
        raise schema_refusal(where, _("分组、文件和表格行里的字段不能写 x-from"))
    if not isinstance(schema.get("x-ask", True), bool) or not isinstance(schema.get("x-long", False), bool):
        raise schema_refusal(where, _("x-ask、x-long 只能是 true 或 false"))
    if schema.get("x-mask", "name") not in ("name", "address"):
        raise schema_refusal(where, _("x-mask 只能是 name 或 address"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LINE
