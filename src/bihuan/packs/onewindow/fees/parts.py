"""What an application costs, shown on its page to those who handle it and to its applicant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.parts import Part, Ready
from bihuan.packs.onewindow.fees.rules import grounds, owed, settled

TEMPLATE = "onewindow/fees/fees.html"


def fees_shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fees, each with the ground on which it was waived, what is owed and what was paid."""
    fee = facts.get("fee", {})
    rows = [(one, fee.get("waived", {}).get(str(n), "")) for n, one in enumerate(facts.get("fees", ()), 1)]
    return {
        "rows": rows,
        "owed": owed(facts),
        "settled": settled(facts),
        "paid": fee.get("paid", ""),
        "told": bool(fee),
    }


def fee_parts(facts: Mapping[str, Any]) -> list[Part]:
    """For the desk: nothing for what is free of charge."""
    return [Part(TEMPLATE, fees_shown(facts))] if facts.get("fees") else []


def waiver_words(case: Case, step: str) -> list[Ready]:
    """The catalogue's grounds, to be picked in the form of the waiver."""
    listed = grounds(case.facts) if step == "fee_waive" else []
    return [Ready(place, "ground", ground, ground) for place, ground in enumerate(listed, 1)]
