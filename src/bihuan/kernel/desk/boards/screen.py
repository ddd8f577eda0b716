"""The large screen of the hall: figures of the whole district, and the last cases without a word of any citizen."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.boards import counting
from bihuan.kernel.desk.boards.asked import Asked, board_of, boards
from bihuan.kernel.desk.boards.charts import charts_drawn
from bihuan.kernel.desk.boards.known import Known
from bihuan.kernel.desk.boards.live import state_told
from bihuan.kernel.desk.boards.views import figure_labels, live_answer
from bihuan.kernel.desk.pack_words import matters
from bihuan.kernel.desk.words import language, state_label
from bihuan.kernel.identity.roles import HALL_SCREEN
from bihuan.kernel.identity.scope import Scope, scope_within

EVERYTHING = Scope(0, (), (), True)
"""Sums over the district, and places, matters and states of cases, are shown in a hall that anybody may enter."""
LATEST = 7
SECONDS = 7 * 24 * 3600
"""So long an unattended screen stays logged in without a word from it; its account sees nothing else."""


@login_required
@require_GET
def hall_screen(request: HttpRequest) -> HttpResponse:
    """The first board's screen, where the account of a hall's screen begins."""
    return HttpResponseRedirect(reverse("board_screen", args=[next(iter(boards()))]))


@login_required
@require_GET
def screen(request: HttpRequest, board: str) -> HttpResponse:
    """For everybody in the hall, who stand three metres away: how the district's cases stand this minute."""
    context = _screen(request, board)
    if not request.scope.everything:
        request.session.set_expiry(SECONDS)
    return render(request, "desk/boards/screen.html", context)


@login_required
@require_GET
def screen_now(request: HttpRequest, board: str) -> HttpResponse:
    """What changes on the screen."""
    return render(request, "desk/boards/screen_now.html", _screen(request, board))


@login_required
@require_GET
def screen_live(request: HttpRequest, board: str) -> HttpResponse:
    """For a screen: how the district's cases stand now, if that differs from what it last heard of."""
    with scope_within(EVERYTHING):
        return live_answer(request, _asked(request, board))


def _screen(request: HttpRequest, board: str) -> dict[str, Any]:
    asked = _asked(request, board)
    _, shown = board_of(board)
    with scope_within(EVERYTHING):
        counts = counting.now_counted(asked)
        return {
            "board": shown,
            "now": asked.now,
            "state": state_told(counts),
            "figures": [
                {"code": name, "label": label, "value": f"{counts[name]:,}", "some": counts[name]}
                for name, label in figure_labels().items()
            ],
            "charts": charts_drawn(
                shown.code, [c for c in shown.charts if c.code in shown.screen], asked, Known(asked)
            ),
            "latest": _latest(asked),
        }


def _asked(request: HttpRequest, board: str) -> Asked:
    """The whole district's, for whoever sees everything and for the account of a screen."""
    pack, _ = board_of(board)
    scope: Scope = request.scope
    if not (scope.everything or scope.holds(HALL_SCREEN.code)):
        raise PermissionDenied
    return Asked(pack, EVERYTHING, request.now, days=1)


def _latest(asked: Asked) -> list[dict[str, Any]]:
    names, english = matters(asked.pack), language() == "en"
    return [
        {
            "at": row["opened_at"],
            "matter": names.get(row["matter"], ""),
            "place": (english and row["place_en"]) or row["place"] or "",
            "unit": (english and row["unit_en"]) or row["unit"],
            "state": state_label(row["workflow"], row["state"]),
            "urgent": row["urgent"],
        }
        for row in counting.latest_listed(asked, most=LATEST)
    ]
