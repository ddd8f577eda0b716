"""An application on line: taken in once, with its form and files, within the amounts; an instant one is decided at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.identity.models import Grant, Unit, holds_on
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.materials import names_of
from bihuan.packs.onewindow.applying.receiving import Received
from bihuan.packs.onewindow.applying.services import CLERK, WEB
from bihuan.packs.onewindow.asking.item_form import Answered
from bihuan.packs.onewindow.online.wanted import Sent, Wanted
from bihuan.packs.onewindow.rules import lacking

OPERATION = "citizen_apply"


@dataclass(frozen=True, slots=True)
class Applied:
    """An application that came on line."""

    case: int
    number: str


def citizen_apply(
    wanted: Wanted,
    *,
    received: Received,
    subject: str = "",
    answered: Answered | None,
    files: Mapping[str, Any],
    verified: bool,
    key: str,
    address: str,
    now: datetime,
) -> Applied:
    """Take an application in, once for its form's `key`. `subject` is the shop or project that a theme is for, `files` are the materials by
    their numbers; `verified`: this session has opened a case of the same applicant whose identity somebody saw. TooMuch, Refusal or
    FieldError; then nothing was written.
    """
    phone = received.party.phone
    gate_check("report_address", address, now)
    gate_check("report_phone", phone, now)
    signed = received.signed and wanted.committed
    kept = {**WEB, "verified": verified, **({"signed": True} if signed else {})}

    def act() -> tuple[int, dict[str, Any]]:
        sent = Sent(received, subject, answered, files, _hall(now), BY_REPORTER, kept)
        opened, facts = wanted.open(sent, now)
        missing = [] if signed else [n for n in lacking(facts) if n not in facts["may_lack"]]
        if missing:
            words = f"必要的材料还没有传:{names_of(wanted.materials, missing)}。"
            raise FieldError("present", "required", words)
        gate_count("report_phone", phone, now)
        gate_count("report_address", address, now)
        return 201, {"case": opened.case, "number": opened.number}

    sizes = [getattr(file, "size", 0) for file in files.values()]
    request = {**received.told(), "files": sizes, "of": wanted.page["action"], "subject": subject}
    with transaction.atomic():
        _status, answer, _again = idempotent(
            actor=BY_REPORTER, operation=OPERATION, key=key, request=request, now=now, act=act
        )
    return Applied(answer["case"], answer["number"])


def _hall(now: datetime) -> int:
    """The hall that takes in what comes on line: where the first window clerk of today sits."""
    on = timezone.localdate(now)
    held = Grant.objects.filter(holds_on(on), role=CLERK)
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
