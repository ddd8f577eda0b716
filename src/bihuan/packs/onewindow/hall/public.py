"""The one entrance for citizens: look up, book, take a number, follow; and the page of a number."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.public.sessions import OPENED
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.hall.evaluating import service_asked
from bihuan.packs.onewindow.hall.forecast import wait_expected
from bihuan.packs.onewindow.hall.models import Ticket
from bihuan.packs.onewindow.hall.rules import MAY, OPEN, PHONE, SERVED, WAITING
from bihuan.packs.onewindow.hall.selectors import (
    before,
    hall_hours,
    halls,
    hours_added,
    hours_told,
    terms_now,
    waiting_counted,
)
from bihuan.packs.onewindow.hall.taking import Wanted, form_key, phone_checked, ticket_give_up, ticket_take
from bihuan.packs.onewindow.hall.words import group_names, priority_names, rule_told, wanted_told

KEPT, MOST_KEPT = f"{OPENED}tickets", 5
"""Where a session keeps the keys of the numbers that were taken with it, so that their pages are found again."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entrance(request: HttpRequest) -> HttpResponse:
    """For whoever comes to the hall or thinks of coming: what waits there now, a number by telephone, and the other ways."""
    with kernel_writes():
        units = list(halls())
    code = (request.POST or request.GET).get("hall", "")
    unit = next((one for one in units if one.code == code), units[0] if units else None)
    if request.method != "POST" or unit is None:
        return _entrance(request, units, unit)
    try:
        made = _taken(_wanted(request, unit), address_of(request), request.now)
    except (Refusal, FieldError) as error:
        return _entrance(request, units, unit, error=error)
    request.session[KEPT] = [made.key, *request.session.get(KEPT, [])][:MOST_KEPT]
    return HttpResponseRedirect(reverse("onewindow:ticket", args=[made.key]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, key: str) -> HttpResponse:
    """For whoever holds a number: how many are before, and where to go once it is called. POST gives it up."""
    with kernel_writes():
        found = Ticket.objects.select_related("window", "unit").filter(key=key[:64], way=PHONE).first()
    if found is None:
        raise Http404
    now = request.now
    refusal = ""
    if request.method == "POST":
        try:
            ticket_give_up(ticket=found.pk, by=BY_REPORTER, now=now)
        except Refusal as error:
            refusal = told(error)
        else:
            messages.success(request, gettext("已放弃这个号。"))
            return HttpResponseRedirect(reverse("onewindow:ticket", args=[key]))
    return render(request, "onewindow/hall/ticket.html", {**ticket_page(found, now), "refusal": refusal})


def ticket_page(found: Ticket, now: datetime) -> dict[str, Any]:
    """What the page of a number tells."""
    waits, today, terms = found.state == WAITING, found.day == day_of(now), terms_now(now)
    with kernel_writes():
        ahead = before(found, terms, now) if waits and today else 0
        minutes = wait_expected(found, terms, now) if waits and today else None
        wanted = wanted_told([found], terms, now)[found.pk]
    return {
        "ticket": found,
        "ahead": ahead,
        "rule": rule_told(terms),
        "minutes": minutes,
        "unserved": waits and today and minutes is None,
        "wanted": wanted,
        "state": Ticket.State(found.state).label,
        "may_give_up": found.state in MAY["give_up"] and today,
        "asked": service_asked(found) if found.state == SERVED else {},
    }


def _taken(wanted: Wanted, address: str, now: datetime) -> Ticket:
    """A number by telephone, within the amounts of the address and of the telephone number; what is refused is counted as well."""
    gates = (("report_phone", phone_checked(wanted.phone)), ("report_address", address))
    for what, who in gates:
        gate_check(what, who, now)
    try:
        with transaction.atomic():
            made = ticket_take(wanted=wanted, by=BY_REPORTER, now=now)
            for what, who in gates:
                gate_count(what, who, now)
    except Refusal:
        for what, who in gates:
            gate_count(what, who, now)
        raise
    return made


def _wanted(request: HttpRequest, unit: Unit) -> Wanted:
    post = request.POST
    if not post.get("phone", "").strip():
        raise FieldError("phone", "required", gettext("请填手机号,快到时发短信提醒您。"))
    item = post.get("item", "")
    return Wanted(
        unit=unit.pk, key=form_key(post.get("key", "")), way=PHONE, group=post.get("group", ""),
        item=int(item) if item.isascii() and item.isdecimal() and len(item) < 10 else None, priority=post.get("priority", ""),
        phone=post.get("phone", ""), booking=post.get("booking", ""), code=post.get("code", ""),
    )  # fmt: skip


def _entrance(
    request: HttpRequest, units: list[Unit], unit: Unit | None, *, error: Refusal | FieldError | None = None
) -> HttpResponse:
    now = request.now
    with kernel_writes():
        counts = waiting_counted(unit.pk, now) if unit else {}
        keys = request.session.get(KEPT, [])
        mine = (
            list(Ticket.objects.filter(key__in=keys, way=PHONE, day=day_of(now), state__in=OPEN))
            if keys
            else []
        )
    terms = terms_now(now)
    groups = group_names(terms)
    wrong = {error.field: told(error)} if error and error.field else {}
    used = getattr(error, "code", "") == "ticket_key"
    context = {
        "units": units,
        "mine": mine,
        "unit": unit,
        "hours": hours_told(hall_hours(unit.pk, day_of(now))) if unit else "",
        "rule": rule_told(terms),
        "added": hours_added(unit.pk, day_of(now)) if unit else [],
        "groups": [(code, name, counts.get(code, 0)) for code, name in groups.items()],
        "priorities": list(priority_names().items()),
        "typed": request.POST or request.GET,
        "key": ("" if used else request.POST.get("key", "")[:59]) or uuid4().hex,
        "wrong": wrong,
        "refusal": told(error) if error else "",
    }
    status = 200 if error is None else getattr(error, "status", 422)
    return render(request, "onewindow/hall/entrance.html", context, status=status)
