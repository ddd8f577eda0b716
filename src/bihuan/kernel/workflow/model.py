"""States, steps and the workflow that holds them. One line a step: it reads like the table in the regulation.

step("redo", "calling_back -> handling", by="caller_desk", when=citizen_dissatisfied, label="重办")
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.checks import problems

Guard = Callable[[Any], bool]
AWAITED: set[Guard] = set()
"""Guards that hold once others have done their part."""


def awaited(guard: Guard) -> Guard:
    """What only such a guard still holds up stays the step that is meant: none that stands behind it is offered as the usual one."""
    AWAITED.add(guard)
    return guard


STATIONS = (
    ("found", "发现"),
    ("numbered", "编号"),
    ("dispatched", "派出"),
    ("signed_for", "签收"),
    ("handled", "办理"),
    ("reviewed", "审核"),
    ("called_back", "回访"),
    ("closed", "办结"),
)
SYSTEM = "system"
REPORTER = "reporter"
BY_REPORTER = -1
"""`by` of what the reporter does without an account, where 0 is the system and other numbers are people."""
ACTORS = {0: SYSTEM, BY_REPORTER: REPORTER}
"""Who acts without being a person of the house: named by steps in `by`, and so called in entries."""


def actor(by: int) -> int | str:
    """Who an entry says it was: a person's id, "system" or "reporter"."""
    return ACTORS.get(by, by)


class WorkflowError(ValueError):
    """The workflow contradicts itself; the sentence says how."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can be. `station` places it on the loop line; `waits_for` is the role whose move is next.

    An assisting case in a state that does not `holds_up` is not waited for by the lead unit.
    """

    code: str
    label: str
    station: str
    final: bool = False
    waits_for: str = ""
    holds_up: bool = True


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a step does besides moving: see the constructors below."""

    verb: Literal[
        "start",
        "stop",
        "pause",
        "resume",
        "hasten",
        "renew",
        "carry",
        "hold",
        "count",
        "mark",
        "clear",
        "keep",
        "extend",
        "classify",
        "notify",
        "split",
        "request",
        "remember",
        "take",
        "terms",
    ]
    what: str
    extra: str = ""


SINCE_OPENED = "@opened"


def start(clock: str, by: str = "", *, since_opened: bool = False) -> Effect:
    """Start the clock of this kind afresh (its limit comes from the policies). Where the field `by` names an earlier day, the
    promised one ends with that day. `since_opened`: it counts from when the case was taken in.
    """
    return Effect("start", clock, SINCE_OPENED if since_opened else by)


def stop(clock: str) -> Effect:
    """Stop the clock of this kind; its time is final."""
    return Effect("stop", clock)


def pause(clock: str, *, where_allowed: bool = False, as_asked: bool = False, until: str = "") -> Effect:
    """Pause the clock: paused time is not elapsed time. A limit that allows no pause refuses the step, or
    with `where_allowed` runs on. `as_asked`: for so many natural days as are kept under "pause", and only the bases of the
    fact `pause_bases`. `until` names the field with the last day on which it stands still.
    """
    return Effect("pause", clock, "where_allowed" if where_allowed else "as_asked" if as_asked else until)


def resume(clock: str) -> Effect:
    """Resume the paused clock; its due time moves."""
    return Effect("resume", clock)


def hasten(clock: str) -> Effect:
    """Begin the promised clock anew by the limit that holds for the case now, if it then ends earlier than it would."""
    return Effect("hasten", clock)


def renew(clock: str, by: str = "") -> Effect:
    """After a ruling: begin the clock anew where the field `by` names another unit than the holder, else let it go on.
    One that no longer runs begins anew in either case. Stands before `hold`.
    """
    return Effect("renew", clock, by)


def carry(clock: str, by: str = "") -> Effect:
    """Let the clock go on, or begin it where none runs: handing a case on wins no time. Where the field `by` names
    another unit than the holder and the fact `redispatch_term` is "new", the promised one begins anew. Stands before `hold`.
    """
    return Effect("carry", clock, by)


def hold(by: str, *, seen: bool = True) -> Effect:
    """The case goes to a unit: the one in the field `by`, or the one that a step has `remember`ed under that name; "opened_by" is
    the one that took it in. The unit that had it goes on seeing it, unless it is no longer to be `seen` there."""
    return Effect("hold", by, "" if seen else "unseen")


def count(counter: str) -> Effect:
    """Add one to a counter of the case: redo, return and urge are columns, others are kept in its progress."""
    return Effect("count", counter)


def mark(name: str) -> Effect:
    """Set a mark of the case (a column or a key of its progress)."""
    return Effect("mark", name)


def clear(name: str, *, after_returns: str = "") -> Effect:
    """Take a mark away, or set a counter back; with `after_returns` once there are so many returns as that fact says
    (one where it says nothing).
    """
    return Effect("clear", name, after_returns)


def keep(name: str, what: str) -> Effect:
    """Keep the field `what` under `name` in the progress, with who gave it and when: for a later step to judge."""
    return Effect("keep", name, what)


def classify(by: str) -> Effect:
    """The matter of the case becomes the one in the field `by`, when it is given."""
    return Effect("classify", by)


def request(clock: str, length: str) -> Effect:
    """Ask for the clock to be lengthened by the field `length`: judged by the policy now, as when it is granted, and
    kept under "extension".
    """
    return Effect("request", clock, length)


def extend(clock: str) -> Effect:
    """Lengthen the clock as was asked for and kept under "extension"; the terms are the policy's."""
    return Effect("extend", clock)


