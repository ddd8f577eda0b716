"""Sites: their life, who sees them, coverage, accidents, one time line; and what is refused changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.lib.shares import share_told
from bihuan.packs.fire.models import Accident, Site, Worker
from bihuan.packs.fire.sites.inspections import inspection_record
from bihuan.packs.fire.sites.kinds import ITEMS, STAGES
from bihuan.packs.fire.sites.life import EVENTS, days_without, grade_of, turn_fault
from bihuan.packs.fire.sites.people import (
    gate_pass,
    worker_enroll,
)
from bihuan.packs.fire.sites.selectors import sites_summed
from bihuan.packs.fire.sites.services import (
    SiteGiven,
    accident_record,
    site_enter,
    site_turn,
)
from bihuan.packs.fire.sites.timeline import timeline_of
from bihuan.telemetry.models import Episode, Reading
from tests.packs.fire.zone import MASON, NUMBER, Zone, zone  # noqa: F401


def test_a_site_goes_from_permit_to_acceptance_and_no_other_way(zone: Zone) -> None:
    scope, site, now = zone.scope("gao"), zone.site.pk, zone.now

    def turn(code: str, on: date) -> Any:
        return lambda: site_turn(scope=scope, site=site, code=code, on=on, note="", now=now)

    zone.refused("site_state", turn("resumed", date(2026, 2, 1)))
    zone.refused("too_early", turn("stopped", date(2026, 1, 19)))
    zone.refused("future_date", turn("stopped", date(2026, 3, 3)))
    zone.refused(
        "not_found",
        lambda: site_turn(
            scope=zone.scope("an"), site=site, code="stopped", on=date(2026, 2, 1), note="", now=now
        ),
    )
    for code, on in (
        ("stopped", date(2026, 2, 1)),
        ("resumed", date(2026, 2, 9)),
        ("accepted", date(2026, 3, 1)),
    ):
        turn(code, on)()
    zone.section.see()
    row = Site.objects.get()
    assert (row.stage, row.started_on, row.accepted_on) == ("accepted", date(2026, 1, 20), date(2026, 3, 1))
    assert list(row.events.order_by("pk").values_list("kind", flat=True)) == [
        "started",
        "stopped",
        "resumed",
        "accepted",
    ]


@settings(max_examples=40, deadline=None)
@given_(
    st.sampled_from([code for code, _ in STAGES]),
    st.sampled_from([turn.code for turn in EVENTS]),
    st.integers(-3, 3),
    st.integers(-3, 3),
)
def test_turns_follow_the_stages_and_the_days(stage: str, code: str, on: int, today: int) -> None:
    last = date(2026, 1, 10)
    fault = turn_fault(stage, code, last + timedelta(days=on), last=last, today=last + timedelta(days=today))
    leads = next(turn for turn in EVENTS if turn.code == code).sources
    assert fault == (
        "state" if stage not in leads else "too_early" if on < 0 else "future_date" if on > today else ""
    )


def test_a_permit_stands_for_one_site_and_the_coverage_counts_those_under_construction(zone: Zone) -> None:
    given = SiteGiven("另一个", "municipal", "路桥", "高新区", "纬一路", "许可1", date(2026, 1, 5))
    zone.refused(
        "duplicate", lambda: site_enter(scope=zone.scope("gao"), given=given, key="two", now=zone.now)
    )
    zone.refused(
        "not_permitted", lambda: site_enter(scope=zone.scope("jin"), given=given, key="three", now=zone.now)
    )
    other = SiteGiven("另一个", "municipal", "路桥", "高新区", "纬一路", "许可2", date(2026, 1, 5))
    row = site_enter(scope=zone.scope("gao"), given=other, key="two", now=zone.now)
    assert sites_summed(zone.now).building == 1
    site_turn(
        scope=zone.scope("gao"), site=row.pk, code="started", on=date(2026, 2, 1), note="", now=zone.now
    )
    zone.section.see()
    sums = sites_summed(zone.now)
    assert (sums.building, sums.joined, sums.area) == (2, 1, 5_000)
    assert (share_told(1, 2), share_told(0, 0)) == ("50.0% (1 / 2)", "– (0 / 0)")
    with kernel_writes():
        Site.objects.filter(pk=row.pk).update(unit_id=Unit.objects.exclude(pk=row.unit_id).earliest("pk").pk)
    zone.refused(
        "key_taken", lambda: site_enter(scope=zone.scope("gao"), given=other, key="two", now=zone.now)
    )


def test_people_and_devices_stand_on_one_time_line(zone: Zone) -> None:
    zone.tell(*[151] * 5)
    worker_enroll(scope=zone.scope("an"), site=zone.site.pk, given=MASON, now=zone.now)
    gate_pass(scope=zone.scope("an"), site=zone.site.pk, id_number=NUMBER, way="in", now=zone.now)
    results = {code: "pass" for code, _label in ITEMS} | {"hot_work": "fail"}
    inspection_record(
        scope=zone.scope("an"), site=zone.site.pk, kind="routine", results=results, note="", key="one", now=zone.now - timedelta(minutes=30)
    )  # fmt: skip
    zone.section.see()
    told = [(one.source, one.words) for one in timeline_of(zone.site, now=zone.now)]
    assert told == [
        ("people", "进场 1 人,出场 0 人"), ("people", "日常检查:8 项中 1 项不符合"),
        ("device", "东门扬尘 PM10报警:151 μg/m³,限值 150"), ("people", "开工"),
    ]  # fmt: skip
    assert {one.source for one in timeline_of(zone.site, now=zone.now, source="device")} == {"device"}
    lacking = {code: "pass" for code, _label in ITEMS[1:]}
    zone.refused("choice", lambda: inspection_record(
        scope=zone.scope("an"), site=zone.site.pk, kind="routine", results=lacking, note="", key="two", now=zone.now))  # fmt: skip
    zone.refused("choice", lambda: inspection_record(  # the contractor is not his own supervisor
        scope=zone.scope("an"), site=zone.site.pk, kind="recheck", results=results, note="", key="two", now=zone.now))  # fmt: skip


def test_accidents_are_graded_by_the_law_and_days_without_are_counted_from_the_last(zone: Zone) -> None:
    assert [grade_of(*pair) for pair in ((0, 0), (2, 9), (3, 0), (0, 10), (10, 0), (0, 50), (30, 0), (0, 100))] == [
        "minor", "minor", "larger", "larger", "major", "major", "gravest", "gravest",
    ]  # fmt: skip
    assert days_without([], since=date(2026, 1, 20), until=date(2026, 3, 2)) == 41
    assert days_without([], since=None, until=date(2026, 3, 2)) is None
    at = zone.now - timedelta(days=5)
    zone.refused("future_date", lambda: accident_record(
        scope=zone.scope("gao"), site=zone.site.pk, at=zone.now + timedelta(minutes=1), deaths=0, injured=1, words="高处坠落", now=zone.now))  # fmt: skip
    accident_record(
        scope=zone.scope("gao"), site=zone.site.pk, at=at, deaths=0, injured=1, words="高处坠落", now=zone.now
    )
    zone.section.see()
    assert Accident.objects.get().grade == "minor"
    assert (sites_summed(zone.now).accidents, sites_summed(zone.now).without) == (1, 5)


def test_a_site_is_seen_by_its_keeper_and_its_contractor_alone(zone: Zone) -> None:
    zone.section.see()
    before = (Site.objects.count(), Worker.objects.count())
    for username, status in (("gao", 200), ("an", 200), ("jin", 403), ("qian", 403)):
        assert zone.section.as_(username).get(f"/fire/sites/{zone.site.pk}").status_code == status, username
    zone.section.see("jin")
    assert (
        Site.objects.count()
        == Worker.objects.count()
        == Reading.objects.count()
        == Episode.objects.count()
        == 0
    )
    with pytest.raises(NotPermitted):
        site_enter(
            scope=zone.scope("an"),
            given=SiteGiven("", "", "", "", "", "", date(2026, 1, 1)),
            key="x",
            now=zone.now,
        )
    with pytest.raises(NotFound):
        worker_enroll(scope=zone.scope("jin"), site=zone.site.pk, given=MASON, now=zone.now)
    zone.section.see()
    assert (Site.objects.count(), Worker.objects.count()) == before


def test_what_is_wrong_in_a_form_is_said_and_what_was_typed_stays(zone: Zone) -> None:
    client, site = zone.section.as_("an"), zone.site.pk
    typed = {"name": "钱大勇", "id_number": "37159919800101", "trade": "mason", "key": "k"}
    answer = client.post(f"/fire/sites/{site}/people/new", typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and "钱大勇" in page and "身份证" in page
    assert client.post(f"/fire/sites/{site}/people/new", {**typed, "id_number": NUMBER}).status_code == 302
    assert client.post(f"/fire/sites/{site}/people", {"id_number": NUMBER, "way": "in"}).status_code == 302
    failing = zone.section.as_("gao").post(
        f"/fire/sites/{site}/turn", {"code": "resumed", "on": "2026-02-01"}
    )
    assert failing.status_code == 422 and "不能登记这一项" in failing.content.decode()
    later = zone.now.date() + timedelta(days=1)
    tomorrow = zone.section.as_("gao").post(
        f"/fire/sites/{site}/turn", {"code": "stopped", "on": later.isoformat()}
    )
    assert tomorrow.status_code == 422 and "不能晚于现在" in tomorrow.content.decode()
