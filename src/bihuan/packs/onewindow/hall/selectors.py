"""What a hall shows: its hours, its rules, who waits, who was called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.utils.translation import gettext as _

from bihuan.kernel.appointments.models import HoursChange
from bihuan.kernel.appointments.rules import Changed, hours_of_day
from bihuan.kernel.clocks.calendar import BEIJING, Shift, day_number
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.lib.refusals import NotFound
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from bihuan.packs.onewindow.hall.rules import (
    AT_WINDOW,
    CALLED,
    DEFAULTS,
    FIRST,
    HEAD_STARTS,
    SERVED,
    SKIPPED,
    WAITING,
    Terms,
    groups_read,
    terms_default,
)

MINUTE = 60
WHOLE_DAY = Shift(0, 24 * 3600)
SHOWN = 8


def terms_now(now: datetime) -> Terms:
    """The hall's rules in force."""
    book, on = rulebook(), day_of(now)

    def value(code: str, default: Any = None) -> Any:
        return book.value(code, region=settings.REGION, on=on, default=default)

    numbers = {code: int(value(code, default)) for code, default in DEFAULTS.items()}
    heads = {code: int(minutes) for code, minutes in value("onewindow.hall_head_start", HEAD_STARTS).items()}
    told = value("onewindow.hall_groups")
    return Terms(numbers, heads, groups_read(told) if told else terms_default().groups)


def halls() -> QuerySet[Unit]:
    """The units that have a hall, in order. Within `kernel_writes`: names of units are no secret."""
    return Unit.objects.filter(pk__in=hall_units()).order_by("code")


def hall_units() -> list[int]:
    """Their ids, as far as the scope sees their windows; all within `kernel_writes`."""
    return list(
        HallWindow.objects.filter(active=True).order_by("unit").values_list("unit_id", flat=True).distinct()
    )


def hall_of(scope: Scope) -> int:
    """The hall that somebody works in. NotFound where their units have none."""
    held = {one.unit for one in (*scope.held, *scope.lent)}
    found = [unit for unit in hall_units() if unit in held or scope.everything]
    if not found:
        raise NotFound("hall_none", _("您的单位没有办事大厅。请系统管理员先登记窗口。"))
    return found[0]


def hall_hours(unit: int, day: date) -> list[Shift]:
    """The hours of a hall on a day: office hours, and what is added (延时服务) or taken away by dates."""
    calendar, number = rulebook().calendar, day_number(day)
    changes = [changed for changed, _reason in _hours_changed(unit, day)]
    return hours_of_day(
        day, working=calendar.is_working(number), office=calendar.hours_of(number).shifts, changes=changes
    )


def hours_added(unit: int, day: date) -> list[str]:
    """What is announced of the hours that a hall adds on a day (延时服务)."""
    working = rulebook().calendar.is_working(day_number(day))
    rows = _hours_changed(unit, day)
    return [reason for changed, reason in rows if not changed.closed and changed.holds(day, working=working)]


def _hours_changed(unit: int, day: date) -> list[tuple[Changed, str]]:
    rows = HoursChange.objects.filter(
        Q(last=None) | Q(last__gte=day), unit=unit, resource=None, first__lte=day
    )
    return [
        (Changed(row.first, row.last, row.on, tuple(Shift(*shift) for shift in row.shifts), row.closed), row.reason)
        for row in rows.order_by("first", "pk")
    ]  # fmt: skip


def hours_told(shifts: Sequence[Shift]) -> str:
    """08:30-12:00、14:00-17:30, or that it is all day; "" for none."""
    if list(shifts) == [WHOLE_DAY]:
        return _("全天")
    return "、".join(f"{_clock(shift.start)}-{_clock(shift.end)}" for shift in shifts)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def hall_span(unit: int, day: date) -> tuple[datetime, datetime] | None:
    """When a hall's day begins and ends; None on a day without hours."""
    shifts = hall_hours(unit, day)
    if not shifts:
        return None
    midnight = datetime.combine(day, time(), BEIJING)
    return midnight + timedelta(seconds=shifts[0].start), midnight + timedelta(seconds=shifts[-1].end)


def tickets_of(unit: int, now: datetime) -> QuerySet[Ticket]:
    """The tickets of today."""
    return Ticket.objects.filter(unit=unit, day=day_of(now))


def in_place(tickets: QuerySet[Ticket], terms: Terms, now: datetime) -> QuerySet[Ticket]:
    """Waiting tickets in the order of `rules.place_of`: the kept turn is the turn of who has priority or came back, else when it was taken."""
    ordinary = When(priority="", returns=0, then=F("taken_at"))
    long_ago = now - timedelta(minutes=terms.of("long"))
    placed = tickets.annotate(kept=Case(ordinary, default=F("turn")))
    place = Case(When(kept__lte=long_ago, then=F("kept") - FIRST), default=F("turn"))
    return placed.annotate(place=place).order_by("place", "pk")


def queue_of(window: HallWindow, terms: Terms, now: datetime) -> QuerySet[Ticket]:
    """Who waits for this window, in order: who was sent to it and those whom it serves."""
    sent_or_served = Q(window=window) | Q(window=None, group__in=window.skills)
    return in_place(tickets_of(window.unit_id, now).filter(sent_or_served, state=WAITING), terms, now)


def before(ticket: Ticket, terms: Terms, now: datetime, windows: Sequence[HallWindow] | None = None) -> int:
    """How many wait in places before this one, at windows that could serve it; 0 once it waits no more. Within `kernel_writes`."""
    beside = groups_beside(ticket.group, ticket.unit_id, windows)
    rows = in_place(tickets_of(ticket.unit_id, now).filter(state=WAITING, group__in=beside), terms, now)
    places = enumerate(rows.values_list("pk", flat=True))
    return next((place for place, pk in places if pk == ticket.pk), 0)


def groups_beside(group: str, unit: int, windows: Sequence[HallWindow] | None = None) -> set[str]:
    """The groups that share an open window with this one: whoever waits there may come first."""
    rows = windows if windows is not None else HallWindow.objects.filter(unit=unit, state="open")
    return {group}.union(*(set(row.skills) for row in rows if group in row.skills))


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the hall sees and hears it: no name, nothing but the number and the window."""

    ticket: int
    shown: str
    window: str
    calls: int
    at: datetime
    there: bool


def calls_last(unit: int, now: datetime, *, window: int | None = None, most: int = SHOWN) -> list[Call]:
    """The latest calls, the newest first; `there`: the person has come, or did not. Of one window: who is called there or served now."""
    rows = tickets_of(unit, now).filter(last_call_at__isnull=False, window__isnull=False)
    rows = rows.filter(state__in=(*AT_WINDOW, SKIPPED, SERVED))
    if window is not None:
        rows = rows.filter(window=window, state__in=AT_WINDOW)
    return [
        Call(row.pk, row.shown, row.window.code if row.window else "", row.calls, row.last_call_at or now, row.state != CALLED)
        for row in rows.select_related("window").order_by("-last_call_at")[:most]
    ]  # fmt: skip


def minutes_between(begin: datetime | None, end: datetime | None) -> int:
    """Whole minutes from one moment to another; 0 where one is missing."""
    return max(0, int((end - begin).total_seconds() // MINUTE)) if begin and end else 0


def waiting_counted(unit: int, now: datetime) -> dict[str, int]:
    """How many wait, by group."""
    return dict(tickets_of(unit, now).filter(state=WAITING).values_list("group").annotate(n=Count("pk")))
