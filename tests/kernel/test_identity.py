"""Who may: roles with dates, three powers, delegation, who sees below, handing over, and what the database refuses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.cases.handing_over import cases_hand_over
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import Opening, PartyData, case_open
from bihuan.kernel.identity.accounts import password_reset, person_enter, person_unlock
from bihuan.kernel.identity.models import Administration, Delegation, Grant, Person, Unit
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.identity.services import (
    UnitData,
    administration_set,
    delegation_give,
    delegation_revoke,
    grant_add,
    grant_end,
    people_enter,
    person_close,
    units_enter,
)
from bihuan.kernel.identity.units import unit_close
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI

pytestmark = pytest.mark.django_db
POWERS = ("admin", "security", "audit")


class City:
    """Ids by code and name, and short ways to open and move."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.unit = dict(Unit.objects.values_list("code", "id"))
        self.person = dict(Person.objects.values_list("username", "id"))

    def see(self, username: str) -> None:
        scope_apply(scope_of(person=self.person[username], at=self.now, roles=roles()))

    def handled(self, by: str = "wang") -> int:
        centre, person = self.unit["371502_12345"], self.person
        opening = Opening(
            pack="hotline", title="培训班不退费", text="报了培训班一直没开课,要求退费。", unit=centre, opened_by=centre,
            by=person["li"], now=self.now, reported_at=self.now, region="371502",
            parties=(PartyData(name="宋女士", phone="19900000001"),), facts={"type": "complaint"},
        )  # fmt: skip
        case = case_open(opening).case
        market = self.unit["371502_market"]
        case_move(case_id=case, step="dispatch", by=person["li"], now=self.now, data={"unit": market})
        case_move(case_id=case, step="sign_for", by=person[by], now=self.now)
        note = {"reached": "yes", "note": "已联系"}
        case_move(case_id=case, step="self_call_back", by=person[by], now=self.now, data=note)
        answer = {"outcome": "done", "answer": "经调解双方同意退费,已经办结。"}
        case_move(case_id=case, step="answer", by=person[by], now=self.now, data=answer)
        return case

    def sees_units(self, username: str, on: date | None = None) -> set[str]:
        at = datetime.combine(on, time(12), SHANGHAI) if on else self.now
        scope = scope_of(person=self.person[username], at=at, roles=roles())
        code = {id_: code for code, id_ in self.unit.items()}
        return {code[unit] for unit in scope.units}


@pytest.fixture
def city(now: datetime) -> City:
    return City(now)


def identity_now() -> tuple[Any, ...]:
    """Everything of identity, and how long its stream is: a refusal leaves it equal."""
    with kernel_writes():
        entries = LedgerEntry.objects.filter(case_id=None).count()
        people = list(
            Person.objects.order_by("pk").values_list("pk", "password", "is_active", "locked_until")
        )
    tables = (Grant, Unit, Administration, Delegation)
    return entries, people, [list(t.objects.order_by("pk").values_list()) for t in tables]


def last_entry(stream: str = "identity") -> dict[str, Any]:
    with kernel_writes():
        return dict(json.loads(bytes(LedgerEntry.objects.filter(stream=stream).latest("seq").body)))


# Roles and their dates


@given(start=st.integers(-3, 3), length=st.integers(1, 4), day=st.integers(-5, 8))
def test_a_role_holds_from_its_first_day_to_the_day_before_its_end(start: int, length: int, day: int) -> None:
    with transaction.atomic():
        city, base = City(datetime.now().astimezone()), date(2026, 3, 2)
        begins, ends = base + timedelta(days=start), base + timedelta(days=start + length)
        with kernel_writes():
            Grant.objects.filter(person_id=city.person["qian"]).update(valid_from=begins, valid_to=ends)
        on = base + timedelta(days=day)
        assert (city.sees_units("qian", on) == {"371502_veterans"}) == (begins <= on < ends)
        assert bool(city.sees_units("qian", on)) == (begins <= on < ends)
        transaction.set_rollback(True)


