"""What an application costs: standards, waivers and what is owed. Pure; the guards that judge by it are the pack's.

The case's facts hold `fees`, those of the item's version on the day of receipt (absent: free of charge), and `fee`: `told_at`,
`waived` {number of the fee: ground}, `paid` and `paid_at`. Amounts are yuan as texts of two decimals, summed as Decimal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bihuan.kernel.cases.facts import CaseFacts

Values = Mapping[str, Any]
FOUND = (("unlisted", "目录里没有的收费"), ("above", "超过目录里的标准收费"))
"""What a supervisor may find of money that was taken."""


def owed(facts: Values) -> str:
    """What is to be paid: the sum of the fees that are not waived."""
    return f"{sum((Decimal(one['amount']) for _number, one in _charged(facts)), Decimal()):.2f}"


def grounds(facts: Values) -> list[str]:
    """The grounds on which the catalogue waives what is still charged, each once."""
    return list(
        dict.fromkeys(ground for _number, one in _charged(facts) for ground in one.get("waivers", ()))
    )


def settled(facts: Values) -> bool:
    """Is nothing owed: free of charge, paid, or all of it waived?"""
    return "paid" in facts.get("fee", {}) or not any(_charged(facts))


def above_standard(facts: Values, amount: str) -> bool:
    """Was more taken than the catalogue's standard?"""
    return Decimal(amount or 0) > Decimal(owed(facts))


def _charged(facts: Values) -> Iterator[tuple[str, Values]]:
    waived = facts.get("fee", {}).get("waived", {})
    return ((str(n), one) for n, one in enumerate(facts.get("fees", ()), 1) if str(n) not in waived)


def told_kept(case: CaseFacts) -> dict[str, Any]:
    """When the applicant was told what it costs."""
    return {"fee": {"told_at": case.now.isoformat()}}


def paid_kept(case: CaseFacts) -> dict[str, Any]:
    """What was paid, and when."""
    fee = case.facts.get("fee", {})
    return {"fee": {**fee, "paid": case.data["amount"], "paid_at": case.now.isoformat()}}


def waived_kept(case: CaseFacts) -> dict[str, Any]:
    """Which fees are waived on this ground."""
    fee, ground = case.facts.get("fee", {}), case.data["ground"]
    waived = {n: ground for n, one in _charged(case.facts) if ground in one.get("waivers", ())}
    return {"fee": {**fee, "waived": {**fee.get("waived", {}), **waived}}}
