"""The outbox sends at least once, by key, and one target never holds up another."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices import services
from bihuan.kernel.notices.models import Notice, TargetHold
from bihuan.kernel.notices.services import BACK_OFF, notice_put, notices_due, notices_send
from tests.kernel.gateway import MINUTE, PHONE, Gateway, again, declined, gateway, hook, ids  # noqa: F401


@pytest.mark.django_db
def test_failures_back_off_and_then_fail(ids: dict[str, int], now: datetime, gateway: Gateway) -> None:
    _, notice = declined(ids, now)
    gateway.statuses = [503] * 6
    at = now
    for attempt, wait in enumerate(BACK_OFF, start=1):
        assert notices_due(now=at).waiting == [notice.pk]
        kept = again(notice)
        assert (kept.attempts, kept.next_attempt_at, kept.error) == (attempt, at + wait, "HTTP 503")
        assert notice.pk not in notices_due(now=at + wait - timedelta(seconds=1)).sent
        assert len(gateway.got) == attempt
        at += wait
    assert [wait / MINUTE for wait in BACK_OFF] == [1, 5, 15, 60, 360]
    assert notices_due(now=at).failed == [notice.pk]
    assert (again(notice).status, again(notice).attempts) == ("failed", 6)
    assert gateway.keys == [notice.key] * 6
    assert notices_due(now=at + timedelta(days=9)).sent == [] and len(gateway.got) == 6


@pytest.mark.django_db
def test_failures_and_then_success(ids: dict[str, int], now: datetime, gateway: Gateway) -> None:
    _, notice = declined(ids, now)
    gateway.statuses = [500, 429]
    notices_send(ids=[notice.pk], now=now)
    notices_due(now=now + MINUTE)
    assert notices_due(now=now + 6 * MINUTE).sent == [notice.pk]
    kept = again(notice)
    assert (kept.status, kept.attempts, kept.error) == ("sent", 3, "")
    assert gateway.keys == [notice.key] * 3
    with kernel_writes():
        assert TargetHold.objects.count() == 0


@pytest.mark.django_db
def test_a_gateway_that_says_no_with_200(
    ids: dict[str, int], now: datetime, gateway: Gateway, settings: Any
) -> None:
    settings.SMS_GATEWAY = json.dumps({**json.loads(settings.SMS_GATEWAY), "ok": {"code": 0}, "form": True})
    gateway.answer = b'{"code": 7}'
    _, notice = declined(ids, now)
    assert notices_send(ids=[notice.pk], now=now).waiting == [notice.pk]
    assert again(notice).error == "短信网关没有接受"
    gateway.answer = b'{"code": 0}'
    assert notices_due(now=now + MINUTE).sent == [notice.pk]
    assert gateway.got[1][2].startswith(b"mobile=19900000001&content=")


@pytest.mark.django_db
def test_one_target_down_holds_up_no_other(ids: dict[str, int], now: datetime, gateway: Gateway) -> None:
    """Of 3 messages to a gateway that is down one is tried; the webhooks in between arrive."""
    hook(gateway, "declined")
    notices = [declined(ids, now)[1] for _ in range(3)]
    gateway.statuses = [503]
    carried = notices_send(ids=[n.pk for n in notices], now=now)
    assert carried.waiting == [n.pk for n in notices]
    assert [where for where, _, _ in gateway.got] == ["/sms", "/hook", "/hook", "/hook"]
    assert [again(n).attempts for n in notices] == [1, 1, 1]
    later = declined(ids, now + MINUTE / 2)[1]  # a new one waits with the target, uncounted
    assert notices_send(ids=[later.pk], now=now + MINUTE / 2).waiting == [later.pk]
    assert (again(later).attempts, again(later).next_attempt_at) == (0, now + MINUTE)
    assert set(notices_due(now=now + MINUTE).sent) >= {*(n.pk for n in notices), later.pk}


@pytest.mark.django_db
def test_a_message_that_is_refused_does_not_hold_its_target(
    ids: dict[str, int], now: datetime, gateway: Gateway
) -> None:
    first, second = declined(ids, now)[1], declined(ids, now)[1]
    gateway.statuses = [400]
    carried = notices_send(ids=[first.pk, second.pk], now=now)
    assert (carried.waiting, carried.sent) == ([first.pk], [second.pk])


@pytest.mark.django_db
def test_a_sender_killed_between_sending_and_commit_sends_again_by_the_same_key(
    ids: dict[str, int], now: datetime, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, notice = declined(ids, now)

    class Killed(BaseException):
        pass

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(services, "_sent", killed)
        notices_send(ids=[notice.pk], now=now)
    kept = again(notice)
    assert (kept.status, kept.attempts, kept.text) == ("waiting", 0, "")
    assert notices_due(now=now + MINUTE).sent == [notice.pk]
    assert gateway.keys == [notice.key] * 2


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any, now: datetime) -> Iterator[list[int]]:
    """Three notices that other connections see; taken away at the end."""
    with django_db_blocker.unblock():
        person = Person.objects.get(username="wang").pk
        with kernel_writes():
            Person.objects.filter(pk=person).update(phone=PHONE)
        put = {
            "channel": "sms",
            "template": "mentioned",
            "now": now,
            "context": {"number": "N1"},
            "person": person,
        }
        found = [notice_put(key=f"together-{i}", **put) for i in range(3)]
        yield found
        with kernel_writes():
            Notice.objects.filter(pk__in=found).delete()
            Person.objects.filter(pk=person).update(phone="")
            with connection.cursor() as cursor:
                cursor.execute(
                    "delete from procrastinate_jobs where args::text ~ %s",
                    [rf"\[({'|'.join(map(str, found))})\]"],
                )


def test_two_senders_at_once_send_each_once(committed: list[int], now: datetime, gateway: Gateway) -> None:
    gateway.gate = threading.Event()
    results: dict[str, services.Carried] = {}

    def send(name: str) -> None:
        try:
            results[name] = notices_send(ids=committed, now=now)
        finally:
            connections.close_all()

    first = threading.Thread(target=send, args=("first",))
    first.start()
    assert gateway.arrived.wait(10)  # the first sender holds its first notice
    second = threading.Thread(target=send, args=("second",))
    second.start()
    for _ in range(500):
        if len(gateway.got) == 2:
            break
        threading.Event().wait(0.01)
    gateway.gate.set()
    first.join(20)
    second.join(20)
    assert sorted(gateway.keys) == ["together-0", "together-1", "together-2"]
    assert sorted(results["first"].sent + results["second"].sent) == committed
    assert committed[0] in results["second"].skipped and committed[0] in results["first"].sent
