"""The rules of an on-site evaluation: how many places are checked, what a measurement means, and what follows. Pure.

Source: GA 836 as the default (rules.md C2): ≥ 2 places of each sub-item, all where there are no more; 防火间距, 消防车道, 安全出口 and 疏散楼梯 every one;
one failure of grade B → 4 more; an error ≤ 5 % without effect on use passes.

A sheet is what was written of an item, as a flat map of texts: "none" ("on": 无此项), "remark", and by sub-item `S` and place `k` from 1:
"S.places" (how many there are), "S.k.where", "S.k.result" (pass or fail), "S.k.required" and "S.k.measured" (in the sub-item's unit),
"S.k.effect" ("on").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from bihuan.packs.fire.evaluations.checklist import CHECKLIST, MUST, SUBS, Bound, Sub
from bihuan.packs.fire.materials import FAIL, ITEMS, NONE, PASS

MOST_PLACES = 60
"""Places of a sub-item on one sheet."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How places are drawn: at least so many, so many more after one failure of grade B; so many failures of grade C are let pass, and
    an error of so many percent.
    """

    least: int = 2
    again: int = 4
    grade_c: int = 1
    percent: int = 5


class Told(NamedTuple):
    """Something to be said of a sub-item (its name, "" for the whole item), told in words by `words.py`: `detail` is places, or how many."""

    code: Literal["failed", "places", "more", "again", "unwritten", "must", "zero"]
    sub: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """An item: "pass", "fail", "none" or "" (not finished); `reasons` why it failed, `missing` what is still to be done, `faults` what
    failed within what passed.
    """

    result: str
    reasons: tuple[Told, ...] = ()
    missing: tuple[Told, ...] = ()
    faults: tuple[Told, ...] = ()


def sample_size(places: int, *, every: bool, terms: Terms) -> int:
    """How many of the places are checked at first: every one, or at least `least` (all where there are no more)."""
    return places if every else min(places, terms.least)


def within_tolerance(
    required: Decimal, measured: Decimal, *, bound: Bound, effect: bool, percent: int
) -> bool:
    """Does a measured value pass? At the required value or on its good side, or off by at most `percent` without effect on use."""
    short = required - measured if bound == "min" else measured - required
    return short <= 0 or (not effect and short * 100 <= required * percent)


def places_of(sub: Sub, sheet: Mapping[str, str]) -> int | None:
    """How many places there are on site; None: not said."""
    said = sheet.get(f"{sub.code}.places", "")
    return int(said) if said else None


def results_of(sub: Sub, sheet: Mapping[str, str], terms: Terms) -> Iterator[tuple[str, str]]:
    """Where and with what result, for every place that was checked, in order."""
    for place in range(1, MOST_PLACES + 1):
        one = {
            name: sheet.get(f"{sub.code}.{place}.{name}", "")
            for name in ("where", "result", "required", "measured", "effect")
        }
        result = one["result"]
        if sub.quantity:
            result = _measured(sub, one, terms)
        if result:
            yield one["where"] or str(place), result


def _measured(sub: Sub, one: Mapping[str, str], terms: Terms) -> str:
    if not one["required"] or not one["measured"]:
        return ""
    fits = within_tolerance(
        Decimal(one["required"]), Decimal(one["measured"]), bound=sub.bound, effect=one["effect"] == "on", percent=terms.percent
    )  # fmt: skip
    return PASS if fits else FAIL


def sub_judged(sub: Sub, sheet: Mapping[str, str], terms: Terms) -> Judged:
    """A sub-item: of grade A nothing may fail, of B one if so many more pass, of C so many as the terms let pass."""
    places = places_of(sub, sheet)
    if places is None:
        return Judged("", missing=(Told("places", sub.name),))
    if not places:
        return Judged(NONE)
    results = list(results_of(sub, sheet, terms))
    failed = [where for where, result in results if result == FAIL]
    let_pass = {"A": 0, "B": 1, "C": terms.grade_c}[sub.grade]
    said = Told("failed", sub.name, "、".join(failed))
    if len(failed) > let_pass:
        return Judged(FAIL, reasons=(said,))
    first = sample_size(places, every=sub.every, terms=terms)
    wanted = min(places, first + terms.again) if failed and sub.grade == "B" else first
    if len(results) < wanted:
        missing = Told("again" if wanted > first else "more", sub.name, str(wanted - len(results)))
        return Judged("", missing=(missing,))
    return Judged(PASS, faults=(said,) if failed else ())


def item_judged(kind: str, item: str, sheet: Mapping[str, str] | None, terms: Terms) -> Judged:
    """An item of a building's checklist: none where the building has it not, failed with its first failed sub-item."""
    belongs = CHECKLIST[kind].get(item)
    if not belongs:
        return Judged(NONE)
    if sheet is None:
        return Judged("", missing=(Told("unwritten"),))
    if sheet.get("none") == "on":
        return Judged("", missing=(Told("must"),)) if belongs == MUST else Judged(NONE)
    judged = [sub_judged(sub, sheet, terms) for sub in SUBS[item]]
    reasons, missing, faults = (
        tuple(said for one in judged for said in getattr(one, name))
        for name in ("reasons", "missing", "faults")
    )
    if reasons:
        return Judged(FAIL, reasons, (), faults)
    if not missing and all(one.result == NONE for one in judged):
        missing = (Told("zero"),)
    return Judged("" if missing else PASS, (), missing, faults)


def evaluation_judged(kind: str, sheets: Mapping[str, Mapping[str, str]], terms: Terms) -> dict[str, Judged]:
    """Every one of the 17 items, in order."""
    return {item: item_judged(kind, item, sheets.get(item), terms) for item, _name in ITEMS}


def evaluation_concluded(judged: Mapping[str, Judged]) -> str:
    """ "pass" when no item failed, "fail" when one did; "" while something is not finished."""
    results = {one.result for one in judged.values()}
    return "" if "" in results else FAIL if FAIL in results else PASS


def sheet_digest(sheet: Mapping[str, str]) -> str:
    """SHA-256 of a sheet's lines `name=value` in the order of the names; what is empty is left out. `evaluation.js` computes the same."""
    lines = "\n".join(f"{name}={value}" for name, value in sorted(sheet.items()) if value)
    return hashlib.sha256(lines.encode()).hexdigest()


def evaluation_digest(
    kind: str, sheets: Mapping[str, Sequence[str]], photos: Iterable[tuple[str, str]] = ()
) -> str:
    """SHA-256 of what is signed: the kind of building, for each of its items written the digests of its present versions, several
    while they are in conflict, and every photograph as its item and the hash of the file as the device sent it.
    """
    items = [item for item, _name in ITEMS if item in CHECKLIST[kind] and sheets.get(item)]
    lines = [f"{item} {'+'.join(sorted(sheets[item]))}" for item in items]
    pictures = sorted({f"photo {item} {sha256}" for item, sha256 in photos})
    return hashlib.sha256("\n".join((kind, *lines, *pictures)).encode()).hexdigest()
