"""Notices: their words, where they go and what they hold; nothing personal goes out."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sys
import types
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import RequestFactory
from django.urls import include, path

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices import views
from bihuan.kernel.notices.adapters import webhook
from bihuan.kernel.notices.adapters.message import Message, NotCarried
from bihuan.kernel.notices.defaults import TEXTS, default_text, templates_missing
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.notices.models import Notice, NoticeTemplate
from bihuan.kernel.notices.services import notice_put, notices_due, notices_read, notices_send
from bihuan.kernel.pack import workflows
from bihuan.site.middleware import RequestScope
from tests.kernel.gateway import MINUTE, PHONE, Gateway, again, declined, gateway, hook, ids, opened  # noqa: F401


def test_every_notice_of_every_pack_has_words() -> None:
    codes = {
        effect.what
        for workflow in workflows().values()
        for effects in (
            *(s.does for s in workflow.steps),
            workflow.opening,
            workflow.joint.opening if workflow.joint else (),
        )
        for effect in effects
        if effect.verb == "notify"
    }
    assert "dispatched" in codes and len(codes) >= 20
    assert templates_missing(codes | {"warning", "breach", "merged", "mentioned"}) == []
    assert templates_missing({"nonsense"}) == [("nonsense", "zh-hans"), ("nonsense", "en")]


def test_words_hold_only_the_number() -> None:
    for code, words in TEXTS.items():
        for text in words:
            if code == "sealed":  # about the ledger, not about a case
                assert re.findall("{(.*?)}", text) in ([], ["number", "at", "entries", "root", "key", "file"])
            else:
                more = {
                    "booking": ("{when}", "{where}"),
                    "ticket": ("{count}",),
                    "deferred": ("{due}",),
                }  # whose is in none of them
                plain = text
                for name in ("{number}", "{code}", *more.get(code.partition("_")[0], ())):
                    plain = plain.replace(name, "")
                assert plain.count("{") == 0, code
    assert default_text("breach", "en") == ("Overdue", "{number} is past its time limit.")
    assert default_text("breach", "fr") == ("已超期", "{number} 已超过办理期限。")


@pytest.mark.django_db
def test_the_job_that_a_move_leaves_is_ours(ids: dict[str, int], now: datetime) -> None:
    from procrastinate.contrib.django import app

    _, notice = declined(ids, now)
    with connection.cursor() as cursor:
        cursor.execute("select task_name, queue_name, args from procrastinate_jobs order by id desc limit 1")
        name, queue, args = cursor.fetchone()
    args = json.loads(args) if isinstance(args, str) else args
    assert (name, queue) == ("bihuan.kernel.notices.tasks.notices_send", "notices")
    assert notice.pk in args["ids"]
    assert app.tasks[name].queue == "notices"
    assert "bihuan.kernel.notices.tasks.notices_due" in app.tasks


@pytest.mark.django_db
def test_a_text_message_tells_the_number_and_nothing_personal(
    ids: dict[str, int], now: datetime, gateway: Gateway
) -> None:
    case, notice = declined(ids, now)
    assert (notice.status, notice.target, notice.text) == ("waiting", "", "")
    carried = notices_send(ids=[notice.pk], now=now)
    assert carried.sent == [notice.pk]
    ((where, headers, body),) = gateway.got
    sent = json.loads(body)
    assert where == "/sms" and headers["x-app"] == "demo"
    assert headers["idempotency-key"] == notice.key
    assert sent == {
        "mobile": PHONE,
        "content": f"您反映的事项(编号 {case.number})不在受理范围,理由和办理途径可凭编号和查询码 {follow_code(notice.case_id)} 查询。",
    }
    kept = again(notice)
    assert "查询码 ****-**** 查询" in kept.text and follow_code(notice.case_id) not in kept.text
    assert (kept.status, kept.attempts, kept.sent_at, kept.error) == ("sent", 1, now, "")
    assert kept.target == "199****0001" and PHONE not in kept.text


@pytest.mark.django_db
def test_a_confidential_reporter_gets_only_the_discreet_words(
    ids: dict[str, int], now: datetime, gateway: Gateway
) -> None:
    case, notice = declined(ids, now, confidential=True)
    notices_send(ids=[notice.pk], now=now)
    assert json.loads(gateway.got[0][2])["content"] == f"编号 {case.number} 有新的进展,可凭编号查询。"
    assert again(notice).target == "***"


@pytest.mark.django_db
def test_an_anonymous_reporter_gets_nothing(ids: dict[str, int], now: datetime, gateway: Gateway) -> None:
    _, notice = declined(ids, now, phone="")
    assert notices_send(ids=[notice.pk], now=now).failed == [notice.pk]
    kept = again(notice)
    assert (kept.status, kept.attempts, kept.next_attempt_at, kept.error) == (
        "failed",
        1,
        None,
        "没有可用的号码",
    )
    assert gateway.got == []


@pytest.mark.django_db
def test_without_a_gateway_the_message_is_only_kept(
    ids: dict[str, int], now: datetime, settings: Any
) -> None:
    settings.SMS_GATEWAY = ""
    case, notice = declined(ids, now)
    assert notices_send(ids=[notice.pk], now=now).sent == [notice.pk]
    assert case.number in again(notice).text


@pytest.mark.django_db
def test_a_webhook_is_a_signed_cloud_event(
    ids: dict[str, int], now: datetime, gateway: Gateway, settings: Any
) -> None:
    settings.SMS_GATEWAY = ""
    hook(gateway, "declined", path="/wanted?x=1")
    hook(gateway, "redo", path="/other")
    case, notice = declined(ids, now)
    notices_send(ids=[notice.pk], now=now)
    ((where, headers, body),) = gateway.got
    event = json.loads(body)
    assert where == "/wanted?x=1"
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert {k: event[k] for k in ("specversion", "source", "type", "subject", "datacontenttype")} == {
        "specversion": "1.0",
        "source": "/bihuan/371502",
        "type": "bihuan.case.declined",
        "subject": case.number,
        "datacontenttype": "application/json",
    }
    assert datetime.fromisoformat(event["time"]) == now
    assert event["id"] == headers["idempotency-key"] and event["id"].startswith(notice.key)
    assert event["data"] == notice.context and set(event["data"]) == {"number", "state"}  # nothing personal
    time, sign = (part.split("=")[1] for part in headers["bihuan-signature"].split(","))
    expected = hmac.new(b"s3cret", time.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert (int(time), sign) == (int(now.timestamp()), expected)
    notices_due(now=now + MINUTE)
    assert len(gateway.got) == 1


@pytest.mark.django_db
def test_a_redirect_is_not_followed(
    ids: dict[str, int], now: datetime, gateway: Gateway, settings: Any
) -> None:
    settings.SMS_GATEWAY = ""
    hook(gateway, "*")
    _, notice = declined(ids, now)
    gateway.statuses = [302]
    carried = notices_send(ids=[notice.pk], now=now)
    assert len(carried.waiting) == 1 and len(gateway.got) == 1
    with kernel_writes():
        assert Notice.objects.get(pk=carried.waiting[0]).error == "HTTP 302"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/x", "只能用 https"),
        ("ftp://127.0.0.1/x", "只能用 https"),
        ("https://127.0.0.1/x", "地址在内部网络,不允许"),
        ("http://localhost:5432/", "地址在内部网络,不允许"),
        ("https://10.0.0.8/x", "地址在内部网络,不允许"),
        ("https://169.254.169.254/latest/meta-data", "地址在内部网络,不允许"),
        ("https://[::ffff:192.168.1.1]/x", "地址在内部网络,不允许"),
        ("https://[fd00::1]/x", "地址在内部网络,不允许"),
        ("https://0.0.0.0/x", "地址在内部网络,不允许"),
        ("https://2130706433/x", "地址在内部网络,不允许"),
        ("https://[bad/x", "地址无效"),
    ],
)
def test_addresses_inside_are_refused(url: str, why: str, now: datetime) -> None:
    with pytest.raises(NotCarried) as refused:
        webhook.carry(Message("k", "", "", url, now, now))
    assert (refused.value.why, refused.value.final) == (why, True)


@pytest.mark.django_db
def test_mail_carries_the_key(ids: dict[str, int], now: datetime, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.invalid"
    with kernel_writes():
        Person.objects.filter(pk=ids["wang"]).update(email="wang@example.org", language="en")
    put = {
        "channel": "email",
        "template": "mentioned",
        "now": now,
        "context": {"number": "N1"},
        "person": ids["wang"],
    }
    id_ = notice_put(key="mail-1", **put)
    assert notice_put(key="mail-1", **put) == 0
    assert notices_send(ids=[id_], now=now).sent == [id_]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["wang@example.org"], "You were mentioned")
    assert letter.body == "You were mentioned in the record of N1."
    assert letter.extra_headers["Idempotency-Key"] == "mail-1"
    with kernel_writes():
        assert Notice.objects.get(pk=id_).target == "w***@example.org"


@pytest.mark.django_db
def test_stored_words_come_before_the_defaults_and_are_no_code(
    ids: dict[str, int], now: datetime, settings: Any
) -> None:
    settings.SMS_GATEWAY = ""
    with kernel_writes():
        NoticeTemplate.objects.create(code="declined", language="zh-hans", channel="", text="全部 {number}")
        NoticeTemplate.objects.create(
            code="declined", language="zh-hans", channel="sms", text="{number}|{number.__class__}|{unknown}"
        )
    case, notice = declined(ids, now)
    notices_send(ids=[notice.pk], now=now)
    assert again(notice).text == f"{case.number}|{{number.__class__}}|{{unknown}}"


def asked(
    method: str, person: Person | int, now: datetime, view: Any, data: dict[str, Any] | None = None
) -> Any:
    """The answer of a view within the scope of a person."""
    request = getattr(RequestFactory(), method)("/notices", data or {})
    request.user = person if isinstance(person, Person) else Person.objects.get(pk=person)
    return RequestScope(view)(request)


@pytest.fixture
def screens(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("notice_urls")
    module.urlpatterns = [  # type: ignore[attr-defined]
        path("", include("bihuan.kernel.notices.urls")),
        path("cases/<str:number>", views.notices, name="case"),
    ]
    monkeypatch.setitem(sys.modules, "notice_urls", module)
    settings.ROOT_URLCONF = "notice_urls"
    base = "<title>{% block title %}{% endblock %}</title>{% block content %}{% endblock %}"
    loaders = [
        ("django.template.loaders.locmem.Loader", {"desk/base.html": base}),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": loaders}}
    ]


@pytest.mark.django_db
def test_a_unit_reads_its_notices_and_nobody_elses(ids: dict[str, int], now: datetime, screens: None) -> None:
    case = opened(ids, now)
    case_move(case_id=case.case, step="dispatch", by=ids["li"], now=now, data={"unit": ids["371502_market"]})
    with kernel_writes():
        notice = Notice.objects.get(case_id=case.case, channel="in_app")
    assert notices_send(ids=[notice.pk], now=now).sent == [notice.pk]
    text = f"{case.number} 已派到本单位,请及时签收。"
    page = asked("get", ids["wang"], now, views.notices).content.decode()
    assert text in page and f"/cases/{case.number}" in page and page.count("未读") == 1
    assert case.number not in asked("get", ids["qian"], now, views.notices).content.decode()
    assert asked("post", ids["qian"], now, views.read, {"id": notice.pk}).status_code == 302
    assert again(notice).read_at is None
    assert asked("post", ids["wang"], now, views.read, {"id": notice.pk}).status_code == 302
    assert again(notice).read_at is not None
    page = asked("get", ids["chen"], now, views.notices).content.decode()
    assert text in page and "未读" not in page
    assert notices_read(ids=None, units=[ids["371502_market"]], person=ids["wang"], now=now) == 0