def remember(name: str) -> Effect:
    """Add the unit that holds the case to a list of its progress. Stands before `hold`."""
    return Effect("remember", name)


def terms(due: str) -> Effect:
    """The superior's deadline becomes the one in the field `due`, when it is given. Stands before `start`."""
    return Effect("terms", due)


def split(units: str) -> Effect:
    """Open a child case for each unit of the field `units`; the parent cannot be answered before they are done."""
    return Effect("split", units)


def take() -> Effect:
    """Whoever takes the step has the case from now on: its handler, until it is handed to another or goes to another unit."""
    return Effect("take", "handler")


def notify(template: str, to: Literal["holder", "reporter", "centre"]) -> Effect:
    """Put a notice in the outbox, in the same transaction."""
    return Effect("notify", template, to)


class Quick(NamedTuple):
    """What is usually answered, as one button: its words, and the fields that it fills in as they would be typed."""

    label: str
    typed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One way from a state to another.

    `by` are the roles of which one is needed; `when` the guards, all of which must hold; `duty` is what the person
    who takes it has then done, and `apart_from` the duties that the person must not have done in this case.
    `at_level` asks for the role of the case's present level of review instead of any of `by`. `quick` are answers in one tap.
    """

    code: str
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    label: str
    when: tuple[Guard, ...] = ()
    asks: tuple[Ask, ...] = ()
    does: tuple[Effect, ...] = ()
    duty: str = ""
    apart_from: tuple[str, ...] = ()
    at_level: bool = False
    caution: str = ""
    quick: tuple[Quick, ...] = ()

    def leads_from(self, state: str) -> bool:
        return state in self.sources


def step(
    code: str,
    way: str,
    *,
    by: str | Iterable[str],
    label: str,
    when: Guard | Iterable[Guard] = (),
    asks: Iterable[Ask] = (),
    does: Iterable[Effect] = (),
    duty: str = "",
    apart_from: str | Iterable[str] = (),
    at_level: bool = False,
    caution: str = "",
    quick: Iterable[Quick] = (),
) -> Step:
    """A step from its line: `way` is "state, state -> state"; a target of "same" stays where the case is."""
    if way.count("->") != 1:
        raise WorkflowError(f"Step {code!r}: its way {way!r} must be 'from -> to'.")
    sources, target = (part.strip() for part in way.split("->"))
    return Step(
        code=code,
        sources=tuple(name.strip() for name in sources.split(",")),
        target=target,
        by=(by,) if isinstance(by, str) else tuple(by),
        label=label,
        when=(when,) if callable(when) else tuple(when),
        asks=tuple(asks),
        does=tuple(does),
        duty=duty,
        apart_from=(apart_from,) if isinstance(apart_from, str) else tuple(apart_from),
        at_level=at_level,
        caution=caution,
        quick=tuple(quick),
    )


@dataclass(frozen=True, slots=True)
class Merging:
    """Steps by which repeats become one: `merge` and `unmerge` are taken through `case_merge` and `case_unmerge`.

    When the survivor comes to the state that `release` leads to, that step brings the merged ones there too, so that
    every caller is called back. `clock` is the kind whose earliest promise the survivor keeps.
    """

    merge: str
    unmerge: str
    release: str
    clock: str

    def steps(self) -> tuple[str, str, str]:
        return self.merge, self.unmerge, self.release


@dataclass(frozen=True, slots=True)
class Joint:
    """How a case of an assisting unit begins; its `clock` ends before the lead unit's `lead_clock`."""

    state: str
    opening: tuple[Effect, ...]
    clock: str
    lead_clock: str


