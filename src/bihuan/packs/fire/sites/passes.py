"""What gates and turnstiles tell of a site: who came in and went out, each event taken once by its id; what cannot be is refused by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.fire.models import Passing, Site
from bihuan.packs.fire.roles import SITE_GATEWAY
from bihuan.packs.fire.sites.people import digest_of, number_checked, worker_pass
from bihuan.packs.fire.sites.selectors import number_in_force

MOST = 500
"""Passings in one batch."""


@dataclass(frozen=True, slots=True)
class Passed:
    """An event as a gate tells it: its id at the site, when, "in" or "out", and whose citizen number."""

    event: str
    at: datetime
    way: str
    id_number: str


@dataclass(frozen=True, slots=True)
class PassRefused:
    """An event that was not taken: its place in the batch, the field, the rule, and why in words."""

    place: int
    field: str
    rule: str
    detail: str


@dataclass(slots=True)
class PassesTaken:
    """What became of a batch: taken, known already the same, refused."""

    taken: int = 0
    repeated: int = 0
    refused: list[PassRefused] = field(default_factory=list)


def passes_take(*, scope: Scope, site: int, given: Sequence[Passed], now: datetime) -> PassesTaken:
    """Take what the gates of a site tell, in the order of its time, for a gateway of the unit that keeps the site or works there.

    NotFound for another's site; an event that cannot be is told in `refused`, and changes nothing.
    """
    with transaction.atomic(), kernel_writes():
        row, done = _site_gated(site, scope), PassesTaken()
        before = Passing.objects.filter(site=row, event__in={one.event for one in given}).select_related(
            "worker"
        )
        known = {one.event: one for one in before}
        span = _span(now)
        for place, one in sorted(enumerate(given), key=lambda pair: pair[1].at):
            try:
                if _known(one, known, now):
                    done.repeated += 1
                else:
                    known[one.event] = _taken(row, one, span, scope.person, now)
                    done.taken += 1
            except Refusal as refusal:
                rule = refusal.rule or refusal.code
                done.refused.append(PassRefused(place, refusal.field or "event", rule, told(refusal)))
    return done


def _site_gated(site: int, scope: Scope) -> Site:
    units = {held.unit for held in scope.held if held.role == SITE_GATEWAY}
    row = Site.objects.select_for_update(of=("self",)).filter(pk=site).first()
    if row is None or not units.intersection((row.unit_id, row.contractor_unit_id)):
        raise NotFound("not_found", _("没有这个工地,或您无权办理。"))
    return row


def _span(now: datetime) -> tuple[datetime, datetime]:
    """How late an event may come, and how far ahead of the clock its own may lie."""
    late = timedelta(days=number_in_force("fire.readings_late", day_of(now)))
    return now - late, now + timedelta(minutes=number_in_force("fire.readings_ahead", day_of(now)))


def _known(one: Passed, known: dict[str, Passing], now: datetime) -> bool:
    """Was this event told before? Refusal where it then said something else."""
    before = known.get(one.event)
    if before is None:
        return False
    digest = digest_of(number_checked(one.id_number, day_of(now)))
    if (before.worker.digest, before.way, before.at) != (digest, one.way, one.at):
        raise Refusal("differs", _("这个事件编号已报过别的内容,先到的为准。"), field="event")
    return True


def _taken(site: Site, one: Passed, span: tuple[datetime, datetime], by: int, now: datetime) -> Passing:
    earliest, latest = span
    if one.at > latest:
        raise Refusal("future_date", _("不能晚于现在。"), field="at")
    if one.at < earliest:
        raise Refusal("too_late", _("来得太晚,已过补报的期限。"), field="at")
    worker = worker_pass(site, one.id_number, one.way, at=one.at, by=by, now=now)
    return Passing.objects.create(
        site=site, event=one.event, worker=worker, way=one.way, at=one.at, received_at=now
    )
