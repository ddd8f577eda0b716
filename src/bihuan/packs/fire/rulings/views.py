"""Screens of the rulings: all of them, found by a word, and a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.lib.paging import Paged
from bihuan.packs.fire.form_pages import form_once, form_page
from bihuan.packs.fire.forms import RULING, ruling_ruled
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.rulings.services import MAKERS, ruling_enter, rulings_found

PAGE = 20


@login_required
@require_GET
def rulings(request: HttpRequest) -> HttpResponse:
    """For the design reviewer: how conflicts between standards were ruled on, found by a word."""
    scope = request.scope
    page_require(scope, *KEEPERS)
    text = request.GET.get("q", "").strip()[:100]
    page = Paged(rulings_found(text), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "fire/rulings.html", {"page": page, "text": text, "may_enter": scope.holds(*MAKERS)}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ruling_new(request: HttpRequest) -> HttpResponse:
    """For the design reviewer: a ruling is entered, with the words by which a like project finds it."""
    page_require(request.scope, *MAKERS)

    def write(data: Mapping[str, Any]) -> None:
        ruled = ruling_ruled(data)
        form_once(
            request,
            "fire_ruling",
            data,
            lambda: ruling_enter(scope=request.scope, ruled=ruled, now=request.now),
        )

    return form_page(
        request, title=gettext("登记裁定"), asks=RULING, write=write, back=reverse("fire:rulings"), draft="fire-ruling",
        done=gettext("已登记裁定。"),
    )  # fmt: skip
