"""Anybody checks a certificate: what is true is said, forged codes are refused in words, nothing private is told or kept."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.services import certificate_issue, certificate_replace, certificate_revoke
from bihuan.kernel.certificates.token import FIELDS, token_read, token_write
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.keys import public_keys
from bihuan.kernel.ledger.verifier import keys_read
from tests.api.client import contents, rows
from tests.certificates import issue, stalls
from tests.public.conftest import Citizen, citizen, kept
from tests.stories.cast import Town, text_of, town

__all__ = ["citizen", "stalls", "town"]
pytestmark = pytest.mark.usefixtures("stalls")
PRIVATE = ("宋晓梅", "371502199003071230", "柳园南路66号东侧")


@pytest.fixture
def made(town: Town) -> Certificate:
    number = town.handling()
    by = Person.objects.get(username="wang").pk
    asked = issue(town.case(number).pk, town.units["371502_market"].pk)
    return certificate_issue(issue=asked, by=by, now=town.now)


def typed(citizen: Citizen, number: str, code: str) -> HttpResponse:
    return citizen.post("/verify", {"number": number, "code": code})


def test_a_scanned_code_and_a_typed_one_say_the_same(citizen: Citizen, made: Certificate) -> None:
    for response in (
        Client().get("/verify", {"t": made.token}),
        typed(citizen, f" {made.number} ", made.code.lower().replace("-", " ")),
    ):
        page = text_of(response)
        assert response.status_code == 200
        for words in (
            "是真的,现在有效",
            "临时摊点许可证",
            made.number,
            "宋**",
            "东昌府区市场监督管理局",
            "2026-03-02",
            "2027-03-01",
            "<dt>经营项目</dt><dd><strong>早餐</strong>",
        ):
            assert words in page, words
        assert not [word for word in PRIVATE if word in page]
        assert "no-store" in response["Cache-Control"]
    assert token_read(made.token, public_keys())["says"] == "经营项目：早餐"


def test_in_english(made: Certificate) -> None:
    page = text_of(Client().get("/verify", {"t": made.token}, headers={"Accept-Language": "en"}))
    assert "Permit for a temporary stall" in page and "Genuine, and valid now" in page


def test_what_became_of_it_is_said(citizen: Citizen, town: Town, made: Certificate) -> None:
    town.later(days=400)
    assert "已过期:有效期到 2027-03-01 为止" in citizen.get(f"/verify?t={quote(made.token)}")
    by = Person.objects.get(username="wang").pk
    new = certificate_replace(
        certificate=made.pk, issue=issue(made.case_id, made.unit_id), reason="到期换发", by=by, now=town.now
    )
    page = citizen.get(f"/verify?t={quote(made.token)}")
    assert "已换发:自 2027-04-06 起无效" in page and new.number in page
    certificate_revoke(certificate=new.pk, reason="现场核查不合格", by=by, now=town.now + timedelta(days=1))
    page = citizen.get(f"/verify?t={quote(new.token)}")
    assert "已撤销:自 2027-04-07 起无效" in page and "现场核查不合格" not in page


def test_one_of_a_later_day_says_from_when(citizen: Citizen, town: Town, made: Certificate) -> None:
    later = issue(made.case_id, made.unit_id, first=town.now.date() + timedelta(days=10))
    new = certificate_issue(issue=later, by=Person.objects.get(username="wang").pk, now=town.now)
    first = (town.now + timedelta(days=10)).date()
    assert f"是真的,从 {first} 起有效" in citizen.get(f"/verify?t={quote(new.token)}")


def test_a_forged_code_is_refused_in_words_and_nothing_is_kept(
    town: Town, made: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    body, _dot, signature = made.token.partition(".")
    town.see()
    before = kept(rows()), contents()
    with caplog.at_level(logging.DEBUG):
        for token, status in (
            (f"{body}.{signature[:-6]}AAAAAA", 422), (f"{body[:40]}Z{body[41:]}.{signature}", 422), ("x", 422), ("\x01" * 9, 422),
            ("٣" * 50, 422), ("x" * 9_000, 422),
        ):  # fmt: skip
            response = Client().get("/verify", {"t": token})
            assert response.status_code == status, token[:30]
            page = text_of(response)
            assert "签名与内容不符" in page or "不是证照的二维码" in page or "被改动过" in page, token[:30]
            assert made.number not in page and "宋**" not in page
    town.see()
    assert (kept(rows()), contents()) == before
    assert not [word for word in (*PRIVATE, body, made.number) if word in caplog.text]


def test_guessing_ends(citizen: Citizen, made: Certificate) -> None:
    page = citizen.refused(
        "/verify", {"number": made.number, "code": "ABCD-2345"}, "编号或查验码不对", status=404
    )
    assert f'value="{made.number}"' in page  # what was typed is kept
    for _ in range(9):
        assert typed(citizen, made.number, "ABCD-2345").status_code == 404
    assert typed(citizen, made.number, made.code).status_code == 429
    assert "是真的" in text_of(Client().get("/verify", {"t": made.token}))


def test_the_public_keys_are_everybody_s(made: Certificate) -> None:
    keys, faults, _remarks = keys_read(Client().get("/verify/keys.json").json())
    assert faults == [] and len(keys) == 1


def test_the_start_page_leads_there_where_certificates_are_issued(citizen: Citizen) -> None:
    assert 'href="/verify"' in citizen.get("/public")


@pytest.mark.parametrize("number", ["\x00", "9" * 400, "'; drop table", "〔〕"])
def test_strange_numbers_break_nothing(citizen: Citizen, number: str) -> None:
    assert typed(citizen, number, "ABCD-2345").status_code == 404


NAMES = dict.fromkeys(FIELDS, "x") | {"kind": "certificate"}


@pytest.mark.parametrize(
    "token",
    [
        token_write(json.dumps({**NAMES, "key": []}).encode(), bytes(64)),
        token_write(json.dumps({**NAMES, "number": {"a": 1}}).encode(), bytes(64)),
        token_write(b"[" * 1_300, bytes(64)),
        "http://[?t=a.b",
        "//[::1?t=a.b",
    ],
)
def test_strange_codes_are_refused_in_words(citizen: Citizen, token: str) -> None:
    response = citizen.client.get("/verify", {"t": token})
    assert (response.status_code, "二维码" in text_of(response)) == (422, True)


def test_the_address_on_the_paper_is_the_operator_s(made: Certificate) -> None:
    from bihuan.kernel.desk.certificates.documents import verify_address

    with override_settings(PUBLIC_ADDRESS="https://zw.example.cn/"):
        assert verify_address("a.b") == "https://zw.example.cn/verify?t=a.b"
    assert settings.PUBLIC_ADDRESS == "http://localhost:8000"