def test_a_role_given_for_later_holds_later_and_ends_today(city: City) -> None:
    market, qian, by = city.unit["371502_market"], city.person["qian"], city.person["security"]
    later = city.now.date() + timedelta(days=7)
    given_ = grant_add(person=qian, unit=market, role="handler", now=city.now, by=by, since=later)
    assert last_entry()["data"] == {"person": qian, "unit": market, "role": "handler", "since": str(later)}
    assert "371502_market" not in city.sees_units("qian", later - timedelta(days=1))
    assert "371502_market" in city.sees_units("qian", later)
    end = city.now + timedelta(days=9)
    grant_end(grant=given_.pk, now=end, by=by)
    assert "371502_market" in city.sees_units("qian", end.date() - timedelta(days=1))
    assert "371502_market" not in city.sees_units("qian", end.date())
    before = identity_now()
    with pytest.raises(Refusal, match="已经收回"):
        grant_end(grant=given_.pk, now=end, by=by)
    with pytest.raises(Refusal, match="过去"):
        grant_add(person=qian, unit=market, role="handler", now=end, by=by, since=city.now.date())
    assert identity_now() == before


def test_the_day_of_a_role_is_the_day_in_china(city: City) -> None:
    early = city.now.replace(hour=1).astimezone(UTC)
    given_ = grant_add(
        person=city.person["qian"], unit=city.unit["371502_market"], role="handler", now=early, by="operator"
    )
    assert given_.valid_from == city.now.date()


def test_the_three_administrators_are_three_people(city: City) -> None:
    before = identity_now()
    centre, by = city.unit["371502_12345"], city.person["security"]
    for username, role in (("admin", "audit_admin"), ("audit", "security_admin"), ("audit", "system_admin")):
        with pytest.raises(Refusal, match="不能是同一个人"):
            grant_add(person=city.person[username], unit=centre, role=role, now=city.now, by=by)
    pair = [(centre, "system_admin"), (centre, "audit_admin")]
    with pytest.raises(Refusal, match="不能是同一个人"):
        people_enter(
            people=[{"username": "two", "name": "两权", "grants": pair}],
            password=None,
            now=city.now,
            by="operator",
        )
    assert identity_now() == before


def test_nobody_changes_the_own_roles_and_only_the_security_administrator_others(city: City) -> None:
    before = identity_now()
    centre, security = city.unit["371502_12345"], city.person["security"]
    own = Grant.objects.get(person_id=security).pk
    with pytest.raises(NotPermitted, match="自己"):
        grant_add(person=security, unit=centre, role="supervisor", now=city.now, by=security)
    with pytest.raises(NotPermitted, match="自己"):
        grant_end(grant=own, now=city.now, by=security)
    for username in ("admin", "audit", "tang", "wang"):
        by = city.person[username]
        with pytest.raises(NotPermitted, match="安全管理员"):
            grant_add(person=city.person["qian"], unit=centre, role="supervisor", now=city.now, by=by)
        with pytest.raises(NotPermitted, match="安全管理员"):
            grant_end(grant=own, now=city.now, by=by)
    assert identity_now() == before


# Accounts


def test_accounts_are_the_system_administrators_and_never_an_administrators_or_the_own(city: City) -> None:
    person, now = city.person, city.now
    with kernel_writes():
        Person.objects.filter(pk__in=[person["qian"], person["security"]]).update(
            locked_until=now + timedelta(hours=1)
        )
    before = identity_now()
    for by in ("security", "audit", "tang"):
        with pytest.raises(NotPermitted):
            person_enter(username="newcomer", name="新人", now=now, by=person[by])
        with pytest.raises(NotPermitted):
            password_reset(person=person["qian"], now=now, by=person[by])
        with pytest.raises(NotPermitted):
            person_close(person=person["qian"], now=now, by=person[by])
        with pytest.raises(NotPermitted):
            cases_hand_over(person=person["wang"], to=[person["chen"]], now=now, by=person[by])
        with pytest.raises(NotPermitted):
            units_enter(units=[UnitData("x", "新", "desk", "city", "371500")], now=now, by=person[by])
    for who in POWERS:
        with pytest.raises(NotPermitted):
            password_reset(person=person[who], now=now, by=person["admin"])
        with pytest.raises(NotPermitted):
            person_close(person=person[who], now=now, by=person["admin"])
    with pytest.raises(NotPermitted):
        person_unlock(person=person["security"], now=now, by=person["security"])
    with pytest.raises(NotPermitted):
        person_unlock(person=person["qian"], now=now, by=person["audit"])
    with pytest.raises(Refusal, match="小写字母"):
        person_enter(username="New Comer", name="新人", now=now, by=person["admin"])
    with pytest.raises(Refusal, match="已经有人用"):
        person_enter(username="wang", name="新人", now=now, by=person["admin"])
    assert identity_now() == before
    person_unlock(person=person["qian"], now=now, by=person["security"])
    assert Person.objects.get(username="qian").locked_until is None


