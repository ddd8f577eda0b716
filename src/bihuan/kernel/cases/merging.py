"""case_merge: repeats are handled as one. The survivor keeps the earliest promise; every caller keeps a call-back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.moving import Move, Moved, draft_move, move_judge, moved, moves_lock, steps_tell
from bihuan.kernel.cases.permission import guards_check
from bihuan.kernel.cases.row import Row
from bihuan.kernel.cases.store import cases_write, clock_written, clocks_read, running_read, writer_cursor
from bihuan.kernel.clocks.calendar import Calendar, epoch
from bihuan.kernel.clocks.running import Running, clock_reopen, clock_stop
from bihuan.kernel.workflow.model import Merging
from bihuan.lib.refusals import NotFound, Refusal


def case_merge(
    *,
    case_id: int,
    into: int,
    by: int,
    now: datetime,
    version: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Moved:
    """Merge a case into another of the same pack. Its number goes on answering; it can be unmerged for a time.

    Refusal when the survivor is closed, merged itself, an assisting unit's, or the same case.
    """
    move = Move(case_id, "", by, now, version, {**(data or {}), "case": into})
    with writer_cursor() as cursor:
        drafts, held = moves_lock(cursor, [move], more=[into])
        draft, survivor = drafts.get(case_id), drafts.get(into)
        if draft is None:
            raise NotFound("not_found", "没有这一件,或您无权查看。")
        merging = _merging(draft)
        move = Move(case_id, merging.merge, by, now, version, move.data)
        step, cleaned, on_behalf_of = move_judge(draft, move, held.get(by, []))
        survivor = _survivor_check(draft, survivor)
        # The survivor's unit will answer this case too: the step's guards judge it as if it were sent there.
        guards_check(draft, step, by=by, now=now, data={**cleaned, "unit": survivor.row.unit_id})
        _join(survivor, draft, merging.clock, now)
        draft.row.merged_into_id = survivor.row.id
        draft.row.progress["merged_at"] = int(now.timestamp())
        draft_move(draft, step, by=by, now=now, data=cleaned, on_behalf_of=on_behalf_of)
        waiting = {*survivor.row.progress.get("merged", ()), case_id}
        survivor.row.progress["merged"] = sorted(waiting)
        survivor.row.version += 1
        survivor.settle()
        survivor.enter(
            kind="merged", at=now, by=by or "system", data={"case": case_id, "number": draft.row.number}
        )
        cases_write(cursor, [draft, survivor])
        steps_tell([draft])
    return moved(draft)


def case_unmerge(
    *, case_id: int, by: int, now: datetime, version: int | None = None, data: Mapping[str, Any] | None = None
) -> Moved:
    """Take a merge back within the policy's time; the case goes its own way again."""
    with writer_cursor() as cursor:
        probe, _ = moves_lock(cursor, [Move(case_id, "", by, now)])
        into = probe[case_id].row.merged_into_id if case_id in probe else None
        if into is None:
            raise Refusal("not_merged", "本件没有并入别的件。")
        move = Move(case_id, _merging(probe[case_id]).unmerge, by, now, version, data or {})
        drafts, held = moves_lock(cursor, [move], more=[into])
        draft, survivor = drafts[case_id], drafts[into]
        step, cleaned, on_behalf_of = move_judge(draft, move, held.get(by, []))
        rest = [case for case in survivor.row.progress.get("merged", ()) if case != case_id]
        _part(cursor, survivor, draft, rest, now)
        draft.row.merged_into_id = None
        draft.row.progress.pop("merged_at", None)
        draft_move(draft, step, by=by, now=now, data=cleaned, on_behalf_of=on_behalf_of)
        survivor.row.progress["merged"] = rest
        survivor.row.version += 1
        survivor.settle()
        survivor.enter(
            kind="unmerged", at=now, by=by or "system", data={"case": case_id, "number": draft.row.number}
        )
        cases_write(cursor, [draft, survivor])
        steps_tell([draft])
    return moved(draft)


