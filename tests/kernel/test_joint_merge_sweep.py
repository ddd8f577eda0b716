"""Joint handling, merging, the sweep, recomputation, delegation and idempotency on real PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.merging import case_merge, case_unmerge
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opened, Opening, PartyData, case_open
from bihuan.kernel.cases.sweeping import clocks_recompute, clocks_sweep
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.services import calendar_year_publish
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.identity.services import delegation_give
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal

pytestmark = pytest.mark.django_db


class City:
    """Units and people by code and name, and short ways to open and move."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.unit = dict(Unit.objects.values_list("code", "id"))
        self.person = dict(Person.objects.values_list("username", "id"))
        self.see("tang")

    def see(self, username: str) -> None:
        scope_apply(scope_of(person=self.person[username], at=self.now, roles=roles()))

    def open(self, **more: Any) -> Opened:
        centre = self.unit["371502_12345"]
        given: dict[str, Any] = {
            "pack": "hotline",
            "title": "培训班不退费",
            "text": "报了培训班一直没开课,要求退费。",
            "unit": centre,
            "opened_by": centre,
            "by": self.person["li"],
            "now": self.now,
            "reported_at": self.now,
            "region": "371502",
            "parties": (PartyData(name="宋女士", phone="19900000001"),),
            "facts": {"type": "complaint"},
        }
        return case_open(Opening(**{**given, **more}))

    def move(self, case: int, step: str, by: str, /, *, at: datetime | None = None, **data: Any) -> Moved:
        return case_act(case_id=case, step=step, by=self.person[by], now=at or self.now, data=data)

    def handled(self, **more: Any) -> int:
        case = self.open(**more).case
        self.move(case, "dispatch", "li", unit=self.unit["371502_market"])
        self.move(case, "sign_for", "wang")
        return case

    def kinds(self, case: int) -> list[str]:
        return list(LedgerEntry.objects.filter(case_id=case).order_by("seq").values_list("kind", flat=True))


@pytest.fixture
def city(now: datetime) -> City:
    return City(now)


def test_joint_handling_waits_for_the_assisting_unit(city: City) -> None:
    case = city.handled()
    education = city.unit["371502_education"]
    city.move(case, "assist", "wang", units=[education], request="请核查办学资质")
    child = Case.objects.get(parent_id=case)
    assert (child.unit_id, child.state, child.opened_by_id) == (
        education,
        "dispatched",
        city.unit["371502_market"],
    )
    lead = Clock.objects.get(case_id=case, kind="handle", basis="promised")
    assist = Clock.objects.get(case_id=child.id, kind="assist", basis="promised")
    assert assist.due_at < lead.due_at
    city.move(case, "self_call_back", "wang", reached="yes", note="已联系")
    with pytest.raises(Refusal, match="协办"):
        city.move(case, "answer", "wang", outcome="done", answer="经调解双方同意退费。")
    assert Case.objects.get(pk=case).state == "handling"
    handler = "371502_education_handler"
    city.move(child.id, "sign_for", handler)
    assert city.move(child.id, "report", handler, answer="该机构有资质").closed
    assert (
        city.move(case, "answer", "wang", outcome="done", answer="经调解双方同意退费。").state == "reviewing"
    )


def test_a_joint_unit_that_refuses_is_handed_to_discipline_inspection(city: City) -> None:
    case = city.handled()
    city.move(case, "assist", "wang", units=[city.unit["371502_education"]], request="请核查办学资质")
    child = Case.objects.get(parent_id=case).pk
    city.move(child, "refuse_assistance", "371502_education_section_chief", reason="认为不是本单位职责")
    discipline = city.unit["371502_discipline"]
    city.move(child, "hand_over", "tang", unit=discipline, reason="无正当理由拒绝协办")
    city.move(child, "receive", "371502_discipline_discipline")
    assert city.move(child, "conclude", "371502_discipline_discipline", answer="已约谈并责令改正").closed
    assert city.move(case, "self_call_back", "wang", reached="yes", note="已联系").state == "handling"


def test_the_lead_cannot_name_itself_or_an_unknown_unit(city: City) -> None:
    case = city.handled()
    before = city.kinds(case)
    with pytest.raises(Refusal, match="主办单位自己"):
        city.move(case, "assist", "wang", units=[city.unit["371502_market"]], request="请协助核查")
    with pytest.raises(ValueError, match="没有这个单位"):
        city.move(case, "assist", "wang", units=[10**9], request="请协助核查")
    assert city.kinds(case) == before
    assert not Case.objects.filter(parent_id=case).exists()


def test_merged_cases_keep_the_earliest_promise_and_every_call_back(city: City) -> None:
    first = city.handled()
    later = city.handled(now=city.now + timedelta(days=2))
    promised = Clock.objects.get(case_id=first, kind="handle", basis="promised").due_at
    assert Clock.objects.get(case_id=later, kind="handle", basis="promised").due_at == promised
    second = city.open().case
    city.move(second, "merge", "li", case=Case.objects.get(pk=first).number)
    row = Case.objects.get(pk=second)
    assert (row.state, row.merged_into_id, row.closed_at) == ("merged", first, None)
    city.move(first, "self_call_back", "wang", reached="yes", note="已联系")
    city.move(first, "answer", "wang", outcome="done", answer="经调解双方同意退费。")
    city.move(first, "approve_up", "sun")
    city.move(first, "approve", "zhao")
    assert Case.objects.get(pk=second).state == "calling_back"
    assert city.move(second, "evaluate", "liu", grade="4").closed
    assert Case.objects.get(pk=first).state == "calling_back"


