"""A case under its lock, with what is about to change. Nothing here touches the database.

A draft is loaded by `store.cases_lock`, changed by the services through the methods below, and written by
`store.cases_write` together with its ledger entries, clocks and notices in one statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from bihuan.kernel.cases import superior
from bihuan.kernel.cases.facts import CaseFacts, Named
from bihuan.kernel.cases.row import Row
from bihuan.kernel.clocks.calendar import BEIJING
from bihuan.kernel.clocks.rulebook import Rulebook
from bihuan.kernel.clocks.running import (
    TERM,
    Running,
    Telling,
    clock_bound,
    clock_extend,
    clock_extension_check,
    clock_free,
    clock_may_extend,
    clock_may_pause,
    clock_pause,
    clock_resume,
    clock_start,
    clock_stop,
    clock_tell,
)
from bihuan.kernel.ledger.entries import Entry, entry_make
from bihuan.kernel.manifest import Stepped
from bihuan.kernel.pack import Pack, packs, workflows
from bihuan.kernel.workflow.model import SINCE_OPENED, Effect, Workflow
from bihuan.lib.hashing import Algorithm

COUNTERS = {"redo": "redo_count", "return": "return_count", "urge": "urge_count"}
COLUMN_MARKS = ("urgent", "provisional", "returnable", "supervised")


@dataclass(slots=True)
class Draft:
    """A locked case and its pending changes. `recorded_at` is the database's time, read under the lock.

    `kinds` and `staffed` tell of each unit that the step names what it is, and which roles somebody holds there; `came_from` and
    `taken` are the state before and the step, once it was taken.
    """

    row: Row
    recorded_at: datetime
    book: Rulebook
    algorithm: Algorithm
    clocks: dict[tuple[str, str], Running] = field(default_factory=dict)
    touched: set[tuple[str, str]] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    viewers: set[int] = field(default_factory=set)
    open_children: int = 0
    assisting: frozenset[int] = frozenset()
    named: Mapping[int, Named] = field(default_factory=dict)
    came_from: str = ""
    taken: str = ""
    answer: str | None = None
    kinds: Mapping[int, str] = field(default_factory=dict)
    matter: Mapping[str, Any] = field(default_factory=dict)
    staffed: Mapping[int, frozenset[str]] = field(default_factory=dict)
    splits: list[dict[str, Any]] = field(default_factory=list)
    stepped: list[Stepped] = field(default_factory=list)

    @property
    def pack(self) -> Pack:
        return packs()[self.row.pack]

    @property
    def workflow(self) -> Workflow:
        return workflows()[self.row.workflow]

    def facts(self, *, by: int, now: datetime, data: Mapping[str, Any] | None = None) -> CaseFacts:
        """What the guards may know."""
        row = self.row
        promised = [c for c in self.clocks.values() if c.basis == "promised" and c.stopped_at is None]
        return CaseFacts(
            state=row.state,
            unit=row.unit_id,
            by=by,
            now=now,
            data=data or {},
            facts=row.facts,
            progress=row.progress,
            redo_count=row.redo_count,
            return_count=row.return_count,
            open_children=self.open_children,
            is_child=row.parent_id is not None,
            provisional=row.provisional,
            returnable=row.returnable,
            supervised=row.supervised,
            confidential=row.confidential,
            merged=row.merged_into_id is not None,
            kinds=self.kinds,
            named=self.named,
            matter=self.matter,
            assisting=self.assisting,
            extensible=frozenset(c.kind for c in promised if clock_may_extend(c)),
            pausable=frozenset(c.kind for c in promised if clock_may_pause(c)),
            superior=row.superior or {},
            clocks={
                kind: c.due_at for (kind, basis), c in self.clocks.items() if basis in ("promised", TERM)
            },
        )

    def enter(
        self,
        *,
        kind: str,
        at: datetime,
        by: int | str,
        data: Mapping[str, Any],
        private: Mapping[str, str] | None = None,
    ) -> None:
        """Add an entry to the case's stream."""
        entry = entry_make(
            stream=f"case:{self.row.id}",
            seq=self.row.seq + 1,
            previous=self.row.head,
            kind=kind,
            at=at,
            recorded_at=self.recorded_at,
            by=by,
            data=data,
            private=private,
            algorithm=self.algorithm,
        )
        self.row.seq, self.row.head = entry.seq, entry.hash
        self.entries.append(entry)

    def move_to(self, state: str, now: datetime) -> None:
        """Be in `state`; a final one closes the case and stops its clocks."""
        row = self.row
        row.state, row.version, row.moved_at = state, row.version + 1, now
        if self.workflow.state[state].final:
            row.closed_at = now
            for key in list(self.clocks):
                self.clock_put(clock_stop(self.clocks[key], now))

    def apply(self, effect: Effect, *, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        """Do one effect of a step."""
        getattr(self, f"_{effect.verb}")(effect, by, now, data)

    def hasten(self, kind: str, *, by: datetime, now: datetime) -> None:
        """Let the promised clock of this kind end by `by` at the latest."""
        clock = self.clocks.get((kind, "promised"))
        if clock is not None and clock.due_at is not None and clock.due_at > by:
            self.clock_put(clock_bound(clock, by, now, self.book.calendar))

    def adopt(self, kind: str, other: Draft) -> bool:
        """Keep the earlier of two promises: this case's clock of this kind, or the other's. Was it the other's?"""
        mine, theirs = self.clocks.get((kind, "promised")), other.clocks.get((kind, "promised"))
        if theirs is None or theirs.due_at is None:
            return False
        if mine is not None and (mine.due_at is None or mine.due_at <= theirs.due_at):
            return False
        self.clock_put(replace(theirs, id=mine.id if mine else None))
        return True

    def sweep(self, now: datetime) -> int:
        """Write the warnings and breaches that have come by `now`, in order; each once. Returns how many."""
        found = 0
        while due := [c for c in self.clocks.values() if c.next_at and c.next_at <= now]:
            clock = min(due, key=lambda c: (c.next_at, c.kind, c.basis))
            told = clock_tell(clock, now)
            if told is None:
                break
            self.clock_put(told[0])
            self._tell(clock, told[1], now)
            found += 1
        self.settle()
        return found

    def _tell(self, clock: Running, telling: Telling, now: datetime) -> None:
        kind = "warning" if telling.level else "breach"
        data = {"kind": clock.kind, "basis": clock.basis, "due_at": clock.due_at, "rule": clock.rule}
        if telling.level:
            data |= {"level": telling.level, "of": telling.of}
        self.enter(kind=kind, at=telling.at, by="system", data=data)
        to = "centre" if clock.kind in self.pack.centre_clocks else "holder"
        self._notify(Effect("notify", kind, to), 0, now, {})

    def settle(self) -> None:
        """Bring the row's most pressing due and warning times into line with its running clocks."""
        running = (c for c in self.clocks.values() if c.stopped_at is None and c.basis != TERM)
        dues = [c for c in running if c.due_at is not None]
        self.row.due_at = min((c.due_at for c in dues if c.due_at), default=None)
        self.row.warn_at = min((c.warn_at or c.due_at for c in dues if c.due_at), default=None)

    def _start(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        kind = effect.what
        since = self.row.opened_at if effect.extra == SINCE_OPENED else now
        for basis in self._codes(kind):
            started = self._begun(kind, basis, since)
            if started is not None:
                self.clock_put(started)
        if effect.verb == "start" and data.get(effect.extra):
            self.hasten(kind, by=_day_ends(data[effect.extra]), now=now)
        superior.clock_follow(self, kind, now)
        joint, ends_before = self.workflow.joint, self.row.progress.get("ends_before")
        if joint and kind == joint.clock and ends_before and datetime.fromisoformat(ends_before) > now:
            self.hasten(kind, by=datetime.fromisoformat(ends_before), now=now)

    def _codes(self, kind: str) -> Mapping[str, str]:
        """The policies that hold the limits of a clock, by basis: the workflow's own, or the pack's."""
        own = self.pack.workflow_clocks.get(self.workflow.name, {})
        return own.get(kind) or self.pack.clocks.get(kind, {})

    def _begun(self, kind: str, basis: str, now: datetime) -> Running | None:
        """A clock by the limit that the policies set for this case now; None where they set none."""
        value, rule = self._limit(self._codes(kind)[basis])
        if not value:
            return None
        read = self.book.limit(value)
        return clock_start(
            kind=kind, basis=basis, limit=value, rule=rule, now=now, calendar=self.book.calendar, read=read
        )

    def _hasten(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        running = self.clocks.get((effect.what, "promised"))
        if running is None or running.stopped_at is not None or running.due_at is None:
            return
        begun = self._begun(effect.what, "promised", now)
        if begun is not None and begun.due_at is not None and begun.due_at < running.due_at:
            self.clock_put(begun)

    def _limit(self, code: str) -> tuple[Mapping[str, Any] | None, int | None]:
        """The limit by a policy on the case's basis date: its table is read by the fact `limit_key`.

        What has no row for "urgent.danger" goes by "urgent", and without that by "default". The fact `limits`
        ({code of a policy: number}) says how many of the limit's unit this case has instead.
        """
        rule = self.book.rule(code, region=self.row.region, on=self.row.basis_date)
        value = rule.value
        if value and "number" not in value:
            key = str(self.row.facts.get("limit_key", ""))
            keys = (key, key.partition(".")[0], "default")
            value = next((value[name] for name in keys if name in value), None)
        own = self.row.facts.get("limits", {}).get(code)
        return (self.book.numbered(value, int(own)) if value and own else value), rule.pk

    def clock_put(self, clock: Running) -> None:
        """Set a clock of the case; one of the same kind and basis that is running is replaced."""
        key = (clock.kind, clock.basis)
        known = self.clocks.get(key)
        if known is not None and clock.id is None:
            clock = replace(clock, id=known.id)
        self.clocks[key] = clock
        self.touched.add(key)

    def _each(self, kind: str) -> list[Running]:
        return [c for (k, _), c in self.clocks.items() if k == kind and c.stopped_at is None]

    def _stop(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        for clock in self._each(effect.what):
            self.clock_put(clock_stop(clock, now))

    def _pause(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        asked = effect.extra == "as_asked"
        bases = self.row.facts.get("pause_bases", ("promised",))
        until = None
        if asked:
            until = now + timedelta(days=int(self.row.progress["pause"]["value"]))
        elif data.get(effect.extra):
            until = _day_ends(data[effect.extra]) + timedelta(seconds=1)  # the day itself does not count
        for clock in self._each(effect.what):
            if clock.basis in bases if asked else effect.extra != "where_allowed" or clock_may_pause(clock):
                self.clock_put(clock_pause(clock, now, self.book.calendar, until))

    def _resume(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        for clock in self._each(effect.what):
            self.clock_put(clock_resume(clock, now, self.book.calendar))

    def _renew(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        another = bool(effect.extra) and int(data[effect.extra]) != self.row.unit_id
        (self._start if another or not self._each(effect.what) else self._resume)(effect, by, now, data)

    def _carry(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        another = bool(effect.extra) and int(data[effect.extra]) != self.row.unit_id
        if not self._each(effect.what):
            self._start(effect, by, now, data)
        elif another and self.row.facts.get("redispatch_term") == "new":
            begun = self._begun(effect.what, "promised", now)
            if begun is not None:
                self.clock_put(begun)
                superior.promise_bind(self, effect.what, now)

    def _hold(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        given = data.get(effect.what) or (*self.row.progress.get(effect.what, ()), None)[0]
        unit = self.row.opened_by_id if effect.what == "opened_by" else given
        if unit and unit != self.row.unit_id:
            if effect.extra != "unseen":
                self.viewers.add(self.row.unit_id)
            self.row.unit_id = int(unit)
            self.row.handler_id = None

    def _take(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        self.row.handler_id = by or None

    def _count(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        column = COUNTERS.get(effect.what)
        if column:
            setattr(self.row, column, getattr(self.row, column) + 1)
        else:
            self.row.progress[effect.what] = self.row.progress.get(effect.what, 0) + 1

    def _mark(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        if effect.what in COLUMN_MARKS:
            setattr(self.row, effect.what, True)
        else:
            self.row.progress[effect.what] = True

    def _clear(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        if effect.extra and self.row.return_count < int(self.row.facts.get(effect.extra, 1)):
            return
        if effect.what in COLUMN_MARKS:
            setattr(self.row, effect.what, False)
        else:
            self.row.progress.pop(effect.what, None)

    def _keep(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        self.row.progress[effect.what] = {"value": data[effect.extra], "by": by, "at": now.isoformat()}

    def _request(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        length = int(data[effect.extra])
        clock = self.clocks.get((effect.what, "promised"))
        if clock is not None:
            clock_extension_check(clock, length=length, asked_at=now, reason="asked", by=by, approver=None)
        self.row.progress["extension"] = {"value": length, "by": by, "at": now.isoformat()}

    def _remember(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        known = {*self.row.progress.get(effect.what, ()), self.row.unit_id}
        self.row.progress[effect.what] = sorted(known)

    def _classify(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        self.row.matter = data.get(effect.what) or self.row.matter

    def _terms(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        if data.get(effect.what):
            self.row.superior = {**(self.row.superior or {}), "due_at": data[effect.what]}
            superior.deadline_follow(self, now)

    def _extend(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        asked = self.row.progress.pop("extension")
        for clock in self._each(effect.what):
            if clock.basis == "promised" or clock_may_extend(clock):
                extended = clock_extend(
                    clock_free(clock, now, self.book.calendar),
                    length=asked["value"],
                    reason="asked",
                    asked_at=datetime.fromisoformat(asked["at"]),
                    by=asked["by"],
                    approver=by,
                    now=now,
                    calendar=self.book.calendar,
                )
                if clock.basis == "promised":
                    until = data.get("superior_until")
                    extended = superior.extension_bind(self, extended, clock, now, until)
                self.clock_put(extended)

    def _split(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        self.splits.append({"units": data[effect.what], "by": by, "now": now, "data": dict(data)})

    def _notify(self, effect: Effect, by: int, now: datetime, data: Mapping[str, Any]) -> None:
        row = self.row
        self.notices.append(
            {
                "case_id": row.id,
                "template": effect.what,
                "to": effect.extra,
                "unit_id": row.opened_by_id if effect.extra == "centre" else row.unit_id,
                "context": {"number": row.number, "state": row.state},
                "key": f"case:{row.id}:{row.seq + 1}:{effect.what}:{effect.extra}",
                "created_at": now,
            }
        )


def _day_ends(day: str) -> datetime:
    """The last second of a day such as "2026-03-10"."""
    return datetime.combine(date.fromisoformat(day), time(23, 59, 59), BEIJING)
