"""Seals go elsewhere by themselves: once each to a webhook, once a day to the auditor, as a file that is checked afterwards."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.checking import seals_check
from bihuan.kernel.ledger.sealing import seals_take
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.notices.seals import seals_tell
from bihuan.kernel.notices.services import notices_due
from tests.kernel.gateway import MINUTE, Gateway, gateway, hook  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def elsewhere(settings: Any, tmp_path: Path) -> None:
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    settings.EMAIL_HOST = "mail.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def _sealed(now: datetime) -> None:
    register_append(stream="model", kind="noted", at=now, by="system", data={"at": now})
    assert len(seals_take(now=now)) == 1


def _auditor(email: str = "audit@example.cn") -> None:
    with kernel_writes():
        assert Person.objects.filter(username="audit").update(email=email) == 1


def test_each_seal_goes_once_to_the_webhook_and_fits_the_database(gateway: Gateway, now: datetime) -> None:
    hook(gateway, "sealed", path="/seals")
    hook(gateway, "redo", path="/other")
    for hour in range(2):
        _sealed(now + timedelta(hours=hour))
        assert [seals_tell(now=now + timedelta(hours=hour, minutes=5)) for _ in range(2)] == [1, 0]
        notices_due(now=now + timedelta(hours=hour, minutes=6))
    assert [where for where, _, _ in gateway.got] == ["/seals", "/seals"]
    events = [json.loads(body) for _, _, body in gateway.got]
    assert [(one["type"], one["subject"], one["data"]["number"]) for one in events] == [
        ("bihuan.ledger.sealed", "1", "1"), ("bihuan.ledger.sealed", "2", "2"),
    ]  # fmt: skip
    _, headers, body = gateway.got[0]
    time, sign = (part.split("=")[1] for part in headers["bihuan-signature"].split(","))
    assert sign == hmac.new(b"s3cret", time.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert all(one["data"]["root"] == json.loads(one["data"]["seal"]["body"])["root"] for one in events)
    files = [one["data"] for one in events]
    assert seals_check(files) == []
    changed = files[1]["seal"]["body"].replace('"number":2', '"number":3')
    assert seals_check([files[0], {**files[1], "seal": {**files[1]["seal"], "body": changed}}]) != []


def test_a_receiver_that_was_down_gets_it_later(gateway: Gateway, now: datetime) -> None:
    hook(gateway, "sealed")
    _sealed(now)
    seals_tell(now=now)
    gateway.statuses = [503]
    assert len(notices_due(now=now).waiting) == 1
    assert len(notices_due(now=now + 2 * MINUTE).sent) == 1
    assert len(gateway.got) == 2 and gateway.keys[0] == gateway.keys[1]


def test_the_auditor_is_written_to_once_a_day(now: datetime, gateway: Gateway) -> None:
    hook(gateway, "redo")
    _auditor()
    for hour in (0, 1, 24):
        _sealed(now + timedelta(hours=hour))
        seals_tell(now=now + timedelta(hours=hour))
        notices_due(now=now + timedelta(hours=hour))
    assert [one.to for one in mail.outbox] == [["audit@example.cn"]] * 2 and gateway.got == []
    letter = mail.outbox[0]
    assert letter.subject == "账本封印" and letter.body.startswith("账本第 1 号封印,2026-03-02T")
    file = json.loads(letter.body.partition("\n\n")[2])
    assert json.loads(file["seal"]["body"])["number"] == 1 and seals_check([file]) == []


def test_whoever_has_no_address_and_whoever_is_no_auditor_gets_none(now: datetime) -> None:
    with kernel_writes():
        Person.objects.filter(username="admin").update(email="it@example.cn")
    assert seals_tell(now=now) == 0  # nothing is sealed yet
    _sealed(now)
    assert seals_tell(now=now) == 0
    with kernel_writes():
        assert Notice.objects.filter(template="sealed").count() == 0


def test_the_command_tells_at_once(now: datetime) -> None:
    _auditor()
    register_append(stream="model", kind="noted", at=now, by="system", data={"at": now})
    out = StringIO()
    call_command("seal", "take", stdout=out)
    assert out.getvalue() == "1 seals taken.\n1 notices put: to be kept elsewhere.\n"
