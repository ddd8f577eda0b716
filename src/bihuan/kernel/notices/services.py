"""Carrying notices out: at least once each, by key, without one target holding up another."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.adapters import sms_http, smtp, webhook
from bihuan.kernel.notices.adapters.message import Message, NotCarried
from bihuan.kernel.notices.defaults import DISCREET, default_text
from bihuan.kernel.notices.follow_codes import HIDDEN, follow_code
from bihuan.kernel.notices.models import Notice, NoticeTemplate, TargetHold, WebhookTarget
from bihuan.kernel.notices.recipients import recipient_of

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360))
BATCH = 1000
SAVED = ("status", "sent_at", "next_attempt_at", "error", "attempts", "text", "target")
ADAPTERS = {"sms": sms_http, "email": smtp, "webhook": webhook}
DEFER = """
    select procrastinate_defer_jobs_v1(array[row('notices', 'bihuan.kernel.notices.tasks.notices_send', 0,
    null, null,
        jsonb_build_object('ids', jsonb_build_array(%s::bigint)), null)::procrastinate_job_to_defer_v1])
"""
WEBHOOK = "webhook:"
PUT_ALONE = frozenset(("sealed",))
"""Events whose webhooks are put by whoever tells them: what goes to a machine holds more than what a person reads."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Carried:
    """What became of the notices of one run, as ids. `skipped`: somebody else has them, or they are not
    due."""

    sent: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)


def notices_send(*, ids: Iterable[int], now: datetime) -> Carried:
    """Carry out those of these notices that wait and are due by `now`, each in a transaction of its own.

    A notice is locked while it is carried; one that another sender has is passed over. A failure is tried
    again after
    1, 5, 15, 60 minutes and 6 hours, then the notice has failed. A target that is down is tried once a run.
    """
    carried, queue = Carried(), sorted(set(ids))
    down: dict[str, str] = {}
    wanted = _webhooks()
    while queue:
        id_ = queue.pop(0)
        became, more = _send(id_, now, wanted, down)
        getattr(carried, became).append(id_)
        queue += more
    return carried


def notices_due(*, now: datetime) -> Carried:
    """Carry out whatever waits and is due: those to be tried again, and those whose job was lost."""
    with kernel_writes():
        due = _due(now).order_by("next_attempt_at", "id").values_list("id", flat=True)
        ids = list(due[:BATCH])
    return notices_send(ids=ids, now=now)


def notice_put(
    *,
    channel: str,
    template: str,
    key: str,
    now: datetime,
    context: Mapping[str, Any],
    case: int | None = None,
    unit: int | None = None,
    person: int | None = None,
    party: int | None = None,
    target: str = "",
) -> int:
    """Put one notice into the outbox, with its job, in the present transaction. A key already known puts
    nothing (0)."""
    to = {"unit_id": unit, "person_id": person, "party_id": party, "target": target}
    values = _values(channel, template, now, context, case_id=case, **to)
    with kernel_writes(), connection.cursor() as cursor:
        notice, new = Notice.objects.get_or_create(key=key, defaults=values)
        if not new:
            return 0
        cursor.execute(DEFER, [notice.pk])
        return notice.pk


def notices_read(*, ids: Sequence[int] | None, units: Iterable[int], person: int, now: datetime) -> int:
    """Mark in-app notices of these units or this person as read: those named, or all. Returns how many
    were unread."""
    mine = Q(unit__in=list(units)) | Q(person=person)
    with kernel_writes():
        rows = Notice.objects.filter(mine, channel="in_app", read_at=None)
        return (rows if ids is None else rows.filter(pk__in=ids)).update(read_at=now)


def _values(
    channel: str, template: str, now: datetime, context: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    values = {"channel": channel, "template": template, "created_at": now, "next_attempt_at": now}
    return {**values, "context": dict(context), **more}


def _due(now: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now), status="waiting")


def _webhooks() -> list[WebhookTarget]:
    with kernel_writes():
        return list(WebhookTarget.objects.filter(active=True).order_by("id"))


def _send(
    id_: int, now: datetime, webhooks: Sequence[WebhookTarget], down: dict[str, str]
) -> tuple[str, list[int]]:
    """One notice in one transaction: what became of it, and the webhooks that follow from it."""
    with kernel_writes():
        notice = _due(now).select_for_update(skip_locked=True, of=("self",)).filter(pk=id_).first()
        if notice is None:
            return "skipped", []
        more = _webhooks_put(notice, webhooks, now)
        if notice.channel == "in_app":
            _sent(notice, now)
            notice.save(update_fields=SAVED)
            return "sent", more
        target = _target(notice)
        hold = TargetHold.objects.filter(target=target, until__gt=now).first()
        if hold is not None and target not in down:
            notice.next_attempt_at = hold.until
            notice.save(update_fields=["next_attempt_at"])
            return "waiting", more
        try:
            if target in down:
                raise NotCarried(down[target], down=True)
            _carry(notice, now)
        except NotCarried as failure:
            _failed(notice, failure, target, now, tried=target not in down)
            if failure.down:
                down[target] = failure.why
        else:
            _sent(notice, now)
            TargetHold.objects.filter(target=target).delete()
        notice.save(update_fields=SAVED)
        return notice.status, more


