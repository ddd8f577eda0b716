"""An application on line: taken in once, with its form and files, within the amounts; an instant one is decided at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.identity.models import Grant, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.receiving import Received
from bihuan.packs.onewindow.applying.services import (
    CLERK,
    Handed,
    application_at_once,
    application_open,
    item_version,
)
from bihuan.packs.onewindow.asking.item_form import Answered
from bihuan.packs.onewindow.models import ItemVersion
from bihuan.packs.onewindow.rules import lacking

OPERATION = "citizen_apply"
WEB = {"channel": "web"}
"""A fact of what came on line."""


@dataclass(frozen=True, slots=True)
class Applied:
    """An application that came on line."""

    case: int
    number: str


def citizen_apply(
    *,
    received: Received,
    answered: Answered | None,
    files: Mapping[str, Any],
    verified: bool,
    key: str,
    address: str,
    now: datetime,
) -> Applied:
    """Take an application in, once for its form's `key`. `files` are the materials by their numbers; `verified`: this session has
    opened a case of the same applicant whose identity somebody saw. TooMuch, Refusal or FieldError; then nothing was written.
    """
    version = item_version(received.item, now)
    if not version.online:
        raise Refusal("item", "这个事项还不能网上申请,请到窗口办。", field="item")
    phone = received.party.phone
    gate_check("report_address", address, now)
    gate_check("report_phone", phone, now)

    def act() -> tuple[int, dict[str, Any]]:
        taken = _enter(received, version, answered, files, verified, now)
        gate_count("report_phone", phone, now)
        gate_count("report_address", address, now)
        return 201, {"case": taken.case, "number": taken.number}

    request = {**received.told(), "files": [getattr(file, "size", 0) for file in files.values()]}
    with transaction.atomic():
        _status, answer, _again = idempotent(
            actor=BY_REPORTER, operation=OPERATION, key=key, request=request, now=now, act=act
        )
    return Applied(answer["case"], answer["number"])


def _enter(
    received: Received,
    version: ItemVersion,
    answered: Answered | None,
    files: Mapping[str, Any],
    verified: bool,
    now: datetime,
) -> Applied:
    handed = Handed(
        received, version, _hall(now), BY_REPORTER, verified=verified, answered=answered, kept=WEB
    )
    opened, facts = application_open(handed, now=now)
    missing = [n for n in lacking(facts) if n not in facts["may_lack"]]
    if missing:
        names = "、".join(f"{n} {version.materials[int(n) - 1]['name']}" for n in missing)
        raise FieldError("present", "required", f"必要的材料还没有传:{names}。")
    with kernel_writes():
        for number, file in files.items():
            name = (
                f"{number}-{version.materials[int(number) - 1]['name'][:60]}{Path(str(file.name)).suffix[:8]}"
            )
            attachment_add(case=opened.case, file=file, name=name, by=BY_REPORTER, now=now)
    if version.instant and version.checks and not lacking(facts):
        application_at_once(case_id=opened.case, step="accept_at_once", by=0, now=now, data={})
    return Applied(opened.case, opened.number)


def _hall(now: datetime) -> int:
    """The hall that takes in what comes on line: where the first window clerk of today sits."""
    on = timezone.localdate(now)
    held = Grant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), role=CLERK, valid_from__lte=on)
    of_region = Unit.objects.filter(code__startswith=settings.REGION).values("pk")
    unit = held.order_by("pk").filter(unit__in=of_region).values_list("unit_id", flat=True).first()
    if unit is None:
        raise Refusal("item_unit", "现在没有窗口收网上的申请,请打 12345。")
    return int(unit)


def is_verified(*, cases: Mapping[str, int], name: str, identity: str) -> bool:
    """Has this session opened, by number and code, a case of the same name and number that was taken in face to face?"""
    if not name or not identity or not cases:
        return False
    with kernel_writes():
        seen = Case.objects.filter(pk__in=list(cases.values()), facts__verified=True)
        seen = seen.filter(facts__channel__isnull=True)
        return Party.objects.filter(case__in=seen, name=name, id_number=identity).exists()
