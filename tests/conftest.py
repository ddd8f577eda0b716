"""The test database: migrated as its owner, then everything connects as `app`, as the web does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from bihuan.lib.text import SHANGHAI

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
"""A Monday morning in office hours: the standing moment of the tests."""


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A fresh database per worker, migrated and loaded with the city, used as app; with keys of its own."""
    from tests.database import copy_made, dropped

    settings.KEY_ROOT = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock():
        name = copy_made(NOW)
    yield
    with django_db_blocker.unblock():
        dropped(name)


def pytest_configure() -> None:
    """The private server runs for as long as the tests do."""
    from bihuan.site.postgres import ensure_running

    ensure_running()


def pytest_unconfigure() -> None:
    from bihuan.site.postgres import release

    release()


@pytest.fixture(autouse=True)
def _chinese() -> None:
    """Every test begins in Chinese, whatever language the one before it ended in."""
    translation.activate("zh-hans")


@pytest.fixture
def now() -> datetime:
    return NOW
