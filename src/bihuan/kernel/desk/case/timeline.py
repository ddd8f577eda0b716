"""The ledger of a case as people read it: who, when, which step, what was said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from bihuan.kernel.cases.discretion import WITHHELD
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.loop_line import Event
from bihuan.kernel.desk.pack_words import matter_name
from bihuan.kernel.desk.words import BASES, ENTRIES, clock_label, state_label
from bihuan.kernel.evaluation.rules import GRADES
from bihuan.kernel.forms.services import ANSWERED
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.pack import Pack, packs, workflows
from bihuan.kernel.sentences import in_line, named
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import REPORTER, Step, Workflow
from bihuan.lib.declared import declared
from bihuan.lib.masking import mask_text

HANDED = ("handed_out", "handed_over")
"""Kinds of entries by which a case gets another handler."""
UNSAID = {"opened": ("title", "text", "place", "answer"), ANSWERED: (ANSWERED,)}
"""Texts that the page shows elsewhere, by the kind of their entry."""


@dataclass(frozen=True, slots=True)
class Said:
    """One field of an entry; `own`: in somebody's own words. `erased` texts were removed as personal data; their commitment stays in the ledger."""

    label: str
    value: str
    erased: bool = False
    own: bool = False


@dataclass(slots=True)
class Told:
    """One entry in words. `tone` is move, late, near or plain."""

    seq: int
    at: datetime
    who: str
    label: str
    tone: str = "plain"
    into: str = ""
    unit: str = ""
    behalf: str = ""
    fields: list[Said] = field(default_factory=list)
    kind: str = ""
    step: str = ""
    files: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Names:
    """Names of the people, units and cases that the entries speak of, read at once."""

    people: dict[int, str]
    units: dict[int, str]
    cases: dict[int, str]
    reporter: str = ""

    def who(self, by: Any) -> str:
        if by == REPORTER:
            return self.reporter
        return self.people.get(by, gettext("已注销人员")) if isinstance(by, int) else gettext("系统")


def timeline(case: Case, *, kept: frozenset[str] = frozenset()) -> tuple[list[Told], list[Event]]:
    """The entries in words, oldest first, and the moves that the loop line is drawn from. Five queries, and two for each matter given.
    What was said in the steps `kept` from the reader is left out, and it says so."""
    bodies = [
        json.loads(bytes(e.body))
        for e in LedgerEntry.objects.filter(case_id=case.pk).order_by("seq").only("body")
    ]
    workflow = workflows()[case.workflow]
    names = _names(bodies, workflow)
    names.reporter = str(packs()[case.pack].reporter)
    private: dict[int, list[LedgerPrivate]] = {}
    for text in LedgerPrivate.objects.filter(stream=f"case:{case.pk}"):
        private.setdefault(text.seq, []).append(text)
    told = [_told(body, workflow, names, private.get(body["seq"], [])) for body in bodies]
    for one in told:
        if one.step in kept and any(said.own for said in one.fields):
            hidden = Said(gettext("原话"), gettext("差评核实整改,不给被评价的人看。"))
            one.fields = [*(said for said in one.fields if not said.own), hidden]
    for one, body in zip(told, bodies, strict=True):
        if body["by"] == "system":
            _retold(one, packs()[case.pack])
    return told, list(_events(bodies, told, workflow))


def _retold(told: Told, pack: Pack) -> None:
    """What the system wrote, in the reader's language."""
    told.fields = [replace(said, value=pack.retell(said.value)) if said.own else said for said in told.fields]


def _events(bodies: list[dict[str, Any]], told: list[Told], workflow: Workflow) -> Iterable[Event]:
    for body, entry in zip(bodies, told, strict=True):
        state = body["data"].get("state") if body["kind"] == "opened" else body["data"].get("to")
        if state in workflow.state:
            yield Event(entry.at, entry.who, state, entry.label)


def _told(body: dict[str, Any], workflow: Workflow, names: Names, private: list[LedgerPrivate]) -> Told:
    data, kind = body["data"], body["kind"]
    told = Told(body["seq"], datetime.fromisoformat(body["at"]), names.who(body["by"]), "", kind=kind)
    if kind == "move":
        _move_told(told, data, workflow, names)
    else:
        told.label = str(ENTRIES.get(kind, gettext("记录")))
        told.tone = {"breach": "late", "warning": "near"}.get(kind, "plain")
        told.fields += _plain_fields(kind, data)
        told.files = data.get("files", [])
    if kind in HANDED:
        told.fields.append(Said(gettext("经办人"), names.who(data["to"])))
    if "unit" in data:
        told.unit = names.units.get(data["unit"], "")
    asks = _asks(workflow, told.step)
    for text in private:
        if text.name.startswith(WITHHELD) or text.name in UNSAID.get(kind, ()):
            continue
        label = (
            asks[text.name].label
            if text.name in asks
            else {"reason": "理由", "text": "内容", "words": "原话"}.get(text.name, text.name)
        )
        told.fields.append(Said(gettext(label), mask_text(text.text or ""), text.text is None, own=True))
    return told


