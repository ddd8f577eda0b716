"""How the site stands, read from its database with one look: what readiness, figures and `doctor` judge by."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from bihuan.kernel.ledger.services import kernel_writes

PATIENCE_MS = 3000
"""So long the database may take for one of the statements below."""
FLOW = """
    select
        (select extract(epoch from clock_timestamp() - max(last_heartbeat)) from procrastinate_workers),
        (select extract(epoch from %(now)s - min(coalesce(next_attempt_at, created_at))) from notices_notice
            where status = 'waiting' and coalesce(next_attempt_at, created_at) <= %(now)s),
        (select extract(epoch from %(now)s - min(next_at)) from clocks_clock where next_at <= %(now)s)
"""
SEALED = """
    select extract(epoch from %(now)s - coalesce(
               (select (body::jsonb ->> 'at')::timestamptz from ledger_seal order by number desc limit 1),
               (select min(applied) from django_migrations))),
           (select max(id) from ledger_entry),
           (select entry from ledger_leaf order by position desc limit 1)
"""


@dataclass(frozen=True, slots=True)
class Flow:
    """Seconds since a worker last beat, since the notice longest due was due, since the clock longest due was; None: there
    is none."""

    heartbeat: float | None
    outbox: float | None
    sweep: float | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """Seconds since the last seal (without one: since the tables were made), the ledger's last entry, and the last sealed."""

    seconds: float
    height: int
    sealed: int


def flow_read(*, now: datetime) -> Flow:
    """What goes round, or stands."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(f"set local statement_timeout = {PATIENCE_MS}")
        cursor.execute(FLOW, {"now": now})
        return Flow(*(None if value is None else max(float(value), 0.0) for value in cursor.fetchone()))


def sealed_read(*, now: datetime) -> Sealed:
    """How far the ledger goes, and how far the seals."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(f"set local statement_timeout = {PATIENCE_MS}")
        cursor.execute(SEALED, {"now": now})
        seconds, height, sealed = cursor.fetchone()
    return Sealed(max(float(seconds or 0), 0.0), height or 0, sealed or 0)


@dataclass(frozen=True, slots=True)
class Migrations:
    """Those that the database has not seen, and those of ours that it has seen and this code does not know."""

    missing: list[str]
    unknown: list[str]


def migrations_compared() -> Migrations:
    """The database's tables beside this code."""
    loader = MigrationLoader(connection)
    known, applied = set(loader.disk_migrations), set(loader.applied_migrations)
    replaced = {old for migration in loader.disk_migrations.values() for old in migration.replaces}
    labels = {app for app, _ in known}
    unknown = {one for one in applied - known - replaced if one[0] in labels}
    missing = {one for one in known - applied if one in loader.graph.nodes}
    return Migrations(_named(missing), _named(unknown))


def _named(migrations: set[tuple[str, str]]) -> list[str]:
    return [f"{app}.{name}" for app, name in sorted(migrations)]


def disk_free(path: Path = settings.HOME) -> tuple[int, float]:
    """Bytes that are free where the site keeps its files, and their share of the whole."""
    while not path.exists():
        path = path.parent
    found = shutil.disk_usage(path)
    return found.free, found.free / found.total
