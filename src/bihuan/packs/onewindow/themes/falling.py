"""A licence that a comprehensive permit lists is revoked or suspended: whoever checks the permit reads it, and its issuer decides on it.

The other licences hold on, so that the permit does not end by itself (行政许可法 art. 69: the organ decides)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from bihuan.kernel.certificates.changes import change_follows
from bihuan.kernel.certificates.grounds import RESTS
from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import VALID
from bihuan.kernel.desk.certificates.words import kind_name
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.themes.permit import PERMIT


def licence_changed(certificate: int, act: str, reason: str, by: int, now: datetime) -> None:
    """When a licence is revoked, whoever issued the permit that lists it is asked whether the permit is suspended, in the name of who asked
    for that. In the caller's transaction."""
    if act != "revoke":
        return
    with kernel_writes():
        row = Certificate.objects.get(pk=certificate)
        asked = row.changes.filter(act=act, outcome="granted").values_list("asked_by", flat=True).last()
        today = day_of(now)
        for permit in _permits(row).filter(Q(valid_until=None) | Q(valid_until__gte=today)):
            why = f"所含的 {row.number} 已撤销:{reason}"
            change_follows(
                certificate=permit, act="suspend", ground=RESTS, reason=why, by=asked or by, now=now
            )


def licence_resting(certificate: int) -> list[str]:
    """What must be looked at apart when a licence is revoked, in words."""
    with kernel_writes():
        return [
            gettext(
                "综合许可 %s 不自动失效:随即请发证机关决定是否暂停使用,核验页和列表写明其中这一证已撤销。"
            )
            % one.number
            for one in _permits(Certificate.objects.get(pk=certificate))
        ]


def permits_noted(certificates: Sequence[Certificate]) -> Mapping[int, Sequence[str]]:
    """Of comprehensive permits, by id: each licence in them that holds no longer, in words. No query where there is no such permit."""
    wholes = {one.case_id: one.pk for one in certificates if one.kind == PERMIT.code}
    if not wholes:
        return {}
    with kernel_writes():
        fallen = (
            Certificate.objects.filter(case__bundle_part__bundle__in=list(wholes))
            .exclude(state=VALID)
            .annotate(whole=F("case__bundle_part__bundle"))
        )
        rows = list(fallen.order_by("pk"))
    found: dict[int, list[str]] = {}
    for one in rows:
        told = {
            "name": kind_name(certificate_kinds().get(one.kind), one.kind),
            "number": one.number,
            "state": Certificate.State(one.state).label,
        }
        found.setdefault(wholes[one.whole], []).append(gettext("其中%(name)s %(number)s %(state)s") % told)
    return found


def _permits(licence: Certificate) -> QuerySet[Certificate]:
    """The comprehensive permits that hold and list a licence."""
    return Certificate.objects.filter(
        kind=PERMIT.code, state=VALID, case__bundle__parts__case=licence.case_id
    ).exclude(pk=licence.pk)