def test_a_leaver_hands_over_before_the_account_closes(city: City) -> None:
    city.see("tang")
    case, other, now = city.handled(), city.handled(by="chen"), city.now
    wang, chen, qian, admin = (city.person[n] for n in ("wang", "chen", "qian", "admin"))
    before = identity_now()
    with pytest.raises(Refusal, match="还有 1 件"):
        person_close(person=wang, now=now, by=admin)
    with pytest.raises(Refusal, match="没有办理角色"):
        cases_hand_over(person=wang, to=[qian], by=admin, now=now)
    with pytest.raises(Refusal, match="本人"):
        cases_hand_over(person=wang, to=[wang], by=admin, now=now)
    assert (identity_now(), Case.objects.get(pk=case).handler_id) == (before, wang)
    version = Case.objects.get(pk=case).version
    shares = cases_hand_over(person=wang, to=[chen], by=admin, now=now)
    assert [share.to for share in shares] == [chen]
    row = Case.objects.get(pk=case)
    assert (row.handler_id, row.version) == (chen, version + 1)
    body = json.loads(bytes(LedgerEntry.objects.filter(case_id=case).latest("seq").body))
    assert (body["kind"], body["by"]) == ("handed_over", admin)
    assert body["data"] == {"from": wang, "to": chen, "version": version + 1}
    assert LedgerEntry.objects.filter(case_id=other, kind="handed_over").count() == 0
    person_close(person=wang, now=now, by=admin)
    assert not Person.objects.get(pk=wang).is_active
    assert not city.sees_units("wang")
    assert not ledger_verify().faults


def test_the_operator_enters_the_first_administrator_and_resets_one_by_command(city: City) -> None:
    told = StringIO()
    role = {"unit": "371502_12345", "role": "system_admin"}
    call_command("person_enter", "second_admin", "第二管理员", stdout=told, **role)
    row = Person.objects.get(username="second_admin")
    assert row.check_password(told.getvalue().strip())
    assert list(row.grants.values_list("role", flat=True)) == ["system_admin"]
    told = StringIO()
    call_command("password_reset", "security", stdout=told)
    assert Person.objects.get(username="security").check_password(told.getvalue().strip())
    assert last_entry()["by"] == "operator"
    before = identity_now()
    with pytest.raises(CommandError, match="no unit"):
        call_command("person_enter", "third", "第三", unit="nowhere", role="handler")
    with pytest.raises(CommandError, match="已经有人用"):
        call_command("person_enter", "wang", "重名")
    with pytest.raises(CommandError, match="no open account"):
        call_command("password_reset", "nobody")
    assert identity_now() == before


# Delegation


def test_delegation_gives_one_step_for_its_time_and_names_on_whose_behalf(city: City) -> None:
    city.see("tang")
    case = city.handled()
    person, now = city.person, city.now
    begins, ends = now + timedelta(hours=1), now + timedelta(hours=3)
    given_ = delegation_give(
        grantor=person["sun"],
        grantee=person["tang"],
        step="approve_up",
        begins=begins,
        ends=ends,
        reason="出差",
        now=now,
    )

    def approve(at: datetime, step: str = "approve_up") -> None:
        data = {"reason": "材料不全,请补充"} if step == "send_back" else {}
        case_move(case_id=case, step=step, by=person["tang"], now=at, data=data)

    version = Case.objects.get(pk=case).version
    for at, step in (
        (begins - timedelta(seconds=1), "approve_up"),
        (ends, "approve_up"),
        (begins, "send_back"),
    ):
        with pytest.raises(Refusal):
            approve(at, step)
    with pytest.raises(NotPermitted, match="委托人"):
        delegation_revoke(delegation=given_.pk, by=person["tang"], now=now)
    assert Case.objects.get(pk=case).version == version
    approve(ends - timedelta(seconds=1))
    body = json.loads(bytes(LedgerEntry.objects.filter(case_id=case).latest("seq").body))
    assert (body["by"], body["data"]["on_behalf_of"]) == (person["tang"], person["sun"])
    assert body["data"]["step"] == "approve_up"


