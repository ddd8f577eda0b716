"""Screens of electronic supervision: the cards, filtered, with a score by unit; and one card with what is said and decided on it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.desk.templatetags.desk import named
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.paging import Paged
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.commitments.selectors import READERS
from bihuan.packs.onewindow.policies import CLOCK_LABELS
from bihuan.packs.onewindow.supervision.models import Card
from bihuan.packs.onewindow.supervision.selectors import (
    DAYS,
    cards_listed,
    filters_read,
    points,
    since_of,
    units_counted,
)
from bihuan.packs.onewindow.supervision.services import (
    ANSWERERS,
    DECIDER,
    LONGEST,
    answers,
    card_answer,
    card_decide,
    decides,
)
from bihuan.packs.onewindow.supervision.words import BASES, RULES, STANDINGS
from bihuan.packs.onewindow.workflow import STATES

PAGE = 30
ANSWER = (
    Ask("what", _("怎样答复"), "choice", choices=(("explained", _("说明情况")), ("objected", _("提出异议")))),
    Ask("words", _("说明"), "text", min_length=4, max_length=LONGEST),
)
DECIDE = (
    Ask("what", _("裁定"), "choice", choices=(("upheld", _("维持")), ("withdrawn", _("撤销,不计分")))),
    Ask("words", _("理由"), "text", min_length=4, max_length=LONGEST),
)


@login_required
@never_cache
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    """For the supervisor each morning: which units have cards, for what, and which wait for a decision; a unit sees its own."""
    scope, now = request.scope, request.now
    page_require(scope, *ANSWERERS, DECIDER)
    filters = filters_read(request.GET)
    rows = cards_listed(filters, since=since_of(now))
    units = units_counted(rows, now=now)
    page = Paged(rows, PAGE).get_page(request.GET.get("page"))
    yellow, red = points(now)
    context = {
        "figures": _figures(units, filters),
        "units": [(one, _address(filters, unit=one.unit.code)) for one in units],
        "rows": [(card, _rule(card), _stage(card), _item(card)) for card in page],
        "page": page,
        "query": urlencode(filters),
        "filters": filters,
        "choices": _choices(),
        "points": (yellow, red),
        "scored": set(filters) <= {"unit"},
        "days": DAYS,
        "now": now,
        "filtered": _filtered(filters, units),
        "reads_discredited": scope.holds(*READERS),
    }
    return render(request, "onewindow/cards.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, card: int) -> HttpResponse:
    """For the unit that has the card: explain it or object; for the supervisor: decide on what was said."""
    row = (
        Card.objects.select_related("case", "unit", "person", "answered_by", "decided_by")
        .filter(pk=card)
        .first()
    )
    if row is None:
        raise Http404
    if request.method != "POST":
        return _card(request, row)
    write = card_decide if request.POST.get("act") == "decide" else card_answer
    try:
        write(
            card=row.pk,
            what=request.POST.get("what", ""),
            words=request.POST.get("words", ""),
            scope=request.scope,
            now=request.now,
        )
    except FieldError as fault:
        return _card(request, row, {fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        return _card(request, row, refusal=told(refusal), status=refusal.status)
    messages.success(request, gettext("已记录。"))
    return redirect("onewindow:card", card=row.pk)


def _card(
    request: HttpRequest,
    row: Card,
    errors: dict[str, str] | None = None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    wrong, act = errors or {}, _act(row, request.scope)
    asks = DECIDE if act == "decide" else ANSWER
    fields = [
        Field(ask, tuple(filter(None, (request.POST.get(ask.name, ""),))), wrong.get(ask.name, ""))
        for ask in asks
    ]
    context = {
        "card": row,
        "rule": _rule(row),
        "basis": BASES[row.rule],
        "stage": _stage(row),
        "clock": gettext(CLOCK_LABELS.get(row.clock, _("办理时限"))) if row.clock else "",
        "act": act,
        "fields": fields,
        "refusal": refusal or (gettext("还没有办:请改正下面标出的地方。") if wrong else ""),
        "problems": [(ask.name, gettext(ask.label), wrong[ask.name]) for ask in asks if ask.name in wrong],
    }
    return render(request, "onewindow/card.html", context, status=status)


def _act(row: Card, scope: Scope) -> str:
    """What this person may do with a card: "decide", "answer", or nothing ("")."""
    if decides(row, scope):
        return "decide"
    return "answer" if row.standing == "open" and answers(row, scope) else ""


def _figures(units: list[Any], filters: dict[str, str]) -> list[dict[str, Any]]:
    yellow, red = sum(one.yellow for one in units), sum(one.red for one in units)
    return [
        {"label": gettext("黄牌"), "value": yellow, "address": _address(filters, colour="yellow")},
        {"label": gettext("红牌"), "value": red, "address": _address(filters, colour="red"), "tone": "late" if red else ""},
        {"label": gettext("待说明、待裁定"), "value": sum(one.open for one in units), "address": _address(filters, standing="objected")},
        {"label": gettext("已撤销,不计分"), "value": sum(one.withdrawn for one in units), "address": _address(filters, standing="withdrawn")},
    ]  # fmt: skip


def _address(filters: dict[str, str], **changed: str) -> str:
    return "?" + urlencode({**filters, **changed})


def _rule(row: Card) -> str:
    return str(RULES[row.rule])


def _stage(row: Card) -> str:
    return state_label(row.case.workflow, row.stage)


def _item(row: Card) -> str:
    found = getattr(row.case, "application", None)
    return name_of(found.version) if found else row.case.title


def _choices() -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in the filters."""
    return {
        "rule": [(code, str(label)) for code, label in RULES.items()],
        "stage": [
            (state.code, state_label("application/1", state.code)) for state in STATES if not state.final
        ],
        "standing": [(code, str(label)) for code, label in STANDINGS.items()],
    }


def _filtered(filters: dict[str, str], units: list[Any]) -> list[tuple[str, str]]:
    """The filters that have no field of their own, in words, each with the address without it."""
    names = {one.unit.code: named(one.unit) for one in units}
    words = {
        "colour": lambda value: str(Card.Colour(value).label),
        "unit": lambda value: names.get(value, value),
        "item": lambda value: value,
        "person": lambda value: value,
    }
    return [
        (words[name](value), "?" + urlencode({n: v for n, v in filters.items() if n != name}))
        for name, value in filters.items()
        if name in words
    ]
