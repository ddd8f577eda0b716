"""How long the words of messages are kept; ids, places and digests stay, so that what passed can still be verified."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.retention import case_held, keep_days
from bihuan.kernel.exchange.models import Message, TurnedAway
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Due, Kept

MESSAGE_DAYS, DOOR_DAYS = 30, 90


def exchange_kept(now: datetime) -> Sequence[Kept]:
    """Messages that are done with (policy `exchange_days`), and the counts of what was turned away."""
    days = keep_days("exchange_days", now, MESSAGE_DAYS) or MESSAGE_DAYS
    return (
        Kept("exchange.messages", _("与别的中心交换的消息内容"), days,
             lambda at: _messages_due(days, at), lambda at, most: _messages_erase(days, at, most)),
        Kept("exchange.turned_away", _("拒收消息的次数"), DOOR_DAYS, _doors_due, _doors_erase),
    )  # fmt: skip


def _messages(days: int, now: datetime) -> QuerySet[Message]:
    """What was settled that long ago, and what was refused then and nobody sends again: its case, if any, has ended."""
    ended = (
        Q(status="settled") | Q(status="refused", case=None) | Q(status="refused", case__closed_at__lt=now)
    )
    return Message.objects.filter(ended, settled_at__lt=now - timedelta(days=days)).exclude(body="")


def _held() -> Q:
    return Q(case__in=Case.objects.filter(case_held()).values("pk"))


def _messages_due(days: int, now: datetime) -> Due:
    with kernel_writes():
        found = _messages(days, now)
        free = found.exclude(_held())
        oldest = free.aggregate(oldest=Min("settled_at"))["oldest"]
        return Due(free.count(), oldest, found.filter(_held()).count())


def _messages_erase(days: int, now: datetime, most: int) -> int:
    with kernel_writes():
        rows = _messages(days, now).exclude(_held()).order_by("settled_at").values_list("pk", flat=True)
        return Message.objects.filter(pk__in=list(rows[:most])).update(body="")


def _doors(now: datetime) -> QuerySet[TurnedAway]:
    return TurnedAway.objects.filter(hour__lt=now - timedelta(days=DOOR_DAYS))


def _doors_due(now: datetime) -> Due:
    with kernel_writes():
        return Due(_doors(now).count(), _doors(now).aggregate(oldest=Min("hour"))["oldest"])


def _doors_erase(now: datetime, _most: int) -> int:
    with kernel_writes():
        return _doors(now).delete()[0]
