"""A real browser on a real server: the site in a thread on the test database, Debian's Chromium, and a broom."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from queue import SimpleQueue
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from playwright.sync_api import expect

from tests.browser.browsers import EMPTY, EMPTY_HEADERS, Browsers

expect.set_options(timeout=30_000)
"""A busy machine answers late; what is there in time is not waited for."""

CHROMIUM = Path("/usr/bin/chromium")
SHELL = Path("/usr/bin/chromium-headless-shell")
"""The same Chromium built without the windows, tabs and toolbars that nobody sees here: the tests take half the time where it is there."""
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
THREADS = 16
SLOW_S = float(os.environ.get("BIHUAN_SLOW_S", "0"))
"""Seconds before each answer: what does not wait for a page is found out with half a second."""
MISSING = (
    "/usr/bin/chromium is missing: `apt-get install chromium` installs it; the browser tests are left out"
)
SWEPT = (
    "cases_case", "cases_text", "cases_party", "case_viewer", "clocks_clock", "notices_notice", "cases_idempotency",
    "attachments_attachment", "attachments_blob", "forms_answers", "forms_version", "hotline_order", "hotline_call", "cases_closed_daily", "django_session",
    "public_tally", "cases_hold", "certificates_certificate", "appointments_booking", "appointments_resource", "appointments_hours_change",
    "hotline_ready_answer_use", "hotline_received_month", "desk_saved_view",
    "desk_bulk_run", "desk_turn", "review_sample", "scoring_month", "scoring_daily",
    "onewindow_theme_application", "onewindow_theme_version", "onewindow_theme", "bundles_part", "bundles_bundle",
    "onewindow_commitment",
    "telemetry_device",
    "onewindow_served", "onewindow_ticket", "onewindow_visit", "onewindow_hall_window", "onewindow_application", "onewindow_item_version", "onewindow_item",
    "fire_project", "fire_draw",
    "exchange_message", "exchange_parcel", "exchange_link", "exchange_peer", "exchange_peer_key", "exchange_turned_away",
)  # fmt: skip

REFERRING = """
    with recursive found as (
        select unnest(%s::regclass[]) as one
        union select conrelid::regclass from pg_constraint join found on confrelid = one where contype = 'f')
    select one::text from found"""
REFERENCES = """
    select conrelid::regclass::text, confrelid::regclass::text from pg_constraint
    where contype = 'f' and conrelid <> confrelid and conrelid = any(%s::regclass[]) and confrelid = any(%s::regclass[])"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs the browser; without it one loud line says so."""
    if CHROMIUM.exists():
        return
    if os.environ.get("BIHUAN_REQUIRE_BROWSER") == "1":
        raise pytest.UsageError(MISSING)
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=MISSING))


