"""Decisions about scores on the screen: orders left out, units named publicly; one asks, another decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.kernel.desk.choices import unit_named
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.desk.menu import scores_readers
from bihuan.kernel.desk.scores.tables import pack_scored
from bihuan.kernel.scoring.decisions import (
    GROUNDS,
    NAMED,
    decision_take,
    exclusion_ask,
    naming_ask,
    naming_withdraw,
)
from bihuan.kernel.scoring.models import Decision
from bihuan.kernel.scoring.reading import scored_packs
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

PAGE = 30
UNIT = Ask("unit", gettext_noop("单位"), "unit")


def _asks(kind: str) -> tuple[Ask, ...]:
    if kind == "naming":
        choices = tuple((code, str(label)) for code, label in NAMED.items())
        return (
            UNIT,
            Ask("category", gettext_noop("情形"), "choice", choices=choices),
            Ask("words", gettext_noop("事实和依据"), "text", max_length=300),
        )
    choices = tuple((code, str(label)) for code, label in GROUNDS.items())
    return (
        Ask("number", gettext_noop("编号"), "line", max_length=64),
        Ask("category", gettext_noop("情形"), "choice", choices=choices),
        Ask("words", gettext_noop("证据"), "text", max_length=1000),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request: HttpRequest) -> HttpResponse:
    """For the head who asks that an order be left out, and for the supervisors who decide, one apart from the other."""
    _only(request)
    kind = request.POST.get("kind") or request.GET.get("kind", "exclusion")
    kind = (
        kind if kind in ("exclusion", "naming") and (kind == "exclusion" or keeps(request)) else "exclusion"
    )
    if request.method != "POST":
        return _page(request, kind, {"number": request.GET.get("number", "")})
    try:
        _ask(request, kind)
    except FieldError as fault:
        return _page(request, kind, request.POST, {fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        return _page(request, kind, request.POST, {}, refusal=told(refusal), status=refusal.status)
    messages.success(request, gettext("已提出,等另一人批准。"))
    return redirect("decisions")


def _ask(request: HttpRequest, kind: str) -> None:
    typed, by, now = request.POST, request.user.pk, request.now
    category, words = typed.get("category", ""), typed.get("words", "")
    if kind == "naming":
        unit = unit_named(UNIT, typed.get("unit", ""))
        naming_ask(pack=pack_scored(), unit=unit, category=category, words=words, by=by, now=now)
    else:
        exclusion_ask(number=typed.get("number", ""), category=category, words=words, by=by, now=now)


@login_required
@require_POST
def decide(request: HttpRequest, decision: int) -> HttpResponse:
    """For the second supervisor: granted or refused."""
    _only(request)
    granted = request.POST.get("granted") == "yes"
    try:
        decision_take(
            decision=decision, granted=granted, remark=request.POST.get("remark", ""), by=request.user.pk, now=request.now
        )  # fmt: skip
    except (FieldError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 422
        return _page(request, "exclusion", {}, {}, refusal=told(error), status=status)
    messages.success(request, gettext("已批准。") if granted else gettext("已退回。"))
    return redirect("decisions")


@login_required
@require_POST
def withdraw(request: HttpRequest, decision: int) -> HttpResponse:
    """For the supervisor: a public naming ends."""
    _only(request)
    try:
        naming_withdraw(decision=decision, by=request.user.pk, now=request.now)
    except Refusal as refusal:
        return _page(request, "exclusion", {}, {}, refusal=told(refusal), status=refusal.status)
    messages.success(request, gettext("已撤下。"))
    return redirect("decisions")


def _page(
    request: HttpRequest,
    kind: str,
    typed: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    wrong, words = errors or {}, {**GROUNDS, **NAMED}
    rows = Decision.objects.select_related("unit", "case", "asked_by", "decided_by").order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "fields": [
            Field(ask, (str(typed[ask.name]),) if typed.get(ask.name) else (), wrong.get(ask.name, ""))
            for ask in _asks(kind)
        ],
        "kind": kind,
        "keeps": keeps(request),
        "page": page,
        "rows": [{"one": row, "why": words.get(row.category, row.category)} for row in page.object_list],
        "refusal": refusal,
    }
    return render(request, "desk/decisions.html", context, status=status)


def keeps(request: HttpRequest) -> bool:
    """Does this person decide about scores?"""
    roles = {role for rules in scored_packs().values() for role in rules.keeps}
    return bool(request.scope.holds(*roles))


def _only(request: HttpRequest) -> None:
    if not request.scope.holds(*scores_readers()):
        raise PermissionDenied
