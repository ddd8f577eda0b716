"""What is kept of workflows outside the code, and open cases that follow a workflow into a new version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel import published
from bihuan.kernel.cases.versions import cases_migrate
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs, workflows
from bihuan.kernel.workflow.model import State, Workflow, step
from bihuan.lib.refusals import Refusal
from tests import snapshots
from tests.walks import Taken, World

KEY = "hotline/1"


def test_a_changed_lost_or_new_workflow_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "lock.json"
    assert published.fingerprint_faults(lock) == [f"{key} is not locked" for key in sorted(workflows())]
    published.fingerprints_lock(lock)
    assert published.fingerprint_faults(lock) == []
    kept = json.loads(lock.read_text())
    lock.write_text(json.dumps({**kept, KEY: "0" * 64, "old/1": "0" * 64}))
    faults = published.fingerprint_faults(lock)
    assert [fault.split(" ")[0] for fault in faults] == [KEY, "old/1"]
    assert "differs" in faults[0] and "gone" in faults[1]
    assert published.fingerprints_lock(lock, of={"hotline": packs()["hotline"]})["old/1"] == "0" * 64


def test_a_stale_lost_or_leftover_page_is_told(tmp_path: Path) -> None:
    everyone = [f"{name}.md" for name in packs()]
    assert published.pages_stale(tmp_path) == sorted(everyone)
    assert published.pages_write(tmp_path) == everyone
    assert published.pages_write(tmp_path) == []
    (tmp_path / "hotline.md").write_text("old")
    (tmp_path / "left.md").write_text("over")
    assert published.pages_stale(tmp_path) == ["hotline.md", "left.md"]


@pytest.fixture
def newer() -> Iterator[Workflow]:
    """Version 2 of the hotline, in which what is handled is called otherwise."""
    old = workflows()[KEY]
    states = (*old.states, State("working", "承办中", "handled"))
    into = step("work", "handling -> working", by="handler", label="承办")
    out = step("ready", "working -> handling", by="handler", label="办好")
    new = replace(old, version=2, states=states, steps=(*old.steps, into, out))
    workflows()[new.key] = new
    yield new
    del workflows()[new.key]


@pytest.mark.django_db
def test_open_cases_move_to_the_new_version_with_an_entry_each(newer: Workflow, now: datetime) -> None:
    world = World("hotline", now)
    cases = [world.open("lead") for _ in range(3)]
    for case in cases[:2]:
        world.take(case, Taken("dispatch", "li", {"unit": world.unit["371502_market"]}))
        world.take(case, Taken("sign_for", "wang"))
    world.take(cases[2], Taken("answer_at_seat", "li", {"answer": "已当场答复"}))
    before = {case: snapshots.snapshot(case) for case in cases}
    moved = cases_migrate(
        source=KEY, target="hotline/2", states={"handling": "working"}, now=now, by="system", batch=1
    )
    assert moved == 3  # the two and the world's own
    assert snapshots.snapshot(cases[2]) == before[cases[2]]
    for case in cases[:2]:
        after, was = snapshots.snapshot(case), before[case]
        assert (after["row"]["workflow"], after["row"]["state"]) == ("hotline/2", "working")
        assert (after["row"]["version"], after["entries"]) == (was["row"]["version"] + 1, was["entries"] + 1)
        assert (after["row"]["due_at"], after["clocks"]) == (was["row"]["due_at"], was["clocks"])
        assert snapshots.stream_faults(case) == ()
        with kernel_writes():
            body = json.loads(bytes(LedgerEntry.objects.filter(case_id=case).latest("seq").body))
        assert body["data"] == {"from": KEY, "to": "hotline/2", "state": "handling", "becomes": "working"}
    assert cases_migrate(source=KEY, target="hotline/2", states={}, now=now, by="system") == 0


@pytest.mark.parametrize(
    ("target", "states", "sentence"),
    [
        ("hotline/9", {}, "没有流程“hotline/9”"),
        ("hotline/2", {"handling": "nowhere"}, "不存在的状态"),
        ("hotline/2", {"nowhere": "handling"}, "不存在的状态"),
        ("hotline/2", {"handling": "closed"}, "未办结的件不能变成办结:handling"),
    ],
)
@pytest.mark.django_db
def test_a_migration_without_counterparts_is_refused_and_moves_none(
    newer: Workflow, now: datetime, target: str, states: dict[str, str], sentence: str
) -> None:
    world = World("hotline", now)
    before = snapshots.snapshot(world.other)
    with pytest.raises(Refusal, match=sentence):
        cases_migrate(source=KEY, target=target, states=states, now=now, by="system")
    assert snapshots.snapshot(world.other) == before


@pytest.mark.django_db
def test_a_state_that_the_new_version_lost_needs_a_counterpart(newer: Workflow, now: datetime) -> None:
    world = World("hotline", now)
    before = snapshots.snapshot(world.other)
    with pytest.raises(Refusal, match="没有对应:working"):
        cases_migrate(source="hotline/2", target=KEY, states={}, now=now, by="system")
    assert (
        cases_migrate(source="hotline/2", target=KEY, states={"working": "handling"}, now=now, by="system")
        == 0
    )
    assert snapshots.snapshot(world.other) == before


@pytest.mark.django_db
def test_the_command_refuses_in_a_sentence() -> None:
    with pytest.raises(CommandError, match="没有流程"):
        call_command("workflow", "migrate", KEY, "hotline/9")
    with pytest.raises(CommandError, match="STATE=STATE"):
        call_command("workflow", "migrate", KEY, KEY, "--map", "handling")
    call_command("workflow", "check", verbosity=0)
