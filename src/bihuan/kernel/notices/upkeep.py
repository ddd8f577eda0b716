"""What administrators do to notices: their words, the webhooks' targets, sending again. Each is an entry of the register."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.notices.adapters import webhook
from bihuan.kernel.notices.adapters.message import Message, NotCarried
from bihuan.kernel.notices.defaults import LANGUAGES, TEXTS, default_text
from bihuan.kernel.notices.models import Notice, NoticeTemplate, TargetHold, WebhookTarget
from bihuan.kernel.notices.services import DEFER, WEBHOOK
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import clean_text

STREAM = "notice"
ADMINISTRATOR = "system_admin"
CHANNELS = ("", *(channel for channel in Notice.Channel.values if channel != "webhook"))
"""Words may be for one channel, or ("") for all that have none of their own."""
BRACES = re.compile(r"\{([^{}]*)\}")
ALL_EVENTS = "*"


def placeholders(code: str) -> list[str]:
    """What the words of a notice may name: what its own words name, for everything else about a case may be personal."""
    return list(dict.fromkeys(BRACES.findall(" ".join(TEXTS[code]))))


def words_check(*, code: str, subject: str, text: str) -> None:
    """Refusal when words name what is not there to be filled in, or leave out the number that everybody asks by."""
    known = placeholders(code)
    for name, words in (("subject", subject), ("text", text)):
        unknown = [found for found in BRACES.findall(words) if found not in known]
        if unknown:
            usable = " ".join(f"{{{one}}}" for one in known)
            message = _("这种通知没有这个占位:%(unknown)s。可用的:%(usable)s。")
            message %= {"unknown": unknown[0][:40], "usable": usable}
            raise Refusal("placeholder", message, field=name)
        if "{" in BRACES.sub("", words) or "}" in BRACES.sub("", words):
            raise Refusal("placeholder", _("花括号没有配对。"), field=name)
    if "{number}" not in text:
        raise Refusal("placeholder", _("内容里必须有 {number},收到的人凭编号查询。"), field="text")


def template_set(
    *, code: str, language: str, channel: str, subject: str, text: str, now: datetime, by: int | str
) -> None:
    """Set the words of a notice in a language, for one channel or ("") all. Refusal when they make no sense or are the same."""
    power_require(ADMINISTRATOR, by=by, now=now)
    _known(code, language, channel)
    subject = clean_text(subject, field="subject", max_length=120, min_length=1, multiline=False)
    text = clean_text(text, field="text", max_length=500, min_length=1)
    words_check(code=code, subject=subject, text=text)
    with kernel_writes():
        row, new = NoticeTemplate.objects.select_for_update().get_or_create(
            code=code, language=language, channel=channel, defaults={"subject": subject, "text": text}
        )
        before = (default_text(code, language) if not channel else None) if new else (row.subject, row.text)
        if before == (subject, text):
            raise Refusal("same", _("与现在的文字完全相同,没有要改的。"))
        row.subject, row.text = subject, text
        row.save()
        data = {"code": code, "language": language, "channel": channel, "subject": subject, "text": text}
        register_append(stream=STREAM, kind="template_set", at=now, by=by, data=data)


def template_reset(*, code: str, language: str, channel: str, now: datetime, by: int | str) -> None:
    """Let a notice say again what the product says, or what its words for all channels say."""
    power_require(ADMINISTRATOR, by=by, now=now)
    _known(code, language, channel)
    with kernel_writes():
        count, _rows = NoticeTemplate.objects.filter(code=code, language=language, channel=channel).delete()
        if not count:
            raise Refusal("same", _("这里没有改写过的文字。"))
        data = {"code": code, "language": language, "channel": channel}
        register_append(stream=STREAM, kind="template_reset", at=now, by=by, data=data)


def _known(code: str, language: str, channel: str) -> None:
    if code not in TEXTS or language not in LANGUAGES or channel not in CHANNELS:
        raise NotFound("template", _("没有这种通知。"), field="code")


def webhook_add(
    *, name: str, url: str, events: Sequence[str], now: datetime, by: int | str
) -> tuple[WebhookTarget, str]:
    """Add a target; returns it with its secret, which signs what is sent and is shown this once.

    Refusal when the address may never be reached (not https, inside the network) or the name is taken.
    """
    power_require(ADMINISTRATOR, by=by, now=now)
    name = clean_text(name, field="name", max_length=60, min_length=1, multiline=False)
    _address_check(url)
    if not events or not set(events) <= {ALL_EVENTS, *TEXTS}:
        raise Refusal("events", _("请选择要推送的事件。"), field="events")
    secret = secrets.token_urlsafe(32)
    wanted = [ALL_EVENTS] if ALL_EVENTS in events else sorted(set(events))
    with kernel_writes():
        try:
            with transaction.atomic():
                row = WebhookTarget.objects.create(name=name, url=url, secret=secret, events=wanted)
        except IntegrityError:
            raise Refusal("name", _("已有同名的推送地址。"), field="name") from None
        data = {"target": row.pk, "name": name, "url": url, "events": wanted}
        register_append(stream=STREAM, kind="webhook_added", at=now, by=by, data=data)
    return row, secret


def _address_check(url: str) -> None:
    if len(url) > 300:
        raise Refusal("too_long", _("地址不能超过 300 个字。"), field="url")
    try:
        webhook.address_checked(url)
    except NotCarried as failure:
        if failure.final:  # a host that cannot be found now may be there tomorrow
            message = _("这个地址不能用:%s。") % _(failure.why)
            raise Refusal("address", message, field="url") from failure


def webhook_hold(*, target: int, hold: bool, now: datetime, by: int | str) -> None:
    """Send nothing more to a target for now (`hold`), or go on; what waits for it meanwhile fails."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        row = _target(target)
        if row.active is not hold:
            raise Refusal("same", _("已经是这样了。"))
        row.active = not hold
        row.save(update_fields=["active"])
        if not hold:
            TargetHold.objects.filter(target=f"{WEBHOOK}{row.pk}").delete()
        kind = "webhook_held" if hold else "webhook_resumed"
        register_append(stream=STREAM, kind=kind, at=now, by=by, data={"target": row.pk, "name": row.name})


