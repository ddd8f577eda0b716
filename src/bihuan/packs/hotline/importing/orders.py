"""Importing orders from a file: nothing good held back, nothing twice, killed anywhere and continued."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import transaction

from bihuan.kernel.cases.discretion import words_split
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.boards.rolling import opened_roll_up
from bihuan.kernel.desk.lists.counts import closed_roll_up
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.memory import collected_seldom
from bihuan.lib.refusals import Refusal
from bihuan.lib.tables import BadRows, Fault, Row, bad_rows_path, file_fingerprint, open_table
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.hotline.dispatching import Decision, DispatchMap, dispatch_map
from bihuan.packs.hotline.importing.mapping import Mapping
from bihuan.packs.hotline.importing.mappings import mapping_for
from bihuan.packs.hotline.importing.ontime import Promises
from bihuan.packs.hotline.models import ImportRun
from bihuan.packs.hotline.order_data import CleanOrder, Words, order_clean
from bihuan.packs.hotline.received import received_keep
from bihuan.packs.hotline.services import PACK, Taken, decisions_of, orders_enter

BATCH, OPEN = 1000, 200
"""Rows of a transaction, and how many open ones at most: these are on no desk until it commits."""


@dataclass(slots=True)
class ImportReport:
    """What an import did with all rows of the file, those of an earlier, interrupted run included.

    `open` + `closed` = `imported`; of the open ones, `automatic` went to a final unit and `coordination` to
    a desk. `seconds` and `rows_per_s` are of this run. `faults`: how often each rule was broken. `good` + `bad` = `rows`.

    Of a file that says which promises were kept: `ontime_file` by its own word, `ontime_clock` by our clocks, out of
    the `judged` good rows that say so; `disagree` on how many. None for any other file.
    """

    file: str
    mapping: str
    dry_run: bool = False
    rows: int = 0
    imported: int = 0
    open: int = 0
    closed: int = 0
    repeated: int = 0
    good: int = 0
    bad: int = 0
    coordination: int = 0
    automatic: int = 0
    seconds: float = 0.0
    rows_per_s: float = 0.0
    bad_rows_file: str | None = None
    unknown_columns: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    ontime_file: int | None = None
    ontime_clock: int | None = None
    judged: int | None = None
    disagree: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


COUNTED = ("rows", "imported", "open", "closed", "repeated", "bad", "coordination", "automatic", "faults")


@dataclass
class _Import:
    """One import under way."""

    mapping: Mapping
    headers: tuple[str, ...]
    report: ImportReport
    bad_path: Path
    now: datetime
    by: int
    opener: int | None
    run: ImportRun | None
    bad_bytes: int = 0
    seen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    promises: Promises = field(default_factory=Promises)


@collected_seldom()
def orders_import(
    *,
    path: str | Path,
    now: datetime,
    mapping: str | None = None,
    by: int = 0,
    unit_opened_by: int | None = None,
    dry_run: bool = False,
    batch: int = BATCH,
    progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Import the rows of `path`: those with an answer as closed history, the others opened at `now` and
    dispatched.

    A batch commits together with the line reached, so an import that was killed goes on there when the same
    file comes again. `dry_run` changes nothing and counts the same. `progress` is told after every batch.
    TableError or Refusal when the file or the mapping cannot be used; OSError when it cannot be opened.
    """
    source, started = Path(path), perf_counter()
    with open_table(source) as table:
        chosen = mapping_for(mapping, table.headers)
        report = ImportReport(
            source.name, chosen.name, dry_run, unknown_columns=chosen.unknown(table.headers)
        )
        run = None if dry_run else _run_begin(source, chosen, now)
        it = _Import(chosen, table.headers, report, _bad_path(source, run), now, by, unit_opened_by, run)
        _resume(it)
        before = report.rows
        after = run.line if run else 0
        for prepared in _prepared(it, _rest(it, table.rows, after), batch):
            _take(it, prepared)
            report.seconds = round(perf_counter() - started, 3)
            report.rows_per_s = round((report.rows - before) / max(report.seconds, 0.001), 1)
            if progress:
                progress(report)
    _run_end(it)
    _promises_told(it)
    report.seconds = round(perf_counter() - started, 3)
    return report


def _run_begin(source: Path, mapping: Mapping, now: datetime) -> ImportRun:
    """The run to go on with, or a new one; a finished one begins anew and will find everything repeated.

    Which file its bad rows go to is settled here, so that an interrupted run goes on in the same one.
    """
    fresh = {"bad_rows_file": bad_rows_path(source).name}
    with kernel_writes():
        run: ImportRun
        run, _ = ImportRun.objects.get_or_create(
            fingerprint=file_fingerprint(source),
            mapping=mapping.name,
            defaults={"name": source.name[:200], "started_at": now, "figures": fresh},
        )
        if run.finished_at is not None:
            run.started_at, run.finished_at, run.line, run.figures = now, None, 0, fresh
            run.imported = run.repeated = run.bad = 0
            run.save()
    return run


