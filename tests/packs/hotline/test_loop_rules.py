"""Rules of the loop: who may review, when a call in vain counts, repeats, returns, mediation, discipline inspection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.policies import POLICIES
from bihuan.packs.hotline.services import order_take

pytestmark = pytest.mark.django_db
ANSWER = "经调解双方同意退费,来电人认可。"
MARKET, EDUCATION, HOUSING = "371502_market", "371502_education", "371502_housing"
MUNICIPAL = "371502_municipal"
REASON = "不属于本单位职责"
NOTHING_NEW = {"same_facts": True, "same_reasons": True, "answer": "没有新事实、新理由"}
DAY = timedelta(days=1)


class Loop:
    """Orders taken in and moved by the standing cast; `at` is everybody's time."""

    def __init__(self, now: datetime) -> None:
        self.at = now
        self.unit = dict(Unit.objects.values_list("code", "id"))
        self.person = dict(Person.objects.values_list("username", "id"))

    def take(self, by: str = "", **data: Any) -> int:
        given = {
            "text": "培训班不退费,请帮我要回来",
            "phone": "19900000001",
            "matter": "消费退费纠纷",
            "territory": "柳园街道",
        }
        return order_take(data={**given, **data}, by=self.person.get(by, 0), now=self.at).case  # fmt: skip

    def do(self, case: int, step: str, by: str, /, **data: Any) -> Moved:
        self.at += timedelta(minutes=1)
        return case_act(case_id=case, step=step, by=self.person[by], now=self.at, data=data)

    def refused(self, words: str, case: int, step: str, by: str, /, **data: Any) -> None:
        """The step is refused in these words, and nothing changed."""
        before = self.row(case), LedgerEntry.objects.count(), Clock.objects.count()
        with pytest.raises((Refusal, FieldError), match=words):
            self.do(case, step, by, **data)
        assert (self.row(case), LedgerEntry.objects.count(), Clock.objects.count()) == before

    def row(self, case: int) -> dict[str, Any]:
        return dict(Case.objects.filter(pk=case).values().get())

    def handling(self, **data: Any) -> int:
        case = self.take(**data)
        self.do(case, "sign_for", "wang")
        return case

    def answered(self, case: int) -> None:
        self.do(case, "self_call_back", "wang", reached="yes", note="已联系")
        self.do(case, "answer", "wang", outcome="done", answer=ANSWER)

    def calling_back(self) -> int:
        case = self.handling()
        self.answered(case)
        self.do(case, "approve_up", "sun")
        self.do(case, "approve", "zhao")
        return case

    def assisting(self, lead: int) -> int:
        self.do(lead, "assist", "wang", units=[self.unit[EDUCATION]], request="请核查办学资质")
        return int(Case.objects.get(parent_id=lead).pk)

    def clock(self, case: int, kind: str, basis: str = "promised") -> Clock:
        return Clock.objects.filter(case_id=case, kind=kind, basis=basis).latest("pk")


@pytest.fixture
def loop(db: None, now: datetime) -> Loop:
    scope_apply(Scope(0, (), (), True))
    return Loop(now)


Acts = Callable[[Loop, int], object]
HANDLED: list[Acts] = [
    lambda loop, case: loop.do(case, "self_call_back", "sun", reached="yes", note="已联系"),
    lambda loop, case: loop.do(case, "self_call_back", "sun", reached="no", note="没有接通"),
    lambda loop, case: loop.do(case, "mediate", "sun", claim="退费", offer="退一半", result="again"),
    lambda loop, case: loop.do(case, "assist", "sun", units=[loop.unit[EDUCATION]], request="请核查资质"),
]


@pytest.mark.parametrize("act", HANDLED)
def test_who_had_a_hand_in_the_handling_reviews_nothing_of_it(loop: Loop, act: Acts) -> None:
    case = loop.handling()
    act(loop, case)
    for child in Case.objects.filter(parent_id=case):
        loop.do(child.pk, "sign_for", f"{EDUCATION}_handler")
        loop.do(child.pk, "report", f"{EDUCATION}_handler", answer="该机构有资质")
    loop.answered(case)
    with pytest.raises(NotPermitted, match="您在本件中已经“经办”"):
        loop.do(case, "approve_up", "sun")
    assert loop.row(case)["state"] == "reviewing"


def test_a_head_who_signs_and_asks_for_time_may_review(loop: Loop) -> None:
    case = loop.take()
    loop.do(case, "sign_for", "sun")
    loop.do(case, "ask_extension", "sun", days=3, reason="需要向厂家核实")
    loop.answered(case)
    assert loop.do(case, "approve_up", "sun").state == "reviewing"


