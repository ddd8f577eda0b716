"""A city that an earlier release loaded: what a later one knows is added once, and what somebody changed stays."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import override_settings

from bihuan.kernel.identity.models import Grant, Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.services import policy_set
from bihuan.packs.hotline.services import order_take
from bihuan.site.city import load
from bihuan.site.city.people import Person as Wanted
from bihuan.site.city.people import Role, people
from bihuan.site.management.commands.seed import city_complete

pytestmark = pytest.mark.django_db
LATER = Wanted("screen-2", "二号屏幕", "371502_12345", Role.HALL_SCREEN)
RULE = ("demo.later", 7, "days", "测试")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release with one more person and one more rule."""
    monkeypatch.setattr(load, "all_people", lambda: (*people(), LATER))
    more = {**load.packs(), "later": SimpleNamespace(policies=(RULE,))}
    for module in ("bihuan.site.city.load.packs", "bihuan.site.centre.packs"):
        monkeypatch.setattr(module, lambda: more)


def test_what_a_later_release_knows_is_added_once(later: None, now: datetime) -> None:
    told: list[str] = []
    before = Person.objects.count(), PolicyRule.objects.count()
    city_complete(now=now, tell=told.append)
    assert told == ["演示城市补上:screen-2、demo.later"]
    person = Person.objects.get(username="screen-2")
    grant = Grant.objects.select_related("unit").get(person=person)
    assert (grant.unit.code, grant.role, person.check_password(settings.DEMONSTRATION_PASSWORD)) == (
        "371502_12345",
        "hall_screen",
        True,
    )
    rule = PolicyRule.objects.get(code="demo.later")
    assert (rule.value, rule.valid_from) == (7, now.date())
    city_complete(now=now, tell=told.append)
    assert len(told) == 1
    assert (Person.objects.count(), PolicyRule.objects.count()) == (before[0] + 1, before[1] + 1)


def test_what_somebody_changed_stays(later: None, now: datetime) -> None:
    with kernel_writes():
        Person.objects.filter(username="wang").update(name="王改名")
        Person.objects.filter(username="qian").update(is_active=False)
    policy_set(
        code="hotline.max_pauses", value=2, unit="times", legal_basis="本地规定", valid_from=now.date(), now=now, by="operator",
    )  # fmt: skip
    kept = list(Person.objects.order_by("pk").values_list()), list(PolicyRule.objects.order_by("pk").values())
    load.city_add(now=now)
    people_now = list(Person.objects.exclude(username="screen-2").order_by("pk").values_list())
    rules_now = list(PolicyRule.objects.exclude(code="demo.later").order_by("pk").values())
    assert (people_now, rules_now) == kept


def test_a_city_of_this_release_lacks_nothing(now: datetime) -> None:
    assert load.city_lacks() is False
    assert load.city_add(now=now) == []


def test_the_city_s_numbers_begin_otherwise_than_the_district_s(now: datetime) -> None:
    data = {"text": "路灯不亮,晚上看不见路。", "type": "help", "territory": "柳园街道"}
    ours = order_take(data=data, by=0, now=now).number
    with override_settings(REGION="371500"):
        load._prefix_set(now.date(), now)
        theirs = order_take(data=data, by=0, now=now).number
    assert (ours[:10], theirs[:10]) == (f"RX{now:%Y%m%d}", f"LC{now:%Y%m%d}")
    assert int(theirs[10:]) == int(ours[10:]) + 1
