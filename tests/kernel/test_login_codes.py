"""One-time codes as the second step of logging in: set up, accepted once, locked after wrong ones."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.identity.accounts import totp_set
from bihuan.kernel.identity.totp import PERIOD, code_period, secret_make, secret_open, secret_seal
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI
from tests.kernel.door import Door, door, entries  # noqa: F401


@pytest.fixture
def secret(door: Door) -> str:
    made = secret_make()
    totp_set(person=door.person().pk, secret=made, code=pyotp.TOTP(made).at(door.now), now=door.now)
    door.now += timedelta(seconds=PERIOD * 4)
    return made


def test_a_code_is_the_second_step_and_is_accepted_once(door: Door, secret: str) -> None:
    assert door.knock(next="/search")["Location"] == "/login/code"
    assert not door.inside()
    code = pyotp.TOTP(secret).at(door.now)
    assert door.client.post("/login/code", {"code": code})["Location"] == "/search"
    assert door.inside()
    door.client.post("/logout")
    door.knock()
    assert door.client.post("/login/code", {"code": code}).status_code == 401
    assert not door.inside()
    door.now += timedelta(seconds=PERIOD)
    assert door.client.post("/login/code", {"code": pyotp.TOTP(secret).at(door.now)}).status_code == 302


def test_wrong_codes_lock_and_the_right_password_does_not_forget_them(door: Door, secret: str) -> None:
    for _ in range(5):
        assert door.knock().status_code == 302
        assert door.client.post("/login/code", {"code": "000000x"}).status_code == 401
    assert door.person().locked_until == door.now + timedelta(minutes=15)
    assert door.client.post("/login/code", {"code": pyotp.TOTP(secret).at(door.now)}).status_code == 401
    assert door.knock().status_code == 401
    assert not door.inside()


@given(offset=st.integers(-5, 5), seconds=st.integers(0, 29))
def test_one_period_before_and_after_is_accepted_and_no_more(offset: int, seconds: int) -> None:
    secret, moment = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", datetime(2026, 3, 2, 10, 0, seconds, tzinfo=SHANGHAI)
    period = int(moment.timestamp()) // PERIOD + offset
    code = pyotp.TOTP(secret).generate_otp(period)
    accepted = code_period(secret, code, last=0, now=moment)
    assert (accepted == period) == (abs(offset) <= 1)
    assert code_period(secret, code, last=period, now=moment) is None


def test_setting_up_codes_needs_a_right_code_and_keeps_the_secret_encrypted(door: Door) -> None:
    door.knock()
    secret = door.client.get("/account/totp").context["secret"]
    assert door.client.get("/account/totp").context["secret"] == secret
    assert secret not in json.dumps(dict(door.client.session))
    assert door.client.post("/account/totp", {"code": "12"}).status_code == 422
    assert door.person().totp_secret == ""
    code = pyotp.TOTP(secret).at(door.now)
    assert door.client.post("/account/totp", {"code": code}).status_code == 302
    stored = door.person().totp_secret
    assert secret not in stored
    assert secret_open(stored, person=door.person().pk) == secret
    assert secret_open(stored, person=door.person().pk + 1) is None
    assert door.client.post("/account/totp", {"code": code}).status_code == 422  # used up
    assert door.person().totp_secret == stored
    door.now += timedelta(seconds=PERIOD)
    assert door.client.post("/account/totp", {"code": pyotp.TOTP(secret).at(door.now)}).status_code == 302
    assert door.person().totp_secret == ""
    assert [e["by"] for e in entries("totp_cleared")] == [door.person().pk]


def test_a_secret_of_another_key_opens_nothing(settings: Any) -> None:
    sealed = secret_seal("JBSWY3DPEHPK3PXP", person=7)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key" * 5
    assert secret_open(sealed, person=7) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = []
    assert secret_open(sealed, person=7) is None


def test_the_wrong_setup_code_is_refused_by_the_service(door: Door) -> None:
    with pytest.raises(Refusal, match="动态码"):
        totp_set(person=door.person().pk, secret=secret_make(), code="", now=door.now)
    assert door.person().totp_secret == ""
