"""One evaluation for every application, and what follows a bad one (好差评; rules.md B3)."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bihuan.kernel.cases.personal import party_unmask
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import roles
from bihuan.kernel.public.services import citizen_evaluate
from bihuan.lib.refusals import NotPermitted
from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from tests.packs.onewindow.conftest import APPROVAL, MARKET, As, Window
from tests.packs.onewindow.test_loop import due, refused
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db


def graded(window: Window, case: int, grade: str, words: str = "") -> str:
    row = window.case(case)
    return citizen_evaluate(case=case, grade=grade, words=words, version=row.version, now=window.now).state


def test_one_evaluation_by_the_applicant_closes_it(window: Window) -> None:
    taken = window.decided()
    refused(lambda: window.move(taken.case, "close_unevaluated", "shen"), "期限还没有到")
    assert graded(window, taken.case, "3", "还行") == "evaluated"
    refused(lambda: graded(window, taken.case, "5"), "现在不能评价")
    assert window.case(taken.case).facts["grades"] == ["3"]


def test_silence_closes_as_not_evaluated(window: Window) -> None:
    taken = window.decided()
    window.later(days=7)
    assert applications_by_the_clock(now=window.now) == 0
    window.later(days=1)
    assert applications_by_the_clock(now=window.now) == 1
    row = window.case(taken.case)
    assert (row.state, row.facts.get("grades")) == ("unevaluated", None)


def complained(window: Window) -> int:
    taken = window.decided()
    assert graded(window, taken.case, "1", "跑了三趟才办好") == "complained"
    return taken.case


def test_a_bad_review_is_put_right_and_reviewed_once_more(window: Window, as_: As) -> None:
    case = complained(window)
    assert due(case, "contact") == date(2026, 3, 3)
    refused(lambda: window.move(case, "contact", "fang", note="已打电话道歉"), "权限", NotPermitted)
    window.move(case, "contact", "shen", note="已打电话,问清了三趟的原因。")
    form = as_("shen").get(f"/cases/{window.case(case).number}?step=confirm").content.decode()
    assert (re.findall(r'name="unit" value="([^"]*)"', form), "ready=0" in form) == (
        [f"东昌府区市场监督管理局 · {MARKET}"],
        False,
    )
    window.move(
        case, "confirm", "shen", unit=window.units[APPROVAL], difficulty="hard", found="确有一次没有说全。"
    )
    assert due(case, "rectify") == date(2026, 3, 23)
    window.later(days=1)
    window.move(case, "rectify", "fang", measures="已把一次告知单改成逐项打勾,并培训全员。")
    window.move(case, "rectify_again", "shen", unit=window.units[APPROVAL], reason="没有向申请人说明")
    assert window.case(case).redo_count == 1
    window.move(case, "rectify", "fang", measures="已改告知单,并当面向申请人说明。")
    window.move(case, "revisit", "shen", note="申请人知道了,愿意再评。")
    assert graded(window, case, "4", "改得快") == "mended"
    row = window.case(case)
    assert (row.facts["grades"], row.closed_at) == (["1", "4"], window.now)
    assert ledger_verify().faults == ()


def test_those_under_review_see_neither_what_was_said_nor_how_to_reach_the_applicant(
    window: Window, as_: As
) -> None:
    grant_add(
        person=window.people["wang"],
        unit=window.units[MARKET],
        role="issuing_clerk",
        now=window.now,
        by="system",
    )
    case, said = complained(window), "跑了三趟才办好"
    number, party = window.case(case).number, window.case(case).parties.get().pk
    for person in ("fang", "wang", "chen"):
        reader = as_(person)
        shown = text_of(reader.get(f"/cases/{number}"))
        assert (said in shown, "199****0001" in shown, "不给被评价的人看" in shown) == (
            False,
            False,
            True,
        ), person
        refused(
            lambda p=person: party_unmask(
                party=party, by=window.people[p], reason="打电话道歉", now=window.now
            ),
            "差评专员",
            NotPermitted,
        )  # type: ignore[misc]
    officer = text_of(as_("shen").get(f"/cases/{number}"))
    assert (said in officer, "199****0001" in officer) == (True, True)
    scope_apply(scope_of(person=window.people["shen"], at=window.now, roles=roles()))
    plain = party_unmask(party=party, by=window.people["shen"], reason="一个工作日内联系", now=window.now)
    assert plain["phone"] == "19900000001"


def test_a_further_review_that_is_still_bad_is_kept_as_it_is(window: Window) -> None:
    case = complained(window)
    window.move(case, "contact", "shen", note="已打电话联系上。")
    window.move(
        case, "confirm", "shen", unit=window.units[MARKET], difficulty="simple", found="属实。再说一遍。"
    )
    window.move(case, "rectify", "wang", measures="已逐项说明办理经过,并道歉。")
    window.move(case, "revisit", "shen", note="已回访,请他追评。")
    assert graded(window, case, "2", "还是不满意") == "unappeased"
    assert window.case(case).facts["grades"] == ["1", "2"]


def test_a_bad_review_is_left_out_only_by_a_second_person(window: Window) -> None:
    case = complained(window)
    window.move(case, "contact", "shen", note="已打电话联系上。")
    window.move(case, "ask_exclusion", "shen", ground="malicious", reason="同一人一天对十件差评")
    refused(lambda: window.move(case, "approve_exclusion", "shen"), "权限", NotPermitted)
    window.move(case, "refuse_exclusion", "371502_approval_bureau_head", reason="证据不足,继续核实")
    window.move(case, "ask_exclusion", "shen", ground="malicious", reason="补充了十件的记录")
    window.move(case, "approve_exclusion", "371502_approval_bureau_head")
    assert window.case(case).state == "excluded"


def test_nobody_who_worked_on_it_evaluates_or_verifies(window: Window) -> None:
    for person in ("fang", "ren"):
        grant_add(
            person=window.people[person],
            unit=window.units[APPROVAL],
            role="review_officer",
            now=window.now,
            by="system",
        )
    taken = window.decided()
    refused(lambda: window.move(taken.case, "evaluate", "fang", grade="5"), "不能再办“评价”", NotPermitted)