def _move_told(told: Told, data: Mapping[str, Any], workflow: Workflow, names: Names) -> None:
    step = workflow.by_code.get(data["step"])
    told.step, told.tone = data["step"], "move"
    told.label = declared(step.label, "step") if step else data["step"]
    if data["to"] != data["from"]:
        told.into = state_label(workflow.key, data["to"])
    if "on_behalf_of" in data:
        told.behalf = names.who(data["on_behalf_of"])
    asks = _asks(workflow, told.step)
    for name, value in data.get("fields", {}).items():
        ask = asks.get(name)
        told.fields.append(Said(gettext(ask.label) if ask else name, _value(ask, value, names, told.at)))


def _plain_fields(kind: str, data: Mapping[str, Any]) -> Iterable[Said]:
    if kind in ("warning", "breach", "clock_recomputed"):
        basis = str(BASES.get(str(data.get("basis")), ""))
        yield Said(gettext("时限"), f"{clock_label(str(data.get('kind')))} · {basis}".strip(" ·"))
    if kind == "clock_recomputed" and data["from"] and data["to"]:
        yield Said(gettext("到期"), " → ".join(_moment(data[name]) for name in ("from", "to")))
    if data.get("of", 0) > 1:
        yield Said(gettext("预警"), gettext("第 %(level)d 次,共 %(of)d 次") % data)
    if kind in ("merged", "unmerged") and data.get("number"):
        yield Said(gettext("编号"), str(data["number"]))
    if kind == "sample_called":
        grade = dict(GRADES).get(str(data.get("grade")), "")
        yield Said(gettext("满意度"), gettext(grade) if data.get("reached") else gettext("未接通"))
    if kind == "supervise_mark":
        yield Said(gettext("重办次数"), str(data.get("redo_count", 0)))
        yield Said(gettext("退回次数"), str(data.get("return_count", 0)))


def _asks(workflow: Workflow, step: str) -> dict[str, Ask]:
    found: Step | None = workflow.by_code.get(step)
    return {ask.name: ask for ask in found.asks} if found else {}


def _value(ask: Ask | None, value: Any, names: Names, at: datetime) -> str:
    kind = ask.kind if ask else "line"
    if ask and kind == "matter":
        return matter_name(ask.register, str(value), day_of(at))
    if ask and kind == "choice":
        return gettext(dict(ask.choices).get(value, str(value)))
    if kind == "yes":
        return gettext("是") if value else gettext("否")
    if kind in ("unit", "units"):
        return in_line(
            names.units.get(unit, str(unit)) for unit in (value if isinstance(value, list) else [value])
        )
    if kind == "person":
        return names.who(value)
    if kind == "moment":
        return _moment(value)
    if kind == "case":
        return names.cases.get(value, gettext("您无权查看的一件"))
    return str(value)


def _moment(written: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(written)):%Y-%m-%d %H:%M}"


def _names(bodies: list[dict[str, Any]], workflow: Workflow) -> Names:
    people: set[Any] = set()
    units: set[Any] = set()
    cases: set[Any] = set()
    for body in bodies:
        data = body["data"]
        people |= {body["by"], data.get("on_behalf_of"), data.get("to")}
        units.add(data.get("unit"))
        for name, value in data.get("fields", {}).items() if body["kind"] == "move" else ():
            ask = _asks(workflow, data["step"]).get(name)
            into = (
                {"unit": units, "units": units, "person": people, "case": cases}.get(ask.kind)
                if ask
                else None
            )
            if into is not None:
                into |= set(value) if isinstance(value, list) else {value}
    return Names(
        dict(Person.objects.filter(pk__in=_ids(people)).values_list("pk", "name")),
        {unit.pk: named(unit) for unit in Unit.objects.filter(pk__in=_ids(units))},
        dict(Case.objects.filter(pk__in=_ids(cases)).values_list("pk", "number")) if cases else {},
    )


def _ids(values: set[Any]) -> list[int]:
    return [value for value in values if isinstance(value, int)]
