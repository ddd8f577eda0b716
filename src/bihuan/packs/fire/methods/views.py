"""Screens of methods: published by the section, read by anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.paging import Paged
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.form_pages import form_page, refused_status
from bihuan.packs.fire.forms import form_key
from bihuan.packs.fire.methods.figures import FIGURES
from bihuan.packs.fire.methods.forms import METHOD
from bihuan.packs.fire.methods.services import PUBLISHERS, method_publish, method_withdraw
from bihuan.packs.fire.models import Method
from bihuan.packs.fire.promise_figures import promise_figures

PAGE = 20


@require_GET
def methods(request: HttpRequest) -> HttpResponse:
    """For another zone's people: what works here, to be used there."""
    page = Paged(Method.objects.filter(withdrawn_at=None).order_by("-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    may = request.user.is_authenticated and request.scope.holds(*PUBLISHERS)
    return render(request, "fire/methods.html", {"page": page, "may_publish": may})


@require_GET
def method(request: HttpRequest, method: int) -> HttpResponse:
    """For another zone's people: when to use it, what to do step by step, and the figures of that day and of today."""
    row = get_object_or_404(Method, pk=method, withdrawn_at=None)
    labels = dict(FIGURES)
    with kernel_writes():
        today = promise_figures(now=request.now) if row.figures else {}
    figures = [
        (gettext(labels[code]), then, today.get(code, "–"))
        for code, then in row.figures.items()
        if code in labels
    ]
    may = request.user.is_authenticated and request.scope.holds(*PUBLISHERS)
    return render(request, "fire/method.html", {"method": row, "figures": figures, "may_publish": may})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def method_new(request: HttpRequest) -> HttpResponse:
    """For the chief and the site supervisor: what works is written down for others."""
    page_require(request.scope, *PUBLISHERS)

    def write(data: Mapping[str, Any]) -> Any:
        steps = [line.strip()[:400] for line in data["steps"].split("\n") if line.strip()]
        figures = [code for code, _label in FIGURES if data.get(f"figure_{code}")]
        return method_publish(
            scope=request.scope, title=data["title"], situation=data["situation"], steps=steps, figures=figures, key=form_key(request),
            now=request.now,
        )  # fmt: skip

    return form_page(
        request, title=gettext("发布做法"), asks=METHOD, write=write, back=reverse("fire:methods"), draft="fire-method",
        hint=gettext("发布后任何人都能看到,不写个人和单位的内部情况。"), goes=lambda made: reverse("fire:method", args=[made.pk]),
        done=gettext("已发布。"),
    )  # fmt: skip


@login_required
@require_POST
def withdraw(request: HttpRequest, method: int) -> HttpResponse:
    """For whoever published it: it is taken from the public page."""
    page_require(request.scope, *PUBLISHERS)
    try:
        method_withdraw(scope=request.scope, method=method, now=request.now)
    except Refusal as refusal:
        refused_status(refusal)
    messages.success(request, gettext("已撤下。"))
    return redirect("fire:methods")
