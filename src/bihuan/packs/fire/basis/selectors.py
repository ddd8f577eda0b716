"""Reading the rules in force, as the section's people read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from bihuan.kernel.administration.policy_values import rule_of, value_words
from bihuan.kernel.policies.selectors import policy_in_force, policy_rows
from bihuan.lib.declared import declared
from bihuan.packs.fire.policies import POLICIES

SMALL = ("fire.small_investment", "fire.small_area", "fire.small_files")
CORRECTING = ("fire.correct", "fire.correct_lapses")
LEGACY = ("fire.times", "fire.legacy")
ASSUMED = ("未核实", "演示设定")
"""Words of a basis that says itself that nobody has verified it."""


@dataclass(frozen=True, slots=True)
class RuleTold:
    """A rule in force: its name, its value in lines, since when, its basis, and whether that was verified."""

    label: str
    lines: list[str]
    since: date
    basis: str
    verified: bool


def rules_told(codes: Iterable[str], *, on: date) -> list[RuleTold]:
    """These rules as they are in force on a day."""
    rows = policy_rows()
    found = [policy_in_force(code=code, region=settings.REGION, on=on, rows=rows) for code in codes]
    return [
        RuleTold(
            str(rule_of(row.code).label),
            value_words(rule_of(row.code), row.value).split("\n"),
            row.valid_from,
            declared(row.legal_basis),
            not any(word in row.legal_basis for word in ASSUMED),
        )
        for row in found
    ]


def every_rule(*, on: date) -> list[RuleTold]:
    """Every rule of the section, those that nobody has verified first."""
    return sorted(rules_told((code for code, *_more in POLICIES), on=on), key=lambda one: one.verified)