def test_merge_adopts_an_earlier_promise(city: City) -> None:
    early, late = city.handled(), city.open(now=city.now + timedelta(days=3))
    city.move(late.case, "dispatch", "li", unit=city.unit["371502_market"], at=city.now + timedelta(days=3))
    promised = Clock.objects.get(case_id=early, kind="handle", basis="promised").due_at
    assert Clock.objects.get(case_id=late.case, kind="handle", basis="promised").due_at > promised
    case_merge(case_id=early, into=late.case, by=city.person["tang"], now=city.now + timedelta(days=3))
    assert Clock.objects.get(case_id=late.case, kind="handle", basis="promised").due_at == promised
    sign = Clock.objects.get(case_id=late.case, kind="sign", basis="promised").due_at
    assert Case.objects.get(pk=late.case).due_at == min(sign, promised)


def test_merge_is_refused_into_itself_closed_or_merged_and_can_be_undone_for_a_time(city: City) -> None:
    first, second = city.handled(), city.open().case
    tang = city.person["tang"]
    with pytest.raises(Refusal, match="自己"):
        case_merge(case_id=second, into=second, by=tang, now=city.now)
    with pytest.raises(Refusal, match="并单"):
        case_move(case_id=second, step="merge", by=tang, now=city.now, data={"case": first})
    case_merge(case_id=second, into=first, by=tang, now=city.now)
    with pytest.raises(Refusal, match="已并入"):
        case_merge(case_id=city.open().case, into=second, by=tang, now=city.now)
    with pytest.raises(Refusal, match="期限"):
        case_unmerge(
            case_id=second, by=tang, now=city.now + timedelta(hours=73), data={"reason": "不是同一件事"}
        )
    assert Case.objects.get(pk=second).merged_into_id == first
    case_unmerge(case_id=second, by=tang, now=city.now + timedelta(hours=71), data={"reason": "不是同一件事"})
    row = Case.objects.get(pk=second)
    assert (row.state, row.merged_into_id) == ("received", None)
    assert Case.objects.get(pk=first).progress["merged"] == []


def test_the_sweep_writes_each_warning_and_breach_once(city: City) -> None:
    case = city.handled()
    clock = Clock.objects.get(case_id=case, kind="handle", basis="promised")
    assert clocks_sweep(now=city.now) == 0
    clocks_sweep(now=clock.warn_at)
    assert city.kinds(case).count("warning") == 1
    late = clock.due_at + timedelta(seconds=1)
    clocks_sweep(now=late)
    clocks_sweep(now=late)
    assert city.kinds(case)[-2:] == ["warning", "breach"]
    clock.refresh_from_db()
    assert (clock.level, clock.next_at) == (2, None)
    assert not ledger_verify().faults


def test_a_published_year_moves_provisional_clocks_with_an_entry(city: City) -> None:
    start = datetime(2026, 12, 30, 10, tzinfo=city.now.tzinfo)
    case = city.open(now=start, reported_at=start).case
    city.move(case, "dispatch", "li", unit=city.unit["371502_market"], at=start)
    clock = Clock.objects.get(case_id=case, kind="handle", basis="promised")
    assert clock.provisional
    before = clock.due_at
    days = {date(2027, 1, 1): (False, "元旦"), date(2027, 1, 4): (False, "元旦")}
    calendar_year_publish(year=2027, days=days, source="测试", now=start, by="system")
    assert clocks_recompute(now=start, by="system") >= 1
    clock.refresh_from_db()
    assert clock.due_at == before + timedelta(days=1)
    assert not clock.provisional
    assert "clock_recomputed" in city.kinds(case)


def test_delegation_gives_one_step_for_a_time_and_the_ledger_says_for_whom(city: City) -> None:
    case = city.open().case
    city.move(case, "dispatch", "li", unit=city.unit["371502_market"])
    with pytest.raises(NotPermitted):
        city.move(case, "sign_for", "zhao")
    delegation_give(
        grantor=city.person["wang"],
        grantee=city.person["zhao"],
        step="sign_for",
        begins=city.now,
        ends=city.now + timedelta(hours=8),
        reason="外出",
        now=city.now,
    )
    with pytest.raises(NotPermitted):
        city.move(case, "sign_for", "zhao", at=city.now + timedelta(hours=9))
    city.move(case, "sign_for", "zhao", at=city.now + timedelta(hours=1))
    with pytest.raises(NotPermitted):
        city.move(case, "self_call_back", "zhao", reached="yes", note="已联系")
    body = bytes(LedgerEntry.objects.filter(case_id=case).latest("seq").body).decode()
    assert f'"on_behalf_of":{city.person["wang"]}' in body


def test_an_outsider_is_told_there_is_nothing(city: City) -> None:
    case = city.handled()
    city.see("qian")
    with pytest.raises(NotFound):
        city.move(case, "self_call_back", "qian", reached="yes", note="已联系")
    assert not Case.objects.filter(pk=case).exists()


def test_the_same_key_answers_the_same_and_another_request_is_refused(city: City) -> None:
    done: list[int] = []

    def act() -> tuple[int, dict[str, Any]]:
        done.append(1)
        return 201, {"number": city.open().number}

    def ask(request: dict[str, Any]) -> tuple[int, dict[str, Any], bool]:
        return idempotent(actor=1, operation="open", key="k1", request=request, now=city.now, act=act)

    first = ask({"text": "一"})
    assert ask({"text": "一"}) == (*first[:2], True)
    with pytest.raises(Refusal, match="另一个请求"):
        ask({"text": "二"})
    assert len(done) == 1
