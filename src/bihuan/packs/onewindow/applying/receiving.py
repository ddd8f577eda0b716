"""What the form at the window says, cleaned: who applies, and which materials lie on the counter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bihuan.kernel.cases.opening import PartyData
from bihuan.lib.identifiers import (
    id_number_fault,
    id_number_normal,
    phone_fault,
    phone_normal,
    uscc_fault,
    uscc_normal,
)
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.rules import numbers_read

DATED, FIX = "dated_", "fix_"
PERSON, ORGANISATION = "person", "organisation"
PARTY = ("name", "id_number", "phone", "address")
OUTCOMES = ("accept_at_once", "accept", "accept_lacking", "accept_commitment", "tell_missing", "keep")
"""What the clerk does at once with what was handed in; "keep": looked at later, within the five days."""


@dataclass(frozen=True, slots=True)
class Received:
    """An application as it was handed in: for which item (id), by whom, with which materials (their numbers, and the day of those
    that hold for a term), what is to be put right in which (`fix`, by their numbers: they count as not there), and then what."""

    item: int
    applicant: str
    party: PartyData
    present: tuple[str, ...]
    outcome: str
    signed: bool
    remark: str
    dated: Mapping[str, date] = field(default_factory=dict)
    fix: Mapping[str, str] = field(default_factory=dict)

    @property
    def fixes(self) -> dict[str, str]:
        """What the step that tells what is missing is told of it."""
        return {"fix": "\n".join(f"{n} {words}" for n, words in self.fix.items())} if self.fix else {}

    def told(self) -> dict[str, Any]:
        """The request as plain values, to be known again when it is sent twice."""
        party = self.party
        return {
            "item": self.item, "applicant": self.applicant, "present": list(self.present), "outcome": self.outcome,
            "signed": self.signed, "remark": self.remark, "dated": {n: day.isoformat() for n, day in self.dated.items()},
            "party": [party.name, party.phone, party.id_number, party.address], "fix": dict(self.fix),
        }  # fmt: skip


def received_clean(typed: Mapping[str, Any], *, present: Sequence[str], today: date) -> Received:
    """The application from the form. FieldError names the field and the rule (check digits: GB 11643, GB 32100)."""
    read = {name: reader() for name, reader in _readers(typed, today).items()}
    party = PartyData(**{name: read.pop(name) for name in PARTY})
    numbers = tuple(n for n in numbers_read(" ".join(present)[:400]) if n not in read["fix"])
    if read["fix"] and read["outcome"] != "tell_missing":
        raise FieldError("outcome", "fix", "写了材料要改什么的,要选“一次告知”。")
    return Received(party=party, present=numbers, signed=bool(typed.get("signed")), **read)


def subject_clean(value: Any) -> str:
    """The shop or project that a theme is for. FieldError."""
    return clean_text(value, field="subject", max_length=100, min_length=2, multiline=False)


def received_faults(typed: Mapping[str, Any], *, today: date) -> list[FieldError]:
    """All that `received_clean` would refuse, not the first alone."""
    found = []
    for reader in _readers(typed, today).values():
        try:
            reader()
        except FieldError as fault:
            found.append(fault)
    return found


def who_typed(typed: Mapping[str, Any]) -> tuple[str, str]:
    """Who applies, as far as it has been typed: the name, and the number as it is kept."""
    name, number = typed.get("name", "").strip()[:60], typed.get("id_number", "").strip()[:40]
    return name, uscc_normal(number) if typed.get("applicant") == ORGANISATION else id_number_normal(number)


def _readers(typed: Mapping[str, Any], today: date) -> dict[str, Callable[[], Any]]:
    """What reads each field, in the order of the form."""

    def text(name: str, most: int, least: int = 0, *, multiline: bool = False) -> Callable[[], str]:
        limits = {"field": name, "max_length": most, "min_length": least, "multiline": multiline}
        return lambda: clean_text(typed.get(name, ""), **limits)  # type: ignore[arg-type]

    applicant = str(typed.get("applicant", ""))
    return {
        "item": lambda: _item(str(typed.get("item", ""))),
        "applicant": lambda: _chosen("applicant", applicant, (PERSON, ORGANISATION), "请选自然人,或法人和其他组织。"),
        "outcome": lambda: _chosen("outcome", str(typed.get("outcome", "")), OUTCOMES, "请选怎么办。"),
        "name": text("name", 60, 2),
        "id_number": lambda: _number(applicant, typed.get("id_number", ""), today),
        "phone": lambda: _phone(typed.get("phone", "")),
        "address": text("address", 200),
        "dated": lambda: dates_read(typed),
        "fix": lambda: _fixes(typed),
        "remark": text("remark", 500, multiline=True),
    }  # fmt: skip


def _item(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise FieldError("item", "required", "请先选事项。")
    return int(text)


def _chosen(field: str, value: str, choices: Sequence[str], message: str) -> str:
    if value not in choices:
        raise FieldError(field, "choice", message)
    return value


def dates_read(typed: Mapping[str, Any]) -> dict[str, date]:
    """The days of materials by their numbers, from the fields `dated_<number>`. FieldError for what is no day."""
    days, faults = dates_told(typed)
    for fault in faults.values():
        raise fault
    return days


def dates_told(typed: Mapping[str, Any]) -> tuple[dict[str, date], dict[str, FieldError]]:
    """The days as `dates_read`, and of which materials what was typed is no day."""
    days: dict[str, date] = {}
    faults: dict[str, FieldError] = {}
    for number, text in ((name.removeprefix(DATED), typed[name]) for name in typed if name.startswith(DATED)):
        if not text or not number.isdecimal():
            continue
        try:
            days[number] = date.fromisoformat(str(text)[:20])
        except ValueError:
            words = f"第 {number[:3]} 项的签发日期应为日期,如 2026-01-31。"
            faults[number] = FieldError("present", "date", words)
    return days, faults


def _fixes(typed: Mapping[str, Any]) -> dict[str, str]:
    """What is to be put right, from the fields `fix_<number>`."""
    numbers = (name.removeprefix(FIX) for name in typed if name.startswith(FIX) and typed[name])
    known = [number for number in numbers if number.isascii() and number.isdecimal() and len(number) < 4]
    read = {
        n: clean_text(typed[f"{FIX}{n}"], field="present", max_length=200, multiline=False) for n in known
    }
    return {number: words for number, words in read.items() if words}


def _number(applicant: str, value: Any, today: date) -> str:
    text = clean_text(value, field="id_number", max_length=40, min_length=1, multiline=False)
    if applicant == PERSON:
        number, fault = id_number_normal(text), id_number_fault(text, today=today)
    else:
        number, fault = uscc_normal(text), uscc_fault(text)
    if fault:
        raise FieldError("id_number", "id_number", f"{fault}。")
    return number


def _phone(value: Any) -> str:
    text = clean_text(value, field="phone", max_length=40, min_length=1, multiline=False)
    if fault := phone_fault(text):
        raise FieldError("phone", "phone", f"{fault}。")
    return phone_normal(text)
