"""The dispatch directory as an official keeps it: dated rows with a basis, never a department's matter to a township."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.hotline.directory.upkeep import directory_end, directory_set
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.models import Correction, Directory, Matter
from bihuan.packs.hotline.services import order_take
from tests.administration.conftest import City, Log, as_, city
from tests.kernel.test_identity import last_entry

__all__ = ["as_", "city"]
pytestmark = pytest.mark.django_db
HOME = "/administration/directory"
LAMPS, NEIGHBOURS = "0103", "1007"
FORM = {
    "matter": LAMPS, "territory": "371502", "level": "county", "unit": "371502_housing", "assisting": "",
    "legal_basis": "三定规定第5条", "since": "2026-03-10",
}  # fmt: skip


def state_now() -> tuple[Any, ...]:
    with kernel_writes():
        entries = LedgerEntry.objects.filter(stream="directory").count()
    rows = [(*r,) for r in Directory.objects.order_by("pk").values_list()]
    return entries, rows, list(Matter.objects.order_by("pk").values_list())


def row_of(matter: str) -> Directory:
    return Directory.objects.get(matter=matter, valid_to=None)


def test_a_row_is_changed_from_a_day_on_and_dispatch_follows(city: City, as_: Log) -> None:
    before, admin = row_of(LAMPS), as_("admin")
    address = f"{HOME}/of/{before.pk}/do/change"
    was = state_now()
    seen = admin.post(address, FORM)
    assert state_now() == was
    assert seen.context["effect"].lines[0].startswith("2026-03-10 起东昌府区的“路灯不亮”由")
    assert admin.post(address, {**FORM, "confirm": seen.context["seal"]}).status_code == 302
    now = row_of(LAMPS)
    assert (now.unit.code, now.legal_basis, str(now.valid_from)) == (
        "371502_housing",
        "三定规定第5条",
        "2026-03-10",
    )
    before.refresh_from_db()
    assert str(before.valid_to) == "2026-03-10"
    assert last_entry("directory")["data"]["unit"] == city.units["371502_housing"]
    at, place = dispatch_map(), dispatch_map().places.by_code["371502"]
    on = city.now.date()
    assert at.row_for(LAMPS, place, on=on).unit == before.unit_id
    assert at.row_for(LAMPS, place, on=on + timedelta(days=8)).unit == city.units["371502_housing"]
    page = admin.get(f"{HOME}/of/{now.pk}")
    assert [version.state for version in page.context["versions"]] == ["coming", "now"]
    assert page.context["history"][0].who == "系统管理员"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"unit": "371502001"}, "unit"),
        ({"level": "township", "unit": ""}, "level"),
        ({"level": "township"}, "unit"),
        ({"level": "city"}, "unit"),
        ({"unit": ""}, "unit"),
        ({"unit": "nowhere"}, "unit"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"legal_basis": "坏\x07"}, "legal_basis"),
        ({"since": "2026-03-01"}, "since"),
        ({"since": "不久"}, "since"),
        ({"assisting": "371502_housing"}, "assisting"),
        ({"assisting": "371502001"}, "assisting"),
        ({"matter": "9999"}, "matter"),
        ({"matter": "1291"}, "matter"),
        ({"territory": "371502_market"}, "territory"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_at_its_field(
    as_: Log, wrong: dict[str, str], field: str
) -> None:
    before = state_now()
    answer = as_("admin").post(f"{HOME}/do/set", {**FORM, **wrong})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert state_now() == before


def test_only_the_system_administrator_and_never_a_townships_matter_by_a_back_door(
    city: City, as_: Log
) -> None:
    before = state_now()
    for username in ("security", "audit", "tang", "wang"):
        assert as_(username).post(f"{HOME}/do/set", FORM).status_code == 403
        with pytest.raises(NotPermitted):
            directory_end(row=row_of(LAMPS).pk, on=city.now.date(), now=city.now, by=city.people[username])
    given: dict[str, Any] = {
        "matter": LAMPS, "territory": city.units["371502"], "legal_basis": "依据", "since": city.now.date(),
        "now": city.now, "by": "operator",
    }  # fmt: skip
    for level, unit in (("township", None), ("county", city.units["371502001"])):
        with pytest.raises(Refusal, match="不在乡镇(.街道.)履职事项清单内") as refused:
            directory_set(**given, level=level, unit=unit)
        assert refused.value.rule == "乡镇(街道)履职事项清单"
    assert state_now() == before
    given |= {"matter": NEIGHBOURS, "legal_basis": "履职事项清单2026"}
    assert directory_set(**given, level="township", unit=None).unit_id is None


def test_a_row_ends_and_its_orders_go_to_the_desk(city: City, as_: Log) -> None:
    row, admin = row_of(LAMPS), as_("admin")
    assert admin.post(f"{HOME}/of/{row.pk}/do/end", {"on": "2026-03-01"}).status_code == 422
    assert admin.post(f"{HOME}/of/{row.pk}/do/end", {"on": "2026-03-02"}).status_code == 302
    assert not Directory.objects.filter(matter=LAMPS, valid_to=None).exists()
    data = {
        "text": "路灯坏了",
        "matter": LAMPS,
        "place": "古楼街道",
        "type": "complaint",
        "phone": "13900000001",
    }
    taken = order_take(data=data, by=city.people["li"], now=city.now)
    assert (taken.state, Unit.objects.get(pk=taken.unit).code) == ("coordinating", "371502_desk")
    assert admin.post(f"{HOME}/of/{row.pk}/do/end", {"on": "2026-03-03"}).status_code == 403


def test_the_directory_comes_back_from_its_own_file_and_faults_stop_all(as_: Log) -> None:
    admin, before = as_("admin"), state_now()
    exported = admin.get(f"{HOME}/export.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert len(rows) == 105
    plan = admin.post(f"{HOME}/import", {"text": exported}).context["plan"]
    assert (plan.faults, plan.counted) == ((), {"new": 0, "changed": 0, "same": 105})
    head = "matter,territory,level,unit,assisting,legal_basis\n"
    good = "路灯不亮,东昌府区,county,371502_housing,,三定规定\n"
    plan = admin.post(f"{HOME}/import", {"text": head + good + "0103,371502,township,,,清单\n"}).context[
        "plan"
    ]
    assert [(line.line, line.column) for line in plan.faults] == [(3, "level")]
    assert state_now() == before
    plan = admin.post(f"{HOME}/import", {"text": head + good}).context["plan"]
    assert plan.counted == {"new": 0, "changed": 1, "same": 0}
    assert state_now() == before
    admin.post(f"{HOME}/import", {"rows": plan.kept})
    assert row_of(LAMPS).unit.code == "371502_housing"


def test_the_command_imports_all_or_nothing_under_a_name(tmp_path: Path) -> None:
    file, before = tmp_path / "directory.csv", state_now()
    head = "matter,territory,level,unit,assisting,legal_basis\n"
    good = "0103,371502,county,371502_housing,371502_municipal,三定规定\n"
    file.write_text(head + good + "0104,371502,county,371502001,,三定规定\n", encoding="utf-8")
    errors = StringIO()
    with pytest.raises(CommandError, match="1 行有误"):
        call_command("hotline", "directory", "import", str(file), stderr=errors)
    assert errors.getvalue().startswith("3\tunit\t“井盖缺失破损”不在乡镇")
    assert state_now() == before
    file.write_text(head + good, encoding="utf-8")
    with pytest.raises(CommandError, match="系统管理员|有误"):
        call_command("hotline", "directory", "import", str(file), by="wang", stderr=StringIO())
    assert state_now() == before
    out = StringIO()
    call_command("hotline", "directory", "import", str(file), by="admin", stdout=out)
    assert out.getvalue().strip() == "派单目录:新增 0 行,更改 1 行,不变 0 行"
    assert last_entry("directory")["by"] == Person.objects.get(username="admin").pk
    assert [one.code for one in row_of(LAMPS).assisting.all()] == ["371502_municipal"]


def test_a_matter_is_renamed_in_two_languages(as_: Log) -> None:
    admin, address = as_("admin"), f"/administration/matters/of/{LAMPS}/do/change"
    before = state_now()
    form = {"name": "路灯故障", "name_en": "Street light fault", "route": ""}
    for wrong in ({"name": ""}, {"name": "道路积水"}, {"name_en": "x" * 121}):
        assert admin.post(address, {**form, **wrong}).status_code == 422
    assert as_("security").post(address, form).status_code == 403
    seen = admin.post(address, form)
    assert seen.context["effect"].lines == (
        "今天起受理的件里“路灯不亮”称“路灯故障”;以前的件里仍是原来的叫法。",
    )
    assert state_now() == before
    assert admin.post(address, {**form, "confirm": seen.context["seal"]}).status_code == 302
    assert Matter.objects.get(pk=LAMPS).name_en == "Street light fault"
    assert dispatch_map().matters[LAMPS].name == "路灯故障"
    exported = admin.get("/administration/matters/export.csv").content.decode("utf-8-sig")
    plan = admin.post("/administration/matters/import", {"text": exported}).context["plan"]
    assert (plan.faults, plan.counted["same"]) == ((), Matter.objects.count())


def test_who_gets_this_is_told_with_reasons_and_keeps_nothing(city: City, as_: Log) -> None:
    with kernel_writes():
        before = Case.objects.count(), LedgerEntry.objects.count()
    admin = as_("admin")
    page = admin.post("/hotline/who", {"text": "", "matter": LAMPS, "place": "李海务街道"})
    assert page.context["unit"] == "聊城江北水城旅游度假区热线协调台"
    assert "地点:李海务街道由聊城江北水城旅游度假区管理" in page.context["reasons"]
    page = admin.post("/hotline/who", {"text": "家里着火了快来", "place": "东昌府区"})
    assert page.context["decision"].service == "119"
    for wrong in ({}, {"text": "坏\x07"}, {"text": "x" * 4001}, {"matter": "9999"}):
        assert admin.post("/hotline/who", wrong).status_code == 422, wrong
    assert as_("wang").get("/hotline/who").status_code == 403
    assert as_("tang").get("/hotline/who").status_code == 200
    with kernel_writes():
        assert (Case.objects.count(), LedgerEntry.objects.count()) == before


def test_corrections_and_returns_become_suggestions(city: City, as_: Log) -> None:
    assert as_("admin").get(HOME).context["suggestions"] == []
    with kernel_writes():
        for n in range(3):
            case = city.dispatched(matter=LAMPS).case
            Correction.objects.create(
                case_id=case, text="", proposed="0101", correct=LAMPS, at=city.now - timedelta(days=n)
            )
        Correction.objects.create(
            case_id=case, text="", proposed="0102", correct=LAMPS, at=city.now - timedelta(days=99)
        )
    tables = as_("admin").get(HOME).context["suggestions"]
    assert [table.rows for table in tables] == [(("0101 道路积水", "0103 路灯不亮", "3"),)]


def test_orders_that_ended_elsewhere_than_the_directory_says_are_suggested(city: City, as_: Log) -> None:
    data = {"text": "路灯坏了", "matter": LAMPS, "place": "古楼街道", "type": "complaint"}
    ids = [
        order_take(data={**data, "phone": f"1390000000{n}"}, by=city.people["li"], now=city.now).case
        for n in range(3)
    ]
    with kernel_writes():
        assert Case.objects.filter(pk__in=ids, unit=row_of(LAMPS).unit_id, order__automatic=True).count() == 3
        Case.objects.filter(pk__in=ids[:2]).update(unit=city.units["371502_housing"], return_count=1)
    (table,) = as_("admin").get(HOME).context["suggestions"]
    assert table.rows == (("0103 路灯不亮", Unit.objects.get(code="371502_housing").name, "2"),)
    with kernel_writes():
        Case.objects.filter(pk=ids[0]).update(confidential=True)
    assert as_("admin").get(HOME).context["suggestions"] == []
