"""The screen of the legacy programme."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.choices import unit_named
from bihuan.kernel.desk.time_left import case_left, limits_pressing
from bihuan.kernel.workflow.asks import Ask
from bihuan.packs.fire.forms import form_context, form_tried, typed_clean
from bihuan.packs.fire.legacy.rules import FAMILIES, ROUTES, SITUATIONS
from bihuan.packs.fire.legacy.selectors import batches, legacy_found, unlisted
from bihuan.packs.fire.legacy.services import Listed, legacy_list
from bihuan.packs.fire.models import LegacyProject
from bihuan.packs.fire.projects.services import KEEPERS

PAGE = 30
ZONE = Ask("zone", "会同的园区部门", "unit", required=False)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def legacy(request: HttpRequest) -> HttpResponse:
    """For the chief of fire review: how far each batch of legacy projects is, who is at each and until when; another is listed."""
    scope = request.scope  # type: ignore[attr-defined]
    if not scope.holds(*KEEPERS):
        raise page_refused(*KEEPERS)
    asks = _asks()
    context, status = form_context(request, asks, {}), 200
    if request.method == "POST":

        def write() -> LegacyProject:
            return legacy_list(scope=scope, listed=_listed(request, asks), now=request.now)  # type: ignore[attr-defined]

        row, context, status = form_tried(request, asks, write)
        if row is not None:
            messages.success(request, gettext("已列入,路径:%s。") % gettext(ROUTES[row.route]))
            return redirect("case", number=row.case.number)
    batch = _number(request.GET.get("batch", ""))
    page = Paginator(legacy_found(batch=batch), PAGE).get_page(request.GET.get("page"))
    told = batches()
    sums = {
        name: sum(getattr(one, name) for one in told)
        for name in ("projects", "works", "confirmed", "in_hand")
    }
    figures = [
        {"label": gettext("列入项目"), "value": sums["projects"]},
        {"label": gettext("单体工程"), "value": sums["works"]},
        {"label": gettext("已发证"), "value": sums["confirmed"]},
        {"label": gettext("在办"), "value": sums["in_hand"]},
    ]
    shown = {
        "batches": told,
        "batch": batch,
        "page": page,
        "rows": _rows(list(page.object_list), request),
        "figures": figures,
    }
    return render(
        request, "fire/legacy.html", {**context, **shown, "may_list": len(asks[0].choices) > 0}, status=status
    )


def _asks() -> tuple[Ask, ...]:
    projects = tuple((str(one.pk), one.name) for one in unlisted())
    return (
        Ask("project", "历史遗留项目", "choice", choices=projects),
        Ask("batch", "批次", "number", smallest=1, largest=99),
        Ask("situation", "当时办到哪一步", "choice", choices=SITUATIONS),
        Ask("decided_on", "当时审查、验收、备案的日期(都没有的,建成日期)", "date"),
        Ask("family", "适用哪一类标准", "choice", choices=FAMILIES),
        Ask("drawings", "竣工图齐全", "yes", required=False),
        ZONE,
    )


def _listed(request: HttpRequest, asks: tuple[Ask, ...]) -> Listed:
    data = typed_clean(request, [ask for ask in asks if ask is not ZONE])
    named = request.POST.get("zone", "").strip()
    zone = unit_named(ZONE, named) if named else None
    return Listed(
        project=int(data["project"]), batch=data["batch"], situation=data["situation"], decided_on=date.fromisoformat(data["decided_on"]),
        drawings=bool(data.get("drawings")), family=data["family"], zone=zone,
    )  # fmt: skip


def _rows(found: list[LegacyProject], request: HttpRequest) -> list[dict[str, Any]]:
    clocks = limits_pressing(one.case_id for one in found)
    told = {"now": request.now, "calendar": rulebook().calendar}  # type: ignore[attr-defined]
    return [
        {
            "row": one,
            "route": gettext(ROUTES[one.route]),
            "left": case_left(
                due=one.case.due_at, warn=one.case.warn_at, clocks=clocks.get(one.case_id, ()), **told
            ),
        }
        for one in found
    ]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
