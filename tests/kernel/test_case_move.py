"""case_move: who may, on which version, under which guards; a refusal changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Move, case_move, case_move_many
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from tests import snapshots
from tests.walks import World

pytestmark = pytest.mark.django_db
LONG = "经核实,路灯已由维修人员修复,来电人表示认可。"


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return World("hotline", now)


def move(
    world: World, of: int, step: str, by: str, *, later: float = 0, version: int | None = None, **data: Any
) -> Any:
    """Take a step `later` days after the standing moment."""
    world.see("")
    at = world.now + timedelta(days=later)
    return case_move(case_id=of, step=step, by=world.person.get(by, 0), now=at, version=version, data=data)


def handling(world: World) -> int:
    case = world.open("lead")
    move(world, case, "dispatch", "li", unit=world.unit["371502_market"])
    move(world, case, "sign_for", "wang")
    return case


def answered(world: World, case: int, outcome: str = "done") -> None:
    move(world, case, "self_call_back", "wang", reached="yes", note="已联系")
    move(world, case, "answer", "wang", outcome=outcome, answer=LONG, until="2026-04-01")
    move(world, case, "approve_up", "sun")
    move(world, case, "approve", "zhao")


REFUSED = [
    pytest.param(
        "sign_for",
        "wang",
        {"version": 2},
        Conflict,
        "王建业已先一步办理“签收”,本件现在是“办理中”",
        id="version",
    ),
    pytest.param("fly", "wang", {}, Refusal, "没有“fly”这一步骤", id="unknown-step"),
    pytest.param("sign_for", "wang", {}, Refusal, "本件现在是“办理中”,不能“签收”", id="other-state"),
    pytest.param(
        "evaluate", "wang", {}, NotPermitted, "“回访办结”要由回访员来办,您没有这一权限", id="other-role"
    ),
    pytest.param("self_call_back", "qian", {}, NotPermitted, "您没有这一权限", id="other-unit"),
    pytest.param("answer", "", {}, NotPermitted, "“答复”要由人来办", id="system"),
    pytest.param(
        "answer", "wang", {"outcome": "done", "answer": LONG}, Refusal, "要先回访来电人", id="guard"
    ),
    pytest.param("answer", "wang", {"outcome": "done"}, FieldError, "请填写“答复内容”", id="field-missing"),
    pytest.param(
        "answer", "wang", {"outcome": "x", "answer": LONG}, FieldError, "“办理结果”只能是", id="field-choice"
    ),
    pytest.param("answer", "wang", {"outcome": "done", "answer": "短"}, FieldError, "", id="field-short"),
    pytest.param(
        "answer", "wang", {"outcome": "done", "answer": "长" * 4001}, FieldError, "4000", id="field-long"
    ),
    pytest.param(
        "answer", "wang", {"outcome": "done", "answer": LONG + "\x00"}, FieldError, "控制字符", id="control"
    ),
    pytest.param(
        "pass_on", "tang", {"service": "110", "state": "closed"}, FieldError, "不收“state”", id="forged-field"
    ),
    pytest.param(
        "ask_extension",
        "wang",
        {"days": 61, "reason": "待检测结果"},
        FieldError,
        "应在 1 与 60 之间",
        id="range",
    ),
    pytest.param(
        "assist", "wang", {"units": [10**9], "request": "请协助核查"}, FieldError, "没有这个单位", id="unit"
    ),
    pytest.param("merge", "tang", {"case": 1}, Refusal, "请从并单办理", id="merge"),
]


@pytest.mark.parametrize(("step", "by", "data", "kind", "sentence"), REFUSED)
def test_a_refusal_says_why_and_changes_nothing(
    world: World, step: str, by: str, data: dict[str, Any], kind: type[Exception], sentence: str
) -> None:
    case = handling(world)
    before = snapshots.snapshot(case)
    with pytest.raises(kind) as refused:
        move(world, case, step, by, **data)
    assert type(refused.value) is kind
    assert sentence in str(refused.value)
    assert snapshots.snapshot(case) == before


def test_a_case_that_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        move(world, 10**12, "sign_for", "wang")


def test_whoever_handled_does_not_review_or_call_back(world: World) -> None:
    case = handling(world)
    move(world, case, "self_call_back", "sun", reached="yes", note="已联系")
    move(world, case, "answer", "sun", outcome="done", answer=LONG)
    before = snapshots.snapshot(case)
    with pytest.raises(NotPermitted, match="您在本件中已经“经办”,不能再办“审核通过,报上一级”") as refused:
        move(world, case, "approve_up", "sun")
    assert refused.value.code == "separation"
    assert snapshots.snapshot(case) == before


def test_a_refusal_of_permission_names_role_and_duty_in_english(world: World) -> None:
    case = handling(world)
    with override("en"):
        with pytest.raises(NotPermitted) as refused:
            move(world, case, "evaluate", "wang")
        assert (
            told(refused.value)
            == "“Close after call-back” is for: Call-back clerk. You do not hold this role."
        )
        with pytest.raises(NotPermitted) as refused:
            move(world, case, "answer", "")
        assert told(refused.value) == "“Answer” is taken by a person."
        move(world, case, "self_call_back", "sun", reached="yes", note="已联系")
        move(world, case, "answer", "sun", outcome="done", answer=LONG)
        with pytest.raises(NotPermitted) as refused:
            move(world, case, "approve_up", "sun")
        assert "Your own part in this case: “Handled”" in told(refused.value)


def test_whoever_asked_does_not_grant(world: World) -> None:
    case = handling(world)
    move(world, case, "ask_extension", "wang", days=3, reason="待检测结果")
    before = snapshots.snapshot(case)
    with pytest.raises(NotPermitted):
        move(world, case, "grant_extension", "wang")
    assert snapshots.snapshot(case) == before


def test_a_batch_takes_what_is_allowed_and_refuses_the_rest(world: World) -> None:
    one, two, three = (handling(world) for _ in range(3))
    before = {case: snapshots.snapshot(case) for case in (one, two, three)}
    results = case_move_many(
        moves=[
            Move(one, "urge", world.person["tang"], world.now),
            Move(two, "urge", world.person["qian"], world.now),
            Move(three, "pass_on", world.person["tang"], world.now, data={"service": "999"}),
            Move(one, "urge", world.person["tang"], world.now),
            Move(10**12, "urge", world.person["tang"], world.now),
        ]
    )
    assert [type(r).__name__ for r in results] == [
        "Moved",
        "NotPermitted",
        "FieldError",
        "NotFound",
        "NotFound",
    ]
    assert snapshots.snapshot(one)["row"]["urge_count"] == 1
    assert {case: snapshots.snapshot(case) for case in (two, three)} == {
        case: before[case] for case in (two, three)
    }
    assert case_move_many(moves=[]) == []


def test_the_third_redo_sets_the_supervise_mark(world: World) -> None:
    case = handling(world)
    for turn in (1, 2, 3):
        answered(world, case)
        move(world, case, "redo", "liu", grade="1", reason="问题没有解决")
        row = snapshots.case_row(case)
        assert (row["redo_count"], row["supervised"]) == (turn, turn == 3)
    assert snapshots.stream_faults(case) == ()


def test_the_third_return_sets_the_supervise_mark(world: World) -> None:
    case = world.open("lead")
    with kernel_writes():
        row = Case.objects.get(pk=case)
        row.facts = {**row.facts, "max_returns": 3, "final_return": 3}
        row.save(update_fields=["facts"])
    units = ["371502_market", "371502_education", "371502_municipal", "371502_housing"]
    handlers = ["wang", "371502_education_handler", "371502_municipal_handler"]
    move(world, case, "dispatch", "li", unit=world.unit[units[0]])
    for turn in (1, 2, 3):
        move(world, case, "return", handlers[turn - 1], grounds="duty", reason="不属于本单位职责")
        found = snapshots.case_row(case)
        assert (found["return_count"], found["supervised"]) == (turn, turn == 3)
        move(world, case, "accept_return", "tang", unit=world.unit[units[turn]])


def clock(case: int, kind: str = "handle") -> Clock:
    return Clock.objects.get(case_id=case, kind=kind, basis="promised")


def test_a_pause_moves_the_due_time_by_the_working_time_it_took(world: World) -> None:
    case = handling(world)
    due = clock(case).due_at
    assert due.astimezone(world.now.tzinfo).date().isoformat() == "2026-03-09"
    move(world, case, "ask_pause", "sun", ground="appraisal", days=7, reason="等待鉴定结果")
    move(world, case, "grant_pause", "tang")
    assert clock(case).due_at == due + timedelta(days=4), "Tuesday to Friday; it ends by itself"
    move(world, case, "resume", "wang", later=2)
    assert clock(case).due_at == due + timedelta(days=1), (
        "Tuesday stood still; Monday and Wednesday were worked in"
    )
    assert snapshots.case_row(case)["due_at"] is not None


def test_an_extension_moves_the_due_time_by_what_was_granted(world: World) -> None:
    case = handling(world)
    due = clock(case).due_at
    move(world, case, "ask_extension", "wang", days=5, reason="待检测结果")
    assert clock(case).due_at == due
    move(world, case, "grant_extension", "tang")
    assert clock(case).due_at == due + timedelta(days=7)
    assert clock(case).extensions == [5]


def test_clocks_name_their_policy_rows_and_a_provisional_year_is_flagged(world: World) -> None:
    case = handling(world)
    assert clock(case).rule.code == "hotline.handle"
    assert not clock(case).provisional
    world.now = datetime(2026, 12, 30, 10, tzinfo=world.now.tzinfo)
    late = handling(world)
    assert clock(late).provisional


def test_the_step_its_state_version_clocks_and_notice_come_together(world: World) -> None:
    case = world.open("lead")
    before = snapshots.snapshot(case)
    moved = move(
        world, case, "dispatch", "li", version=1, unit=world.unit["371502_market"], remark="请尽快办理"
    )
    after = snapshots.snapshot(case)
    assert (moved.state, moved.version, moved.unit, moved.closed) == (
        "dispatched",
        2,
        world.unit["371502_market"],
        False,
    )
    assert after["entries"] == before["entries"] + 1
    assert after["notices"] == before["notices"] + 1
    assert after["texts"] == before["texts"] + 1
    assert {c["kind"] for c in after["clocks"]} == {"receive", "sign", "handle", "return", "objection"}
    assert after["viewers"] == before["viewers"] + 1
