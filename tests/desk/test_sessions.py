"""A session ends half an hour after its last use, to the minute, and a page does not write it each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import City

As = Callable[..., Client]


@pytest.mark.parametrize(
    ("seconds", "ends", "cookie"), [(59, 30 * 60, False), (60, 31 * 60, True), (29 * 60, 59 * 60, True)]
)
def test_the_page_after_so_many_seconds_prolongs_a_session(
    city: City, as_: As, monkeypatch: pytest.MonkeyPatch, seconds: int, ends: int, cookie: bool
) -> None:
    wang, begun = as_("wang"), timezone.now()
    at(monkeypatch, begun + timedelta(seconds=seconds))
    page = wang.get("/notices")
    assert page.status_code == 200
    assert Session.objects.get().expire_date - begun == timedelta(seconds=ends)
    assert ("sessionid" in page.cookies) is cookie


def test_a_session_that_ended_is_nobody(city: City, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    wang, begun = as_("wang"), timezone.now()
    at(monkeypatch, begun + timedelta(seconds=59))
    assert wang.get("/notices").status_code == 200
    at(monkeypatch, begun + timedelta(minutes=30))
    assert wang.get("/notices")["Location"] == "/login?next=/notices"


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: moment)
