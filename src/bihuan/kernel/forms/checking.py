"""Answers checked by their form: cleaned, what is not shown dropped, every flaw named by field and rule. Pure.

The check itself is the library `jsonschema`'s, draft 2020-12. A flaw holds the rule and its bound, never what was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bihuan.kernel.forms.formats import CHECKER, NORMAL, WHY
from bihuan.kernel.forms.rules import LINE, LONG, Field, Form, answers_shown
from bihuan.lib.text import FieldError, clean_text

SENT_ALONG = 0
"""In place of an attachment's id: the file comes with the answers."""
BLANK: tuple[Any, ...] = (None, "", [])
MAX_DIGITS = 15
"""Of a number; so many are kept exactly everywhere."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong where: `path` of names and numbers of rows, `rule` a short code, `limit` the rule's bound, `why` a format's own
    sentence in Chinese. `field` is None when the form has no such field."""

    path: str
    rule: str
    field: Field | None = None
    limit: Any = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers of the shown fields, cleaned, and what is wrong, one flaw a field, in the order of the fields."""

    values: dict[str, Any]
    flaws: tuple[Flaw, ...]


def answers_check(form: Form, values: Mapping[str, Any]) -> Checked:
    """Clean answers, drop those of fields that are not shown, and judge the rest by the schema."""
    flaws: list[Flaw] = []
    cleaned = _cleaned(form.fields, values, "", flaws)
    shown = answers_shown(form.fields, cleaned)
    told = {flaw.path for flaw in flaws}
    hidden = {path for path in told if not _is_shown(form.fields, shown, path)}
    for error in Draft202012Validator(form.schema, format_checker=CHECKER).iter_errors(shown):
        flaws += [flaw for flaw in _flaws(form, error) if flaw.path not in told]
    once: dict[str, Flaw] = {}
    for flaw in sorted(flaws, key=lambda f: f.rule not in TYPES.values()):
        if flaw.path not in hidden:
            once.setdefault(flaw.path, flaw)
    places = {path: place for place, path in enumerate(_paths(form.fields, shown))}
    return Checked(shown, tuple(sorted(once.values(), key=lambda f: places.get(f.path, len(places)))))


def _cleaned(
    fields: Iterable[Field], values: Mapping[str, Any], path: str, flaws: list[Flaw]
) -> dict[str, Any]:
    known = {one.name: one for one in fields}
    for name in values:
        if name not in known:
            flaws.append(Flaw(f"{path}{str(name)[:40]}", "unknown"))
    cleaned: dict[str, Any] = {}
    for name, one in known.items():
        value = _clean(one, values.get(name), f"{path}{name}", flaws)
        if value not in BLANK:
            cleaned[name] = value
    return cleaned


def _clean(one: Field, value: Any, path: str, flaws: list[Flaw]) -> Any:
    """A value as it is stored; as it came where it is of another type, for the schema to refuse."""
    if one.kind == "group" and isinstance(value, Mapping):
        return _cleaned(one.fields, value, f"{path}.", flaws)
    if one.kind == "rows" and isinstance(value, list):
        rows = value[: one.schema["maxItems"] + 1]
        return [_row(one, row, f"{path}.{place}", flaws) for place, row in enumerate(rows)]
    if one.kind == "many" and isinstance(value, list):
        return list(dict.fromkeys(item for item in value if isinstance(item, str)))
    if isinstance(value, str) and one.schema["type"] == "string":
        return _text(one, value, path, flaws)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _number(one, value, path, flaws)
    return value


def _row(one: Field, row: Any, path: str, flaws: list[Flaw]) -> Any:
    return _cleaned(one.fields, row, f"{path}.", flaws) if isinstance(row, Mapping) else row


def _text(one: Field, value: str, path: str, flaws: list[Flaw]) -> str:
    most = one.schema.get("maxLength", LONG if one.kind == "long" else LINE)
    try:
        text = clean_text(value, field=path, max_length=most, multiline=one.kind == "long")
    except FieldError as refused:
        flaws.append(Flaw(path, refused.rule, one, most))
        return ""
    return NORMAL.get(one.kind, str)(text) if text else ""


def _number(one: Field, value: float | Decimal, path: str, flaws: list[Flaw]) -> int | Decimal | None:
    exact = Decimal(str(value))
    if (
        not exact.is_finite()
        or len(exact.as_tuple().digits) > MAX_DIGITS
        or abs(exact.adjusted()) > MAX_DIGITS
    ):
        flaws.append(Flaw(path, "number", one))
        return None
    return int(exact) if exact == exact.to_integral_value() else exact


RULES = {
    "minLength": "too_short",
    "maxLength": "too_long",
    "minimum": "smallest",
    "exclusiveMinimum": "above",
    "maximum": "largest",
    "exclusiveMaximum": "below",
    "multipleOf": "multiple",
    "pattern": "pattern",
    "minItems": "too_few",
    "maxItems": "too_many",
    "uniqueItems": "twice",
    "format": "format",
}
TYPES = {
    "string": "not_text",
    "integer": "number",
    "number": "number",
    "boolean": "yes_or_no",
    "array": "list",
    "object": "object",
}


def _flaws(form: Form, error: ValidationError) -> list[Flaw]:
    """The library's error as ours: a missing field stands at its own path."""
    path = [str(part) for part in error.absolute_path]
    rule, bound, value = str(error.validator), error.validator_value, error.instance
    if rule == "unevaluatedProperties":
        return []  # unknown fields are told already; a branch with a flaw counts as not looked at
    if rule == "required":
        return [_flaw(form, [*path, name], "required") for name in bound if name not in value]
    if rule == "dependentRequired":
        return [
            _flaw(form, [*path, name], "required")
            for given, more in bound.items() if given in value
            for name in more if name not in value
        ]  # fmt: skip
    field = _field_at(form.fields, path)
    if rule == "type":
        return [Flaw(".".join(path), TYPES.get(str(bound), "value"), field)]
    if rule == "const":
        return [Flaw(".".join(path), "agree" if field and field.kind == "agree" else "choice", field)]
    if field and field.kind == "many" and path[-1].isdecimal():
        path.pop()
    why = (WHY[field.kind](value) or "") if rule == "format" and field and field.kind in WHY else ""
    return [Flaw(".".join(path), RULES.get(rule, "choice"), field, bound, why)]


