"""The supervisor's screen over all orders: how dispatch does."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.pack import roles
from bihuan.packs.hotline import figures as shown


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """For the supervisor: how fast orders reached their unit, how many without a person between, how many went wrong."""
    if not request.scope.everything:
        raise page_refused(*(code for code, role in roles().items() if role.sees == "all"))
    now = request.now
    longest, span = shown.SPANS[-1]
    context = {
        "spans": [label for _, label in shown.SPANS],
        "rows": shown.rows_told(now=now),
        "above": shown.above_told(now=now),
        "categories": shown.categories_counted(since=now - timedelta(days=longest), until=now),
        "span": span,
        "now": now,
    }
    return render(request, "hotline/figures.html", context)
