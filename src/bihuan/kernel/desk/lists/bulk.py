"""One step on many cases: judged beforehand by the rules of the step itself, taken in batches, told row by row.

Which steps may be taken so is declared by the pack (`Pack.in_bulk`). A batch is one transaction; what is more goes on in
the background, and a run that was killed goes on with the rows that still wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Move, Moved, case_move_many, state_refusal
from bihuan.kernel.cases.permission import Granted, guards_check, permission_find
from bihuan.kernel.cases.row import ROW, Row
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.case.actions import clocks_running, granted_to, row_draft
from bihuan.kernel.desk.lists.worklist import Lent
from bihuan.kernel.desk.models import BulkRow, BulkRun
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs, workflows
from bihuan.kernel.workflow.model import Step
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError

BATCH = 500
MOST = 5_000
"""So many cases at once."""
DEFER = """
    select procrastinate_defer_jobs_v1(array[row('desk', 'bihuan.kernel.desk.tasks.bulk_run_go', 0, null, null,
        jsonb_build_object('run', %s::bigint), null)::procrastinate_job_to_defer_v1])
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A case that was chosen, and why the step would be refused (None: it would be taken)."""

    row: Row
    title: str
    refusal: Refusal | None = None


def steps_in_bulk() -> dict[str, tuple[Step, str]]:
    """Every step that a pack lets be taken on many cases, with the step that takes it back ("": none)."""
    return {
        code: (workflow.by_code[code], undo)
        for pack in packs().values()
        for workflow in pack.workflows
        for code, undo in pack.in_bulk.items()
        if code in workflow.by_code
    }


def steps_choosable(*, scope: Scope, lent: Lent) -> list[Step]:
    """Those of them that a role of this person, own or lent, may take; what only takes back is not offered by itself."""
    held = {held.role for held in scope.held} | {given.role for given, _ in lent}
    return [step for step, _ in steps_in_bulk().values() if held & set(step.by)]


def inverse_of(code: str) -> Step | None:
    """The step that takes this one back, when there is one."""
    undo = steps_in_bulk().get(code, (None, ""))[1]
    return next((w.by_code[undo] for w in workflows().values() if undo in w.by_code), None) if undo else None


def cases_judged(*, ids: Sequence[int], code: str, person: int, now: datetime) -> list[Judged]:
    """Those of these cases that the present scope sees, each judged as the move itself would, as yet without data."""
    known = list(Case.objects.filter(pk__in=ids).order_by("pk").values_list("title", *ROW))
    book, granted = rulebook(), granted_to(person, now)
    drafts = [row_draft(Row(*values), now, book) for _, *values in known]
    refusals = [_refusal(draft, code, person, granted) for draft in drafts]
    for place, refusal in _guarded(drafts, refusals, code, person):
        refusals[place] = refusal
    return [
        Judged(draft.row, title, refusal)
        for draft, (title, *_), refusal in zip(drafts, known, refusals, strict=True)
    ]


def _refusal(draft: Draft, code: str, person: int, granted: Sequence[Granted]) -> Refusal | None:
    """Why the step is not this person's, or does not leave the case's state."""
    step = draft.workflow.by_code.get(code)
    if step is None:
        return Refusal("unknown_step", "没有这一步骤。")
    try:
        permission_find(draft, step, by=person, granted=granted)
    except Refusal as refusal:
        return refusal
    return None if step.leads_from(draft.row.state) else state_refusal(draft, step)


def _guarded(
    drafts: Sequence[Draft], refusals: Sequence[Refusal | None], code: str, person: int
) -> Iterator[tuple[int, Refusal]]:
    """What the guards refuse of the others, by place. Their clocks and assisting cases are read for these alone."""
    asked = {
        draft.row.id: place
        for place, (draft, refusal) in enumerate(zip(drafts, refusals, strict=True))
        if refusal is None and draft.workflow.by_code[code].when
    }
    if not asked:
        return
    clocks: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(case__in=asked, stopped_at=None).defer("warnings"):
        clocks[clock.case_id].append(clock)
    below = Case.objects.filter(parent__in=asked, closed_at=None).order_by()
    children = dict(below.values_list("parent").annotate(Count("pk")))
    for case, place in asked.items():
        draft = drafts[place]
        draft.clocks, draft.open_children = clocks_running(clocks[case]), children.get(case, 0)
        try:
            guards_check(draft, draft.workflow.by_code[code], by=person, now=draft.recorded_at, data={})
        except Refusal as refusal:
            yield place, refusal


def bulk_start(
    *,
    key: str,
    code: str,
    cases: Mapping[int, int],
    data: Mapping[str, Any],
    query: str,
    by: int,
    now: datetime,
    undoes: int | None = None,
) -> BulkRun:
    """Write down what is to be done: the cases that the present scope sees, each with the version that was seen.

    The same key again is the same run. NotFound when none of the cases is to be seen.
    """
    seen = dict(Case.objects.filter(pk__in=list(cases)[:MOST]).values_list("pk", "number"))
    if not seen:
        raise NotFound("not_found", "没有找到,或您无权查看。")
    with kernel_writes():
        run, new = BulkRun.objects.get_or_create(
            person_id=by,
            key=key[:40],
            defaults={
                "step": code,
                "query": query[:600],
                "data": dict(data),
                "total": len(seen),
                "created_at": now,
                "undoes_id": undoes,
            },
        )
        if new:
            BulkRow.objects.bulk_create(
                BulkRow(run=run, case_id=case, number=number, version=cases[case])
                for case, number in sorted(seen.items())
            )
    return run


def bulk_take(*, run: int, now: datetime) -> bool:
    """Take the next batch of a run in one transaction; True while more of it waits."""
    with transaction.atomic():
        with kernel_writes():
            found = BulkRun.objects.select_for_update().get(pk=run)
            waiting = BulkRow.objects.filter(run=found, status=BulkRow.Status.WAITING)
            rows = list(waiting.order_by("case_id")[:BATCH])
        for row, result in zip(rows, _taken(found, rows, now), strict=True):
            _mark(row, result)
        with kernel_writes():
            BulkRow.objects.bulk_update(rows, ["status", "code", "message"])
            found.done += sum(row.status == BulkRow.Status.DONE for row in rows)
            found.refused += sum(row.status == BulkRow.Status.REFUSED for row in rows)
            more = found.done + found.refused < found.total
            if not more and found.finished_at is None:
                found.finished_at, found.data = now, {}
            found.save()
    return more


def bulk_defer(*, run: int) -> None:
    """Let the worker go on with a run."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(DEFER, [run])


