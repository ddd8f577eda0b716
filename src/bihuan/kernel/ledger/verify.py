"""Verification: walk every stream and name the first place that does not fit.

Within one stream an edit, a deletion, an insertion and a swap are found by the chain; a tail cut off is found by the
head that is kept elsewhere (the case's row, the register's row). What somebody with full power over the database
rewrites to the last byte, heads included, is found by the seals: `seal_walk`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import chain
from typing import Any

from django.db import connection, transaction

from bihuan.kernel.ledger.entries import GENESIS
from bihuan.kernel.ledger.faults import Fault, Verified
from bihuan.kernel.ledger.seal_walk import Sealed, missing_faults, seals_walk
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.hashing import digest, salted_commitment

HEADS: list[str] = ["select name, seq, head from ledger_stream"]
"""Queries for (stream, seq, head): whoever keeps heads adds a query, in its `apps.py`."""

ERASING = ["anonymised"]
"""Kinds of entries that say that the texts of the entries before them, in their stream, were erased."""
BATCH = 10_000
BEGINNING = (0, GENESIS)
"""What the first entry of a stream follows."""
PRIVATE = """
    copy (
        select stream, seq, e.body, p.names, p.salts, p.texts
        from (select stream, seq, body from ledger_entry where position('"private":{'::bytea in body) > 0) e
        full join (
            select stream, seq, array_agg(name) as names, array_agg(salt) as salts, array_agg(text) as texts
            from ledger_private group by stream, seq
        ) p using (stream, seq)
    ) to stdout (format binary)
"""
"""Each entry that commits to texts beside the texts that are kept for it; either may be missing."""


def ledger_verify(*, private: bool = True, seals: bool = True) -> Verified:
    """Walk all streams, and all `seals`. At most one fault a stream, in the order of streams; also checks the `private` texts.

    A text is there as its entry commits to it, or was erased by a later entry of its stream; none is there besides. Cases may move meanwhile: heads and entries are read as of one moment.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read")
        with kernel_writes():  # as the role that sees every row: what is hidden cannot be verified
            sealed = seals_walk() if seals else Sealed()
            walked = _walked(sealed.hashes)
            faults = [*sealed.faults, *missing_faults(sealed.hashes), *walked.faults]
            faults += _private_faults() if private else ()
    first: dict[str, Fault] = {}
    for fault in sorted(faults, key=lambda fault: (fault.stream, fault.seq)):
        first.setdefault(fault.stream, fault)
    return Verified(
        walked.entries,
        walked.streams,
        tuple(first.values()),
        sealed=sealed.entries,
        seals=sealed.seals,
        sealed_at=sealed.last_at,
    )


def _walked(sealed: set[bytes]) -> Verified:
    """Walk all streams, and leave in `sealed` the hashes that no entry has.

    First side by side, in the order of writing, which is that of each stream too as long as nobody changed it; the streams
    that do not fit like that are walked once more, each from its first entry, and their faults named.
    """
    heads, ends, odd, counted = _heads(), dict[str, tuple[int, bytes]](), set[str](), 0
    for rows in _batches("select stream, seq, body, hash from ledger_entry order by id"):
        counted += len(rows)
        odd |= chains_follow(rows, ends)
        sealed.difference_update([row[3] for row in rows])
    odd |= {stream for stream, end in ends.items() if heads.get(stream) != end}
    odd |= {stream for stream, (seq, _) in heads.items() if seq and stream not in ends}
    if not odd:
        return Verified(counted, len(ends), ())
    again = streams_walk(_entries(odd), {stream: head for stream, head in heads.items() if stream in odd})
    return Verified(counted, len(ends), again.faults)


def chains_follow(
    entries: Iterable[tuple[str, int, bytes, bytes]], ends: dict[str, tuple[int, bytes]]
) -> set[str]:
    """The streams of which an entry does not follow the last one in `ends` (seq, hash), which is brought on. Pure."""
    odd = set()
    for stream, seq, body, hash_ in entries:
        last, previous = ends.get(stream, BEGINNING)
        if seq != last + 1 or _digest(previous, body) != hash_:
            odd.add(stream)
        ends[stream] = seq, hash_
    return odd


def streams_walk(
    entries: Iterable[tuple[str, int, bytes, bytes]], heads: Mapping[str, tuple[int, bytes]]
) -> Verified:
    """Walk (stream, seq, body, hash), sorted by stream and seq, against the heads (seq, hash) kept elsewhere. Pure."""
    heads = dict(heads)
    counted, streams = 0, 0
    faults: list[Fault] = []
    state: _Walk | None = None
    for stream, seq, body, hash_ in entries:
        counted += 1
        if state is None or state.stream != stream:
            if state is not None:
                faults += state.finish(heads.pop(state.stream, None))
            state = _Walk(stream)
            streams += 1
        state.next(seq, body, hash_)
    if state is not None:
        faults += state.finish(heads.pop(state.stream, None))
    faults += [
        Fault(stream, 1, "entries are missing: the whole stream is gone")
        for stream, (seq, _) in heads.items()
        if seq
    ]
    return Verified(counted, streams, tuple(faults))


