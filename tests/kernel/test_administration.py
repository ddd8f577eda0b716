"""The administrators' screens and one's own account, over HTTP: each power does its own and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.accounts.administration import REGISTERS
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Delegation, Person
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from tests.kernel.test_identity import POWERS, City, city

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
    [
        ("/administration/people", {"admin", "security"}),
        ("/administration/units", {"admin"}),
        ("/administration/tokens", {"security"}),
        ("/audit", {"audit"}),
    ],
)
def test_each_screen_is_for_its_own_administrator(as_: Any, address: str, allowed: set[str]) -> None:
    for username in (*POWERS, "tang", "wang"):
        assert as_(username).get(address).status_code == (200 if username in allowed else 403), username
    assert Client().get(address)["Location"].startswith("/login")


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
    elsewhere = sun.post("/account/delegations", {**form, "grantee": "qian"})
    assert (elsewhere.status_code, "不在您的单位" in elsewhere.content.decode()) == (422, True)
    offered = [value for value, _ in elsewhere.context["delegation"].fields["grantee"].choices]
    assert offered[0] == "" and {"chen", "wang"} <= set(offered) and not {"sun", "qian"} & set(offered)
    assert Delegation.objects.count() == 0
    assert sun.post("/account/delegations", form).status_code == 302
    row = Delegation.objects.get()
    assert (row.grantor.username, row.grantee.username, row.step) == ("sun", "chen", "approve_up")
    assert as_("chen").post(f"/account/delegations/{row.pk}/end").status_code == 403
    assert Delegation.objects.get().revoked_at is None
    assert "出差" in as_("chen").get("/account").content.decode()
    assert sun.post(f"/account/delegations/{row.pk}/end").status_code == 302
    assert Delegation.objects.get().revoked_at == city.now