@dataclass(frozen=True)
class Workflow:
    """All states and steps of one kind of case, in one version. Refuses to exist when it contradicts itself.

    `opening` is done when a case begins. `merging` says how repeats become one, `joint` how an assisting unit's case
    begins, `mended` by which steps a case goes on once the works behind it are proved (`cases/mending.py`); a workflow that
    knows none of these leaves them out. `stations` are this field's own words for stations of the loop.
    """

    name: str
    version: int
    label: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    roles: frozenset[str]
    opening: tuple[Effect, ...] = ()
    merging: Merging | None = None
    joint: Joint | None = None
    mended: tuple[str, ...] = ()
    stations: Mapping[str, str] = field(default_factory=dict, compare=False)
    by_code: dict[str, Step] = field(init=False, repr=False, compare=False)
    state: dict[str, State] = field(init=False, repr=False, compare=False)
    leaving: dict[str, tuple[Step, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "state", {state.code: state for state in self.states})
        put(self, "by_code", {step.code: step for step in self.steps})
        for problem in problems(self, stations=[code for code, _ in STATIONS], actors=ACTORS.values()):
            raise WorkflowError(f"Workflow {self.name!r}: {problem}")
        put(
            self,
            "leaving",
            {s.code: tuple(t for t in self.steps if t.leads_from(s.code)) for s in self.states},
        )

    def station_label(self, station: str) -> str:
        """What people of this field call the station. KeyError when the loop has none of this code."""
        return self.stations.get(station) or dict(STATIONS)[station]

    @property
    def initial(self) -> State:
        """The first state listed is where every case begins."""
        return self.states[0]

    @property
    def key(self) -> str:
        """`name/version`, as stored with each case."""
        return f"{self.name}/{self.version}"

    def target_of(self, step: Step, state: str) -> State:
        return self.state[state if step.target == "same" else step.target]

    def fingerprint(self) -> str:
        """SHA-256 over states, steps, roles, guard names and sentences. A guard's body is not part of it."""

        def of_step(step: Step) -> list[Any]:
            guards = [[guard.__name__, inspect.getdoc(guard)] for guard in step.when]
            asks = [
                [a.name, a.label, a.kind, a.required, list(a.choices), a.personal, a.earliest]
                for a in step.asks
            ]
            does = [[e.verb, e.what, e.extra] for e in step.does]
            return [
                *(step.code, list(step.sources), step.target, list(step.by), step.label),
                *(guards, asks, does, step.duty, list(step.apart_from), step.at_level),
            ]

        states = [[s.code, s.label, s.station, s.final, s.waits_for, s.holds_up] for s in self.states]
        opening = [[e.verb, e.what, e.extra] for e in self.opening]
        merging, joint = repr(self.merging), repr(self.joint)
        value = [
            self.key,
            opening,
            merging,
            joint,
            list(self.mended),
            states,
            [of_step(s) for s in self.steps],
            sorted(self.roles),
        ]
        return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()
