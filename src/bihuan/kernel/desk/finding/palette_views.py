"""The palette's one address: a page for whoever has no script, the list alone for the dialog."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.case.page import case_seen
from bihuan.kernel.desk.finding.palette import RECENT, palette_found


@login_required
@never_cache
@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """For the agent who never leaves the keyboard: Ctrl-K, a few letters, Enter. `case` is the number of the page's case, `recent`
    numbers of those that were open before; both only as far as the scope reaches.
    """
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in ("q", "case", "recent")}
    number = asked["case"][:64]
    groups = palette_found(
        scope=request.scope,
        text=asked["q"],
        case=case_seen(number=number) if number else None,
        recent=[one[:64] for one in asked["recent"].split(",")[: RECENT + 1] if one not in ("", number)],
        now=request.now,
    )
    context = {
        "groups": groups,
        "count": sum(len(group.entries) for group in groups),
        "q": asked["q"][:200],
        "about": number,
    }
    picked = request.headers.get("HX-Request") == "true"
    return render(request, "desk/parts/palette.html" if picked else "desk/palette.html", context)
