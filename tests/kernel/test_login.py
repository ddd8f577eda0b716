"""Log-in over HTTP: constant answers, lockout, forced change of the first password, sessions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.accounts.login import Failures, LockingBackend, Lockout, password_check
from bihuan.kernel.identity.accounts import password_temporary
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.text import SHANGHAI
from tests.kernel.door import PASSWORD, Door, door, entries  # noqa: F401

START = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)


def test_the_right_password_lets_in_with_a_new_session_key_and_an_entry(door: Door) -> None:
    assert door.client.get("/account").status_code == 302
    door.client.get("/login")
    session = door.client.session
    session["mark"] = 1
    session.save()
    before = session.session_key
    response = door.knock()
    assert (response.status_code, response["Location"]) == (302, "/home")
    assert door.client.session.session_key != before
    assert door.inside()
    assert entries("login")[-1]["data"] == {"person": door.person().pk}
    assert door.person().last_login == door.now
    assert not ledger_verify().faults


def test_log_out_needs_post_and_ends_the_session(door: Door) -> None:
    door.knock()
    opened = door.client.get("/logout")
    assert (opened.status_code, opened["Allow"]) == (405, "POST")
    assert "这个地址不能直接打开,什么也没有改动" in opened.content.decode()
    assert door.inside()
    assert door.client.post("/logout")["Location"] == "/login"
    assert not door.inside()
    assert entries("logout")[-1]["by"] == door.person().pk


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/cases/1?x=2", "/cases/1?x=2"),
        ("https://evil.example/", "/home"),
        ("//evil.example/", "/home"),
        ("/\\evil.example", "/home"),
        ("javascript:alert(1)", "/home"),
        ("http://testserver/account", "http://testserver/account"),
    ],
)
def test_next_leads_only_to_the_own_host(door: Door, wanted: str, goes: str) -> None:
    assert door.knock(next=wanted)["Location"] == goes


def test_unknown_wrong_locked_and_closed_are_answered_alike_with_the_same_work(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    plain = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *a: hashed.append("x") or plain(self, *a))
    with kernel_writes():
        Person.objects.filter(username="qian").update(is_active=False)
    answers = {}
    door.knock(username="nobody", password="Wrong-word-1")  # what a process reads once is read now
    for case in ("unknown", "wrong", "closed", "locked", "locked and right"):
        if case.startswith("locked"):
            door.change(locked_until=door.now + timedelta(minutes=1))
        username = {"unknown": "nobody", "closed": "qian"}.get(case, "wang")
        client, hashed[:] = Client(), []
        with CaptureQueriesContext(connection) as queries:
            response = client.post(
                "/login", {"username": username, "password": PASSWORD if "right" in case else "Wrong-word-1"}
            )
        text = response.content.decode().replace(username, "?")
        token = response.context["csrf_token"]
        answers[case] = (response.status_code, text.replace(str(token), ""), len(hashed), len(queries))
    assert len({a[0] for a in answers.values()}) == 1 and answers["wrong"][0] == 401
    assert len({a[1] for a in answers.values()}) == 1
    assert {case: a[2] for case, a in answers.items()} == dict.fromkeys(answers, 1)
    assert len({a[3] for a in answers.values()}) == 1


def test_a_failure_keeps_the_name_beside_the_ledger_only(door: Door) -> None:
    door.knock(username="SecretTypedName", password="whatever-12")
    entry = entries("login_failed")[-1]
    assert entry["by"] == "visitor"
    assert entry["data"] == {"person": None, "what": "password", "locked": False}
    assert set(entry["private"]) == {"username", "address"}
    assert "SecretTypedName" not in json.dumps(entry)


def test_five_failures_lock_for_fifteen_minutes_and_success_forgets_failures(door: Door) -> None:
    for _ in range(4):
        assert door.knock(password="Wrong-word-1").status_code == 401
    assert door.knock().status_code == 302
    assert door.person().failed_logins == 0
    door.client.post("/logout")
    for _ in range(5):
        door.knock(password="Wrong-word-1")
    assert entries("login_locked")[-1]["data"]["person"] == door.person().pk
    assert door.person().locked_until == door.now + timedelta(minutes=15)
    assert door.knock().status_code == 401
    door.now += timedelta(minutes=14, seconds=59)
    assert door.knock().status_code == 401
    door.now += timedelta(seconds=1)
    assert door.knock().status_code == 302
    assert door.inside()


def test_the_lockout_is_a_policy(door: Door) -> None:
    value = {"failures": 3, "minutes": 60}
    policy_set(
        code="login.lockout",
        value=value,
        legal_basis="测试",
        valid_from=door.now.date(),
        now=door.now,
        by="system",
    )
    for _ in range(3):
        door.knock(password="Wrong-word-1")
    assert door.person().locked_until == door.now + timedelta(minutes=60)


@given(
    gaps=st.lists(st.integers(0, 20 * 60), max_size=40),
    failures=st.integers(1, 6),
    minutes=st.integers(1, 20),
)
def test_lockout_counts_as_a_naive_reading_does(gaps: list[int], failures: int, minutes: int) -> None:
    limits, state, now = Lockout(failures, minutes), Failures(), START
    window: list[datetime] = []
    locked: datetime | None = None
    for gap in gaps:
        now += timedelta(seconds=gap)
        state = state.one_more(now, limits)
        if locked is None or now >= locked:
            locked = None
            if window and now - window[0] >= limits.time:
                window = []
            window.append(now)
            if len(window) == failures:
                window, locked = [], now + limits.time
        assert state.locked(now) == (locked is not None)
        assert state.count == len(window) < failures


def test_a_password_that_must_be_changed_is_changed_before_anything_else(door: Door) -> None:
    door.change(must_change_password=True)
    assert door.knock(next="/search")["Location"] == "/account/password"
    assert not door.inside()
    assert LockingBackend().authenticate(None, username="wang", password=PASSWORD) is None
    weak = door.client.post("/account/password", {"password": "short1", "again": "short1"})
    assert weak.status_code == 422
    assert not door.inside()
    assert door.person().must_change_password
    response = door.client.post(
        "/account/password", {"password": "Crane-River-88", "again": "Crane-River-88"}
    )
    assert response["Location"] == "/search"
    assert door.inside()
    assert not door.person().must_change_password


def test_a_log_in_left_waiting_ends_after_five_minutes(door: Door) -> None:
    door.change(must_change_password=True)
    door.knock()
    door.now += timedelta(minutes=5)
    new = {"password": "Crane-River-88", "again": "Crane-River-88"}
    assert door.client.post("/account/password", new)["Location"] == "/login"
    assert door.person().must_change_password


@pytest.mark.parametrize(
    "password",
    [
        "Short-1a",
        "12345678901234",
        "onlyletterslong",
        "password1234",
        "wang",
        PASSWORD,
        "王建业王建业王建业12",
    ],
)
def test_a_weak_or_the_same_password_is_refused_and_nothing_changes(door: Door, password: str) -> None:
    door.knock()
    before = door.person().password
    given_ = {"old": PASSWORD, "password": password, "again": password}
    if password == "王建业王建业王建业12":
        door.change(username="王建业王建业王建业1")
    assert door.client.post("/account/password", given_).status_code in (401, 422)
    assert Person.objects.get(pk=int(door.client.session["_auth_user_id"])).password == before
    assert entries("password_set") == []


def test_a_wrong_old_password_counts_and_changes_nothing(door: Door) -> None:
    door.knock()
    before = door.person().password
    new = {"old": "Wrong-word-1", "password": "Crane-River-88", "again": "Crane-River-88"}
    assert door.client.post("/account/password", new).status_code == 422
    assert (door.person().password, door.person().failed_logins) == (before, 1)


def test_changing_the_password_ends_the_other_sessions(door: Door) -> None:
    door.knock()
    other = Client()
    other.post("/login", {"username": "wang", "password": PASSWORD})
    assert door.inside(other)
    new = {"old": PASSWORD, "password": "Crane-River-88", "again": "Crane-River-88"}
    assert door.client.post("/account/password", new)["Location"] == "/account"
    assert door.inside()
    assert not door.inside(other)


def test_a_session_ends_after_thirty_idle_minutes(door: Door) -> None:
    door.knock()
    door.now += timedelta(minutes=29)
    assert door.inside()
    door.now += timedelta(minutes=29)
    assert door.inside()
    door.now += timedelta(minutes=31)
    assert not door.inside()


@pytest.mark.parametrize(
    "username", ["", "x" * 61, "a\x00b", "'; drop table identity_person; --", "<script>"]
)
def test_strange_names_are_refused_without_a_person_changed(door: Door, username: str) -> None:
    before = list(Person.objects.order_by("pk").values())
    assert door.knock(username=username).status_code == 401
    assert list(Person.objects.order_by("pk").values()) == before


def test_a_hash_of_an_old_kind_is_renewed_at_log_in(door: Door, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert password_check(username="wang", password=PASSWORD, now=door.now) is not None
    assert door.person().password.startswith("scrypt$")
    assert password_check(username="wang", password=PASSWORD, now=door.now) is not None


OFFER = "Use English from now on"


def test_the_language_is_the_chosen_one_else_the_accounts_own_else_the_browsers(door: Door) -> None:
    english = {"accept-language": "en"}
    assert "Log in" in door.client.get("/login", headers=english).content.decode()
    door.knock()
    page = door.client.get("/account", headers=english).content.decode()
    assert "我的账号" in page, "the account's own"
    assert OFFER not in page
    door.client.post("/logout")
    door.client.post("/i18n/setlang/", {"language": "en", "next": "/login"})
    page = door.client.get(door.knock()["Location"], follow=True).content.decode()
    assert "This is the language you chose." in page
    assert OFFER in page
    assert "My account" in door.client.get("/account").content.decode(), "chosen on the page of the log-in"
    assert door.person().language == "zh-hans"
    door.client.post("/logout")
    assert "登录" in door.client.get("/login").content.decode(), "the next one may be somebody else"


def test_the_language_follows_the_person(door: Door) -> None:
    door.knock()
    door.client.cookies["django_language"] = "zh-hans"
    response = door.client.post("/account/language", {"language": "en"})
    assert response.cookies["django_language"].value == ""
    assert door.person().language == "en"
    assert "My account" in door.client.get("/account").content.decode()
    assert door.client.post("/account/language", {"language": "xx"}).status_code == 422
    assert door.person().language == "en"


def test_a_temporary_password_passes_the_rule_of_letters_and_digits() -> None:
    made: Callable[[], str] = password_temporary
    samples = [made() for _ in range(50)]
    assert all(len(p) == 14 and any(c.isdigit() for c in p) and any(c.isalpha() for c in p) for p in samples)
    assert len(set(samples)) == 50
