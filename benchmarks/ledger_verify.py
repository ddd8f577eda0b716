"""Seconds to verify the ledger of the seeded year with all its seals, and without, beside hashing the same entries in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.database import YEAR, connect_as, django_ready, say
from benchmarks.loops import figure
from benchmarks.year import year_ready

SAMPLE = 200_000


def main() -> None:
    """Measure and print; ends with an error when a fault is found or there are fewer than 630,000 entries."""
    from bihuan.kernel.ledger.verify import ledger_verify

    django_ready()
    year_ready()
    begun = time.perf_counter()
    found = ledger_verify(private=False, seals=False)
    unsealed = time.perf_counter() - begun
    with _sealed() as sealing:
        begun = time.perf_counter()
        found = ledger_verify(private=False)
        seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    faults = (*found.faults, *ledger_verify(seals=False).faults)
    with_texts = time.perf_counter() - begun
    limit = _hashed() * found.entries / SAMPLE
    say(
        f"{found.entries:,} entries of {found.streams:,} streams: {seconds:.1f} s; hashing alone {limit:.2f} s"
    )
    figure(
        "ledger_verify_s",
        seconds * 630_000 / found.entries,
        "s for 630,000 entries",
        "hashing alone",
        limit * 630_000 / found.entries,
    )
    figure("ledger_verify_without_seals_s", unsealed * 630_000 / found.entries, "s for 630,000 entries")
    figure("ledger_seal_s", sealing * 630_000 / found.entries, "s for 630,000 entries")
    figure("ledger_verify_with_texts_s", with_texts * 630_000 / found.entries, "s for 630,000 entries")
    figure("ledger_verify_entries", found.entries, "")
    if faults or found.sealed != found.entries or found.entries < 630_000:
        raise SystemExit(f"faults: {faults[:3]}, entries: {found.entries}")


@contextmanager
def _sealed() -> Iterator[float]:
    """The year sealed under a key and a folder that go with the block; gives the seconds that it took."""
    from django.db import connection
    from django.test import override_settings

    from bihuan.kernel.ledger.sealing import seals_take
    from bihuan.lib.text import SHANGHAI

    with (
        TemporaryDirectory() as place,
        override_settings(KEY_ROOT=Path(place, "keys"), SEAL_ROOT=Path(place, "seals")),
    ):
        try:
            begun = time.perf_counter()
            seals_take(now=datetime.now(SHANGHAI))
            yield time.perf_counter() - begun
        finally:
            connect_as("owner", YEAR)
            with connection.cursor() as cursor:
                cursor.execute(
                    "alter table ledger_seal disable trigger user; alter table ledger_leaf disable trigger user"
                )
                cursor.execute("truncate ledger_seal, ledger_leaf")
                cursor.execute(
                    "alter table ledger_seal enable trigger user; alter table ledger_leaf enable trigger user"
                )
            connect_as("worker", YEAR)


def _hashed() -> float:
    """Seconds to hash SAMPLE entries that lie in memory."""
    from django.db import connection

    from bihuan.kernel.ledger.services import kernel_writes
    from bihuan.lib.hashing import digest

    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("select hash, body from ledger_entry limit %s", [SAMPLE])
        entries = [(bytes(hash_), bytes(body)) for hash_, body in cursor.fetchall()]
    begun = time.perf_counter()
    for previous, body in entries:
        digest(previous + body, algorithm="sha256")
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
