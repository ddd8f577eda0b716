"""The check of a commitment: opened with the certificate, ended by its revocation when the word was not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.cases.models import Party
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import SUSPENDED, VALID
from bihuan.kernel.certificates.services import certificate_revoke
from bihuan.kernel.clocks.rulebook import Rulebook, rulebook
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.onewindow.commitments.selectors import REPAIRERS, discredited
from bihuan.packs.onewindow.commitments.workflow import WORKFLOW
from bihuan.packs.onewindow.models import Application, Commitment

PACK, STREAM = "onewindow", "discredited"
TERM, DAYS = "onewindow.discredited", 730
"""The policy of how many days somebody stays in the register of the discredited, and how many while none says so."""
REPAIR, REPAIR_DAYS = "onewindow.repair", 90
"""The policy after how many days an entry may be repaired, and how many while none says so."""
FORBIDDEN = ("accept_lacking", "accept_commitment", "accept_theme_lacking", "accept_theme_commitment")
"""What is not open to the discredited."""


def commitment_open(*, application: Application, now: datetime) -> int:
    """Open the check of an application that was decided on a commitment, with its approving unit. In the caller's transaction."""
    version, number = application.version, application.case.number
    unit = version.unit_id or application.case.unit_id
    opened = case_open(
        Opening(
            pack=PACK, workflow=WORKFLOW.name, title=f"承诺核查:{version.name}", text=f"核查 {number} 的申请人承诺的是否属实。", unit=unit,
            opened_by=unit, by=0, now=now, reported_at=now, matter=application.case.matter, region=settings.REGION,
        )
    )  # fmt: skip
    with kernel_writes():
        Commitment.objects.create(case_id=opened.case, application=application)
    return opened.case


def commitment_revoke(**move: Any) -> Moved:
    """The step, and with it the end of every certificate of the application (of a theme's part: of the whole too) and a record of its
    applicant among the discredited. Takes what `case_move` takes, raises what it raises."""
    with transaction.atomic():
        moved = case_move(**move)
        with kernel_writes():
            row = Commitment.objects.select_related("application__case").filter(pk=moved.case).first()
            if row is None:
                return moved
            reason = str((move.get("data") or {}).get("answer", "")).strip()
            by, now = int(move["by"]), move["now"]
            wholes = Part.objects.filter(case=row.application_id).values("bundle")
            held = Certificate.objects.filter(
                Q(case=row.application_id) | Q(case__in=wholes), state__in=(VALID, SUSPENDED)
            )
            for certificate in held.order_by("-pk"):  # the whole first: nobody is asked about it any more
                certificate_revoke(certificate=certificate.pk, reason=reason, by=by, now=now)
            _discredit(row, by, now)
    return moved


def _discredit(row: Commitment, by: int, now: datetime) -> None:
    today = day_of(now)
    days = int(rulebook().value(TERM, region=settings.REGION, on=today, default=DAYS))
    parties = Party.objects.filter(case=row.application_id, role=Party.Role.REPORTER)
    identity = parties.order_by("pk").values_list("id_number", flat=True).first() or ""
    row.identity, row.discredited_from, row.discredited_by_id = identity, today, by or None
    row.discredited_until = today + timedelta(days=days)
    row.save(update_fields=["identity", "discredited_from", "discredited_by", "discredited_until"])
    data = {"case": row.pk, "application": row.application_id, "until": row.discredited_until}
    register_append(stream=STREAM, kind="discredited", at=now, by=by, data=data)


def repair_day(row: Commitment, book: Rulebook) -> date:
    """From which day an entry may be repaired: so many days after it began, as the policy said then."""
    begun = row.discredited_from or date.max
    return begun + timedelta(
        days=int(book.value(REPAIR, region=settings.REGION, on=begun, default=REPAIR_DAYS))
    )


def commitment_repair(*, commitment: int, reason: str, scope: Scope, now: datetime) -> Commitment:
    """Take an entry off the register before its time (信用修复), with the reason and an entry of the ledger. NotFound, NotPermitted for whoever
    holds no such role or entered it, Conflict when it was repaired before, Refusal before its day; FieldError names the field."""
    text = clean_text(reason, field="reason", max_length=400, min_length=10)
    seen, today = Commitment.objects.filter(pk=commitment).exists(), day_of(now)
    with kernel_writes():
        row = (
            Commitment.objects.select_for_update()
            .filter(pk=commitment)
            .exclude(discredited_from=None)
            .first()
        )
        if row is None or not seen:
            raise NotFound("not_found", _("失信名单里没有这一条。"))
        if not scope.holds(*REPAIRERS):
            raise NotPermitted("not_permitted", _("信用修复要由单位负责人或中心督办来办。"))
        if row.discredited_by_id == scope.person:
            raise NotPermitted("not_permitted", _("这一条是您记入的,修复要由另一人来办。"))
        if row.repaired_on is not None:
            raise Conflict("repaired", _("这一条已经修复过。"))
        if today < (begins := repair_day(row, rulebook())):
            raise Refusal(
                "repair_term", _("记入后满期限才能修复:%s 起。") % begins.isoformat(), field="reason"
            )
        row.repaired_on, row.repaired_by_id, row.repair_reason = today, scope.person, text
        row.save(update_fields=["repaired_on", "repaired_by", "repair_reason"])
        data = {"case": row.pk, "application": row.application_id}
        register_append(
            stream=STREAM, kind="repaired", at=now, by=scope.person, data=data, private={"reason": text}
        )
    return row


def commitments_forget(cases: Sequence[int], now: datetime) -> None:
    """Erase the numbers of the discredited with their applications, in the caller's transaction."""
    Commitment.objects.filter(application__in=cases).update(identity="", repair_reason="")


def standing_check(*, step: str, identity: str, today: date) -> None:
    """Refusal when this step is not open to the discredited and this number is one of them."""
    if step not in FORBIDDEN or not identity:
        return
    with kernel_writes():
        known = discredited(today).filter(identity=identity)
        until = known.order_by("-discredited_until").values_list("discredited_until", flat=True).first()
    if until is not None:
        raise Refusal(
            "discredited",
            f"申请人承诺不实,{until.isoformat()} 前在失信名单里,不适用容缺受理和告知承诺:请交齐材料,按一般程序受理。",
        )
