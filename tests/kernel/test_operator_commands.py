"""The operator's commands for policies and the calendar: each change is in the ledger, a refusal changes nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel.clocks.models import CalendarDay, CalendarYear
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule

pytestmark = pytest.mark.django_db


def entries(stream: str) -> int:
    with kernel_writes():
        return LedgerEntry.objects.filter(stream=stream).count()


def test_a_policy_is_set_from_a_date_and_listed() -> None:
    before = entries("policy")
    call_command(
        "policy",
        "set",
        "supervise_after",
        "2",
        "--basis",
        "试行办法",
        "--from",
        "2026-12-01",
        stdout=StringIO(),
    )
    row = PolicyRule.objects.get(code="supervise_after", valid_from="2026-12-01")
    assert (row.value, row.legal_basis) == (2, "试行办法")
    assert entries("policy") == before + 1
    out = StringIO()
    call_command("policy", "list", "supervise_after", stdout=out)
    assert "试行办法" in out.getvalue()


@pytest.mark.parametrize(("value", "basis"), [("{", "试行办法"), ("2", " ")])
def test_a_policy_that_is_refused_changes_nothing(value: str, basis: str) -> None:
    before = (entries("policy"), PolicyRule.objects.count())
    with pytest.raises(CommandError):
        call_command("policy", "set", "supervise_after", value, "--basis", basis, "--from", "2026-12-01")
    assert (entries("policy"), PolicyRule.objects.count()) == before


def test_a_published_year_takes_the_place_of_the_provisional_one(tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_text("date,kind,name\n2027-01-01,off,元旦\n2027-01-03,work,元旦\n", encoding="utf-8")
    assert not CalendarYear.objects.get(year=2027).published
    call_command("calendar", "publish", "2027", str(file), "--source", "国办通知", stdout=StringIO())
    assert CalendarYear.objects.get(year=2027).published
    days = CalendarDay.objects.filter(date__year=2027).order_by("date")
    assert [(str(day.date), day.working) for day in days] == [("2027-01-01", False), ("2027-01-03", True)]


def test_a_year_with_days_of_another_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_text("date,kind,name\n2028-01-01,off,元旦\n", encoding="utf-8")
    before = entries("calendar")
    with pytest.raises(CommandError, match="2027"):
        call_command("calendar", "publish", "2027", str(file), "--source", "国办通知")
    assert entries("calendar") == before
    assert not CalendarYear.objects.get(year=2027).published


def test_a_command_is_entered_under_the_name_of_who_decided(tmp_path: Path) -> None:
    given = ("supervise_after", "2", "--basis", "试行办法", "--from", "2026-12-01")
    call_command("policy", "set", *given, "--by", "admin", stdout=StringIO())
    with kernel_writes():
        entry = json.loads(bytes(LedgerEntry.objects.filter(stream="policy").latest("seq").body))
    assert entry["by"] == Person.objects.get(username="admin").pk
    before = (entries("policy"), entries("calendar"), PolicyRule.objects.count())
    file = tmp_path / "2027.csv"
    file.write_text("date,kind,name\n2027-01-01,off,元旦\n", encoding="utf-8")
    for by in ("wang", "nobody"):
        with pytest.raises(CommandError):
            call_command("policy", "set", *given, "--by", by)
        with pytest.raises(CommandError):
            call_command("calendar", "publish", "2027", str(file), "--source", "国办通知", "--by", by)
    assert (entries("policy"), entries("calendar"), PolicyRule.objects.count()) == before
