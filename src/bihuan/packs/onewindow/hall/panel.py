"""The window's own panel, and the counter where numbers are given out. By keyboard alone."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import in_line, told
from bihuan.lib.qr import qr_svg
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.hall import calling, taking
from bihuan.packs.onewindow.hall.calling import CLERK, GUIDE, MANAGER
from bihuan.packs.onewindow.hall.evaluating import service_last
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from bihuan.packs.onewindow.hall.rules import AT_WINDOW, COUNTER, SERVING, SKIPPED, WAITING, Terms
from bihuan.packs.onewindow.hall.selectors import (
    before,
    hall_of,
    minutes_between,
    queue_of,
    terms_now,
    tickets_of,
)
from bihuan.packs.onewindow.hall.words import group_names, priority_names, wanted_told

LISTED = 12
SHOWN = re.compile(r"([A-Z]) ?([0-9]{1,4})")
"""A number as it stands on the ticket: A012."""


@login_required
@never_cache
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """For the clerk at a window of the hall: whom to call, who is there, who waits; one key for each."""
    return _page(request)


@login_required
@require_GET
def desk_waiting(request: HttpRequest) -> HttpResponse:
    """For the same clerk: who waits by now."""
    return render(request, "onewindow/hall/waiting.html", _context(request))


@login_required
@require_POST
def desk_act(request: HttpRequest, act: str) -> HttpResponse:
    """For the same clerk: sit, pause, leave, call, call again, begin, finish, skip, pass on, take back."""
    page_require(request.scope, CLERK)
    if act not in ACTS:
        raise Http404
    try:
        said = ACTS[act](_Asked(request))
    except (Refusal, FieldError) as error:
        return _page(request, refusal=told(error), status=getattr(error, "status", 422))
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("onewindow:hall_desk"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """For the guide at the door: a number for whoever has no telephone, in ten seconds; and those who missed their call."""
    scope: Scope = request.scope
    page_require(scope, GUIDE, MANAGER, CLERK)
    unit, error = hall_of(scope), None
    if request.method == "POST":
        try:
            said = _given(request, unit)
        except (Refusal, FieldError) as fault:
            error = fault
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("onewindow:hall_counter"))
    return _counter(request, unit, error)


class _Asked:
    """What a form of the panel asks for: numbers that are none are 0."""

    def __init__(self, request: HttpRequest) -> None:
        self.scope: Scope = request.scope
        self.now = request.now
        self.post = request.POST

    def number(self, name: str) -> int:
        text = self.post.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0

    def of_window(self) -> dict[str, Any]:
        return {"window": self.number("window"), "scope": self.scope, "now": self.now}

    def of_ticket(self) -> dict[str, Any]:
        return {"ticket": self.number("ticket"), "scope": self.scope, "now": self.now}


def _call(asked: _Asked) -> str:
    called = calling.ticket_call(**asked.of_window())
    return "" if called else gettext("现在没有等您这个窗口的号。")


def _transfer(asked: _Asked) -> str:
    sent = calling.ticket_transfer(**asked.of_ticket(), to=asked.number("to"))
    return gettext("%(number)s 号已转到 %(window)s 号窗口,不用重新排队。") % {"number": sent.shown, "window": sent.window.code if sent.window else ""}  # fmt: skip


def _back(asked: _Asked) -> str:
    found = taking.ticket_return(
        ticket=asked.number("ticket"), unit=hall_of(asked.scope), by=asked.scope.person, now=asked.now
    )
    return gettext("%s 号已重新排队。") % found.shown


def _quiet(act: Callable[..., Any], of: Callable[[_Asked], dict[str, Any]]) -> Callable[[_Asked], str]:
    def do(asked: _Asked) -> str:
        act(**of(asked))
        return ""

    return do


ACTS: Mapping[str, Callable[[_Asked], str]] = {
    "sit": _quiet(calling.window_sit, _Asked.of_window),
    "pause": _quiet(
        calling.window_pause, lambda asked: {**asked.of_window(), "reason": asked.post.get("reason", "")}
    ),
    "leave": _quiet(calling.window_leave, _Asked.of_window),
    "call": _call,
    "recall": _quiet(calling.ticket_recall, _Asked.of_ticket),
    "begin": _quiet(calling.ticket_begin, _Asked.of_ticket),
    "finish": _quiet(calling.ticket_finish, _Asked.of_ticket),
    "skip": _quiet(calling.ticket_skip, _Asked.of_ticket),
    "transfer": _transfer,
    "return": _back,
}


def _page(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {**_context(request), "refusal": refusal}
    if (mine := context["mine"]) and not (context["at"] and context["at"]["ticket"].state == SERVING):
        context["last"] = _last(mine, request.now)
    return render(request, "onewindow/hall/desk.html", context, status=status)


def _context(request: HttpRequest) -> dict[str, Any]:
    scope, now = request.scope, request.now
    page_require(scope, CLERK)
    unit, terms = hall_of(scope), terms_now(now)
    windows = list(
        HallWindow.objects.filter(unit=unit, active=True).select_related("person").order_by("code")
    )
    mine = next((one for one in windows if one.person_id == scope.person), None)
    names = group_names(terms)
    context: dict[str, Any] = {
        "mine": mine,
        "windows": [(one, _skills(one, names)) for one in windows],
        "now": now,
    }
    if mine is None:
        return context  # fmt: skip
    rows = tickets_of(unit, now).filter(state=WAITING)
    counts = dict(rows.values_list("group").annotate(n=Count("pk")))
    at = tickets_of(unit, now).filter(window=mine, state__in=AT_WINDOW).first()
    return context | {
        "skills": _skills(mine, names),
        "at": at and tickets_told([at], terms, now)[0],
        "may_skip": at is not None and at.calls >= terms.of("calls"),
        "calls_needed": terms.of("calls"),
        "others": [one for one in windows if one.state != "shut" and one is not mine],
        "waiting": tickets_told(queue_of(mine, terms, now)[:LISTED], terms, now),
        "count": sum(counts.get(code, 0) for code in mine.skills),
        "skipped": list(tickets_of(unit, now).filter(state=SKIPPED, window=mine).order_by("pk")[:6]),
    }  # fmt: skip


def _last(window: HallWindow, now: datetime) -> dict[str, Any]:
    """Whoever was served last there and may evaluate that now: with a drawing that a telephone reads."""
    found = service_last(window, now)
    if not found:
        return {}
    address = f"{settings.PUBLIC_ADDRESS.rstrip('/')}{reverse('public:follow')}?number={found['number']}"
    return {**found, "qr": b64encode(qr_svg(address)).decode()}


def _skills(window: HallWindow, names: Mapping[str, str]) -> str:
    return in_line(names.get(code, code) for code in window.skills)


def tickets_told(tickets: Iterable[Ticket], terms: Terms, now: datetime) -> list[dict[str, Any]]:
    """Tickets as the hall's people read them."""
    tickets, priorities = list(tickets), priority_names()
    wanted = wanted_told(tickets, terms, now)
    return [
        {
            "ticket": one,
            "wanted": wanted[one.pk],
            "priority": priorities.get(one.priority, ""),
            "waited": minutes_between(one.taken_at, one.called_at or now),
            "served": minutes_between(one.begun_at, now),
            "booked": one.booking_id is not None,
        }
        for one in tickets
    ]


