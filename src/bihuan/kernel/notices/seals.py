"""Telling seals to whoever keeps them elsewhere: each to the webhooks that want the event `sealed`, one a day to the auditors by mail.

A webhook's `data` and the end of a mail are a kept seal: saved as a file, `bihuan seal check` holds it against the database.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Q

from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.keys import statements_read
from bihuan.kernel.ledger.sealing import Seal, seal_plain, seals_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import WebhookTarget
from bihuan.kernel.notices.services import WEBHOOK, notice_put

TEMPLATE = "sealed"
MOST = 24
"""So many of the last seals are told, once each: a later seal covers the earlier ones."""
AUDITOR = "audit_admin"


def seals_tell(*, now: datetime) -> int:
    """Put what was not told yet of the last seals into the outbox. Returns how many notices were put."""
    with kernel_writes():
        seals = seals_read(f"order by number desc limit {MOST:d}")[::-1]
        wanting = [
            t
            for t in WebhookTarget.objects.filter(active=True).order_by("pk")
            if {"*", TEMPLATE} & set(t.events)
        ]
        put = [
            notice_put(
                channel="webhook", template=TEMPLATE, key=f"seal:{seal.number}:{WEBHOOK}{target.pk}", now=now,
                context={**_told(seal), **_kept(seal)}, target=f"{WEBHOOK}{target.pk}",
            )
            for seal in seals
            for target in wanting
        ]  # fmt: skip
        put += [_mailed(seals[-1], person, now) for person in auditors(now=now)] if seals else []
    return sum(map(bool, put))


def auditors(*, now: datetime) -> list[Person]:
    """The audit administrators who have a mail address."""
    today = day_of(now)
    holds = Q(grants__role=AUDITOR, grants__valid_from__lte=today) & (
        Q(grants__valid_to=None) | Q(grants__valid_to__gt=today)
    )
    return list(Person.objects.filter(holds, is_active=True).exclude(email="").distinct().order_by("pk"))


def _mailed(seal: Seal, person: Person, now: datetime) -> int:
    file = json.dumps(_kept(seal), ensure_ascii=False)
    key = f"seal:{day_of(now)}:{person.pk}"
    return notice_put(
        channel="email",
        template=TEMPLATE,
        key=key,
        now=now,
        context={**_told(seal), "file": file},
        person=person.pk,
    )


def _told(seal: Seal) -> dict[str, Any]:
    told = seal.told
    return {
        "number": str(seal.number), "at": told["at"], "entries": told["last"], "root": told["root"], "key": told["key"],
    }  # fmt: skip


def _kept(seal: Seal) -> dict[str, Any]:
    return {"seal": seal_plain(seal), "keys": statements_read()}
