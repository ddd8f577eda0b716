"""The demonstration: the same orders live the same lives, every state is met, nothing is refused, a second run adds nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.clocks.calendar import official_calendar
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import roles
from bihuan.lib.text import SHANGHAI
from bihuan.packs.hotline.demonstration import loading as demo
from bihuan.packs.hotline.demonstration.generator import Fate, GeneratedOrder, orders
from bihuan.packs.hotline.demonstration.moments import timeline
from bihuan.packs.hotline.demonstration.script import Planned, Script, script
from bihuan.packs.hotline.directory.leading import ROW_BY_MATTER
from bihuan.packs.hotline.directory.matters import MATTER_BY_CODE
from bihuan.packs.hotline.models import Correction, Order
from bihuan.packs.hotline.tiers.steps import TIER_STATES
from bihuan.packs.hotline.workflow import WORKFLOW

UNTIL = datetime(2026, 7, 16, 11, 30, tzinfo=SHANGHAI)
"""A Thursday: the orders of the days before are with all who work."""
COUNT, DAYS = 300, 30
ENDS = {
    Fate.CLOSED_SATISFIED: {"closed"},
    Fate.CLOSED_AFTER_REDO: {"closed"},
    Fate.CLOSED_EXPLAINED: {"closed", "terminated"},
    Fate.AWAITING_SIGN: {"dispatched"},
    Fate.AT_DESK: {"coordinating", "received"},
    Fate.OPEN_AT_UNIT: {"handling"},
    Fate.PAUSED: {"paused", "terminating"},
    Fate.AWAITING_REVIEW: {"reviewing"},
    Fate.AWAITING_CALL_BACK: {"calling_back"},
    Fate.IN_REDO: {"handling"},
    Fate.RETURNED_ONCE: {"returned", "handling"},
    Fate.OBJECTED: {"objecting"},
    Fate.EXTENDED: {"handling"},
    Fate.JOINT: {"handling"},
    Fate.OVERDUE: {"handling", "dispatched"},
    Fate.MEDIATED: {"handling"},
    Fate.SUPERVISED: {"handling"},
    Fate.ANSWERED_AT_SEAT: {"answered"},
    Fate.DECLINED: {"declined"},
    Fate.PASSED_ON: {"answered"},
}
"""Where an order of a fate is in the end: for fates of both kinds, where it is while it is open."""


def see_all() -> None:
    person = Person.objects.get(username="tang").pk
    scope_apply(scope_of(person=person, at=UNTIL, roles=roles()))


def varied(run: demo.Run) -> Iterator[tuple[GeneratedOrder, int]]:
    """The run's orders, of which some take the rarer fates in turn, so that 300 meet them all."""
    rare = [
        f
        for f in Fate
        if f not in (Fate.MERGED, Fate.ANSWERED_AT_SEAT, Fate.PASSED_ON, Fate.DECLINED, Fate.CLOSED_SATISFIED)
    ]
    closing = (
        Fate.RETURNED_ONCE,
        Fate.OBJECTED,
        Fate.EXTENDED,
        Fate.JOINT,
        Fate.OVERDUE,
        Fate.MEDIATED,
        Fate.SUPERVISED,
    )
    turns: Counter[Any] = Counter()
    for number, (drawn, _) in enumerate(real_orders(run)):
        order = drawn
        age = run.until - order.reported_at
        if (
            order.external_id.startswith("DC")
            and order.fate is Fate.CLOSED_SATISFIED
            and age > timedelta(days=4)
            and order.type in ("help", "complaint")
            and not order.confidential
            and not MATTER_BY_CODE[order.matter].emergency
        ):
            fate = (*rare, *closing)[number % (len(rare) + len(closing))]
            if fate is not Fate.JOINT or ROW_BY_MATTER[order.matter].assisting:
                closed = number % (len(rare) + len(closing)) >= len(rare) or fate.value.startswith("closed")
                order = replace(order, fate=fate, closed=closed)
        turns[order.fate, order.closed] += 1
        yield order, turns[order.fate, order.closed]


real_orders = demo.run_orders


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, db: None) -> tuple[demo.Run, demo.Tally]:
    """300 orders in all fates, taken in and lived, in the test's own transaction."""
    see_all()
    monkeypatch.setattr(demo, "run_orders", varied)
    run = demo.run_begin(count=COUNT, seed=1, until=UNTIL, days=DAYS)
    assert run is not None
    return run, demo.run_part(run)


