"""The rules of receiving, evaluating and filing, judged on plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.packs.fire import rules
from bihuan.packs.fire.materials import CONDITIONS, ITEMS, MATERIALS
from bihuan.packs.fire.rules import judge

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
ALL_FOUR = {**{code: "yes" for code, _ in rules.ARTICLE_30}, **{code: "pass" for code, _ in ITEMS}}


def case(data: dict[str, Any] | None = None, **more: Any) -> CaseFacts:
    return CaseFacts(state="received", unit=1, by=1, now=NOW, data=data or {}, **more)


def test_what_is_missing_refuses_acceptance_and_is_told_once_by_name() -> None:
    data = {material.code: "have" for material in MATERIALS["acceptance"]}
    assert rules.materials_are_complete(judge(case(data)))
    assert not rules.something_is_missing(judge(case(data)))
    lacking = {**data, "as_built": "missing", "completion_report": "missing"}
    assert not rules.materials_are_complete(judge(case(lacking)))
    assert rules.something_is_missing(judge(case(lacking)))
    kept = rules.notice_kept(case(lacking))
    assert kept == {
        "told_once": "2026-03-02T02:00:00+00:00",
        "missing": ["工程竣工验收报告", "涉及消防的建设工程竣工图纸"],
    }
    assert not rules.not_told_yet(judge(case(lacking, facts=kept)))


def test_it_is_deemed_accepted_only_once_the_five_days_have_passed() -> None:
    due = {"accept": NOW}
    assert not rules.acceptance_term_has_passed(judge(case(clocks=due)))
    late = CaseFacts(state="received", unit=1, by=0, now=NOW + timedelta(seconds=1), clocks=due)
    assert rules.acceptance_term_has_passed(judge(late))
    assert not rules.acceptance_term_has_passed(judge(case(clocks={"accept": None})))


@pytest.mark.parametrize("lacking", [code for code, _ in CONDITIONS])
def test_each_of_the_four_conditions_of_the_owners_inspection_is_needed(lacking: str) -> None:
    data = {code: True for code, _ in CONDITIONS}
    assert rules.inspection_conditions_hold(judge(case(data)))
    assert not rules.inspection_conditions_hold(judge(case({**data, lacking: False})))
    assert not rules.inspection_conditions_hold(judge(case({k: v for k, v in data.items() if k != lacking})))


def test_acceptance_passes_only_when_all_four_hold_and_says_what_does_not() -> None:
    assert rules.acceptance_conclusion(ALL_FOUR) == ("pass", ())
    assert rules.acceptance_conclusion({**ALL_FOUR, "foam": "none"}) == ("pass", ())
    assert rules.acceptance_conclusion({**ALL_FOUR, "drawings_agree": "no", "evacuation": "fail"}) == (
        "fail",
        ("竣工图纸与经审查合格的消防设计文件相符:不满足", "现场评定安全疏散:不合格"),
    )
    unjudged = {name: value for name, value in ALL_FOUR.items() if name != "hydrants"}
    assert rules.acceptance_conclusion(unjudged) == ("fail", ("现场评定消火栓系统:没有评定",))
    for code, held in ALL_FOUR.items():
        wrong = {**ALL_FOUR, code: "no" if held == "yes" else "fail"}
        assert rules.acceptance_conclusion(wrong)[0] == "fail", code
        assert not rules.all_four_hold(on_site(wrong))
        assert rules.not_all_four_hold(on_site(wrong))
    assert rules.all_four_hold(on_site(ALL_FOUR))
    assert not rules.not_all_four_hold(on_site(ALL_FOUR))


def on_site(results: dict[str, str], *, found: int = 0, typed: bool = True) -> rules.Facts:
    """A case whose evaluation came to these results, with so many findings open; what is typed are the other three conditions."""
    asked = {code: results[code] for code, _ in rules.ARTICLE_30}
    items = {code: results[code] for code, _ in ITEMS if code in results}
    site = {"conclusion": "fail" if "fail" in items.values() else "pass", "items": items, "open": found}
    return judge(case(asked if typed else {}, facts={"site": site}))


def test_nothing_is_decided_before_the_evaluation_is_concluded_or_while_something_is_to_be_rectified() -> (
    None
):
    for facts in ({}, {"site": None}, {"site": {"conclusion": "open"}}):
        assert not rules.evaluation_is_concluded(judge(case(facts=facts)))
    assert rules.evaluation_is_concluded(on_site(ALL_FOUR))
    assert rules.nothing_is_left_to_rectify(on_site(ALL_FOUR))
    left = on_site(ALL_FOUR, found=2)
    assert not rules.nothing_is_left_to_rectify(left)
    assert not rules.all_four_hold(left)
    assert rules.not_all_four_hold(left)
    assert rules.evaluation_fails(left)
    assert not rules.evaluation_fails(on_site(ALL_FOUR))
    assert not rules.all_four_hold(on_site({**ALL_FOUR, "foam": "fail"}, typed=False))
    assert rules.all_four_hold(on_site(ALL_FOUR, typed=False))
    told = rules.evaluation_kept(left.case)
    assert (told["conclusion"], told["reasons"]) == ("fail", ["查出的问题和工地隐患还有 2 个没有整改好"])
    assert rules.site_opened(left.case)["site"]["conclusion"] == "open"


@pytest.mark.parametrize(
    ("way", "kind", "altered", "allowed"),
    [
        ("commitment", "general", False, True), ("commitment", "general", True, False),
        ("commitment", "key", False, False), ("documents", "key", True, True),
    ],
)  # fmt: skip
def test_only_a_general_project_that_was_not_altered_is_filed_by_commitment(
    way: str, kind: str, altered: bool, allowed: bool
) -> None:
    data = {"way": way, "class": kind, "altered": altered}
    assert rules.commitment_is_allowed(judge(case(data))) is allowed


def test_a_commitment_needs_its_letter_and_other_filings_their_documents() -> None:
    documents = {
        "way": "documents",
        "completion_report": "have",
        "as_built": "have",
        "commitment": "not_needed",
    }
    letter = {
        "way": "commitment",
        "completion_report": "not_needed",
        "as_built": "not_needed",
        "commitment": "have",
    }
    assert rules.commitment_has_its_letter(judge(case(documents)))
    assert rules.commitment_has_its_letter(judge(case(letter)))
    assert not rules.commitment_has_its_letter(judge(case({**letter, "commitment": "not_needed"})))
    assert not rules.commitment_has_its_letter(judge(case({**documents, "as_built": "not_needed"})))
    assert not rules.completion_has_happened(judge(case({"completed_on": "2026-03-03"})))
    assert rules.completion_has_happened(judge(case({"completed_on": "2026-03-02"})))


def test_a_special_design_goes_to_the_province_once_and_its_experts_are_counted() -> None:
    assert rules.no_experts_yet(judge(case()))
    assert not rules.no_experts_yet(judge(case(facts={"expert": {"agreed": False}})))
    for present, agree, enough, fits in ((7, 7, True, True), (6, 6, False, True), (7, 8, True, False)):
        told = judge(case({"present": present, "agree": agree}))
        assert (rules.experts_are_enough(told), rules.votes_fit(told)) == (enough, fits)


@pytest.mark.parametrize(
    ("guard", "clock"),
    [(rules.correction_term_has_passed, "correct"), (rules.expert_term_has_passed, "expert")],
)
def test_a_term_has_passed_only_after_its_last_second(guard: Any, clock: str) -> None:
    assert not guard(judge(case()))
    assert not guard(judge(case(clocks={clock: NOW})))
    assert guard(judge(case(clocks={clock: NOW - timedelta(seconds=1)})))


def test_a_filing_passes_by_the_conclusion_of_its_evaluation_alone() -> None:
    assert rules.evaluation_passes(on_site(ALL_FOUR))
    assert not rules.evaluation_passes(on_site({**ALL_FOUR, "foam": "fail"}))
    assert not rules.evaluation_passes(judge(case(facts={"site": {"conclusion": "open"}})))
