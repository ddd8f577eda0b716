"""An application's own pages behind its case: its papers, and materials that have come since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.case.page import case_seen
from bihuan.kernel.desk.kept import figures_kept
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.shares import share_shown
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.onewindow.applying.apart import BY, reviews_apart
from bihuan.packs.onewindow.applying.dossier import Dossier, dossier_of
from bihuan.packs.onewindow.applying.figures import DAYS, reviews_counted, visits_counted
from bihuan.packs.onewindow.applying.papers import paper_pdf, papers_of
from bihuan.packs.onewindow.applying.published import reviews_shown
from bihuan.packs.onewindow.applying.receiving import DATED
from bihuan.packs.onewindow.applying.scale import scale_counted
from bihuan.packs.onewindow.applying.services import WITH_UNIT
from bihuan.packs.onewindow.rules import lacking, numbers_read

READERS = ("review_officer", "supervisor")


@login_required
@never_cache
@require_GET
def paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """For the clerk who hands it over, and whoever works on the case: one of its papers as PDF."""
    row = _row(number)
    if paper not in dict(papers_of(row)):
        raise Http404
    return paper_answered(row, paper, now=request.now)


def paper_answered(row: Dossier, paper: str, *, now: datetime) -> HttpResponse:
    """One of the papers that there are, as PDF."""
    answer = HttpResponse(paper_pdf(row, paper, now=now), content_type="application/pdf")
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
            case_id=row.case.pk,
            step="supplement" if whole and row.case.state in (*WITH_UNIT, "parallel") else "materials",
            by=request.user.pk,
            now=request.now,
            version=number_of(version) or 0,
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
    page_require(request.scope, *READERS)
    now = request.now
    since = now - timedelta(days=DAYS)
    kept = partial(figures_kept, scope=request.scope, now=now)
    found, visits, at = kept(
        "onewindow.reviews",
        count=lambda: (reviews_counted(since=since), visits_counted(since=since, now=now), now),
    )
    figures = [
        *reviews_shown(found, visits),
        {
            "label": gettext("公布的评价"),
            **share_shown(found.evaluated, found.evaluated + found.excluded),
        },
        {"label": gettext("到期没有评价"), "value": f"{found.silent:,}"},
    ]
    year = kept("onewindow.scale", count=lambda: scale_counted(now=now))
    scale = [
        {"label": gettext("一年收件"), "value": f"{year.taken:,}"},
        {"label": gettext("其中网上来的"), **share_shown(year.online, year.taken)},
        {"label": gettext("发出的证照"), "value": f"{year.issued:,}"},
        {"label": gettext("其中行业综合许可证"), **share_shown(year.permits, year.issued)},
        {"label": gettext("办过件的一业一证行业"), **share_shown(year.used, year.pilots)},
    ]
    by = request.GET.get("by", "item")
    by = by if by in BY else "item"
    apart = kept(f"onewindow.apart.{by}.{get_language()}", count=lambda: reviews_apart(by=by, since=since))
    context = {"figures": figures, "scale": scale, "now": at, "apart": apart, **_tabs(by)}
    return render(request, "onewindow/reviews.html", context)


def _tabs(by: str) -> dict[str, Any]:
    tabs = [
        {"label": gettext(label), "address": f"?by={code}#apart-title", "here": code == by}
        for code, (label, _sql) in BY.items()
    ]
    return {"tabs": tabs, "by": gettext(BY[by][0])}


def _row(number: str) -> Dossier:
    case = case_seen(number=number)
    row = case and dossier_of(case.pk)
    if not row:
        raise Http404
    return row
