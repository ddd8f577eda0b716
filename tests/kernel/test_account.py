"""Calling a unit to account: exactly once, by the pack that the site names, or as an entry and a notice alone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case, Viewer
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Held, Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.manifest import AccountCase, CalledToAccount
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack, packs, workflows
from bihuan.kernel.scoring.account import account_open, supervised_call
from bihuan.kernel.scoring.models import Account
from bihuan.kernel.workflow.model import SYSTEM, State, Workflow, step
from tests.committed import cases_emptied, together
from tests.desk.conftest import City, city  # noqa: F401

FACTS = {"months": ["2026-01", "2026-02"], "list": "departments"}
EVERYTHING = Scope(0, (), (), True)


def _flow(name: str) -> Workflow:
    return Workflow(
        name=name,
        version=1,
        label="问责" if name == "called" else "督办件",
        states=(
            State("asked", "待约谈", "numbered", waits_for="supervisor"),
            State("ended", "已销号", "closed", final=True),
        ),
        steps=(step("strike_off", "asked -> ended", by=("supervisor", SYSTEM), label="销号"),),
        roles=frozenset(("supervisor",)),
    )


def _accountability(call: CalledToAccount) -> AccountCase:
    return AccountCase(
        workflow="called",
        title=f"问责:{call.unit_name}",
        text=call.reason,
        facts={"months": call.facts["months"]},
    )


def _supervised(call: CalledToAccount) -> AccountCase:
    return AccountCase(title=f"督办 {call.origin_number}", text=call.reason, held_by="unit")


@pytest.fixture
def supervision(monkeypatch: pytest.MonkeyPatch) -> Pack:
    """A pack that takes both matters, each with a workflow of its own."""
    made = Pack(
        name="supervision",
        label="督查",
        label_en="Supervision",
        workflows=(_flow("called"), _flow("watched")),
        roles=packs()["hotline"].roles,
        judge=lambda case: case,
        number_format=NumberFormat("supervision", "DC{date:%Y%m%d}{serial:4}"),
        called_to_account={"accountability": _accountability, "supervised": _supervised},
    )
    monkeypatch.setitem(packs(), "supervision", made)
    for workflow in made.workflows:
        monkeypatch.setitem(workflows(), workflow.key, workflow)
    return made


@pytest.fixture
def no_pack(settings: Any) -> None:
    settings.SUPERVISION_PACK = ""


def _calls() -> list[dict[str, Any]]:
    found = LedgerEntry.objects.filter(stream="account").order_by("seq")
    data = [json.loads(bytes(entry.body))["data"] for entry in found]
    return [one for one in data if one["key"] != "race"]


def _market() -> int:
    return Unit.objects.get(code="371502_market").pk


@pytest.mark.django_db
def test_without_a_pack_there_is_an_entry_and_a_notice_to_the_centre(no_pack: None, now: datetime) -> None:
    scope_apply(EVERYTHING)
    for _ in range(2):
        called = account_open(
            matter="accountability",
            unit_id=_market(),
            reason="连续两个月后三名",
            facts=FACTS,
            key="b:1",
            now=now,
        )
        assert called is None
    audit = Scope(0, (Held("audit_admin", 1),), (), True)
    scope_apply(audit)
    assert _calls() == [
        {
            "key": "b:1", "matter": "accountability", "unit_id": _market(), "reason": "连续两个月后三名",
            "facts": FACTS, "origin": "", "case": "",
        }
    ]  # fmt: skip
    notice = Notice.objects.get(template="accountability")
    assert (notice.unit.code, notice.case_id) == ("371502_12345", None)
    assert notice.context == {"number": "东昌府区市场监督管理局"}
    assert Case.objects.count() == 0


@pytest.mark.django_db
def test_the_pack_that_the_site_names_takes_the_case(supervision: Pack, now: datetime) -> None:
    scope_apply(EVERYTHING)
    given = {"matter": "accountability", "unit_id": _market(), "reason": "连续两个月后三名", "facts": FACTS}
    first = account_open(**given, key="b:1", now=now)
    again = account_open(**given, key="b:1", now=now + timedelta(days=1))
    assert first and first == again
    case = Case.objects.get()
    assert (case.number, case.pack, case.workflow, case.state) == (
        "DC202603020001",
        "supervision",
        "called/1",
        "asked",
    )
    assert (case.title, case.unit.code, case.opened_by.code) == (
        "问责:东昌府区市场监督管理局",
        "371502_12345",
        "371502_12345",
    )
    assert case.facts == {"months": ["2026-01", "2026-02"]}
    assert list(Viewer.objects.values_list("unit__code", flat=True)) == ["371502_market"]
    row = Account.objects.get()
    assert (row.case_id, row.at, row.origin_id) == (case.pk, now, None)
    assert ledger_verify().faults == ()


@pytest.mark.django_db
def test_another_matter_is_refused_and_nothing_is_written(supervision: Pack, now: datetime) -> None:
    with pytest.raises(ValueError, match="praise"):
        account_open(matter="praise", unit_id=_market(), reason="好", facts={}, key="p:1", now=now)
    scope_apply(EVERYTHING)
    assert (Account.objects.count(), Case.objects.count(), Notice.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_a_new_supervise_mark_calls_the_unit_once(supervision: Pack, city: City, now: datetime) -> None:
    order = city.dispatched()
    scope_apply(EVERYTHING)
    assert supervised_call(now=now) == 0
    case_move(
        case_id=order.case, step="supervise", by=Person.objects.get(username="tang").pk,
        now=now + timedelta(hours=1), data={"reason": "来电人多次反映"},
    )  # fmt: skip
    assert [supervised_call(now=now + timedelta(hours=2)) for _ in range(2)] == [1, 0]
    case = Case.objects.get(pack="supervision")
    assert (case.workflow, case.unit.code, case.origin_id) == ("watched/1", "371502_market", order.case)
    assert case.title == f"督办 {order.number}"
    assert Account.objects.get().facts == {"number": order.number, "redo_count": 0, "return_count": 0}
    assert list(Viewer.objects.filter(case=case).values_list("unit__code", flat=True)) == ["371502_12345"]


@pytest.mark.django_db
def test_a_unit_sees_only_its_own_calls(no_pack: None, now: datetime) -> None:
    account_open(matter="accountability", unit_id=_market(), reason="后三名", facts={}, key="b:1", now=now)
    other = Unit.objects.exclude(pk=_market()).first()
    assert other
    for unit, seen in ((_market(), 1), (other.pk, 0)):
        scope_apply(Scope(1, (), (unit,), False))
        assert Account.objects.count() == seen
    scope_apply(Scope(1, (), (), False))
    assert Account.objects.count() == 0


def test_two_workers_at_once_open_one_case(
    supervision: Pack, django_db_setup: None, django_db_blocker: Any, now: datetime
) -> None:
    def call() -> Any:
        return account_open(
            matter="accountability", unit_id=unit, reason="后三名", facts=FACTS, key="race", now=now
        )

    with django_db_blocker.unblock(), cases_emptied():
        unit = _market()
        results = together(call, call)
        assert results[0] == results[1] and results[0].number == "DC202603020001", results
