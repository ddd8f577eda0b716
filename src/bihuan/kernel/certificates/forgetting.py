"""Certificates of a case that is anonymised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import SUSPENDED, VALID
from bihuan.kernel.certificates.services import stream_of
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import register_append, texts_erase
from bihuan.lib.refusals import Refusal


def certificates_forget(cases: Sequence[int], now: datetime) -> None:
    """Erase whom these cases' certificates were issued to, and their contents, in the caller's transaction.

    Refusal while one still holds: a register must be able to say whose right it is. Number, kind and check code stay.
    """
    rows = Certificate.objects.filter(case__in=cases)
    holds = rows.filter(Q(valid_until=None) | Q(valid_until__gte=day_of(now)), state__in=(VALID, SUSPENDED))
    if holds.exists():
        raise Refusal("certificate_holds", _("本件签发的证照还在有效期内,期间不清除个人信息。"))
    for certificate in rows.order_by("pk"):
        texts_erase([stream_of(certificate.pk)])
        certificate.changes.update(reason="", remark="", contents={})
        Certificate.objects.filter(pk=certificate.pk).update(holder="", identity="", contents={}, token="")
        register_append(stream=stream_of(certificate.pk), kind="anonymised", at=now, by="retention", data={})
