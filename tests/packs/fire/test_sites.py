"""Sites: their life, their people under real names, readings over the API, alarms once; and what is refused changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.lib.identifiers import id_check_digit
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.shares import share_told
from bihuan.packs.fire.models import Accident, Attendance, Hazard, Site, Worker
from bihuan.packs.fire.sites.inspections import inspection_record
from bihuan.packs.fire.sites.kinds import ITEMS, STAGES
from bihuan.packs.fire.sites.life import EVENTS, days_without, grade_of, turn_fault
from bihuan.packs.fire.sites.people import (
    WorkerGiven,
    gate_pass,
    worker_disclose,
    worker_enroll,
    worker_leave,
    workers_erase,
)
from bihuan.packs.fire.sites.readings import site_readings_take
from bihuan.packs.fire.sites.selectors import headcounts, people_counted, sites_summed
from bihuan.packs.fire.sites.services import (
    STREAM,
    SiteGiven,
    accident_record,
    site_device_enter,
    site_device_retire,
    site_enter,
    site_turn,
)
from bihuan.packs.fire.sites.timeline import timeline_of
from bihuan.telemetry.models import Device, Episode, Reading
from bihuan.telemetry.services import Given
from tests.api.client import Api, contents, rows
from tests.packs.fire.conftest import Section

NUMBER = "37159919800101001" + id_check_digit("37159919800101001")
MASON = WorkerGiven("赵建国", NUMBER, "mason", "一班")


class Zone:
    """The zone's supervisor, the contractor's officer and the gateway at one site."""

    def __init__(self, section: Section) -> None:
        self.section, self.now = section, section.now
        with kernel_writes():
            contractor = scope_of(person=section.person["an"], at=self.now, roles=roles()).held[0].unit
        given = SiteGiven(
            "聚合装置", "housing", "新光建设", "高新区", "1号地块", "许可1", date(2026, 1, 5), 5_000, contractor_unit=contractor, joined_on=date(2026, 1, 20)
        )  # fmt: skip
        self.site = site_enter(scope=self.scope("gao"), given=given, key="one", now=self.now)
        site_turn(
            scope=self.scope("gao"),
            site=self.site.pk,
            code="started",
            on=date(2026, 1, 20),
            note="",
            now=self.now,
        )
        site_device_enter(
            scope=self.scope("gao"), site=self.site.pk, code="Y1", kind="dust", name="东门扬尘", now=self.now
        )
        section.see()
        self.site.refresh_from_db()

    def scope(self, username: str) -> Scope:
        return self.section.scope(username)

    def tell(self, *values: float, since: int = 60) -> tuple[Any, list[str]]:
        """Dust, a value a minute, the first so many minutes ago."""
        told = [
            Given("Y1", "pm10", self.now - timedelta(minutes=since - place), value)
            for place, value in enumerate(values)
        ]
        return site_readings_take(scope=self.scope("gateway"), given=told, now=self.now)

    def refused(self, code: str, act: Any) -> None:
        """`act` is refused with this code, and nothing at all changed."""
        self.section.see()
        before = rows(), contents()
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.code == code
        self.section.see()
        assert (rows(), contents()) == before


def entries(part: bytes) -> int:
    """How many entries of the sites' register hold these bytes."""
    with kernel_writes():
        return sum(part in bytes(one.body) for one in LedgerEntry.objects.filter(stream=STREAM))


@pytest.fixture
def zone(section: Section) -> Zone:
    return Zone(section)


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
    assert (sums.sites, sums.building, sums.joined, sums.area) == (2, 2, 1, 5_000)
    assert (share_told(1, 2), share_told(0, 0)) == ("50.0% (1 / 2)", "– (0 / 0)")
    with kernel_writes():
        Site.objects.filter(pk=row.pk).update(unit_id=Unit.objects.exclude(pk=row.unit_id).earliest("pk").pk)
    zone.refused(
        "key_taken", lambda: site_enter(scope=zone.scope("gao"), given=other, key="two", now=zone.now)
    )


