"""Forms sent by script, perhaps late: done once, by whoever filled them in. Pages that a telephone may keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case, Idempotency
from bihuan.kernel.ledger.services import kernel_writes
from tests.desk.conftest import City

As = Callable[..., Client]
ANSWER = {"outcome": "done", "answer": "经调解双方同意退费,已经办结。"}
KEY = "a-key-of-the-device"


@pytest.fixture
def number(city: City) -> str:
    return city.handling().number


def version_of(number: str) -> int:
    with kernel_writes():
        return Case.objects.get(number=number).version


def sends(client: Client, city: City, number: str, by: str = "wang", key: str = KEY, **changed: Any) -> Any:
    headers = {"Sent-By": str(city.people[by]), "Sent-Once": key}
    typed = {"version": version_of(number), **ANSWER, **changed}
    return client.post(f"/cases/{number}/steps/answer", typed, headers=headers)


def test_the_same_words_are_taken_once_and_answered_the_same(city: City, as_: As, number: str) -> None:
    client = as_("wang")
    first = sends(client, city, number)
    assert (first.status_code, first.json()["to"]) == (200, f"/cases/{number}")
    after = version_of(number)
    again = sends(client, city, number)
    assert (again.status_code, again.json()) == (200, {"to": f"/cases/{number}"})
    assert version_of(number) == after


def test_other_words_under_the_key_of_what_was_taken_are_refused(city: City, as_: As, number: str) -> None:
    client = as_("wang")
    sends(client, city, number)
    after = version_of(number)
    other = sends(client, city, number, answer="别的话,别的话,别的话。")
    assert (other.status_code, other.json()) == (422, {"said": "这个幂等键已用于另一个请求。"})
    assert version_of(number) == after


def test_a_refusal_frees_the_key(city: City, as_: As, number: str) -> None:
    client, before = as_("wang"), version_of(number)
    refused = sends(client, city, number, answer="")
    assert refused.status_code == 422
    assert 'class="refusal"' in refused.content.decode()
    stale = sends(client, city, number, version=before - 1)
    assert stale.status_code == 409
    with kernel_writes():
        assert not Idempotency.objects.filter(operation="form").exists()
    assert version_of(number) == before
    assert sends(client, city, number).status_code == 200


def test_what_another_account_wrote_is_not_taken(city: City, as_: As, number: str) -> None:
    before = version_of(number)
    for client in (as_("chen"), Client()):
        answer = sends(client, city, number, by="wang")
        assert (answer.status_code, answer.json()) == (401, {"door": "/login"})
    assert version_of(number) == before
    assert sends(as_("wang"), city, number).status_code == 200


def test_a_key_is_its_account_s_own(city: City, as_: As, number: str) -> None:
    other = city.handling().number
    assert sends(as_("wang"), city, number).status_code == 200
    assert sends(as_("chen"), city, other, by="chen").json()["to"] == f"/cases/{other}"


def test_a_photograph_sent_twice_is_one(city: City, as_: As, number: str) -> None:
    client = as_("wang")
    headers = {"Sent-By": str(city.people["wang"]), "Sent-Once": KEY}
    for _ in range(2):
        file = SimpleUploadedFile("one.txt", "处理后".encode())
        answer = client.post(f"/cases/{number}/attachments", {"file": file, "kind": "after"}, headers=headers)
        assert (answer.status_code, answer.json()["to"]) == (200, f"/cases/{number}#files")
    with kernel_writes():
        assert Attachment.objects.filter(case__number=number).count() == 1


def test_a_key_too_long_is_refused(city: City, as_: As, number: str) -> None:
    before = version_of(number)
    answer = sends(as_("wang"), city, number, key="k" * 129)
    assert (answer.status_code, answer.json()) == (422, {"said": "幂等键不能超过128个可见字符。"})
    assert version_of(number) == before


def test_a_stranger_s_key_is_not_kept(city: City) -> None:
    headers = {"Sent-By": "0", "Sent-Once": KEY}
    answer = Client().post("/large-type", {"next": "/public"}, headers=headers)
    assert (answer.status_code, answer.json()["to"]) == (200, "/public")
    with kernel_writes():
        assert not Idempotency.objects.exists()


def test_whose_session_it_is(city: City, as_: As) -> None:
    assert as_("wang").get("/waiting/who").json()["person"] == city.people["wang"]
    stranger = Client().get("/waiting/who")
    assert stranger.json()["person"] == 0
    assert stranger.cookies["csrftoken"].value


def test_only_pages_of_the_telephone_are_kept_and_for_whom(city: City, as_: As, number: str) -> None:
    client, me = as_("wang"), str(city.people["wang"])
    for path in ("/mine", f"/cases/{number}", f"/cases/{number}?step=answer", "/waiting"):
        answer = client.get(path)
        assert (answer["Kept-For"], answer["Kept-Seconds"]) == (me, "1800"), path
        assert answer["Cache-Control"].endswith("no-store") or "no-store" in answer["Cache-Control"], path
    for path in ("/", "/account", f"/cases/{number}/similar", "/search?q=1", "/cases/none"):
        assert "Kept-For" not in client.get(path), path
    for path in ("/public", "/public/report", "/waiting"):
        answer = Client().get(path)
        assert (answer["Kept-For"], "Kept-Seconds" in answer) == ("0", False), path
    assert "Kept-For" not in Client().get("/public/follow")


def test_a_page_kept_ahead_leaves_what_is_told_once(city: City, as_: As, number: str) -> None:
    client = as_("wang")
    sends(client, city, number)
    ahead = client.get(f"/cases/{number}", headers={"Kept-Ahead": "1"}).content.decode()
    assert "“答复”已办好" not in ahead
    assert "“答复”已办好" in client.get(f"/cases/{number}").content.decode()


def test_a_page_that_is_kept_is_masked(city: City, as_: As, number: str) -> None:
    page = as_("wang").get(f"/cases/{number}").content.decode()
    assert "199****0001" in page
    assert "19900000001" not in page
    assert "宋女士" not in page


def test_a_page_that_shows_a_person_s_data_is_not_kept(city: City, as_: As, number: str) -> None:
    client = as_("wang")
    with kernel_writes():
        party = Case.objects.get(number=number).parties.get().pk
    shown = client.post(f"/cases/{number}/parties/{party}/show", {"reason": "打电话核实情况"})
    assert "19900000001" in shown.content.decode()
    assert "Kept-For" not in shown


@pytest.mark.django_db
def test_the_worker_serves_the_whole_site_and_is_asked_for_anew() -> None:
    answer = Client().get("/sw.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert "manifest-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "language", "name"),
    [
        ("/manifest.webmanifest", "zh-hans", "闭环 · 工作台"),
        ("/manifest.webmanifest", "en", "Bihuan desk"),
        ("/public/manifest.webmanifest", "en", "For citizens"),
    ],
)
def test_the_manifest_speaks_the_language_of_the_page(path: str, language: str, name: str) -> None:
    client = Client()
    client.cookies["django_language"] = language
    said = client.get(path)
    assert said["Content-Type"] == "application/manifest+json"
    assert said.json()["name"] == name
    assert said.json()["lang"] == ("en" if language == "en" else "zh-CN")


@pytest.mark.django_db
def test_the_page_for_no_network_is_nobody_s(as_: As) -> None:
    page = as_("wang").get("/offline").content.decode()
    assert page == Client().get("/offline").content.decode()
    assert "data-person" not in page