class _Server(ThreadingMixIn, WSGIServer):
    """Answers in threads that stay, as the web does: each keeps its connection to the database."""

    def start(self) -> None:
        self.asked: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
        for work in (self.serve_forever, *[self._answer] * THREADS):
            threading.Thread(target=work, daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.asked.put((request, client_address))

    def _answer(self) -> None:
        while True:
            self.process_request_thread(*self.asked.get())


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture(scope="session")
def site(django_db_setup: None) -> Iterator[str]:
    """The address of the site, served from this process on the test database."""
    from bihuan.site.wsgi import application

    def answer(environ: Any, start: Any) -> Any:
        if environ["PATH_INFO"] == EMPTY:
            start("200 OK", EMPTY_HEADERS)
            return [b'<!doctype html><link rel="icon" href="data:,">']
        if not environ["PATH_INFO"].startswith("/static"):
            time.sleep(SLOW_S)
        return application(environ, start)

    server = make_server("127.0.0.1", 0, answer, server_class=_Server, handler_class=_Quiet)
    server.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    # Playwright's own event loop runs in this thread; the tests' database calls between its calls are not async.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        program = SHELL if SHELL.exists() else CHROMIUM
        browser = playwright.chromium.launch(executable_path=str(program), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def live(site: str, django_db_blocker: Any) -> Iterator[str]:
    """The site with data that is really committed, and swept by the owner afterwards."""
    with django_db_blocker.unblock():
        yield site
        connections.close_all()
        _sweep()


def _sweep() -> None:
    """A page that is still being answered may hold a table for a moment: then once more."""
    for _ in range(4):
        with suppress(psycopg.errors.DeadlockDetected):
            _swept()
            return
        time.sleep(1)
    _swept()


def _swept() -> None:
    from bihuan.site.postgres import database_url

    owner = database_url("owner")
    with psycopg.connect(
        dbname=connection.settings_dict["NAME"], user=owner["USER"], host=owner["HOST"], port=owner["PORT"]
    ) as raw:
        for table in _order(raw):
            raw.execute(f"delete from {table}")
        raw.execute(
            "delete from numbering_counter where scope !~ '^onewindow_change'"
        )  # whose numbers are gone
        raw.execute("update hotline_ready_answer set used = 0")
        raw.execute(
            "delete from identity_grant where person_id in (select id from identity_person where username like 'centre-%')"
        )
        raw.execute("delete from identity_person where username like 'centre-%'")
        raw.execute("alter table ledger_entry disable trigger ledger_entry_append_only")
        raw.execute("delete from ledger_entry where case_id is not null")
        raw.execute("delete from ledger_private where stream like 'case:%'")
        raw.execute("alter table ledger_entry enable trigger ledger_entry_append_only")


_ordered: list[str] = []


def _order(raw: psycopg.Connection) -> list[str]:
    """These tables and all that refer to them, those that refer first: rows are deleted sooner than files are made anew."""
    if not _ordered:
        first = list(SWEPT)
        tables = [table for (table,) in raw.execute(REFERRING, [first])]
        sorter: TopologicalSorter[str] = TopologicalSorter({table: [] for table in tables})
        for one, other in raw.execute(REFERENCES, [tables, tables]):
            sorter.add(other, one)
        _ordered.extend(sorter.static_order())
    return _ordered


Open = Callable[..., Any]


def _session_of(username: str) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from bihuan.kernel.identity.models import Person

    with transaction.atomic():
        person = Person.objects.get(username=username)
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
    return str(session.session_key)


@pytest.fixture(scope="session")
def browsers(chromium: Any, site: str) -> Browsers:
    return Browsers(chromium, site)


@pytest.fixture
def browse(live: str, browsers: Browsers, request: pytest.FixtureRequest) -> Iterator[Open]:
    """A page in a browser of its own. Errors of scripts and of the content policy fail the test."""
    taken: list[Any] = []
    worker = request.node.get_closest_marker("service_worker") is not None

    def open_(*, width: int, height: int, language: str, **more: Any) -> Any:
        taken.append(browsers.take(worker=worker, width=width, height=height, locale=language, **more))
        return taken[-1]

    yield open_
    faults = [fault for page in taken for fault in page.faults]
    for page in taken:
        browsers.give_back(page)
    assert faults == []


def log_in(page: Any, username: str) -> None:
    """From now on the page's browser is this person's, whoever's it was before."""
    value = {"name": settings.SESSION_COOKIE_NAME, "value": _session_of(username), "url": page.home}
    page.context.add_cookies([value])


@pytest.fixture
def open_as(browse: Open) -> Open:
    """A page of the browser, logged in as one of the cast."""

    def open_(
        username: str, *, width: int = 1280, height: int = 800, language: str = "zh-CN", audited: bool = False
    ) -> Any:
        """`""` is a visitor; others have chosen the language. `audited`: axe may put its own styles into the page."""
        page = browse(width=width, height=height, language=language, bypass_csp=audited)
        if username:
            chosen = "en" if language.startswith("en") else "zh-hans"
            page.context.add_cookies(
                [{"name": settings.LANGUAGE_COOKIE_NAME, "value": chosen, "url": page.home}]
            )
            log_in(page, username)
        return page

    return open_


@pytest.fixture
def telephone(browse: Open) -> Open:
    """A browser of nobody in particular, a telephone if need be."""

    def open_(*, width: int = 360, height: int = 740, language: str = "zh-CN", **more: Any) -> Any:
        return browse(width=width, height=height, language=language, has_touch=width < 500, **more)

    return open_


@pytest.fixture
def present() -> datetime:
    """The server's own clock runs here, so cases are opened a little before the real now."""
    from django.utils import timezone

    return timezone.now() - timedelta(hours=3)
