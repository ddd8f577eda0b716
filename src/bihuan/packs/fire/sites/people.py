"""People on a site under their real names: enrolled, in and out, gone; their names shown masked and erased after their time."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.personal import REASON_LEAST, REASON_MOST
from bihuan.kernel.cases.retention import keep_days
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append, texts_erase
from bihuan.kernel.manifest import Due, Kept
from bihuan.lib.identifiers import id_number_fault, id_number_normal
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.fire.models import Attendance, Site, Worker
from bihuan.packs.fire.sites.kinds import CERTIFIED, TRADES
from bihuan.packs.fire.sites.services import STREAM, site_found

DAYS = "fire.workers_days"


@dataclass(frozen=True, slots=True)
class WorkerGiven:
    """Somebody who comes to work on a site."""

    name: str
    id_number: str
    trade: str
    team: str = ""
    certificate: str = ""
    certificate_until: date | None = None


def digest_of(id_number: str) -> str:
    """Tells the same citizen number again; nobody finds the number by it without the site's key."""
    return hmac.new(f"workers\0{settings.SECRET_KEY}".encode(), id_number.encode(), sha256).hexdigest()


def number_checked(text: str, today: date) -> str:
    """The citizen number as it is kept. Refusal with the rule (GB 11643) for one that cannot be."""
    if fault := id_number_fault(text, today=today):
        raise Refusal("id_number", fault, field="id_number", rule="GB 11643")
    return id_number_normal(text)


def worker_enroll(*, scope: Scope, site: int, given: WorkerGiven, now: datetime) -> Worker:
    """Put somebody on a site's roll. Refusal for a wrong number, somebody on the roll already, or a trade without its certificate."""
    today = day_of(now)
    number = number_checked(given.id_number, today)
    name = clean_text(given.name, field="name", max_length=60, min_length=2, multiline=False)
    if given.trade not in dict(TRADES):
        raise Refusal("choice", _("没有这一工种。"), field="trade")
    _certificate_check(given, today)
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope, officer=True)
        digest = digest_of(number)
        if row.workers.filter(digest=digest, left_at=None).exists():
            raise Refusal("enrolled", _("这个人已在本工地的名册上。"), field="id_number")
        made = Worker.objects.create(
            site=row, name=name, id_number=number, digest=digest, trade=given.trade, team=given.team, certificate=given.certificate,
            certificate_until=given.certificate_until, enrolled_at=now,
        )  # fmt: skip
        until = given.certificate_until and given.certificate_until.isoformat()
        data = {"site": row.pk, "worker": made.pk, "trade": made.trade, "certificate_until": until}
        private = {f"worker.{made.pk}": f"{name} {number}"}
        register_append(
            stream=STREAM, kind="worker_enrolled", at=now, by=scope.person, data=data, private=private
        )
    return made


def _certificate_check(given: WorkerGiven, today: date) -> None:
    if given.trade not in CERTIFIED:
        return
    if not given.certificate or given.certificate_until is None:
        raise Refusal(
            "certificate_needed",
            _("特种作业人员要登记证书编号和有效期。"),
            field="certificate",
            rule="建质〔2008〕75号",
        )
    if given.certificate_until < today:
        raise Refusal(
            "certificate_expired",
            _("证书已过期,不能上岗。"),
            field="certificate_until",
            rule="建质〔2008〕75号",
        )


def gate_pass(*, scope: Scope, site: int, id_number: str, way: str, now: datetime) -> Worker:
    """Somebody on the roll comes in ("in") or goes out ("out"). Refusal as `worker_pass`."""
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope, officer=True)
        return worker_pass(row, id_number, way, at=now, by=scope.person, now=now)