def _given(request: HttpRequest, unit: int) -> str:
    now, post = request.now, request.POST
    by = request.user.pk
    if "ticket" in post or "missed" in post:
        number = _Asked(request).number("ticket") or _missed(post.get("missed", ""), unit, now)
        found = taking.ticket_return(ticket=number, unit=unit, by=by, now=now)
        return gettext("%s 号已重新排队。") % found.shown
    wanted = taking.Wanted(
        unit=unit, key=taking.form_key(post.get("key", "")), way=COUNTER, group=post.get("group", ""), priority=post.get("priority", ""),
        id_number=post.get("id_number", ""), phone=post.get("phone", ""), booking=post.get("booking", ""), code=post.get("code", ""),
    )  # fmt: skip
    made = taking.ticket_take(wanted=wanted, by=by, now=now)
    with kernel_writes():
        ahead = before(made, terms_now(now), now)
    return gettext("号码 %(number)s,前面还有 %(count)s 位。") % {"number": made.shown, "count": ahead}


def _missed(typed: str, unit: int, now: datetime) -> int:
    """The id of the ticket whose number somebody shows. Refusal where there is none today."""
    shown = SHOWN.fullmatch(typed.strip().upper()[:12])
    rows = (
        tickets_of(unit, now).filter(group=shown[1], number__endswith=f"{shown[1]}{int(shown[2]):04}")
        if shown
        else ()
    )
    found = next(iter(rows), None)
    if found is None:
        raise Refusal(
            "ticket_missed",
            gettext("今天没有 %s 号。请看清号码,如 A012;或重新取号。") % typed.strip()[:12],
            field="missed",
        )
    return found.pk


def _counter(request: HttpRequest, unit: int, error: Refusal | FieldError | None) -> HttpResponse:
    now = request.now
    rows, terms = tickets_of(unit, now), terms_now(now)
    used = getattr(error, "code", "") == "ticket_key"
    context = {
        "groups": list(group_names(terms).items()),
        "priorities": list(priority_names().items()),
        "typed": request.POST,
        "key": ("" if used else request.POST.get("key", "")[:59]) or uuid4().hex,
        "refusal": told(error) if error else "",
        "last": tickets_told(rows.order_by("-pk")[:8], terms, now),
        "skipped": rows.filter(state=SKIPPED).order_by("-last_call_at")[:LISTED],
        "missed": rows.filter(state=SKIPPED).count(),
    }
    status = 200 if error is None else getattr(error, "status", 422)
    return render(request, "onewindow/hall/counter.html", context, status=status)
