"""The hall of the demonstration: windows, people at them, and the last hour of a day of tickets, played through the services."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bihuan.kernel.appointments.models import HoursChange, Resource
from bihuan.kernel.appointments.selectors import booking_code
from bihuan.kernel.appointments.services import Wish, booking_make
from bihuan.kernel.clocks.calendar import BEIJING
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, day_of, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.packs.onewindow.demonstration.items import DISTRICT
from bihuan.packs.onewindow.hall import calling, taking
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from bihuan.packs.onewindow.hall.rules import COUNTER, KIOSK, PHONE
from bihuan.packs.onewindow.hall.windows import window_add

HALL = f"{DISTRICT}_approval"
WINDOWS = (("1", "AB"), ("2", "AB"), ("3", "C"), ("4", "AD"), ("5", "ABCDE"), ("6", "E"))
AT = {"2": "hou", "3": "qin"}
"""Who sits already; fang sits down where she likes."""
COME = (
    "A",
    "C old",
    "B",
    "A",
    "E",
    "C",
    "B soldier",
    "A",
    "D",
    "A disabled",
    "C",
    "B",
    "E",
    "A old",
    "C",
    "B",
    "A child",
    "D",
    "B",
    "A",
)
WAYS = (KIOSK, PHONE, COUNTER)
MINUTES = 60


def hall_play(*, until: datetime) -> int:
    """Enter the hall and play its last hour, once; returns how many tickets were taken (0: it was there)."""
    if HallWindow.objects.exists():
        return 0
    unit = Unit.objects.get(code=HALL)
    begin = max(until - timedelta(minutes=MINUTES), datetime.combine(day_of(until), time(), BEIJING))
    with kernel_writes():
        _enter(unit, begin)
    scopes = {name: _scope(name, begin) for name in AT.values()}
    at = {code: HallWindow.objects.get(unit=unit, code=code).pk for code, _skills in WINDOWS}
    for code, name in AT.items():
        calling.window_sit(window=at[code], scope=scopes[name], now=begin)
    step = (until - begin) / (len(COME) + 2)
    _booked(unit, begin)
    for place, told in enumerate(COME):
        now = begin + step * (place + 1)
        _come(unit.pk, place, told, now)
        code = list(AT)[place % len(AT)]
        if place % 4 != 1:
            _serve(at[code], scopes[AT[code]], now + step / 2, comes=place % 7 != 3)
    return len(COME)


def _enter(unit: Unit, begin: datetime) -> None:
    for code, skills in WINDOWS:
        window_add(unit=unit.pk, code=code, skills=skills, by="system", now=begin)
    HoursChange.objects.create(
        unit=unit, first=day_of(begin), on="all", shifts=[[0, 24 * 3600]], reason="延时服务:午休、节假日不打烊(演示城市全天)"
    )  # fmt: skip
    Resource.objects.create(
        code="hall-6", name="6号窗口", name_en="Window 6", kind="window", unit=unit, minutes=30, buffer=0
    )


def _scope(username: str, now: datetime) -> Scope:
    return scope_of(person=Person.objects.get(username=username).pk, at=now, roles=roles())


def _booked(unit: Unit, begin: datetime) -> None:
    """Somebody comes who has booked."""
    slot = begin.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if day_of(slot) != day_of(begin):
        return
    resource = Resource.objects.get(code="hall-6").pk
    made = booking_make(wish=Wish([resource], slot, "何玉兰", "19900000311"), by=BY_REPORTER, now=begin)
    wanted = taking.Wanted(
        unit=unit.pk, key="demonstration-booked", way=KIOSK, group="B", phone="19900000311", booking=made.number,
        code=booking_code(made.pk),
    )  # fmt: skip
    taking.ticket_take(wanted=wanted, by=0, now=begin + timedelta(minutes=1))


def _come(unit: int, place: int, told: str, now: datetime) -> Ticket:
    group, _blank, priority = told.partition(" ")
    way = WAYS[place % len(WAYS)]
    wanted = taking.Wanted(
        unit=unit, key=f"demonstration-{place}", way=way, group=group, priority=priority,
        phone=f"199000004{place:02}" if way == PHONE else "",
    )  # fmt: skip
    return taking.ticket_take(wanted=wanted, by=BY_REPORTER if way == PHONE else 0, now=now)


def _serve(window: int, scope: Scope, now: datetime, *, comes: bool) -> None:
    called = calling.ticket_call(window=window, scope=scope, now=now)
    if called is None:
        return
    if not comes:
        for n in (1, 2):
            calling.ticket_recall(ticket=called.pk, scope=scope, now=now + timedelta(seconds=20 * n))
        calling.ticket_skip(ticket=called.pk, scope=scope, now=now + timedelta(seconds=60))
        return
    calling.ticket_begin(ticket=called.pk, scope=scope, now=now + timedelta(seconds=30))
