"""New code does not serve on an old database, nor old code on a new one; each says the way out."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.sealing import seals_take
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.site.operation import starting
from tests.stories.cast import Town

OURS = ("notices", "0005_request_of_jobs")


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """An operator's database is named; what would be executed is kept instead."""
    executed: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda path, command, environment: executed.append(command))
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner@db/bihuan")
    return executed


@pytest.fixture
def applied(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], Any]:
    """The migrations that the database has seen, to be changed: only the tables' owner writes their list."""
    known = dict(MigrationRecorder(connection).applied_migrations())
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda recorder: known)
    return known


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_fitting_database_is_served(
    db: None, serving: list[list[str]], command: str, settings: Any, tmp_path: Any
) -> None:
    settings.HOME = tmp_path
    call_command(command)
    assert [one[2] for one in serving] == ["granian" if command == "serve" else "bihuan.site"]


@pytest.mark.parametrize("command", ["serve", "work"])
def test_an_older_database_is_not_served(
    db: None, serving: list[list[str]], command: str, applied: dict[tuple[str, str], Any]
) -> None:
    del applied[OURS]
    with pytest.raises(CommandError) as refused:
        call_command(command)
    assert str(refused.value) == (
        "不能启动:\n数据库还有 1 项升级没有做(notices.0005_request_of_jobs):先备份(bihuan backup),再运行 bihuan migrate。"
    )
    assert serving == []


def test_a_newer_database_is_not_served(
    db: None, serving: list[list[str]], applied: dict[tuple[str, str], Any]
) -> None:
    applied["cases", "0999_later"] = None
    with pytest.raises(CommandError, match=r"数据库比这套程序新\(cases.0999_later\)"):
        call_command("serve")
    assert serving == []


def test_open_cases_of_an_unknown_workflow_are_not_served(town: Town) -> None:
    town.open()
    assert starting.start_faults() == []
    with kernel_writes():
        Case.objects.update(workflow="hotline/9")
    assert starting.start_faults() == ["有在办件属于这套程序没有的流程(hotline/9):换回带有它的程序。"]


def test_a_changed_workflow_is_not_served(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "fingerprint_faults", lambda: ["hotline/1 differs"])
    assert starting.start_faults() == ["hotline/1 differs"]


def test_a_database_that_outlived_its_folder_is_told(
    db: None, settings: Any, tmp_path: Any, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    settings.SEAL_ROOT, settings.HOME = tmp_path / "seals", tmp_path
    assert starting.files_told() == []
    with django_capture_on_commit_callbacks(execute=True):
        seals_take(now=now)
    assert starting.files_told() == []
    settings.SEAL_ROOT = tmp_path / "gone"
    (told,) = starting.files_told()
    assert f"不在 {tmp_path} 里" in told


def test_the_private_server_is_started_by_up(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(CommandError, match="自带的数据库随 bihuan up 一起启动"):
        call_command("serve")
