"""When the moves of a demonstration order happen: in office hours, between its opening and the end of the run. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.kernel.clocks.calendar import Calendar
from bihuan.packs.hotline.demonstration.script import Script


@dataclass(frozen=True, slots=True)
class Timeline:
    """When things happen: working hours after `opened`, all before `until` (epoch seconds)."""

    opened: int
    until: int
    calendar: Calendar
    factor: float
    by_office: bool

    def at(self, hours: float) -> int:
        """The instant `hours` after the opening."""
        seconds = hours * 3600 * self.factor
        if self.by_office:
            found = self.calendar.reached(max(1, self.calendar.worked(self.opened) + round(seconds)))
        else:
            found = self.opened + round(seconds)
        return min(max(found, self.opened + 1), self.until)

    def later(self, instant: int, hours: float) -> int:
        """`hours` of work after an instant, before `until`."""
        return min(
            self.calendar.reached(self.calendar.worked(instant) + max(1, round(hours * 3600))), self.until
        )


def timeline(
    script: Script, *, opened: int, until: int, calendar: Calendar, seat: bool, closed: bool
) -> Timeline:
    """The time line on which all of the script's moves lie between `opened` and `until`.

    In office hours where there are enough of them; pressed together where the script is longer than what is left,
    and drawn out (at most twice) where an order that is still open came long ago.
    """
    longest = max((sum(m.hours for m in moves) for moves in script.assisting), default=0.0)
    needed = (script.hours + (0 if closed else longest)) * 3600
    worked = calendar.worked(until) - calendar.worked(opened) - 120
    if seat or worked < 1800:
        factor = min(1.0, (until - opened) * 0.98 / needed) if needed else 1.0
        return Timeline(opened, until, calendar, factor, by_office=False)
    factor = min(1.0, worked / needed) if needed else 1.0
    if not closed and needed and worked > needed * 1.3:
        factor = min(2.0, 0.8 * worked / needed)
    return Timeline(opened, until, calendar, factor, by_office=True)
