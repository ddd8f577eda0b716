"""The door of the site: clients that log in at a moment the test sets."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes

PASSWORD = "Heron-Lake-27"


@pytest.fixture
def door(db: None, now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Door:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with kernel_writes():
        Person.objects.filter(username__in=["wang", "qian"]).update(password=make_password(PASSWORD))
    return Door(now, monkeypatch)


class Door:
    """Clients at a moment that the test sets, and what the ledger says of log-ins."""

    def __init__(self, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.client = now, Client()
        monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: self.now)

    def knock(self, username: str = "wang", password: str = PASSWORD, **more: Any) -> Any:
        return self.client.post("/login", {"username": username, "password": password, **more})

    def person(self, username: str = "wang") -> Person:
        return Person.objects.get(username=username)

    def change(self, **values: Any) -> None:
        with kernel_writes():
            Person.objects.filter(username="wang").update(**values)

    def inside(self, client: Client | None = None) -> bool:
        return (client or self.client).get("/account").status_code == 200


def entries(kind: str) -> list[dict[str, Any]]:
    with kernel_writes():
        found = LedgerEntry.objects.filter(stream="identity", kind=kind).order_by("seq")
        return [json.loads(bytes(row.body)) for row in found]
