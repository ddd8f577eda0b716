"""The hall's display and the one above a window: the last calls, within a second of the call."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.hall.calling import CLERK, GUIDE, KIOSK_ROLE, MANAGER, SCREEN_ROLE
from bihuan.packs.onewindow.hall.models import HallWindow
from bihuan.packs.onewindow.hall.selectors import calls_last, hall_units, terms_now, waiting_counted
from bihuan.packs.onewindow.hall.words import group_names

SHOWN_TO = (SCREEN_ROLE, KIOSK_ROLE, CLERK, GUIDE, MANAGER)
SECONDS = 7 * 24 * 3600
"""So long an unattended screen stays logged in without a word from it."""


@login_required
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """For everybody who waits in the hall, ten metres away: which number goes to which window; `?window=3`: the display above one."""
    shown = _shown(request)
    if request.scope.holds(SCREEN_ROLE, KIOSK_ROLE):
        request.session.set_expiry(SECONDS)
    return render(request, "onewindow/hall/screen.html", shown)


@login_required
@require_GET
def screen_now(request: HttpRequest) -> HttpResponse:
    """For a display: the calls as they stand, or 304 while they are what it knows."""
    shown = _shown(request)
    told = {
        "calls": [
            {"id": f"{one.ticket}-{one.calls}", "number": one.shown, "window": one.window, "there": one.there}
            for one in shown["calls"]
        ],
        "waiting": shown["waiting"],
    }
    tag = f'"{sha256(repr(told).encode()).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    return JsonResponse(told, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


def _shown(request: HttpRequest) -> dict[str, Any]:
    """The calls in the hall of whoever shows them (a screen that belongs to no hall shows the first), or of one window. The account of a
    device sees no row of its own: numbers alone are read for it.
    """
    scope, now, code = request.scope, request.now, request.GET.get("window", "")[:4]
    page_require(scope, *SHOWN_TO)
    names = group_names(terms_now(now))
    with kernel_writes():
        units = hall_units()
        unit = next(
            (one for one in units if one in {held.unit for held in scope.held}), units[0] if units else 0
        )
        window = HallWindow.objects.filter(unit=unit, code=code, active=True).first() if code else None
        calls = calls_last(unit, now, window=window.pk, most=1) if window else calls_last(unit, now)
        counts = waiting_counted(unit, now)
    waiting = [[code, name, counts.get(code, 0)] for code, name in names.items()]
    return {"window": window, "code": window.code if window else "", "calls": calls, "waiting": waiting}
