"""The screen of an application's form."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.packs.fire.materials import MATERIALS
from bihuan.packs.fire.models import ProjectCase
from bihuan.packs.fire.papers.forms import form_pdf


@login_required
@never_cache
@require_GET
def form(request: HttpRequest, number: str) -> HttpResponse:
    """For the window clerk and the owner: the form of an application, to be signed and sealed."""
    rows = ProjectCase.objects.select_related("project", "case__unit__parent").prefetch_related(
        "project__works"
    )
    row = get_object_or_404(rows.filter(kind__in=MATERIALS), case__number=number.replace("\0", ""))
    answer = HttpResponse(form_pdf(row, now=request.now), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.case.number}-form.pdf"'
    return answer
