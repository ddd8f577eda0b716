"""The hotline's own screens: taking an order in, what is known of a caller, and how dispatch does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case_page import case_seen
from bihuan.kernel.desk.search import may_unmask
from bihuan.kernel.desk.words import language, unit_name
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.sentences import told
from bihuan.lib.masking import mask_text
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline import figures as shown
from bihuan.packs.hotline import forms
from bihuan.packs.hotline.api import TAKERS
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.order_data import order_clean
from bihuan.packs.hotline.reasons import reasons_joined, reasons_told
from bihuan.packs.hotline.selectors import orders_by_phone, orders_similar
from bihuan.packs.hotline.services import order_take

OPERATION = "order_form"
KNOWN = 5
PREFILLED = ("phone", "matter", "place", "territory")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: HttpRequest) -> HttpResponse:
    """For the seat agent with 300 calls a day: write what is said, press once, read where it went and why.

    `?phone=` fills the number in, as a telephone system opens it. A form is taken once, however often it is sent.
    """
    _only(request, *TAKERS)
    if request.method != "POST":
        typed = {name: request.GET.get(name, "")[:200] for name in PREFILLED}
        return _form(request, typed, {})
    data = forms.order_read(request.POST)
    _, faults = order_clean(data, now=request.now, words=dispatch_map().words())  # type: ignore[attr-defined]
    errors = forms.faults_told([*faults, *forms.type_missing(data)])
    if errors:
        return _form(request, request.POST, errors, status=422)
    return _taken(request, data)


def _taken(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    """Taken in, and on to its page; or the form again with what is wrong."""
    key = request.POST.get("key", "")
    try:
        if not key:
            raise Refusal("form_key", gettext("表单不完整,请再点一次“登记”。"))
        _, answer, again = idempotent(
            actor=request.user.pk,
            operation=OPERATION,
            key=key,
            request=data,
            now=request.now,  # type: ignore[attr-defined]
            act=lambda: (201, _take(request, data)),
        )
    except FieldError as fault:
        return _form(request, request.POST, {fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        used = gettext("这张表已登记过一件,内容与现在的不同。如果是另一件,请再点一次“登记”。")
        said = used if refusal.code == "idempotency_key" else told(refusal)
        return _form(request, request.POST, {}, refusal=said, status=refusal.status)
    say = messages.warning if answer.get("danger") else messages.success
    say(request, _said(answer, again=again))
    return HttpResponseRedirect(_way_on(answer))


def _take(request: HttpRequest, data: Mapping[str, Any]) -> dict[str, Any]:
    taken = order_take(data=data, by=request.user.pk, now=request.now)  # type: ignore[attr-defined, arg-type]
    return {
        "number": taken.number,
        "state": taken.state,
        "unit": Unit.objects.values_list("name", flat=True).get(pk=taken.unit),
        "seconds": taken.seconds,
        "reasons": list(taken.reasons),
        "danger": Case.objects.filter(pk=taken.case, progress__has_key="passed_on").exists(),
    }


def _said(answer: Mapping[str, Any], *, again: bool) -> str:
    """Where it went, how fast, and why, in words."""
    unit = Unit.objects.filter(name=answer["unit"]).first()
    named = {"number": answer["number"], "unit": unit_name(unit) if unit else answer["unit"]}
    if answer["seconds"] is not None:
        took = shown.time_told(answer["seconds"])
        said = gettext("%(number)s 已登记,并自动派到%(unit)s,用时 %(took)s。") % {**named, "took": took}
    elif answer["state"] == "received":
        said = gettext("%(number)s 已登记,留在席位。") % named
    else:
        said = gettext("%(number)s 已登记,拿不准的交%(unit)s暂管,用时算到最后的承办单位为止。") % named
    reasons = reasons_told(answer["reasons"])
    first = reasons[:1] if answer.get("danger") else []
    end = "。" if language() == "zh" else "."
    why = gettext("理由:%s。") % reasons_joined(reasons[len(first) :])
    return " ".join(
        [
            *(f"{one}{end}" for one in first),
            said,
            why,
            *([gettext("同一张表只登记一次。")] if again else []),
        ]
    )


def _way_on(answer: Mapping[str, Any]) -> str:
    """To the case while it is in sight; to the answer's form when it stays at the seat; else to the next call."""
    if case_seen(number=answer["number"]) is None:
        return reverse("hotline:new")
    address = reverse("case", args=[answer["number"]])
    return f"{address}?step=answer_at_seat#act" if answer["state"] == "received" else address


def _form(
    request: HttpRequest,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    on = timezone.localdate(request.now)  # type: ignore[attr-defined]
    context = {
        "rows": forms.rows_of(typed, errors, at=dispatch_map(), on=on),
        "checks": forms.CHECKS,
        "problems": forms.labelled(errors),
        "refusal": refusal or (gettext("还没有登记:请改正下面标出的地方。") if errors else ""),
        "key": uuid4().hex if refusal or not typed.get("key") else typed["key"],
        "phone": typed.get("phone", ""),
        **_known(request, typed),
    }
    return render(request, "hotline/new.html", context, status=status)


@login_required
@never_cache
@require_GET
def known(request: HttpRequest) -> HttpResponse:
    """For whoever is on the line: the caller's earlier orders, and open ones of the same matter at the same place."""
    _only(request, *TAKERS)
    return render(request, "hotline/parts/known.html", _known(request, request.GET))


def _known(request: HttpRequest, asked: Mapping[str, str]) -> dict[str, Any]:
    """Only who may read telephone numbers is told whose orders they are."""
    phone = asked.get("phone", "")[:40] if may_unmask(request.scope) else ""  # type: ignore[attr-defined]
    matter = dispatch_map().words().matter(asked.get("matter", "").strip()[:80]) or ""
    earlier = orders_by_phone(phone=phone, limit=KNOWN)
    similar = orders_similar(matter=matter, place=asked.get("place", "").strip()[:200], limit=KNOWN)
    return {
        "asked": bool(phone or matter),
        "earlier": [_shown(case) for case in earlier.select_related("unit")],
        "similar": [_shown(case) for case in similar.select_related("unit")],
    }


def _shown(case: Case) -> dict[str, Any]:
    return {"case": case, "title": mask_text(case.title)}


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """For the supervisor: how fast orders reached their unit, how many without a person between, how many went wrong."""
    if not request.scope.everything:  # type: ignore[attr-defined]
        raise PermissionDenied
    now = request.now  # type: ignore[attr-defined]
    longest, span = shown.SPANS[-1]
    context = {
        "spans": [label for _, label in shown.SPANS],
        "rows": shown.rows_told(now=now),
        "categories": shown.categories_counted(since=now - timedelta(days=longest), until=now),
        "span": span,
        "now": now,
    }
    return render(request, "hotline/figures.html", context)


def _only(request: HttpRequest, *roles: str) -> None:
    if not request.scope.holds(*roles):  # type: ignore[attr-defined]
        raise PermissionDenied
