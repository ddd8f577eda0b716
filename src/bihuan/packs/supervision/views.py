"""Screens of supervision: what stands of the five measures, and a new task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.desk.choices import unit_named
from bihuan.kernel.desk.forms import Field, case_named
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import asks_clean
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.supervision.forms import ASKS
from bihuan.packs.supervision.selectors import matters_disputed, measures_standing
from bihuan.packs.supervision.services import KEEPER, task_open

LONGEST_KEY = 64


@login_required
@require_GET
def measures(request: HttpRequest) -> HttpResponse:
    """For the centre's supervisor: the five measures of "N", what stands of each, and where the directory should be mended."""
    if not request.scope.everything:
        raise PermissionDenied
    now = request.now
    context = {
        "measures": measures_standing(now=now),
        "disputed": matters_disputed(now=now),
        "may_open": request.scope.holds(KEEPER),
        "now": now,
    }
    return render(request, "supervision/measures.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def task_new(request: HttpRequest) -> HttpResponse:
    """For the centre's supervisor: give a unit a task, or works that mend a problem at its root."""
    if not request.scope.holds(KEEPER):
        raise PermissionDenied
    if request.method != "POST":
        return _form(request, request.GET, {})
    try:
        number = _open(request)
    except FieldError as fault:
        return _form(request, request.POST, {fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        wrong = {refusal.field: told(refusal)} if refusal.field else {}
        return _form(
            request, request.POST, wrong, refusal="" if wrong else told(refusal), status=refusal.status
        )
    messages.success(request, gettext("已交办,编号 %s。") % number)
    return redirect("case", number=number)


def _open(request: HttpRequest) -> str:
    now = request.now
    typed: dict[str, Any] = {ask.name: request.POST.get(ask.name, "").strip() for ask in ASKS}
    typed["unit"] = unit_named(ASKS[1], typed["unit"]) if typed["unit"] else ""
    data = asks_clean(ASKS, typed, today=now.astimezone(SHANGHAI).date())
    origin = data.get("origin")
    return task_open(
        scope=request.scope,
        kind=data["kind"],
        unit=data["unit"],
        title=data["title"],
        text=data["text"],
        due=date.fromisoformat(data["due"]) if data.get("due") else None,
        origin=case_named(ASKS[5], origin) if origin else None,
        key=request.POST.get("key", "")[:LONGEST_KEY] or uuid4().hex,
        now=now,
    )


def _form(
    request: HttpRequest,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    fields = [
        Field(ask, (typed[ask.name],) if typed.get(ask.name) else (), errors.get(ask.name, ""))
        for ask in ASKS
    ]
    context = {"fields": fields, "refusal": refusal, "key": typed.get("key") or uuid4().hex}
    return render(request, "supervision/task_new.html", context, status=status)
