"""Reading certificates: those of a case, the register, and what everybody may know of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import EXPIRED, VALID
from bihuan.kernel.certificates.token import token_read
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.keys import public_keys
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.pack import roles
from bihuan.lib.codes import code_is
from bihuan.lib.refusals import NotFound

SHOWN_HOLDER = "certificates.public_holder"
"""The policy of what the public page says of a holder: "masked" or "hidden"; an organisation is told in full."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What everybody may know of a certificate: `standing` since `since`, and the number of what replaced it ("": nothing).
    `coming`: its first day is still to come.
    """

    kind: CertificateKind | None
    number: str
    unit: Unit
    holder: str
    issued: date
    valid_from: date
    valid_until: date | None
    standing: str
    since: date
    replaced_by: str
    coming: bool


def certificates_of(*, case: int) -> QuerySet[Certificate]:
    """The certificates of a case, the latest first, as far as the present scope sees them."""
    return Certificate.objects.filter(case=case).select_related("unit", "replaced_by").order_by("-pk")


def certificate_seen(*, number: str) -> Certificate:
    """The certificate of this number; NotFound unless the present scope sees it."""
    known = number[:80].replace("\0", "")
    found = Certificate.objects.filter(number=known).select_related("unit", "case", "replaced_by").first()
    if found is None:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    return found


def certificates_found(*, q: str, scope: Scope, before: int | None, most: int) -> list[Certificate]:
    """Certificates that the scope sees, the latest first: by the beginning of a number, or, for who may read names, by the whole
    name or number of the holder.
    """
    rows = Certificate.objects.select_related("unit", "case").order_by("-pk")
    if q:
        wanted = Q(number__startswith=q.upper()) | Q(number__startswith=q)
        rows = rows.filter(wanted | Q(holder=q) | Q(identity=q) if names_read(scope) else wanted)
    if before:
        rows = rows.filter(pk__lt=before)
    return list(rows[:most])


def names_read(scope: Scope) -> bool:
    """May somebody of this scope read names and numbers in full?"""
    known = roles()
    return any(held.role in known and known[held.role].unmasks for held in (*scope.held, *scope.lent))


def token_checked(*, token: str, now: datetime) -> Checked:
    """What a scanned token is worth. Refusal when it is forged or altered; NotFound when this register does not hold it."""
    told = token_read(token, public_keys())
    with kernel_writes():
        found = _rows().filter(number=told["number"]).first()
        if found is None:
            raise NotFound("certificate", _("签名是真的,但这里没有这份证照的记录,请向发证机关核实。"))
        return _checked(found, now)


def number_checked(*, number: str, code: str, now: datetime) -> Checked:
    """The same by number and check code; the same NotFound whichever is wrong."""
    with kernel_writes():
        found = _rows().filter(number=number[:80].replace("\0", "")).first()
        if not code_is(code, found.code if found else "····-····") or found is None:
            raise NotFound("certificate", _("编号或查验码不对,或者不是本中心签发的证照。"), field="code")
        return _checked(found, now)


def _rows() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("unit", "replaced_by")


def _checked(found: Certificate, now: datetime) -> Checked:
    today = day_of(now)
    standing = found.standing(today)
    shown = rulebook().value(SHOWN_HOLDER, region=settings.REGION, on=today, default="masked")
    hidden = shown == "hidden" and not found.organisation
    over = found.valid_until if standing == EXPIRED else None
    return Checked(
        kind=certificate_kinds().get(found.kind),
        number=found.number,
        unit=found.unit,
        holder="" if hidden else found.holder_masked,
        issued=day_of(found.issued_at),
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        standing=standing,
        since=over or day_of(found.state_at),
        replaced_by=found.replaced_by.number if found.replaced_by else "",
        coming=standing == VALID and today < found.valid_from,
    )
