"""Boards on the screen: the page, its figures alone, the cases behind a mark, and what changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.boards import counting
from bihuan.kernel.desk.boards.asked import (
    SPANS,
    Asked,
    Mark,
    board_of,
    boards,
    chart_of,
    days_read,
    mark_read,
)
from bihuan.kernel.desk.boards.charts import Making, charts_drawn, span_told
from bihuan.kernel.desk.boards.known import Known
from bihuan.kernel.desk.boards.live import events_told, state_told
from bihuan.kernel.desk.words import language, state_label
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.manifest import Board

PAGE = 50
NOW = "now"
"""In place of a chart's code: the figures above the charts."""
OF_SCORES = ("scored", "ranked")
"""What scores tell changes every few minutes and takes longer to count: it is asked for when the rest of the page stands."""


@login_required
@require_GET
def boards_home(request: HttpRequest) -> HttpResponse:
    """For whoever watches: the first board there is."""
    if not boards():
        raise Http404
    return HttpResponseRedirect(reverse("board", args=[next(iter(boards()))]))


@login_required
@require_GET
def board(request: HttpRequest, board: str) -> HttpResponse:
    """For the centre's supervisor, and for a head about the own unit: what comes, where it stands, what goes back and forth."""
    return render(request, "desk/boards/board.html", _board(request, board))


@login_required
@require_GET
def board_now(request: HttpRequest, board: str) -> HttpResponse:
    """The figures and charts alone, so that the page does not jump when something changed."""
    return render(request, "desk/boards/now.html", _board(request, board))


@login_required
@require_GET
def board_scores(request: HttpRequest, board: str) -> HttpResponse:
    """For those who read scores: the month's charts; the page asks for them by itself, without scripts they are a page."""
    pack, shown = board_of(board)
    asked = asked_of(request, pack)
    known = Known(asked)
    if not known.scores_read:
        raise PermissionDenied
    charts = charts_drawn(board, [c for c in shown.charts if c.counts in OF_SCORES], asked, known)
    part = "HX-Request" in request.headers
    context = {"board": shown, "asked": asked, "charts": charts}
    return render(request, f"desk/boards/{'charts' if part else 'scores'}.html", context)


def _board(request: HttpRequest, board: str) -> dict[str, Any]:
    pack, shown = board_of(board)
    asked = asked_of(request, pack)
    known, counts = Known(asked), counting.now_counted(asked)
    return {
        "board": shown,
        "asked": asked,
        "now": asked.now,
        "state": state_told(counts),
        "figures": figures_told(shown, asked, counts),
        "charts": charts_drawn(board, [c for c in shown.charts if c.counts not in OF_SCORES], asked, known),
        "tabs": _tabs(asked),
        "links": [(label, reverse(view)) for label, view, roles in shown.links if asked.scope.holds(*roles)],
        "watches": asked.scope.everything,
        "scores": known.scores_read and any(chart.counts in OF_SCORES for chart in shown.charts),
    }


def asked_of(request: HttpRequest, pack: str) -> Asked:
    """What this person asks of a pack's board; nobody who sees no case asks anything."""
    scope: Scope = request.scope
    if not (scope.units or scope.everything):
        raise PermissionDenied
    return Asked(pack, scope, request.now, days_read(request.GET))


def _tabs(asked: Asked) -> list[dict[str, Any]]:
    labels = {1: gettext("今天"), 7: gettext("最近 7 天"), 30: gettext("最近 30 天")}
    return [
        {"label": labels[days], "address": f"?days={days}", "here": days == asked.days}
        for days in sorted(SPANS)
    ]


def figure_labels() -> dict[str, str]:
    """The figures above the charts, in their order."""
    return {
        "opened": gettext("今天收到"),
        "closed": gettext("今天办结"),
        "open": gettext("在办"),
        "waiting": gettext("还没派出"),
        "unsigned": gettext("已派出没签收"),
        "near": gettext("临期"),
        "late": gettext("超期"),
    }


def figures_told(shown: Board, asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The figures in words, each with the address of the cases that it counts."""
    tones = {"near": "near", "late": "late"}
    return [
        {
            "label": label,
            "value": f"{counts[name]:,}",
            "address": f"{reverse('board_behind', args=[shown.code, NOW])}?{urlencode(Mark(name).params)}",
            "tone": tones.get(name, "") if counts[name] else "",
            "note": "",
        }
        for name, label in figure_labels().items()
    ]


@login_required
@require_GET
def behind(request: HttpRequest, board: str, chart: str) -> HttpResponse:
    """For whoever does not believe a mark: the cases that it counts."""
    pack, shown = board_of(board)
    asked, mark = asked_of(request, pack), mark_read(request.GET)
    known = Known(asked)
    try:
        if chart == NOW:
            part, title = counting.behind_now(asked, mark), figure_labels()[mark.series]
        else:
            making = Making(board, chart_of(shown, chart), asked, known)
            if making.chart.counts in OF_SCORES:
                raise Http404
            part = counting.behind(making.chart, asked, mark, known.class_codes)
            title = f"{making.chart.label} · {_mark_told(making, mark)}"
    except KeyError as error:
        raise Http404 from error
    page = _page(request)
    rows = counting.behind_listed(part, most=PAGE + 1, offset=PAGE * (page - 1))
    context = {
        "board": shown,
        "title": title,
        "days": asked.days,
        "count": counting.behind_counted(part),
        "rows": [_row(row) for row in rows[:PAGE]],
        "page": page,
        "more": len(rows) > PAGE,
        "query": urlencode({"days": asked.days, **mark.params}),
    }
    return render(request, "desk/boards/behind.html", context)


def _page(request: HttpRequest) -> int:
    page = request.GET.get("page", "1")
    return min(max(int(page), 1), 10_000) if page.isdecimal() and len(page) < 6 else 1


def _mark_told(making: Making, mark: Mark) -> str:
    """What a mark counts, in words."""
    known, chart = making.known, making.chart
    if chart.by == "hour":
        before = gettext("平常") if mark.series == "usual" else gettext("今天")
        return f"{before} {gettext('%s 时') % mark.key}"
    span = span_told(making.asked)
    if chart.counts == "opened":
        return f"{span} {known.class_name(mark.key) if chart.by == 'class' else known.place(mark.key)}"
    if chart.counts == "pressing":
        return f"{known.unit(mark.key)} {figure_labels()[mark.series]}"
    turned = {"returned": gettext("退单"), "redone": gettext("重办")}[mark.series]
    return f"{span} {turned} {known.unit(mark.key)} → {known.holder(mark.to)}"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    state = state_label(row["workflow"], row["state"]) if row["number"] else ""
    return {**row, "state": state, "unit": (language() == "en" and row["unit_en"]) or row["unit"]}


@login_required
@require_GET
def board_live(request: HttpRequest, board: str) -> HttpResponse:
    """For an open board: how its cases stand now, if that differs from what it last heard of."""
    pack, _ = board_of(board)
    return live_answer(request, asked_of(request, pack))


def live_answer(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The events of this moment; a page that was just made says its state as `last`."""
    last = request.headers.get("Last-Event-ID", request.GET.get("last", ""))
    told = events_told(counting.now_counted(asked), last=last, now=asked.now)
    return HttpResponse(told, content_type="text/event-stream; charset=utf-8")
