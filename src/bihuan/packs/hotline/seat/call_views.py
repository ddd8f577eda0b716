"""Calls on the screen: what rings at the agent's telephone, what was missed, and the recording of an order's call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.models import Party
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.cases.personal import voice_hear
from bihuan.kernel.desk.case.page import case_seen
from bihuan.kernel.desk.case.views import case_shown
from bihuan.kernel.desk.finding.search import may_unmask
from bihuan.kernel.sentences import told
from bihuan.lib.masking import mask_phone
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.adapters.recordings import recording_can_be_fetched, recording_fetch
from bihuan.packs.hotline.api import TAKERS
from bihuan.packs.hotline.models import Call
from bihuan.packs.hotline.seat.calls import (
    answer_within_s,
    call_called_back,
    call_of_order,
    calls_missed,
    calls_waiting,
    waited_s,
)

ANSWERING = ("seat_agent", "supervisor")
"""The roles that call back."""
HEARD_FOR = timedelta(minutes=30)
"""So long a reason given is good for the player on the page."""
SALT = "hotline.recording"


@never_cache
@require_GET
def ringing(request: HttpRequest) -> HttpResponse:
    """For the agent at the seat: who rings now, how long already, and how many wait to be called back.

    Answers 401 once the session has ended: the page says so and keeps what is typed.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    _only(request, *TAKERS)
    return render(request, "hotline/parts/ringing.html", calls_shown(request))


def calls_shown(request: HttpRequest) -> dict[str, Any]:
    """The calls at this agent's telephone and the number of missed ones; numbers only for who may read them."""
    now, plain = request.now, may_unmask(request.scope)
    within = answer_within_s(now=now)
    return {
        "calls": [
            _shown(call, within, request, phone=call.phone if plain else "")
            for call in calls_waiting(agent=request.user.pk, now=now)
        ],
        "within": within,
        "missed": calls_missed(now=now).count() if request.scope.holds(*ANSWERING) else 0,
    }


@login_required
@never_cache
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """For whoever has a minute between two calls: the callers whom nobody answered, to be called back."""
    _only(request, *ANSWERING)
    now = request.now
    within = answer_within_s(now=now)
    rows = [_shown(call, within, request) for call in calls_missed(now=now).select_related("agent")]
    return render(request, "hotline/calls.html", {"rows": rows, "within": within})


@login_required
@require_POST
def called_back(request: HttpRequest, call: int) -> HttpResponse:
    """For the same agent: the caller was called back, with or without an order."""
    _only(request, *ANSWERING)
    try:
        call_called_back(call=call, by=request.user.pk, now=request.now)
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, gettext("已记为回拨。"))
    return redirect("hotline:calls")


@login_required
@never_cache
@require_POST
def listen(request: HttpRequest, number: str) -> HttpResponse:
    """For who may read the caller's data: the case page with the recording, once the reason is in the case's record."""
    call, party = _recorded(number)
    reason = request.POST.get("reason", "")
    now = request.now
    try:
        voice_hear(party=party, by=request.user.pk, reason=reason, now=now)
    except (FieldError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 422
        return case_shown(request, number, listen_wrong=told(error), listen_reason=reason, status=status)
    until = int((now + HEARD_FOR).timestamp())
    token = signing.dumps([request.user.pk, call.pk, until], salt=SALT)
    return case_shown(
        request, number, heard=call, sound=token if recording_can_be_fetched(call.recording) else ""
    )


@login_required
@require_GET
def sound(request: HttpRequest, number: str) -> HttpResponse | StreamingHttpResponse:
    """For the player on the page of whoever has just given a reason: the recording, or the range that it asks for."""
    call, _party = _recorded(number)
    try:
        person, heard, until = signing.loads(request.GET.get("token", ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise PermissionDenied from None
    if (person, heard) != (request.user.pk, call.pk) or until < request.now.timestamp():
        raise PermissionDenied
    if not recording_can_be_fetched(call.recording):
        raise Http404
    try:
        found = recording_fetch(call.recording, wanted=request.headers.get("Range", ""))
    except NotFound as refusal:
        raise Http404(refusal.message) from None
    return StreamingHttpResponse(found.parts, status=found.status, headers=found.headers)


def _recorded(number: str) -> tuple[Call, Party]:
    """The call of a case in sight and its reporter. 404 when there is no recording."""
    case = case_seen(number=number)
    call = call_of_order(case=case.pk) if case else None
    party = Party.objects.filter(case=case, role=Party.Role.REPORTER).first()
    if call is None or party is None or not call.recording:
        raise Http404
    return call, party


def _shown(call: Call, within: int, request: HttpRequest, *, phone: str = "") -> dict[str, Any]:
    waited = waited_s(call, now=request.now)
    return {
        "call": call,
        "phone": phone,
        "masked": mask_phone(call.phone) if call.phone else "",
        "waited": waited,
        "late": waited > within,
        "at_ms": int(call.ringing_at.timestamp() * 1000),
    }


def _only(request: HttpRequest, *roles: str) -> None:
    page_require(request.scope, *roles)