def _sent(notice: Notice, now: datetime) -> None:
    notice.status, notice.sent_at, notice.next_attempt_at, notice.error = "sent", now, None, ""
    notice.attempts += 1


def _carry(notice: Notice, now: datetime) -> None:
    """Render and carry one notice; NotCarried whatever goes wrong, so that a notice can spoil no other."""
    code = _code(notice)
    message = _message(notice, now, code)
    notice.text = message.text.replace(code, HIDDEN) if code else message.text
    try:
        shown = ADAPTERS[notice.channel].carry(message)
    except NotCarried:
        raise
    except Exception as error:
        log.exception("notice %s was not carried", notice.pk)
        raise NotCarried(type(error).__name__) from error
    if notice.channel != "webhook":
        notice.target = "***" if notice.party and notice.party.confidential else shown


def _failed(notice: Notice, failure: NotCarried, target: str, now: datetime, *, tried: bool) -> None:
    notice.attempts += 1
    notice.error = failure.why[:300]
    if failure.final or notice.attempts > len(BACK_OFF):
        notice.status, notice.next_attempt_at = "failed", None
    else:
        notice.next_attempt_at = now + BACK_OFF[notice.attempts - 1]
    if failure.down and tried:
        until = _hold(target, now)
        if notice.next_attempt_at and notice.next_attempt_at < until:
            notice.next_attempt_at = until


def _hold(target: str, now: datetime) -> datetime:
    """Let nothing go to a target for a while, longer each time."""
    hold, new = TargetHold.objects.select_for_update().get_or_create(target=target, defaults={"until": now})
    failures = 1 if new else min(hold.failures + 1, len(BACK_OFF))
    hold.failures, hold.until = failures, now + BACK_OFF[failures - 1]
    hold.save()
    return hold.until


def _target(notice: Notice) -> str:
    """What works or fails as one: a webhook's address, the gateway of text messages, the mail server."""
    return notice.target if notice.channel == "webhook" else notice.channel


def _webhooks_put(notice: Notice, webhooks: Sequence[WebhookTarget], now: datetime) -> list[int]:
    """A notice of its own for every webhook that wants this event; ids of those that are new."""
    if notice.channel == "webhook" or notice.attempts or notice.template in PUT_ALONE:
        return []
    wanting = [w for w in webhooks if "*" in w.events or notice.template in w.events]
    keys = [f"{notice.key[:90]}:{WEBHOOK}{w.pk}" for w in wanting]
    known = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
    values = _values("webhook", notice.template, now, notice.context)
    rows = [
        Notice(key=key, target=f"{WEBHOOK}{w.pk}", case_id=notice.case_id, **values)
        for w, key in zip(wanting, keys, strict=True)
        if key not in known
    ]
    return [row.pk for row in Notice.objects.bulk_create(rows)]


def _code(notice: Notice) -> str:
    """The code that opens what the notice is about: never kept with it."""
    if found := recipient_of(notice.target):
        return found[1]
    return follow_code(notice.case_id) if notice.case_id else ""


def _message(notice: Notice, now: datetime, code: str) -> Message:
    party, person = notice.party, notice.person
    context = {**notice.context, **({"code": code} if notice.channel == "sms" and code else {})}
    discreet = notice.channel == "sms" and party is not None and party.confidential
    subject, text = notice_words(
        template=DISCREET if discreet else notice.template,
        channel=notice.channel,
        language=person.language if person else settings.LANGUAGE_CODE,
        context=context,
    )
    to, secret = _address(notice, person)
    return Message(
        notice.key, subject, text, to, now, notice.created_at, notice.template, secret, event=notice.context
    )


def _address(notice: Notice, person: Person | None) -> tuple[str, str]:
    if notice.channel == "webhook":
        found = WebhookTarget.objects.filter(pk=int(notice.target.removeprefix(WEBHOOK)), active=True).first()
        if found is None:
            raise NotCarried("推送地址已停用", final=True)
        return found.url, found.secret
    if found := recipient_of(notice.target):
        return found[0], ""
    if notice.channel == "sms":
        return (notice.party.phone if notice.party else person.phone if person else ""), ""
    return (person.email if person and notice.channel == "email" else ""), ""


Words = Mapping[tuple[str, str], tuple[str, str]]
"""Subject and text by template and channel ("": of every channel)."""


def words_stored(*, templates: Iterable[str], language: str) -> Words:
    """The words that officials gave these templates."""
    rows = NoticeTemplate.objects.filter(code__in=set(templates), language=language)
    return {(row.code, row.channel): (row.subject, row.text) for row in rows}


def notice_words(
    *, template: str, channel: str, language: str, context: Mapping[str, Any], stored: Words | None = None
) -> tuple[str, str]:
    """(subject, text) of a notice: the stored template of this channel, else of all channels, else the default.

    `stored` saves reading them again for many. NotCarried (final) when there are no such words.
    """
    known = words_stored(templates=[template], language=language) if stored is None else stored
    words = known.get((template, channel)) or known.get((template, "")) or default_text(template, language)
    if words is None:
        raise NotCarried(f"没有“{template}”的通知文字", final=True)
    return _filled(words[0], context), _filled(words[1], context)


def _filled(words: str, context: Mapping[str, Any]) -> str:
    """Only names of the context are filled in, and only as plain text: a template is data, not code."""
    for name, value in context.items():
        words = words.replace("{" + name + "}", str(value))
    return words
