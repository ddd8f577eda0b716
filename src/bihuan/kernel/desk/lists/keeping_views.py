"""Lists under a name, and the columns that a person keeps."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from bihuan.kernel.desk.lists.columns import COLUMNS, COOKIE, columns_read
from bihuan.kernel.desk.lists.saved_views import view_remove, view_restore, view_save
from bihuan.kernel.desk.lists.wanted import wanted_read
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound
from bihuan.lib.text import FieldError

YEAR = 31_536_000


@login_required
@require_POST
def saved(request: HttpRequest) -> HttpResponse:
    """For whoever looks at the same list every morning: keep it under a name."""
    try:
        view = view_save(
            scope=request.scope,
            name=request.POST.get("name", ""),
            query=request.META["QUERY_STRING"],
            columns=request.POST.get("columns", ""),
            shared=request.POST.get("shared") == "on",
            now=request.now,
        )
    except FieldError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, gettext("视图“%s”已保存,在列表上方。") % view.name)
    return _back(request)


@login_required
@require_POST
def removed(request: HttpRequest, view: int) -> HttpResponse:
    """Take an own view away; it can be put back at once."""
    try:
        gone = view_remove(scope=request.scope, view=view, now=request.now)
    except NotFound:
        raise Http404 from None
    messages.success(
        request, gettext("视图“%s”已删去。") % gone.name, extra_tags=reverse("view_restore", args=[view])
    )
    return HttpResponseRedirect(reverse("worklist") + "?tab=all")


@login_required
@require_POST
def restored(request: HttpRequest, view: int) -> HttpResponse:
    """Put a view back that was just taken away."""
    try:
        back = view_restore(scope=request.scope, view=view)
    except NotFound:
        raise Http404 from None
    except FieldError as error:
        messages.error(request, told(error))
        return HttpResponseRedirect(reverse("worklist"))
    messages.success(request, gettext("视图“%s”已恢复。") % back.name)
    return HttpResponseRedirect(reverse("worklist") + back.query)


@login_required
@require_POST
def columns_keep(request: HttpRequest) -> HttpResponse:
    """The columns of every list, kept for a year in this browser."""
    chosen = [code for code in COLUMNS if code in request.POST.getlist("column")]
    response = _back(request)
    kept = ".".join(columns_read(".".join(chosen)))
    response.set_cookie(COOKIE, kept, max_age=YEAR, samesite="Lax", httponly=True)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("worklist") + wanted_read(request.GET).address(after=""))
