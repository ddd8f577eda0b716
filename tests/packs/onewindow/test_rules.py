"""Every guard of the window on plain values: once where it refuses and once where it lets pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from inspect import getmembers, isfunction
from typing import Any

import pytest

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow import rules
from bihuan.packs.onewindow.rules import Facts, judge

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
PAST, AT_ONCE = NOW - timedelta(seconds=1), NOW
THERE = {"materials": {"1": "present", "2": "present"}}
LACKS = {"materials": {"1": "present", "2": "lacking"}}
BOTH = {"materials": {"1": "lacking", "2": "lacking"}}
OPTIONAL = {**LACKS, "optional": ["2"]}
TOLD = {**LACKS, "told": ["2"]}
FEES = {"fees": [{"amount": "10.00", "waivers": ["残疾人"]}, {"amount": "25.60"}]}
FEE = {**FEES, "fee": {"told_at": "2026-03-02"}}
PAID = {**FEES, "fee": {"paid": "35.60"}}
SPECIAL = {"special": {"testing": 10, "appraisal": 5}}
USED = {**SPECIAL, "specials": [{"ground": "testing"}]}
Row = tuple[Callable[[Facts], bool], dict[str, Any], dict[str, Any], dict[str, datetime], bool]
ROWS: list[Row] = [
    (rules.materials_are_complete, THERE, {}, {}, True),
    (rules.materials_are_complete, OPTIONAL, {}, {}, True),
    (rules.materials_are_complete, LACKS, {}, {}, False),
    (rules.something_is_lacking, LACKS, {}, {}, True),
    (rules.something_is_lacking, THERE, {}, {}, False),
    (rules.something_is_lacking, OPTIONAL, {}, {}, False),
    (rules.unfit_were_received, LACKS, {"unfit": "1"}, {}, True),
    (rules.unfit_were_received, LACKS, {"unfit": "1、2"}, {}, False),
    (rules.unfit_were_received, LACKS, {"unfit": "没有"}, {}, False),
    (rules.fixes_are_of_the_list, LACKS, {"fix": "1 没有盖章\n2 没有交"}, {}, True),
    (rules.fixes_are_of_the_list, LACKS, {"fix": "3 没有盖章"}, {}, False),
    (rules.fixes_are_of_the_list, LACKS, {"fix": "没有盖章"}, {}, False),
    (rules.fixes_are_of_the_list, {"materials": {"1": "held"}}, {"fix": "1 没有盖章"}, {}, False),
    (rules.not_told_before, LACKS, {}, {}, True),
    (rules.not_told_before, TOLD, {}, {}, False),
    (rules.notice_term_runs, {}, {}, {"notice": AT_ONCE}, True),
    (rules.notice_term_runs, {}, {}, {"notice": PAST}, False),
    (rules.notice_term_has_passed, {}, {}, {"notice": PAST}, True),
    (rules.notice_term_has_passed, {}, {}, {"notice": AT_ONCE}, False),
    (rules.notice_term_has_passed, {}, {}, {}, False),
    (rules.lacking_was_told, LACKS, {"ground": "not_needed"}, {}, True),
    (rules.lacking_was_told, LACKS, {"ground": "other"}, {}, False),
    (rules.lacking_was_told, THERE, {"ground": "other"}, {}, True),
    (rules.lacking_was_told, LACKS, {"ground": "not_corrected"}, {"correct": PAST}, False),
    (rules.lacking_was_told, TOLD, {"ground": "not_corrected"}, {"correct": AT_ONCE}, False),
    (rules.lacking_was_told, TOLD, {"ground": "not_corrected"}, {"correct": PAST}, True),
    (rules.lacking_was_told, {**THERE, "told": ["2"]}, {"ground": "not_corrected"}, {"correct": AT_ONCE}, True),
    (rules.lacking_may_follow, {**LACKS, "may_lack": ["2"]}, {}, {}, True),
    (rules.lacking_may_follow, {**BOTH, "may_lack": ["2"]}, {}, {}, False),
    (rules.lacking_may_follow, {**THERE, "may_lack": ["2"]}, {}, {}, False),
    (rules.supplement_leaves_time, {"supplement_days": 1}, {}, {}, True),
    (rules.supplement_leaves_time, {"supplement_days": 0}, {}, {}, False),
    (rules.commitment_is_open, {"commitment": True}, {}, {}, True),
    (rules.commitment_is_open, {"commitment": False}, {}, {}, False),
    (rules.commitment_is_open, {}, {}, {}, False),
    (rules.item_is_decided_at_once, {"checks": 2}, {}, {}, True),
    (rules.item_is_decided_at_once, {"checks": 0}, {}, {}, False),
    (rules.every_check_holds, {}, {}, {}, True),
    (rules.every_check_holds, {}, {"failing": "年龄"}, {}, False),
    (rules.unit_is_the_items, {"unit": 7}, {"unit": "7"}, {}, True),
    (rules.unit_is_the_items, {"unit": 7}, {"unit": 8}, {}, False),
    (rules.materials_are_of_the_list, LACKS, {"received": "2"}, {}, True),
    (rules.materials_are_of_the_list, LACKS, {"received": "1"}, {}, False),
    (rules.materials_are_of_the_list, LACKS, {"received": ""}, {}, False),
    (rules.all_is_supplied, BOTH, {"received": "1、2"}, {}, True),
    (rules.all_is_supplied, BOTH, {"received": "2"}, {}, False),
    (rules.something_follows, LACKS, {}, {}, True),
    (rules.something_follows, THERE, {}, {}, False),
    (rules.nothing_is_owed, THERE, {}, {}, True),
    (rules.nothing_is_owed, LACKS, {}, {}, False),
    (rules.nothing_is_owed, {**LACKS, "committed": True}, {}, {}, True),
    (rules.correction_term_has_passed, {}, {}, {"correct": PAST}, True),
    (rules.correction_term_has_passed, {}, {}, {"correct": AT_ONCE}, False),
    (rules.special_is_the_items, SPECIAL, {"ground": "testing"}, {}, True),
    (rules.special_is_the_items, SPECIAL, {"ground": "hearing"}, {}, False),
    (rules.special_is_the_items, {"special": {}}, {}, {}, False),
    (rules.special_is_left, USED, {"ground": "appraisal"}, {}, True),
    (rules.special_is_left, USED, {"ground": "testing"}, {}, False),
    (rules.special_is_left, {**USED, "special_times": {"testing": 2}}, {"ground": "testing"}, {}, True),
    (rules.special_is_left, {**USED, "special": {"testing": 10}}, {}, {}, False),
    (rules.special_term_has_passed, {}, {}, {"special": PAST}, True),
    (rules.special_term_has_passed, {}, {}, {"special": AT_ONCE}, False),
    (rules.special_ends_in_time, SPECIAL, {"ground": "testing", "until": "2026-03-12"}, {}, True),
    (rules.special_ends_in_time, SPECIAL, {"ground": "testing", "until": "2026-03-13"}, {}, False),
    (rules.supplement_term_has_passed, LACKS, {"ground": "gone"}, {}, True),
    (rules.supplement_term_has_passed, LACKS, {"ground": "not_supplied"}, {"supplement": AT_ONCE}, False),
    (rules.supplement_term_has_passed, LACKS, {"ground": "not_supplied"}, {"supplement": PAST}, True),
    (rules.supplement_is_overdue, LACKS, {}, {"supplement": PAST}, True),
    (rules.supplement_is_overdue, LACKS, {}, {"supplement": AT_ONCE}, False),
    (rules.supplement_is_overdue, THERE, {}, {"supplement": PAST}, False),
    (rules.evaluation_term_has_passed, {}, {}, {"evaluate": PAST}, True),
    (rules.evaluation_term_has_passed, {}, {}, {"evaluate": AT_ONCE}, False),
    (rules.further_term_has_passed, {}, {}, {"further": PAST}, True),
    (rules.further_term_has_passed, {}, {}, {"further": AT_ONCE}, False),
    (rules.something_is_charged, {**THERE, **FEES}, {}, {}, True),
    (rules.something_is_charged, {**THERE, **PAID}, {}, {}, False),
    (rules.something_is_charged, THERE, {}, {}, False),
    (rules.fee_was_told, FEE, {}, {}, True),
    (rules.fee_was_told, FEES, {}, {}, False),
    (rules.fee_is_paid_in_full, FEE, {"amount": "35.60"}, {}, True),
    (rules.fee_is_paid_in_full, FEE, {"amount": "35.59"}, {}, False),
    (rules.ground_is_the_catalogues, FEE, {"ground": "残疾人"}, {}, True),
    (rules.ground_is_the_catalogues, FEE, {"ground": "低保"}, {}, False),
    (rules.fee_is_settled, PAID, {}, {}, True),
    # one wrong among several
    (rules.fixes_are_of_the_list, LACKS, {"fix": "1 没有盖章\n3 没有交"}, {}, False),
    (rules.materials_are_of_the_list, LACKS, {"received": "1、2"}, {}, False),
    (rules.lacking_was_told, {**LACKS, "told": ["1", "2"]}, {"ground": "not_corrected"}, {}, True),
    (rules.special_is_left, USED, {}, {}, True),
    # what an item or a step does not say is no ground to refuse
    (rules.unfit_were_received, LACKS, {}, {}, True),
    (rules.materials_are_of_the_list, LACKS, {}, {}, True),
    (rules.materials_are_of_the_list, {}, {"received": "1"}, {}, True),
    (rules.all_is_supplied, LACKS, {}, {}, True),
    (rules.supplement_leaves_time, {}, {}, {}, True),
    (rules.item_is_decided_at_once, {}, {}, {}, True),
    (rules.unit_is_the_items, {}, {"unit": 8}, {}, True),
    (rules.unit_is_the_items, {"unit": 7}, {}, {}, True),
    (rules.special_ends_in_time, SPECIAL, {"ground": "testing"}, {}, True),
    (rules.fee_is_paid_in_full, FEE, {}, {}, True),
    (rules.fee_is_paid_in_full, {}, {"amount": "1.00"}, {}, True),
    (rules.ground_is_the_catalogues, FEE, {}, {}, True),
    (rules.ground_is_the_catalogues, {}, {"ground": "低保"}, {}, True),
    (rules.fee_is_settled, FEE, {}, {}, False),
]  # fmt: skip
"""A guard, facts, data of the step, clocks, and whether it lets the step pass."""


@pytest.mark.parametrize(
    ("guard", "facts", "data", "clocks", "passes"), ROWS, ids=[f"{row[0].__name__}-{row[4]}" for row in ROWS]
)
def test_a_guard_refuses_what_it_says_and_nothing_else(
    guard: Callable[[Facts], bool],
    facts: dict[str, Any],
    data: dict[str, Any],
    clocks: dict[str, datetime],
    passes: bool,
) -> None:
    case = CaseFacts(state="received", unit=1, by=1, now=NOW, data=data, facts=facts, clocks=clocks)
    assert guard(judge(case)) is passes


def test_every_guard_stands_here_both_ways() -> None:
    guards = {
        guard
        for _name, guard in getmembers(rules, isfunction)
        if guard.__module__ == rules.__name__
        and guard.__annotations__ == {"facts": "Facts", "return": "bool"}
    }
    assert len(guards) > 30
    assert {(row[0], row[4]) for row in ROWS} == {
        (guard, passes) for guard in guards for passes in (True, False)
    }
