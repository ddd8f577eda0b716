"""What is measured: pure functions of the ledger's entries of a case, in their order.

Every item is one thing that counts once for one measure, for the unit that held the case at that moment: "good", "bad" or
"out" (seen, but not counted, with the ground). A rate is good / (good + bad); 0 / 0 is no rate. Items of a case depend on
its entries alone, and those up to a moment on the entries up to that moment: so any closing time can be computed again.

- response, resolution, understanding, satisfaction: what the caller said, a round each; out: not reached, or a type apart.
- on_time, signing: a promised clock stopped in time, or breached (counted when it is).
- returned: a unit's order answered (good) or sent back (bad). redone: closed (good) or handled again (bad).
- sampled: the head's sample signed in time, or overdue (counted when it is).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bihuan.kernel.evaluation.rules import CONTENT
from bihuan.kernel.manifest import Scoring
from bihuan.kernel.workflow.model import REPORTER

GOOD, BAD, OUT = "good", "bad", "out"
SAID = ("response", "resolution", "satisfaction", "understanding")
MEASURES = (*SAID, "on_time", "signing", "returned", "redone", "sampled")
TURNED = ("returned", "redone")
"""Measures whose rate is told as the share of the bad: the less the better."""


class Event(NamedTuple):
    """An entry of a case: its number in the stream, when, of which kind, its data, and by whom."""

    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Any]
    by: int | str = "system"


class Item(NamedTuple):
    """One count: at which entry, of what, for whom, of which matter and place, when, how, and why it is out."""

    seq: int
    measure: str
    unit: int
    matter: str
    place: int | None
    at: datetime
    outcome: str
    why: str = ""


class Signed(NamedTuple):
    """A head's sample with something in it: its id, unit, by when it is to be signed, and when it was."""

    sample: int
    unit: int
    due_at: datetime
    signed_at: datetime | None


def items_of(events: Iterable[Event], rules: Scoring) -> list[Item]:
    """The items of one case. Nothing for history that was taken over."""
    walk: _Walk | None = None
    found: list[Item] = []
    for event in events:
        if event.kind == "opened":
            if event.data.get("imported"):
                return []
            walk = _Walk(event.data, rules)
        elif walk is not None:
            found += walk.next(event)
    return found


class _Walk:
    """The way of one case, entry after entry."""

    def __init__(self, opened: Mapping[str, Any], rules: Scoring) -> None:
        self.rules = rules
        self.unit = int(opened["unit"])
        self.matter = str(opened.get("matter") or "")
        self.place = opened.get("territory")
        self.apart = opened.get("facts", {}).get("type") in rules.apart
        self.late: set[str] = set()
        self.answered: set[int] = set()
        self.clocks = {timed.clock: (m, timed) for m, all_ in rules.timed.items() for timed in all_}

    def next(self, event: Event) -> Iterator[Item]:
        """What this entry counts for; then the case is where the entry brought it."""
        data = event.data
        if event.kind == "breach":
            yield from self._breached(event)
        if event.kind != "move":
            return
        yield from self._timed(event)
        yield from self._said(event)
        yield from self._turned(event)
        self.unit = int(data.get("unit", self.unit))
        self.matter = str(data.get("fields", {}).get("matter") or self.matter)

    def _item(self, event: Event, measure: str, outcome: str, why: str = "") -> Item:
        return Item(event.seq, measure, self.unit, self.matter, self.place, event.at, outcome, why)

    def _breached(self, event: Event) -> Iterator[Item]:
        kind = str(event.data.get("kind"))
        if kind in self.clocks and event.data.get("basis") == "promised" and kind not in self.late:
            self.late.add(kind)
            yield self._item(event, self.clocks[kind][0], BAD)

    def _timed(self, event: Event) -> Iterator[Item]:
        for clock in event.data.get("clocks", ()):
            kind = clock["kind"]
            if kind not in self.clocks or clock["basis"] != "promised":
                continue
            measure, timed = self.clocks[kind]
            if clock.get("stopped") and event.data["step"] in timed.steps and kind not in self.late:
                yield self._item(event, measure, GOOD)
            if clock.get("stopped"):
                self.late.discard(kind)

    def _said(self, event: Event) -> Iterator[Item]:
        step, fields = event.data["step"], event.data.get("fields", {})
        if step in self.rules.unreached:
            for measure in SAID:
                yield self._item(event, measure, OUT, "apart" if self.apart else "unreached")
        if step not in self.rules.asked:
            return
        # On the caller's own form what is not said is not counted; on the telephone it is no.
        asked = {
            m: name for m, name in self.rules.questions.items() if name in fields or event.by != REPORTER
        }
        said = {measure: bool(fields.get(name)) for measure, name in asked.items()}
        said["satisfaction"] = str(fields.get("grade", "")) in CONTENT
        for measure in SAID:
            if self.apart:
                yield self._item(event, measure, OUT, "apart")
            elif measure in said:
                yield self._item(event, measure, GOOD if said[measure] else BAD)

    def _turned(self, event: Event) -> Iterator[Item]:
        step, rules = event.data["step"], self.rules
        if step in rules.returned:
            yield self._item(event, "returned", BAD)
        if step in rules.answered and self.unit not in self.answered:
            self.answered.add(self.unit)
            yield self._item(event, "returned", GOOD)
        if step in rules.redone:
            yield self._item(event, "redone", BAD)
        if step in rules.closed:
            yield self._item(event, "redone", GOOD)


def sample_items(samples: Sequence[Signed], *, until: datetime) -> list[Item]:
    """An item for each sample that was signed in time or had become overdue before `until`; `seq` is the sample's id."""
    found = []
    for one in samples:
        in_time = one.signed_at is not None and one.signed_at <= one.due_at
        at = one.signed_at if in_time and one.signed_at else one.due_at
        if at < until:
            found.append(Item(one.sample, "sampled", one.unit, "", None, at, GOOD if in_time else BAD))
    return found
