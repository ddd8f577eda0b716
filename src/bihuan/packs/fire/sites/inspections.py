"""Inspections of a site: what was looked at and how it was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.keys import key_taken
from bihuan.packs.fire.materials import FAIL
from bihuan.packs.fire.models import SiteInspection
from bihuan.packs.fire.roles import SITE_SUPERVISOR
from bihuan.packs.fire.sites.hazards import HazardFound, hazard_open, work_checked
from bihuan.packs.fire.sites.kinds import ITEMS, RESULTS, VISITS
from bihuan.packs.fire.sites.services import STREAM, site_found


def inspection_record(
    *,
    scope: Scope,
    site: int,
    kind: str,
    results: Mapping[str, str],
    note: str,
    key: str,
    now: datetime,
    work: int | None = None,
) -> SiteInspection:
    """Record an inspection with a result for every item, of one single `work` of the site's project when given; what does not comply
    becomes a hazard each. The same `key` returns the same.

    Conflict for the key of another site's, Refusal for whoever works there and would be the supervisor.
    """
    if (
        kind not in dict(VISITS)
        or set(results) != set(dict(ITEMS))
        or set(results.values()) - set(dict(RESULTS))
    ):
        raise Refusal("choice", _("每一项都要有结果:符合、不符合或无此项。"), field="results")
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope, officer=True)
        keeps = any(held.role == SITE_SUPERVISOR and held.unit == row.unit_id for held in scope.held)
        if kind != VISITS[0][0] and not keeps:
            raise Refusal(
                "choice", _("专项检查和复查由工地监管人员登记;施工单位自己查的,选“日常检查”。"), field="kind"
            )
        work_checked(row, work)
        known = SiteInspection.objects.filter(key=key).first()
        if known is not None:
            if known.site_id != row.pk:
                raise key_taken()
            return known
        made = SiteInspection.objects.create(
            site=row, kind=kind, at=now, by_id=scope.person, results=dict(results), note=note, key=key
        )
        data = {"site": row.pk, "inspection": made.pk, "kind": kind, "results": dict(results)}
        private = {"note": note} if note else {}
        register_append(
            stream=STREAM, kind="site_inspected", at=now, by=scope.person, data=data, private=private
        )
        for code, label in ITEMS:
            if results[code] == FAIL:
                words = f"{dict(VISITS)[kind]}发现不符合:{label}。{note}"
                found = HazardFound(label, words, source="inspection", inspection=made, work=work)
                hazard_open(row, found, key=f"inspection:{made.pk}:{code}", by=scope.person, now=now)
    return made
