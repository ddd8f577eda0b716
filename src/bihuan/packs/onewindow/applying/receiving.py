"""What the form at the window says, cleaned: who applies, and which materials lie on the counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

DATED = "dated_"
PERSON, ORGANISATION = "person", "organisation"
OUTCOMES = ("accept_at_once", "accept", "accept_lacking", "accept_commitment", "tell_missing", "keep")
"""What the clerk does at once with what was handed in; "keep": looked at later, within the five days."""


@dataclass(frozen=True, slots=True)
class Received:
    """An application as it was handed in: for which item (id), by whom, with which materials (their numbers, and the day of those
    that hold for a term), and then what."""

    item: int
    applicant: str
    party: PartyData
    present: tuple[str, ...]
    outcome: str
    signed: bool
    remark: str
    dated: Mapping[str, date] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The request as plain values, to be known again when it is sent twice."""
        party = self.party
        return {
            "item": self.item, "applicant": self.applicant, "present": list(self.present), "outcome": self.outcome,
            "signed": self.signed, "remark": self.remark, "dated": {n: day.isoformat() for n, day in self.dated.items()},
            "party": [party.name, party.phone, party.id_number, party.address],
        }  # fmt: skip


def received_clean(typed: Mapping[str, Any], *, present: Sequence[str], today: date) -> Received:
    """The application from the form. FieldError names the field and the rule (check digits: GB 11643, GB 32100)."""
    item = str(typed.get("item", ""))
    if not (item.isascii() and item.isdecimal()) or len(item) > 15:
        raise FieldError("item", "required", "请先选事项。")
    applicant = str(typed.get("applicant", ""))
    if applicant not in (PERSON, ORGANISATION):
        raise FieldError("applicant", "choice", "请选自然人,或法人和其他组织。")
    outcome = str(typed.get("outcome", ""))
    if outcome not in OUTCOMES:
        raise FieldError("outcome", "choice", "请选怎么办。")
    party = PartyData(
        name=clean_text(typed.get("name", ""), field="name", max_length=60, min_length=2, multiline=False),
        id_number=_number(applicant, typed.get("id_number", ""), today),
        phone=_phone(typed.get("phone", "")),
        address=clean_text(typed.get("address", ""), field="address", max_length=200, multiline=False),
    )
    return Received(
        item=int(item),
        applicant=applicant,
        party=party,
        present=tuple(numbers_read(" ".join(present)[:400])),
        outcome=outcome,
        signed=bool(typed.get("signed")),
        remark=clean_text(typed.get("remark", ""), field="remark", max_length=500),
        dated=dates_read(typed),
    )


def dates_read(typed: Mapping[str, Any]) -> dict[str, date]:
    """The days of materials by their numbers, from the fields `dated_<number>`. FieldError for what is no day."""
    found = {}
    for number, text in ((name.removeprefix(DATED), typed[name]) for name in typed if name.startswith(DATED)):
        if not text or not number.isdecimal():
            continue
        try:
            found[number] = date.fromisoformat(str(text)[:20])
        except ValueError:
            raise FieldError(
                "present", "date", f"第 {number[:3]} 项的签发日期应为日期,如 2026-01-31。"
            ) from None
    return found


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
