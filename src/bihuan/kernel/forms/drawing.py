"""A form as its page draws it: every field, those that are not shown too, with what the device needs to show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.reading import PREFIX
from bihuan.kernel.forms.rules import (
    LINE,
    LONG,
    Field,
    Form,
    Prefilled,
    When,
    answers_shown,
    fields_walked,
    value_at,
    value_placed,
)
from bihuan.kernel.forms.words import choice_title, flaw_told, form_title, label_of, spoken

RADIOS = 6
"""So many choices stand side by side; more are a list to pull down."""
ROW = "__n__"
"""Stands for the number of a row in the row that the device copies."""


@dataclass(slots=True)
class Drawn:
    """One field on the page. `when` and `needed` are conditions as JSON for the device, "" where there are none; `at` is the path
    of the level that they speak of; `within` begins its id on a page that has fields of its own besides."""

    path: str
    kind: str
    label: str
    at: str
    hint: str = ""
    value: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    most: int = LINE
    wrong: str = ""
    required: bool = False
    shown: bool = True
    when: str = ""
    needed: str = ""
    origin: str = ""
    file: str = ""
    inside: list[Drawn] = field(default_factory=list)
    rows: list[list[Drawn]] = field(default_factory=list)
    blank: list[Drawn] = field(default_factory=list)
    full: bool = False
    within: str = ""

    @property
    def name(self) -> str:
        return PREFIX + self.path

    @property
    def id(self) -> str:
        return f"field-{self.within}{self.path}"

    @property
    def as_radios(self) -> bool:
        return len(self.choices) <= RADIOS

    @property
    def described(self) -> str:
        """The ids of what describes the control."""
        said = (("hint", self.hint), ("origin", self.origin), ("wrong", self.wrong))
        return " ".join(f"{self.id}-{name}" for name, words in said if words)


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """A form on the page: `problems` for the list above it, `silent` what need not be asked (label, where it is from), `known` the values of
    these that conditions speak of, as JSON."""

    title: str
    hint: str
    fields: list[Drawn]
    problems: list[tuple[str, str, str]]
    silent: list[tuple[str, str]]
    known: str


def form_drawn(
    form: Form,
    values: Mapping[str, Any],
    *,
    flaws: Sequence[Flaw] = (),
    prefilled: Prefilled = Prefilled(),  # noqa: B008  a frozen value
    more: str | None = None,
    files: Mapping[int, str] | None = None,
    kept: Mapping[str, str] | None = None,
    within: str = "",
) -> DrawnForm:
    """Draw a form with these values (typed or known before), its flaws at their fields, and the rows `more` with one more.

    `files` are the names of the case's attachments by their ids, `kept` those of files that need not be chosen again by the path of
    their field; `within` begins the ids of the fields. For a first page give `prefilled.values`.
    """
    drawer = _Drawer(flaws, prefilled, more, files or {}, kept or {}, within)
    labels = {path: label_of(one) for path, one in fields_walked(form.fields)}
    return DrawnForm(
        form_title(form),
        spoken(form.schema, "description"),
        drawer.level(form.fields, answers_shown(form.fields, values), values, ""),
        [(f"{within}{flaw.path}" if flaw.field else "", flaw_told(flaw), "") for flaw in flaws],
        [(labels[path], prefilled.origins[path]) for path in sorted(prefilled.silent)],
        _known(form, prefilled),
    )


class _Drawer:
    def __init__(
        self,
        flaws: Sequence[Flaw],
        prefilled: Prefilled,
        more: str | None,
        files: Mapping[int, str],
        kept: Mapping[str, str],
        within: str,
    ) -> None:
        self.within = within
        self.wrong = {flaw.path: flaw_told(flaw) for flaw in flaws}
        self.prefilled, self.more, self.files, self.kept = prefilled, more, files, kept

    def level(
        self, fields: tuple[Field, ...], shown: Mapping[str, Any], values: Any, path: str
    ) -> list[Drawn]:
        """The fields of a level whose answers these are; `path` ends with a dot, but for the first level."""
        given = values if isinstance(values, Mapping) else {}
        return [
            self.one(one, shown, given.get(one.name), path)
            for one in fields
            if f"{path}{one.name}" not in self.prefilled.silent
        ]

    def one(self, one: Field, shown: Mapping[str, Any], value: Any, at: str) -> Drawn:
        path = f"{at}{one.name}"
        visible = one.shown(shown)
        drawn = Drawn(
            path,
            one.kind,
            label_of(one),
            at.removesuffix("."),
            hint=spoken(one.schema, "description"),
            choices=tuple((choice.value, choice_title(choice)) for choice in one.choices),
            unit=spoken(one.schema, "x-unit"),
            most=one.schema.get("maxLength", LONG if one.kind == "long" else LINE),
            wrong=self.wrong.get(path, ""),
            required=visible and one.required(shown),
            shown=visible,
            when=_when(one.when),
            needed="" if one.kind == "group" else _needed(one.needed),
            origin=self.origin(path, value),
            within=self.within,
        )
        self.fill(drawn, one, shown.get(one.name), value)
        return drawn

    def fill(self, drawn: Drawn, one: Field, shown: Any, value: Any) -> None:
        if one.kind == "group":
            inner = shown if isinstance(shown, Mapping) else {}
            drawn.inside = self.level(one.fields, inner, value, f"{drawn.path}.")
        elif one.kind == "rows":
            self.rows(drawn, one, value)
        elif one.kind == "many":
            drawn.values = tuple(str(item) for item in value) if isinstance(value, list) else ()
        else:
            drawn.value = value_written(value)
            if one.kind == "file" and isinstance(value, int):
                drawn.file = self.files.get(value, "") or self.kept.get(drawn.path, "")

    def rows(self, drawn: Drawn, one: Field, value: Any) -> None:
        """The rows with an answer, one more where it was asked for; one to begin with where there is none yet."""
        given = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        most = one.schema["maxItems"]
        blank = 1 if not given or (self.more == drawn.path and len(given) < most) else 0
        for place, row in enumerate([*given, *[{}] * blank]):
            inner = answers_shown(one.fields, row)
            drawn.rows.append(self.level(one.fields, inner, row, f"{drawn.path}.{place}."))
        drawn.blank = self.level(one.fields, {}, {}, f"{drawn.path}.{ROW}.")
        drawn.full, drawn.most = len(drawn.rows) >= most, most

    def origin(self, path: str, value: Any) -> str:
        """Where the value was taken from, as long as it is that one."""
        same = value is not None and value_at(self.prefilled.values, path) == value
        return self.prefilled.origins.get(path, "") if same else ""


def value_written(value: Any) -> str:
    """A single value as a control holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None or isinstance(value, (list, Mapping)) else str(value)


def _when(when: When) -> str:
    return json.dumps([[c.schema, c.holds] for c in when], ensure_ascii=False, default=float) if when else ""


def _needed(needed: tuple[When, ...]) -> str:
    """The ways in which a field comes to be asked for; "" where it never or always is."""
    if not needed or () in needed:
        return ""
    ways = [[[c.schema, c.holds] for c in when] for when in needed]
    return json.dumps(ways, ensure_ascii=False, default=float)


def _known(form: Form, prefilled: Prefilled) -> str:
    """What is not drawn but spoken of by a condition, so that the device can judge it."""
    fields = [one for _, one in fields_walked(form.fields)]
    spoken_of = " ".join(_when(one.when) + _needed(one.needed) for one in fields)
    known: dict[str, Any] = {}
    for path in sorted(prefilled.silent):
        if f'"{path.rpartition(".")[2]}"' in spoken_of:
            value_placed(known, path, value_at(prefilled.values, path))
    return json.dumps(known, ensure_ascii=False, default=float) if known else ""
