"""What machines ask: whether the site lives, whether it is ready, and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from bihuan.kernel.clocks.models import CalendarDay, CalendarYear
from bihuan.kernel.ledger.sealing import seals_take
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.services import notice_put
from bihuan.site.operation import metrics, readiness
from tests.stories.cast import Town

WHOLE = dict.fromkeys(("database", "migrations", "centre", "disk", "worker", "outbox", "seal"), "ok")


@pytest.fixture
def beating(db: None) -> Iterator[None]:
    """A worker that lives."""
    _beat(0)
    readiness._migrated = readiness._founded = False
    yield
    readiness._migrated = readiness._founded = False


def _beat(seconds_ago: int) -> None:
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_workers")
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat) values (clock_timestamp() - %s::interval)",
            [f"{seconds_ago} s"],
        )


def asked(path: str = "/ready") -> tuple[int, Any]:
    """Status and JSON of a fresh process."""
    from django.test.client import ClientHandler

    client = Client()
    client.handler = ClientHandler()  # a middleware of its own, so that nothing is kept from before
    response = client.get(path)
    return response.status_code, response.json()


def test_alive_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    response = Client().get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert Client().get("/health?word").content == b"alive"
    assert response.headers["Cache-Control"] == "no-store"


def test_ready_when_every_part_is(beating: None) -> None:
    assert asked() == (200, {"status": "ready", "parts": WHOLE})
    assert asked("/ready/web")[1]["parts"] == dict.fromkeys(
        ("database", "migrations", "centre", "disk"), "ok"
    )
    assert Client().get("/ready/web?word").content == b"ready"


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "还没有开通"), ("en", "Not open yet")])
def test_before_a_centre_is_founded_every_page_says_so(beating: None, language: str, words: str) -> None:
    with kernel_writes():
        CalendarDay.objects.all().delete()
        CalendarYear.objects.all().delete()
    assert asked("/ready/web") == (
        503,
        {
            "status": "unready",
            "parts": {"database": "ok", "migrations": "ok", "centre": "missing", "disk": "ok"},
        },
    )
    for path in ("/public", "/public/report", "/login", "/home"):
        page = Client().get(path, headers={"Accept-Language": language})
        assert (page.status_code, page.headers["Retry-After"]) == (503, "300"), path
        assert words in page.content.decode()
        assert "bihuan centre init" in page.content.decode()
    told = Client().get("/api/cases", headers={"Authorization": "Bearer none"})
    assert (told.status_code, told.json()["code"]) == (503, "unfounded")


def test_each_part_that_fails_is_named(beating: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    _beat(61)
    assert asked() == (503, {"status": "unready", "parts": {**WHOLE, "worker": "failing"}})
    assert asked("/ready/web")[0] == 200
    settings.WORKER_SECONDS = 90
    assert asked()[0] == 200

    now = timezone.now()
    notice_put(
        channel="in_app", template="dispatched", key="late", now=now - timedelta(minutes=16), context={}
    )
    assert asked()[1]["parts"] == {**WHOLE, "outbox": "failing"}
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("update notices_notice set status = 'sent'")

    monkeypatch.setattr(readiness, "SEAL_SECONDS", -1)
    assert asked()[1]["parts"] == {**WHOLE, "seal": "failing"}
    monkeypatch.undo()

    monkeypatch.setattr(readiness, "disk_free", lambda: (199_999_999, 0.001))
    assert asked("/ready/web")[1]["parts"] == {
        "database": "ok",
        "migrations": "ok",
        "centre": "ok",
        "disk": "failing",
    }


def test_sealed_to_the_last_entry_is_never_overdue(
    beating: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    monkeypatch.setattr(readiness, "SEAL_SECONDS", -1)
    assert asked()[1]["parts"]["seal"] == "failing"
    seals_take(now=timezone.now())
    assert asked()[1]["parts"]["seal"] == "ok"


def test_a_migration_that_was_not_applied_is_not_ready(
    beating: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bihuan.site.operation.state import Migrations

    monkeypatch.setattr(readiness, "migrations_compared", lambda: Migrations(["cases.0099_next"], []))
    assert asked("/ready/web")[1]["parts"] == {
        "database": "ok",
        "migrations": "failing",
        "centre": "ok",
        "disk": "ok",
    }


def test_without_a_database_the_rest_is_unknown(beating: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> None:
        raise OperationalError("connection to 10.1.2.3 failed")

    monkeypatch.setattr(readiness, "kernel_writes", lost)
    status, told = asked()
    assert status == 503
    assert told["parts"] == {**dict.fromkeys(WHOLE, "unknown"), "database": "failing", "disk": "ok"}


@pytest.mark.parametrize(
    ("networks", "token", "headers", "address", "status"),
    [
        ([], "", {}, "127.0.0.1", 404),
        ([], "", {"Authorization": "Bearer "}, "127.0.0.1", 404),
        (["127.0.0.1"], "", {}, "127.0.0.1", 200),
        (["10.1.0.0/16"], "", {}, "10.1.2.3", 200),
        (["10.1.0.0/16"], "", {}, "10.2.0.1", 404),
        (["10.1.0.0/16"], "", {"X-Forwarded-For": "10.1.2.3"}, "10.2.0.1", 404),
        ([], "geheim", {"Authorization": "Bearer geheim"}, "8.8.8.8", 200),
        ([], "geheim", {"Authorization": "Bearer gehei"}, "8.8.8.8", 404),
    ],
)
def test_figures_are_for_a_network_or_a_token(
    db: None,
    settings: Any,
    networks: list[str],
    token: str,
    headers: dict[str, str],
    address: str,
    status: int,
) -> None:
    settings.METRICS_NETWORKS, settings.METRICS_TOKEN = networks, token
    assert Client().get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_figures_tell_what_stands(town: Town, settings: Any, beating: None) -> None:
    settings.METRICS_NETWORKS = ["127.0.0.1"]
    number = town.open()
    town.as_("wang").get(f"/cases/{number}")
    metrics.standing.kept.clear()
    told = Client().get("/metrics").content.decode()
    lines = dict(line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
    assert lines['bihuan_cases_open{state="dispatched",workflow="hotline/1"}'] == "1.0"
    assert float(lines['bihuan_requests_total{method="GET",status="200",view="/cases/<str:number>"}']) >= 1
    assert float(lines['bihuan_notices{status="waiting"}']) >= 1
    assert float(lines["bihuan_ledger_height"]) > 0
    assert float(lines["bihuan_worker_heartbeat_seconds"]) < 60
    assert lines["bihuan_database_up"] == "1.0"
    assert number not in told
