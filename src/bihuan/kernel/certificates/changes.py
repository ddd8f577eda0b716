"""Suspending, resuming, replacing and revoking by two people: one of the issuing unit asks, another decides.

Sources: 行政许可法 art. 49, 69; who may is the pack's `Issuers`. The successor of a unit that ended does both for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.certificates.grounds import ACTS, GROUNDS
from bihuan.kernel.certificates.kinds import kind_of
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.certificates.rules import contents_clean
from bihuan.kernel.certificates.services import (
    REASON_LEAST,
    REASON_MOST,
    Holder,
    Issue,
    certificate_replace,
    certificate_resume,
    certificate_revoke,
    certificate_suspend,
    standing_check,
    stream_of,
)
from bihuan.kernel.identity.models import Grant, Unit, holds_on
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.identity.units import heir_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.pack import packs
from bihuan.lib.hashing import canonical_bytes
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError, clean_text

SIMPLE = {"suspend": certificate_suspend, "resume": certificate_resume, "revoke": certificate_revoke}
HOLDER = "holder"
"""Beside the kind's lines: the holder's name, where that is corrected."""


def may_ask(certificate: Certificate, *, by: int, now: datetime) -> bool:
    """May this person ask that something be done to a certificate?"""
    issuers = packs()[certificate.case.pack].issuers
    return issuers is not None and _holds(certificate, issuers.asks | issuers.decides, by, now, asking=True)


def may_decide(certificate: Certificate, *, by: int, now: datetime) -> bool:
    """May this person decide what others ask to be done to a certificate?"""
    issuers = packs()[certificate.case.pack].issuers
    return issuers is not None and _holds(certificate, issuers.decides, by, now, asking=False)


def change_ask(
    *,
    certificate: int,
    act: str,
    ground: str,
    reason: str,
    by: int,
    now: datetime,
    contents: Mapping[str, str] | None = None,
    holder: str = "",
) -> Change:
    """Ask that something be done to a certificate that the present scope sees; the deciding people are told.

    `contents` are all lines of the certificate that replaces it, `holder` the corrected name ("": as it was). FieldError,
    NotPermitted, or Refusal when it may not be done now or something is asked for already.
    """
    row = Certificate.objects.select_related("case", "unit").filter(pk=certificate).first()
    if row is None:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    if act not in ACTS:
        raise FieldError("act", "choice", _("没有这一种办法。"))
    if not may_ask(row, by=by, now=now):
        raise NotPermitted("not_permitted", _("证照由发证机关的人来变动,您没有这一权限。"))
    if ground not in dict(GROUNDS[act]):
        raise FieldError("ground", "choice", _("请选择依据的情形。"))
    words = clean_text(reason, field="reason", max_length=REASON_MOST, min_length=REASON_LEAST)
    standing_check(row, act, now)
    told = _corrected(row, contents or {}, holder) if act == "replace" else {}
    try:
        with transaction.atomic(), kernel_writes():
            return _asked(row, act, ground, words, told, by, now)
    except IntegrityError as error:
        raise Refusal("pending", _("这份证照已有一项申请在等批准。")) from error


def change_follows(
    *, certificate: Certificate, act: str, ground: str, reason: str, by: int, now: datetime
) -> Change | None:
    """Ask it of whoever decides because of what was decided elsewhere, in the name of who asked for that. None, and nothing is written,
    while another change of the certificate waits. The caller holds `kernel_writes`.
    """
    if certificate.changes.filter(outcome="").exists():
        return None
    return _asked(certificate, act, ground, reason[:REASON_MOST], {}, by, now)


def _asked(
    row: Certificate, act: str, ground: str, reason: str, told: dict[str, str], by: int, now: datetime
) -> Change:
    made = Change.objects.create(
        certificate=row, act=act, ground=ground, reason=reason, contents=told, asked_by_id=by, asked_at=now
    )
    private = {"reason": reason} | ({"contents": canonical_bytes(told).decode()} if told else {})
    _enter(made, "change_asked", private, by, now)
    _tell(made, now)
    return made


def change_decide(*, change: int, granted: bool, remark: str, by: int, now: datetime) -> Change:
    """Grant, and do it at once, or refuse with a reason. NotPermitted for who asked; Conflict when it was decided already."""
    words = clean_text(
        remark, field="remark", max_length=REASON_MOST, min_length=0 if granted else REASON_LEAST
    )
    with transaction.atomic(), kernel_writes():
        row = _waiting(change)
        if not may_decide(row.certificate, by=by, now=now):
            raise NotPermitted("not_permitted", _("证照变动由发证机关的负责人批准,您没有这一权限。"))
        if row.asked_by_id == by:
            raise NotPermitted("separation", _("提出的人不能自己批准,请由另一名负责人批准。"))
        outcome = Change.Outcome.GRANTED if granted else Change.Outcome.REFUSED
        _end(row, str(outcome), words, by, now)
        if granted:
            _carry_out(row, by, now)
    return row


def change_withdraw(*, change: int, by: int, now: datetime) -> Change:
    """Take back what one asked oneself, while nobody has decided."""
    with transaction.atomic(), kernel_writes():
        row = _waiting(change)
        if row.asked_by_id != by:
            raise NotPermitted("not_permitted", _("只有提出的人可以撤回。"))
        _end(row, str(Change.Outcome.WITHDRAWN), "", by, now)
    return row


def _waiting(change: int) -> Change:
    rows = Change.objects.select_for_update(of=("self",)).select_related("certificate__case")
    row = rows.filter(pk=change).first()
    if row is None:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    if row.outcome:
        raise Conflict("decided", _("这项申请已经有人批复了。"))
    return row


def _end(row: Change, outcome: str, remark: str, by: int, now: datetime) -> None:
    row.outcome, row.remark, row.decided_by_id, row.decided_at = outcome, remark, by, now
    row.save(update_fields=["outcome", "remark", "decided_by", "decided_at"])
    _enter(row, f"change_{outcome}", {"remark": remark} if remark else {}, by, now)


def _carry_out(row: Change, by: int, now: datetime) -> None:
    if row.act != "replace":
        SIMPLE[row.act](certificate=row.certificate_id, reason=row.reason, by=by, now=now)
        return
    old, lines = row.certificate, dict(row.contents)
    holder = Holder(lines.pop(HOLDER, "") or old.holder, old.identity, old.organisation)
    unit = Unit.objects.get(pk__in=heir_of(old.unit_id, day_of(now))).pk
    issue = Issue(old.kind, old.case_id, unit, holder, lines, first=old.valid_from, until=old.valid_until)
    certificate_replace(certificate=old.pk, issue=issue, reason=row.reason, by=by, now=now)


def _corrected(row: Certificate, contents: Mapping[str, str], holder: str) -> dict[str, str]:
    told = contents_clean(kind_of(row.kind), contents)
    name = clean_text(holder, field=HOLDER, max_length=200, multiline=False)
    return told | ({HOLDER: name} if name and name != row.holder else {})


def _holds(certificate: Certificate, roles: frozenset[str], by: int, now: datetime, *, asking: bool) -> bool:
    grants = _grants(certificate, roles, now, asking=asking)
    return grants.filter(person_id=by).exists()


def _grants(
    certificate: Certificate, roles: frozenset[str], now: datetime, *, asking: bool
) -> QuerySet[Grant]:
    """Roles held today in the unit that issued it or in one under it; `asking`: also in the one that took the case in. Of a unit that ended,
    in its successor."""
    today = day_of(now)
    unit = heir_of(certificate.unit_id, today)
    where = Q(unit__in=unit) | Q(unit__parent__in=unit)
    if asking:
        where |= Q(unit__in=heir_of(certificate.case.opened_by_id, today))
    return Grant.objects.filter(where, holds_on(today), role__in=roles, person__is_active=True)


def _enter(row: Change, kind: str, private: Mapping[str, str], by: int, now: datetime) -> None:
    data = {"certificate": row.certificate_id, "change": row.pk, "act": row.act, "ground": row.ground}
    register_append(
        stream=stream_of(row.certificate_id), kind=kind, at=now, by=by, data=data, private=private
    )


def _tell(row: Change, now: datetime) -> None:
    """To the units where somebody else may decide: the number alone."""
    certificate = row.certificate
    issuers = packs()[certificate.case.pack].issuers
    if issuers is None:
        return
    others = _grants(certificate, issuers.decides, now, asking=False).exclude(person_id=row.asked_by_id)
    for unit in others.order_by("unit").values_list("unit", flat=True).distinct():
        notice_put(
            channel="in_app", template="certificate_change_asked", key=f"certificate:change:{row.pk}:{unit}", now=now,
            context={"number": certificate.number}, case=certificate.case_id, unit=unit,
        )  # fmt: skip