def test_people_come_and_go_under_their_real_names_which_stay_private(zone: Zone) -> None:
    scope, site = zone.scope("an"), zone.site.pk
    worker = worker_enroll(scope=scope, site=site, given=MASON, now=zone.now)
    gate_pass(scope=scope, site=site, id_number=NUMBER, way="in", now=zone.now)
    zone.section.see()
    counted = people_counted(zone.site, zone.now)
    assert (counted.roll, counted.inside, counted.trades) == (1, 1, [("砌筑工", 1, 1)])
    assert headcounts(zone.site, zone.now)[-2:] == [(date(2026, 3, 1), 0), (date(2026, 3, 2), 1)]
    page = zone.section.as_("an").get(f"/fire/sites/{site}/people").content.decode()
    assert "赵**" in page and NUMBER not in page and "赵建国" not in page
    assert entries(b"worker_enrolled") == 1
    assert entries(NUMBER.encode()) == entries("赵建国".encode()) == 0
    shown = (
        zone.section.as_("an")
        .post(f"/fire/sites/{site}/people/{worker.pk}", {"act": "show", "reason": "核对身份证"})
        .content.decode()
    )
    assert NUMBER in shown and "赵建国" in shown
    assert entries(b'"unmasked"') == 1
    zone.refused(
        "not_found",
        lambda: worker_disclose(
            scope=zone.scope("lei"), site=site, worker=worker.pk, reason="看一看它", now=zone.now
        ),
    )
    gate_pass(scope=scope, site=site, id_number=NUMBER, way="out", now=zone.now + timedelta(hours=9))
    zone.section.see()
    assert [one.left_at for one in Attendance.objects.all()] == [zone.now + timedelta(hours=9)]
    passed = register_entries(stream=STREAM, match={"worker": worker.pk}, kinds=("worker_entered", "worker_went"), most=9)  # fmt: skip
    told = sorted((one.kind, one.at, dict(one.data)) for one in passed)
    assert told == [
        ("worker_entered", zone.now, {"site": site, "worker": worker.pk, "way": "in"}),
        ("worker_went", zone.now + timedelta(hours=9), {"site": site, "worker": worker.pk, "way": "out"}),
    ]
    assert entries(NUMBER.encode()) == entries("赵建国".encode()) == 0


def test_wrong_numbers_and_lacking_certificates_are_refused(zone: Zone) -> None:
    scope, site, now = zone.scope("an"), zone.site.pk, zone.now
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")

    def enroll(**changed: Any) -> Any:
        values = {name: getattr(MASON, name) for name in WorkerGiven.__dataclass_fields__}
        return lambda: worker_enroll(
            scope=scope, site=site, given=WorkerGiven(**{**values, **changed}), now=now
        )

    zone.refused("id_number", enroll(id_number=wrong))
    zone.refused("choice", enroll(trade="pilot"))
    zone.refused("certificate_needed", enroll(trade="welder"))
    zone.refused(
        "certificate_expired", enroll(trade="welder", certificate="1", certificate_until=date(2026, 3, 1))
    )
    zone.refused(
        "not_enrolled", lambda: gate_pass(scope=scope, site=site, id_number=NUMBER, way="in", now=now)
    )
    enroll(trade="welder", certificate="1", certificate_until=date(2026, 3, 2))()
    zone.refused("enrolled", enroll())
    zone.refused(
        "not_inside", lambda: gate_pass(scope=scope, site=site, id_number=NUMBER, way="out", now=now)
    )
    later = now + timedelta(days=1)
    zone.refused(
        "certificate_expired",
        lambda: gate_pass(scope=scope, site=site, id_number=NUMBER, way="in", now=later),
    )
    gate_pass(scope=scope, site=site, id_number=NUMBER, way="in", now=now)
    zone.refused("inside", lambda: gate_pass(scope=scope, site=site, id_number=NUMBER, way="in", now=now))


