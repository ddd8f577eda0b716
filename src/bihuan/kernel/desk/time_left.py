"""How much time a case or a clock has left: never a colour alone, but a word, a figure and a colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.calendar import Calendar, CalendarError, epoch
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.clocks.running import limit_read
from bihuan.kernel.clocks.words import in_words, remaining
from bihuan.kernel.desk.words import language


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """`tone` is late, near, later, paused or none; `word` names it, `figure` tells the time, `due` is the moment."""

    tone: str
    word: str = ""
    figure: str = ""
    due: datetime | None = None


NONE = TimeLeft("none")


def time_left(
    *,
    due: datetime | None,
    warn: datetime | None,
    limit: Mapping[str, Any] | None,
    now: datetime,
    calendar: Calendar,
) -> TimeLeft:
    """What is left until `due`, in the limit's own time; wall-clock time when no limit is known."""
    if due is None:
        return NONE
    figure = in_words(_left(due, limit, now, calendar), language())
    if now >= due:
        return TimeLeft(
            "late", "" if language() == "en" else gettext("超期"), figure, due
        )  # the figure says it in English
    if warn is not None and now >= warn:
        return TimeLeft("near", gettext("临期"), figure, due)
    return TimeLeft("later", gettext("在限"), figure, due)


def paused_left() -> TimeLeft:
    """A clock that stands still."""
    return TimeLeft("paused", gettext("暂停"), gettext("计时已暂停"))


def _left(due: datetime, limit: Mapping[str, Any] | None, now: datetime, calendar: Calendar) -> Any:
    if not limit or "fixed" in limit:
        return int((due - now).total_seconds())
    try:
        return remaining(limit_read(limit), epoch(due), epoch(now), calendar)
    except CalendarError:
        return int((due - now).total_seconds())


class Pressing(NamedTuple):
    """Of a running clock only what its time is told by."""

    limit: Mapping[str, Any]
    due_at: datetime | None
    paused_at: datetime | None


def limits_pressing(ids: Iterable[int]) -> dict[int, list[Pressing]]:
    """The running clocks of these cases, for the limit by which each one's due time is told."""
    found: dict[int, list[Pressing]] = {}
    running = Clock.objects.filter(case_id__in=list(ids), stopped_at=None)
    for case, *clock in running.values_list("case_id", "limit", "due_at", "paused_at"):
        found.setdefault(case, []).append(Pressing(*clock))
    return found


def case_left(
    *,
    due: datetime | None,
    warn: datetime | None,
    clocks: Sequence[Pressing | Clock],
    now: datetime,
    calendar: Calendar,
) -> TimeLeft:
    """What is left of a case's most pressing clock; paused when its clocks only stand still."""
    if due is None:
        return paused_left() if any(clock.paused_at for clock in clocks) else NONE
    limit = next((clock.limit for clock in clocks if clock.due_at == due), None)
    return time_left(due=due, warn=warn, limit=limit, now=now, calendar=calendar)


def cases_left(cases: Iterable[Case], now: datetime) -> dict[int, TimeLeft]:
    """What is left of each of these cases, by its id, in one query."""
    rows, calendar = list(cases), rulebook().calendar
    clocks = limits_pressing(one.pk for one in rows)
    return {
        one.pk: case_left(
            due=one.due_at, warn=one.warn_at, clocks=clocks.get(one.pk, ()), now=now, calendar=calendar
        )
        for one in rows
    }
