"""The seat: one screen on which a call is written down, dispatched, answered or declined, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.models import Idempotency
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.case.page import case_seen
from bihuan.kernel.desk.finding.search import may_unmask
from bihuan.kernel.desk.named_rules import named_rules_told
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline import figures as shown
from bihuan.packs.hotline import forms
from bihuan.packs.hotline.api import TAKERS
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.models import Order
from bihuan.packs.hotline.order_data import order_clean
from bihuan.packs.hotline.reasons import reasons_told
from bihuan.packs.hotline.seat.call_views import calls_shown
from bihuan.packs.hotline.seat.calls import call_found, call_link
from bihuan.packs.hotline.seat.settling import order_settle
from bihuan.packs.hotline.seat.suggestions import suggestion
from bihuan.packs.hotline.services import order_take

OPERATION = "order_form"
FIRST_STEPS = ("dispatch", "answer_at_seat", "decline")
"""What comes of a call that is written down here."""
PREFILLED = ("phone", "matter", "place", "territory")
KEY = re.compile(r"[\w-]{1,64}", re.ASCII)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: HttpRequest) -> HttpResponse:
    """For the seat agent with 300 calls a day: write what is said, press Enter, read out where it went and why.

    `?call=` opens a call's screen, `?phone=` fills a number in. A form is taken once, however often it is sent.
    """
    _only(request, *TAKERS)
    if request.method != "POST":
        return _form(request, _prefilled(request), {})
    data = forms.order_read(request.POST)
    _, faults = order_clean(data, now=request.now, words=dispatch_map().words())
    errors = forms.faults_told([*faults, *forms.type_missing(data)])
    if errors:
        return _form(request, request.POST, errors, status=422)
    return _taken(request, data)


def _prefilled(request: HttpRequest) -> dict[str, str]:
    typed = {name: request.GET.get(name, "")[:200] for name in PREFILLED}
    call = call_found(request.GET.get("call", ""))
    if call is not None and may_unmask(request.scope):
        typed |= {"call": str(call.pk), "phone": call.phone}
    return typed


def _taken(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    """Taken in, and on to what became of it; or the form again with what is wrong."""
    key = request.POST.get("key", "")
    try:
        if not KEY.fullmatch(key):
            raise Refusal("form_key", gettext("表单不完整,请再点一次“登记”。"))
        outcome, words = forms.outcome_read(request.POST)
        call = _call_of(request.POST)
        _, _, again = idempotent(
            actor=request.user.pk,
            operation=OPERATION,
            key=key,
            request={**data, "outcome": outcome, "call": call, "words": words},
            now=request.now,
            act=lambda: (201, _take(request, data, outcome, words, call)),
        )
    except FieldError as fault:
        return _form(request, request.POST, {fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        used = gettext("这张表已登记过一件,内容与现在的不同。如果是另一件,请再点一次“登记”。")
        said = used if refusal.code == "idempotency_key" else told(refusal)
        return _form(request, request.POST, {}, refusal=said, status=refusal.status)
    return HttpResponseRedirect(reverse("hotline:taken", args=[key]) + ("?again=1" if again else ""))


def _call_of(typed: Mapping[str, str]) -> int | None:
    """The call that is written down, or None. FieldError when there is none of that id."""
    if not typed.get("call"):
        return None
    call = call_found(typed["call"])
    if call is None:
        raise FieldError("call", "unknown_call", "没有这个来电。")
    return int(call.pk)


def _take(
    request: HttpRequest,
    data: Mapping[str, Any],
    outcome: str,
    words: Mapping[str, str],
    call: int | None,
) -> dict[str, Any]:
    by, now = request.user.pk, request.now
    if outcome == "dispatch":
        done = order_take(data=data, by=by, now=now)
    else:
        done = order_settle(data=data, outcome=outcome, words=words, by=by, now=now)
    if call is not None:
        call_link(call=call, case=done.case, by=by, now=now)
    return {
        "case": done.case,
        "call": call,
        "number": done.number,
        "state": done.state,
        "unit": done.unit,
        "seconds": done.seconds,
        "reasons": list(done.reasons),
        "service": done.service,
    }


def _form(
    request: HttpRequest,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    on = timezone.localdate(request.now)
    context = {
        **forms.rows_of(typed, errors, at=dispatch_map(), on=on),
        "outcomes": forms.OUTCOMES,
        "outcome": typed.get("outcome") or "dispatch",
        "wrong_outcome": errors.get("outcome", ""),
        "problems": forms.labelled(errors),
        "refusal": refusal or (gettext("还没有登记:请改正下面标出的地方。") if errors else ""),
        "key": uuid4().hex if refusal or not KEY.fullmatch(typed.get("key", "")) else typed["key"],
        "call": typed.get("call", ""),
        "named_rules": named_rules_told(
            "hotline", FIRST_STEPS, book=rulebook(), region=settings.REGION, on=on
        ),
        "supervises": request.scope.holds("supervisor"),
        **calls_shown(request),
        **_suggested(request, typed),
    }
    return render(request, "hotline/seat.html", context, status=status)


@never_cache
@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """For whoever writes a call down: what the words would bring about, who calls, what is known. Changes nothing.

    Answers 401 once the session has ended: the page says so and keeps what is typed.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    _only(request, *TAKERS)
    return render(request, "hotline/parts/suggestion.html", _suggested(request, request.POST))


def _suggested(request: HttpRequest, typed: Mapping[str, str]) -> dict[str, Any]:
    """Only who may read telephone numbers is told whose orders they are."""
    phone = typed.get("phone", "")[:40] if may_unmask(request.scope) else ""
    return {"suggestion": suggestion(typed=typed, phone=phone, now=request.now)}


@login_required
@never_cache
@require_GET
def taken(request: HttpRequest, key: str) -> HttpResponse:
    """For the agent with the caller still on the line: the number to read out, where it went, how fast and why."""
    _only(request, *TAKERS)
    mine = Idempotency.objects.filter(actor=request.user.pk, operation=OPERATION, key=key)
    answer = mine.values_list("answer", flat=True).first()
    if answer is None:
        raise Http404
    order = Order.objects.filter(case_id=answer["case"]).first()
    context = {
        **answer,
        "reasons": reasons_told(answer["reasons"]),
        "took": shown.time_told(answer["seconds"]),
        "unit": Unit.objects.get(pk=answer["unit"]),
        "again": "again" in request.GET,
        **calls_shown(request),
        "seen": order is not None and case_seen(number=answer["number"]) is not None,
    }
    return render(request, "hotline/taken.html", context)


def _only(request: HttpRequest, *roles: str) -> None:
    page_require(request.scope, *roles)
