"""Is the site ready? Each part in a word; nothing is told that is anybody's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from bihuan.kernel.clocks.models import CalendarYear
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.site.operation.state import Flow, disk_free, flow_read, migrations_compared, sealed_read

OUTBOX_SECONDS = 15 * 60
SEAL_SECONDS = 3 * 3600
"""Sealing is hourly: two that failed are too many."""
DISK_BYTES = 200_000_000
KEPT_SECONDS = 2.0

OK, FAILING, UNKNOWN, MISSING = "ok", "failing", "unknown", "missing"
SERVING = ("database", "migrations", "centre", "disk")
"""What a page needs. The others are needed by the loop: without them the site serves and is not whole."""

Probe = Callable[[datetime], bool]
_migrated = _founded = False


def ready(*, now: datetime, serving_only: bool = False) -> dict[str, str]:
    """Every part -> ok, failing, or unknown where the database does not answer; a centre that was never founded is missing."""
    found = {"database": _word(_database, now)}
    for name, probe in PROBES.items():
        if serving_only and name not in SERVING:
            continue
        needs_database = probe is not _disk
        found[name] = UNKNOWN if needs_database and found["database"] != OK else _word(probe, now)
    if found["centre"] == FAILING and found["migrations"] == OK:
        found["centre"] = MISSING
    return found


class Kept:
    """An answer is kept for two seconds, so that asking often costs the database nothing."""

    def __init__(self) -> None:
        self.answers: dict[bool, tuple[float, dict[str, str]]] = {}

    def ready(self, *, now: datetime, serving_only: bool) -> dict[str, str]:
        at, answer = self.answers.get(serving_only, (0.0, {}))
        if not answer or time.monotonic() - at > KEPT_SECONDS:
            answer = ready(now=now, serving_only=serving_only)
            self.answers[serving_only] = (time.monotonic(), answer)
        return answer


def _word(probe: Probe, now: datetime) -> str:
    try:
        return OK if probe(now) else FAILING
    except (DatabaseError, InterfaceError, OSError):
        if not connection.in_atomic_block:
            connection.close()
        return FAILING


def _database(now: datetime) -> bool:
    """It answers, and this process may take on the role that writes."""
    with kernel_writes():
        return True


def _migrations(now: datetime) -> bool:
    """Once they are all there they stay: a database that is exchanged underneath needs a restart."""
    global _migrated
    if not _migrated:
        compared = migrations_compared()
        _migrated = not compared.missing and not compared.unknown
    return _migrated


def _centre(now: datetime) -> bool:
    """`centre init` has been run: there is a centre, and a calendar that limits are counted by."""
    global _founded
    if not _founded:
        with kernel_writes():
            _founded = CalendarYear.objects.exists() and Unit.objects.filter(kind=Unit.Kind.CENTRE).exists()
    return _founded


def _disk(now: datetime) -> bool:
    return disk_free()[0] > DISK_BYTES


def _worker(now: datetime) -> bool:
    return worker_beats(flow_read(now=now))


def _outbox(now: datetime) -> bool:
    return outbox_flows(flow_read(now=now))


def _seal(now: datetime) -> bool:
    found = sealed_read(now=now)
    return found.sealed >= found.height or found.seconds < SEAL_SECONDS


def worker_beats(flow: Flow) -> bool:
    """A worker has told within `WORKER_SECONDS` that it lives."""
    return flow.heartbeat is not None and flow.heartbeat <= settings.WORKER_SECONDS


def outbox_flows(flow: Flow) -> bool:
    """No notice has been due for a quarter of an hour without being tried."""
    return flow.outbox is None or flow.outbox <= OUTBOX_SECONDS


PROBES: dict[str, Probe] = {
    "migrations": _migrations,
    "centre": _centre,
    "disk": _disk,
    "worker": _worker,
    "outbox": _outbox,
    "seal": _seal,
}
