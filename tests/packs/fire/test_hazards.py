"""Hazards of sites: found, told to the contractor, rectified with a photograph, verified by another; their grade sets the clock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.models import Hazard, Site, SiteInspection
from bihuan.packs.fire.sites.demonstration import CONTRACTOR
from bihuan.packs.fire.sites.hazards import HazardFound, hazard_report
from bihuan.packs.fire.sites.inspections import inspection_record
from bihuan.packs.fire.sites.kinds import ITEMS
from bihuan.packs.fire.sites.selectors import hazards_told, rows_shown
from bihuan.packs.fire.sites.services import SiteGiven, site_enter
from tests.api.client import contents
from tests.packs.fire.conftest import Section, photograph
from tests.packs.fire.zone import Zone, zone  # noqa: F401


def report(zone: Zone, by: str = "gao", key: str = "a", grade: str = "general") -> Hazard:
    found = HazardFound("二层临边", "防护栏杆缺失一处", grade)
    row = hazard_report(scope=zone.scope(by), site=zone.site.pk, found=found, key=key, now=zone.now)
    zone.section.see()
    return row


def photographed(section: Section, case: Case, name: str) -> None:
    """The contractor's officer adds a photograph of what was rectified."""
    section.see("an")
    attachment_add(
        case=case.pk, file=photograph(name), name=name, by=section.person["an"], now=section.now, kind="after"
    )
    section.see()


def test_a_hazard_is_rectified_by_the_contractor_and_verified_by_another_or_done_again(zone: Zone) -> None:
    section = zone.section
    case = report(zone).case
    assert (case.workflow, case.state, case.unit_id) == (
        "rectification/1",
        "told",
        zone.site.contractor_unit_id,
    )
    assert report(zone).case == case
    with pytest.raises(Refusal, match="先上传整改后的照片"):
        section.take(case, "an", "rectify", measures="已补装护栏。")
    photographed(section, case, "a.png")
    assert section.take(case, "an", "rectify", measures="已补装护栏。") == "rectified"
    with pytest.raises(NotPermitted):
        section.take(case, "an", "verify", seen="看过了,没问题。")
    section.see()
    assert section.take(case, "gao", "rectify_again", reason="另一侧仍缺护栏。") == "told"
    case.refresh_from_db()
    assert (case.redo_count, case.unit_id) == (1, zone.site.contractor_unit_id)
    section.now += timedelta(hours=1)
    photographed(section, case, "b.png")
    section.take(case, "an", "rectify", measures="两侧均已补装。")
    assert section.take(case, "gao", "verify", seen="现场复查,护栏齐全。") == "verified"
    zone.section.see()
    assert [row.hazards for row in rows_shown([zone.site])] == [0]
    page = section.as_("an").get(f"/fire/sites/{zone.site.pk}").content.decode()
    assert "隐患销号:二层临边" in page


def test_what_a_device_told_of_is_verified_only_once_its_alarm_is_over(zone: Zone) -> None:
    zone.tell(*[151] * 5)
    zone.section.see("an")
    case, section = Hazard.objects.get().case, zone.section
    photographed(section, case, "a.png")
    assert section.take(case, "an", "rectify", measures="已开启雾炮降尘。") == "rectified"
    zone.refused("alarm_stands", lambda: section.take(case, "gao", "verify", seen="现场复查。"))
    zone.tell(*[100] * 5, since=50)
    section.see()
    assert section.take(case, "gao", "verify", seen="现场复查,已降尘。") == "verified"


def test_the_grade_sets_the_clock_and_each_item_that_does_not_comply_is_one_hazard(zone: Zone) -> None:
    limits = {}
    for key, grade in (("a", "general"), ("b", "major")):
        clock = Clock.objects.get(case=report(zone, key=key, grade=grade).case, kind="finding")
        limits[grade] = (clock.limit["number"], clock.limit["unit"])
    assert limits == {"general": (7, "natural_day"), "major": (24, "hour")}
    results = {code: "pass" for code, _label in ITEMS} | {"water": "fail", "scaffold": "fail"}
    for _again in range(2):
        inspection_record(
            scope=zone.scope("gao"),
            site=zone.site.pk,
            kind="special",
            results=results,
            note="",
            key="one",
            now=zone.now,
        )
    zone.section.see()
    assert sorted(
        one.hazard.part for one in hazards_told(zone.site, zone.now) if one.hazard.source == "inspection"
    ) == sorted(label for code, label in ITEMS if code in ("water", "scaffold"))
    assert [row.hazards for row in rows_shown([zone.site])] == [4]


