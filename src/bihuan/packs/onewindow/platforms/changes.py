"""What happened to applications, told to systems that follow: pushed by webhook, or asked for by position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Max

from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Stepped
from bihuan.kernel.notices.models import WebhookTarget
from bihuan.kernel.notices.services import WEBHOOK, notice_put
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.numbering.services import numbers_take
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.platforms.models import Change, Reader

TEMPLATE = "application_changed"
POSITIONS = NumberFormat("onewindow_change", "{serial:15}")
"""Counted under a lock that is held until the commit: whoever has read up to a position has missed none before it."""
PUT = """
    insert into onewindow_change (position, case_id, previous, at, event, state, outcome, grade)
    select %s, c, (select max(position) from onewindow_change where case_id = c), %s, %s, %s, %s, %s from (select %s::bigint as c) x
"""
MOST_PUSHED = 500
"""Changes to one address in one run; the rest follow in the next."""
VALUES = ("position", "previous", "at", "event", "state", "outcome", "grade")


def steps_follow(stepped: Iterable[Stepped]) -> None:
    """Keep each of these steps as a change, in their transaction."""
    rows = [
        (one.now, one.step, one.state, str(one.facts.get("outcome", "")), _grade(one), one.case)
        for one in stepped
    ]
    _put(rows)


def application_opened(*, case: int, state: str, now: datetime) -> None:
    """Keep that an application was taken in and nothing was done with it yet, in its transaction."""
    _put([(now, "received", state, "", "", case)])


def _grade(one: Stepped) -> str:
    return str(one.data.get("grade", ""))[:1] if "grade" in one.data else ""


def _put(rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with kernel_writes(), connection.cursor() as cursor:
        positions = numbers_take(format_=POSITIONS, on=day_of(rows[0][0]), count=len(rows))
        for position, row in zip(positions, rows, strict=True):
            cursor.execute(PUT, [int(position), *row])


def changes_after(position: int, *, most: int) -> list[dict[str, Any]]:
    """The next changes after a position, in order, as the present scope sees them: plain values, no personal data."""
    found = Change.objects.filter(position__gt=position).order_by("position")
    rows = found.values(
        *VALUES,
        number=F("case__number"),
        external_id=F("case__external_id"),
        case_code=F("case__application__case_code"),
        item=F("case__application__version__item__code"),
    )
    return list(rows[:most])


def last_position() -> int:
    """The position of the last change that the present scope sees; 0 for none."""
    return int(Change.objects.aggregate(last=Max("position"))["last"] or 0)


def changes_received(*, account: int, position: int, received: int, now: datetime) -> int:
    """Keep that an account counted so many changes up to a position; returns how many there were for it. Refusal for a position
    that was never given."""
    if position > last_position():
        raise Refusal("position", "没有这个位置的变更。", field="position")
    sent = Change.objects.filter(position__lte=position).count()
    with kernel_writes():
        Reader.objects.update_or_create(
            name=f"account:{account}",
            defaults={"position": position, "received": received, "sent": sent, "at": now},
        )
    return sent


def changes_push(*, now: datetime) -> int:
    """Put what each address that wants the event was not told yet into the outbox, in order. Returns how many notices were put.

    A new address begins with the next change: what was before is asked for by position.
    """
    return sum(_pushed(target, now) for target in targets_wanting())


def targets_wanting() -> list[WebhookTarget]:
    """The addresses in use that want to hear of applications."""
    with kernel_writes():
        rows = WebhookTarget.objects.filter(active=True).order_by("pk")
        return [row for row in rows if {"*", TEMPLATE} & set(row.events)]


def _pushed(target: WebhookTarget, now: datetime) -> int:
    with kernel_writes():
        name = f"{WEBHOOK}{target.pk}"
        reader, _new = Reader.objects.select_for_update().get_or_create(
            name=name, defaults={"position": last_position(), "at": now}
        )
        found = changes_after(reader.position, most=MOST_PUSHED)
        for one in found:
            notice_put(
                channel="webhook", template=TEMPLATE, key=f"change:{one['position']}:{name}", now=now, target=name,
                context={**one, "at": one["at"].isoformat()},
            )  # fmt: skip
        if found:
            reader.position, reader.at = found[-1]["position"], now
            reader.save(update_fields=["position", "at"])
    return len(found)