def test_whoever_left_is_forgotten_after_the_time_that_the_rule_sets(zone: Zone) -> None:
    scope, site = zone.scope("an"), zone.site.pk
    worker = worker_enroll(scope=scope, site=site, given=MASON, now=zone.now)
    gate_pass(scope=scope, site=site, id_number=NUMBER, way="in", now=zone.now)
    worker_leave(scope=scope, site=site, worker=worker.pk, now=zone.now)
    assert workers_erase(730, zone.now + timedelta(days=730), 10) == 0
    assert workers_erase(730, zone.now + timedelta(days=731), 10) == 1
    zone.section.see()
    row = Worker.objects.get()
    assert (row.name, row.id_number, row.digest, row.trade) == ("", "", "", "mason")
    with kernel_writes():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "select text from ledger_private where stream = %s and name = %s",
                [STREAM, f"worker.{worker.pk}"],
            )
            assert cursor.fetchall() == [(None,)]


def test_dust_above_its_limit_is_one_alarm_however_often_it_is_told(zone: Zone) -> None:
    taken, _numbers = zone.tell(140, 151, 152, 153, 160)
    assert (taken.stored, taken.begun) == (5, [])
    taken, numbers = zone.tell(155, since=55)
    assert len(numbers) == 1
    assert [(one.metric, one.worst, one.bound) for one in taken.begun] == [("pm10", 160, 150)]
    again, none = zone.tell(140, 151, 152, 153, 160)
    assert (again.stored, again.repeated, again.begun, none) == (0, 5, [], [])
    late, _numbers = zone.tell(180, since=90)
    assert (late.stored, late.begun) == (1, [])
    ended, _numbers = zone.tell(119, 120, 100, 130, 110, 110, 110, 110, 110, since=50)
    assert (ended.stored, ended.begun) == (9, [])
    zone.section.see()
    one, case = Episode.objects.get(), Case.objects.get(number=numbers[0])
    assert (one.case, Hazard.objects.get().case, case.facts["grade"]) == (case, case, "general")
    assert (one.began_at, one.ended_at) == (
        zone.now - timedelta(minutes=59),
        zone.now - timedelta(minutes=42),
    )


def test_a_device_taken_down_tells_nothing_more_and_its_alarm_ends(zone: Zone) -> None:
    zone.tell(*[151] * 5)
    zone.section.see()
    device, address = Device.objects.get(), f"/fire/sites/{zone.site.pk}"
    gao = zone.section.as_("gao")
    assert f'<option value="{device.pk}">东门扬尘 · Y1</option>' in gao.get(address).content.decode()
    assert "撤下设备" not in zone.section.as_("an").get(address).content.decode()
    assert zone.section.as_("an").post(f"{address}/devices/gone", {"device": device.pk}).status_code == 403
    for wrong in ("", "x", str(device.pk + 1)):
        answer = gao.post(f"{address}/devices/gone", {"device": wrong})
        assert (answer.status_code, "没有这台设备" in answer.content.decode()) == (422, True)
    zone.section.see()
    assert Device.objects.get().active and Episode.objects.get().ended_at is None
    assert gao.post(f"{address}/devices/gone", {"device": device.pk}).status_code == 302
    zone.section.see()
    assert not Device.objects.get().active
    assert Episode.objects.get().ended_at is not None
    assert (Reading.objects.count(), Hazard.objects.get().case.closed_at) == (5, None)
    assert "还没有设备" in gao.get(address).content.decode()
    taken, _numbers = zone.tell(160, since=10)
    assert [one.rule for one in taken.refused] == ["unknown_device"]
    zone.refused("device", lambda: site_device_retire(
        scope=zone.scope("gao"), site=zone.site.pk, device=device.pk, now=zone.now))  # fmt: skip


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


