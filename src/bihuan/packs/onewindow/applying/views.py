"""An application's own pages behind its case: its papers, and materials that have come since."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.desk.case.page import case_seen
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.papers import paper_pdf, papers_of
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.rules import lacking, numbers_read

WITH_UNIT = ("examining", "special", "deciding")


@login_required
@never_cache
@require_GET
def paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """For the clerk who hands it over, and whoever works on the case: one of its papers as PDF."""
    row = _row(number)
    if paper not in dict(papers_of(row.case.facts)):
        raise Http404
    answer = HttpResponse(paper_pdf(row, paper, now=request.now), content_type="application/pdf")  # type: ignore[attr-defined]
    answer["Content-Disposition"] = f'inline; filename="{row.case.number}-{paper}.pdf"'
    return answer


@login_required
@require_POST
def materials(request: HttpRequest, number: str) -> HttpResponse:
    """For the clerk to whom missing materials are brought: tick them, and the case knows whether all have come."""
    row = _row(number)
    received = numbers_read(" ".join(request.POST.getlist("received"))[:400])
    whole = set(lacking(row.case.facts)) <= set(received)
    version = request.POST.get("version", "")
    try:
        case_act(
            case_id=row.case_id,
            step="supplement" if whole and row.case.state in WITH_UNIT else "materials",
            by=int(request.user.pk or 0),
            now=request.now,  # type: ignore[attr-defined]
            version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            data={"received": "、".join(received)},
        )
    except (Refusal, FieldError) as error:
        messages.error(request, told(error))
    else:
        messages.success(request, gettext("材料已登记。"))
    return redirect("case", number=number)


def _row(number: str) -> Application:
    case = case_seen(number=number)
    row = (
        case
        and Application.objects.select_related("case__opened_by", "version__item").filter(pk=case.pk).first()
    )
    if not row:
        raise Http404
    return row
