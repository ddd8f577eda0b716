"""A form as a value, and which of its fields are shown, asked for and known already. Pure.

What is shown depends on what is answered, and an answer counts only where its field is shown. Conditions never run in a circle
(`schema.py`), so there is exactly one set of shown fields for given answers, whatever order they were given in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jsonschema import Draft202012Validator

from bihuan.kernel.forms.formats import CHECKER

Kind = Literal[
    "line", "long", "date", "uscc", "id-number", "phone", "place", "integer", "number", "yes", "agree", "one", "many", "file", "group", "rows"
]  # fmt: skip
LINE, LONG = 200, 2_000
"""Characters of a line and of a long text when the schema says nothing."""
INSIDE: tuple[str, ...] = ("group", "rows")
"""Kinds that hold fields of their own."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A schema that the answers of its level must fulfil, or must not (`holds` False)."""

    schema: Mapping[str, Any]
    holds: bool = True

    def met(self, values: Mapping[str, Any]) -> bool:
        """Is it as it should be for these answers?"""
        return bool(Draft202012Validator(self.schema).is_valid(values)) is self.holds


When = tuple[Condition, ...]
"""All of them."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: shown when all of `when` are met, asked for when all of one of `needed` are. `fields` are those inside it."""

    name: str
    kind: Kind
    schema: Mapping[str, Any]
    when: When = ()
    needed: tuple[When, ...] = ()
    choices: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()

    def shown(self, values: Mapping[str, Any]) -> bool:
        return all(condition.met(values) for condition in self.when)

    def required(self, values: Mapping[str, Any]) -> bool:
        return any(all(condition.met(values) for condition in when) for when in self.needed)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was read: its schema without references, and its fields in order."""

    title: str
    title_en: str
    schema: Mapping[str, Any]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where answers may come from: what it is called, and its values, as deep as they are."""

    label: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prefilled:
    """What is known already: the answers, where each came from by its path, and those that need not be asked."""

    values: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


def answers_shown(fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers whose fields are shown for them, in the order of the fields; all else is dropped.

    A group that is shown is always there, be it empty; `values` otherwise hold no blanks.
    """
    inner = {one.name: _inside(one, values.get(one.name)) for one in fields}
    given = {name: value for name, value in inner.items() if value is not None}
    kept: dict[str, Any] = {}
    for _ in range(len(fields) + 1):
        found = {one.name: given[one.name] for one in fields if one.name in given and one.shown(kept)}
        if found == kept:
            break
        kept = found
    return kept


def _inside(one: Field, value: Any) -> Any:
    if one.kind == "group":
        group = {} if value is None else value
        return answers_shown(one.fields, group) if isinstance(group, Mapping) else group
    if one.kind == "rows" and isinstance(value, list):
        return [answers_shown(one.fields, row) if isinstance(row, Mapping) else row for row in value]
    return value


def fields_walked(fields: tuple[Field, ...], path: str = "") -> Iterator[tuple[str, Field]]:
    """Every field with its path, groups before what is in them; not the fields of rows."""
    for one in fields:
        here = f"{path}.{one.name}" if path else one.name
        yield here, one
        if one.kind == "group":
            yield from fields_walked(one.fields, here)


def value_at(values: Any, path: str) -> Any:
    """What stands at a path of names and numbers of rows, None when nothing does."""
    for name in path.split("."):
        if isinstance(values, Mapping):
            values = values.get(name)
        elif isinstance(values, list) and name.isdecimal() and int(name) < len(values):
            values = values[int(name)]
        else:
            return None
    return values


def value_placed(values: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path of names, making the groups on the way."""
    *groups, last = path.split(".")
    for name in groups:
        values = values.setdefault(name, {})
    values[last] = value


def form_prefilled(form: Form, sources: Mapping[str, Source]) -> Prefilled:
    """What the sources know of the form's fields: of each field's `x-from` the first that has a value fitting the field.

    A field with `x-ask` false that was found is `silent`: it is not drawn, and the server puts it in (`answers_joined`).
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    silent = set()
    for path, one in fields_walked(form.fields):
        for name in one.schema.get("x-from", ()):
            source, _, place = name.partition(".")
            found = value_at(sources[source].values, place) if source in sources else None
            if found not in (None, "", [], {}) and _fits(one, found):
                value_placed(values, path, found)
                origins[path] = sources[source].label
                silent |= {path} if one.schema.get("x-ask") is False else set()
                break
    return Prefilled(values, origins, frozenset(silent))


def _fits(one: Field, value: Any) -> bool:
    return bool(Draft202012Validator(one.schema, format_checker=CHECKER).is_valid(value))


def answers_joined(values: Mapping[str, Any], prefilled: Prefilled) -> dict[str, Any]:
    """What a person answered, with what is not asked for as the sources have it: nobody can send another value for it."""
    joined = _copied(values)
    for path in sorted(prefilled.silent):
        value_placed(joined, path, value_at(prefilled.values, path))
    return joined


def _copied(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copied(value) if isinstance(value, Mapping) else value for name, value in values.items()}