Result = Moved | Refusal | FieldError


def _taken(run: BulkRun, rows: Sequence[BulkRow], now: datetime) -> list[Result]:
    """Plain steps as one batch; those that a pack or the kernel writes in its own way one by one."""
    kinds = {
        pk: (pack, workflow)
        for pk, pack, workflow in Case.objects.filter(pk__in=[row.case_id for row in rows]).values_list(
            "pk", "pack", "workflow"
        )
    }
    plain = [row for row in rows if row.case_id in kinds and _is_plain(*kinds[row.case_id], run.step)]
    moves = [Move(row.case_id, run.step, run.person_id, now, row.version, run.data) for row in plain]
    found: dict[int, Result] = dict(
        zip((row.case_id for row in plain), case_move_many(moves=moves), strict=True)
    )
    return [found.get(row.case_id) or _alone(run, row, now) for row in rows]


def _is_plain(pack: str, workflow: str, code: str) -> bool:
    merging = workflows()[workflow].merging
    return code not in packs()[pack].writers and not (merging and code in merging.steps())


def _alone(run: BulkRun, row: BulkRow, now: datetime) -> Result:
    try:
        with transaction.atomic():
            return case_act(
                case_id=row.case_id,
                step=run.step,
                by=run.person_id,
                now=now,
                version=row.version,
                data=run.data,
            )
    except (Refusal, FieldError) as refusal:
        return refusal


def _mark(row: BulkRow, result: Result) -> None:
    if isinstance(result, Moved):
        row.status = BulkRow.Status.DONE
        return
    row.status = BulkRow.Status.REFUSED
    row.code = result.code if isinstance(result, Refusal) else result.rule
    row.message = str(result.message)[:400]


def refusals_grouped(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, list[str]]]:
    """Code, message and the numbers of the cases refused with it; most first."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, message, number in rows:
        found[code, message].append(number)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(code, message, numbers) for (code, message), numbers in ordered]