def _bad_path(source: Path, run: ImportRun | None) -> Path:
    return bad_rows_path(source) if run is None else source.with_name(run.figures["bad_rows_file"])


def _resume(it: _Import) -> None:
    """Take over the counts of an interrupted run, and cut its bad rows back to what was committed."""
    if it.run is None or not it.run.line:
        return
    for name in COUNTED:
        setattr(it.report, name, it.run.figures[name])
    it.bad_bytes = it.run.figures["bad_bytes"]
    if it.bad_bytes and it.bad_path.exists():
        os.truncate(it.bad_path, it.bad_bytes)
        it.report.bad_rows_file = str(it.bad_path)


def _run_end(it: _Import) -> None:
    """Note the end; the days that are over are rolled up now, since worklists and boards count by them."""
    if it.run is not None:
        it.run.finished_at = it.now
        with kernel_writes():
            yesterday = it.now.astimezone(SHANGHAI).date() - timedelta(days=1)
            closed_roll_up(last=yesterday)
            opened_roll_up(last=yesterday)
            received_keep(now=it.now)
            it.run.save(update_fields=["finished_at"])


def _rest(it: _Import, rows: Iterator[Row], after: int) -> Iterator[Row]:
    """The rows after a line; of those before it, imported by an earlier run, the promises are read again."""
    words = dispatch_map().words()
    for row in rows:
        if row.line > after:
            yield row
        elif _read(it, row, words)[0] is not None:
            _promise_read(it, row)


def _promise_read(it: _Import, row: Row) -> None:
    promise = it.mapping.promise(row.values)
    if promise is not None:
        it.promises.add(promise)


def _promises_told(it: _Import) -> None:
    it.report.good = it.report.rows - it.report.bad
    it.promises.end()
    if it.promises.latest is not None:
        report, told = it.report, it.promises
        report.ontime_file, report.ontime_clock = told.file, told.clock
        report.judged, report.disagree = told.judged, told.disagree


@dataclass
class _Prepared:
    """A batch read, cleaned and decided, before the database is asked anything about it."""

    at: DispatchMap
    arrived: float
    rows: list[Row] = field(default_factory=list)
    good: list[tuple[Row, CleanOrder]] = field(default_factory=list)
    bad: list[tuple[Row, list[Fault]]] = field(default_factory=list)
    decisions: dict[int, Decision] = field(default_factory=dict)


def _prepare(it: _Import, rows: Iterator[Row], most: int, at: DispatchMap, words: Words) -> _Prepared:
    """The next rows: so many that a batch is full, of all or of open ones. None at the end of the file."""
    batch, waiting = _Prepared(at, perf_counter()), 0
    for row in islice(rows, most):
        batch.rows.append(row)
        order, faults = _read(it, row, words)
        if order is None:
            batch.bad.append((row, faults))
            continue
        batch.good.append((row, order))
        _promise_read(it, row)
        waiting += not order.closed
        if waiting == OPEN:
            break
    orders = [order for _, order in batch.good]
    batch.decisions = dict(zip(map(id, orders), decisions_of(orders, at), strict=True))
    return batch


def _prepared(it: _Import, rows: Iterator[Row], most: int) -> Iterator[_Prepared]:
    """Batches prepared in a thread, one ahead, while the database is busy with the one before."""
    with ThreadPoolExecutor(1) as thread:
        at, words = dispatch_map(), dispatch_map().words()
        ahead: Future[_Prepared] = thread.submit(_prepare, it, rows, most, at, words)
        while (batch := ahead.result()).rows:
            if dispatch_map() is not at:
                at, words = dispatch_map(), dispatch_map().words()
            ahead = thread.submit(_prepare, it, rows, most, at, words)
            yield batch


def _take(it: _Import, batch: _Prepared) -> None:
    """One batch: set the repeated and the changed apart, enter the rest, and remember the line."""
    fresh, changed, repeated = _sifted(it, batch.good)
    bad = sorted([*batch.bad, *changed], key=lambda pair: pair[0].line)
    report = it.report
    report.rows += len(batch.rows)
    report.repeated += repeated
    report.bad += len(bad)
    counts = Counter(fault.rule for _, faults in bad for fault in faults)
    report.faults = dict(sorted((Counter(report.faults) + counts).items()))
    decisions = [batch.decisions[id(order)] for order in fresh]
    if it.run is None:
        _count(report, fresh, [decision.step for decision in decisions])
        return
    _bad_write(it, bad)
    with transaction.atomic():
        taken = orders_enter(
            orders=fresh,
            by=it.by,
            unit_opened_by=it.opener,
            started=batch.arrived,
            decided=(batch.at, decisions),
        )
        _count(report, fresh, [_step_of(one) for one in taken])
        _remember(it, batch.rows[-1].line)


