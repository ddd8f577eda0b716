"""Matters as an official keeps them: added, renamed and ended without a release; old orders keep their words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.directory.matter_upkeep import code_next, matter_add, matter_set
from bihuan.packs.hotline.models import Matter, MatterName
from tests.administration.conftest import City, Log, as_, city
from tests.kernel.test_identity import last_entry

__all__ = ["as_", "city"]
pytestmark = pytest.mark.django_db
HOME = "/administration/matters"
FORM = {"parent": "01", "name": "共享单车乱停放", "name_en": "Shared bicycles left about", "route": ""}
MARKET = "371502_market"


def state_now() -> tuple[Any, ...]:
    with kernel_writes():
        entries = LedgerEntry.objects.count()
        cases = list(Case.objects.order_by("pk").values_list("pk", "state", "version", "matter"))
    rows = list(Matter.objects.order_by("pk").values_list())
    return entries, cases, rows, list(MatterName.objects.order_by("pk").values_list())


def added(city: City, **more: Any) -> Matter:
    given = {"code": "0116", "name": FORM["name"], "name_en": FORM["name_en"], **more}
    return matter_add(**given, now=city.now, by=city.people["admin"])


def renamed(city: City, code: str, name: str, **more: Any) -> None:
    given = {"name": name, "name_en": "", "route": "", "active": True, **more}
    matter_set(code=code, **given, now=city.now, by=city.people["admin"])


def matter_of(case: int) -> str:
    with kernel_writes():
        return Case.objects.get(pk=case).matter


def test_a_matter_is_added_after_its_effect_was_seen_and_orders_are_given_it(city: City, as_: Log) -> None:
    admin, before = as_("admin"), state_now()
    seen = admin.post(f"{HOME}/do/add", FORM)
    assert state_now() == before
    assert seen.context["effect"].lines[0] == "“共享单车乱停放”(代码 0116)从现在起可以选用。"
    answer = admin.post(f"{HOME}/do/add", {**FORM, "confirm": seen.context["seal"]})
    assert (answer.status_code, answer["Location"]) == (302, f"{HOME}/of/0116")
    assert last_entry("directory")["data"]["matter"] == "0116"
    opened = city.opened()
    form = as_("li").get(f"/cases/{opened.number}?step=dispatch").content.decode()
    assert '<option value="0116">共享单车乱停放</option>' in form
    city.move(opened.case, "dispatch", "li", unit=city.units[MARKET], matter="0116")
    assert matter_of(opened.case) == "0116"
    page = admin.get(f"{HOME}/of/0116")
    assert [entry.what for entry in page.context["history"]] == ["登记事项"]
    assert [(str(v.since), v.value, v.state) for v in page.context["versions"]] == [
        ("2026-03-02", "共享单车乱停放", "now")
    ]


def test_a_township_holds_a_new_matter_only_if_it_is_on_its_list(city: City) -> None:
    added(city)
    added(city, code="1011", name="村级公益岗位", township=True)
    case, unit = city.opened().case, city.units["371502001"]
    before = state_now()
    with pytest.raises(Refusal, match="不得派给乡镇、街道"):
        city.move(case, "dispatch", "li", unit=unit, matter="0116")
    assert state_now() == before
    city.move(case, "dispatch", "li", unit=unit, matter="1011")
    with kernel_writes():
        kept = Case.objects.get(pk=case)
    assert (kept.unit_id, kept.facts["township_matter"]) == (unit, True)


def test_old_orders_keep_their_words_when_a_matter_is_renamed(city: City, as_: Log) -> None:
    old = city.opened()
    city.move(old.case, "dispatch", "li", unit=city.units[MARKET], matter="0401")
    city.now += timedelta(days=8)
    renamed(city, "0401", "退货退款纠纷")
    new = city.opened()
    city.move(new.case, "dispatch", "li", unit=city.units[MARKET], matter="0401")
    for number, name, other in (
        (old.number, "消费退费纠纷", "退货退款纠纷"),
        (new.number, "退货退款纠纷", "消费退费纠纷"),
    ):
        page = as_("wang").get(f"/cases/{number}")
        assert page.context["page"].case.pk
        assert page.context["page"].matter == name
        assert [
            said.value for told in page.context["page"].told for said in told.fields if said.label == "事项"
        ] == [name]
        assert other not in page.content.decode()
    renamed(city, "0401", "消费退款", name_en="Refunds")  # again on the same day: the last one holds
    names = MatterName.objects.filter(matter="0401").order_by("since")
    assert [(str(n.since), n.name) for n in names] == [
        ("2004-01-01", "消费退费纠纷"),
        ("2026-03-10", "消费退款"),
    ]


def test_an_ended_matter_is_given_to_nobody_and_comes_back(city: City, as_: Log) -> None:
    old, new = city.opened(), city.opened()
    city.move(old.case, "dispatch", "li", unit=city.units[MARKET], matter="0401")
    admin = as_("admin")
    before = state_now()
    seen = admin.post(f"{HOME}/of/0401/do/end")
    assert state_now() == before
    assert seen.context["effect"].lines[-1] == "派单目录里它的 1 行不再起作用,恢复后又照它派。"
    assert admin.post(f"{HOME}/of/0401/do/end", {"confirm": seen.context["seal"]}).status_code == 302
    ended = state_now()
    with pytest.raises(FieldError) as refused:
        city.move(new.case, "dispatch", "li", unit=city.units[MARKET], matter="0401")
    assert (refused.value.field, refused.value.rule) == ("matter", "unknown_matter")
    assert state_now() == ended
    assert 'value="0401"' not in as_("li").get(f"/cases/{new.number}?step=dispatch").content.decode()
    assert as_("wang").get(f"/cases/{old.number}").context["page"].matter == "消费退费纠纷"
    assert as_("admin").post(f"{HOME}/of/0401/do/end").status_code == 403
    assert admin.post(f"{HOME}/of/0401/do/resume").status_code == 302
    city.move(new.case, "dispatch", "li", unit=city.units[MARKET], matter="0401")


@pytest.mark.parametrize("code", ["9999", "01", "", "0401'", "4" * 50, "1\n"])
def test_what_is_no_matter_is_refused(city: City, code: str) -> None:
    case, before = city.opened().case, None
    before = state_now()
    if not code:
        city.move(case, "dispatch", "li", unit=city.units[MARKET], matter=code)
        return
    with pytest.raises(FieldError) as refused:
        city.move(case, "dispatch", "li", unit=city.units[MARKET], matter=code)
    assert refused.value.rule == "unknown_matter"
    assert state_now() == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "0101"}, "code"),
        ({"code": "9901"}, "code"),
        ({"code": "011"}, "code"),
        ({"code": "01x6"}, "code"),
        ({"name": "道路积水"}, "name"),
        ({"name": "x"}, "name"),
        ({"name": "坏\x07字"}, "name"),
        ({"name": "长" * 81}, "name"),
        ({"route": "人民法院", "township": True}, "route"),
    ],
)
def test_a_matter_that_makes_no_sense_is_not_added(city: City, wrong: dict[str, Any], field: str) -> None:
    before = state_now()
    with pytest.raises((Refusal, FieldError)) as refused:
        added(city, **wrong)
    assert refused.value.field == field
    assert state_now() == before


def test_only_the_system_administrator_keeps_matters(city: City, as_: Log) -> None:
    before = state_now()
    for username in ("security", "audit", "tang", "li"):
        assert as_(username).post(f"{HOME}/do/add", FORM).status_code == 403
        with pytest.raises(NotPermitted):
            matter_add(code="0116", name="新事项", name_en="", now=city.now, by=city.people[username])
    assert state_now() == before


def test_codes_are_never_used_twice(city: City) -> None:
    assert code_next("01") == "0116"
    added(city)
    renamed(city, "0116", FORM["name"], active=False)
    assert code_next("01") == "0117"
    assert code_next("12") == "1295"
    added(city, code="0199", name="末一个")
    with pytest.raises(Refusal, match="代码已用完"):
        code_next("01")


def test_matters_go_out_and_come_in_as_a_file(city: City, as_: Log) -> None:
    admin = as_("admin")
    data = admin.get(f"{HOME}/export.json").content
    same = admin.post(f"{HOME}/import", {"text": data.decode()})
    assert same.context["plan"].counted == {"new": 0, "changed": 0, "same": 121}
    rows = [
        {"code": "0116", "name": "共享单车", "name_en": "", "route": "", "active": "是", "township": "是"},
        {"code": "0101", "name": "路面积水", "name_en": "Water", "route": "", "active": "是"},
    ]
    before = state_now()
    bad = admin.post(f"{HOME}/import", {"text": json.dumps([*rows, {**rows[0], "code": "77"}])})
    assert [(line.line, line.column) for line in bad.context["plan"].faults] == [(3, "code")]
    assert state_now() == before
    seen = admin.post(f"{HOME}/import", {"text": json.dumps(rows)})
    assert seen.context["plan"].counted == {"new": 1, "changed": 1, "same": 0}
    assert admin.post(f"{HOME}/import", {"rows": seen.context["plan"].kept}).status_code == 302
    assert Matter.objects.get(pk="0116").township
    assert Matter.objects.get(pk="0101").name == "路面积水"
