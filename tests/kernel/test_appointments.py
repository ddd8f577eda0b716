"""Booking, moving, cancelling, arriving, missing: two never share a time, and what is refused leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from bihuan.kernel.appointments.models import Booking, HoursChange, Resource
from bihuan.kernel.appointments.selectors import booking_code, booking_found, resources_offered
from bihuan.kernel.appointments.services import (
    Wish,
    booking_arrive,
    booking_cancel,
    booking_make,
    booking_move,
)
from bihuan.kernel.appointments.sweeping import bookings_forget, bookings_miss, bookings_remind
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.follow_codes import HIDDEN
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.notices.services import notices_send
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from tests.api.client import contents, rows
from tests.committed import cases_emptied, connected, together

EVERYTHING = Scope(0, (), (), True)
PHONE = "13912344321"


def resource(code: str, *, minutes: int = 30, buffer: int = 0, unit: str = "371502_market") -> int:
    with kernel_writes():
        made = Resource.objects.create(
            code=code, name=f"{code}号窗口", kind="window", unit=Unit.objects.get(code=unit), minutes=minutes, buffer=buffer
        )  # fmt: skip
    return int(made.pk)


class Office:
    """A window of the market bureau, on the Tuesday after the standing moment."""

    def __init__(self, now: datetime) -> None:
        scope_apply(EVERYTHING)
        self.now, self.window = now, resource("W1", buffer=10)
        self.day = now.replace(hour=0, minute=0) + timedelta(days=1)

    def at(self, hour: int, minute: int = 0, days: int = 0) -> datetime:
        return self.day + timedelta(days=days, hours=hour, minutes=minute)

    def books(self, begin: datetime, *, by: int = BY_REPORTER, **more: Any) -> Booking:
        wish = Wish(**{"resources": [self.window], "begin": begin, "name": "宋晓梅", "phone": PHONE, **more})
        return booking_make(wish=wish, by=by, now=self.now)

    def free(self) -> list[str]:
        day = self.day.date()
        (one,) = resources_offered(first=day, last=day, resources=[self.window])
        return [f"{slot.begin:%H:%M}" for slot in one.free(day, self.now)]

    def kinds(self, booking: Booking) -> list[str]:
        with kernel_writes():
            return list(
                LedgerEntry.objects.filter(stream=f"booking:{booking.pk}").order_by("seq").values_list("kind", flat=True)
            )  # fmt: skip


@pytest.fixture
def office(db: None, now: datetime) -> Office:
    return Office(now)


def state() -> Any:
    with kernel_writes():
        return rows(), contents(), list(Booking.objects.order_by("pk").values())


def test_what_is_booked_is_no_longer_free(office: Office) -> None:
    free = ["08:30", "09:10", "09:50", "10:30", "11:10", "14:00", "14:40", "15:20", "16:00", "16:40"]
    assert office.free() == free
    made = office.books(office.at(9, 10))
    assert (made.number, made.state) == ("YY202603020001", "booked")
    assert office.free() == [one for one in free if one != "09:10"]
    with kernel_writes():
        (entry,) = LedgerEntry.objects.filter(stream=f"booking:{made.pk}")
    body = json.loads(bytes(entry.body))
    assert (entry.kind, body["by"], sorted(body["private"])) == ("booked", "reporter", ["name", "phone"])
    assert "宋晓梅" not in bytes(entry.body).decode() and PHONE not in bytes(entry.body).decode()
    assert booking_found(number=made.number.lower(), code=booking_code(made.pk).lower()).pk == made.pk
    assert ledger_verify().faults == ()


def test_the_message_holds_the_code_and_what_is_kept_of_it_does_not(office: Office, monkeypatch: Any) -> None:
    sent = []
    monkeypatch.setattr(
        "bihuan.kernel.notices.adapters.sms_http.carry", lambda m: sent.append(m) or "139****4321"
    )
    made = office.books(office.at(9, 10))
    notice = Notice.objects.get(template="booking_made")
    assert notices_send(ids=[notice.pk], now=office.now).sent == [notice.pk]
    (message,) = sent
    assert (
        message.to == PHONE and booking_code(made.pk) in message.text and "2026-03-03 09:10" in message.text
    )
    notice.refresh_from_db()
    assert booking_code(made.pk) not in notice.text and HIDDEN in notice.text
    assert notice.target == "139****4321"


@pytest.mark.parametrize(
    ("begin", "error", "words"),
    [
        (lambda o: o.at(9, 10), Conflict, "刚被别人约走"),
        (lambda o: o.at(9, 15), Refusal, "这个时间不办理预约"),
        (lambda o: o.at(12, 30), Refusal, "这个时间不办理预约"),
        (lambda o: o.at(9, 10, days=4), Refusal, "这个时间不办理预约"),  # a Saturday
        (lambda o: o.now - timedelta(minutes=1), Refusal, "已经过了"),
        (lambda o: o.at(9, 10, days=14), Refusal, "还不能预约"),
    ],
)
def test_what_cannot_be_booked(office: Office, begin: Any, error: type[Refusal], words: str) -> None:
    office.books(office.at(9, 10))
    before = state()
    with pytest.raises(error, match=words):
        office.books(begin(office), phone="13912340000")
    assert state() == before


@pytest.mark.parametrize(
    ("more", "field"), [({"name": ""}, "name"), ({"phone": ""}, "phone"), ({"phone": "12345"}, "phone"), ({"name": "长" * 61}, "name")]
)  # fmt: skip
def test_what_is_typed_wrong(office: Office, more: dict[str, Any], field: str) -> None:
    before = state()
    with pytest.raises(FieldError) as refused:
        office.books(office.at(9, 10), **more)
    assert refused.value.field == field
    assert state() == before


def test_a_case_and_a_key(office: Office) -> None:
    with pytest.raises(NotFound):
        office.books(office.at(9, 10), case=10**9)
    made = office.books(office.at(9, 10), key="k1")
    assert office.books(office.at(9, 10), key="k1").pk == made.pk
    assert Booking.objects.count() == 1


def test_the_database_itself_keeps_the_buffer_free(office: Office) -> None:
    made = office.books(office.at(9, 10))
    begin = made.end + timedelta(minutes=5)
    with (
        pytest.raises(IntegrityError, match="appointments_one_at_a_time"),
        kernel_writes(),
        transaction.atomic(),
    ):
        Booking.objects.create(
            number="X", resource_id=office.window, begin=begin, end=begin + timedelta(minutes=5), made_at=office.now,
            held=(begin, begin + timedelta(minutes=5)),
        )  # fmt: skip


def test_the_next_window_is_taken_when_the_first_is(office: Office) -> None:
    second = resource("W2", buffer=10)
    first = office.books(office.at(9, 10), resources=[office.window, second])
    then = office.books(office.at(9, 10), resources=[office.window, second], phone="13912340000")
    assert (first.resource_id, then.resource_id) == (office.window, second)


def test_a_citizen_holds_only_so_many(office: Office) -> None:
    for hour, minute in ((8, 30), (9, 10), (9, 50)):
        office.books(office.at(hour, minute))
    before = state()
    with pytest.raises(Refusal, match="已有几个预约"):
        office.books(office.at(10, 30))
    assert state() == before
    assert office.books(office.at(10, 30), by=Person.objects.get(username="wang").pk).pk


def test_moved_and_cancelled(office: Office) -> None:
    made = office.books(office.at(9, 10))
    act = {"booking": made.pk, "by": BY_REPORTER}
    moved = booking_move(**act, resources=[office.window], begin=office.at(14), now=office.now)
    assert (moved.pk, moved.number, moved.begin) == (made.pk, made.number, office.at(14))
    assert "09:10" in office.free() and "14:00" not in office.free()
    other = office.books(office.at(9, 10), phone="13912340000")
    before = state()
    with pytest.raises(Conflict):
        booking_move(**act, resources=[office.window], begin=other.begin, now=office.now)
    with pytest.raises(Refusal, match="60 分钟以内不能"):
        booking_cancel(**act, now=office.at(13, 30))
    assert state() == before
    assert booking_cancel(**act, now=office.now).state == "cancelled"
    assert "14:00" in office.free()
    with pytest.raises(Refusal, match="已取消,不能这样办"):
        booking_cancel(**act, now=office.now)
    assert office.kinds(made) == ["booked", "moved", "cancelled"]


def test_arrived_only_on_the_day_and_only_by_its_own_unit(office: Office) -> None:
    made = office.books(office.at(9, 10))
    mine = Scope(
        Person.objects.get(username="wang").pk, (), (Unit.objects.get(code="371502_market").pk,), False
    )
    other = Scope(1, (), (Unit.objects.get(code="371502_education").pk,), False)
    before = state()
    with pytest.raises(NotPermitted, match="别的单位"):
        booking_arrive(booking=made.pk, scope=other, now=office.at(9, 5))
    with pytest.raises(Refusal, match="不是今天"):
        booking_arrive(booking=made.pk, scope=mine, now=office.now)
    assert state() == before
    assert booking_arrive(booking=made.pk, scope=mine, now=office.at(9, 5)).state == "arrived"
    assert bookings_miss(now=office.at(18)) == 0
    with pytest.raises(Refusal, match="已到"):
        booking_arrive(booking=made.pk, scope=mine, now=office.at(9, 6))


def test_who_does_not_come_three_times_books_ahead_no_more_for_a_while(office: Office) -> None:
    for hour, minute in ((8, 30), (9, 10), (9, 50)):
        office.books(office.at(hour, minute))
    assert bookings_miss(now=office.at(9, 25)) == 1  # fifteen minutes to the second are not too late
    assert bookings_miss(now=office.at(18)) == 2
    assert bookings_miss(now=office.at(18)) == 0
    office.now = office.at(18)
    before = state()
    with pytest.raises(Refusal, match="近期不能提前预约"):
        office.books(office.at(9, 10, days=1))
    assert state() == before
    office.now += timedelta(days=90)
    assert office.books(office.at(9, 10, days=92)).state == "booked"


def test_reminded_the_day_before_once(office: Office) -> None:
    made = office.books(office.at(9, 10))
    assert bookings_remind(now=office.now.replace(hour=8)) == 0
    assert bookings_remind(now=office.now) == 1
    assert bookings_remind(now=office.now + timedelta(hours=1)) == 0
    notice = Notice.objects.get(template="booking_reminder")
    assert notice.context["when"] == "2026-03-03 09:10" and notice.target == f"booking:{made.pk}"
    booking_move(
        booking=made.pk,
        resources=[office.window],
        begin=office.at(9, 10, days=1),
        by=BY_REPORTER,
        now=office.now,
    )
    assert bookings_remind(now=office.now + timedelta(days=1)) == 1


def test_names_and_numbers_are_erased_after_their_days(office: Office) -> None:
    made = office.books(office.at(9, 10))
    assert bookings_forget(now=office.at(9, days=90)) == 0
    assert bookings_forget(now=office.at(12, days=90)) == 1
    made.refresh_from_db()
    assert (made.name, made.phone) == ("", "")
    assert office.kinds(made)[-1] == "anonymised"
    assert ledger_verify().faults == ()


def test_hours_that_are_added_and_taken_away(office: Office) -> None:
    unit = Unit.objects.get(code="371502_market")
    day = office.day.date()
    with kernel_writes():
        noon = HoursChange.objects.create(
            unit=unit, first=day, on="working", shifts=[[43_200, 50_400]], reason="延时"
        )
        HoursChange.objects.create(
            unit=unit, resource_id=resource("W3"), first=day, on="all", shifts=[[0, 86_400]], closed=True, reason="停办"
        )  # fmt: skip
    assert "12:30" in office.free()  # from half past eight through noon in one stretch
    with kernel_writes():
        HoursChange.objects.filter(pk=noon.pk).update(last=date(2026, 3, 2))
    assert "12:30" not in office.free()


def test_a_day_of_many_resources_is_one_query(office: Office, django_assert_num_queries: Any) -> None:
    for number in range(30):
        resource(f"R{number}")
    day = office.day.date()
    resources_offered(first=day, last=day)
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    with django_assert_num_queries(6):  # the rules' stamp, the kernel's role, the time zone, and the one
        assert len(resources_offered(first=day, last=day)) == 31


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with cases_emptied():  # and what hangs on cases: bookings too
            yield
        with connected("owner"), connection.cursor() as cursor:
            cursor.execute("delete from appointments_resource")


def test_of_two_who_book_the_same_time_exactly_one_has_it(committed: None, now: datetime) -> None:
    with transaction.atomic():
        scope_apply(EVERYTHING)
        window = resource("R1", minutes=30)
    times = [now.replace(hour=0, minute=0) + timedelta(days=day, hours=9) for day in (1, 2, 3)]
    begin = Barrier(2)

    def book_all(phone: str) -> list[Any]:
        results: list[Any] = []
        for time in times:
            begin.wait(20)
            try:
                wish = Wish([window], time, "张三", phone)
                results.append(booking_make(wish=wish, by=BY_REPORTER, now=now).number)
            except Refusal as refusal:
                results.append(refusal)
        return results

    def by_one_key(phone: str) -> Any:
        begin.wait(20)
        try:
            wish = Wish([window], times[0] + timedelta(hours=2), "张三", phone, key="one key")
            return booking_make(wish=wish, by=BY_REPORTER, now=now).number
        except Refusal as refusal:
            return refusal.code

    def clicked_twice() -> str:
        begin.wait(20)
        wish = Wish([window], times[0] + timedelta(hours=1), "张三", "13900000003", key="one form")
        return booking_make(wish=wish, by=BY_REPORTER, now=now).number

    one, two = together(lambda: book_all("13900000001"), lambda: book_all("13900000002"))
    for first, second in zip(one, two, strict=True):
        assert sorted([isinstance(first, Conflict), isinstance(second, Conflict)]) == [False, True]
    with transaction.atomic():
        scope_apply(EVERYTHING)
        assert Booking.objects.count() == 3
        assert sorted(Booking.objects.values_list("number", flat=True)) == [
            f"YY20260302{n:04}" for n in (1, 2, 3)
        ]
    assert together(clicked_twice, clicked_twice) == ["YY202603020004"] * 2
    others = together(lambda: by_one_key("13900000004"), lambda: by_one_key("13900000005"))
    assert sorted(others) == ["YY202603020005", "key_taken"]
