"""An order of the city's hotline: down, handled, answered up, rejected, answered again, closed; returned; urged; withdrawn."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bihuan.kernel.cases.models import Party
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.exchange.models import Message
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import Refusal
from bihuan.packs.hotline.models import Order
from bihuan.packs.hotline.tiers.figures import above_figures
from tests.exchange.conftest import ANSWER, CITY, DISTRICT, Two

pytestmark = pytest.mark.django_db


def clock(case: int, kind: str, basis: str) -> Clock:
    return Clock.objects.filter(case=case, kind=kind, basis=basis).latest("pk")


def steps_of(case: int) -> list[tuple[str, str | None, object]]:
    """(kind, step, by) of the entries of a case."""
    bodies = LedgerEntry.objects.filter(case_id=case).order_by("seq").values_list("body", flat=True)
    read = [json.loads(bytes(body)) for body in bodies]
    return [(one["kind"], one["data"].get("step"), one["by"]) for one in read]


def test_a_notice_is_signed_for_read_and_dispatched_by_the_robot(two: Two) -> None:
    taken = two.taken_above()
    assert two.there(taken.number).unit.code == "371502_12345"
    appeared = two.now
    two.post()
    case = two.here(taken.number)
    assert (case.state, case.unit.code) == ("dispatched", "371502_market")
    order = Order.objects.get(case=case)
    assert (order.channel, order.automatic, order.arrived_at) == (
        "city",
        True,
        two.link(taken.number, two.above).arrived_at,
    )
    link = two.link(taken.number, two.above)
    assert link.appeared_at == appeared
    assert steps_of(case.pk) == [("opened", None, "system"), ("move", "dispatch", "system")]
    theirs = two.link(taken.number, two.below)
    assert (theirs.their_number, theirs.their_state, theirs.their_unit) == (
        case.number,
        "待签收",
        case.unit.name,
    )
    assert two.there(taken.number).state == "handling"
    assert two.messages("out", two.below) == [("handed", "settled")]
    assert two.messages("out", two.above) == [("received", "settled")]


def test_our_deadline_is_earlier_and_the_unit_s_return_comes_in_time(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    case = two.here(taken.number)
    above = clock(taken.case, "handle", "promised")
    assert clock(case.pk, "handle", "superior").due_at == above.due_at
    assert clock(case.pk, "handle", "promised").due_at <= above.due_at - timedelta(hours=8)
    until = clock(taken.case, "return", "term").due_at
    assert case.superior["return_until"] == until.isoformat()
    assert clock(case.pk, "return", "term").due_at <= until - timedelta(hours=8)
    assert (case.superior["number"], case.superior["return_count"], case.superior["peer"]) == (
        taken.number,
        3,
        CITY,
    )


def test_the_answer_goes_up_after_our_audit_and_rejection_is_a_redo_here(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    two.answered(taken.number)
    assert two.here(taken.number).state == "with_superior"
    assert two.there(taken.number).state == "handling"
    two.post()
    above = two.there(taken.number)
    assert (above.state, above.progress["level"]) == ("reviewing", 1)
    assert above.content.answer == ANSWER
    two.moves(CITY, taken.case, "redo_after_review", "zhao", reason="没有写明退费的日期")
    two.post()
    case = two.here(taken.number)
    assert (case.state, case.redo_count, case.unit.code) == ("handling", 1, "371502_market")
    assert clock(case.pk, "handle", "promised").stopped_at is None
    two.answered(taken.number)
    two.post()
    two.moves(CITY, taken.case, "approve", "zhao")
    two.moves(CITY, taken.case, "redo", "liu", grade="1", reason="退费还没有到账")
    two.post()
    case = two.here(taken.number)
    assert (case.state, case.redo_count) == ("handling", 2)
    due = clock(taken.case, "handle", "promised").due_at.replace(second=0, microsecond=0)
    assert clock(case.pk, "handle", "superior").due_at == due
    two.answered(taken.number)
    two.post()
    two.moves(CITY, taken.case, "approve", "zhao")
    two.moves(CITY, taken.case, "evaluate", "liu", grade="5", contacted="on", resolved="on", understood="on")
    two.post()
    case = two.here(taken.number)
    assert (case.state, case.facts["evaluation"]) == ("closed", {"grade": "5"})
    assert two.link(taken.number, two.below).their_state == "已办结"
    assert two.waiting() == 0
    assert ledger_verify().faults == ()


def test_what_is_a_superior_s_ends_nowhere_but_above(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    case = two.here(taken.number).pk
    two.moves(DISTRICT, case, "sign_for", "wang")
    with pytest.raises(Refusal) as refused:
        two.moves(DISTRICT, case, "ask_termination", "sun", reason="本单位认为不必再办")
    assert refused.value.code == "ends_here"
    two.moves(DISTRICT, case, "self_call_back", "wang", reached="yes", note="已向来电人说明")
    two.moves(DISTRICT, case, "answer", "wang", outcome="done", answer=ANSWER)
    two.moves(DISTRICT, case, "approve_up", "sun")
    with pytest.raises(Refusal) as refused:
        two.moves(DISTRICT, case, "approve", "zhao")
    assert refused.value.code == "ends_here"
    assert two.here(taken.number).state == "reviewing"


def test_a_return_goes_up_is_refused_and_then_accepted(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    case = two.here(taken.number).pk
    two.moves(DISTRICT, case, "return", "wang", grounds="territory", reason="地址不在本区范围内")
    two.moves(DISTRICT, case, "return_up", "tang", grounds="territory", reason="地址在开发区范围内")
    two.post()
    assert two.there(taken.number).state == "returned"
    two.moves(CITY, taken.case, "refuse_return", "tang", reason="经核实属东昌府区范围")
    two.post()
    here = two.here(taken.number)
    assert (here.state, here.unit.code, here.progress["returned_up"]) == ("received", "371502_12345", 1)
    assert two.there(taken.number).state == "dispatched"
    assert clock(case, "receive", "promised").stopped_at is None


def test_an_accepted_return_is_withdrawn_here(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    case = two.here(taken.number).pk
    two.moves(DISTRICT, case, "return_up", "tang", grounds="duty", reason="属于市级部门职责范围")
    two.post()
    two.moves(CITY, taken.case, "accept_return", "tang", unit=two.units["371502_education"])
    two.post()
    assert (two.here(taken.number).state, two.there(taken.number).unit.code) == (
        "released",
        "371502_education",
    )
    assert Clock.objects.filter(case=case, stopped_at=None).count() == 0
    assert two.messages("in", two.above)[-1] == ("withdrawn", "settled")


def test_return_is_bounded_by_the_superior_s_term_and_count(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    case = two.here(taken.number).pk
    two.now += timedelta(days=6)
    with pytest.raises(Refusal) as refused:
        two.moves(DISTRICT, case, "return_up", "tang", grounds="duty", reason="属于市级部门职责范围")
    assert refused.value.code == "superior_term_runs"
    assert two.here(taken.number).state == "dispatched"


def test_urging_from_above_is_on_the_case_and_with_the_unit(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    two.moves(CITY, taken.case, "urge", "tang", remark="来电人再次来电")
    two.post()
    case = two.here(taken.number)
    assert (case.urge_count, case.state) == (1, "dispatched")
    notice = Notice.objects.get(case=case, template="urged_above")
    assert notice.unit_id == two.units["371502_market"]


def test_a_confidential_caller_is_named_to_nobody_below(two: Two) -> None:
    taken = two.taken_above(
        text="举报某单位收费不开票,我是宋女士,电话19900000001。", type="report", confidential=True
    )
    two.post()
    case = two.here(taken.number)
    assert (case.confidential, case.facts["reachable"]) == (True, False)
    with kernel_writes():
        assert Party.objects.filter(case=case).count() == 0
        bodies = "".join(Message.objects.values_list("body", flat=True))
    assert "19900000001" not in bodies + case.content.text
    assert "宋女士" not in bodies + case.content.text


def test_a_refused_answer_comes_back_with_the_reason(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    two.answered(taken.number)
    with kernel_writes():  # as if the district had not called the caller
        row = Message.objects.get(kind="answered", direction="out")
        changed = row.body.replace('"called":true', '"called":false')
        Message.objects.filter(pk=row.pk).update(body=changed)
    two.post()
    assert two.messages("out", two.above)[-2:] == [("answered", "refused"), ("progress", "settled")]
    here = two.here(taken.number)
    assert here.state == "reviewing"
    assert steps_of(here.pk)[-1] == ("move", "answer_not_taken", "system")
    assert two.there(taken.number).state == "handling"


def test_both_times_are_told_and_an_outage_counts_only_in_the_first(two: Two) -> None:
    two.fates = ["lost"]
    wrong = two.taken_above()
    two.taken_above(phone="19900000002")
    two.post()
    case = two.here(wrong.number).pk
    two.moves(DISTRICT, case, "return", "wang", grounds="duty", reason="培训机构应由教体局处理")
    two.moves(DISTRICT, case, "accept_return", "tang", unit=two.units["371502_education"])
    two.see()
    told = above_figures(since=two.now - timedelta(days=1), until=two.now)
    assert (told.orders, told.quick, told.automatic, told.wrong_automatic) == (2, 2, 2, 1)
    assert told.from_above_median_s is not None and told.from_above_median_s >= 600
    assert told.from_arrival_p99_s is not None and told.from_arrival_p99_s < 60
