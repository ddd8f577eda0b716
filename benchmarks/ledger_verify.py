"""Seconds to verify the ledger of the seeded year, beside hashing the same entries in memory without reading them."""

from __future__ import annotations

import time

from benchmarks.database import django_ready, say
from benchmarks.loops import figure
from benchmarks.year import year_ready

SAMPLE = 200_000


def main() -> None:
    """Measure and print; ends with an error when a fault is found or there are fewer than 630,000 entries."""
    from bihuan.kernel.ledger.verify import ledger_verify

    django_ready()
    year_ready()
    begun = time.perf_counter()
    found = ledger_verify(private=False)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    faults = ledger_verify().faults
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
    figure("ledger_verify_with_texts_s", with_texts * 630_000 / found.entries, "s for 630,000 entries")
    figure("ledger_verify_entries", found.entries, "")
    if faults or found.entries < 630_000:
        raise SystemExit(f"faults: {faults[:3]}, entries: {found.entries}")


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
