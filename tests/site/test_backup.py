"""Backup and restore on a real server: everything acknowledged by a moment is there, nothing after it, and the ledger verifies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bihuan.site import postgres, postgres_files

WRITE = """
import django, sys, time; django.setup()
from datetime import datetime, UTC
from django.conf import settings
from bihuan.kernel.ledger.services import register_append
from bihuan.kernel.ledger.sealing import seals_take
for place, numbers in enumerate(sys.argv[1:]):
    if place:
        time.sleep(1)
    now = datetime.now(UTC)
    for n in numbers.split(","):
        register_append(stream="model", kind="noted", at=now, by="system", data={"n": int(n)})
    seals_take(now=now)
    (settings.ATTACHMENT_ROOT / "ab").mkdir(parents=True, exist_ok=True)
    (settings.ATTACHMENT_ROOT / "ab" / f"content-{numbers}").write_text(numbers)
    print(datetime.now(UTC).isoformat())
"""
READ = """
import django, json, sys; django.setup()
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from django.core.management import call_command
with kernel_writes():
    print(json.dumps([json.loads(bytes(e.body))["data"]["n"] for e in LedgerEntry.objects.filter(stream="model").order_by("seq")]))
for command in sys.argv[1:]:
    call_command(*command.split())
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "DATABASE_WORKER_URL", "BIHUAN_KEYS", "BIHUAN_SEALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BIHUAN_WAL_ARCHIVE", "1")
    for name in ("home", "other"):
        monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / name))
        if name == "home":
            yield tmp_path / "home"
        monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / name))
        postgres.stop()
        postgres.release()
        shutil.rmtree(postgres_files.layout_find().base, ignore_errors=True)


def bihuan(*arguments: object, fails: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.site", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def python(code: str, *arguments: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bihuan.site.settings", "BIHUAN_DB_ROLE": "worker"}
    command = [sys.executable, "-m", "bihuan.site.postgres", "run", sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def archived() -> None:
    """All of the log so far is in the archive."""
    from bihuan.site.backup import superuser

    layout = postgres_files.layout_find()
    with superuser(layout) as server:
        (name,) = server.execute("select pg_walfile_name(pg_switch_wal())").fetchone() or ("",)
    deadline = time.monotonic() + 20
    while not (postgres_files.archive_folder(layout) / name).exists() and time.monotonic() < deadline:
        time.sleep(0.1)


def test_a_backup_comes_back_as_of_a_moment(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, keys = tmp_path / "backup", tmp_path / "vault"
    postgres.ensure_running()
    bihuan("migrate", "--verbosity", "0")
    python(WRITE, "1,2")
    assert "choose a folder outside" in bihuan("backup", backup, "--keys", backup / "keys", fails=True)
    assert "files of the log" in bihuan("backup", backup, "--keys", keys)
    assert {path.name for path in keys.iterdir()} == {"keys", "secret_key"}
    assert not list(backup.rglob("*.key")) and not list(backup.rglob("secret_key"))
    until = python(WRITE, "3,4", "5").splitlines()[0]
    archived()
    assert "files of the log" in bihuan("backup", backup, "--log-only")
    refused = bihuan("restore", backup, fails=True)
    assert "never over one that lives" in refused
    assert json.loads(python(READ)) == [1, 2, 3, 4, 5]
    # The machine burns down; a new one gets what was acknowledged by the moment. Attachments and seals are of the last backup.
    postgres.stop()
    postgres.release()
    shutil.rmtree(postgres_files.layout_find().base)
    shutil.rmtree(home)
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / "other"))
    said = bihuan("restore", backup, "--until", until, "--keys", keys)
    assert "Every entry and every file fits." in said
    postgres.ensure_running()
    read, *told = python(READ, "keys list", "seal take").splitlines()
    assert json.loads(read) == [1, 2, 3, 4]
    assert (tmp_path / "other/attachments/ab/content-1,2").read_text() == "1,2"
    assert told[1] == "1 seals taken."  # after one key, the same; the restoring itself is an entry


def test_what_is_no_backup_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "is no backup" in bihuan("restore", tmp_path / "empty", fails=True)
    assert not postgres_files.layout_find().data.exists()
