"""The hall of the demonstration: windows, people at them, and the last hour of a day of tickets, played through the services."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bihuan.kernel.appointments.models import HoursChange, Resource
from bihuan.kernel.appointments.rules import ARRIVED, BOOKED, CANCELLED, MISSED
from bihuan.kernel.appointments.selectors import booking_code
from bihuan.kernel.appointments.services import Wish, booking_arrive, booking_cancel, booking_make
from bihuan.kernel.appointments.sweeping import bookings_miss
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
WINDOWS = (
    ("1", "AB"), ("2", "AB"), ("3", "C"), ("4", "AD"), ("5", "ABCDE"), ("6", "E"), ("7", "BC"), ("8", "D"),
)  # fmt: skip
AT = {"2": "hou", "3": "qin", "4": "jiang", "6": "luyao"}
"""Who sits already; bai is away from window 7 for a moment, fang sits down where she likes."""
PAUSED, AWAY = "7", "bai"
COME = (
    "A", "C old", "B", "E", "A", "C", "B soldier", "D", "A", "E", "A disabled", "C", "B", "E", "A old", "D", "C", "B", "A child", "E",
    "D", "B", "A", "C pregnant", "B", "A", "E", "D old",
)  # fmt: skip
WAYS = (KIOSK, PHONE, COUNTER)
MINUTES = 60
BOOKABLE = (
    ("hall-1", "企业和经营", "Business"),
    ("hall-2", "企业和经营", "Business"),
    ("hall-3", "社保和民生", "Social security"),
    ("hall-4", "不动产", "Property"),
    ("hall-8", "不动产", "Property"),
    ("hall-6", "咨询和取件", "Questions and pick-up"),
)
"""What can be booked; those called alike serve alike."""
SLOT = timedelta(minutes=30)
TODAY = (
    (-5, "hall-1", "郝建平", ARRIVED),
    (-4, "hall-3", "康美华", MISSED),
    (-3, "hall-4", "龚志强", ARRIVED),
    (-2, "hall-2", "段晓峰", MISSED),
    (2, "hall-2", "贺春梅", BOOKED),
    (2, "hall-3", "汤国栋", BOOKED),
    (3, "hall-4", "黎秀英", BOOKED),
    (5, "hall-6", "尹志刚", CANCELLED),
)
"""Bookings of today: how many slots from now, where, who, and what became of them. The fully booked ones are tomorrow's."""
FULL = ("hall-4", "hall-8")
FULL_NAMES = (
    "邵志明",
    "万红霞",
    "覃建军",
    "武文静",
    "乔海燕",
    "贾永福",
    "赖秀珍",
    "文振华",
    "柳春生",
    "舒雅丽",
    "麦世昌",
    "祝晓东",
)


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
    away = _scope(AWAY, begin)
    calling.window_sit(window=at[PAUSED], scope=away, now=begin)
    step = (until - begin) / (len(COME) + 2)
    _booked(unit, begin)
    for place, told in enumerate(COME):
        now = begin + step * (place + 1)
        _come(unit.pk, place, told, now)
        code = list(AT)[place % len(AT)]
        if place % 5 != 1:
            _serve(at[code], scopes[AT[code]], now + step / 2, comes=place % 9 != 3)
    calling.window_pause(window=at[PAUSED], reason="去打印证照", scope=away, now=until)
    _bookings(unit, until)
    return len(COME)


def _enter(unit: Unit, begin: datetime) -> None:
    for code, skills in WINDOWS:
        window_add(unit=unit.pk, code=code, skills=skills, by="system", now=begin)
    HoursChange.objects.create(
        unit=unit, first=day_of(begin), on="all", shifts=[[0, 24 * 3600]], reason="延时服务:午休、节假日不打烊"
    )  # fmt: skip
    Resource.objects.bulk_create(
        Resource(code=code, name=name, name_en=english, kind="window", unit=unit, minutes=30, buffer=0)
        for code, name, english in BOOKABLE
    )


def _scope(username: str, now: datetime) -> Scope:
    return scope_of(person=Person.objects.get(username=username).pk, at=now, roles=roles())


def _booked(unit: Unit, begin: datetime) -> None:
    """Somebody comes who has booked."""
    slot = begin.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if day_of(slot) != day_of(begin):
        return
    resource = Resource.objects.get(code="hall-1").pk
    made = booking_make(wish=Wish([resource], slot, "何玉兰", "19900000311"), by=BY_REPORTER, now=begin)
    wanted = taking.Wanted(
        unit=unit.pk, key="demonstration-booked", way=KIOSK, group="B", phone="19900000311", booking=made.number,
        code=booking_code(made.pk),
    )  # fmt: skip
    taking.ticket_take(wanted=wanted, by=0, now=begin + timedelta(minutes=1))


def _bookings(unit: Unit, until: datetime) -> None:
    """Today's appointments in every state, and two windows booked up tomorrow morning."""
    at = dict(Resource.objects.filter(unit=unit).values_list("code", "pk"))
    local = until.astimezone(BEIJING)
    first = local.replace(minute=local.minute // 30 * 30, second=0, microsecond=0)
    rows = [(first + SLOT * slots, code, name, state) for slots, code, name, state in TODAY]
    nine = first.replace(hour=9, minute=0) + timedelta(days=1)
    rows += [(nine + SLOT * (n // 2), FULL[n % 2], name, BOOKED) for n, name in enumerate(FULL_NAMES)]
    counter = Scope(0, (), (unit.pk,), False)
    for n, (begin, code, name, state) in enumerate(rows):
        if state in (ARRIVED, MISSED) and day_of(begin) != day_of(until):
            continue
        wish = Wish([at[code]], begin, name, f"199000005{n:02}")
        made = booking_make(wish=wish, by=BY_REPORTER, now=min(until, begin) - timedelta(hours=20))
        if state == ARRIVED:
            booking_arrive(booking=made.pk, scope=counter, now=begin)
        elif state == CANCELLED:
            booking_cancel(booking=made.pk, by=BY_REPORTER, now=until - timedelta(hours=1))
    bookings_miss(now=until)


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
