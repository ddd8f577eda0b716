"""The network of parts: what must precede what, and how long it all takes one after another and side by side. Pure.

Days are whole working days. A plan counts from day 0, on which what nothing precedes begins; what has happened is told by
ranks, the place of a day among the working days of the calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, Protocol

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.lib.text import FieldError

WAITING, BEGUN, DONE, FAILED = "waiting", "begun", "done", "failed"
BECAME = ((BEGUN, "已开始"), (DONE, "已办结"), (FAILED, "没有通过"))
"""What becomes of a part, told on the whole's case."""
MOST_PARTS, MOST_DAYS = 20, 365


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A part: its code, the working days that it is expected to take, the codes of what must be done before it begins, and
    what it is called."""

    code: str
    days: int
    after: tuple[str, ...] = ()
    label: str = ""
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, as days of a plan or ranks of working days."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """When each part begins and ends at the earliest. `serial`: days one after another; `parallel`: side by side, the length of
    the longest chain, whose parts are `critical` in their order."""

    spans: Mapping[str, Span]
    serial: int
    parallel: int
    critical: tuple[str, ...]

    @property
    def saved(self) -> int:
        return self.serial - self.parallel


@dataclass(frozen=True, slots=True)
class Happened:
    """When a part was opened and ended, as ranks; None: not yet."""

    opened: int | None = None
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the events of the parts that have ended come to: the sum of their days, the days from the first opening to the last end,
    and the difference."""

    serial: int
    elapsed: int

    @property
    def saved(self) -> int:
        return self.serial - self.elapsed


def network_check(parts: Sequence[PartPlan]) -> None:
    """FieldError ("parts") with a sentence when this is no network: unknown, doubled, before itself, in a circle, of no days."""
    if not parts:
        raise FieldError("parts", "required", "至少要有一个部分。")
    if len(parts) > MOST_PARTS:
        raise FieldError("parts", "too_many", f"最多 {MOST_PARTS} 个部分。")
    codes: set[str] = set()
    for part in parts:
        if part.code in codes:
            raise FieldError("parts", "part_twice", f"“{part.code}”写了两次。")
        codes.add(part.code)
        if not 1 <= part.days <= MOST_DAYS:
            raise FieldError("parts", "range", f"“{part.code}”的天数应为 1 至 {MOST_DAYS} 个工作日。")
    for part in parts:
        _before_check(part, codes)
    try:
        _sorted(parts)
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise FieldError("parts", "part_circle", f"先后成了一个圈:{circle}。") from None


def _before_check(part: PartPlan, codes: Collection[str]) -> None:
    for before in part.after:
        if before == part.code:
            raise FieldError("parts", "part_itself", f"“{part.code}”不能排在它自己之后。")
        if before not in codes:
            raise FieldError("parts", "part_unknown", f"“{part.code}”排在“{before}”之后,但没有“{before}”。")


def _sorted(parts: Iterable[PartPlan]) -> tuple[str, ...]:
    return tuple(TopologicalSorter({part.code: part.after for part in parts}).static_order())


def network_plan(parts: Sequence[PartPlan]) -> Plan:
    """The plan of a network that is one."""
    by_code = {part.code: part for part in parts}
    spans: dict[str, Span] = {}
    for code in _sorted(parts):
        begin = max((spans[before].end for before in by_code[code].after), default=0)
        spans[code] = Span(begin, begin + by_code[code].days)
    serial = sum(part.days for part in parts)
    return Plan(spans, serial, max(span.end for span in spans.values()), longest_chain(parts, spans))


def longest_chain(parts: Sequence[PartPlan], spans: Mapping[str, Span]) -> tuple[str, ...]:
    """The chain that ends last, walked back by whatever ended last before; of equals the one listed first."""
    by_code = {part.code: part for part in parts}
    chain: list[str] = []
    ends = [part.code for part in parts if part.code in spans]
    while ends:
        chain.append(max(ends, key=lambda code: spans[code].end))
        ends = [before for before in by_code[chain[-1]].after if before in spans]
    return tuple(reversed(chain))


def parts_ready(parts: Sequence[PartPlan], *, done: Collection[str], begun: Collection[str]) -> list[str]:
    """What can begin now: not begun, and all that precedes it is done."""
    return [part.code for part in parts if part.code not in begun and set(part.after) <= set(done)]


def parts_held(parts: Sequence[PartPlan], failed: Collection[str]) -> list[str]:
    """What cannot begin because something before it has failed, directly or not; in the order of the list."""
    held: set[str] = set()
    by_code = {part.code: part for part in parts}
    for code in _sorted(parts):
        if code not in failed and any(b in failed or b in held for b in by_code[code].after):
            held.add(code)
    return [part.code for part in parts if part.code in held]


def outcome_of(happened: Mapping[str, Happened]) -> Outcome | None:
    """What has been reached by the parts that have ended; None before one has."""
    spans = spans_ended(happened)
    if not spans:
        return None
    first, last = min(s.begin for s in spans.values()), max(s.end for s in spans.values())
    return Outcome(sum(s.end - s.begin for s in spans.values()), last - first)


def spans_ended(happened: Mapping[str, Happened]) -> dict[str, Span]:
    """The parts that have ended, from when to when."""
    return {
        code: Span(one.opened, one.ended)
        for code, one in happened.items()
        if one.opened is not None and one.ended is not None
    }


def forecast(parts: Sequence[PartPlan], happened: Mapping[str, Happened], today: int) -> dict[str, Span]:
    """From when to when each part was, is or will be at the earliest, as ranks: what is late ends today at the earliest."""
    by_code = {part.code: part for part in parts}
    spans: dict[str, Span] = {}
    for code in _sorted(parts):
        part, one = by_code[code], happened.get(code, Happened())
        begin = one.opened
        if begin is None:
            begin = max((today, *(spans[before].end for before in part.after)))
        end = one.ended if one.ended is not None else max(begin + part.days, today)
        spans[code] = Span(begin, end)
    return spans


# Guards and facts of the whole's case: `parts` is what each part has come to, by its code.


class HasCase(Protocol):
    """A pack's facts, which carry the kernel's."""

    @property
    def case(self) -> CaseFacts: ...


def _parts(facts: HasCase) -> Mapping[str, str] | None:
    return facts.case.facts.get("parts")


def every_part_is_done(facts: HasCase) -> bool:
    """还有部分没有办完,整件不能办结。"""
    parts = _parts(facts)
    return parts is None or all(became == DONE for became in parts.values())


def a_part_has_failed(facts: HasCase) -> bool:
    """没有哪个部分没有通过。"""
    parts = _parts(facts)
    return parts is None or FAILED in parts.values()


def no_part_is_under_way(facts: HasCase) -> bool:
    """还有部分正在办,先等它们办完或撤回。"""
    parts = _parts(facts)
    return parts is None or BEGUN not in parts.values()


def part_kept(case: CaseFacts) -> dict[str, Any]:
    """What has become of one part beside the others."""
    return {"parts": {**case.facts.get("parts", {}), case.data["part"]: case.data["became"]}}
