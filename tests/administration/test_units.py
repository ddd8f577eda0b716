"""Units and zones on the screens: the tree, who runs whom since when, and every change from a day on, never a deletion."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.succession import cases_succeed
from bihuan.kernel.identity.models import Administration, Grant, Unit, UnitVersion
from bihuan.kernel.identity.units import unit_change, unit_close, unit_open, units_settle
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.lib.refusals import NotPermitted
from tests.administration.conftest import City, Log
from tests.kernel.test_identity import identity_now, last_entry

pytestmark = pytest.mark.django_db
HOME = "/administration/units"
LIHAIWU, RESORT = "371502011", "371500_resort"


def state_now() -> tuple[Any, ...]:
    return (
        identity_now(),
        list(UnitVersion.objects.values_list()),
        list(Unit.objects.order_by("pk").values_list()),
    )


def case_of(case: int) -> Case:
    with kernel_writes():
        return Case.objects.select_related("unit").get(pk=case)


def confirmed(client: Any, address: str, form: dict[str, Any]) -> Any:
    seen = client.post(address, form)
    assert "seal" in seen.context, seen.context["form"].errors
    assert client.post(address, {**form, "confirm": seen.context["seal"]}).status_code == 302
    return seen.context["effect"]


def test_the_tree_shows_a_place_coded_here_and_run_there(as_: Log) -> None:
    admin = as_("admin")
    page = admin.get(f"{HOME}?q=李海务")
    (cells,) = [[str(value) for _column, value in cells] for _address, cells in page.context["rows"]]
    assert cells == [
        LIHAIWU,
        "李海务街道",
        "镇街",
        "聊城市 › 东昌府区",
        "聊城江北水城旅游度假区,自 2020-01-01",
        "现有",
    ]
    one = admin.get(f"{HOME}/of/{LIHAIWU}")
    assert one.context["versions"][0].value == "由聊城江北水城旅游度假区托管"
    zone = admin.get(f"{HOME}/of/{RESORT}")
    run = next(table for table in zone.context["tables"] if table.title == "由它托管的")
    assert LIHAIWU in [row[0] for row in run.rows]
    assert admin.get(f"{HOME}?state=run").context["count"] == Administration.objects.count()


def test_a_unit_is_opened_from_a_day_on(city: City, as_: Log) -> None:
    form = {
        "code": "371502_new", "name": "东昌府区新局", "kind": "department", "level": "county", "parent": "371502",
        "since": "2026-04-01",
    }  # fmt: skip
    admin, before = as_("admin"), state_now()
    for wrong in (
        {"code": "371502_market"}, {"code": "新局"}, {"name": "东昌府区"}, {"parent": "nowhere"}, {"since": "2026-03-01"},
        {"since": "明天"}, {"kind": "ship"}, {"name": "坏\x07名"},
    ):  # fmt: skip
        assert admin.post(f"{HOME}/do/open", {**form, **wrong}).status_code == 422, wrong
    assert state_now() == before
    assert admin.post(f"{HOME}/do/open", form).status_code == 302
    row = Unit.objects.get(code="371502_new")
    assert (row.parent.code, str(row.valid_from)) == ("371502", "2026-04-01")
    state = admin.get(f"{HOME}?q=371502_new").context["rows"][0][1][-1][1]
    assert state == "2026-04-01 起成立"
    with pytest.raises(NotPermitted):
        unit_open(**{**form, "parent": 1, "code": "x1"}, now=city.now, by=city.people["security"])


def test_a_unit_is_renamed_and_moved_from_a_day_on(city: City, as_: Log) -> None:
    admin, address = as_("admin"), f"{HOME}/of/371502_market/do/change"
    old = Unit.objects.get(code="371502_market").name
    form = {
        "name": "东昌府区市场监管和知识产权局",
        "parent": "371502",
        "since": "2026-03-10",
        "basis": "编委发〔2026〕3号",
    }
    effect = confirmed(admin, address, form)
    assert effect.lines == (
        f"2026-03-10 起“{old}”改称“东昌府区市场监管和知识产权局”;件、人员和派单目录都跟着它,不用另改。",
    )
    assert Unit.objects.get(code="371502_market").name == old
    assert last_entry()["data"]["name"] == form["name"]
    assert units_settle(now=city.now + timedelta(days=7)) == 0
    assert units_settle(now=city.now + timedelta(days=8)) == 1
    assert Unit.objects.get(code="371502_market").name == form["name"]
    table = admin.get(f"{HOME}/of/371502_market").context["tables"][0]
    assert [row[:2] for row in table.rows] == [("2026-03-10", form["name"]), ("2000-01-01", old)]
    before = state_now()
    for wrong in (
        {"since": "2026-03-09"}, {"since": "2026-03-01"}, {}, {"parent": "371502_market"}, {"name": "东昌府区"},
        {"name": "另一个局", "basis": ""},
    ):  # fmt: skip
        assert admin.post(address, {**form, **wrong}).status_code == 422, wrong
    assert admin.post(f"{HOME}/of/371502/do/change", {
        "name": "东昌府区", "parent": "371502_market", "since": "2026-03-10", "basis": "绕一圈"}).status_code == 422  # fmt: skip
    assert state_now() == before
    with pytest.raises(NotPermitted):
        unit_change(
            unit=city.units["371502_tax"], name="新名字", parent=None, since=city.now.date(), basis="依据",
            now=city.now, by=city.people["audit"],
        )  # fmt: skip


def test_periods_of_who_runs_a_unit_never_overlap(city: City, as_: Log) -> None:
    admin, address = as_("admin"), f"{HOME}/of/371502001/do/run"
    form = {"administered_by": RESORT, "since": "2026-05-01", "basis": "市政府批复"}
    assert confirmed(admin, address, form).lines[0].startswith("2026-05-01 起")
    before = state_now()
    refused = admin.post(address, {**form, "since": "2026-04-01", "administered_by": "371500_hightech"})
    assert refused.status_code == 422
    assert "2026-05-01 起已登记由聊城江北水城旅游度假区托管,两段日子不能重叠" in refused.content.decode()
    for wrong in (
        {"since": "2026-05-01"},
        {"administered_by": "371502001"},
        {"administered_by": "nowhere"},
        {"basis": ""},
    ):
        assert admin.post(address, {**form, **wrong}).status_code == 422, wrong
    assert state_now() == before
    confirmed(admin, address, {**form, "since": "2026-06-01", "administered_by": "371500_hightech"})
    during = (
        Administration.objects.filter(unit__code="371502001")
        .order_by("during")
        .values_list("during", "by__code")
    )
    assert [(str(d.lower), str(d.upper), by) for d, by in during] == [
        ("2026-05-01", "2026-06-01", RESORT), ("2026-06-01", "None", "371500_hightech"),
    ]  # fmt: skip
    assert admin.post(f"{HOME}/of/371502001/do/run-end", {"on": "2026-07-01"}).status_code == 302
    before = state_now()
    assert admin.post(f"{HOME}/of/371502001/do/run-end", {"on": "2026-07-02"}).status_code == 422
    assert state_now() == before


def test_a_closed_unit_gives_its_open_cases_to_the_unit_named(city: City, as_: Log) -> None:
    case = city.handling().case
    due = case_of(case).due_at
    admin, address = as_("admin"), f"{HOME}/of/371502_market/do/close"
    form = {"on": "2026-03-02", "basis": "机构改革方案"}
    before = state_now()
    assert "还有 1 件未办结:请写明转给哪个单位。" in admin.post(address, form).content.decode()
    for wrong in ({"to": "371502_market"}, {"to": "nowhere"}, {"to": "371502_tax", "on": "2026-03-01"}):
        assert admin.post(address, {**form, **wrong}).status_code == 422
    assert admin.post(f"{HOME}/of/371502/do/close", {**form, "to": "371502_tax"}).status_code == 422
    assert state_now() == before
    effect = confirmed(admin, address, {**form, "to": "371502_tax"})
    assert effect.tables[0].rows == (("办理中", "1", "可以接着办"),)
    row = case_of(case)
    assert (row.unit.code, row.handler, row.due_at) == ("371502_tax", None, due)
    with kernel_writes():
        entry = LedgerEntry.objects.filter(case_id=case).latest("seq")
        assert entry.kind == "unit_succeeded"
        assert not ledger_verify().faults
    unit = Unit.objects.get(code="371502_market")
    assert (str(unit.valid_to), unit.successor.code) == ("2026-03-02", "371502_tax")
    before = state_now()
    assert admin.post(address, {**form, "to": "371502_tax"}).status_code == 403
    assert state_now() == before


def test_cases_wait_for_the_day_and_for_somebody_who_can_go_on(city: City, as_: Log) -> None:
    case = city.handling().case
    with kernel_writes():
        tax = city.units["371502_tax"]
        Grant.objects.filter(unit=tax, role="handler").update(valid_to="2026-03-01")
    unit_close(
        unit=city.units["371502_market"], on=datetime(2026, 3, 9).date(), to=tax, basis="改革方案", now=city.now,
        by=city.people["admin"],
    )  # fmt: skip
    assert cases_succeed(now=city.now, by="system") == 0
    later = city.now + timedelta(days=8)
    assert cases_succeed(now=later, by="system") == 0
    assert case_of(case).unit.code == "371502_market"
    with kernel_writes():
        Grant.objects.filter(unit=tax, role="handler").update(valid_to=None)
    assert cases_succeed(now=later, by="system") == 1
    assert cases_succeed(now=later, by="system") == 0
    assert case_of(case).unit.code == "371502_tax"


def test_units_are_exported_and_imported_again(city: City, as_: Log) -> None:
    admin = as_("admin")
    exported = admin.get(f"{HOME}/export.csv").content.decode("utf-8-sig")
    before = state_now()
    plan = admin.post(f"{HOME}/import", {"text": exported}).context["plan"]
    assert (plan.faults, plan.counted) == ((), {"new": 0, "changed": 0, "same": Unit.objects.count()})
    assert plan.changing == ()
    head = "code,name,kind,level,parent,run_by\n"
    text = (
        head
        + "371502_n1,东昌府区数据局,department,county,371502,\n371502001,古楼街道,township,township,371502,371500_resort\n"
    )
    plan = admin.post(f"{HOME}/import", {"text": text}).context["plan"]
    assert (plan.faults, plan.counted) == ((), {"new": 1, "changed": 1, "same": 0})
    for bad in (
        "371502_n2,新二局,ship,county,371502,",
        "371502_n2,新二局,department,county,nowhere,",
        "371502_n2,新二局,department,county,,",
        "371502001,古楼街道,department,township,371502,",
    ):
        plan = admin.post(f"{HOME}/import", {"text": head + bad}).context["plan"]
        assert len(plan.faults) == 1, bad
    assert state_now() == before
