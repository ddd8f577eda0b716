"""An application's own pages behind its case: its papers, and materials that have come since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.desk.case.page import case_seen
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.shares import share_told
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.figures import DAYS, reviews_counted
from bihuan.packs.onewindow.applying.papers import paper_pdf, papers_of
from bihuan.packs.onewindow.applying.receiving import DATED
from bihuan.packs.onewindow.applying.scale import scale_counted
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.rules import lacking, numbers_read

READERS = ("review_officer", "supervisor")
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
            data={"received": "、".join(received), "dated": _dated(request, received)},
        )
    except (Refusal, FieldError) as error:
        messages.error(request, told(error))
    else:
        messages.success(request, gettext("材料已登记。"))
    return redirect("case", number=number)


def _dated(request: HttpRequest, numbers: Sequence[str]) -> str:
    days = ((number, request.POST.get(f"{DATED}{number}", "")[:20].strip()) for number in numbers)
    return " ".join(f"{number}={day}" for number, day in days if day)


@login_required
@never_cache
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """For the review officer in the morning: how many were asked, evaluated and were satisfied, and what became of the bad ones."""
    if not request.scope.holds(*READERS):  # type: ignore[attr-defined]
        raise page_refused(*READERS)
    now = request.now  # type: ignore[attr-defined]
    found = reviews_counted(since=now - timedelta(days=DAYS))
    figures = [
        {"label": gettext("请了评价"), "value": found.asked},
        {"label": gettext("已评价"), "value": share_told(found.evaluated, found.asked)},
        {"label": gettext("满意"), "value": share_told(found.satisfied, found.evaluated)},
        {"label": gettext("差评"), "value": share_told(found.bad, found.evaluated)},
        {"label": gettext("差评已整改到底"), "value": share_told(found.mended, found.bad)},
        {"label": gettext("剔除的差评"), "value": found.excluded},
        {"label": gettext("到期没有评价"), "value": found.silent},
    ]
    year = scale_counted(now=now)
    scale = [
        {"label": gettext("一年收件"), "value": year.taken},
        {"label": gettext("其中网上来的"), "value": share_told(year.online, year.taken)},
        {"label": gettext("发出的证照"), "value": year.issued},
        {"label": gettext("其中行业综合许可证"), "value": share_told(year.permits, year.issued)},
        {"label": gettext("办过件的一业一证行业"), "value": share_told(year.used, year.pilots)},
    ]
    return render(request, "onewindow/reviews.html", {"figures": figures, "scale": scale, "now": now})


def _row(number: str) -> Application:
    case = case_seen(number=number)
    row = (
        case
        and Application.objects.select_related("case__opened_by", "version__item").filter(pk=case.pk).first()
    )
    if not row:
        raise Http404
    return row
