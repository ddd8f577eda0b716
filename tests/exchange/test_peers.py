"""Entering a centre, taking it out and entering it again: one account, with its roles in one unit."""

from __future__ import annotations

import pytest

from bihuan.kernel.exchange.models import Peer, PeerKey
from bihuan.kernel.exchange.upkeep import key_add, peer_add, peer_remove
from bihuan.kernel.identity.models import Grant, Person, Unit
from bihuan.kernel.identity.services import UnitData, units_enter
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from tests.api.client import contents, rows
from tests.exchange.conftest import CITY, DISTRICT, Two

pytestmark = pytest.mark.django_db


def added(two: Two, unit: str = f"{DISTRICT}_12345") -> Peer:
    with two.at(CITY):
        return peer_add(
            code=DISTRICT, name="东昌府区中心", relation="subordinate", url="", fetched=False,
            unit=Unit.objects.get(code=unit).pk, now=two.now, by="operator",
        )  # fmt: skip


def alive(person: int) -> list[tuple[str, str]]:
    found = Grant.objects.filter(person_id=person, valid_to=None)
    return list(found.values_list("unit__code", "role"))


def test_a_centre_taken_out_and_entered_again_has_the_same_account(two: Two) -> None:
    account = two.below.account_id
    peer_remove(peer=two.below.pk, now=two.now, by=two.people["admin"])
    assert not Peer.objects.filter(code=DISTRICT).exists()
    assert not PeerKey.objects.filter(peer=two.below.pk).exists()
    assert alive(account) == []
    units_enter(
        units=[UnitData("371502_12345b", "东昌府区新中心", "centre", "county", DISTRICT)],
        now=two.now,
        by="operator",
    )
    again = added(two, "371502_12345b")
    person = Person.objects.get(username=f"centre-{DISTRICT}")
    assert (again.account_id, person.pk, person.name) == (account, account, "东昌府区中心(系统对接)")
    assert not person.has_usable_password()
    assert alive(account) == [("371502_12345b", "handler")]
    key_add(peer=again.pk, public=two.public, now=two.now, by=two.people["security"])


def test_a_closed_account_is_opened_again(two: Two) -> None:
    with kernel_writes():
        Peer.objects.filter(pk=two.below.pk).delete()
        Person.objects.filter(pk=two.below.account_id).update(is_active=False)
    assert added(two).account_id == two.below.account_id
    assert Person.objects.get(pk=two.below.account_id).is_active


def test_a_person_s_account_is_never_taken(two: Two) -> None:
    with kernel_writes():
        Peer.objects.filter(pk=two.below.pk).delete()
        person = Person.objects.get(pk=two.below.account_id)
        person.set_password("Somebody-2026")
        person.save()
    before = rows(), contents()
    with pytest.raises(Refusal) as refused:
        added(two)
    assert (refused.value.code, refused.value.field) == ("account_taken", "code")
    assert (rows(), contents()) == before


def test_a_centre_that_spoke_stays_and_only_the_system_administrator_removes(two: Two) -> None:
    two.taken_above()
    before = rows(), contents()
    with pytest.raises(Refusal) as refused:
        peer_remove(peer=two.below.pk, now=two.now, by=two.people["admin"])
    assert refused.value.code == "exchanged"
    for who in ("security", "audit", "tang"):
        with pytest.raises(NotPermitted):
            peer_remove(peer=two.above.pk, now=two.now, by=two.people[who])
    assert (rows(), contents()) == before
