"""The key of a form writes once, and nothing of another project; what a device says of its clock and place breaks no page."""

from __future__ import annotations

import pytest

from bihuan.packs.fire.demonstration import FILED
from bihuan.packs.fire.methods.models import Method
from bihuan.packs.fire.models import Accident, Blockage, Finding, Photo, Question, Ruling, Sheet, Visit
from tests.packs.fire.conftest import Section, photograph
from tests.packs.fire.evaluating import OnSite, good_sheet, on_site  # noqa: F401
from tests.packs.fire.zone import Zone, zone  # noqa: F401

pytestmark = pytest.mark.django_db


def test_a_key_writes_nothing_of_another_project(section: Section) -> None:
    one, other = section.enter(FILED[0]), section.enter(FILED[1])
    jin, du, yan = section.as_("jin"), section.as_("du"), str(section.person["yan"])
    block = {"stage": "review", "words": "图纸一直没有交来", "unit": "371502_market", "due": "2026-12-30"}
    forms = (
        (jin, "questions/new", {"text": "楼梯间怎么算", "owner": yan, "due": "2026-12-30"}, Question),
        (jin, "visits/new", {"at": "2026-12-30T10:00", "about": "看现场"}, Visit),
        (jin, "finding", {"part": "东侧", "words": "防火门没有装"}, Finding),
        (jin, "blockages/new", block, Blockage),
    )
    for client, address, typed, kind in forms:
        sent = [
            client.post(f"/fire/projects/{project.pk}/{address}", {**typed, "key": "one"}).status_code
            for project in (one, one, other)
        ]
        section.see()
        assert sent == [302, 302, 409], address
        assert kind.objects.values_list("project", flat=True).get() == one.pk, address
    method = {"title": "先看图再看现场", "situation": "图纸多的项目", "steps": "看图\n看现场", "key": "one"}
    sent = [du.post("/fire/methods/new", method | {"title": title}).status_code for title in ("先看图", "先看图", "再看图")]  # fmt: skip
    section.see()
    assert sent == [302, 302, 409]
    assert list(Method.objects.values_list("title", flat=True)) == ["先看图"]


def test_what_a_device_says_of_its_clock_and_place_breaks_no_page(section: Section, on_site: OnSite) -> None:
    address, yan = f"/fire/evaluations/{on_site.case.number}", section.as_("yan")
    clocks = (
        "0001-01-01T00:00:00+23:00",
        "0001-01-01T05:00:00+08:05",
        "0001-01-01",
        "9999-12-31T23:59:59-23:00",
    )
    for n, clock in enumerate(clocks):
        told = {"taken_at": clock, "device": f"d{n}", "remark": f"第{n}次"}
        assert yan.post(f"{address}/items/alarm", {**told, **good_sheet("alarm")}).status_code == 302, clock
    for n, place in enumerate(("NaN", "sNaN", "Infinity", "1e99999")):
        told = {"file": photograph(f"{n}.png"), "taken_at": clocks[n], "latitude": place, "longitude": place}
        assert yan.post(f"{address}/items/alarm/photo", told).status_code == 302, place
    assert yan.get(address).status_code == 200
    section.see()
    assert set(Sheet.objects.values_list("taken_at", flat=True)) == {section.now}
    assert set(Photo.objects.values_list("taken_at", "latitude")) == {(section.now, None)}


def test_a_sheet_s_key_writes_nothing_of_another_evaluation(section: Section, on_site: OnSite) -> None:
    first = on_site.write("alarm", good_sheet("alarm"))
    other = section.enter()
    section.reviewed(other)
    second = OnSite(section, section.accepted(other))
    yan = section.as_("yan")
    sent = yan.post(
        f"/fire/evaluations/{second.case.number}/items/alarm",
        good_sheet("alarm"),
        headers={"Sent-Once": first.key},
    )
    section.see()
    assert sent.status_code == 409
    assert not second.found.sheets.exists()


def test_a_name_that_looks_like_a_moment_and_is_none_does_not_shut_the_auditor_out(section: Section) -> None:
    name = "2026-13-01T99:99"
    new = {"name": name, "place": "丙路", "use": "办公楼", "area_m2": "900", "key": "odd"}
    assert section.as_("lei").post("/fire/owner/new", new).status_code == 302
    page = section.as_("audit").get("/audit?stream=fire")
    assert (page.status_code, name in page.content.decode()) == (200, True)


def test_a_ruling_and_an_accident_are_entered_once_however_often_they_are_sent(zone: Zone) -> None:
    du, gao, section = zone.section.as_("du"), zone.section.as_("gao"), zone.section
    ruled = {
        "title": "罐区",
        "clauses": "甲规与乙规",
        "ruling": "按甲规执行",
        "reason": "更严的优先",
        "scope": "全市",
        "words": "罐区",
    }
    happened = {"at": zone.now.isoformat(), "deaths": "0", "injured": "1", "words": "脚手架倒塌"}
    address = f"/fire/sites/{zone.site.pk}/accidents/new"
    sent = [du.post("/fire/rulings/new", ruled | {"key": "r"}).status_code for _click in range(2)]
    sent += [gao.post(address, happened | {"key": "a"}).status_code for _click in range(2)]
    sent += [du.post("/fire/rulings/new", ruled | {"key": "r", "title": "另一条"}).status_code]
    section.see()
    assert (sent, Ruling.objects.count(), Accident.objects.count()) == ([302] * 4 + [422], 1, 1)
