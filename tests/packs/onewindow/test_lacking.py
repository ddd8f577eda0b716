"""What an application lacks: told once, corrected or followed up within its term, and what comes by the clock when it is not."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.rules import numbers_read, supplement_days
from tests.packs.onewindow.conftest import APPROVAL, FOOD, MARKET, Window
from tests.packs.onewindow.test_loop import at, clock, due, refused

pytestmark = pytest.mark.django_db


def test_numbers_of_materials_are_read_singly_and_from_one_to_another() -> None:
    assert numbers_read("1、3 03") == ["1", "3"]
    assert numbers_read("2-4,6 至 7") == numbers_read("2\uff5e4、6,7") == ["2", "3", "4", "6", "7"]
    assert numbers_read("4-2") == ["4", "2"]


def test_what_is_missing_is_told_once_and_then_no_more(window: Window) -> None:
    refused(lambda: window.take("1", "3"), "还没有交齐")
    refused(lambda: window.take("1", "3", "4", outcome="tell_missing"), "材料齐全的应当受理")
    taken = window.take("1", "3", outcome="tell_missing")
    assert at(window, taken.case) == ("correcting", APPROVAL)
    assert window.case(taken.case).facts["told"] == ["4"]
    assert (due(taken.case, "correct", "term"), taken.case_code) == (date(2026, 3, 23), "")
    refused(lambda: window.move(taken.case, "accept", "fang"), "还没有交齐")
    refused(lambda: window.move(taken.case, "materials", "fang", received="2"), "还缺的材料")
    refused(lambda: window.move(taken.case, "tell_missing", "fang"), "不能“一次告知补正”")
    window.move(taken.case, "materials", "fang", received="4")
    window.move(taken.case, "accept", "fang")
    assert at(window, taken.case) == ("examining", MARKET)
    with kernel_writes():
        assert Application.objects.get(pk=taken.case).case_code == f"{FOOD}202603020001"
        sent = Notice.objects.filter(case_id=taken.case, template="materials_missing").count()
    assert sent == 1


def test_nothing_told_within_five_working_days_is_acceptance_from_the_day_of_receipt(window: Window) -> None:
    taken = window.take("1", outcome="keep")
    assert (window.case(taken.case).state, due(taken.case, "notice")) == ("received", date(2026, 3, 9))
    window.later(days=7)
    assert applications_by_the_clock(now=window.now) == 0
    window.later(days=1)
    refused(lambda: window.move(taken.case, "tell_missing", "fang"), "自收到之日起即为受理")
    assert applications_by_the_clock(now=window.now) == 1
    row = window.case(taken.case)
    assert (row.state, row.facts["accepted"]) == ("examining", "deemed")
    assert clock(taken.case, "handle").started_at == datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
    assert due(taken.case, "handle") == date(2026, 3, 9)
    with kernel_writes():
        assert Application.objects.get(pk=taken.case).case_code == f"{FOOD}202603100001"
    assert applications_by_the_clock(now=window.now) == 0


def test_nothing_is_declined_for_lacking_materials_before_they_were_told_and_their_term_has_run(
    window: Window,
) -> None:
    words = "补正后平面图仍然没有标出操作间,不符合要求。"

    def decline(case: int, ground: str) -> None:
        refused(lambda: window.move(case, "decline", "fang", ground=ground, answer=words), "要先一次告知补正")

    kept, told = window.take("1", outcome="keep").case, window.take("1", "3", outcome="tell_missing").case
    for case, ground in ((kept, "not_corrected"), (kept, "other"), (told, "not_corrected"), (told, "other")):
        decline(case, ground)
    decline(window.take("1", "3", "4", outcome="keep").case, "not_corrected")
    window.move(told, "materials", "fang", received="4")
    assert window.move(told, "decline", "fang", ground="not_corrected", answer=words).state == "evaluating"
    late = window.take("1", "3", outcome="tell_missing").case
    window.later(days=40)
    assert window.move(late, "decline", "fang", ground="not_corrected", answer=words).state == "evaluating"


def test_what_is_not_corrected_in_time_counts_as_withdrawn(window: Window) -> None:
    taken = window.take("1", outcome="tell_missing")
    window.later(days=21)
    assert applications_by_the_clock(now=window.now) == 0
    window.later(days=1)
    assert applications_by_the_clock(now=window.now) == 1
    row = window.case(taken.case)
    assert (row.state, row.facts["outcome"]) == ("evaluating", "withdrawn")


def test_only_listed_materials_may_follow(window: Window) -> None:
    refused(lambda: window.take("1", "3", outcome="accept_lacking"), "可容缺清单")
    refused(lambda: window.take("1", "3", "4", outcome="accept_lacking"), "可容缺清单")
    taken = window.take("1", "4", outcome="accept_lacking")
    assert (window.case(taken.case).state, due(taken.case, "supplement")) == ("examining", date(2026, 3, 5))
    window.move(taken.case, "examine", "wang", advice="grant", opinion="缺平面图,其余符合。")
    refused(lambda: window.move(taken.case, "grant", "chen", answer="准予食品经营许可。"), "还没有补齐")
    refused(
        lambda: window.move(
            taken.case, "terminate", "chen", ground="not_supplied", answer="逾期没有补齐平面图,终止办理。"
        ),
        "期限还没有到",
    )
    window.move(taken.case, "supplement", "fang", received="3")
    assert clock(taken.case, "supplement").stopped_at
    window.move(taken.case, "grant", "chen", answer="准予食品经营许可。")
    assert at(window, taken.case) == ("certifying", APPROVAL)


def test_what_does_not_follow_in_time_ends_it_by_the_clock(window: Window) -> None:
    by_hand, left, whole = (window.take("1", "4", outcome="accept_lacking") for _ in range(3))
    window.move(whole.case, "supplement", "fang", received="3")
    window.later(days=3)
    assert applications_by_the_clock(now=window.now) == 0
    window.later(days=1)
    window.move(
        by_hand.case, "terminate", "chen", ground="not_supplied", answer="逾期没有补齐平面图,终止办理。"
    )
    assert applications_by_the_clock(now=window.now) == 1
    for taken in (by_hand, left):
        assert at(window, taken.case) == ("evaluating", APPROVAL)
        assert window.case(taken.case).facts["outcome"] == "terminated"
        assert clock(taken.case, "handle").stopped_at
    assert at(window, whole.case) == ("examining", MARKET)
    with kernel_writes():
        told = Notice.objects.filter(template="application_ended").values_list("case_id", flat=True)
        assert sorted(told) == [by_hand.case, left.case]


def test_nothing_may_follow_where_the_promise_leaves_no_term_for_it(window: Window) -> None:
    assert [supplement_days(*days) for days in ((2, 20), (3, 20), (30, 45), (None, 10), (None, None))] == [
        0,
        1,
        20,
        8,
        20,
    ]
    assert supplement_days(30, 45, 6) == 6
    short = window.item_of(FOOD[:-1] + "6", promised_days="2")
    refused(lambda: window.take("1", "4", outcome="accept_lacking", item=short), "不足3个工作日")
    kept = window.take("1", "4", outcome="keep", item=short)
    refused(lambda: window.move(kept.case, "accept_lacking", "fang"), "不足3个工作日")
    three = window.item_of(FOOD[:-1] + "7", promised_days="3")
    taken = window.take("1", "4", outcome="accept_lacking", item=three)
    assert (due(taken.case, "supplement"), due(taken.case, "handle")) == (date(2026, 3, 3), date(2026, 3, 5))
    policy_set(
        code="onewindow.supplement", value={"default": {"number": 2, "unit": "working_day"}}, unit="limit",
        valid_from=window.now.date(), legal_basis="本市的规定", now=window.now, by="system",
    )  # fmt: skip
    bound = window.take("1", "4", outcome="accept_lacking")
    assert due(bound.case, "supplement") == date(2026, 3, 4)  # the item alone would leave three