def webhook_remove(*, target: int, now: datetime, by: int | str) -> None:
    """Take a target away with its secret."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        row = _target(target)
        data = {"target": row.pk, "name": row.name}
        row.delete()
        TargetHold.objects.filter(target=f"{WEBHOOK}{data['target']}").delete()
        register_append(stream=STREAM, kind="webhook_removed", at=now, by=by, data=data)


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether the target took a test event, and if not, why."""

    arrived: bool
    why: str = ""


def webhook_test(*, target: int, now: datetime, by: int | str) -> Tested:
    """Send one event of the kind `test`, which is about no case, and say whether it arrived."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        row = _target(target)
    key = f"test:{row.pk}:{int(now.timestamp())}"
    message = Message(key, "", "", row.url, now, now, "test", row.secret, event={"number": ""})
    try:
        webhook.carry(message)
        tested = Tested(True)
    except NotCarried as failure:
        tested = Tested(False, failure.why)
    data = {"target": row.pk, "name": row.name, "arrived": tested.arrived, "why": tested.why}
    register_append(stream=STREAM, kind="webhook_tested", at=now, by=by, data=data)
    return tested


def _target(target: int) -> WebhookTarget:
    row = WebhookTarget.objects.select_for_update().filter(pk=target).first()
    if row is None:
        raise NotFound("target", _("没有这个推送地址。"), field="target")
    return row


def notice_again(*, notice: int, now: datetime, by: int | str) -> None:
    """Send a notice that has failed once more, with the same key; Refusal for one that has not failed."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes(), connection.cursor() as cursor:
        row = Notice.objects.select_for_update().filter(pk=notice).exclude(channel="in_app").first()
        if row is None:
            raise NotFound("notice", _("没有这条消息。"), field="notice")
        if row.status != Notice.Status.FAILED:
            raise Refusal("not_failed", _("只有失败的消息可以重新发送。"))
        row.status, row.attempts, row.next_attempt_at = Notice.Status.WAITING, 0, now
        row.save(update_fields=["status", "attempts", "next_attempt_at"])
        cursor.execute(DEFER, [row.pk])
        data = {"notice": row.pk, "channel": row.channel, "template": row.template}
        register_append(stream=STREAM, kind="notice_again", at=now, by=by, data=data)
