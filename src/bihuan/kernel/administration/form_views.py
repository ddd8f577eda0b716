"""A form tried out, and its text as a file."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.administration.form_kind import Forms
from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.forms.checking import answers_check
from bihuan.kernel.forms.drawing import form_drawn
from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.forms.reading import answers_typed
from bihuan.kernel.forms.selectors import form_of
from bihuan.kernel.forms.told import answers_told


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def tried(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """For the administrator who wants to know what applicants will meet: the form, filled in and judged; nothing is kept."""
    row = _found(request, code, version)
    form = form_of(row)
    context: dict[str, Any] = {"kind": Forms(), "row": row, "drawn": form_drawn(form, {})}
    if request.method == "GET":
        return render(request, "administration/form_try.html", context)
    typed = answers_typed(form, request.POST, request.FILES)
    if typed.more is not None:
        context["drawn"] = form_drawn(form, typed.values, more=typed.more)
        return render(request, "administration/form_try.html", context)
    checked = answers_check(form, typed.values)
    context["drawn"] = form_drawn(
        form, typed.values if checked.flaws else checked.values, flaws=checked.flaws
    )
    context["flaws"], context["taken"] = checked.flaws, not checked.flaws
    sent = {0: ", ".join(file.name for file in typed.files.values())}
    context["said"] = answers_told(form, checked.values, files=sent)
    return render(request, "administration/form_try.html", context, status=422 if checked.flaws else 200)


@login_required
@never_cache
@require_GET
def schema(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """For the administrator who goes on with a version elsewhere: its text as it was written."""
    row = _found(request, code, version)
    response = HttpResponse(row.schema, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.code}-{row.version}.json"'
    return response


def _found(request: HttpRequest, code: str, version: int) -> FormVersion:
    if not Forms().open_to(request.scope):
        raise page_refused(*Forms.roles)
    row = FormVersion.objects.filter(
        code=code[:80].replace("\0", ""), version=min(version, 2**31 - 1)
    ).first()
    if row is None:
        raise Http404
    return row