def test_every_state_is_met_and_nothing_is_refused(loaded: tuple[demo.Run, demo.Tally]) -> None:
    run, tally = loaded
    assert dict(tally.failures) == {}
    assert tally.orders == len(list(varied(run))) == Case.objects.filter(parent=None).count()
    assert run.orders == COUNT
    found = set(Case.objects.values_list("state", flat=True))
    above = {state.code for state in TIER_STATES}  # a centre alone has none above it
    assert {state.code for state in WORKFLOW.states} - found == above
    assert clocks_sweep(now=UNTIL) > 0
    verified = ledger_verify()
    assert verified.faults == ()
    assert verified.entries >= tally.moves + tally.orders
    assert (
        not Order.objects.filter(on_desk_at=None)
        .exclude(case__state__in=("received", "coordinating", "answered", "declined", "terminated"))
        .exists()
    )
    with kernel_writes():
        assert Correction.objects.exists()


def test_every_fate_ends_where_it_should(loaded: tuple[demo.Run, demo.Tally]) -> None:
    run, _ = loaded
    state = dict(Case.objects.exclude(external_id=None).values_list("external_id", "state"))
    wrong = []
    for order, _ in varied(run):
        ends = ENDS.get(order.fate, {"closed", "merged"})
        if order.closed and order.fate not in (
            Fate.ANSWERED_AT_SEAT,
            Fate.DECLINED,
            Fate.PASSED_ON,
            Fate.CLOSED_EXPLAINED,
        ):
            ends = {"closed", "merged"}
        if order.type == "invalid" or (order.fate is Fate.ANSWERED_AT_SEAT and not order.closed):
            ends = {"received", "declined"}
        if order.fate is Fate.MERGED:
            ends = {"closed", "merged", "handling", "calling_back"}
        if state[order.external_id] not in ends:
            wrong.append((order.external_id, order.fate, order.closed, state[order.external_id]))
    assert wrong == []


def test_duties_are_apart_and_times_in_order(loaded: tuple[demo.Run, demo.Tally]) -> None:
    names = dict(Person.objects.values_list("id", "username"))
    for case in Case.objects.filter(state="closed", parent=None):
        did = case.progress.get("did", {})
        assert not set(did.get("handle", ())) & set(did.get("review", ()))
        assert not set(did.get("call_back", ())) & {*did.get("handle", ()), *did.get("review", ())}
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select case_id, seq, convert_from(body, 'UTF8')::jsonb ->> 'at', convert_from(body, 'UTF8')::jsonb ->> 'by', convert_from(body, 'UTF8')"
            " from ledger_entry where case_id is not null order by case_id, seq"
        )
        rows = cursor.fetchall()
    last: dict[int, datetime] = {}
    for case_id, _, at, _, body in rows:
        moment = datetime.fromisoformat(at)
        assert moment <= UNTIL
        if '"kind":"warning"' in body or '"kind":"breach"' in body:
            continue  # told for its own moment, which a merged case's earlier promise can put before the last step
        assert moment >= last.get(case_id, moment), [(r[2], r[4][90:300]) for r in rows if r[0] == case_id][
            2:4
        ]
        last[case_id] = moment
    acted = {names[int(by)] for *_, by, _ in rows if by.isdecimal()}
    assert {"li", "zhou", "wang", "sun", "zhao", "liu", "tang"} <= acted
    assert "qian" not in acted or Case.objects.filter(unit__code="371502_veterans").exists()


def test_the_stories_of_the_source(loaded: tuple[demo.Run, demo.Tally]) -> None:
    run, _ = loaded
    refund, alley = (Case.objects.get(external_id=f"S1-{name}.{run.number}") for name in ("refund", "alley"))
    assert (refund.state, refund.unit.code, refund.facts["type"]) == ("closed", "371502_market", "complaint")
    assert [attempt["result"] for attempt in refund.facts["mediation"]] == ["again", "agreed"]
    assert refund.facts["mediation"][1]["sum"] == "3600"
    assert Party.objects.get(case=refund).name == "宋女士"
    assert (alley.state, alley.unit.code, alley.place) == (
        "closed",
        "371502_enforcement",
        "湖北社区东侧南北胡同",
    )


