"""Tickets and windows through the services: numbers, calls, and refusals that change nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from bihuan.kernel.appointments.models import HoursChange, Resource
from bihuan.kernel.appointments.selectors import booking_code
from bihuan.kernel.appointments.services import Wish, booking_make
from bihuan.kernel.clocks.calendar import Shift
from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.pack import roles
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.hall import calling
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from bihuan.packs.onewindow.hall.rules import Waiting, next_called, terms_default
from bihuan.packs.onewindow.hall.selectors import before, calls_last, hall_hours, hours_added, hours_told
from bihuan.packs.onewindow.hall.taking import (
    Wanted,
    ticket_give_up,
    ticket_return,
    ticket_take,
)
from tests.packs.onewindow.conftest import APPROVAL, MARKET, Window

OLD = "371502195001011228"
YOUNG = "371502199001011226"


class Hall:
    """A hall with three windows; `at` is whoever sits there."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.unit = window.units[APPROVAL]
        with kernel_writes():
            self.windows = {
                code: HallWindow.objects.create(
                    unit_id=self.unit, code=code, skills=list(skills), since=window.now
                ).pk
                for code, skills in (("1", "AB"), ("2", "AB"), ("3", "C"))
            }
        self.taken = 0

    def scope(self, who: str) -> Scope:
        return scope_of(person=self.window.people[who], at=self.window.now, roles=roles())

    def take(self, group: str = "A", **more: Any) -> Ticket:
        self.taken += 1
        given = {"key": f"key-{self.taken}", "way": "kiosk", **more}
        return ticket_take(wanted=Wanted(unit=self.unit, group=group, **given), by=0, now=self.window.now)

    def sit(self, code: str = "1", who: str = "fang") -> HallWindow:
        return calling.window_sit(window=self.windows[code], scope=self.scope(who), now=self.window.now)

    def call(self, code: str = "1", who: str = "fang") -> Ticket | None:
        return calling.ticket_call(window=self.windows[code], scope=self.scope(who), now=self.window.now)

    def do(self, what: str, ticket: Ticket, who: str = "fang", **more: Any) -> Ticket:
        found: Ticket = getattr(calling, f"ticket_{what}")(
            ticket=ticket.pk, scope=self.scope(who), now=self.window.now, **more
        )
        return found

    def serve(self, code: str = "1", who: str = "fang") -> Ticket:
        called = self.call(code, who)
        assert called is not None
        return self.do("begin", called, who)

    def refused(self, code: str, act: Any) -> None:
        """`act` is refused with this code, and nothing changed."""
        seen = self.contents()
        with pytest.raises((Refusal, FieldError)) as error:
            act()
        assert getattr(error.value, "code", getattr(error.value, "rule", "")) == code
        assert self.contents() == seen

    def contents(self) -> list[Any]:
        with kernel_writes(), connection.cursor() as cursor:
            cursor.execute("select count(*) from ledger_entry")
            entries = cursor.fetchall()
            rows = [
                list(model.objects.order_by("pk").values_list()) for model in (Ticket, HallWindow, Notice)
            ]
        return [entries, *rows]


@pytest.fixture
def hall(window: Window) -> Hall:
    return Hall(window)


def test_numbers_run_without_gaps_by_group_and_day(hall: Hall) -> None:
    numbers = [hall.take(group).number for group in "ABAA"]
    assert numbers == ["20260302A0001", "20260302B0001", "20260302A0002", "20260302A0003"]
    hall.refused("choice", lambda: hall.take("Z"))
    assert hall.take("A").shown == "A004"
    hall.window.later(days=1)
    assert hall.take("A").number == "20260303A0001"


def test_the_same_form_sent_twice_takes_one_number(hall: Hall) -> None:
    first = hall.take("A", key="once")
    assert hall.take("A", key="once").pk == first.pk
    assert Ticket.objects.count() == 1


def test_a_key_answers_in_its_hall_on_its_day_and_by_its_way_alone(hall: Hall) -> None:
    first = hall.take("A", key="once", phone="19900000001")
    hall.refused("ticket_key", lambda: hall.take("A", key="once", way="phone"))
    with kernel_writes():
        Ticket.objects.update(unit=hall.window.units[MARKET])
    hall.refused("ticket_key", lambda: hall.take("A", key="once"))
    with kernel_writes():
        Ticket.objects.update(unit=hall.unit)
    assert hall.take("A", key="once").pk == first.pk
    hall.window.later(days=1)
    hall.refused("ticket_key", lambda: hall.take("A", key="once"))


def test_the_item_says_the_group_and_the_identity_number_the_priority(hall: Hall) -> None:
    made = hall.take("", item=hall.window.item.pk, id_number=OLD)
    assert (made.group, made.priority, made.holder) == ("B", "old", "371***********1228")
    assert made.turn == hall.window.now - timedelta(minutes=15)
    assert "195001" not in made.holder + made.holder_key
    hall.refused("id_number", lambda: hall.take("A", id_number="371502199001011227"))
    hall.refused("phone", lambda: hall.take("A", phone="123"))
    hall.refused("choice", lambda: hall.take("A", priority="friend"))
    hall.refused("unknown", lambda: hall.take("", item=10**6))


