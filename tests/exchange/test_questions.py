"""A unit below asks the caller of an order from above: the question goes up, the city's caller is asked by the city, the answer
comes down."""

from __future__ import annotations

import pytest

from bihuan.kernel.cases.conversation import messages_read, question_put, reply_put
from bihuan.kernel.cases.models import Case
from bihuan.kernel.exchange.models import Message
from bihuan.kernel.exchange.selectors import links_told
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import Conflict, NotPermitted
from tests.exchange.conftest import CITY, DISTRICT, Two

pytestmark = pytest.mark.django_db
QUESTION, ANSWER = "请问合同是哪一天签的?", "去年九月一日,当时付的现金。"


def asks(two: Two, case: int, text: str = QUESTION) -> None:
    two.see()
    with two.at(DISTRICT):
        question_put(case_id=case, by=two.people["wang"], now=two.now, text=text)


def says(two: Two, case: int, text: str = ANSWER) -> None:
    with two.at(CITY):
        reply_put(case_id=case, now=two.now, text=text)


def talk(case: int) -> list[tuple[bool, str | None]]:
    with kernel_writes():
        return [(one.asked, one.text) for one in messages_read(case)]


def test_the_question_goes_up_and_the_answer_comes_down_once(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    here = two.here(taken.number)
    due = two.link(taken.number, two.below).their_due_at
    asks(two, here.pk)
    two.fates = ["twice"]
    two.post()
    assert talk(taken.case) == [(True, QUESTION)]
    says(two, taken.case)
    two.fates = ["answer_lost", "twice"]
    two.post()
    both = [(True, QUESTION), (False, ANSWER)]
    assert (talk(here.pk), talk(taken.case)) == (both, both)
    two.see()
    asked = Notice.objects.filter(template="question").values_list("case", flat=True)
    assert list(asked) == [taken.case], "the city asks its caller, the district nobody"
    heard = Notice.objects.get(template="replied", case=here.pk)
    assert heard.unit_id == two.units["371502_market"]
    link = two.link(taken.number, two.below)
    assert (link.their_number, link.their_due_at) == (here.number, due)
    assert two.messages("in", two.above)[-1] == ("replied", "settled")
    assert (two.waiting(), ledger_verify().faults) == (0, ())


def test_what_the_caller_adds_unasked_goes_down_and_after_the_end_nothing_is_late(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    says(two, taken.case, "商家今天又搬走了。")
    two.post()
    here = two.here(taken.number).pk
    assert talk(here) == [(False, "商家今天又搬走了。")]
    says(two, taken.case, "不用再办了。")
    with kernel_writes():  # as if the district's case had ended before the words came
        Case.objects.filter(pk=here).update(closed_at=two.now)
    two.post()
    assert two.messages("in", two.above)[-1] == ("replied", "settled")
    assert talk(here) == [(False, "商家今天又搬走了。")]


def test_a_confidential_caller_is_asked_without_being_named_below(two: Two) -> None:
    taken = two.taken_above(confidential=True, type="report", text="举报某单位收费不开票,我是宋女士。")
    two.post()
    here = two.here(taken.number)
    with two.at(DISTRICT):
        two.see()
        question_put(case_id=here.pk, by=two.people["tang"], now=two.now, text=QUESTION)
    two.post()
    says(two, taken.case, "我叫宋女士,电话19900000001,九月签的。")
    two.post()
    (_question, (_asked, told)) = talk(here.pk)
    assert told is not None and "九月签的" in told
    with kernel_writes():
        bodies = "".join(Message.objects.values_list("body", flat=True))
    assert "宋女士" not in told + bodies and "19900000001" not in told + bodies


def test_what_the_city_does_not_ask_is_told_with_the_reason_and_changes_nothing(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    here = two.here(taken.number).pk
    two.answered(taken.number)
    two.post()
    two.moves(CITY, taken.case, "approve", "zhao")
    two.moves(CITY, taken.case, "evaluate", "liu", grade="5", contacted="on", resolved="on", understood="on")
    with two.at(DISTRICT):
        two.see()
        question_put(case_id=here, by=two.people["tang"], now=two.now, text=QUESTION)
    before = talk(taken.case)
    two.post()
    assert talk(taken.case) == before == []
    two.see()
    (link,) = links_told(case=here)
    assert link.questions_refused == ("本件已经办结,不能再提问。",)


def test_who_may_not_ask_or_asks_twice_sends_nothing(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    here = two.here(taken.number).pk
    two.see()
    with two.at(DISTRICT), pytest.raises(NotPermitted):
        question_put(case_id=here, by=two.people["qian"], now=two.now, text=QUESTION)
    assert two.waiting() == 0
    asks(two, here)
    with pytest.raises(Conflict):
        asks(two, here)
    assert two.waiting() == 1
