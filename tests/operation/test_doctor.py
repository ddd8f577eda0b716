"""`bihuan doctor`: what it finds, what it says to do, and how it ends."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from bihuan.kernel.ledger.sealing import seals_take
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.site.operation import doctor, doctor_database
from bihuan.site.operation.doctor import backup_at, files_open, packages_differing
from bihuan.site.operation.doctor_database import UNGUARDED, database_examined


def examined() -> dict[str, str]:
    """Part -> level."""
    return {one.part: one.level for one in database_examined(now=timezone.now())}


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and what was said."""
    out = io.StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def sound(db: None, settings: Any, tmp_path: Path) -> None:
    """A worker that lives, a ledger that is sealed."""
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values")
    seals_take(now=timezone.now())


def test_a_sound_database_is_well(sound: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_database, "kept_numbers", lambda: [1])  # a seal is kept after the commit alone
    assert examined() == dict.fromkeys(
        (
            "database", "clock", "timezone", "migrations", "roles", "row_security", "database_log", "connections",
            "workflows", "worker", "jobs", "outbox", "seals", "seals_kept",
        ),
        "ok",
    ) | {"timezone": examined()["timezone"]}  # fmt: skip


def test_what_is_wrong_is_named(sound: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_database, "kept_numbers", lambda: [7])
    monkeypatch.setattr(doctor_database, "SKEW_WARN", -1.0)
    monkeypatch.setattr(doctor_database, "workflow_faults", lambda: ["hotline/1 differs"])
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_workers")
    found = {one.part: one for one in database_examined(now=timezone.now())}
    assert {part for part, one in found.items() if one.level == "fail"} == {
        "seals_kept",
        "worker",
        "workflows",
    }
    assert found["clock"].level == "warn"
    assert found["worker"].remedy == "启动 bihuan-worker(systemctl start bihuan-worker)。"
    assert found["workflows"].told == "hotline/1 differs"


def test_every_table_that_belongs_to_cases_is_guarded(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNGUARDED)
        assert cursor.fetchall() == []


def test_secrets_that_others_may_read_are_named(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    for path in (tmp_path / "secret_key", keys / "seal-1.key"):
        path.write_text("x")
        path.chmod(0o600)
    assert files_open(tmp_path, keys) == []
    (keys / "seal-1.key").chmod(0o640)
    assert files_open(tmp_path, keys) == [keys / "seal-1.key"]


def test_packages_are_those_of_the_lock(tmp_path: Path) -> None:
    assert packages_differing() == []
    lock = tmp_path / "uv.lock"
    lock.write_text('[[package]]\nname = "django"\nversion = "1.0"\n')
    assert [one.split()[0] for one in packages_differing(lock)] == ["django"]


def test_a_backup_is_no_older_than_a_day(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_ROOT = None
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert [one.level for one in doctor._backup(now)] == ["warn"]
    settings.BACKUP_ROOT = tmp_path
    assert backup_at(tmp_path) is None
    assert [one.level for one in doctor._backup(now)] == ["fail"]
    (tmp_path / "backup.json").write_text(json.dumps({"at": (now - timedelta(hours=26)).isoformat()}))
    assert [one.level for one in doctor._backup(now)] == ["ok"]
    assert [one.level for one in doctor._backup(now + timedelta(minutes=1))] == ["fail"]


def test_it_ends_with_1_when_something_fails(sound: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_database, "kept_numbers", lambda: [1])
    monkeypatch.setattr("bihuan.site.management.commands.doctor.machine_examined", lambda now: iter(()))
    status, said = run("--json")
    assert status == 0
    assert {tuple(one) for one in json.loads(said)} == {("part", "level", "told", "remedy")}

    def lost(now: datetime) -> None:
        raise OperationalError("password of 10.1.2.3")

    monkeypatch.setattr("bihuan.site.management.commands.doctor.database_examined", lost)
    assert run() == (
        1,
        "fail database      OperationalError\n                   → 看数据库是否在运行、DATABASE_URL 是否正确。\n",
    )