def test_a_second_run_adds_nothing(loaded: tuple[demo.Run, demo.Tally]) -> None:
    run, tally = loaded
    before = snapshot()
    again = demo.run_part(run)  # not ended yet: it is gone through again, as after a stop
    assert (again.orders, again.moves, dict(again.failures)) == (0, 0, {})
    assert snapshot() == before
    demo.run_end(run, tally)
    assert demo.run_begin(count=COUNT, seed=1, until=UNTIL, days=DAYS) is None
    other = demo.run_begin(count=COUNT, seed=2, until=UNTIL, days=DAYS)
    assert other is not None
    assert other.number == run.number + 1


@pytest.mark.django_db
def test_a_stopped_run_goes_on_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    see_all()
    monkeypatch.setattr(demo, "run_orders", varied)
    monkeypatch.setattr(demo, "BATCH", 100)
    savepoint = transaction.savepoint()
    whole = demo.run_begin(count=COUNT, seed=1, until=UNTIL, days=DAYS)
    assert whole is not None
    tally = demo.run_part(whole)
    wanted = snapshot()
    transaction.savepoint_rollback(savepoint)
    see_all()

    class StoppedError(Exception):
        pass

    def stop(orders: int, moves: int) -> None:
        if moves > tally.moves // 2:
            raise StoppedError

    assert Case.objects.count() == 0
    run = demo.run_begin(count=COUNT, seed=1, until=UNTIL, days=DAYS)
    assert run == demo.run_begin(count=1, seed=9, until=UNTIL, days=3), "an unfinished run comes first"
    assert run is not None
    with pytest.raises(StoppedError):
        demo.run_part(run, tell=stop)
    rest = demo.run_part(run)
    assert dict(rest.failures) == {}
    assert 0 < rest.moves < tally.moves
    assert {k: v[0] for k, v in snapshot().items()} == {k: v[0] for k, v in wanted.items()}


def snapshot() -> dict[str, tuple[str, int, str]]:
    rows = Case.objects.exclude(external_id=None).select_related("unit")
    return {str(c.external_id): (c.state, c.version, c.unit.code) for c in rows}


def test_a_script_is_the_same_for_the_same_order() -> None:
    drawn = list(orders(count=200, seed=3, start=date(2026, 6, 1), end=date(2026, 6, 30)))
    assert [script(o, begun="dispatched", turn=2) for o in drawn] == [
        script(o, begun="dispatched", turn=2) for o in drawn
    ]
    assert len({str(script(o, begun="dispatched")) for o in drawn if o.fate is Fate.CLOSED_SATISFIED}) > 90


def test_moves_lie_between_opening_and_end() -> None:
    calendar = official_calendar()
    moves = Script(tuple(Planned("sign_for", "handler", hours) for hours in (1.0, 2.0, 30.0)))
    opened = int(datetime(2026, 7, 10, 18, 30, tzinfo=SHANGHAI).timestamp())
    for until, office in ((UNTIL, True), (datetime(2026, 7, 11, 3, 0, tzinfo=SHANGHAI), False)):
        end = int(until.timestamp())
        line = timeline(moves, opened=opened, until=end, calendar=calendar, seat=False, closed=True)
        times = [line.at(hours) for hours in (1.0, 3.0, 33.0)]
        assert line.by_office is office
        assert opened < times[0] < times[1] < times[2] <= end
        worked = calendar.worked(times[1]) - calendar.worked(times[0])
        assert (worked > 0) is office
    long = datetime(2026, 7, 31, 12, 0, tzinfo=SHANGHAI)
    line = timeline(
        moves, opened=opened, until=int(long.timestamp()), calendar=calendar, seat=False, closed=True
    )
    assert datetime.fromtimestamp(line.at(1.0), SHANGHAI) == datetime(2026, 7, 13, 9, 30, tzinfo=SHANGHAI)


def test_a_year_is_whole() -> None:
    midnight = datetime(2026, 7, 16, tzinfo=SHANGHAI)
    run = demo.Run(1, 1_000, 1_000, 0, 100, 1, date(2025, 7, 16), date(2026, 7, 15), midnight, 2)
    drawn = [order for order, _ in demo.run_orders(run)]
    assert sum(order.external_id.startswith("DC2") for order in drawn) == 1_000
    assert len({order.external_id for order in drawn}) == len(drawn)
    assert [o.reported_at for o in drawn] == sorted(o.reported_at for o in drawn)
