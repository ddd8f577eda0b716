"""Several warnings of one limit: each once, in order, with its level, then the breach; against a walk by the minute."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.clocks.calendar import epoch, moment, official_calendar
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.running import (
    Running,
    Telling,
    clock_extend,
    clock_fixed,
    clock_pause,
    clock_recompute,
    clock_resume,
    clock_start,
    clock_tell,
)
from bihuan.kernel.desk.case.timeline import timeline
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.pack import roles
from bihuan.kernel.policies.services import policy_set

CALENDAR = official_calendar()
START = 1757898000  # 2025-09-15 09:00, Beijing
EXTENSION = {"max_number": 9, "max_length": 9, "before_expiry": False, "needs_approver": True}
Warn = float | tuple[int, str]
Told = tuple[int, int]
"""Moment in minutes after the start, and which warning of the limit; -1 is the breach."""


def limit_value(hours: int, warnings: tuple[Warn, ...]) -> dict[str, Any]:
    written = [w if isinstance(w, float) else {"number": w[0], "unit": w[1]} for w in warnings]
    return {"number": hours, "unit": "hour", "warnings": written, "extension": EXTENSION}


@dataclass
class Walk:
    """The oracle: it counts minutes, and remembers for which moment each warning was told."""

    hours: int
    warnings: tuple[Warn, ...]
    halts: list[list[int]] = field(default_factory=list)
    given: dict[int, int] = field(default_factory=dict)

    def after(self, minutes: int) -> int | None:
        """The minute by which so many have run; None while it stands still before."""
        now = 0
        while minutes:
            for begin, end in self.halts:
                if begin <= now < end:
                    now = end
            if now > 10**6:
                return None
            minutes, now = minutes - 1, now + 1
        return now

    def moments(self) -> dict[int, int]:
        end = self.after(self.hours * 60)
        if end is None:
            return {}
        found = {-1: end}
        for which, warning in enumerate(self.warnings):
            share = warning if isinstance(warning, float) else 0.5
            at = self.after(round(self.hours * 60 * share))
            if not isinstance(warning, float):
                ahead = end - warning[0] * {"minute": 1, "hour": 60}[warning[1]]
                at = ahead if ahead > 0 else at
            found[which] = max(0, min(end, end if at is None else at))
        return found

    def event(self, now: int) -> None:
        """What was told for a moment that now lies ahead is told again."""
        moments = self.moments()
        self.given = {which: at for which, at in self.given.items() if moments.get(which, at) <= now}

    def told(self, now: int) -> list[Told]:
        come = [
            (at, which)
            for which, at in self.moments().items()
            if which not in self.given and (at < now if which == -1 else at <= now)
        ]
        come = [] if -1 in self.given else come
        self.given |= {which: at for at, which in come}
        return sorted(come, key=lambda one: (one[1] == -1, *one))


def swept(clock: Running, now: int) -> tuple[Running, list[Telling]]:
    tellings = []
    while found := clock_tell(clock, moment(START + now * 60)):
        clock, telling = found
        tellings.append(telling)
    return clock, tellings


def minutes(at: datetime) -> int:
    return (epoch(at) - START) // 60


def levels(walk: Walk, told: list[Told]) -> list[tuple[int, int, int]]:
    """What the oracle's tellings look like: moment, level, of how many."""
    moments = walk.moments()
    order = sorted(range(len(walk.warnings)), key=lambda which: (moments.get(which, 0), which))
    of = len(order)
    return [(at, 0, 0) if which == -1 else (at, order.index(which) + 1, of) for at, which in told]


