"""Reading notices: row-level security decides which, these put them in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.notices.adapters.message import NotCarried
from bihuan.kernel.notices.follow_codes import HIDDEN
from bihuan.kernel.notices.models import Notice, WebhookTarget
from bihuan.kernel.notices.services import WEBHOOK, Words, notice_words, words_stored


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice with its words in the reader's language."""

    notice: Notice
    subject: str
    text: str


def notices_mine(*, scope: Scope) -> QuerySet[Notice]:
    """In-app notices of the units that the person works in, and the person's own; unread first, then the
    latest."""
    units = {held.unit for held in scope.held}
    mine = Notice.objects.filter(Q(unit__in=units) | Q(person=scope.person), channel="in_app")
    return mine.order_by(F("read_at").desc(nulls_first=True), "-created_at", "-id")


def notices_of(ids: Sequence[int]) -> list[Notice]:
    """These notices with their cases and units, in this order."""
    found = Notice.objects.select_related("case", "unit").in_bulk(ids)
    return [found[id_] for id_ in ids if id_ in found]


def notices_unread_count(*, scope: Scope, most: int = 100) -> int:
    """How many of those are unread, at most `most` (then the menu says "99+")."""
    return len(notices_mine(scope=scope).filter(read_at=None).order_by().values_list("id")[:most])


def notices_carried(*, chosen: Mapping[str, str]) -> QuerySet[Notice]:
    """Everything that went or should have gone out of the product, the latest first; `chosen` by channel, status, template."""
    wanted = {name: chosen[name] for name in ("channel", "status", "template") if chosen.get(name)}
    return Notice.objects.exclude(channel="in_app").filter(**wanted).order_by("-id").select_related("case")


def notices_pushed(*, target: str, most: int) -> list[Notice]:
    """The latest events for one webhook target, sent or not."""
    return list(Notice.objects.filter(channel="webhook", target=target).order_by("-id")[:most])


def targets_named(targets: Iterable[str]) -> dict[str, str]:
    """The names of those of these targets of notices that are webhooks; read as the kernel, who alone sees them."""
    ids = [int(one.removeprefix(WEBHOOK)) for one in targets if one.startswith(WEBHOOK)]
    return {
        f"{WEBHOOK}{pk}": name
        for pk, name in WebhookTarget.objects.filter(pk__in=ids).values_list("pk", "name")
    }


def notices_worded(notices: Sequence[Notice], *, language: str) -> list[Shown]:
    """With their words."""
    stored = words_stored(templates=[notice.template for notice in notices], language=language)
    return [_worded(notice, language, stored) for notice in notices]


def _worded(notice: Notice, language: str, stored: Words) -> Shown:
    try:
        subject, text = notice_words(
            template=notice.template,
            channel=notice.channel,
            language=language,
            context={**notice.context, "code": HIDDEN},
            stored=stored,
        )
    except NotCarried:
        subject, text = notice.template, ""
    return Shown(notice, subject, text)
