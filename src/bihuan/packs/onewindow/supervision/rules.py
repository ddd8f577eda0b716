"""Which cards an application's ledger earns: pure functions of its entries, in their order (rules.md B5).

Yellow: a clock of the office is near its end. Red: the promise, the statutory limit or the term of a stage was exceeded; a valid
application was refused; a refusal gives no reason; a fee was taken that the catalogue does not list or above its standard. No clock of
its own runs here: the kernel's warnings and breaches are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bihuan.packs.onewindow.fees.rules import above_standard
from bihuan.packs.onewindow.rules import lacking

YELLOW, RED = "yellow", "red"
NEAR, PROMISE, STATUTE, STAGE, REFUSED, NO_REASON, FEE = (
    "near",
    "promise",
    "statute",
    "stage",
    "refused",
    "no_reason",
    "fee",
)
CODES = (NEAR, PROMISE, STATUTE, STAGE, REFUSED, NO_REASON, FEE)
OFFICE = frozenset(("notice", "handle", "special", "serve", "contact", "rectify"))
"""Clocks that the office must keep; the others are the applicant's."""
REASONED = frozenset(("refuse", "decline", "not_ours", "terminate"))
"""Steps that must give their reason (《行政许可法》 art. 38, 55)."""
LAWFUL = frozenset(("not_needed", "not_eligible"))
"""Grounds on which an application may be refused although all its materials are there."""
KINDS = ("opened", "move", "warning", "breach")
"""Entries that are read."""


class Entry(NamedTuple):
    """An entry of a case: its number in the stream, when, of which kind, its data, by whom; how many characters its reason has
    (`words`), and how many a reason had at the `least` on that day.
    """

    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Any]
    by: int | str = "system"
    words: int = 0
    least: int = 0


class Found(NamedTuple):
    """A card: at which entry, by which rule, of which colour, whose unit, in which state, by whom; `clock` and its end where it is one's."""

    seq: int
    rule: str
    colour: str
    unit: int
    stage: str
    by: int | None
    at: datetime
    clock: str = ""
    due_at: datetime | None = None


def cards_of(entries: Iterable[Entry], facts: Mapping[str, Any]) -> list[Found]:
    """The cards of one case; `facts` are the case's."""
    found: list[Found] = []
    unit, stage = 0, ""
    for entry in entries:
        if entry.kind == "opened":
            unit, stage = int(entry.data["unit"]), str(entry.data["state"])
        elif entry.kind in ("warning", "breach"):
            found += _of_clock(entry, unit, stage)
        elif entry.kind == "move":
            found += _of_step(entry, unit, stage, facts)
            unit, stage = int(entry.data.get("unit", unit)), str(entry.data["to"])
    return found


def _of_clock(entry: Entry, unit: int, stage: str) -> Iterator[Found]:
    kind, basis = str(entry.data["kind"]), str(entry.data["basis"])
    if kind not in OFFICE or (entry.kind == "warning" and basis != "promised"):
        return
    late = STAGE if kind != "handle" else PROMISE if basis == "promised" else STATUTE
    rule, colour = (NEAR, YELLOW) if entry.kind == "warning" else (late, RED)
    due = entry.data.get("due_at")
    yield Found(
        entry.seq,
        rule,
        colour,
        unit,
        stage,
        None,
        entry.at,
        kind,
        datetime.fromisoformat(due) if due else None,
    )


def _of_step(entry: Entry, unit: int, stage: str, facts: Mapping[str, Any]) -> Iterator[Found]:
    step = str(entry.data["step"])
    by = entry.by if isinstance(entry.by, int) else None
    if step == "decline" and refuses_valid(facts, str(entry.data.get("fields", {}).get("ground", ""))):
        yield Found(entry.seq, REFUSED, RED, unit, stage, by, entry.at)
    fields = entry.data.get("fields", {})
    if step == "fee_pay" and above_standard(facts, str(fields.get("amount", ""))):
        yield Found(entry.seq, FEE, RED, unit, stage, by, entry.at)
    if step == "fee_found":
        yield Found(entry.seq, FEE, RED, unit, stage, None, entry.at)
    if step in REASONED and entry.words < entry.least:
        yield Found(entry.seq, NO_REASON, RED, unit, stage, by, entry.at)


def refuses_valid(facts: Mapping[str, Any], ground: str) -> bool:
    """材料齐全、符合法定形式的申请,应当受理(《行政许可法》第三十二条)。"""
    return "materials" in facts and not lacking(facts) and ground not in LAWFUL


def score(yellow: int, red: int, *, points_yellow: int, points_red: int) -> int:
    """A unit's score of electronic supervision: a hundred less the points of its cards, not below nothing."""
    return max(0, 100 - yellow * points_yellow - red * points_red)
