"""Reading certificates: those of a case, the register, and what everybody may know of one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case, Viewer
from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import EXPIRED, REPLACED, REVOKED, SUSPENDED, VALID, number_written
from bihuan.kernel.certificates.services import stream_of
from bihuan.kernel.certificates.token import token_read
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.keys import public_keys
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.pack import packs, roles
from bihuan.lib.codes import code_is
from bihuan.lib.refusals import NotFound

SHOWN_HOLDER = "certificates.public_holder"
"""The policy of what the public page says of a holder: "masked" or "hidden"; an organisation is told in full."""


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry of a certificate: `by` is a person's id or a system's name, `data` as the ledger holds it, `texts` what was said."""

    kind: str
    at: datetime
    by: int | str
    data: Mapping[str, Any]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What everybody may know of a certificate: `standing` since `since`, and the number of what replaced it ("": nothing).
    `coming`: its first day is still to come; `lines` are what its kind makes public, `notes` what else must be known.
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
    lines: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def certificates_of(*, case: int) -> QuerySet[Certificate]:
    """The certificates of a case, the latest first, as far as the present scope sees them."""
    return Certificate.objects.filter(case=case).select_related("unit", "replaced_by").order_by("-pk")


SHOWN = {
    "waiting": Q(changes__outcome=""),
    **{state: Q(state=state) for state in (SUSPENDED, REVOKED, REPLACED)},
}
"""What the register may be narrowed to."""


LOOKED, FEW = 500, 5_000
"""So many certificates that fit a search, and so many cases of a unit, are looked through one by one."""
OWN = """
    select c.id from cases_case c where c.unit_id = any(%(units)s) and c.pack = any(%(packs)s) and c.closed_at is null
    union all
    select c.id from cases_case c where c.unit_id = any(%(units)s) and c.pack = any(%(packs)s) and c.closed_at is not null
    union all
    select c.id from case_viewer v join cases_case c on c.id = v.case_id where v.unit_id = any(%(units)s) and c.pack = any(%(packs)s)
    limit %(most)s
"""
"""Open and closed ones apart: each has an index by unit."""


def certificates_found(
    *, q: str, scope: Scope, before: int | None, most: int, show: str = "", kind: str = ""
) -> list[Certificate]:
    """Certificates that the scope sees, the latest first: by the beginning of a number, or, for who may read names, by the whole
    name or number of the holder; `show` one of SHOWN ("": all), `kind` a kind's code ("": all).
    """
    rows = Certificate.objects.select_related("unit", "case").order_by("-pk")
    if q:
        wanted = Q(number__startswith=number_written(q)) | Q(number__startswith=q)
        rows = rows.filter(wanted | Q(holder=q) | Q(identity=q) if names_read(scope) else wanted)
    if show in SHOWN:
        rows = rows.filter(SHOWN[show])
    if kind:
        rows = rows.filter(kind=kind)
    if before:
        rows = rows.filter(pk__lt=before)
    if scope.everything:
        with kernel_writes():  # who sees everything is not asked row by row: the search goes by its index
            return list(rows[:most])
    return list(_narrowed(rows, scope, most, searched=bool(q))[:most])


def _narrowed(
    rows: QuerySet[Certificate], scope: Scope, most: int, *, searched: bool
) -> QuerySet[Certificate]:
    """The same certificates, where few can come into question named one by one: whose they are is asked of these alone."""
    with kernel_writes():
        if searched:
            fit = list(rows.values_list("pk", flat=True)[: LOOKED + 1])
            return rows.filter(pk__in=fit) if len(fit) <= LOOKED else rows
        viewed = Viewer.objects.filter(case=OuterRef("pk"), unit__in=scope.units)
        own = Case.objects.filter(Q(unit__in=scope.units) | Exists(viewed), pk=OuterRef("case"))
        seen = rows.filter(Exists(own)).values_list("pk", flat=True)
        issued = list(seen.filter(unit__in=scope.units)[:most])
        others = seen.exclude(unit__in=scope.units)
        if len(issued) == most:  # what others issued is looked for no further back than these go
            others = others.filter(pk__gt=issued[-1])
        elif len(cases := _cases_of(scope)) <= FEW:
            return rows.filter(case__in=cases)
        return rows.filter(pk__in=sorted([*issued, *others[:most]], reverse=True)[:most])


def _cases_of(scope: Scope) -> list[int]:
    """The cases of these units, as far as their packs issue certificates: at most one more than FEW."""
    issuing = [name for name, pack in packs().items() if pack.certificates]
    with connection.cursor() as cursor:
        cursor.execute(OWN, {"units": list(scope.units), "packs": issuing, "most": FEW + 1})
        return [case for (case,) in cursor.fetchall()]


def notes_of(found: Sequence[Certificate]) -> Mapping[int, Sequence[str]]:
    """What the packs say of these certificates besides their standing, by id."""
    notes: dict[int, Sequence[str]] = {}
    for pack in packs().values():
        if pack.issuers and pack.issuers.noted:
            notes |= pack.issuers.noted(found)
    return notes


def history_of(certificate: Certificate, *, most: int) -> list[Entered]:
    """What became of a certificate that the caller has seen, the latest first: at most so many entries."""
    stream = stream_of(certificate.pk)
    with kernel_writes():
        entries = list(LedgerEntry.objects.filter(stream=stream).order_by("-seq")[:most])
        rows = LedgerPrivate.objects.filter(
            stream=stream, seq__in=[e.seq for e in entries], name__in=("reason", "remark")
        )
        texts: dict[int, dict[str, str]] = {}
        for seq, name, text in rows.values_list("seq", "name", "text"):
            texts.setdefault(seq, {})[name] = text or ""
    bodies = [(entry.seq, json.loads(bytes(entry.body))) for entry in entries]
    return [
        Entered(
            body["kind"], datetime.fromisoformat(body["at"]), body["by"], body["data"], texts.get(seq, {})
        )
        for seq, body in bodies
    ]


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
        typed = number[:80].replace("\0", "")
        found = _rows().filter(number__in={typed, number_written(typed)}).first()
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
    kind = certificate_kinds().get(found.kind)
    return Checked(
        kind=kind,
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
        lines=tuple(kind.public_lines(found.contents)) if kind else (),
        notes=tuple(notes_of([found]).get(found.pk, ())),
    )