def test_who_reviewed_does_not_call_in_vain(loop: Loop) -> None:
    case = loop.calling_back()
    row = Case.objects.get(pk=case)
    assert row.progress["did"]["review"] == [loop.person["sun"], loop.person["zhao"]]
    loop.do(case, "attempt", "liu", result="no_answer")
    assert Case.objects.get(pk=case).progress["did"]["call_back"] == [loop.person["liu"]]


def test_calls_in_vain_count_only_at_different_times(loop: Loop) -> None:
    case = loop.calling_back()
    loop.do(case, "attempt", "liu", result="no_answer")
    loop.refused("换一个半天", case, "attempt", "liu", result="no_answer")
    loop.at += timedelta(minutes=90)
    loop.refused("换一个半天", case, "attempt", "liu", result="busy")
    for _ in range(2):
        loop.refused("要在不同时间回访满三次", case, "close_unreached", "liu")
        loop.at += timedelta(hours=12)
        loop.do(case, "attempt", "liu", result="no_answer")
    assert loop.do(case, "close_unreached", "liu").closed


def test_a_redo_begins_the_calls_anew(loop: Loop) -> None:
    case = loop.calling_back()
    loop.do(case, "attempt", "liu", result="no_answer")
    loop.do(case, "redo", "liu", grade="1", reason="退费还没有到账")
    facts = loop.row(case)["facts"]
    assert (facts["attempted_at"], facts["self_called_back"]) == ([], False)


def test_a_repeat_ends_only_by_another_who_finds_it_answered(loop: Loop) -> None:
    earlier = loop.calling_back()
    number = Case.objects.get(pk=earlier).number
    words = {"earlier": number, **NOTHING_NEW}
    again = loop.take(by="li", territory="", matter="消费退费纠纷", place="")
    assert loop.row(again)["state"] == "coordinating"
    with pytest.raises(NotPermitted, match="要由中心督办来办"):
        loop.do(again, "close_repeat", "li", **words)
    loop.refused("原工单要已经办结并有答复", again, "close_repeat", "tang", **words)
    loop.do(earlier, "evaluate", "liu", grade="3")
    assert loop.do(again, "close_repeat", "tang", **words).state == "terminated"


@pytest.mark.parametrize("other", [{"matter": "0101"}, {"phone": "19900000009"}])
def test_a_repeat_is_of_the_same_matter_and_caller(loop: Loop, other: dict[str, str]) -> None:
    earlier = loop.calling_back()
    loop.do(earlier, "evaluate", "liu", grade="3")
    again = loop.take(territory="", place="", **other)
    loop.refused("同一事项、同一来电人", again, "close_repeat", "tang", earlier=earlier, **NOTHING_NEW)


@pytest.mark.parametrize("new", ["same_facts", "same_reasons"])
def test_new_facts_or_reasons_are_no_repeat(loop: Loop, new: str) -> None:
    earlier = loop.calling_back()
    loop.do(earlier, "evaluate", "liu", grade="3")
    again = loop.take(by="li")
    assert loop.row(again)["state"] == "dispatched"
    words = {"earlier": earlier, **NOTHING_NEW}
    loop.refused("有新事实或者新理由的不是重复诉求", again, "close_repeat", "tang", **{**words, new: False})
    loop.refused("请填写", again, "close_repeat", "tang", **{k: v for k, v in words.items() if k != new})
    assert loop.do(again, "close_repeat", "tang", **words).state == "terminated"


def test_others_requests_are_not_ended_with_a_repeat(loop: Loop) -> None:
    earlier = loop.calling_back()
    loop.do(earlier, "evaluate", "liu", grade="3")
    again, other = loop.take(by="li"), loop.take(by="li", phone="19900000002")
    loop.do(other, "merge", "li", case=again)
    loop.refused("并入了别人的诉求", again, "close_repeat", "tang", earlier=earlier, **NOTHING_NEW)