def worker_pass(site: Site, id_number: str, way: str, *, at: datetime, by: int, now: datetime) -> Worker:
    """Somebody passes the gate of a site at a moment. Refusal for whoever is not on its roll, is in already or is not in, whose certificate
    has run out, or a moment before the last one. The caller holds the site and `kernel_writes`.
    """
    digest = digest_of(number_checked(id_number, day_of(now)))
    worker = site.workers.select_for_update().filter(digest=digest, left_at=None).first()
    if worker is None:
        raise Refusal("not_enrolled", _("这个人不在本工地的名册上,先登记再进场。"), field="id_number")
    last = worker.attendances.order_by("-entered_at").first()
    inside = last if last and last.left_at is None else None
    if last and at < (last.left_at or last.entered_at):
        raise Refusal("too_early", _("早于这个人上一次进出,记不进去。"), field="at")
    if way == "in":
        _come_in(worker, inside, at)
    elif inside is None:
        raise Refusal("not_inside", _("这个人没有在场的记录。"), field="id_number")
    else:
        Attendance.objects.filter(pk=inside.pk).update(left_at=at)
    _passed(worker, way, by=by, at=at, now=now)
    return worker


def _passed(worker: Worker, way: str, *, by: int, at: datetime, now: datetime) -> None:
    kind = "worker_entered" if way == "in" else "worker_went"
    data = {"site": worker.site_id, "worker": worker.pk, "way": way}
    data |= {"passed_at": at.isoformat()} if at != now else {}
    register_append(stream=STREAM, kind=kind, at=now, by=by, data=data)


def _come_in(worker: Worker, inside: Attendance | None, at: datetime) -> None:
    if inside is not None:
        raise Refusal("inside", _("这个人已经在场。"), field="id_number")
    if worker.certificate_until and worker.certificate_until < day_of(at):
        raise Refusal(
            "certificate_expired", _("证书已过期,不能上岗。"), field="id_number", rule="建质〔2008〕75号"
        )
    Attendance.objects.create(worker=worker, site_id=worker.site_id, entered_at=at)


def worker_leave(*, scope: Scope, site: int, worker: int, now: datetime) -> None:
    """Somebody leaves the site for good; whoever is still inside goes out."""
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope, officer=True)
        found = row.workers.filter(pk=worker, left_at=None).first()
        if found is None:
            raise NotFound("not_found", _("名册上没有这个人,或已离场。"))
        if Attendance.objects.filter(worker=found, left_at=None).update(left_at=now):
            _passed(found, "out", by=scope.person, at=now, now=now)
        Worker.objects.filter(pk=found.pk).update(left_at=now)
        register_append(
            stream=STREAM,
            kind="worker_left",
            at=now,
            by=scope.person,
            data={"site": row.pk, "worker": worker},
        )


def worker_disclose(*, scope: Scope, site: int, worker: int, reason: str, now: datetime) -> Worker:
    """Somebody's name and number in plain, for whoever keeps the site or works there, with a reason that the ledger keeps."""
    why = clean_text(reason, field="reason", max_length=REASON_MOST, min_length=REASON_LEAST, multiline=False)
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope, officer=True)
        found = row.workers.filter(pk=worker).first()
        if found is None:
            raise NotFound("not_found", _("名册上没有这个人。"))
        data = {"site": row.pk, "worker": worker}
        register_append(
            stream=STREAM, kind="unmasked", at=now, by=scope.person, data=data, private={"reason": why}
        )
    return found


def workers_kept(now: datetime) -> Sequence[Kept]:
    """Names and numbers of those who left a site."""
    days = keep_days(DAYS, now)
    return (
        Kept(
            "fire.workers",
            _("离场人员的姓名、身份证号"),
            days,
            lambda at: _due(days, at),
            lambda at, most: workers_erase(days, at, most),
        ),
    )


def _gone(days: int | None, now: datetime) -> QuerySet[Worker]:
    if days is None:
        return Worker.objects.none()
    return Worker.objects.filter(left_at__lt=now - timedelta(days=days)).exclude(id_number="")


def _due(days: int | None, now: datetime) -> Due:
    with kernel_writes():
        rows = _gone(days, now)
        return Due(rows.count(), rows.aggregate(oldest=Min("left_at"))["oldest"])


def workers_erase(days: int | None, now: datetime, most: int) -> int:
    """Erase names and numbers, beside the ledger too; trade and days stay. Returns how many."""
    with kernel_writes():
        found = list(_gone(days, now).order_by("left_at").values_list("pk", flat=True)[:most])
        if found:
            texts_erase([STREAM], names=[f"worker.{pk}" for pk in found])
            Worker.objects.filter(pk__in=found).update(name="", id_number="", digest="", certificate="")
            register_append(stream=STREAM, kind="anonymised", at=now, by="retention", data={"workers": found})
    return len(found)