def _flaw(form: Form, path: list[str], rule: str) -> Flaw:
    return Flaw(".".join(path), rule, _field_at(form.fields, path))


def _field_at(fields: tuple[Field, ...], path: list[str]) -> Field | None:
    """The field at a path; of a row or a choice of many the field that it belongs to."""
    found = None
    for name in path:
        if name.isdecimal():
            continue
        found = next((one for one in fields if one.name == name), None)
        if found is None:
            return None
        fields = found.fields
    return found


def _paths(fields: Iterable[Field], values: Mapping[str, Any], path: str = "") -> list[str]:
    """Every path in the order in which a person meets it."""
    found = []
    for one in fields:
        here, value = f"{path}{one.name}", values.get(one.name)
        found.append(here)
        if one.kind == "group" and isinstance(value, Mapping):
            found += _paths(one.fields, value, f"{here}.")
        if one.kind == "rows" and isinstance(value, list):
            for place, row in enumerate(value):
                found.append(f"{here}.{place}")
                found += _paths(one.fields, row if isinstance(row, Mapping) else {}, f"{here}.{place}.")
    return found


def _is_shown(fields: Iterable[Field], values: Mapping[str, Any], path: str) -> bool:
    """Is the field at this path shown? What the form does not have counts as shown, so that it is refused."""
    name, _, rest = path.partition(".")
    one = next((one for one in fields if one.name == name), None)
    if one is None:
        return True
    if not one.shown(values):
        return False
    value = values.get(name)
    if one.kind == "rows" and rest:
        place, _, rest = rest.partition(".")
        value = value[int(place)] if isinstance(value, list) and int(place) < len(value) else None
    return not rest or not isinstance(value, Mapping) or _is_shown(one.fields, value, rest)
