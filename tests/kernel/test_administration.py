"""The administrators' screens and one's own account, over HTTP: each power does its own and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from bihuan.kernel.accounts.administration import register_labels
from bihuan.kernel.administration.entry_words import label_of
from bihuan.kernel.administration.history import entry_words
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Delegation, Person
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from tests.entries import SOURCES, entries_written
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
    assert {row["stream"] for row in page.context["rows"]} <= set(register_labels())
    only = as_("audit").get("/audit?stream=policy").context["rows"]
    assert {row["stream"] for row in only} == {"policy"}
    older = as_("audit").get(f"/audit?before={LedgerEntryId.of(page)}").context["rows"]
    assert [r["seq"] for r in older if r["stream"] == "identity"][:1] != [page.context["rows"][0]["seq"]]
    city.see("audit")
    assert Case.objects.count() == 0
    assert LedgerEntry.objects.filter(case_id__isnull=False).count() == 0


def test_an_entry_is_told_in_words_and_kept_whole(city: City, as_: Any) -> None:
    day = city.now.date()
    grant_add(
        person=city.person["qian"], unit=city.unit["371502_market"], role="handler", now=city.now,
        by=city.person["security"], until=day + timedelta(days=9),
    )  # fmt: skip
    first = as_("audit").get("/audit?stream=identity").context["rows"][0]
    assert (first["what"], first["who"]) == ("授予角色", "安全管理员")
    assert [(str(label), value) for label, value in first["lines"]] == [
        ("人员", "钱亮"),
        ("单位", "东昌府区市场监督管理局"),
        ("角色", "办理人"),
        ("从哪天起", str(day)),
        ("到哪天为止", str(day + timedelta(days=9))),
    ]
    assert json.loads(first["raw"])["data"]["person"] == city.person["qian"]
    auditor = as_("audit")
    auditor.cookies["django_language"] = "en"
    page = auditor.get("/audit?stream=identity")
    assert [value for _label, value in page.context["rows"][0]["lines"]][1:3] == [
        "Dongchangfu District Market Regulation Bureau",
        "Handler",
    ]
    assert page.context["rows"][0]["who"] == "Security administrator"
    body = page.content.decode()
    assert f'<code lang="zh-CN">{escape(first["raw"])}</code>' in body
    rule = auditor.get("/audit?stream=policy").context["rows"][0]
    assert rule["what"] == "Rule set"
    assert not any("\u4e00" <= letter <= "\u9fff" for _label, value in rule["lines"] for letter in value)


def test_the_audit_asks_for_all_names_at_once(as_: Any, django_assert_max_num_queries: Any) -> None:
    auditor = as_("audit")
    auditor.get("/audit")
    with django_assert_max_num_queries(14):
        assert len(auditor.get("/audit").context["rows"]) == 50


def test_registers_and_kinds_of_entries_have_words() -> None:
    written = [entry for path in SOURCES.rglob("*.py") for entry in entries_written(path)]
    assert len(written) > 80
    assert {stream for stream, _kind, _fields in written} - set(register_labels()) == set()
    assert [(stream, kind) for stream, kind, _fields in written if entry_words(stream, kind) == kind] == []


def test_fields_of_entries_have_words() -> None:
    written = [entry for path in SOURCES.rglob("*.py") for entry in entries_written(path)]
    fields = {(stream, field) for stream, _kind, fields in written for field in fields}
    assert len(fields) > 120
    assert {(stream, field) for stream, field in fields if label_of(stream, field) == field} == set()


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
