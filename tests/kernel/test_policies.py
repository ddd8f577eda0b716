"""Policies: the nearest region, the day, what supersedes what; no edit without its entry, no stored time moved."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.selectors import policy_in_force, regions_around
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Refusal
from tests.walks import Taken, World

pytestmark = pytest.mark.django_db
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def put(db: None, now: datetime) -> Any:
    def policy(value: Any, *, since: date = NEW_YEAR, region: str = "", **more: Any) -> PolicyRule:
        given = {"code": "test.days", "legal_basis": "测试条例第1条", "now": now, "by": "system", **more}
        return policy_set(value=value, valid_from=since, region=region, **given)

    return policy


def found(on: date = date(2026, 3, 2), region: str = "371502") -> Any:
    return policy_in_force(code="test.days", region=region, on=on).value


def entries() -> int:
    with kernel_writes():
        return LedgerEntry.objects.filter(stream="policy").count()


def test_the_nearest_region_wins_whenever_it_was_set(put: Any) -> None:
    assert regions_around("371502") == ("371502", "3715", "37", "")
    put(1, region="371502")
    put(2, region="3715")
    put(3, region="37")
    put(4)
    assert [found(region=r) for r in ("371502", "371521", "370100", "110101", "")] == [1, 2, 3, 4, 4]


def test_a_row_holds_from_its_first_day_to_the_day_before_its_last(put: Any) -> None:
    put(5)
    put(7, since=date(2026, 3, 1), valid_to=date(2026, 4, 1))
    assert [
        found(date(2026, 2, 28)),
        found(date(2026, 3, 1)),
        found(date(2026, 3, 31)),
        found(date(2026, 4, 1)),
    ] == [5, 7, 7, 5]


def test_of_two_from_the_same_day_the_later_recorded_holds(put: Any) -> None:
    put(5)
    put(6)
    assert found() == 6


def test_a_superseded_row_no_longer_holds_even_where_it_is_nearer(put: Any) -> None:
    near = put(5, region="371502")
    put(9, supersedes=near)
    assert found() == 9


def test_a_row_is_superseded_only_once_the_new_one_is_in_force(put: Any) -> None:
    old = put(5)
    put(9, since=date(2026, 6, 1), supersedes=old)
    assert [found(), found(date(2026, 6, 1))] == [5, 9]


def test_a_rule_that_nobody_set_is_refused_not_guessed(put: Any) -> None:
    put(5, since=date(2026, 6, 1))
    with pytest.raises(Refusal, match=r"规则“test\.days”在 2026-03-02 没有设定") as refused:
        found()
    assert (refused.value.code, refused.value.rule) == ("policy_missing", "test.days")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"legal_basis": "  "}, "legal_basis"),
        ({"valid_to": NEW_YEAR}, "valid_to"),
        ({"valid_to": date(2025, 1, 1)}, "valid_to"),
    ],
)
def test_a_row_without_basis_or_with_crossed_dates_is_refused(
    put: Any, more: dict[str, Any], field: str
) -> None:
    before = entries()
    with pytest.raises(Refusal) as refused:
        put(5, **more)
    assert refused.value.field == field
    assert (entries(), PolicyRule.objects.filter(code="test.days").count()) == (before, 0)


def test_every_edit_is_an_entry_that_tells_all_of_it(put: Any) -> None:
    before = entries()
    first = put(5)
    rule = put({"number": 3}, region="3715", valid_to=date(2027, 1, 1), supersedes=first, by=7, unit="limit")
    assert entries() == before + 2
    with kernel_writes():
        body = json.loads(bytes(LedgerEntry.objects.filter(stream="policy").latest("seq").body))
    assert (body["kind"], body["by"]) == ("policy_set", 7)
    assert body["data"] == {
        "code": "test.days",
        "region": "3715",
        "rule": rule.pk,
        "valid_from": "2026-01-01",
        "valid_to": "2027-01-01",
        "value": {"number": 3},
        "unit": "limit",
        "legal_basis": "测试条例第1条",
        "supersedes": first.pk,
    }


def test_the_database_refuses_crossed_dates_too(now: datetime) -> None:
    with pytest.raises(DatabaseError, match="policies_rule_dates"), transaction.atomic(), kernel_writes():
        PolicyRule.objects.create(
            code="x", valid_from=NEW_YEAR, valid_to=NEW_YEAR, value=1, legal_basis="x", recorded_at=now
        )


def test_the_rule_book_follows_an_edit_and_its_undoing(put: Any) -> None:
    before = rulebook()
    with pytest.raises(RuntimeError), transaction.atomic():
        put(5)
        assert rulebook().value("test.days", region="", on=NEW_YEAR) == 5
        raise RuntimeError
    assert rulebook().value("test.days", region="", on=NEW_YEAR) is None
    assert rulebook().stamp == before.stamp


def test_a_back_dated_row_never_moves_a_stored_due_time(put: Any, now: datetime) -> None:
    world = World("hotline", now)
    send = Taken("dispatch", "li", {"unit": world.unit["371502_market"]})
    first, second = world.open("lead"), world.open("lead")
    world.take(first, send)

    def clock(case: int) -> Clock:
        return Clock.objects.get(case_id=case, kind="handle", basis="promised")

    before = (clock(first).due_at, clock(first).rule_id)
    shorter = {"number": 2, "unit": "working_day", "warnings": ["0.8"]}
    rule = put(
        {"default": shorter}, code="hotline.handle", region="371502", since=now.date() - timedelta(days=60)
    )
    world.take(first, Taken("sign_for", "wang"))
    world.take(second, send)
    world.see("")
    assert (clock(first).due_at, clock(first).rule_id) == before
    assert clock(second).rule_id == rule.pk
    assert clock(second).due_at == before[0] - timedelta(days=5), "two working days from Monday: Wednesday"
