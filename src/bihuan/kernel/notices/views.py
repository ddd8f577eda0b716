"""The notices of a person's units."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.notices.selectors import notices_mine, notices_of, notices_worded
from bihuan.kernel.notices.services import notices_read
from bihuan.lib.paging import Latest

PAGE = 50


class _Latest(Latest):
    """A busy unit has tens of thousands."""

    most = 1_000


@login_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """In-app notices, unread first."""
    ids = notices_mine(scope=request.scope).values_list("pk", flat=True)
    page = _Latest(ids, PAGE).get_page(request.GET.get("page"))
    shown = notices_worded(notices_of(list(page)), language=get_language() or "")
    return render(request, "notices/mine.html", {"page": page, "shown": shown})


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark the named notices as read, or all with `all=1`."""
    scope = request.scope
    named = [int(id_) for id_ in request.POST.getlist("id") if id_.isdecimal() and len(id_) < 19]
    notices_read(
        ids=None if request.POST.get("all") == "1" else named,
        units={held.unit for held in scope.held},
        person=scope.person,
        now=request.now,
    )
    return redirect("notices:mine")
