"""The administrators' screens and one's own account, over HTTP: each power does its own and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.accounts.administration import REGISTERS
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Delegation, Grant, Person, Unit
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from tests.kernel.test_identity import POWERS, City, city, identity_now, last_entry

__all__ = ["city"]  # a fixture
pytestmark = pytest.mark.django_db


@pytest.fixture
def as_(city: City, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: city.now)

    def client(username: str) -> Client:
        made = Client()
        made.force_login(Person.objects.get(username=username))
        return made

    return client


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("/people", {"admin", "security"}), ("/units", {"admin"}), ("/audit", {"audit"})],
)
def test_each_screen_is_for_its_own_administrator(as_: Any, address: str, allowed: set[str]) -> None:
    for username in (*POWERS, "tang", "wang"):
        assert as_(username).get(address).status_code == (200 if username in allowed else 403), username
    assert Client().get(address)["Location"].startswith("/login")


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("reset", {"admin"}),
        ("close", {"admin"}),
        ("hand-over", {"admin"}),
        ("unlock", {"admin", "security"}),
        ("totp-clear", {"security"}),
        ("grant", {"security"}),
        ("grant-end", {"security"}),
    ],
)
def test_an_action_of_another_power_is_refused(city: City, as_: Any, action: str, allowed: set[str]) -> None:
    before = identity_now()
    for username in {*POWERS, "tang"} - allowed:
        assert as_(username).post(f"/people/{city.person['qian']}/{action}", {}).status_code == 403
    assert as_("admin").post(f"/people/{city.person['qian']}/explode", {}).status_code == 404
    assert identity_now() == before


def test_an_account_is_opened_given_a_role_and_closed_on_the_screens(city: City, as_: Any) -> None:
    made = as_("admin").post("/people/new", {"username": "newcomer", "name": "新人"})
    row = Person.objects.get(username="newcomer")
    assert made.status_code == 200
    assert row.must_change_password
    assert row.check_password(made.context["temporary"])
    assert made.context["temporary"] in made.content.decode()
    security = as_("security")
    role = {"unit": "371502_market", "role": "handler"}
    assert security.post(f"/people/{row.pk}/grant", role).status_code == 302
    grant = Grant.objects.get(person=row)
    assert (grant.unit.code, grant.role, grant.valid_from) == ("371502_market", "handler", city.now.date())
    assert security.post(f"/people/{row.pk}/grant", role).status_code == 422
    assert Grant.objects.filter(person=row).count() == 1
    own = Grant.objects.get(person_id=city.person["security"]).pk
    assert security.post(f"/people/{city.person['security']}/grant-end", {"grant": own}).status_code == 403
    assert security.post(f"/people/{row.pk}/grant-end", {"grant": own}).status_code == 404
    assert security.post(f"/people/{row.pk}/grant-end", {"grant": grant.pk}).status_code == 302
    assert not Grant.objects.filter(person=row).exists()
    assert as_("admin").post(f"/people/{row.pk}/close").status_code == 302
    assert not Person.objects.get(pk=row.pk).is_active


def test_a_reset_password_ends_sessions_and_is_shown_once(city: City, as_: Any) -> None:
    qian = as_("qian")
    assert qian.get("/account").status_code == 200
    page = as_("admin").post(f"/people/{city.person['qian']}/reset")
    assert page["Cache-Control"].find("no-store") >= 0
    assert Person.objects.get(username="qian").check_password(page.context["temporary"])
    assert qian.get("/account").status_code == 302
    assert (
        page.context["temporary"] not in as_("admin").get(f"/people/{city.person['qian']}").content.decode()
    )


def test_units_and_who_runs_them_are_entered_on_the_screen(city: City, as_: Any) -> None:
    admin = as_("admin")
    unit = {
        "form": "unit",
        "code": "371502_new",
        "name": "新局",
        "kind": "department",
        "level": "county",
        "parent": "371502",
    }
    assert admin.post("/units", unit).status_code == 302
    assert Unit.objects.get(code="371502_new").parent_id == city.unit["371502"]
    assert admin.post("/units", unit).status_code == 422
    run = {
        "form": "administration",
        "unit": "371502001",
        "administered_by": "371500_resort",
        "since": "2026-03-02",
        "basis": "测试",
    }
    assert admin.post("/units", run).status_code == 302
    assert "李海务" in admin.get("/units?q=371502011").content.decode()
    before = identity_now()
    assert admin.post("/units", run).status_code == 422
    assert admin.post("/units", {**run, "administered_by": "nowhere"}).status_code == 422
    assert identity_now() == before


def test_the_security_administrator_sets_the_lockout(city: City, as_: Any) -> None:
    given_ = {"failures": 4, "minutes": 30, "legal_basis": "本单位安全制度第3条"}
    assert as_("admin").post("/people/lockout", given_).status_code == 403
    assert as_("security").post("/people/lockout", {**given_, "failures": 1}).status_code == 422
    assert as_("security").post("/people/lockout", given_).status_code == 302
    with kernel_writes():
        entry = last_entry("policy")
    assert (entry["by"], entry["data"]["value"]) == (city.person["security"], {"failures": 4, "minutes": 30})


def test_the_audit_administrator_reads_the_registers_and_no_case(city: City, as_: Any) -> None:
    city.see("tang")
    city.handled()
    grant_add(
        person=city.person["qian"],
        unit=city.unit["371502_market"],
        role="handler",
        now=city.now,
        by=city.person["security"],
    )
    page = as_("audit").get("/audit")
    assert page.context["rows"][0]["kind"] == "grant_added"
    assert page.context["rows"][0]["who"] == "安全管理员"
    assert {row["stream"] for row in page.context["rows"]} <= set(REGISTERS)
    only = as_("audit").get("/audit?stream=policy").context["rows"]
    assert {row["stream"] for row in only} == {"policy"}
    older = as_("audit").get(f"/audit?before={LedgerEntryId.of(page)}").context["rows"]
    assert [r["seq"] for r in older if r["stream"] == "identity"][:1] != [page.context["rows"][0]["seq"]]
    city.see("audit")
    assert Case.objects.count() == 0
    assert LedgerEntry.objects.filter(case_id__isnull=False).count() == 0


class LedgerEntryId:
    """The id of the first entry shown on a page of the audit."""

    @staticmethod
    def of(page: Any) -> int:
        first = page.context["rows"][0]
        with kernel_writes():
            return int(LedgerEntry.objects.get(stream=first["stream"], seq=first["seq"]).pk)


def test_an_account_page_gives_and_takes_back_a_delegation(city: City, as_: Any) -> None:
    sun = as_("sun")
    assert "单位负责人" in sun.get("/account").content.decode()
    form = {
        "grantee": "chen",
        "step": "approve_up",
        "begins": "2026-03-02T10:00",
        "ends": "2026-03-03T18:00",
        "reason": "出差",
    }
    assert sun.post("/account/delegations", {**form, "step": "dispatch"}).status_code == 422
    assert sun.post("/account/delegations", {**form, "grantee": "sun"}).status_code == 422
    assert sun.post("/account/delegations", {**form, "grantee": "nobody"}).status_code == 422
    assert Delegation.objects.count() == 0
    assert sun.post("/account/delegations", form).status_code == 302
    row = Delegation.objects.get()
    assert (row.grantor.username, row.grantee.username, row.step) == ("sun", "chen", "approve_up")
    assert as_("chen").post(f"/account/delegations/{row.pk}/end").status_code == 403
    assert Delegation.objects.get().revoked_at is None
    assert "出差" in as_("chen").get("/account").content.decode()
    assert sun.post(f"/account/delegations/{row.pk}/end").status_code == 302
    assert Delegation.objects.get().revoked_at == city.now
