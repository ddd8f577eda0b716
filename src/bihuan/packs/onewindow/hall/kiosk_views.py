"""The kiosk's page, and the guide's device that shows the same."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.following import followed
from bihuan.kernel.public.sessions import follows_forget
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.catalogue.selectors import versions_on
from bihuan.packs.onewindow.hall.calling import GUIDE, KIOSK_ROLE, MANAGER
from bihuan.packs.onewindow.hall.kiosk import (
    ACTS,
    FOLLOWED,
    START,
    TICKET,
    WANTED,
    visit_act,
    visit_help,
    visit_helped,
    visit_now,
)
from bihuan.packs.onewindow.hall.models import Ticket, Visit
from bihuan.packs.onewindow.hall.public import ticket_page
from bihuan.packs.onewindow.hall.screens import SECONDS
from bihuan.packs.onewindow.hall.selectors import hall_of, terms_now, waiting_counted
from bihuan.packs.onewindow.hall.words import group_names, priority_names

ONLINE = 8
"""So many items that can be applied for on line stand on the first page."""


@login_required
@never_cache
@require_GET
def kiosk(request: HttpRequest) -> HttpResponse:
    """For whoever stands before the kiosk, often old: one question a page, large buttons, and a guide who can take over."""
    request.session.set_expiry(SECONDS)
    follows_forget(request)  # what the last visitor applied for is not the next one's
    return render(request, "onewindow/hall/kiosk.html", _shown(_visit(request), request))


@login_required
@require_POST
def kiosk_act(request: HttpRequest, act: str) -> HttpResponse:
    """One touch at the kiosk; the language that was chosen ends with the visit."""
    answer = _acted(request, _visit(request), act, "onewindow:kiosk")
    if act == "end":
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return answer


@login_required
@require_GET
def kiosk_now(request: HttpRequest) -> HttpResponse:
    """For the kiosk: has the guide changed something?"""
    return JsonResponse({"version": _visit(request).version})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def helping(request: HttpRequest) -> HttpResponse:
    """For the guide with a tablet: the code on a kiosk opens its page here, until the citizen or the guide ends it."""
    scope, now = request.scope, request.now
    page_require(scope, GUIDE, MANAGER)
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            visit_help(code=request.POST.get("code", ""), scope=scope, now=now)
            return HttpResponseRedirect(reverse("onewindow:helping"))
        except (Refusal, FieldError) as error:
            context = {"refusal": told(error), "status": getattr(error, "status", 422)}
    visit = visit_helped(scope.person, now)
    if visit is not None:
        context |= _shown(visit, request)
    status = context.pop("status", 200)
    return render(request, "onewindow/hall/helping.html", {**context, "helping": True}, status=status)


@login_required
@require_POST
def helping_act(request: HttpRequest, act: str) -> HttpResponse:
    """The guide fills or goes on in the citizen's place."""
    visit = visit_helped(request.user.pk, request.now)
    if visit is None:
        return HttpResponseRedirect(reverse("onewindow:helping"))
    return _acted(request, visit, act, "onewindow:helping")


@login_required
@require_GET
def helping_now(request: HttpRequest) -> HttpResponse:
    """For the guide's device: has the citizen changed something, or ended?"""
    visit = visit_helped(request.user.pk, request.now)
    return JsonResponse({"version": visit.version if visit else 0})


def _visit(request: HttpRequest) -> Visit:
    scope = request.scope
    page_require(scope, KIOSK_ROLE)
    with kernel_writes():
        unit = hall_of(scope)
    return visit_now(kiosk=scope.person, unit=unit, now=request.now)


def _acted(request: HttpRequest, visit: Visit, act: str, back: str) -> HttpResponse:
    if act not in ACTS:
        raise Http404
    by, now = request.user.pk, request.now
    typed = {name: request.POST[name] for name in request.POST}
    try:
        visit_act(visit=visit.pk, act=act, typed=typed, by=by, address=address_of(request), now=now)
    except (Conflict, NotFound):
        return HttpResponseRedirect(reverse(back))
    if act == "type":
        return JsonResponse({"version": visit.version + 1})
    return HttpResponseRedirect(reverse(back))


def _shown(visit: Visit, request: HttpRequest) -> dict[str, Any]:
    """The page of a visit, the same for both."""
    now, terms = request.now, terms_now(request.now)
    context: dict[str, Any] = {
        "visit": visit,
        "typed": visit.typed,
        "wrong": visit.wrong,
        "refusal": next(iter(visit.wrong.values()), ""),
        "priorities": list(priority_names().items()),
    }
    if visit.page == START:
        rows = versions_on(day_of(now)).filter(online=True, active=True).exclude(unit=None)
        context["online"] = [
            (row.item_id, name_of(row)) for row in rows.order_by("-instant", "name")[:ONLINE]
        ]
    if visit.page == WANTED:
        with kernel_writes():
            counts = waiting_counted(visit.unit_id, now)
        context["groups"] = [(code, name, counts.get(code, 0)) for code, name in group_names(terms).items()]
    if visit.page == TICKET:
        with kernel_writes():
            found = Ticket.objects.select_related("window", "unit").get(pk=visit.typed["ticket"])
        context |= ticket_page(found, now)
    elif visit.page == FOLLOWED:
        context["followed"] = followed(case=visit.typed["case"], now=now)
    return context
