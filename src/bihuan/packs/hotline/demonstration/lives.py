"""The lives of demonstration orders: whose move is next, made in batches in order of time by the people of the unit."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from bihuan.kernel.cases.merging import case_merge
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Move, Moved, case_move_many
from bihuan.kernel.evaluation.rules import attempt_is_at_another_time
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.assigning import order_assign
from bihuan.packs.hotline.demonstration.city import City, Life, life_found, steps_done
from bihuan.packs.hotline.demonstration.generator import Fate, GeneratedOrder
from bihuan.packs.hotline.demonstration.moments import timeline
from bihuan.packs.hotline.demonstration.script import Planned, Script, script, script_alone, story_scripts

REACHED = Planned(
    "evaluate", "caller_desk", 0.0, {"grade": "4", "contacted": True, "resolved": True, "understood": True}
)

ASSIGNING = ("assign", "accept_return")
MERGEABLE = ("received", "coordinating", "dispatched", "handling", "reviewing")
LEAVING = ("merge", "ask_termination", "decline", "hand_back")
"""Steps by which an order leaves the loop before its call-back: nothing is merged into one that will."""
RECENT = 31 * 86_400
"""Seconds before the end within which officers' corrections are kept as training data, one order at a time."""
BATCH, LEAST = 500, 300
ON_DESK = """
    update hotline_order o set on_desk_at = c.moved_at from cases_case c
    where c.id = o.case_id and o.on_desk_at is null and o.case_id = any(%s)
"""


