"""Writing to the ledger: the entries of a case are written by its writers, those of a register here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bihuan.kernel.ledger.entries import GENESIS, Entry, entry_make

ERASE = """
    update ledger_private set text = null, salt = ''
    where stream = any(%(streams)s) and text is not null and (%(names)s::text[] is null or name = any(%(names)s))
"""


@contextmanager
def kernel_writes() -> Iterator[None]:
    """A transaction whose statements run as the role that may write: the only way for `app` and `worker` to write.

    The role is set for the transaction alone. Within a longer one it is given back at the end (after an error the
    rollback does it); the commit of its own ends it by itself, so that nothing stands between a last statement and it.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select current_user, set_config('role', 'bihuan_kernel', true)")
            already = cursor.fetchone()[0] == "bihuan_kernel"
        yield
        if not already and not outermost:
            with connection.cursor() as cursor:
                cursor.execute("set local role none")


def register_append(
    *,
    stream: str,
    kind: str,
    at: datetime,
    by: int | str,
    data: Mapping[str, Any],
    private: Mapping[str, str] | None = None,
) -> Entry:
    """Append to a register's stream (policy, calendar, identity, model, …). Appends to one stream go one at a time."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_stream (name, seq, head) values (%s, 0, %s) on conflict do nothing",
            [stream, GENESIS],
        )
        cursor.execute(
            "select seq, head, clock_timestamp() from ledger_stream where name = %s for update", [stream]
        )
        seq, head, recorded_at = cursor.fetchone()
        entry = entry_make(
            stream=stream,
            seq=seq + 1,
            previous=bytes(head),
            kind=kind,
            at=at,
            recorded_at=recorded_at,
            by=by,
            data=data,
            private=private,
            algorithm=settings.LEDGER_HASH,
        )
        entries_insert(cursor, [entry])
        cursor.execute(
            "update ledger_stream set seq = %s, head = %s where name = %s", [entry.seq, entry.hash, stream]
        )
    return entry


def texts_erase(streams: Sequence[str], *, names: Sequence[str] = ()) -> int:
    """Erase the texts that lie beside these streams, of these names (none: all), as the kernel. Returns how many.

    The salt goes too: with it a short text such as a telephone number could be guessed from its commitment.
    """
    with connection.cursor() as cursor:
        cursor.execute(ERASE, {"streams": list(streams), "names": list(names) or None})
        return int(cursor.rowcount)


def entries_insert(cursor: Any, entries: Iterable[Entry]) -> None:
    """Insert prepared entries and their private texts. The caller holds the streams' heads locked."""
    entries = list(entries)
    cursor.execute(
        "insert into ledger_entry (body, hash) select * from unnest(%s::bytea[], %s::bytea[])",
        [[entry.body for entry in entries], [entry.hash for entry in entries]],
    )
    texts = [text for entry in entries for text in entry.private]
    if texts:
        cursor.execute(
            "insert into ledger_private (stream, seq, name, salt, text)"
            " select * from unnest(%s::text[], %s::int[], %s::text[], %s::bytea[], %s::text[])",
            [
                [text.stream for text in texts],
                [text.seq for text in texts],
                [text.name for text in texts],
                [text.salt for text in texts],
                [text.text for text in texts],
            ],
        )