@pytest.mark.parametrize(
    ("device", "metric", "minutes", "value", "rule"),
    [
        ("Z9", "pm10", 0, 10, "unknown_device"), ("Y1", "noise", 0, 10, "unknown_metric"), ("Y1", "pm10", 6, 10, "future_date"),
        ("Y1", "pm10", -7 * 1440 - 1, 10, "too_late"), ("Y1", "pm10", 0, -1, "impossible"), ("Y1", "pm10", 0, 5_001, "impossible"),
        ("Y1", "pm10", -60, 11, "differs"),
    ],
)  # fmt: skip
def test_a_reading_that_cannot_be_is_refused_and_the_others_are_taken(
    zone: Zone, device: str, metric: str, minutes: int, value: float, rule: str
) -> None:
    zone.tell(10)
    told = [
        Given("Y1", "pm10", zone.now, 20),
        Given(
            device,
            metric,
            zone.now + timedelta(minutes=minutes, seconds=-1 if rule == "too_late" else 0),
            value,
        ),
    ]
    if rule == "impossible":
        told = told[::-1]
        told[1] = Given("Y1", "pm10", zone.now - timedelta(minutes=1), 20)
    taken, _numbers = site_readings_take(scope=zone.scope("gateway"), given=told, now=zone.now)
    assert [(one.rule) for one in taken.refused] == [rule]
    assert taken.stored == 1
    zone.section.see()
    assert Reading.objects.count() == 2


def test_another_unit_s_gateway_and_nobody_else_may_tell(zone: Zone) -> None:
    stranger = Scope(zone.section.person["jin"], (), (), False)
    taken, _numbers = site_readings_take(
        scope=stranger, given=[Given("Y1", "pm10", zone.now, 20)], now=zone.now
    )
    assert [one.rule for one in taken.refused] == ["unknown_device"]


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
    later = timezone.localdate() + timedelta(days=1)
    tomorrow = zone.section.as_("gao").post(
        f"/fire/sites/{site}/turn", {"code": "stopped", "on": later.isoformat()}
    )
    assert tomorrow.status_code == 422 and "不能晚于现在" in tomorrow.content.decode()


def test_a_gateway_s_token_sends_readings_and_a_replay_changes_nothing(zone: Zone) -> None:
    api = Api("gateway")
    now = timezone.now()
    told = [
        {"device": "Y1", "metric": "pm10", "at": (now - timedelta(minutes=place)).isoformat(), "value": 151.5}
        for place in range(6)
    ]
    first = api.post("/fire/readings", {"readings": told})
    assert (first.status_code, first.json()["stored"], first.json()["refused"]) == (200, 6, [])
    zone.section.see()
    before = rows(), contents()
    again = api.post("/fire/readings", {"readings": told})
    assert (again.json()["stored"], again.json()["repeated"], again.json()["alarms"]) == (0, 6, [])
    zone.section.see()
    assert (rows(), contents()) == before
    forged = {"device": "NOBODY", "metric": "pm10", "at": now.isoformat(), "value": 1}
    for changed, field, rule in (
        ({}, "readings.0.device", "unknown_device"),
        ({"device": "Y1", "at": (now + timedelta(hours=1)).isoformat()}, "readings.0.at", "future_date"),
        ({"device": "Y1", "value": 99_999}, "readings.0.value", "impossible"),
    ):
        answer = api.post("/fire/readings", {"readings": [{**forged, **changed}]})
        assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)
    for body in (
        {"readings": []},
        {"readings": [{**forged, "value": "1"}]},
        {"readings": [{**forged, "at": "2026-03-02T10:00:00"}]},
    ):
        assert api.post("/fire/readings", body).status_code == 422
    assert Api("gao").post("/fire/readings", {"readings": told}).status_code == 403
    zone.section.see()
    assert (rows()["telemetry_reading"], contents()["cases_case"]) == (
        before[0]["telemetry_reading"],
        before[1]["cases_case"],
    )