@dataclass
class Lives:
    """All lives under way and the next move of each, in order of time."""

    city: City
    until: int
    failures: Counter[str]
    heap: list[tuple[int, int, Life]] = field(default_factory=list)
    by_external: dict[str, Life] = field(default_factory=dict)

    def begin(self, order: GeneratedOrder, life: Life, turn: int) -> None:
        """An order was just taken in: write its script and wait for its first move."""
        life.order = order
        self._plan(life, script(order, begun=life.begun, turn=turn))
        self.by_external[order.external_id] = life
        if not life.over:
            self._push(life)

    def _plan(self, life: Life, planned: Script) -> None:
        order = life.order
        assert order is not None
        if order.external_id.startswith("S1-"):
            planned = story_scripts()[order.external_id[3:].split(".")[0]]
        seat = life.begun == "received"
        line = timeline(
            planned,
            opened=life.opened,
            until=self.until,
            calendar=self.city.calendar,
            seat=seat,
            closed=order.closed,
        )
        passed, moments = 0.0, []
        for move in planned.moves:
            passed += move.hours
            moments.append(line.at(passed))
        life.script, life.moves, life.moments, life.line, life.place = (
            planned,
            planned.moves,
            moments,
            line,
            0,
        )

    def _push(self, life: Life) -> None:
        heapq.heappush(self.heap, (max(life.moments[life.place], life.at), life.case, life))

    def go_on(self, order: GeneratedOrder, known: Mapping[str, Any], turn: int) -> None:
        """An order that an interrupted run took in: find its place in its script by its ledger."""
        if known["closed"]:
            return
        life = life_found(order, known)
        self._plan(life, script(order, begun=life.begun, turn=turn))
        if order.fate is Fate.MERGED and life.begun != "received" and life.done[:1] not in ((), ("merge",)):
            self._plan(life, script_alone(order, begun=life.begun))
        life.place = len(life.done)
        if "assist" in life.done:
            self._children_found(life)
        if life.state == "merged":
            life.survivor = self.by_external.get(order.repeat_of or "")
            if life.survivor:
                life.survivor.merged.append(life)
            self.by_external[order.external_id] = life
        else:
            self.by_external[order.external_id] = life
            if not life.over and not life.children:
                self._push(life)

    def live(self, *, before: int | None) -> int | None:
        """Make one batch of moves in a transaction; None when few come before an instant (or none at all are left)."""
        batch = self._batch(before)
        return self._make(batch) if batch else None

    def _batch(self, before: int | None) -> list[Life]:
        found: list[tuple[int, int, Life]] = []
        while self.heap and len(found) < BATCH and (before is None or self.heap[0][0] <= before):
            found.append(heapq.heappop(self.heap))
        if before is not None and len(found) < LEAST:
            for entry in found:
                heapq.heappush(self.heap, entry)
            return []
        for at, _, life in found:
            life.at = at
        return [life for _, _, life in found]

    def _make(self, batch: Sequence[Life]) -> int:
        made = 0
        with transaction.atomic():
            many = []
            for life in batch:
                step = life.next.step
                if step == "merge":
                    made += self._merge(life)
                elif step in ASSIGNING and self.until - life.at < RECENT:
                    made += self._after(life, self._assign(life))
                else:
                    many.append(life)
            results = case_move_many(moves=[self._move(life) for life in many])
            for life, result in zip(many, results, strict=True):
                made += self._after(life, result)
            self._desks_reached(
                [
                    life.case
                    for life in many
                    if life.place and life.moves and life.moves[life.place - 1].step in ASSIGNING
                ]
            )
            self._ask_helpers([life for life in many if life.asked])
        return made

    def _move(self, life: Life) -> Move:
        planned = life.next
        by = self.city.actor(life.unit, planned.actor)
        return Move(life.case, planned.step, by, _moment(life.at), data=self._data(planned, life))

    def _data(self, planned: Planned, life: Life) -> dict[str, Any]:
        data = dict(planned.data)
        for name in ("unit", "units"):
            if name in data:
                data[name] = self.city.named(data[name], life)
        return data

    def _assign(self, life: Life) -> Moved | Refusal | FieldError:
        move = self._move(life)
        try:
            return order_assign(case_id=life.case, step=move.step, by=move.by, now=move.now, data=move.data)
        except (Refusal, FieldError) as refusal:
            return refusal

    def _desks_reached(self, cases: Sequence[int]) -> None:
        """What `order_assign` notes of one order, for many: each is on its final unit's desk now."""
        if cases:
            with kernel_writes(), connection.cursor() as cursor:
                cursor.execute(ON_DESK, [list(cases)])

    def _merge(self, life: Life) -> int:
        """Merge into the first order of the same matter and place while it is open; later it goes its own way."""
        order = life.order
        assert order is not None
        first = self.by_external.get(order.repeat_of or "")
        survives = (
            first is not None
            and first.state in MERGEABLE
            and not any(m.step in LEAVING for m in first.moves[first.place :])
        )
        if first is None or not survives:
            self._plan(life, script_alone(order, begun=life.begun))
            self._continue(life)
            return 0
        if not first.over and not first.children and first.moments[first.place] < life.at:
            self._push(life)  # the first order's own moves come before this one
            return 0
        life.at = max(life.at, first.at)
        by = self.city.actor(life.unit, "seat_agent")
        try:
            moved = case_merge(case_id=life.case, into=first.case, by=by, now=_moment(life.at))
        except (Refusal, FieldError) as refusal:
            return self._after(life, refusal)
        life.survivor = first
        first.merged.append(life)
        return self._after(life, moved)

    def _after(self, life: Life, result: Moved | Refusal | FieldError) -> int:
        if not isinstance(result, Moved):
            if getattr(result, "rule", "") == attempt_is_at_another_time.__name__:
                return self._reached(life)
            self.failures[
                f"{life.next.step}: {getattr(result, 'rule', '') or getattr(result, 'code', '')} {result}"[
                    :160
                ]
            ] += 1
            life.moves = ()
            self._continue(life)
            return 0
        life.unit, life.state = result.unit, result.state
        life.place += 1
        if result.state == "calling_back":
            for other in life.merged:
                self._released(other, life.at)
            life.merged = []
        self._continue(life)
        return 1

    def _reached(self, life: Life) -> int:
        """An order pressed for time cannot be called in vain again so soon: the caller answers this time."""
        closed = life.order is not None and life.order.closed
        life.moves = (*life.moves[: life.place], *((REACHED,) if closed else ()))
        self._continue(life)
        return 0

    def _continue(self, life: Life) -> None:
        if life.over:
            self._over(life)
        elif life.state != "merged" and not life.asked:
            self._push(life)

    def _over(self, life: Life) -> None:
        order, parent = life.order, life.parent
        finished = life.state in ("closed", "answered", "declined", "terminated")
        if order and parent is None and finished:
            self.by_external.pop(order.external_id, None)
        if parent is not None:
            parent.children -= 1
            if not parent.children and not parent.over:
                parent.at = max(parent.at, life.at)
                self._push(parent)

    def _released(self, life: Life, at: int) -> None:
        life.state, life.survivor = "calling_back", None
        if not life.over and life.line is not None:
            life.at = life.line.later(at, life.next.hours)
            self._push(life)

    def _ask_helpers(self, parents: Iterable[Life]) -> None:
        """Lives for the assisting units' cases; the lead goes on when they are done."""
        waiting = {life.case: life for life in parents}
        if not waiting:
            return
        with kernel_writes():
            rows = list(
                Case.objects.filter(parent_id__in=waiting, closed_at=None)
                .order_by("id")
                .values_list("id", "parent_id", "unit_id", "state")
            )
        for case, parent, unit, state in rows:
            self._child(
                waiting[parent], case=case, unit=unit, state=state, done=(), number=waiting[parent].children
            )
        for life in waiting.values():
            if not life.children and not life.over:
                self._push(life)

    def _child(
        self, parent: Life, *, case: int, unit: int, state: str, done: tuple[str, ...], number: int
    ) -> None:
        asked = next(place for place, move in enumerate(parent.moves) if move.step == "assist")
        plan = parent.script.assisting[min(number, len(parent.script.assisting) - 1)]
        passed = sum(move.hours for move in parent.moves[: asked + 1])
        moments = []
        for move in plan:
            passed += move.hours
            moments.append(parent.line.at(passed) if parent.line else parent.at)
        opened = parent.moments[asked]
        life = Life(
            case=case, unit=unit, state=state, begun=state, at=opened, opened=opened, order=parent.order, moves=plan,
            moments=moments, line=parent.line, place=len(done), done=done, parent=parent,
        )  # fmt: skip
        parent.children += 1
        if life.over:
            parent.children -= 1
        else:
            self._push(life)

    def _children_found(self, parent: Life) -> None:
        with kernel_writes():
            rows = list(
                Case.objects.filter(parent_id=parent.case)
                .order_by("id")
                .values_list("id", "unit_id", "state", "closed_at")
            )
        for number, (case, unit, state, closed_at) in enumerate(rows):
            if closed_at is None:
                self._child(parent, case=case, unit=unit, state=state, done=steps_done(case), number=number)


def _moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
