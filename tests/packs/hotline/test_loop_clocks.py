"""Clocks of the loop: nothing is parked at the centre, handing on wins no time, pauses end, a superior's terms hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import NotPermitted
from tests.packs.hotline.test_loop_rules import DAY, EDUCATION, MARKET, REASON, Loop, loop  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CHIEF = f"{EDUCATION}_section_chief"


def running(case: int) -> set[str]:
    return set(Clock.objects.filter(case_id=case, stopped_at=None).values_list("kind", flat=True))


def test_what_waits_at_the_seat_has_its_limit_and_what_is_sent_on_at_once_writes_none(loop: Loop) -> None:
    waiting = loop.take(type="invalid", text="没有说清楚就挂断了", matter="")
    row = Case.objects.get(pk=waiting)
    assert (row.state, running(waiting)) == ("received", {"receive"})
    assert row.due_at == loop.at + HOUR
    assert not Clock.objects.filter(case_id=loop.take(), kind="receive").exists()
    desk = loop.take(territory="", place="")
    assert running(desk) == {"coordinate"}
    loop.do(desk, "hand_back", "zhou", reason="请中心核实地点")
    assert running(desk) == {"receive"}
    loop.do(desk, "dispatch", "li", unit=loop.unit[MARKET])
    assert running(desk) == {"sign", "handle", "return", "objection"}


ASKED = [
    ("return", "wang", {"grounds": "duty", "reason": REASON}, "refuse_return", {"reason": "由你单位办理"}),
    ("object", "chen", {"reason": REASON}, "rule", {"reason": "由你单位办理", "unit": MARKET}),
    ("ask_termination", "chen", {"reason": "双方已起诉"}, "refuse_termination", {"reason": "没有起诉材料"}),
]


@pytest.mark.parametrize(("step", "by", "data", "ruling", "told"), ASKED)
def test_the_centre_rules_within_a_limit(
    loop: Loop, step: str, by: str, data: dict[str, str], ruling: str, told: dict[str, str]
) -> None:
    case = loop.handling()
    loop.do(case, step, by, **data)
    assert loop.clock(case, "rule").stopped_at is None
    assert Case.objects.get(pk=case).due_at == loop.clock(case, "rule").due_at
    loop.do(case, ruling, "tang", **{n: loop.unit.get(v, v) for n, v in told.items()})
    assert loop.clock(case, "rule").stopped_at == loop.at


def test_a_ruling_that_is_late_is_told_to_the_centre(loop: Loop) -> None:
    case = loop.take()
    loop.do(case, "return", "wang", grounds="duty", reason=REASON)
    clocks_sweep(now=loop.clock(case, "rule").due_at + timedelta(seconds=1))
    entries = LedgerEntry.objects.filter(case_id=case, kind="breach")
    assert entries.count() == 1
    notice = Notice.objects.filter(case_id=case, template="breach").get()
    assert notice.unit_id == loop.unit["371502_12345"]


def test_a_refused_assistance_does_not_run_on_in_the_unit_s_name(loop: Loop) -> None:
    lead = loop.handling()
    child = loop.assisting(lead)
    ends = loop.clock(child, "assist").due_at
    loop.do(child, "refuse_assistance", CHIEF, reason="认为不是本单位职责")
    assert running(child) == {"rule"}
    loop.do(child, "insist", "tang", reason="联动单位必须配合")
    assert running(child) == {"sign", "assist"}
    assert loop.clock(child, "assist").due_at == ends, "refusing wins no time"
    loop.do(child, "refuse_assistance", CHIEF, reason="认为不是本单位职责")
    loop.do(child, "hand_over", "tang", unit=loop.unit["371502_discipline"], reason="两次拒不配合")
    assert running(child) == set()


def test_handing_on_keeps_the_promise_unless_the_policy_grants_a_new_one(loop: Loop) -> None:
    policy_set(code="hotline.redispatch_term", value="new", legal_basis="测试", valid_from=date(2020, 1, 1), now=loop.at, by="system", region="371502")  # fmt: skip
    case = loop.take()
    begun, statutory = loop.clock(case, "handle").started_at, loop.clock(case, "handle", "statutory").due_at
    loop.do(case, "object", "chen", reason=REASON)
    loop.at += DAY
    loop.do(case, "rule", "tang", unit=loop.unit[MARKET], reason="由你单位办理")
    assert loop.clock(case, "handle").started_at == begun, "never for the same unit"
    other = loop.take()
    loop.do(other, "return", "wang", grounds="duty", reason=REASON)
    loop.at += DAY
    loop.do(other, "accept_return", "tang", unit=loop.unit[EDUCATION])
    assert loop.clock(other, "handle").started_at == loop.at
    assert loop.clock(case, "handle", "statutory").due_at == statutory


def test_an_order_that_was_merged_and_parted_keeps_its_promise_when_it_is_sent_on(loop: Loop) -> None:
    first, second = loop.take(), loop.take()
    promised = loop.clock(second, "handle").due_at
    loop.do(second, "merge", "tang", case=first)
    loop.at += DAY
    loop.do(second, "unmerge", "tang", reason="不是同一家商户")
    assert running(second) == {"handle", "receive"}
    loop.do(second, "dispatch", "li", unit=loop.unit[MARKET])
    assert loop.clock(second, "handle").due_at == promised


def test_objections_have_a_term(loop: Loop) -> None:
    case = loop.take()
    loop.at += 3 * DAY
    loop.refused("派单异议要在异议期限内提出,期限已过", case, "object", "chen", reason=REASON)


PAUSE = {"ground": "material", "days": 5, "reason": "等待来电人补充合同"}


def test_a_pause_is_asked_for_and_granted_and_ends_by_itself(loop: Loop) -> None:
    case = loop.handling()
    due = loop.clock(case, "handle").due_at
    loop.refused("没有待批复的挂起申请", case, "grant_pause", "tang")
    loop.do(case, "ask_pause", "chen", **PAUSE)
    loop.refused("已有一个挂起申请在等批复", case, "ask_pause", "chen", **PAUSE)
    with pytest.raises(NotPermitted):
        loop.do(case, "grant_pause", "chen")
    assert loop.clock(case, "handle").paused_at is None
    assert loop.do(case, "grant_pause", "tang").state == "paused"
    clock = loop.clock(case, "handle")
    assert due < clock.due_at <= due + 7 * DAY
    assert clocks_sweep(now=clock.due_at + timedelta(seconds=1)) > 0, "it is found although nobody resumed"
    assert "breach" in LedgerEntry.objects.filter(case_id=case).values_list("kind", flat=True)
    loop.do(case, "resume", "wang")
    loop.refused("本件挂起次数已到上限", case, "ask_pause", "chen", **PAUSE)


def test_a_works_project_may_be_waited_for_as_long_as_its_own_rule_says(loop: Loop) -> None:
    """The rule is the one of the day on which the order was taken in; other grounds keep theirs."""
    works, words = {**PAUSE, "ground": "works"}, "挂起不能超过规定的最长天数,各种情形的天数由规则定"
    case = loop.handling()
    loop.refused(words, case, "ask_pause", "chen", **{**PAUSE, "days": 31})
    loop.refused(words, case, "ask_pause", "chen", **{**works, "days": 366})
    loop.do(case, "ask_pause", "chen", **{**works, "days": 365})
    loop.do(case, "grant_pause", "tang")
    clock = loop.clock(case, "handle")
    assert clock.paused_at == loop.at
    assert clock.due_at > loop.at + 365 * DAY
    assert loop.clock(case, "handle", "statutory").paused_at is None
    policy_set(
        code="hotline.max_pause_days_works", value=540, unit="days", legal_basis="测试", valid_from=loop.at.date(),
        now=loop.at, by="operator",
    )  # fmt: skip
    later = loop.handling()
    loop.do(later, "ask_pause", "chen", **{**works, "days": 540})


@pytest.mark.parametrize(("ground", "stands"), [("appraisal", True), ("material", False)])
def test_the_statutory_limit_stands_still_on_the_law_s_grounds_only(loop: Loop, ground: str, stands: bool) -> None:  # fmt: skip
    case = loop.handling()
    loop.do(case, "ask_pause", "chen", **{**PAUSE, "ground": ground})
    loop.do(case, "grant_pause", "tang")
    assert (loop.clock(case, "handle", "statutory").paused_at is not None) is stands
    assert loop.clock(case, "handle").paused_at == loop.at


def test_a_refused_pause_leaves_the_clock_running(loop: Loop) -> None:
    case = loop.handling()
    due = loop.clock(case, "handle").due_at
    loop.do(case, "ask_pause", "chen", **PAUSE)
    assert loop.do(case, "refuse_pause", "tang", reason="不需要等待").state == "handling"
    assert loop.clock(case, "handle").due_at == due
    loop.do(case, "ask_pause", "chen", **PAUSE)


def superior(loop: Loop, **terms: Any) -> int:
    given = {
        "number": "S2026-1",
        "due_at": (loop.at + 4 * DAY).isoformat(),
        "return_days": 1,
        "return_count": 1,
    }
    return loop.take(superior={**given, **terms})  # fmt: skip


def test_our_promise_ends_before_the_superior_s_deadline(loop: Loop) -> None:
    case = superior(loop)
    assert loop.clock(case, "handle", "superior").due_at == loop.at + 4 * DAY
    assert loop.clock(case, "handle").due_at == loop.at + 4 * DAY - 8 * HOUR
    near = superior(loop, due_at=(loop.at + 10 * HOUR).isoformat())
    assert loop.clock(near, "handle").due_at == loop.at + 5 * HOUR


def test_a_return_keeps_the_superior_s_term_and_count(loop: Loop) -> None:
    none = superior(loop, return_count=0)
    loop.refused("上级工单的退单次数已到上限", none, "return", "wang", grounds="duty", reason=REASON)
    case = superior(loop)
    loop.at += timedelta(days=1, hours=15)
    loop.refused("退单要在退单期限内提出,期限已过", case, "return", "wang", grounds="duty", reason=REASON)


def test_no_extension_goes_past_the_superior_s_deadline_without_its_consent(loop: Loop) -> None:
    case = superior(loop)
    loop.do(case, "sign_for", "wang")
    loop.do(case, "ask_extension", "wang", days=5, reason="需要核实")
    loop.refused("延期不能超过上级的时限", case, "grant_extension", "tang")
    due = loop.clock(case, "handle").due_at
    loop.do(case, "grant_extension", "tang", superior_until="2026-03-31")
    assert loop.clock(case, "handle", "superior").due_at.date() == date(2026, 3, 31)
    assert due + 9 * DAY < loop.clock(case, "handle").due_at < due + 15 * DAY


def test_a_pause_does_not_carry_the_promise_past_the_superior_s_deadline(loop: Loop) -> None:
    case = superior(loop)
    loop.do(case, "sign_for", "wang")
    due = loop.clock(case, "handle").due_at
    loop.do(case, "ask_pause", "chen", **PAUSE)
    loop.do(case, "grant_pause", "tang")
    assert loop.clock(case, "handle").due_at == due
