"""Issuing certificates and what becomes of them. A pack calls these in the transaction of the step that decides it, and
the step has judged who may. Each writes an entry into the certificate's own stream; `by` is a person's id or ACTORS' 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.certificates.kinds import kind_of
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import (
    MAY,
    REPLACED,
    REVOKED,
    SUSPENDED,
    VALID,
    contents_clean,
    last_day,
)
from bihuan.kernel.certificates.token import KIND, SAYS, check_code, says_of, token_write
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.keys import key_ready
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.services import numbers_take
from bihuan.kernel.pack import packs
from bihuan.kernel.workflow.model import actor
from bihuan.lib.hashing import canonical_bytes
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError, clean_text

REASON_LEAST, REASON_MOST = 4, 500


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom it is issued to: the name in full, the citizen number or USCC ("": none told), and whether it is an organisation."""

    name: str
    identity: str = ""
    organisation: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """What is to be issued: a kind's code, for which case, by which unit, to whom, with which contents (by the kind's lines).

    `first` is the first day that it holds (None: today), `until` its last (None: as the kind says); `item` goes into
    the number where its format has one.
    """

    kind: str
    case: int
    unit: int
    holder: Holder
    contents: Mapping[str, Any] = field(default_factory=dict)
    first: date | None = None
    until: date | None = None
    item: str = ""


def certificate_issue(*, issue: Issue, by: int, now: datetime, told: bool = True) -> Certificate:
    """Issue a certificate: number, signature, row, entry, and a notice to the case's reporter unless they are not to be `told`.

    Refusal or FieldError (the field's name is that of the contents or of the holder) when something of it makes no sense,
    KeyMissing without a key to sign with; then nothing was written and no number was used.
    """
    kind = kind_of(issue.kind)
    holder, contents = _holder_clean(issue.holder), contents_clean(kind, issue.contents)
    today = day_of(now)
    first = issue.first or today
    until = issue.until or last_day(first, kind.months)
    if until is not None and until < first:
        raise FieldError("until", "dates", _("有效期的最后一天不能早于第一天。"))
    with kernel_writes():
        unit = Unit.objects.filter(pk=issue.unit).first()
        if unit is None or not Case.objects.filter(pk=issue.case).exists():
            raise NotFound("not_found", _("没有找到,或您无权查看。"))
        made = Certificate(
            kind=kind.code, case_id=issue.case, unit=unit, holder=holder.name, identity=holder.identity,
            organisation=holder.organisation, contents=contents, issued_at=now, valid_from=first, valid_until=until,
            state_at=now,
        )  # fmt: skip
        key = key_ready(now=now)
        made.number = numbers_take(format_=kind.number_format, on=today, item=issue.item)[0]
        body = canonical_bytes(_told(made, kind, key.name))
        signature = key.sign(body)
        made.code, made.token = check_code(signature), token_write(body, signature)
        made.save(force_insert=True)
        data = {
            "case": issue.case, "kind": kind.code, "number": made.number, "unit": unit.pk, "valid_from": first,
            "valid_until": until, "key": key.name,
        }  # fmt: skip
        private = {"holder": holder.name, "identity": holder.identity, "contents": _plain(contents)}
        _enter(made, "issued", data, private, by, now)
        if told:
            _notify(made, "certificate_issued", now)
    return made


def certificate_suspend(*, certificate: int, reason: str, by: int, now: datetime) -> Certificate:
    """It holds no longer, for the time being."""
    return _change(certificate, "suspend", SUSPENDED, "certificate_suspended", reason, by, now)


def certificate_resume(*, certificate: int, reason: str, by: int, now: datetime) -> Certificate:
    """A suspended one holds again."""
    return _change(certificate, "resume", VALID, "certificate_resumed", reason, by, now)


def certificate_revoke(*, certificate: int, reason: str, by: int, now: datetime) -> Certificate:
    """It holds no longer, for good. Refusal when it was revoked or replaced before."""
    return _change(certificate, "revoke", REVOKED, "certificate_revoked", reason, by, now)


def certificate_replace(
    *, certificate: int, issue: Issue, reason: str, by: int, now: datetime
) -> Certificate:
    """Issue `issue` in the place of a certificate (corrected, renewed, of another holder); the new one is returned."""
    with _locked(certificate, "replace", reason, now) as (old, words):
        new = certificate_issue(issue=issue, by=by, now=now)
        old.state, old.state_at, old.replaced_by = REPLACED, now, new
        old.save(update_fields=["state", "state_at", "replaced_by"])
        _enter(old, "replaced", {"by": new.pk, "number": new.number}, {"reason": words}, by, now)
        _notify(old, "certificate_replaced", now)
        _follow(old, "replace", words, by, now)
    return new


