"""case_move: the only way to change the state of a case. One case or many, the same code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext

from bihuan.kernel.cases.discretion import draft_words_split
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.named import cases_named, named_read
from bihuan.kernel.cases.opening import Opening, case_open_many
from bihuan.kernel.cases.permission import Granted, guards_check, permission_find
from bihuan.kernel.cases.row import Row
from bihuan.kernel.cases.splitting import assisting_openings
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.manifest import Stepped
from bihuan.kernel.pack import packs, roles, workflows
from bihuan.kernel.workflow.asks import asks_clean
from bihuan.kernel.workflow.model import Step, actor, mark
from bihuan.lib.declared import declared
from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.lib.text import FieldError


@dataclass(frozen=True, slots=True)
class Move:
    """A step to be taken: by whom (0: the system, BY_REPORTER: the reporter), when, on which version, with what data."""

    case: int
    step: str
    by: int
    now: datetime
    version: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the case is after the step."""

    case: int
    number: str
    state: str
    version: int
    unit: int
    closed: bool


def case_move(
    *,
    case_id: int,
    step: str,
    by: int,
    now: datetime,
    version: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Moved:
    """Take a step: lock, permission, version, guards, effects, ledger and notices in one transaction.

    Raises NotFound, NotPermitted (403), Conflict (409, saying who was first), Refusal or FieldError (422); then
    nothing has changed.
    """
    (result,) = case_move_many(moves=[Move(case_id, step, by, now, version, data or {})])
    if isinstance(result, Exception):
        raise result
    return result


def case_move_many(*, moves: Sequence[Move]) -> list[Moved | Refusal | FieldError]:
    """Take many steps in one transaction, at most one a case. Each is taken or refused for itself, in order."""
    if not moves:
        return []
    with writer_cursor() as cursor:
        drafts, held = moves_lock(cursor, moves)
        results: list[Moved | Refusal | FieldError] = []
        changed: list[Draft] = []
        for move in moves:
            try:
                draft = drafts.pop(move.case, None)
                if draft is None:
                    raise NotFound("not_found", "没有这一件,或您无权查看。")
                results.append(_move(draft, move, held.get(move.by, [])))
                changed.append(draft)
            except (Refusal, FieldError) as refusal:
                results.append(refusal)
        cases_write(cursor, changed)
        _open_assisting(changed)
        _release_merged(changed)
        steps_tell(changed)
    return results


def moves_lock(
    cursor: Any, moves: Sequence[Move], *, more: Sequence[int] = ()
) -> tuple[dict[int, Draft], dict[int, list[Granted]]]:
    """Lock the cases of these moves (and `more`), with the grants of those who move, and the units and cases that
    they name.
    """
    drafts, held = cases_lock(
        cursor,
        [*(move.case for move in moves), *more],
        people=[move.by for move in moves],
        units=[unit for move in moves for unit in _units_named(move.data)],
        now=max(move.now for move in moves),
    )
    named = [case for move in moves for case in cases_named(move.data)]
    if named:
        for case, others in named_read(cursor, cases=[move.case for move in moves], named=named).items():
            drafts[case].named = others
    return drafts, held


@cache
def _unit_fields() -> frozenset[str]:
    asks = (ask for workflow in workflows().values() for step in workflow.steps for ask in step.asks)
    return frozenset(ask.name for ask in asks if ask.kind in ("unit", "units"))


def _units_named(data: Mapping[str, Any]) -> Iterator[int]:
    for name in _unit_fields() & data.keys():
        value = data[name]
        for item in value if isinstance(value, (list, tuple)) else str(value).split(","):
            if str(item).isdecimal() and len(str(item)) < 19:
                yield int(item)


def _move(draft: Draft, move: Move, granted: Sequence[Granted]) -> Moved:
    merging = draft.workflow.merging
    if merging and move.step in (merging.merge, merging.unmerge):
        raise Refusal("merge", "并单和撤销并单要同时办理两件,请从并单办理。", field="step")
    step, data, on_behalf_of = move_judge(draft, move, granted)
    draft_move(draft, step, by=move.by, now=move.now, data=data, on_behalf_of=on_behalf_of)
    return moved(draft)


def moved(draft: Draft) -> Moved:
    """Where the draft is now."""
    row = draft.row
    return Moved(row.id, row.number, row.state, row.version, row.unit_id, row.closed_at is not None)


def move_judge(draft: Draft, move: Move, granted: Sequence[Granted]) -> tuple[Step, dict[str, Any], int]:
    """The step, its cleaned data and on whose behalf, when the move is allowed; a Refusal or FieldError otherwise."""
    row = draft.row
    step = draft.workflow.by_code.get(move.step)
    if step is None:
        raise Refusal("unknown_step", f"没有“{move.step[:40]}”这一步骤。", field="step")
    if move.version is not None and move.version != row.version:
        raise Conflict("version", _who_was_first(draft))
    on_behalf_of = permission_find(draft, step, by=move.by, granted=granted)
    if not step.leads_from(row.state):
        raise state_refusal(draft, step)
    data = asks_clean(step.asks, move.data, today=day_of(move.now))
    _check_units(draft, step, data)
    _check_matter(draft, step, data)
    guards_check(draft, step, by=move.by, now=move.now, data=data)
    _check_staffed(draft, step, data)
    _check_assisting_staffed(draft, step, data)
    return step, data, on_behalf_of


def state_refusal(draft: Draft, step: Step) -> Refusal:
    """The refusal of a step that does not lead from where the case is, in the reader's language."""
    told = gettext("本件现在是“%(state)s”,不能“%(step)s”。") % {
        "state": declared(draft.workflow.state[draft.row.state].label, "state"),
        "step": declared(step.label, "step"),
    }
    return Refusal("state", told, field="step")


def _check_units(draft: Draft, step: Step, data: Mapping[str, Any]) -> None:
    for ask in step.asks:
        named = data.get(ask.name) if ask.kind in ("unit", "units") else None
        for unit in named if isinstance(named, list) else [named] if named else []:
            if unit not in draft.kinds:
                raise FieldError(ask.name, "unknown_unit", f"“{ask.label}”:没有这个单位,或该单位已撤销。")


def _check_matter(draft: Draft, step: Step, data: Mapping[str, Any]) -> None:
    """A matter must be on the pack's list; what the list says of it is told to the guards."""
    for ask in step.asks:
        if ask.kind == "matter" and ask.name in data:
            told = packs()[ask.register].matter
            found = told(data[ask.name]) if told else None
            if found is None:
                raise FieldError(ask.name, "unknown_matter", f"“{ask.label}”:没有这个事项,或已停用。")
            draft.matter = found


def _check_staffed(draft: Draft, step: Step, data: Mapping[str, Any]) -> None:
    """A case never goes to a unit where nobody could take the next step."""
    waits_for = draft.workflow.target_of(step, draft.row.state).waits_for
    role = roles().get(waits_for)
    if role is None or role.acts != "holder":
        return
    for effect in step.does:
        unit = data.get(effect.what) if effect.verb == "hold" else None
        if unit is not None and waits_for not in draft.staffed.get(unit, ()):
            raise _unstaffed(role.label, effect.what)


def _check_assisting_staffed(draft: Draft, step: Step, data: Mapping[str, Any]) -> None:
    """Nor does an assisting unit's case."""
    joint = draft.workflow.joint
    role = roles().get(draft.workflow.state[joint.state].waits_for) if joint else None
    if role is None or role.acts != "holder":
        return
    for effect in step.does:
        for unit in data.get(effect.what, ()) if effect.verb == "split" else ():
            if role.code not in draft.staffed.get(unit, ()):
                raise _unstaffed(role.label, effect.what)


def _unstaffed(label: str, field: str) -> Refusal:
    return Refusal("unstaffed", f"该单位没有{label},不能接办,请另选单位。", field=field)


def draft_move(
    draft: Draft, step: Step, *, by: int, now: datetime, data: Mapping[str, Any], on_behalf_of: int = 0
) -> None:
    """Take a step that is known to be allowed: facts, effects, duty, state and entry of the draft."""
    row = draft.row
    draft.sweep(now)  # a breach that no sweep has found yet is told before a step can stop its clock
    before, unit = row.state, row.unit_id
    draft.came_from, draft.taken = before, step.code
    words = {ask.name: str(data[ask.name]) for ask in step.asks if ask.personal and ask.name in data}
    shown, withheld = draft_words_split(draft, words)
    data = {**data, **shown}
    changes = draft.pack.on_step.get(step.code)
    if changes:
        row.facts.update(changes(draft.facts(by=by, now=now, data=data)))
    for effect in step.does:
        draft.apply(effect, by=by, now=now, data=data)
    if step.duty and by > 0:
        _duty_done(row, step.duty, by, on_behalf_of)
    if "answer" in data:
        draft.answer = str(data["answer"])
    draft.move_to(draft.workflow.target_of(step, before).code, now)
    for notice in draft.notices:
        notice["context"]["state"] = row.state
    _supervise(draft, now)
    draft.settle()
    entry: dict[str, Any] = {"step": step.code, "from": before, "to": row.state, "version": row.version}
    if row.unit_id != unit:
        entry["unit"] = row.unit_id
    if on_behalf_of:
        entry["on_behalf_of"] = on_behalf_of
    _enter(draft, step, entry, by=by, now=now, data=data, withheld=withheld)
    if draft.pack.follow:
        draft.stepped.append(
            Stepped(
                case=row.id,
                number=row.number,
                pack=row.pack,
                step=step.code,
                by=by,
                now=now,
                data=data,
                state_before=before,
                state=row.state,
                unit_before=unit,
                unit=row.unit_id,
                closed=row.closed_at is not None,
                superior=row.superior or {},
                facts=row.facts,
            )
        )


def steps_tell(drafts: Sequence[Draft]) -> None:
    """Tell each pack that wants to know of the steps just written, in their transaction."""
    stepped = [one for draft in drafts for one in draft.stepped]
    for pack in {one.pack: packs()[one.pack] for one in stepped}.values():
        if pack.follow:
            pack.follow([one for one in stepped if one.pack == pack.name])


def _enter(
    draft: Draft,
    step: Step,
    entry: dict[str, Any],
    *,
    by: int,
    now: datetime,
    data: Mapping[str, Any],
    withheld: Mapping[str, str],
) -> None:
    """The step's entry: what was asked for, free text apart, and what became of the clocks."""
    personal = {ask.name for ask in step.asks if ask.personal}
    fields = {name: value for name, value in data.items() if name not in personal}
    if fields:
        entry["fields"] = fields
    if draft.touched:
        entry["clocks"] = [_told(draft, key) for key in sorted(draft.touched)]
    private = {name: str(value) for name, value in data.items() if name in personal}
    draft.enter(kind="move", at=now, by=actor(by), data=entry, private={**private, **withheld})


def _duty_done(row: Row, duty: str, by: int, on_behalf_of: int) -> None:
    """Remember who has done this duty; with a delegation both had a hand in it, and neither may check it."""
    for person in sorted({by, on_behalf_of} - {0}):
        _remember(row.progress, duty, person)
    if duty == "handle":
        row.handler_id = by


def _remember(progress: dict[str, Any], duty: str, person: int) -> None:
    did = progress.setdefault("did", {}).setdefault(duty, [])
    if person not in did:
        did.append(person)


def _supervise(draft: Draft, now: datetime) -> None:
    """The third redo or the third return sets the supervise mark (policy `supervise_after`)."""
    row = draft.row
    if row.supervised or not (row.redo_count or row.return_count):
        return
    limit = draft.book.value("supervise_after", region=row.region, on=row.basis_date, default=3)
    if max(row.redo_count, row.return_count) >= limit:
        draft.apply(mark("supervised"), by=0, now=now, data={})
        data = {"redo_count": row.redo_count, "return_count": row.return_count, "limit": limit}
        draft.enter(kind="supervise_mark", at=now, by="system", data=data)


def _told(draft: Draft, key: tuple[str, str]) -> dict[str, Any]:
    """What an entry says of a clock: kind, basis, due and the policy row that it was judged by."""
    clock = draft.clocks[key]
    told: dict[str, Any] = {"kind": clock.kind, "basis": clock.basis, "due_at": clock.due_at}
    if clock.rule:
        told["rule"] = clock.rule
    if clock.provisional:
        told["provisional"] = True
    if clock.stopped_at:
        told["stopped"] = True
    if clock.paused_at:
        told["paused"] = True
    return told


def _who_was_first(draft: Draft) -> str:
    """Who took which step last, and where the case is now, in the language of whoever came second."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.name, convert_from(e.body, 'UTF8')::jsonb -> 'data' ->> 'step' from ledger_entry e"
            " left join identity_person p on p.id::text = convert_from(e.body, 'UTF8')::jsonb ->> 'by'"
            " where e.case_id = %s and e.kind not like 'attachment%%' order by e.seq desc limit 1",
            [draft.row.id],
        )
        name, code = cursor.fetchone() or (None, None)
    step = draft.workflow.by_code.get(code or "")
    return gettext(
        "%(who)s已先一步办理“%(what)s”,本件现在是“%(state)s”。请刷新后再办;您填写的内容没有生效。"
    ) % {
        "who": name or gettext("系统"),
        "what": declared(step.label, "step") if step else gettext("办理"),
        "state": declared(draft.workflow.state[draft.row.state].label, "state"),
    }


def _open_assisting(drafts: Sequence[Draft]) -> None:
    """Open a case for each assisting unit that the steps named; the parents stay locked meanwhile."""
    by_pack: dict[str, list[Opening]] = {}
    for opening in assisting_openings([draft for draft in drafts if draft.splits]):
        by_pack.setdefault(opening.pack, []).append(opening)
    for openings in by_pack.values():
        case_open_many(openings)


def _release_merged(drafts: Sequence[Draft]) -> None:
    """Cases merged into these come to their own call-back when they do, or when they end without one."""
    case_move_many(moves=[move for draft in drafts for move in _releases(draft)])


def _releases(draft: Draft) -> Iterator[Move]:
    workflow, waiting = draft.workflow, draft.row.progress.get("merged", ())
    if not waiting or not workflow.merging:
        return
    release = workflow.by_code[workflow.merging.release]
    if draft.came_from != draft.row.state and (draft.row.state == release.target or draft.row.closed_at):
        # What was written for everybody whom the works concern is the answer of each; any other was written for one.
        asked = any(ask.name == "answer" for ask in release.asks)
        told = {"answer": draft.answer} if draft.taken in workflow.mended and draft.answer and asked else {}
        for case in sorted(waiting):
            yield Move(case, release.code, 0, draft.row.moved_at, data=told)