def test_a_revoked_delegation_gives_nothing(city: City) -> None:
    city.see("tang")
    case = city.handled()
    person, now = city.person, city.now
    given_ = delegation_give(
        grantor=person["sun"],
        grantee=person["tang"],
        begins=now,
        ends=now + timedelta(days=1),
        reason="出差",
        now=now,
    )
    delegation_revoke(delegation=given_.pk, by=person["sun"], now=now)
    assert last_entry()["kind"] == "delegation_revoked"
    with pytest.raises(NotPermitted):
        case_move(case_id=case, step="approve_up", by=person["tang"], now=now)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"grantee": "sun"}, "自己"),
        ({"ends": timedelta(0)}, "晚于"),
        ({"begins": timedelta(days=-3), "ends": timedelta(days=-2)}, "晚于"),
        ({"reason": "  "}, "原因"),
    ],
)
def test_a_senseless_delegation_is_refused(city: City, changed: dict[str, Any], match: str) -> None:
    before = identity_now()
    with pytest.raises(Refusal, match=match):
        delegation_give(
            grantor=city.person["sun"],
            grantee=city.person[changed.get("grantee", "chen")],
            begins=city.now + changed.get("begins", timedelta(0)),
            ends=city.now + changed.get("ends", timedelta(days=1)),
            reason=changed.get("reason", "出差"),
            now=city.now,
        )
    assert identity_now() == before


# Who runs a place


def head_of(city: City, unit: str) -> set[str]:
    with kernel_writes():
        Grant.objects.filter(person_id=city.person["sun"]).update(unit_id=city.unit[unit])
    return city.sees_units("sun")


def test_who_runs_a_township_sees_it_whatever_county_its_code_names(city: City) -> None:
    county, zone = head_of(city, "371502"), head_of(city, "371500_resort")
    assert "371502001" in county
    assert "371502011" not in county
    assert "371502011" in zone
    assert "371502001" not in zone
    move = {"basis": "测试", "now": city.now, "by": city.person["admin"]}
    on = city.now.date()
    administration_set(
        unit=city.unit["371502001"], administered_by=city.unit["371500_resort"], since=on, **move
    )
    assert "371502001" in head_of(city, "371500_resort")
    assert "371502001" not in head_of(city, "371502")
    assert "371502001" in city.sees_units("sun", on - timedelta(days=1))
    before = identity_now()
    with pytest.raises(Refusal, match="两段日子不能重叠"):
        administration_set(unit=city.unit["371502001"], administered_by=city.unit["371502"], since=on, **move)
    assert identity_now() == before


def test_a_zone_sees_its_own_desk_beside_the_townships_that_it_runs(city: City) -> None:
    assert {"371500_resort", "371500_resort_desk", "371502011"} <= head_of(city, "371500_resort")


def test_a_successor_sees_what_ended_by_its_day_and_nothing_else_is_passed_on(city: City) -> None:
    market, tax = city.unit["371502_market"], city.unit["371502_tax"]
    with kernel_writes():
        parent = Unit.objects.get(pk=market).parent
        names = ("joint", "later", "alone", "other")
        joint, later, alone, other = (
            Unit.objects.create(code=f"371502_{name}", name=f"{name}局", kind="department", level="county", parent=parent).pk
            for name in names
        )  # fmt: skip
    today = city.now.astimezone(SHANGHAI).date()
    ends = (
        (market, today, joint),
        (joint, today, tax),
        (later, today + timedelta(days=1), tax),
        (alone, today, None),
    )
    for unit, on, to in ends:
        unit_close(unit=unit, on=on, to=to, basis="机构改革方案", now=city.now, by=city.person["admin"])
    for person, unit, role in (("qian", tax, "handler"), ("zhao", other, "handler")):
        grant_add(person=city.person[person], unit=unit, role=role, now=city.now, by="system")

    def seen(username: str, days: int = 0) -> set[int]:
        scope = scope_of(person=city.person[username], at=city.now + timedelta(days=days), roles=roles())
        assert {one.unit for one in (*scope.held, *scope.lent)}.isdisjoint({joint, later, alone})
        return set(scope.units) & {market, joint, later, alone, tax, other}

    assert seen("qian") == {market, joint, tax}
    assert seen("qian", days=1) == {market, joint, later, tax}
    assert seen("wang") == {market}
    assert seen("zhao") == {other}
    assert seen("admin") == set()