def certificate_printed(*, certificate: int, by: int, now: datetime) -> None:
    """Its paper, with all that is personal, was handed to a person of the desk: an entry says so."""
    with kernel_writes():
        register_append(
            stream=stream_of(certificate), kind="printed", at=now, by=by, data={"certificate": certificate}
        )


def stream_of(certificate: int) -> str:
    """The stream of a certificate in the ledger."""
    return f"certificate:{certificate}"


def _change(
    certificate: int, act: str, state: str, notice: str, reason: str, by: int, now: datetime
) -> Certificate:
    with _locked(certificate, act, reason, now) as (found, words):
        found.state, found.state_at = state, now
        found.save(update_fields=["state", "state_at"])
        _enter(
            found,
            state if act != "resume" else "resumed",
            {"number": found.number},
            {"reason": words},
            by,
            now,
        )
        _notify(found, notice, now)
        _follow(found, act, words, by, now)
    return found


def _follow(made: Certificate, act: str, reason: str, by: int, now: datetime) -> None:
    """Tell the pack whose case it is of."""
    issuers = packs()[made.case.pack].issuers
    if issuers and issuers.changed:
        issuers.changed(made.pk, act, reason, by, now)


@contextmanager
def _locked(certificate: int, act: str, reason: str, now: datetime) -> Iterator[tuple[Certificate, str]]:
    """The certificate under its lock, if `act` may be done to it, and the cleaned reason."""
    words = clean_text(reason, field="reason", max_length=REASON_MOST, min_length=REASON_LEAST)
    with kernel_writes():
        found = Certificate.objects.select_for_update().filter(pk=certificate).first()
        if found is None:
            raise NotFound("not_found", _("没有找到,或您无权查看。"))
        standing_check(found, act, now)
        yield found, words


def standing_check(found: Certificate, act: str, now: datetime) -> None:
    """Refusal when a certificate does not stand so that `act` may be done to it."""
    standing = found.standing(day_of(now))
    if standing not in MAY[act]:
        told = {"number": found.number, "state": Certificate.State(standing).label}
        raise Refusal("certificate_state", _("%(number)s 现在%(state)s,不能这样办。") % told)


def _holder_clean(holder: Holder) -> Holder:
    name = clean_text(holder.name, field="holder", max_length=200, min_length=1, multiline=False)
    return Holder(
        name,
        clean_text(holder.identity, field="identity", max_length=40, multiline=False),
        holder.organisation,
    )


def _told(made: Certificate, kind: CertificateKind, key: str) -> dict[str, str]:
    """What the token says: nothing that names a person whole."""
    says = says_of(kind.public_lines(made.contents))
    return {
        "kind": KIND,
        "key": key,
        "number": made.number,
        "name": kind.name,
        "organ": made.unit.name,
        "holder": made.holder_masked,
        "issued": day_of(made.issued_at).isoformat(),
        "until": made.valid_until.isoformat() if made.valid_until else "",
        **({SAYS: says} if says else {}),
    }


def _plain(contents: Mapping[str, str]) -> str:
    return canonical_bytes(dict(contents)).decode() if contents else ""


def _enter(
    made: Certificate,
    kind: str,
    data: Mapping[str, Any],
    private: Mapping[str, str],
    by: int,
    now: datetime,
) -> None:
    texts = {name: text for name, text in private.items() if text}
    register_append(
        stream=stream_of(made.pk), kind=kind, at=now, by=actor(by), data={"certificate": made.pk, **data}, private=texts
    )  # fmt: skip


def _notify(made: Certificate, template: str, now: datetime) -> None:
    """To the case's reporter by message, or, without one, to the unit; whoever subscribed gets the event."""
    party = Party.objects.filter(case=made.case_id, role=Party.Role.REPORTER).exclude(phone="").first()
    to: dict[str, Any] = {"party": party.pk} if party else {"unit": made.unit_id}
    notice_put(
        channel="sms" if party else "in_app",
        template=template,
        key=f"certificate:{made.pk}:{template}:{int(now.timestamp())}",
        now=now,
        context={"number": made.number, "state": made.state},
        case=made.case_id,
        **to,
    )