def test_one_open_number_of_a_group_each(hall: Hall) -> None:
    first = hall.take("A", id_number=YOUNG)
    hall.refused("ticket_open", lambda: hall.take("A", id_number=YOUNG))
    assert hall.take("B", id_number=YOUNG).shown == "B001"
    ticket_give_up(ticket=first.pk, by=BY_REPORTER, now=hall.window.now)
    assert hall.take("A", id_number=YOUNG).shown == "A002"
    hall.refused("ticket_state", lambda: ticket_give_up(ticket=first.pk, by=BY_REPORTER, now=hall.window.now))


def test_no_number_outside_the_hours_and_more_hours_by_dates(hall: Hall) -> None:
    hall.window.later(hours=8)
    hall.refused("hall_hours", lambda: hall.take("A"))
    hall.window.later(days=5)
    hall.refused("hall_shut", lambda: hall.take("A"))
    with kernel_writes():
        HoursChange.objects.create(
            unit_id=hall.unit, first=hall.window.now.date(), on="rest", shifts=[[8 * 3600, 20 * 3600]], reason="延时服务"
        )  # fmt: skip
    assert hall.take("A").shown == "A001"
    today = hall.window.now.date()
    assert hours_told(hall_hours(hall.unit, today)) == "08:00-20:00"
    days = (today, today + timedelta(days=2))
    assert [hours_added(hall.unit, day) for day in days] == [["延时服务"], []]
    assert hours_told([Shift(0, 24 * 3600)]) == "全天"


def test_a_booking_comes_first_and_is_kept_with_the_number(hall: Hall) -> None:
    with kernel_writes():
        resource = Resource.objects.create(code="w1", name="窗口", kind="window", unit_id=hall.unit)
        other = Resource.objects.create(
            code="w2", name="窗口", kind="window", unit_id=hall.window.units["371502_market"]
        )
    begin = hall.window.now + timedelta(minutes=30)
    made = booking_make(
        wish=Wish([resource.pk], begin, "宋晓梅", "19900000001"), by=BY_REPORTER, now=hall.window.now
    )
    away = booking_make(
        wish=Wish([other.pk], begin, "宋晓梅", "19900000001"), by=BY_REPORTER, now=hall.window.now
    )
    walked = hall.take("A")
    hall.window.later(minutes=25)
    hall.refused("booking", lambda: hall.take("A", booking=made.number, code="AAAA-AAAA"))
    hall.refused("booking_unit", lambda: hall.take("A", booking=away.number, code=booking_code(away.pk)))
    kept = hall.take("A", booking=made.number, code=booking_code(made.pk))
    assert (kept.turn, kept.booking_id) == (hall.window.now - timedelta(minutes=20), made.pk)
    made.refresh_from_db()
    assert made.state == "arrived"
    hall.refused("booking_state", lambda: hall.take("B", booking=made.number, code=booking_code(made.pk)))
    hall.sit()
    assert [hall.serve().pk, hall.serve().pk] == [walked.pk, kept.pk]


@pytest.mark.parametrize(("minutes", "first"), [(4, 1), (14, 0)])
def test_a_window_calls_as_the_rule_says(hall: Hall, minutes: int, first: int) -> None:
    """The database's order is the rule's own, before and after the first has waited an hour; so is how many are before."""
    wants = [("A", ""), ("B", ""), ("C", ""), ("A", "disabled"), ("B", ""), ("A", "old")]
    made = []
    for group, priority in wants:
        made.append(hall.take(group, priority=priority))
        hall.window.later(minutes=minutes)
    with kernel_writes():  # as if the second were booked
        Ticket.objects.filter(pk=made[1].pk).update(turn=made[0].turn - timedelta(minutes=20))
    hall.sit()
    waiting = [
        Waiting(one.turn, one.pk, one.group, kept=one.turn if one.priority else one.taken_at)
        for one in Ticket.objects.all()
    ]
    order, long_ago = [], hall.window.now - timedelta(minutes=60)
    while one := next_called(waiting, frozenset("AB"), long_ago=long_ago):
        waiting.remove(one)
        order.append(one.id)
    assert order[0] == made[first].pk
    with kernel_writes():
        places = [before(Ticket.objects.get(pk=pk), terms_default(), hall.window.now) for pk in order]
    assert places == [0, 1, 2, 3, 4]
    assert [hall.serve().pk for _ in range(5)] == order
    assert hall.call() is None
    assert [one.group for one in waiting] == ["C"]