def test_a_repeat_in_a_unit_s_hands_is_ended_for_all_of_it(loop: Loop) -> None:
    earlier = loop.calling_back()
    loop.do(earlier, "evaluate", "liu", grade="3")
    again = loop.take(by="li")
    loop.do(again, "sign_for", "wang")
    loop.do(again, "assist", "wang", units=[loop.unit[EDUCATION]], request="请核实缴费情况")
    loop.refused("还有协办单位没有办完", again, "close_repeat", "tang", earlier=earlier, **NOTHING_NEW)
    child = Case.objects.get(parent=again).pk
    loop.do(child, "sign_for", f"{EDUCATION}_handler")
    loop.do(child, "report", f"{EDUCATION}_handler", answer="没有新情况。")
    assert loop.do(again, "close_repeat", "tang", earlier=earlier, **NOTHING_NEW).state == "terminated"
    assert not Clock.objects.filter(case=again, stopped_at=None).exists()
    told = Notice.objects.filter(case=again, template="repeat_closed").values_list("unit_id", flat=True)
    assert list(told) == [loop.unit[MARKET]]


def test_a_repeat_is_not_ended_by_who_took_it_in(loop: Loop) -> None:
    earlier = loop.calling_back()
    loop.do(earlier, "evaluate", "liu", grade="3")
    again = loop.take(by="tang", territory="", place="")
    with pytest.raises(NotPermitted, match="您在本件中已经“登记”"):
        loop.do(again, "close_repeat", "tang", earlier=earlier, **NOTHING_NEW)


def test_a_case_that_is_named_must_be_seen(loop: Loop) -> None:
    case = loop.take(territory="", place="")
    for step, field, more in (("close_repeat", "earlier", NOTHING_NEW), ("merge", "case", {})):
        with pytest.raises(FieldError, match="没有这一件") as refused:
            loop.do(case, step, "tang", **{field: "RX0"}, **more)
        assert refused.value.field == field


def test_the_third_return_is_supervised_and_the_unit_then_named_may_not_return(loop: Loop) -> None:
    """Under the policies as the demonstration has them: each unit may return once, and it ends with a ruling."""
    case, holders = loop.take(), [MARKET, EDUCATION, HOUSING]
    for turn, (unit, following) in enumerate(pairwise([*holders, MUNICIPAL]), 1):
        handler = "wang" if unit == MARKET else f"{unit}_handler"
        loop.do(case, "return", handler, grounds="duty", reason=REASON)
        row = Case.objects.get(pk=case)
        assert (row.return_count, row.supervised) == (turn, turn == 3)
        if turn > 1:
            loop.refused("这个单位已退过本件", case, "accept_return", "tang", unit=loop.unit[MARKET])
        loop.do(case, "accept_return", "tang", unit=loop.unit[following])
        assert Case.objects.get(pk=case).returnable is (turn < 3)
    loop.refused("经裁定派给本单位的件不能再退", case, "return", f"{MUNICIPAL}_handler", grounds="duty", reason=REASON)  # fmt: skip
    row = Case.objects.get(pk=case)
    assert (row.return_count, set(row.progress["returned_by"])) == (3, {loop.unit[unit] for unit in holders})


def test_the_mark_for_returns_can_be_reached() -> None:
    """No return is ruled final, or one too many, before the one that sets the mark."""
    value = {code: value for code, value, *_ in POLICIES}
    assert value["supervise_after"] <= min(value["hotline.final_return"], value["hotline.max_returns"])


def test_a_centre_may_rule_with_the_first_return(loop: Loop) -> None:
    case = loop.take()
    with kernel_writes():
        Case.objects.filter(pk=case).update(facts=loop.row(case)["facts"] | {"final_return": 1})
    loop.do(case, "return", "wang", grounds="duty", reason=REASON)
    loop.do(case, "accept_return", "tang", unit=loop.unit[EDUCATION])
    loop.refused("经裁定派给本单位的件不能再退", case, "return", f"{EDUCATION}_handler", grounds="duty", reason=REASON)  # fmt: skip
    row = Case.objects.get(pk=case)
    assert (row.returnable, row.return_count, row.progress["returned_by"]) == (False, 1, [loop.unit[MARKET]])


def test_discipline_inspection_receives_before_it_concludes_and_holds_nobody_up(loop: Loop) -> None:
    lead = loop.handling()
    child = loop.assisting(lead)
    loop.do(child, "refuse_assistance", f"{EDUCATION}_section_chief", reason="认为不是本单位职责")
    loop.do(lead, "self_call_back", "wang", reached="yes", note="已联系")
    loop.refused("还有协办单位没有办完", lead, "answer", "wang", outcome="done", answer=ANSWER)
    loop.do(child, "hand_over", "tang", unit=loop.unit["371502_discipline"], reason="无正当理由拒绝协办")
    inspector = "371502_discipline_discipline"
    loop.refused("先登记接收移送", child, "conclude", inspector, answer="已约谈并责令改正")
    assert loop.do(lead, "answer", "wang", outcome="done", answer=ANSWER).state == "reviewing"
    loop.do(child, "receive", inspector)
    assert loop.do(child, "conclude", inspector, answer="已约谈并责令改正").closed


