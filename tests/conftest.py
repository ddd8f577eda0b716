"""The test database: migrated as its owner, then everything connects as `app`, as the web does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import translation

from bihuan.lib.text import SHANGHAI

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
"""A Monday morning in office hours: the standing moment of the tests."""

UNANALYSED = """
    do $$ declare t regclass; begin
        for t in select oid::regclass from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
            execute format('alter table %s set (autovacuum_enabled = false)', t);
        end loop;
    end $$
"""
"""Plans are tested: they must not depend on when statistics were taken in the background."""


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A fresh database per worker: made and migrated as owner, loaded with the city, then used as app; with keys of its own."""
    from benchmarks.database import drop
    from bihuan.site.city.load import city_load

    settings.KEY_ROOT = tmp_path_factory.mktemp("keys")
    name = f"test_bihuan_{os.getpid()}"
    with django_db_blocker.unblock():
        drop(name)
        with connection.cursor() as cursor:
            cursor.execute(f'create database "{name}"')
        _connect_as("owner", name)
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(UNANALYSED)
        _connect_as("app", name)
        with transaction.atomic():
            city_load(now=NOW)
    yield
    with django_db_blocker.unblock():
        drop(name)
        connections.close_all()


def pytest_configure() -> None:
    """The private server runs for as long as the tests do."""
    from bihuan.site.postgres import ensure_running

    ensure_running()


def pytest_unconfigure() -> None:
    from bihuan.site.postgres import release

    release()


def _connect_as(role: str, name: str) -> None:
    from bihuan.site.postgres import database_url

    connections.close_all()
    connection.settings_dict.update(database_url(role), NAME=name)


@pytest.fixture(autouse=True)
def _chinese() -> None:
    """Every test begins in Chinese, whatever language the one before it ended in."""
    translation.activate("zh-hans")


@pytest.fixture
def now() -> datetime:
    return NOW
