"""The test database: migrated as its owner, then everything connects as `app`, as the web does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from bihuan.lib.text import SHANGHAI

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
"""A Monday morning in office hours: the standing moment of the tests."""
LONG = (
    "tests/test_every_pack.py", "tests/attack/test_addresses.py", "tests/site/test_up.py", "tests/site/test_backup.py",
    "tests/site/test_centre.py", "tests/site/test_postgres.py", "tests/api/test_bad_input.py", "tests/kernel/test_scaffold.py",
    "tests/stories/", "tests/attack/", "tests/public/test_grade.py", "tests/packs/hotline/test_demonstration",
    "tests/lib/test_masking.py", "tests/packs/hotline/test_boston.py",
    "tests/browser/test_administration.py", "tests/browser/test_review_desk.py", "tests/browser/test_long_stories.py",
    "tests/browser/test_citizen.py", "tests/browser/test_promises.py", "tests/browser/test_window_story.py",
    "tests/browser/test_seat.py", "tests/browser/test_boards.py", "tests/browser/test_fire_story.py",
)  # fmt: skip
"""What takes long, the longest first: begun late, one of them would keep the whole run waiting for it."""


hypothesis_settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("suite")
"""How long an example takes says how busy the machine is, and nothing of what is proved."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test that waits for a server or a browser leaves its core to another."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones begin first; the others follow in their own order."""
    items.sort(
        key=lambda item: next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))
    )


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


@pytest.fixture(scope="session", autouse=True)
def _files_found_once() -> Iterator[None]:
    """Each client of a test makes the site anew; the files that the site may send are looked for once."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def find_once(site: Any) -> None:
        if not found:
            find(site)
            found.update(site.files)
        site.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(autouse=True)
def _chinese() -> None:
    """Every test begins in Chinese, whatever language the one before it ended in."""
    translation.activate("zh-hans")


@pytest.fixture
def now() -> datetime:
    return NOW
