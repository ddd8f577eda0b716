"""A scratch database for a benchmark: made and migrated as its owner, used as worker or app, dropped afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.site.settings")

YEAR = "bench_bihuan"
"""The database that holds the seeded year; one run of the benchmarks makes it once."""
OPEN_YEAR = "bench_open"
"""A copy of it in which many cases are open."""


def django_ready() -> None:
    """Set Django up and start the private server if it does not run."""
    import django

    from bihuan.site.postgres import ensure_running

    ensure_running()
    django.setup()


def connect_as(role: Literal["owner", "app", "worker"], name: str) -> None:
    """Let Django's connection be to the database `name` as owner, app or worker."""
    from django.db import connection, connections

    from bihuan.site.postgres import database_url

    connections.close_all()
    connection.settings_dict.update(database_url(role), NAME=name)


def exists(name: str) -> bool:
    """Is there such a database?"""
    connect_as("owner", owner_database())
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        return cursor.fetchone() is not None


def owner_database() -> str:
    from bihuan.site.postgres import database_url

    return str(database_url("owner")["NAME"])


def create(name: str) -> None:
    """A fresh, migrated, empty database; the connection is then the worker's."""
    from django.core.management import call_command
    from django.db import connection

    drop(name)
    with connection.cursor() as cursor:
        cursor.execute(f'create database "{name}"')
    connect_as("owner", name)
    call_command("migrate", verbosity=0)
    connect_as("worker", name)


def drop(name: str) -> None:
    """Drop it if it is there; the connection is then the owner's."""
    from django.db import connection

    sessions_end(name)
    connect_as("owner", owner_database())
    with connection.cursor() as cursor:
        cursor.execute(f'drop database if exists "{name}" with (force)')


def sessions_end(name: str) -> None:
    """End every session in it, an autovacuum's too, which the owner may not: the private server's superuser may."""
    from bihuan.site.backup import superuser
    from bihuan.site.postgres_files import layout_find

    with superuser(layout_find()) as server:
        server.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s", [name]
        )


def superuser_of(name: str) -> Any:
    """A connection to the database `name` that may leave out foreign keys and triggers, which a copy of what holds them needs not."""
    import psycopg

    from bihuan.site.postgres_files import PORT, SUPERUSER, layout_find

    host = str(layout_find().socket)
    return psycopg.connect(host=host, port=PORT, user=SUPERUSER, dbname=name, autocommit=True)


def database_copy(name: str, copy: str) -> None:
    """`copy` becomes a copy of the database `name`, whose sessions are ended."""
    drop(copy)
    connect_as("owner", owner_database())
    sessions_end(name)
    with superuser_of("postgres") as server:
        owner = server.execute(
            "select pg_get_userbyid(datdba) from pg_database where datname = %s", [name]
        ).fetchone()
        server.execute(f'create database "{copy}" template "{name}" owner "{owner[0]}" strategy file_copy')


def analyze(name: str) -> None:
    """Fresh statistics, as an hour of autovacuum would give."""
    from django.db import connection

    connect_as("owner", name)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    connect_as("worker", name)


@contextmanager
def scratch(name: str) -> Iterator[None]:
    """A scratch database for the block."""
    create(name)
    try:
        yield
    finally:
        drop(name)


def say(line: str) -> None:
    """A line of the table, beside the JSON."""
    print(line, file=sys.stderr, flush=True)