def _step_of(taken: Taken) -> str:
    if taken.automatic:
        return "dispatch"
    return "hold" if taken.state == "received" else "coordinate"


def _count(report: ImportReport, orders: Sequence[CleanOrder], steps: Sequence[str]) -> None:
    report.imported += len(orders)
    for order, step in zip(orders, steps, strict=True):
        report.closed += order.closed
        report.open += not order.closed
        report.automatic += not order.closed and step == "dispatch"
        report.coordination += not order.closed and step == "coordinate"


def _remember(it: _Import, line: int) -> None:
    run, report = it.run, it.report
    assert run is not None
    run.line, run.imported, run.repeated, run.bad = line, report.imported, report.repeated, report.bad
    run.figures = {name: getattr(report, name) for name in COUNTED}
    run.figures |= {"bad_bytes": it.bad_bytes, "bad_rows_file": it.bad_path.name}
    with kernel_writes():
        run.save(update_fields=["line", "imported", "repeated", "bad", "figures"])


def _read(it: _Import, row: Row, words: Words) -> tuple[CleanOrder | None, list[Fault]]:
    if row.faults:
        return None, list(row.faults)
    try:
        data = it.mapping.order(row.values, now=it.now)
    except FieldError as fault:
        return None, [Fault(it.mapping.column_of(fault.field), fault.rule, fault.message)]
    if "external_id" not in data:
        data["external_id"] = _own_id(row)
    order, faults = order_clean(data, now=it.now, words=words, taken_over=True)
    return order, [Fault(it.mapping.column_of(f.field), f.rule, f.message) for f in faults]


def _own_id(row: Row) -> str:
    """Rows without an id are the same when all their cells are."""
    content = "\x1f".join(f"{header}\x1e{value}" for header, value in sorted(row.values.items()))
    return f"#{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _sifted(
    it: _Import, good: Sequence[tuple[Row, CleanOrder]]
) -> tuple[list[CleanOrder], list[tuple[Row, list[Fault]]], int]:
    """New orders, rows whose id is known with another content, and how many are known as they are."""
    known = _known([order.external_id or "" for _, order in good])
    fresh: list[CleanOrder] = []
    changed: list[tuple[Row, list[Fault]]] = []
    repeated = 0
    for row, order in good:
        id_ = order.external_id or ""
        here = it.seen.get(id_) or known.get(id_, {}).get(order.closed, ())
        mine = _order_digest(order, dated=order.reported_at != it.now)
        if not here and id_ not in known:
            it.seen[id_] = (mine,)
            fresh.append(order)
        elif mine in here:
            repeated += 1
        else:
            column = it.mapping.column_of("external_id")
            message = f"编号“{id_[:40]}”已有另一内容的件"
            changed.append((row, [Fault(column, "duplicate", message)]))
    return fresh, changed, repeated


def _known(ids: Sequence[str]) -> dict[str, dict[bool, tuple[str, ...]]]:
    """By external id, the digests of what is stored: {closed history?: (with its time, without)}. An open order has no
    answer to compare; a row that gives no time is compared without.
    """
    with kernel_writes():
        found = Case.objects.filter(pack=PACK, external_id__in=ids).values_list(
            "external_id", "imported", "title", "content__text", "reported_at", "content__answer"
        )
        return {
            str(id_): {
                imported: tuple(_digest(title, text, when, answer if imported else "") for when in (at, None))
            }
            for id_, imported, title, text, at, answer in found
        }


def _order_digest(order: CleanOrder, *, dated: bool) -> str:
    """Of the words as they are stored: without what a confidential reporter said of the own name and numbers."""
    said = {"title": order.title, "text": order.text, "answer": order.answer}
    shown, _ = words_split(said, [order.party])
    return _digest(shown["title"], shown["text"], order.reported_at if dated else None, shown["answer"])


def _digest(title: str, text: str, reported_at: datetime | None, answer: str) -> str:
    at = str(int(reported_at.timestamp())) if reported_at else ""
    content = "\x1f".join((title, text, at, answer))
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _bad_write(it: _Import, bad: Sequence[tuple[Row, list[Fault]]]) -> None:
    """Keep bad rows beside the file; the size is remembered with the batch, so that a kill doubles none."""
    if bad:
        with BadRows(it.bad_path, it.headers, resume=it.bad_bytes > 0) as kept:
            for row, faults in bad:
                kept.add(row, faults)
        it.bad_bytes = it.bad_path.stat().st_size
        it.report.bad_rows_file = str(it.bad_path)


def import_unit(code: str) -> int:
    """The unit that takes an import in, by its code; Refusal when there is none."""
    found = dispatch_map().places.by_code.get(code)
    if found is None:
        raise Refusal("unit", f"没有编码为“{code[:40]}”的单位。")
    return found.id
