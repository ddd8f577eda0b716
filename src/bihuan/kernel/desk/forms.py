"""Forms from `Ask` declarations: one renderer's fields, and what a person typed read into a step's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.parts import Ready
from bihuan.kernel.desk.choices import person_named, unit_named
from bihuan.kernel.desk.pack_words import matters_open
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import Step, Workflow
from bihuan.lib.text import FieldError

UNITS_ROOM = 3
"""Empty boxes shown where several units can be named."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field to be drawn: its declaration, what was typed, and what is wrong with it. `form` parts the fields of several
    forms on one page, `ready` are texts to pick and mend.
    """

    ask: Ask
    values: tuple[str, ...] = ()
    error: str = ""
    form: str = ""
    ready: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What may be chosen, in the page's language."""
        return choices_of(self.ask)

    @property
    def id(self) -> str:
        return f"field-{self.form}-{self.ask.name}" if self.form else f"field-{self.ask.name}"

    @property
    def boxes(self) -> list[str]:
        """What was typed, and room for more."""
        return [*self.values, *[""] * max(1, UNITS_ROOM - len(self.values))]

    @property
    def lines(self) -> int:
        return 6 if self.ask.max_length >= 2000 else 3


def choices_of(ask: Ask) -> list[tuple[str, str]]:
    """What may be chosen, (value, label) in the page's language: the field's own, or the matters in force."""
    if ask.kind == "matter":
        return list(matters_open(ask.register).items())
    return [(value, gettext(label)) for value, label in ask.choices]


def fields_of(
    step: Step,
    typed: QueryDict | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    case: Case | None = None,
    form: str = "",
) -> list[Field]:
    """The fields of a step's form, with what was typed kept; without it they start with what is known of the `case`."""
    wrong = errors or {}
    known = _known(step, case) if case else {}
    return [
        Field(
            ask,
            tuple(v for v in typed.getlist(ask.name) if v) if typed else known.get(ask.name, ()),
            wrong.get(ask.name, ""),
            form,
        )
        for ask in step.asks
    ]


def fields_readied(fields: Sequence[Field], ready: Sequence[Ready], chosen: str) -> list[Field]:
    """The fields with the given words and the ready ones of the `chosen` id in their place, if they are among those that are offered."""
    words = {one.field: (one.text,) for one in ready if one.given or str(one.id) == chosen}
    return [replace(field, values=words.get(field.ask.name, field.values)) for field in fields]


def _known(step: Step, case: Case) -> dict[str, tuple[str, ...]]:
    """What the applicant declared, the matter where a step classifies, and the case that this one was reported again of."""
    declared = case.facts.get("declared", {})
    known = {ask.name: (str(declared[ask.name]),) for ask in step.asks if declared.get(ask.name)}
    known |= {
        effect.what: (case.matter,) for effect in step.does if effect.verb == "classify" and case.matter
    }
    asked = [ask.name for ask in step.asks if ask.from_origin] if case.origin_id else []
    origin = Case.objects.filter(pk=case.origin_id).values_list("number", flat=True) if asked else ()
    return known | {name: tuple(origin) for name in asked}


def typed_for(step: Step, typed: QueryDict, workflow: Workflow) -> QueryDict:
    """What was typed into another step's form, for this step: fields of the same name, and free words that it does not
    ask for under that name in its first empty field of free words.
    """
    carried = QueryDict(mutable=True)
    names = {ask.name for ask in step.asks}
    for name in names & typed.keys():
        carried.setlist(name, typed.getlist(name))
    free = {ask.name for other in workflow.steps for ask in other.asks if ask.personal} - names
    spare = next((typed[name] for name in typed if name in free and typed[name].strip()), "")
    empty = next(
        (ask.name for ask in step.asks if ask.personal and not carried.get(ask.name, "").strip()), ""
    )
    if spare and empty:
        carried[empty] = spare
    return carried


def data_read(step: Step, typed: QueryDict, *, on: date, units: Sequence[int]) -> dict[str, Any]:
    """A step's data as typed in its form; names of units, people and cases become their ids. FieldError otherwise.

    People are known by name only to their own `units`, on the day `on`.

    Unknown names are passed on, so that they are refused as in every other interface.
    """
    asks = {ask.name: ask for ask in step.asks}
    data: dict[str, Any] = {}
    for name in typed:
        if name in ("csrfmiddlewaretoken", "version"):
            continue
        values = [
            value.strip() if name in asks and asks[name].kind != "text" else value
            for value in typed.getlist(name)
        ]
        values = [value for value in values if value]
        if values:
            data[name] = _value(asks[name], values, on, units) if name in asks else values[-1]
    return data


def _value(ask: Ask, values: list[str], on: date, units: Sequence[int]) -> Any:
    if ask.kind == "unit":
        return unit_named(ask, values[-1])
    if ask.kind == "units":
        return [unit_named(ask, value) for value in values]
    if ask.kind == "person":
        return person_named(ask, values[-1], on=on, units=units)
    if ask.kind == "case":
        return case_named(ask, values[-1])
    return values[-1]


def case_named(ask: Ask, number: str) -> int:
    """The case of this number, if the reader may see it. FieldError otherwise."""
    found = Case.objects.filter(number=number[:64].replace("\0", "")).values_list("pk", flat=True).first()
    if found is None:
        raise FieldError(
            ask.name, "unknown_case", gettext("“%s”:没有这个编号的件,或您无权查看。") % gettext(ask.label)
        )
    return int(found)