def _join(survivor: Draft, draft: Draft, kind: str, now: datetime) -> None:
    """The survivor takes over the earlier promise and all whom the callers complain of; what it was before is kept."""
    row, key = survivor.row, (kind, "promised")
    before = row.progress.setdefault("before_merging", {"accused": row.facts.get("accused", [])})
    _accuse(row, before["accused"], row.facts.get("accused", ()), draft.row.facts.get("accused", ()))
    draft.row.progress["merged_clocks"] = [clock.id for (of, _), clock in draft.clocks.items() if of == kind]
    own = survivor.clocks.get(key)
    if survivor.adopt(kind, draft) and "at" not in before:
        before["at"] = epoch(now)
        before["clock"] = clock_written(row.id, own) if own else None
        before["extensions"] = len(survivor.clocks[key].extensions)


def _part(cursor: Any, survivor: Draft, draft: Draft, rest: Sequence[int], now: datetime) -> None:
    """Both go on under their own promises: the survivor under the earliest of its own and of those still merged."""
    row, calendar = survivor.row, survivor.book.calendar
    cursor.execute(
        "select (facts -> 'accused')::text, (progress -> 'merged_clocks')::text from cases_case where id = any(%s)",
        [list(rest)],
    )
    others = [[json.loads(told or "[]") for told in row] for row in cursor.fetchall()]
    before = row.progress.get("before_merging", {"accused": []})
    _accuse(row, before["accused"], *(accused for accused, _ in others))
    mine = draft.row.progress.pop("merged_clocks", [])
    theirs = [id_ for _, ids in others for id_ in ids]
    stopped = clocks_read(cursor, [*mine, *theirs])
    for id_ in mine:
        draft.clock_put(clock_reopen(stopped[id_], now, calendar))
    kind = _merging(draft).clock
    current = survivor.clocks.get((kind, "promised"))
    if current is not None and "at" in before:
        own = running_read(before["clock"]) if before["clock"] else None
        dues = [stopped[id_] for id_ in theirs if stopped[id_].basis == "promised"]
        survivor.clock_put(_earliest(own, dues, current, before, now, calendar))
    if not rest:
        row.progress.pop("before_merging", None)


def _earliest(
    own: Running | None,
    others: Sequence[Running],
    current: Running,
    before: Mapping[str, Any],
    now: datetime,
    calendar: Calendar,
) -> Running:
    """The earliest of these promises, with what was granted to the survivor since it took another's over."""
    found = [clock_reopen(clock, now, calendar) for clock in others]
    if own is not None:
        since = tuple(pause for pause in current.pauses if pause[0] >= before["at"])
        granted = current.extensions[before["extensions"] :]
        own = replace(
            own, pauses=own.pauses + since, extensions=own.extensions + granted, paused_at=current.paused_at
        )
        found.append(clock_reopen(own, now, calendar))
    if not found:
        return clock_stop(current, now)
    return replace(min(found, key=lambda clock: clock.due_at or now), id=current.id)


def _accuse(row: Row, *accused: Iterable[int]) -> None:
    units = sorted({unit for some in accused for unit in some})
    row.facts.update({"accused": units} if units or "accused" in row.facts else {})


def _merging(draft: Draft) -> Merging:
    if draft.workflow.merging is None:
        raise Refusal("merge", "这类件不并单。")
    return draft.workflow.merging


def _survivor_check(draft: Draft, survivor: Draft | None) -> Draft:
    if survivor is None:
        raise Refusal("survivor", "没有要并入的件。", field="case")
    if survivor.row.id == draft.row.id:
        raise Refusal("survivor", "不能并入自己。", field="case")
    if survivor.row.pack != draft.row.pack:
        raise Refusal("survivor", "只能并入同一类的件。", field="case")
    if survivor.row.closed_at is not None or survivor.row.merged_into_id is not None:
        raise Refusal("survivor", "要并入的件已办结或已并入别的件。", field="case")
    if survivor.row.parent_id is not None:
        raise Refusal("survivor", "不能并入协办件。", field="case")
    if draft.row.progress.get("merged"):
        raise Refusal("survivor", "已有别的件并入本件,请把它们并到一起。", field="case")
    return survivor
