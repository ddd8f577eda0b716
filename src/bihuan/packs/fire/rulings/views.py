"""Screens of the rulings: all of them, found by a word, and a new one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.packs.fire.forms import RULING, form_context, form_tried, ruling_ruled, typed_clean
from bihuan.packs.fire.models import Ruling
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.rulings.services import MAKERS, ruling_enter, rulings_found

PAGE = 20


@login_required
@require_GET
def rulings(request: HttpRequest) -> HttpResponse:
    """For the design reviewer: how conflicts between standards were ruled on, found by a word."""
    scope = request.scope  # type: ignore[attr-defined]
    if not scope.holds(*KEEPERS):
        raise PermissionDenied
    text = request.GET.get("q", "").strip()[:100]
    page = Paginator(rulings_found(text), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "fire/rulings.html", {"page": page, "text": text, "may_enter": scope.holds(*MAKERS)}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ruling_new(request: HttpRequest) -> HttpResponse:
    """For the design reviewer: a ruling is entered, with the words by which a like project finds it."""
    if not request.scope.holds(*MAKERS):  # type: ignore[attr-defined]
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "fire/ruling_new.html", form_context(request, RULING, {}))

    def write() -> Ruling:
        ruled = ruling_ruled(typed_clean(request, RULING))
        return ruling_enter(scope=request.scope, ruled=ruled, now=request.now)  # type: ignore[attr-defined]

    row, context, status = form_tried(request, RULING, write)
    if row is None:
        return render(request, "fire/ruling_new.html", context, status=status)
    messages.success(request, gettext("已登记裁定。"))
    return redirect("fire:rulings")