class _Walk:
    """The walk along one stream."""

    def __init__(self, stream: str) -> None:
        self.stream, self.seq, self.previous = stream, 0, GENESIS
        self.fault: Fault | None = None

    def next(self, seq: int, body: bytes, hash_: bytes) -> None:
        if self.fault:
            return
        if seq != self.seq + 1:
            self.fault = Fault(
                self.stream, self.seq + 1, f"entry {self.seq + 1} is missing: {seq} follows {self.seq}"
            )
        elif _digest(self.previous, body) != hash_:
            self.fault = Fault(self.stream, seq, "the entry or its place differs from what its hash covers")
        self.seq, self.previous = seq, hash_

    def finish(self, head: tuple[int, bytes] | None) -> list[Fault]:
        if self.fault is None:
            if head is None:
                self.fault = Fault(self.stream, self.seq, "the stream belongs to nothing that is known")
            elif head[0] > self.seq:
                self.fault = Fault(self.stream, self.seq + 1, f"the tail is cut off after entry {self.seq}")
            elif head != (self.seq, self.previous):
                first = min(head[0] + 1, self.seq)
                self.fault = Fault(
                    self.stream, first, "the tail differs from the head that is kept elsewhere"
                )
        return [self.fault] if self.fault else []


def _digest(previous: bytes, body: bytes) -> bytes | None:
    """The hash that an entry must have; None when its body names no algorithm, so that no hash can fit."""
    if body.startswith(b'{"algorithm":"sha256"'):  # nearly all: spares reading them
        return sha256(previous + body).digest()
    try:
        return digest(previous + body, algorithm=json.loads(body)["algorithm"])
    except (ValueError, KeyError, TypeError):
        return None


def _entries(streams: Iterable[str]) -> Iterator[tuple[str, int, bytes, bytes]]:
    """All entries of these streams, each from its first."""
    query = "select stream, seq, body, hash from ledger_entry where stream = any(%s) order by stream, seq"
    return chain.from_iterable(_batches(query, list(streams)))


def _batches(query: str, *values: Any) -> Iterator[list[Any]]:
    """The rows of a query; the database reads on while some are worked on."""
    connection.ensure_connection()
    with (
        connection.connection.cursor("ledger_verify", binary=True) as cursor,
        ThreadPoolExecutor(1) as thread,
    ):
        cursor.execute(query, values)
        coming = thread.submit(cursor.fetchmany, BATCH)
        while rows := coming.result():
            coming = thread.submit(cursor.fetchmany, BATCH)
            yield rows


def _heads() -> dict[str, tuple[int, bytes]]:
    found: dict[str, tuple[int, bytes]] = {}
    with connection.cursor() as cursor:
        for query in HEADS:
            cursor.execute(query)
            found.update((stream, (seq, bytes(head))) for stream, seq, head in cursor.fetchall())
    return found


def _private_faults() -> Iterator[Fault]:
    erased = _last_erasings()
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(PRIVATE) as copy:
        copy.set_types(["text", "int4", "bytea", "text[]", "bytea[]", "text[]"])
        for stream, seq, body, *texts in copy.rows():
            what = _private_fault(body, *texts, erased=seq < erased.get(stream, 0))
            if what:
                yield Fault(stream, seq, what)


def _last_erasings() -> dict[str, int]:
    """By stream, its last entry that says that the texts before it were erased."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select stream, max(seq) from ledger_entry where kind = any(%s) group by stream", [ERASING]
        )
        return dict(cursor.fetchall())


def _private_fault(
    body: bytes | None,
    names: list[str] | None,
    salts: list[bytes] | None,
    texts: list[str | None] | None,
    *,
    erased: bool,
) -> str:
    """What is wrong with the texts beside one entry, in words: each that it commits to is there or was `erased`."""
    value = json.loads(body) if body is not None else {}
    committed = value.get("private")
    missing = dict(committed) if isinstance(committed, dict) else {}
    for name, salt, text in zip(names or (), salts or (), texts or (), strict=True):
        expected = missing.pop(name, None)
        if expected is None:
            return f"the text {name!r} belongs to no entry"
        if text is None:
            if not erased:
                return f"the text {name!r} was erased, and no later entry says so"
        elif _committed(salt, text, value) != expected:
            return f"the text {name!r} differs from what its entry commits to"
    return f"the text {next(iter(missing))!r} is missing, which the entry commits to" if missing else ""


def _committed(salt: bytes, text: str, value: Mapping[str, Any]) -> str:
    try:
        return salted_commitment(salt, text, algorithm=value.get("algorithm", ""))
    except ValueError:  # a salt or an algorithm that was never ours
        return ""