def test_a_form_takes_no_key_of_an_alarm_and_none_of_another_site(zone: Zone) -> None:
    given = SiteGiven("另一个", "municipal", "路桥", "高新区", "纬一路", "许可2", date(2026, 1, 5))
    other = site_enter(scope=zone.scope("gao"), given=given, key="two", now=zone.now)
    sent = {"part": "二层临边", "words": "防护栏杆缺失一处", "grade": "general", "key": "episode:1"}
    looked = {**{code: "pass" for code, _label in ITEMS}, "kind": "special", "key": "one"}
    for name, typed in (("hazards", sent), ("inspections", looked)):
        made = zone.section.as_("gao").post(f"/fire/sites/{zone.site.pk}/{name}/new", typed)
        assert made.status_code == 302
    zone.section.see()
    assert list(Hazard.objects.values_list("key", flat=True)) == ["report:episode:1"]
    before = contents()
    for name, typed in (("hazards", sent), ("inspections", looked)):
        page = zone.section.as_("gao").post(f"/fire/sites/{other.pk}/{name}/new", typed)
        assert page.status_code == 409 and "已经用来办过另一件" in page.content.decode()
    zone.section.see()
    assert Hazard.objects.count() == SiteInspection.objects.count() == 1
    assert contents() == before


def test_a_site_entered_by_the_form_hands_its_hazards_to_the_contractor(zone: Zone) -> None:
    section = zone.section
    typed = {
        "name": "二期", "kind": "housing", "contractor": "新光建设", "contractor_unit": "371502_market", "zone": "高新区", "place": "2号地块",
        "permit": "许可9", "permitted_on": "2026-01-05", "key": "f",
    }  # fmt: skip
    nobody = section.as_("gao").post("/fire/sites/new", typed)
    assert nobody.status_code == 422 and "这个单位没有人能在本系统办理" in nobody.content.decode()
    assert (
        section.as_("gao").post("/fire/sites/new", {**typed, "contractor_unit": CONTRACTOR}).status_code
        == 302
    )
    section.see()
    site = Site.objects.get(permit="许可9")
    assert site.contractor_unit_id == zone.site.contractor_unit_id
    page = section.as_("an").get(f"/fire/sites/{site.pk}/inspections/new").content.decode()
    assert 'name="water"' in page and 'name="kind"' not in page  # the contractor looks daily, nothing else
    looked = {**{code: "pass" for code, _label in ITEMS}, "water": "fail", "key": "two"}
    assert section.as_("an").post(f"/fire/sites/{site.pk}/inspections/new", looked).status_code == 302
    section.see()
    hazard = Hazard.objects.select_related("case").get()
    assert (hazard.case.unit_id, hazard.inspection.kind) == (site.contractor_unit_id, "routine")


def test_a_crane_above_its_moment_is_a_major_hazard(zone: Zone) -> None:
    from bihuan.packs.fire.sites.readings import site_readings_take
    from bihuan.packs.fire.sites.services import site_device_enter
    from bihuan.telemetry.services import Given

    site_device_enter(
        scope=zone.scope("gao"),
        site=zone.site.pk,
        code="T1",
        kind="tower_crane",
        name="1号塔机",
        now=zone.now,
    )
    told = [Given("T1", "moment", zone.now - timedelta(minutes=place), 101) for place in range(3)]
    _taken, (number,) = site_readings_take(scope=zone.scope("gateway"), given=told, now=zone.now)
    zone.section.see()
    row = Hazard.objects.get()
    assert (row.grade, row.source, row.case.number, row.part) == (
        "major",
        "alarm",
        number,
        "1号塔机 力矩比报警",
    )


def test_a_stranger_reports_nothing_and_an_unknown_grade_is_refused(zone: Zone) -> None:
    zone.refused("choice", lambda: report(zone, grade="huge"))
    with pytest.raises(NotFound):
        report(zone, by="lei")
    zone.section.see()
    assert Hazard.objects.count() == 0
