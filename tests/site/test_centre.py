"""A real centre: founded in an empty database of its own, without anything of the demonstration."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel.identity.commands import by_named
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.policies.models import PolicyRule
from bihuan.lib.refusals import Refusal
from bihuan.site import postgres, postgres_files
from bihuan.site.centre import Newcomer, centre_init

ADMINISTRATORS = ("--system", "zhang:张明", "--security", "luo:罗静", "--audit", "shen:沈涛")
INIT = ("centre", "init", "临清市12345热线中心", "临清市", "--region", "371581", *ADMINISTRATORS)
FOUND = """
from bihuan.kernel.identity.models import *; from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.policies.models import PolicyRule; from bihuan.kernel.clocks.models import CalendarYear
from bihuan.packs.hotline.models import *; from bihuan.packs.hotline.services import order_take
from bihuan.kernel.ledger.services import kernel_writes; from django.utils import timezone; from bihuan.kernel.pack import packs
with kernel_writes():
    print(sorted(Unit.objects.values_list("code", "kind", "level")))
    print(sorted(Grant.objects.values_list("person__username", "role", "unit__code")))
    print(PolicyRule.objects.count() == sum(len(p.policies) for p in packs().values()), CalendarYear.objects.count() > 5)
    print(Matter.objects.exclude(parent=None).count(), Directory.objects.count(), ledger_verify().faults)
    taken = order_take(data={"text": "小区门口的路灯一直不亮，晚上很黑。", "title": "路灯不亮", "phone": "13900000001",
                             "channel": "telephone", "type": "complaint"}, by=0, now=timezone.now())
    print(taken.state, Unit.objects.get(pk=taken.unit).code)
"""


@pytest.fixture
def bihuan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    for name in ("DATABASE_URL", "BIHUAN_DB_ROLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIHUAN_REGION", "371581")
    monkeypatch.setenv("BIHUAN_DEMONSTRATION", "0")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bihuan.site", *arguments],
            capture_output=True, text=True, check=False, timeout=480, env=dict(os.environ),
        )  # fmt: skip

    postgres.ensure_running()  # each command would start and stop it
    yield run
    postgres.stop()
    postgres.release()
    shutil.rmtree(postgres_files.layout_find().base, ignore_errors=True)


def test_a_centre_is_founded_without_demonstration(bihuan) -> None:
    assert bihuan("migrate", "-v0").returncode == 0
    made = bihuan(*INIT)
    assert made.returncode == 0, made.stderr
    passwords = dict(line.split() for line in made.stdout.splitlines() if line.startswith("  "))
    assert set(passwords) == {"zhang", "luo", "shen"}
    assert len(set(passwords.values())) == 3
    told = bihuan("shell", "--no-imports", "-c", FOUND)
    assert told.stdout.splitlines() == [
        "[('371581', 'territory', 'county'), ('371581_12345', 'centre', 'county')]",
        "[('luo', 'security_admin', '371581_12345'), ('shen', 'audit_admin', '371581_12345'), ('zhang', 'system_admin', '371581_12345')]",
        "True True",
        "109 0 ()",
        "received 371581_12345",
    ], told.stderr
    again = bihuan(*INIT)
    assert (again.returncode, "已有单位或人员" in again.stderr) == (1, True)
    seeded = bihuan("seed", "--orders", "1")
    assert (seeded.returncode, "BIHUAN_DEMONSTRATION=1" in seeded.stderr) == (1, True)


@pytest.mark.parametrize(
    ("url", "given", "expected"),
    [
        ("", None, True), ("", "0", False), ("postgresql://a@db/city", None, False),
        ("postgresql://a@db/city", "1", True), ("postgresql://a@db/city", "0", False),
    ],
)  # fmt: skip
def test_a_citys_own_database_gets_demonstration_people_only_when_asked(
    url: str, given: str | None, expected: bool
) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("BIHUAN_DEMONSTRATION", "DATABASE_URL")}
    environment |= {"DATABASE_URL": url, "DATABASE_APP_URL": url} if url else {}
    environment |= {"BIHUAN_DEMONSTRATION": given} if given else {}
    told = subprocess.run(
        [sys.executable, "-c", "from bihuan.site import settings; print(settings.DEMONSTRATION)"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert told.stdout.strip() == str(expected)


@pytest.mark.django_db
def test_no_second_centre_is_founded_and_three_powers_are_three_people(now) -> None:
    three = {
        "system_admin": Newcomer("a1", "甲"), "security_admin": Newcomer("b1", "乙"), "audit_admin": Newcomer("c1", "丙"),
    }  # fmt: skip
    before = (Unit.objects.count(), Person.objects.count(), PolicyRule.objects.count())
    for given, rule in (
        ({"region": "371581"}, "centre_exists"),
        ({"region": "3715"}, "region"),
        ({"territory": "371581"}, "territory"),
        ({"administrators": {**three, "audit_admin": three["system_admin"]}}, "three_powers"),
        ({"administrators": {"system_admin": three["system_admin"]}}, "three_powers"),
    ):
        wanted = {"name": "中心", "region": "371581", "territory": "临清市", "administrators": three, **given}
        with pytest.raises(Refusal) as refused:
            centre_init(**wanted, now=now)
        assert refused.value.code == rule
    with pytest.raises(CommandError, match="BIHUAN_REGION=371581"):
        call_command(*INIT)
    assert (Unit.objects.count(), Person.objects.count(), PolicyRule.objects.count()) == before


@pytest.mark.django_db
def test_a_command_enters_who_decided_it() -> None:
    assert by_named(None) == "operator"
    assert by_named("admin") == Person.objects.get(username="admin").pk
    with pytest.raises(CommandError, match="no open account nobody"):
        by_named("nobody")
