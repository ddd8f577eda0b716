"""Scores on the screen: the month and the day, a unit's own figures down to the orders behind them, and bulletins."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.menu import scores_readers
from bihuan.kernel.desk.scores import tables as shown
from bihuan.kernel.desk.scores.documents import bulletin_pdf
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.scoring.indicators import labels
from bihuan.kernel.scoring.measures import MEASURES
from bihuan.kernel.scoring.ranking import LIGHTS
from bihuan.kernel.scoring.reading import scored_packs
from bihuan.kernel.scoring.selectors import card_in_force, orders_behind
from bihuan.kernel.scoring.words import LABELS, LIGHT_NAMES, OUT_WHY

PAGE = 50
BY = ("unit", "kind", "matter", "place")


@login_required
@require_GET
def scores(request: HttpRequest) -> HttpResponse:
    """For the supervisor and for heads: how the units stand this month or on a day, by the rule that is named."""
    _only(request)
    scope, now = request.scope, request.now
    chosen, pack = shown.chosen_of(request.GET, now), shown.pack_scored()
    card = card_in_force(pack=pack, on=chosen.month)
    by = request.GET.get("by", "unit")
    by = by if by in BY else "unit"
    lists = shown.lists_ranked(pack=pack, span=chosen.span, card=card) if by == "unit" else {}
    context = {
        "chosen": chosen,
        "card": card,
        "weights": [(labels()[name], weight) for name, weight in card.weights.items()],
        "lists": [shown.list_shown(name, rows, card, scope, chosen.query) for name, rows in lists.items()],
        "table": shown.table_by(pack=pack, span=chosen.span, by=by) if by != "unit" else None,
        "measures": [LABELS[measure] for measure in MEASURES],
        "tabs": _tabs(by, chosen.query),
        "by": by,
        "months": shown.months_offered(now),
        "days": shown.days_offered(chosen, now),
        "bulletins": _bulletins(chosen) if scope.everything and not chosen.day else [],
        "samples": scored_packs()[pack].samples_view,
        "now": now,
    }
    return render(request, "desk/scores.html", context)


def _tabs(by: str, query: str) -> list[dict[str, Any]]:
    labels = (
        ("unit", gettext("单位排名")),
        ("kind", gettext("单位类别")),
        ("matter", gettext("事项")),
        ("place", gettext("地点")),
    )
    return [{"label": label, "address": f"?{query}&by={code}", "here": code == by} for code, label in labels]


def _bulletins(chosen: shown.Chosen) -> list[tuple[Any, str, str]]:
    month = f"{chosen.month:%Y-%m}"
    return [(LIGHT_NAMES[light], reverse("bulletin", args=[month, light]), light) for light in LIGHTS]


@login_required
@require_GET
def unit_scores(request: HttpRequest, code: str) -> HttpResponse:
    """For the head of the unit: each figure of the month or day, and from each to the orders behind it."""
    scope, now = request.scope, request.now
    unit, chosen, pack = _unit(request, code), shown.chosen_of(request.GET, now), shown.pack_scored()
    card = card_in_force(pack=pack, on=chosen.month)
    lists = shown.lists_ranked(pack=pack, span=chosen.span, card=card)
    mine = [
        row
        for name, rows in lists.items()
        for row in shown.list_shown(name, [one for one in rows if one.unit == unit.pk], card, scope, "")[
            "rows"
        ]
    ]
    place = next((one for rows in lists.values() for one in rows if one.unit == unit.pk), None)
    placed = sum(1 for rows in lists.values() if place in rows for one in rows if one.place is not None)
    context = {
        "unit": unit,
        "chosen": chosen,
        "card": card,
        "row": mine[0] if mine else None,
        "place": f"{place.place} / {placed}" if place and place.place else "",
        "figures": shown.unit_figures(pack=pack, span=chosen.span, unit=unit, card=card, query=chosen.query),
        "months": shown.months_offered(now),
        "days": shown.days_offered(chosen, now),
        "now": now,
    }
    return render(request, "desk/unit_scores.html", context)


@login_required
@require_GET
def behind(request: HttpRequest, code: str, measure: str) -> HttpResponse:
    """For the head who does not believe a figure: the orders that it is made of."""
    unit, now = _unit(request, code), request.now
    if measure not in MEASURES:
        raise Http404
    chosen, outcome = shown.chosen_of(request.GET, now), request.GET.get("outcome", "")
    outcome = outcome if outcome in ("good", "bad", "out") else ""
    page = request.GET.get("page", "1")
    number = min(max(int(page), 1), 10_000) if page.isdecimal() and len(page) < 6 else 1
    pack = shown.pack_scored()
    rows = orders_behind(
        pack=pack, span=chosen.span, unit=unit.pk, measure=measure, outcome=outcome, most=PAGE + 1,
        offset=PAGE * (number - 1),
    )  # fmt: skip
    context = {
        "unit": unit,
        "chosen": chosen,
        "label": LABELS[measure],
        "outcome": outcome,
        "rows": [_behind(row) for row in rows[:PAGE]],
        "sample": scored_packs()[pack].sample_view if measure == "sampled" else "",
        "page": number,
        "more": len(rows) > PAGE,
    }
    return render(request, "desk/scores_behind.html", context)


def _behind(row: dict[str, Any]) -> dict[str, Any]:
    outcomes = {"good": gettext("达标"), "bad": gettext("不达标"), "out": gettext("不计")}
    why = gettext("已剔除") if row["excluded"] else str(OUT_WHY.get(row["why"], ""))
    outcome = "out" if row["excluded"] else row["outcome"]
    state = state_label(row["workflow"], row["state"]) if row["number"] else ""
    return {**row, "told": outcomes[outcome], "tone": outcome, "why": why, "state": state}


@login_required
@require_GET
def bulletin(request: HttpRequest, month: str, light: str) -> HttpResponse:
    """For the supervisor: the red, yellow or blue bulletin of a month, on paper."""
    scope, now = request.scope, request.now
    if not scope.everything or light not in LIGHTS:
        raise Http404
    _only(request)
    chosen, pack = shown.chosen_of({"month": month}, now), shown.pack_scored()
    if f"{chosen.month:%Y-%m}" != month:
        raise Http404
    card = card_in_force(pack=pack, on=chosen.month)
    lists = shown.lists_ranked(pack=pack, span=chosen.span, card=card)
    pdf = bulletin_pdf(lists, light=light, month=chosen.month, card=card, now=now)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="bulletin-{month}-{light}.pdf"'
    return response


def _unit(request: HttpRequest, code: str) -> Unit:
    """A unit whose scores this person may read; 404 otherwise."""
    _only(request)
    scope = request.scope
    unit = Unit.objects.filter(code=code[:40].replace("\0", "")).first()
    if unit is None or not (scope.everything or unit.pk in scope.units):
        raise Http404
    return unit


def _only(request: HttpRequest) -> None:
    if not request.scope.holds(*scores_readers()):
        raise PermissionDenied
