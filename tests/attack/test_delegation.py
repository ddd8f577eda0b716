"""Delegation gives no more than its giver has, and two people's hands on one step are both remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.identity.models import Grant, Person
from bihuan.kernel.identity.scope import scope_of
from bihuan.kernel.identity.services import delegation_give
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from tests.stories.cast import Town

REASON = "外出期间代办"


def person(username: str) -> int:
    return int(Person.objects.get(username=username).pk)


def delegated(town: Town, grantor: str, grantee: str, step: str = "") -> None:
    delegation_give(
        grantor=person(grantor), grantee=person(grantee), step=step, reason=REASON,
        begins=town.now, ends=town.now + timedelta(days=30), now=town.now,
    )  # fmt: skip


def units_seen(town: Town, username: str) -> tuple[int, ...]:
    return scope_of(person=person(username), at=town.now, roles=roles()).units


def test_a_role_that_ended_is_seen_by_no_deputy(town: Town) -> None:
    number = town.handling()
    delegated(town, "wang", "qian")
    assert town.as_("qian").get(f"/cases/{number}").status_code == 200
    with kernel_writes():
        Grant.objects.filter(person=person("wang")).update(valid_to=timezone.localdate(town.now))
    assert town.as_("qian").get(f"/cases/{number}").status_code == 404


def test_a_closed_account_is_seen_for_by_no_deputy(town: Town) -> None:
    number = town.handling()
    delegated(town, "wang", "qian")
    with kernel_writes():
        Person.objects.filter(username="wang").update(is_active=False)
    assert town.as_("qian").get(f"/cases/{number}").status_code == 404


def test_administrators_see_no_cases_and_lend_no_sight_of_them(town: Town) -> None:
    before = units_seen(town, "qian")
    for administrator in ("admin", "security", "audit"):
        delegated(town, administrator, "qian")
    assert units_seen(town, "qian") == before


def test_a_deputy_of_somebody_without_the_right_reads_no_names(town: Town) -> None:
    """zhou of the coordination desk may not read names; nor may somebody to whom zhou delegates."""
    number = town.open(territory="", place="")
    assert town.at(number)[0] == "coordinating"
    party = Party.objects.get(case=town.case(number)).pk
    delegated(town, "zhou", "371502_discipline_discipline")
    client = town.as_("371502_discipline_discipline")
    assert client.get(f"/cases/{number}").status_code == 200
    page = client.post(f"/cases/{number}/parties/{party}/show", {"reason": "要联系来电人"})
    assert page.status_code == 403
    assert "19900000001" not in page.content.decode()


def test_the_deputy_of_one_step_reads_no_names(town: Town) -> None:
    number = town.handling()
    party = Party.objects.get(case=town.case(number)).pk
    delegated(town, "wang", "qian", "ask_pause")
    page = town.as_("qian").post(f"/cases/{number}/parties/{party}/show", {"reason": "要联系来电人"})
    assert page.status_code == 403


def test_what_was_done_on_somebodys_behalf_is_that_persons_too(town: Town) -> None:
    """wang lets chen answer in wang's name; wang, who also reviews this week, may not review it."""
    number = town.handling()
    delegated(town, "wang", "qian", "answer")
    town.takes("wang", number, "self_call_back", reached="yes", understood="on", note="已向来电人说明")
    town.takes("qian", number, "answer", outcome="done", answer="经调解,双方已达成一致并退费。")
    with kernel_writes():
        Grant.objects.create(person_id=person("wang"), unit_id=town.case(number).unit_id, role="bureau_head")
    town.refused("wang", number, "approve_up", "经办", status=403)
    town.takes("sun", number, "approve_up")
    assert Case.objects.get(number=number).progress["did"]["handle"] == sorted(
        [person("qian"), person("wang")]
    )


def test_a_delegation_is_not_passed_on(town: Town) -> None:
    number = town.handling()
    delegated(town, "wang", "qian")
    delegated(town, "qian", "371502_discipline_discipline")
    assert town.as_("371502_discipline_discipline").get(f"/cases/{number}").status_code == 404


def test_nobody_ends_what_another_delegated(town: Town) -> None:
    from bihuan.kernel.identity.models import Delegation

    delegated(town, "wang", "qian")
    row = Delegation.objects.get(grantor=person("wang"))
    assert town.as_("qian").post(f"/account/delegations/{row.pk}/end").status_code == 403
    row.refresh_from_db()
    assert row.revoked_at is None


@pytest.mark.parametrize("role", ["supervisor", "seat_agent", "handler"])
def test_an_administrator_is_given_no_sight_of_cases(town: Town, role: str) -> None:
    from bihuan.kernel.identity.services import grant_add
    from bihuan.lib.refusals import Refusal

    unit = town.units["371502_12345"].pk
    with pytest.raises(Refusal):
        grant_add(person=person("admin"), unit=unit, role=role, now=town.now, by=person("security"))
    assert not Grant.objects.filter(person=person("admin"), role=role).exists()
