"""People of a site under their real names: on the roll, in and out, gone and forgotten."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.identifiers import id_check_digit
from bihuan.packs.fire.models import Attendance, Worker
from bihuan.packs.fire.sites.people import (
    WorkerGiven,
    gate_pass,
    worker_disclose,
    worker_enroll,
    worker_leave,
    workers_erase,
)
from bihuan.packs.fire.sites.selectors import headcounts, people_counted
from bihuan.packs.fire.sites.services import STREAM, SiteGiven, site_enter, subject_of
from tests.api.client import Api, contents, refused, rows
from tests.packs.fire.zone import MASON, NUMBER, Zone, entries, zone  # noqa: F401


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
    gone = zone.now + timedelta(hours=3)
    worker_leave(scope=scope, site=site, worker=worker.pk, now=gone)
    zone.section.see()
    assert Attendance.objects.get().left_at == gone
    told = register_entries(stream=STREAM, match={"worker": worker.pk}, kinds=("worker_entered", "worker_went", "worker_left"), most=9)  # fmt: skip
    assert sorted((one.kind, one.at) for one in told) == [
        ("worker_entered", zone.now),
        ("worker_left", gone),
        ("worker_went", gone),
    ]
    assert workers_erase(730, gone + timedelta(days=730), 10) == 0
    assert workers_erase(730, gone + timedelta(days=731), 10) == 1
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


def test_the_gates_of_a_site_tell_who_passes_once_and_their_key_opens_nothing_else(zone: Zone) -> None:
    worker_enroll(scope=zone.scope("an"), site=zone.site.pk, given=MASON, now=zone.now)
    given = SiteGiven("罐区", "housing", "新光建设", "高新区", "2号地块", "许可2", date(2026, 1, 5))
    other = site_enter(scope=zone.scope("gao"), given=given, key="two", now=zone.now)
    key, others = (Api("gateway", subject=subject_of(site)) for site in (zone.site.pk, other.pk))
    supervisor = Api("gao")
    now, address = zone.now, f"/fire/sites/{zone.site.pk}/passes"
    one = {"event": "e1", "at": (now - timedelta(hours=2)).isoformat(), "way": "in", "id_number": NUMBER}
    two = {**one, "event": "e2", "at": (now - timedelta(hours=1)).isoformat(), "way": "out"}
    assert key.post(address, {"passes": [two, one]}).json() == {"taken": 2, "repeated": 0, "refused": []}
    zone.section.see()
    assert [(row.entered_at, row.left_at) for row in Attendance.objects.all()] == [(now - timedelta(hours=2), now - timedelta(hours=1))]  # fmt: skip
    told = register_entries(stream=STREAM, match={"site": zone.site.pk}, kinds=("worker_entered", "worker_went"), most=9)  # fmt: skip
    assert sorted((entry.kind, entry.data["passed_at"]) for entry in told) == [("worker_entered", one["at"]), ("worker_went", two["at"])]  # fmt: skip
    before = rows(), contents()
    assert key.post(address, {"passes": [one, two]}).json() == {"taken": 0, "repeated": 2, "refused": []}
    stranger = "37159919800101002" + id_check_digit("37159919800101002")
    for changed, field, rule in (
        ({"event": "e1"}, "event", "differs"), ({"id_number": stranger}, "id_number", "not_enrolled"), ({"id_number": NUMBER[:-1]}, "id_number", "GB 11643"),
        ({"way": "out"}, "id_number", "not_inside"), ({"at": (now + timedelta(hours=1)).isoformat()}, "at", "future_date"),
        ({"at": (now - timedelta(days=8)).isoformat()}, "at", "too_late"), ({"at": one["at"]}, "at", "too_early"),
    ):  # fmt: skip
        answer = key.post(address, {"passes": [{**two, "event": "e3", "at": now.isoformat(), "way": "in", **changed}]})  # fmt: skip
        problem = refused(answer, 422, field=f"passes.0.{field}")
        assert problem["rule"] == rule, changed
    for wrong, field in (({"way": "up"}, "way"), ({"event": ""}, "event"), ({"event": "e\x00"}, "event"), ({"at": "2026-03-02T10:00:00"}, "at"), ({"gate": 1}, "gate")):  # fmt: skip
        refused(key.post(address, {"passes": [{**two, **wrong}]}), 422, field=f"passes.0.{field}")
    refused(others.post(address, {"passes": [{**one, "event": "e3"}]}), 404)
    refused(supervisor.post(address, {"passes": [one]}), 403)
    refused(key.get("/cases"), 403, code="token_subject", field="Authorization")
    reading = {"device": "Y1", "metric": "pm10", "at": now.isoformat(), "value": 10}
    refused(others.post("/fire/readings", {"readings": [reading]}), 422, field="readings.0.device")
    zone.section.see()
    assert (rows(), contents()) == before
    assert key.post("/fire/readings", {"readings": [reading]}).json()["stored"] == 1
