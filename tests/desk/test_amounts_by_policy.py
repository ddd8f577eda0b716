"""What a rule says of the desks: how long a case is held and put aside in the queue, how many are taken at one touch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.models import Turn
from bihuan.kernel.desk.queue.turns import turn_put_aside, turn_take
from bihuan.kernel.ledger.services import kernel_writes
from tests.desk.conftest import City, as_, city

__all__ = ["as_", "city"]
pytestmark = pytest.mark.django_db
As = Callable[..., Client]


def rule_set(city: City, code: str, value: int) -> None:
    policy_change(
        code=code, value=value, legal_basis="中心工作规则", valid_from=city.now.date(), now=city.now,
        by=city.people["admin"],
    )  # fmt: skip


def until(case: int) -> timedelta:
    with kernel_writes():
        turn = Turn.objects.get(case_id=case)
    return turn.until - turn.began_at


def test_a_case_is_held_and_put_aside_as_long_as_the_rule_says(city: City) -> None:
    case, sun = city.dispatched().case, city.people["sun"]
    given = {"case": case, "person": sun, "now": city.now}
    assert turn_take(**given, book=rulebook())
    assert until(case) == timedelta(minutes=10)
    assert turn_put_aside(**given, book=rulebook()) == city.now + timedelta(hours=2)
    rule_set(city, "desk.hold_minutes", 3)
    rule_set(city, "desk.aside_minutes", 45)
    assert turn_put_aside(**given, book=rulebook()) == city.now + timedelta(minutes=45)
    with kernel_writes():
        Turn.objects.all().delete()
    assert turn_take(**given, book=rulebook())
    assert until(case) == timedelta(minutes=3)


def test_more_than_the_rule_lets_be_taken_at_once_is_told_on_the_screen(city: City, as_: As) -> None:
    cases = [city.dispatched(title=title).case for title in ("甲", "乙", "丙")]
    rule_set(city, "desk.at_once", 2)
    with kernel_writes():
        picks = [f"sign_for:{c.pk}:{c.version}" for c in Case.objects.filter(pk__in=cases).order_by("pk")]
    wang = as_("wang")
    assert "一次最多 2 件" in wang.get("/mine").content.decode()
    page = wang.post("/mine", {"pick": picks}, follow=True).content.decode()
    assert "勾选了 3 件,一次最多办 2 件:其余的没有办,请再勾选一次。" in page
    assert "已办好 2 件。" in page
    with kernel_writes():
        assert [c.state for c in Case.objects.filter(pk__in=cases).order_by("pk")] == [
            "handling", "handling", "dispatched",
        ]  # fmt: skip