def test_called_three_times_skipped_and_back_once(hall: Hall) -> None:
    first, second = hall.take(), hall.take()
    hall.sit()
    called = hall.call()
    assert called == first
    hall.refused("ticket_called", hall.call)
    hall.refused("ticket_calls", lambda: hall.do("skip", first))
    hall.refused("ticket_state", lambda: hall.do("finish", first))
    for calls in (2, 3):
        assert hall.do("recall", first).calls == calls
    assert hall.do("skip", first).state == "skipped"
    hall.window.later(minutes=20)
    back = ticket_return(ticket=first.pk, unit=hall.unit, by=0, now=hall.window.now)
    assert (back.state, back.calls, back.turn) == ("waiting", 0, hall.window.now - timedelta(minutes=10))
    assert [hall.serve().pk, hall.call()] == [second.pk, first]
    for _ in range(2):
        hall.do("recall", first)
    hall.do("skip", first)
    given = {"ticket": first.pk, "by": 0, "now": hall.window.now}
    hall.refused("ticket_returned", lambda: ticket_return(unit=hall.unit, **given))
    hall.refused("not_found", lambda: ticket_return(unit=hall.window.units[MARKET], **given))


def test_a_person_is_sent_on_without_queueing_again(hall: Hall) -> None:
    first = hall.take("A")
    hall.take("C")
    hall.sit()
    hall.sit("3", "hou")
    hall.refused("not_found", lambda: hall.do("transfer", first, to=hall.windows["3"]))
    hall.serve()
    hall.refused("window_other", lambda: hall.do("transfer", first, to=hall.windows["1"]))
    hall.refused("window_other", lambda: hall.do("transfer", first, to=hall.windows["2"]))
    sent = hall.do("transfer", first, to=hall.windows["3"])
    assert (sent.state, sent.window_id) == ("waiting", hall.windows["3"])
    assert hall.call() is None
    assert hall.call("3", "hou") == first


def test_who_sits_where(hall: Hall) -> None:
    hall.refused("window_not_mine", hall.call)
    hall.sit()
    hall.refused("window_taken", lambda: hall.sit("1", "hou"))
    hall.refused("window_elsewhere", lambda: hall.sit("2"))
    hall.refused("not_found", lambda: hall.sit("2", "wang"))
    hall.refused("not_permitted", lambda: hall.sit("2", "cheng"))
    hall.take()
    hall.call()
    pause = {"window": hall.windows["1"], "scope": hall.scope("fang"), "now": hall.window.now}
    hall.refused("window_busy", lambda: calling.window_pause(reason="开会", **pause))
    hall.refused("window_busy", lambda: calling.window_leave(**pause))
    hall.do("finish", hall.do("begin", Ticket.objects.get()))
    hall.refused("empty", lambda: calling.window_pause(reason=" ", **pause))
    calling.window_pause(reason="开会", **pause)
    hall.refused("window_paused", hall.call)
    hall.sit()
    left = calling.window_leave(**pause)
    assert (left.state, left.person_id) == ("shut", None)


def test_the_manager_says_what_a_window_serves(hall: Hall) -> None:
    given = {"window": hall.windows["3"], "now": hall.window.now}
    hall.refused(
        "not_permitted", lambda: calling.window_skills_set(skills=["A"], scope=hall.scope("fang"), **given)
    )
    hall.refused(
        "window_skills", lambda: calling.window_skills_set(skills=[], scope=hall.scope("cheng"), **given)
    )
    hall.refused(
        "window_skills",
        lambda: calling.window_skills_set(skills=["A", "Z"], scope=hall.scope("cheng"), **given),
    )
    assert calling.window_skills_set(skills=["E", "C"], scope=hall.scope("cheng"), **given).skills == [
        "C",
        "E",
    ]


def test_those_who_left_a_number_are_told(hall: Hall) -> None:
    told = hall.take("A", phone="19900000001")
    for n in range(4):
        hall.take("A", phone=f"1990000010{n}")
    hall.sit()
    hall.serve()
    rows = (
        Notice.objects.filter(target__startswith="ticket:")
        .order_by("pk")
        .values_list("template", "target", "context__count")
    )
    assert list(rows)[:2] == [
        ("ticket_taken", f"ticket:{told.pk}", 0),
        ("ticket_taken", f"ticket:{told.pk + 1}", 1),
    ]
    near = [(target, count) for template, target, count in rows if template == "ticket_near"]
    assert near == [(f"ticket:{told.pk + n}", n - 1) for n in (1, 2, 3)]


def test_what_a_display_may_show(hall: Hall) -> None:
    for _ in range(3):
        hall.take("A", id_number="")
    hall.sit()
    hall.serve()
    hall.window.later(minutes=1)
    hall.call()
    calls = calls_last(hall.unit, hall.window.now)
    assert [(one.shown, one.window, one.calls, one.there) for one in calls] == [
        ("A002", "1", 1, False),
        ("A001", "1", 1, True),
    ]
    with kernel_writes():
        assert before(Ticket.objects.get(number__endswith="A0003"), terms_default(), hall.window.now) == 0