warns = st.one_of(
    st.sampled_from((0.25, 0.5, 0.75, 0.8, 1.0)),
    st.tuples(st.integers(1, 300), st.just("minute")),
    st.tuples(st.integers(1, 9), st.just("hour")),
)
events = st.lists(
    st.tuples(
        st.integers(0, 400), st.sampled_from(("sweep", "sweep", "pause", "resume", "extend", "recompute"))
    ),
    max_size=14,
)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 12), st.lists(warns, max_size=4).map(tuple), events)
@example(4, (0.5, (60, "minute")), [(190, "sweep"), (5, "extend"), (100, "sweep"), (400, "sweep")])
@example(4, ((60, "minute"),), [(190, "sweep"), (5, "pause"), (300, "resume"), (10, "sweep"), (400, "sweep")])
def test_each_is_told_once_in_order_whatever_happens(
    hours: int, warnings: tuple[Warn, ...], course: list[tuple[int, str]]
) -> None:
    walk, now = Walk(hours, warnings), 0
    clock = clock_start(
        kind="handle", basis="promised", limit=limit_value(hours, warnings), rule=1, now=moment(START), calendar=CALENDAR
    )  # fmt: skip
    for later, what in [*course, (5000, "sweep")]:
        now += later
        when = moment(START + now * 60)
        if what == "sweep":
            told = walk.told(now)
            clock, tellings = swept(clock, now)
            assert [(minutes(t.at), t.level, t.of) for t in tellings] == levels(walk, told)
            assert clock.level == (2 if -1 in walk.given else 1 if walk.given else 0)
            continue
        if what == "pause" and not (walk.halts and walk.halts[-1][1] > 10**6):
            walk.halts.append([now, 10**7])
        if what == "resume" and walk.halts and walk.halts[-1][1] > 10**6:
            walk.halts[-1][1] = now
        if what == "extend" and len(clock.extensions) < 9:
            walk.hours += 1
            clock = clock_extend(
                clock, length=1, reason="x", asked_at=when, by=1, approver=2, now=when, calendar=CALENDAR
            )
        change = {"pause": clock_pause, "resume": clock_resume, "recompute": clock_recompute}.get(what)
        clock = change(clock, when, CALENDAR) if change else clock
        walk.event(now)


def test_a_moment_not_yet_over_is_no_breach() -> None:
    due = moment(START)
    clock = clock_fixed(kind="handle", basis="superior", due=due, now=due - timedelta(days=3))
    assert clock.next_at == due - timedelta(days=1)
    clock, tellings = swept(clock, 0)
    assert tellings == [Telling(due - timedelta(days=1), 1, 1)]
    assert clock_tell(clock, due + timedelta(microseconds=1)) is not None


@pytest.mark.django_db
def test_the_sweep_writes_every_warning_of_a_policy(now: datetime) -> None:
    """Two fractions and an amount of working time before the end, found late and one by one."""
    people = dict(Person.objects.values_list("username", "id"))
    units = dict(Unit.objects.values_list("code", "id"))
    scope_apply(scope_of(person=people["tang"], at=now, roles=roles()))
    warnings = ["0.5", {"number": 30, "unit": "minute"}, "0.8"]
    value = {"default": {"number": 4, "unit": "working_hour", "warnings": warnings}}
    policy_set(
        code="hotline.sign", value=value, legal_basis="测试", valid_from=date(2020, 1, 1), now=now, by="system", region="371502"
    )  # fmt: skip
    centre = units["371502_12345"]
    case = case_open(
        Opening(
            pack="hotline", title="培训班不退费", text="报了培训班一直没开课。", unit=centre, opened_by=centre, by=people["li"],
            now=now, reported_at=now, region="371502", facts={"type": "complaint"},
        )
    ).case  # fmt: skip
    case_move(case_id=case, step="dispatch", by=people["li"], now=now, data={"unit": units["371502_market"]})
    clock = Clock.objects.get(case_id=case, kind="sign")
    assert (len(clock.warnings), clock.warn_at) == (3, min(moment(at) for at, _ in clock.warnings))
    half, most, last = sorted(moment(at) for at, _ in clock.warnings)
    assert clocks_sweep(now=half - timedelta(seconds=1)) == 0
    assert [clocks_sweep(now=half), clocks_sweep(now=half)] == [1, 0]
    assert clocks_sweep(now=clock.due_at) == 2  # the second and the third, missed both
    assert [clocks_sweep(now=clock.due_at + timedelta(seconds=1)), clocks_sweep(now=clock.due_at)] == [1, 0]
    written = LedgerEntry.objects.filter(case_id=case, kind__in=("warning", "breach")).order_by("seq")
    bodies = [json.loads(bytes(entry.body)) for entry in written]
    told = [
        (b["kind"], datetime.fromisoformat(b["at"]), b["data"].get("level"), b["data"].get("of"))
        for b in bodies
    ]
    assert told == [
        ("warning", half, 1, 3), ("warning", most, 2, 3), ("warning", last, 3, 3), ("breach", clock.due_at, None, None)
    ]  # fmt: skip
    assert {b["data"]["kind"] for b in bodies} == {"sign"}
    assert Notice.objects.filter(case_id=case, template="warning").count() == 3
    said = [[field.value for field in one.fields] for one in timeline(clock.case)[0] if one.kind == "warning"]
    assert [fields[-1] for fields in said] == ["第 1 次,共 3 次", "第 2 次,共 3 次", "第 3 次,共 3 次"]
