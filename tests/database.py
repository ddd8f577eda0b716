"""The databases of the tests: one is migrated and loaded with the city, each process of tests works on a copy of its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection, connections, transaction

import bihuan
from benchmarks.database import connect_as, drop, exists, owner_database

MODEL = "test_model_"
KEPT = 2
"""So many models of other sources stay: a run of tests may make one of sources that it changes."""
UNANALYSED = """
    do $$ declare t regclass; begin
        for t in select oid::regclass from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
            execute format('alter table %s set (autovacuum_enabled = false)', t);
        end loop;
    end $$
"""
"""Plans are tested: they must not depend on when statistics were taken in the background."""


def copy_made(now: datetime) -> str:
    """A database of this process as it was at `now`; the connection is then the app's. Returns its name."""
    name = f"test_bihuan_{os.getpid()}"
    model = f"{MODEL}{_sources_digest()[:16]}"
    with _one_at_a_time():
        if not exists(model):
            _model_make(model, now)
        drop(name)
        _owner_says(f'create database "{name}" template "{model}"')
        _owner_says(f'alter database "{name}" set synchronous_commit = off')  # it is thrown away
    connect_as("app", name)
    return name


def dropped(name: str) -> None:
    """Drop it, and leave no connection open."""
    drop(name)
    connections.close_all()


def _model_make(name: str, now: datetime) -> None:
    """Migrated as owner, loaded as app; it gets its name when it is whole. Old ones of other sources go."""
    from django.core.management import call_command

    from bihuan.site.city.load import city_load

    with connection.cursor() as cursor:
        cursor.execute(
            "select datname from pg_database where starts_with(datname, %s) order by oid desc offset %s",
            [MODEL, KEPT],
        )
        others = [other for (other,) in cursor.fetchall()]
    for other in others:
        drop(other)
    half = "test_half"
    drop(half)
    _owner_says(f'create database "{half}"')
    connect_as("owner", half)
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(UNANALYSED)
    connect_as("app", half)
    with transaction.atomic():
        city_load(now=now)
    _owner_says(f'alter database "{half}" rename to "{name}"')


def _owner_says(sql: str) -> None:
    connect_as("owner", owner_database())
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _sources_digest() -> str:
    """What the model depends on: every source of the product."""
    digest = hashlib.sha256()
    for path in sorted(Path(bihuan.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    from bihuan.site.postgres_files import layout_find

    with (layout_find().base / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
