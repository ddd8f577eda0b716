"""The seat's form: its fields, what was typed read into an order's data, and every fault beside its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from bihuan.kernel.desk.choices import SEPARATOR
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.dispatching import DispatchMap
from bihuan.packs.hotline.order_data import TEXT_LIMIT
from bihuan.packs.hotline.rules import CHANNELS, DECLINE_REASONS, TYPES

TAKEN_BY_PEOPLE = tuple((code, label) for code, label in CHANNELS if code != "import")
ASKS = (
    Ask("text", "诉求内容", "text", max_length=TEXT_LIMIT, help="先听先记;标题由首句生成"),
    Ask("type", "诉求类型", "choice", choices=TYPES),
    Ask("channel", "来源", "choice", required=False, choices=TAKEN_BY_PEOPLE, help="不选为电话"),
    Ask("territory", "属地", "line", required=False, max_length=80),
    Ask("place", "地点", "line", required=False, max_length=200),
    Ask("matter", "事项", "line", required=False, max_length=80),
    Ask("reporter", "姓名", "line", required=False, max_length=60),
    Ask("phone", "电话", "line", required=False, max_length=40),
    Ask("address", "住址", "line", required=False, max_length=200),
    Ask("accused", "被反映的单位", "unit", required=False),
    Ask("confidential", "来电人要求保密(举报一律保密)", "yes", required=False),
    Ask("urgent", "紧急", "yes", required=False),
)
OUTCOMES = (("dispatch", "派单"), ("answer", "直接答复"), ("decline", "不予受理"))
"""What an agent does with a call. The first is decided by the rules, the others by the agent."""
SETTLING = (
    Ask("reason", "不予受理的情形", "choice", choices=DECLINE_REASONS),
    Ask("route", "正确的途径", "line", required=False, max_length=200),
    Ask("answer", "答复来电人", "text", max_length=2000),
)
BY_NAME = {ask.name: ask for ask in (*ASKS, *SETTLING, Ask("outcome", "办理方式"))}
ROWS = (
    ("phone", "reporter"),
    ("text",),
    ("type", "territory", "place", "matter"),
    ("confidential", "urgent"),
)
RARE = (("channel", "address", "accused"),)
"""Asked for seldom: below the buttons."""
OF_THE_FORM = ("csrfmiddlewaretoken", "key", "call", "outcome", "reason", "route", "answer")
"""What is sent with an order and is none of its fields."""


@dataclass(frozen=True, slots=True)
class Named:
    """A field with the names that may be typed into it: (what is typed, what explains it)."""

    field: Field
    options: tuple[tuple[str, str], ...] = ()


def rows_of(
    typed: Mapping[str, str], errors: Mapping[str, str], *, at: DispatchMap, on: date
) -> dict[str, list[list[Named]]]:
    """The form, row by row, with what was typed kept: what is asked, what seldom, and what the seat settles itself."""
    options = {"territory": territories(at, on=on), "matter": matters(at)}

    def drawn(name: str) -> Named:
        value = typed.get(name, "")
        field = Field(BY_NAME[name], (value,) if value else (), errors.get(name, ""))
        return Named(field, options.get(name, ()))

    parts = {"rows": ROWS, "rare": RARE, "settling": tuple((ask.name,) for ask in SETTLING)}
    return {part: [[drawn(name) for name in row] for row in rows] for part, rows in parts.items()}


def territories(at: DispatchMap, *, on: date) -> tuple[tuple[str, str], ...]:
    """Every township that exists, by a name that means it alone, with the county or zone that runs it."""
    found = []
    for unit in at.places.by_id.values():
        if unit.kind == "township" and unit.exists(on):
            parent = at.places.by_id[unit.parent].name if unit.parent else ""
            alone = at.places.names.get(unit.name) == unit.id
            runner = at.places.runner_of(unit, on=on)
            found.append((unit.code, unit.name if alone else parent + unit.name, runner.name))
    return tuple((name, runner) for _, name, runner in sorted(found))


def matters(at: DispatchMap) -> tuple[tuple[str, str], ...]:
    """Every matter in force, by its name."""
    return tuple((kind.name, code) for code, kind in sorted(at.matters.items()))


def order_read(typed: QueryDict) -> dict[str, Any]:
    """An order's data as typed in the form; blanks are left out, names of units become their codes.

    Unknown names are passed on, so that they are refused as in every other interface.
    """
    data: dict[str, Any] = {}
    for name in typed:
        value = typed[name]
        if name in OF_THE_FORM or not value.strip():
            continue
        data[name] = value.rpartition(SEPARATOR)[2].strip() if name == "accused" else value
    return data


def outcome_read(typed: QueryDict) -> tuple[str, dict[str, str]]:
    """What is to be done with the order, and the words of the step when the seat settles it. FieldError otherwise."""
    outcome = typed.get("outcome") or "dispatch"
    if outcome not in dict(OUTCOMES):
        raise FieldError("outcome", "choice", "办理方式只能是派单、直接答复或不予受理")
    names = {"dispatch": (), "answer": ("answer",), "decline": ("reason", "route", "answer")}[outcome]
    return outcome, {name: typed[name] for name in names if typed.get(name, "").strip()}


def faults_told(faults: Iterable[FieldError]) -> dict[str, str]:
    """The first fault of every field, as the form shows it."""
    found: dict[str, str] = {}
    for fault in faults:
        found.setdefault(fault.field, told(fault))
    return found


def labelled(errors: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Faults for the list above the form: field ("" when the form has none of that name), label, message."""
    return [
        (name, gettext(BY_NAME[name].label), text) if name in BY_NAME else ("", name, text)
        for name, text in errors.items()
    ]


def type_missing(data: Mapping[str, Any]) -> list[FieldError]:
    """The form asks for the type, because people know it; machines may leave it out."""
    return [] if data.get("type") else [FieldError("type", "required", gettext("请选择"))]
