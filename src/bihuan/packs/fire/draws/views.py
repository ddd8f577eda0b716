"""Screens of the draw: all draws, a new one, its record, and drawing it again."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.sentences import told
from bihuan.lib.paging import Paged
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.draws.draw import STRATA
from bihuan.packs.fire.draws.services import draw_hold, draw_published, draw_verify, filings_waiting, names_of
from bihuan.packs.fire.models import Draw
from bihuan.packs.fire.projects.services import KEEPERS, keeper_unit
from bihuan.packs.fire.workflows import CHIEF

PAGE, SHOWN = 20, 100


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draws(request: HttpRequest) -> HttpResponse:
    """For the chief: which filings wait, the draw of today, and those before."""
    scope = request.scope
    page_require(scope, *KEEPERS)
    refusal, status = "", 200
    if request.method == "POST":
        page_require(scope, CHIEF)
        try:
            return redirect("fire:draw", draw_hold(scope=scope, now=request.now).pk)
        except Refusal as error:
            refusal, status = told(error), error.status
    waiting = filings_waiting(unit=keeper_unit(scope))
    context = {
        "page": Paged(Draw.objects.select_related("drawn_by").order_by("-pk"), PAGE).get_page(
            request.GET.get("page")
        ),
        "waiting": list(waiting.values())[:SHOWN],
        "waiting_count": len(waiting),
        "may_draw": scope.holds(CHIEF),
        "refusal": refusal,
    }
    return render(request, "fire/draws.html", context, status=status)


@login_required
@require_GET
def draw(request: HttpRequest, draw: int) -> HttpResponse:
    """For the chief and whoever doubts: lists, seed and outcome, and whether the same comes out again."""
    row = _found(request, draw)
    record, names, labels = row.record, names_of(row.record), dict(STRATA)
    groups = [
        {
            **group,
            "label": gettext(labels[group["code"]]),
            "rows": [_drawn(n, record, names) for n in group["drawn"]],
        }
        for group in record["strata"]
    ]
    context = {
        "draw": row,
        "groups": groups,
        "inspectors": [names.get(one, one) for one in record["inspectors"]["listed"]],
        "faults": draw_verify(row),
    }
    return render(request, "fire/draw.html", context)


@login_required
@require_GET
def record(request: HttpRequest, draw: int) -> HttpResponse:
    """For whoever draws it again: the record as a file for `bihuan fire draw --verify`."""
    row = _found(request, draw)
    answer = JsonResponse(draw_published(row), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="draw-{row.pk}.json"'
    return answer


def _drawn(number: str, record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    kept_out = record["conflicts"].get(number, ())
    return {
        "number": number,
        "team": [names.get(one, one) for one in record["teams"][number]],
        "kept_out": [names.get(one, one) for one in kept_out],
    }


def _found(request: HttpRequest, draw: int) -> Draw:
    page_require(request.scope, *KEEPERS)
    return get_object_or_404(Draw.objects.select_related("drawn_by"), pk=draw)
