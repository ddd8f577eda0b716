"""The register of the discredited: who is on record for an untrue commitment, until when, and the repair of an entry."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.models import Party
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.lib.masking import mask_id, mask_name
from bihuan.lib.paging import Paged, figure_counted
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.receiving import ORGANISATION
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.commitments.selectors import READERS, REPAIRERS, discredited, discredited_ever
from bihuan.packs.onewindow.commitments.services import commitment_repair, repair_day
from bihuan.packs.onewindow.models import Commitment

PAGE = 30


@login_required
@never_cache
@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """For the head of the office: who is on record for an untrue word, until when, and whose entry can be repaired by now."""
    return _page(request)


@login_required
@never_cache
@require_POST
def repair(request: HttpRequest, commitment: int) -> HttpResponse:
    """The head of the office takes an entry off, with the reason."""
    reason = request.POST.get("reason", "")
    try:
        commitment_repair(commitment=commitment, reason=reason, scope=request.scope, now=request.now)
    except (Refusal, FieldError) as error:
        return _page(request, wrong={commitment: told(error)}, status=getattr(error, "status", 422))
    messages.success(request, gettext("已修复:从今天起不再限制容缺受理和告知承诺。"))
    return redirect("onewindow:discredited")


def _page(request: HttpRequest, *, wrong: dict[int, str] | None = None, status: int = 200) -> HttpResponse:
    page_require(request.scope, *READERS)
    today = day_of(request.now)
    rows = discredited_ever()
    page = Paged(rows, PAGE).get_page(request.GET.get("page"))
    names = _names([row.application_id for row in page])
    ever, repaired, book = figure_counted(rows), figure_counted(rows.exclude(repaired_on=None)), rulebook()
    context = {
        "figures": [
            {"label": gettext("现在在名单里"), "value": figure_counted(discredited(today))},
            {"label": gettext("记入过"), "value": ever},
            {"label": gettext("其中已修复"), "value": f"{repaired} / {ever}" if page.object_list else "–"},
        ],
        "page": page,
        "rows": [
            _row(request, row, names.get(row.application_id, ""), repair_day(row, book), (wrong or {}).get(row.pk, ""))
            for row in page
        ],
        "refusal": next(iter((wrong or {}).values()), ""),
        "typed": request.POST.get("reason", ""),
    }  # fmt: skip
    return render(request, "onewindow/discredited.html", context, status=status)


def _row(request: HttpRequest, row: Commitment, name: str, begins: date, wrong: str) -> dict[str, Any]:
    """An entry as the page shows it; `open`: it may be repaired now, by this person."""
    scope, today = request.scope, day_of(request.now)
    over = row.discredited_until is not None and row.discredited_until < today
    may = scope.holds(*REPAIRERS) and row.discredited_by_id != scope.person
    return {
        "row": row,
        "name": name if row.application.applicant == ORGANISATION else mask_name(name),
        "identity": mask_id(row.identity),
        "item": name_of(row.application.version),
        "over": over,
        "begins": begins,
        "open": may and row.repaired_on is None and not over and begins <= today,
        "wrong": wrong,
    }


def _names(applications: list[int]) -> dict[int, str]:
    parties = Party.objects.filter(case__in=applications, role=Party.Role.REPORTER).order_by("-pk")
    return dict(parties.values_list("case", "name"))
