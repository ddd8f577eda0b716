"""Places as people write them, found in a tree of units that has dates; and who runs a place. Pure: no
Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

_ENDINGS = ("街道办事处", "街道办", "办事处", "街道", "镇", "乡", "区", "县", "市")
_SHORT_ZONES = (
    ("经济技术开发区", ("经济开发区", "经开区", "开发区")),
    ("高新技术产业开发区", ("高新技术开发区", "高新区")),
    ("旅游度假区", ("度假区",)),
)
_BLANKS = re.compile(r"\s+")
PLACES = ("territory", "zone", "township")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as dispatch knows it. `until` is the first day on which it no longer exists."""

    id: int
    code: str
    name: str
    kind: str
    level: str
    parent: int | None
    since: date = date.min
    until: date | None = None

    def exists(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Run:
    """From `since` until before `until`, unit `by` runs `unit`, whatever its code says."""

    unit: int
    by: int
    since: date = date.min
    until: date | None = None


@dataclass(frozen=True)
class Places:
    """All units with the names that people use for them. Make it with `places_build`."""

    by_id: dict[int, Unit]
    by_code: dict[str, Unit]
    runs: dict[int, tuple[Run, ...]]
    names: dict[str, int]
    full_names: tuple[tuple[str, int], ...] = field(default=())

    def unit_named(self, text: str, *, on: date) -> Unit | None:
        """The unit of any kind with this code or full name on this day."""
        wanted = _BLANKS.sub("", text)
        found = self.by_code.get(wanted) or next((u for u in self.by_id.values() if u.name == wanted), None)
        return found if found is not None and found.exists(on) else None

    def place_named(self, text: str, *, on: date) -> Unit | None:
        """The place with this code or name as people write it, such as 371502011, 李海务,
        东昌府区李海务街道办.
        """
        wanted = _BLANKS.sub("", text)
        found = self.by_code.get(wanted)
        if found is None and wanted in self.names:
            found = self.by_id[self.names[wanted]]
        if found is None:
            found = self.place_within(wanted, on=on)
        return found if found is not None and found.kind in PLACES and found.exists(on) else None

    def place_within(self, text: str, *, on: date) -> Unit | None:
        """The one place named by its full name within a text, the smallest; None when several differ."""
        found = {id_ for name, id_ in self.full_names if name in text}
        units = [self.by_id[id_] for id_ in found if self.by_id[id_].exists(on)]
        townships = [u for u in units if u.kind == "township"]
        chosen = townships or [u for u in units if u.level == "county"]
        return chosen[0] if len(chosen) == 1 else None

    def runner_of(self, place: Unit, *, on: date) -> Unit:
        """The county or zone that runs a place on a day: a dated relation first, then the parent by its
        code.
        """
        if place.kind != "township":
            return place
        for run in self.runs.get(place.id, ()):
            if run.since <= on and (run.until is None or on < run.until):
                return self.by_id[run.by]
        return self.by_id[place.parent] if place.parent is not None else place

    def office(self, territory: Unit, kind: str, *, on: date) -> Unit | None:
        """The unit of this kind (desk, centre) directly under a territory."""
        return next(
            (u for u in self.by_id.values() if u.parent == territory.id and u.kind == kind and u.exists(on)),
            None,
        )


def places_build(units: Sequence[Unit], runs: Iterable[Run]) -> Places:
    """Places from all units and relations. A name that two places share is no name of either."""
    by_id = {u.id: u for u in units}
    names: dict[str, set[int]] = {}
    full: list[tuple[str, int]] = []
    for unit in units:
        if unit.kind in PLACES:
            parent = by_id[unit.parent].name if unit.parent is not None else ""
            for name in _names_of(unit.name, parent):
                names.setdefault(name, set()).add(unit.id)
            full += [(name, unit.id) for name in _safe_names_of(unit.name, parent)]
    relations: dict[int, tuple[Run, ...]] = {}
    for run in runs:
        relations[run.unit] = (*relations.get(run.unit, ()), run)
    only = {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}
    return Places(by_id, {u.code: u for u in units}, relations, only, tuple(f for f in full if f[0] in only))


def _names_of(name: str, parent: str) -> set[str]:
    names = {name, *_safe_names_of(name, parent)}
    for long, short in _SHORT_ZONES:
        if name.endswith(long):
            names |= {long, *short}
    stems = (name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending))
    names |= {stem for stem in islice(stems, 1) if len(stem) >= 2}
    return names | {parent + known for known in names if parent and not known.startswith(parent)}


def _safe_names_of(name: str, parent: str) -> list[str]:
    """Names to look for inside a text: whole names of three characters or more, none that other cities have
    too.
    """
    names = [name]
    if name.endswith("街道"):
        names += [name.removesuffix("街道") + ending for ending in ("街道办事处", "街道办", "办事处")]
    short = name.removeprefix(parent.removesuffix("市") or name)
    if short not in ("", name, *(long for long, _ in _SHORT_ZONES)):
        names.append(short)
    return [known for known in names if len(known) >= 3]