def test_a_date_promised_to_the_caller_lies_ahead(loop: Loop) -> None:
    case = loop.handling()
    loop.do(case, "self_call_back", "wang", reached="yes", note="已联系")
    answer = {"outcome": "impossible", "answer": ANSWER}
    for day in ("2020-01-01", loop.at.date().isoformat()):
        loop.refused("不能早于", case, "answer", "wang", until=day, **answer)
    assert loop.do(case, "answer", "wang", until="2026-06-01", **answer).state == "reviewing"


def test_an_extension_is_judged_when_it_is_asked_for(loop: Loop) -> None:
    case = loop.handling()
    loop.refused("每次延期不得超过10", case, "ask_extension", "wang", days=60, reason="需要核实")
    loop.do(case, "ask_extension", "wang", days=10, reason="需要核实")
    loop.do(case, "grant_extension", "tang")
    loop.refused("本件的时限不能再延期", case, "ask_extension", "wang", days=1, reason="还要核实")


def test_a_unit_is_asked_to_assist_once(loop: Loop) -> None:
    lead = loop.handling()
    loop.assisting(lead)
    units = [loop.unit[EDUCATION], loop.unit[HOUSING]]
    loop.refused("已有在协办本件的", lead, "assist", "wang", units=units, request="请核查办学资质")
    assert Case.objects.filter(parent_id=lead).count() == 1


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("不填达成金额", {"claim": "退还5200元", "result": "failed", "sum": "100"}),
        ("不填达成金额", {"claim": "退还5200元", "result": "again", "sum": "100"}),
        ("要填写达成金额", {"claim": "退还5200元", "result": "agreed"}),
        ("要填写达成金额", {"claim": "赔两百块", "result": "agreed"}),
    ],
)
def test_a_sum_belongs_to_an_agreement_about_money(loop: Loop, words: str, data: dict[str, str]) -> None:
    case = loop.handling()
    loop.refused(words, case, "mediate", "wang", offer="退一半", **data)
    loop.do(case, "mediate", "wang", claim="请求道歉", offer="当面道歉", result="agreed")


def test_whom_callers_accuse_and_what_was_promised_come_apart_again(loop: Loop) -> None:
    first = loop.take(type="complaint", accused=HOUSING)
    own = loop.clock(first, "handle").due_at
    loop.at -= 3 * DAY
    second = loop.take(type="complaint", accused=EDUCATION)
    promised = loop.clock(second, "handle").due_at
    assert promised < own
    loop.at += 3 * DAY
    loop.do(second, "merge", "tang", case=first)
    accused = sorted([loop.unit[HOUSING], loop.unit[EDUCATION]])
    assert loop.row(first)["facts"]["accused"] == accused
    assert loop.clock(first, "handle").due_at == promised
    loop.do(second, "unmerge", "tang", reason="不是同一家商户")
    assert loop.row(first)["facts"]["accused"] == [loop.unit[HOUSING]]
    assert loop.clock(first, "handle").due_at == own
    assert loop.clock(second, "handle").due_at == promised
    assert loop.clock(second, "handle").stopped_at is None
    assert loop.row(second)["facts"]["accused"] == [loop.unit[EDUCATION]]


def test_of_three_merged_the_survivor_keeps_the_earliest_of_those_left(loop: Loop) -> None:
    first = loop.take()
    dues = {}
    for days in (3, 2):
        loop.at -= days * DAY
        dues[days] = loop.take()
        loop.at += days * DAY
        loop.do(dues[days], "merge", "tang", case=first)
    promised = {days: loop.clock(case, "handle").due_at for days, case in dues.items()}
    assert loop.clock(first, "handle").due_at == promised[3] < promised[2]
    loop.do(dues[3], "unmerge", "tang", reason="不是同一家商户")
    assert loop.clock(first, "handle").due_at == promised[2]


@pytest.mark.parametrize("step", ["urge", "supervise"])
def test_what_waits_for_the_centre_is_urged_and_supervised_too(loop: Loop, step: str) -> None:
    case = loop.handling()
    loop.do(case, "ask_termination", "chen", reason="双方已向法院起诉")
    data = {"reason": "请尽快审批"} if step == "supervise" else {}
    assert loop.do(case, step, "tang", **data).state == "terminating"
