"""The loop line: the stations that a case passes, with who, when and how long, and the ways back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from bihuan.kernel.workflow.model import STATIONS, Workflow

ORDER = {code: place for place, (code, _) in enumerate(STATIONS)}
WORKED_AT = ("handled", "reviewed", "called_back")
"""At these stations somebody works: the name shown is who finished, not who sent the case there."""


@dataclass(frozen=True, slots=True)
class Event:
    """A move as the ledger tells it: when, by whom, and the state that it led to."""

    at: datetime
    who: str
    state: str
    label: str = ""


@dataclass(slots=True)
class Stop:
    """One station: `seconds` is the natural time spent there in all visits; `status` is past, here or ahead."""

    station: str
    label: str
    status: str = "ahead"
    at: datetime | None = None
    who: str = ""
    seconds: float | None = None
    visits: int = 0


@dataclass(frozen=True, slots=True)
class Loop:
    """A way back: from one stop to an earlier one, by places on the line, with the step that drew it."""

    start: int
    end: int
    label: str
    at: datetime
    who: str


@dataclass(slots=True)
class Line:
    stops: list[Stop] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)

    @property
    def here(self) -> Stop | None:
        return next((stop for stop in self.stops if stop.status == "here"), None)

    @property
    def width(self) -> int:
        """The drawing's width: a hundred for each stop."""
        return 100 * len(self.stops)

    @property
    def arcs(self) -> list[str]:
        """Each different way back as the path of an arc over the stops, 36 high; the farther, the higher."""
        longest = max((loop.start - loop.end for loop in self.loops), default=1)
        ways = sorted({(loop.start, loop.end) for loop in self.loops})
        return [_arc(start, end, 30 * (start - end) / longest) for start, end in ways]

    @property
    def loops_told(self) -> list[dict[str, object]]:
        """Ways back with the names of their stops."""
        return [
            {
                "label": loop.label,
                "who": loop.who,
                "at": loop.at,
                "start": self.stops[loop.start].label,
                "end": self.stops[loop.end].label,
            }
            for loop in self.loops
        ]


def _arc(start: int, end: int, height: float) -> str:
    right, left, top = start * 100 + 50, end * 100 + 50, 36 - height
    return f"M{right} 36 C{right} {top - 8:.0f} {left} {top - 8:.0f} {left} 36"


@cache
def stations_of(workflow: Workflow) -> tuple[str, ...]:
    """The stations of a workflow in order: found, those of its states, and those that a step passes in one move.

    A station without a state of its own lies on the line when some step leads from the station before it to the one
    after it: taking that step is passing it, as signing for is. Where somebody works, nobody passes by the way.
    """
    held = {state.station for state in workflow.states} | {"found", "numbered"}
    passed = set()
    for step in workflow.steps:
        for source in step.sources:
            first = ORDER[workflow.state[source].station]
            last = ORDER[workflow.target_of(step, source).station]
            if last - first == 2:
                passed.add(STATIONS[first + 1][0])
    return tuple(code for code, _ in STATIONS if code in held | (passed - set(WORKED_AT)))


@cache
def places_of(workflow: Workflow, state: str) -> tuple[int, int]:
    """Which stop a state is at, and how many there are."""
    stations = stations_of(workflow)
    return stations.index(workflow.state[state].station), len(stations)


def loop_line(workflow: Workflow, events: Sequence[Event], *, found_at: datetime, now: datetime) -> Line:
    """The line of a case from its moves in order; the first event is its opening. Times are spent until `now`."""
    stations = stations_of(workflow)
    line = Line([Stop(code, workflow.station_label(code)) for code in stations])
    line.stops[0].at, line.stops[0].visits = found_at, 1
    if not events:
        return line
    line.stops[0].seconds = (events[0].at - found_at).total_seconds()
    place, since = _walk(line, workflow, stations, events)
    _status(line, place, final=workflow.state[events[-1].state].final)
    here = line.here
    if here:
        here.seconds = (here.seconds or 0) + (now - since).total_seconds()
    return line


def _walk(
    line: Line, workflow: Workflow, stations: Sequence[str], events: Sequence[Event]
) -> tuple[int, datetime]:
    """Go along the line with the events; returns the last place and since when the case is there."""
    place, since = stations.index("numbered"), events[0].at
    _arrive(line.stops[place], events[0])
    for event in events:
        target = stations.index(workflow.state[event.state].station)
        if target == place:
            continue
        _leave(line.stops[place], event, since)
        if target < place:
            line.loops.append(Loop(place, target, event.label, event.at, event.who))
        else:
            _pass(line.stops[place + 1 : target], event)
        _arrive(line.stops[target], event)
        place, since = target, event.at
    return place, since


def _status(line: Line, place: int, *, final: bool) -> None:
    for stop in line.stops[:place]:
        stop.status = "past" if stop.visits else "skipped"
    line.stops[place].status = "past" if final else "here"
    for stop in line.stops[place + 1 :]:
        stop.status = "again" if stop.visits else "ahead"


def _arrive(stop: Stop, event: Event) -> None:
    stop.at, stop.visits, stop.who = event.at, stop.visits + 1, event.who
    if stop.station in WORKED_AT:
        stop.who = ""


def _leave(stop: Stop, event: Event, since: datetime) -> None:
    stop.seconds = (stop.seconds or 0) + (event.at - since).total_seconds()
    if stop.station in WORKED_AT:
        stop.who = event.who


def _pass(stops: list[Stop], event: Event) -> None:
    """A single station between two is passed by the step itself; a longer jump leaves stations out."""
    if len(stops) == 1 and stops[0].station not in WORKED_AT:
        _arrive(stops[0], event)
