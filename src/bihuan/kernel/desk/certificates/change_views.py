"""A certificate's own page: what it says, what became of it, and what one asks and another decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.kernel.certificates.changes import (
    HOLDER,
    change_ask,
    change_decide,
    change_withdraw,
    may_ask,
    may_decide,
)
from bihuan.kernel.certificates.grounds import ACTS, GROUNDS
from bihuan.kernel.certificates.kinds import certificate_kinds, kind_of
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.certificates.rules import MAY
from bihuan.kernel.certificates.selectors import names_read, notes_of
from bihuan.kernel.certificates.services import REASON_LEAST, REASON_MOST
from bihuan.kernel.desk.certificates.page import history_told, lines_told, waiting_told
from bihuan.kernel.desk.certificates.words import kind_name, may_open
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.pack import packs
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

DONE = {"grant": gettext_noop("已同意,证照已变动。"), "refuse": gettext_noop("已退回。"), "withdraw": gettext_noop("已撤回。")}  # fmt: skip
REASON = Ask("reason", gettext_noop("理由和证据"), "text", min_length=REASON_LEAST, max_length=REASON_MOST)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, certificate: int) -> HttpResponse:
    """For the clerk of the unit that issued it: what it says and what became of it, and to ask that it be suspended, resumed,
    replaced or revoked.
    """
    found = _found(certificate)
    if request.method != "POST":
        return _page(request, found)
    act, typed = request.POST.get("act", ""), request.POST
    lines = _lines(found) if may_open(found, names_read(request.scope)) else {}
    if act == "replace" and not lines:
        raise PermissionDenied
    try:
        change_ask(
            certificate=found.pk, act=act, ground=typed.get("ground", ""), reason=typed.get("reason", ""), by=request.user.pk,
            now=request.now, contents={name: typed.get(f"line_{name}", "") for name in lines}, holder=typed.get(HOLDER, ""),
        )  # fmt: skip
    except FieldError as fault:
        name = f"line_{fault.field}" if fault.field in lines else fault.field
        return _page(request, found, act, {name: told(fault)}, status=422)
    except Refusal as refusal:
        return _page(request, found, act, refusal=told(refusal), status=refusal.status)
    messages.success(request, gettext("已提出,等另一人批准。"))
    return redirect("certificate", found.pk)


@login_required
@require_POST
def change(request: HttpRequest, change: int, what: str) -> HttpResponse:
    """For the head who decides what another asked, and for who asked and takes it back."""
    row = Change.objects.select_related("certificate").filter(pk=change).first()
    if row is None or what not in DONE:
        raise Http404
    by, now = request.user.pk, request.now
    try:
        if what == "withdraw":
            change_withdraw(change=change, by=by, now=now)
        else:
            remark = request.POST.get("remark", "")
            change_decide(change=change, granted=what == "grant", remark=remark, by=by, now=now)
    except FieldError as fault:
        return _page(request, _found(row.certificate_id), errors={fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        return _page(request, _found(row.certificate_id), refusal=told(refusal), status=refusal.status)
    messages.success(request, gettext(DONE[what]))
    return redirect("certificate", row.certificate_id)


def _found(certificate: int) -> Certificate:
    rows = Certificate.objects.select_related("unit", "case", "replaced_by", "replaces")
    found = rows.filter(pk=certificate).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    found: Certificate,
    act: str = "",
    errors: Mapping[str, str] | None = None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    by, now = request.user.pk, request.now
    standing, reads = found.standing(day_of(now)), may_open(found, names_read(request.scope))
    waiting = found.changes.select_related("asked_by").filter(outcome="").first()
    asks = waiting is None and may_ask(found, by=by, now=now)
    open_acts = [one for one in ACTS if standing in MAY[one] and (one != "replace" or reads)] if asks else []
    wrong = errors or {}
    context: dict[str, Any] = {
        "row": found,
        "kind": kind_name(certificate_kinds().get(found.kind), found.kind),
        "standing": standing,
        "words": str(Certificate.State(standing).label),
        "notes": notes_of([found]).get(found.pk, ()),
        "reads": reads,
        "lines": lines_told(_lines(found), found.contents) if reads else [],
        "history": history_told(found),
        "waiting": waiting_told(waiting, _lines(found) if reads else {}) if waiting else None,
        "mine": waiting is not None and waiting.asked_by_id == by,
        "decides": waiting is not None and waiting.asked_by_id != by and may_decide(found, by=by, now=now),
        "resting": _resting(found) if waiting and waiting.act == "revoke" else [],
        "forms": [
            {"act": one, "label": gettext(ACTS[one]), "fields": _fields(request, one, found, act, wrong), "open": one == act}
            for one in open_acts
        ],
        "typed": request.POST,
        "refusal": refusal or (wrong and gettext("还没有办:请改正下面标出的地方。")),
        "problems": [(f"{act}-{name}" if act else name, _label(name, _lines(found)), text) for name, text in wrong.items()],
    }  # fmt: skip
    return render(request, "desk/certificate.html", context, status=status)


def _fields(
    request: HttpRequest, act: str, found: Certificate, sent: str, wrong: Mapping[str, str]
) -> list[Field]:  # fmt: skip
    """The fields of one act: with what was typed when it was the one that was sent, else as the certificate is."""
    asks = [Ask("ground", gettext_noop("依据的情形"), "choice", choices=GROUNDS[act]), REASON]
    known: dict[str, str] = {}
    if act == "replace":
        asks += _corrections(kind_of(found.kind))
        known = {f"line_{name}": text for name, text in found.contents.items()}
    typed = request.POST if sent == act else None
    values = {ask.name: typed.get(ask.name, "") if typed else known.get(ask.name, "") for ask in asks}
    return [
        Field(ask, (values[ask.name],), wrong.get(ask.name, "") if sent == act else "", act) for ask in asks
    ]


def _corrections(kind: CertificateKind) -> list[Ask]:
    name = Ask(
        HOLDER, gettext_noop("更正后的持证人"), "line", required=False, max_length=200, help=gettext_noop("不填:不变")
    )  # fmt: skip
    lines = [
        Ask(f"line_{line}", label, "text", required=line not in kind.optional, max_length=kind.longest)
        for line, label in kind.lines.items()
    ]
    return [name, *lines]


def _label(name: str, lines: Mapping[str, str]) -> str:
    own = {"ground": gettext("依据的情形"), "reason": gettext("理由和证据"), "remark": gettext("意见"), HOLDER: gettext("持证人")}  # fmt: skip
    return own.get(name) or lines.get(name.removeprefix("line_"), name)


def _lines(found: Certificate) -> Mapping[str, str]:
    kind = certificate_kinds().get(found.kind)
    return kind.lines if kind else {}


def _resting(found: Certificate) -> list[str]:
    issuers = packs()[found.case.pack].issuers
    return list(issuers.resting(found.pk)) if issuers and issuers.resting else []
