"""The screen of the legacy programme."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.choices import unit_named
from bihuan.kernel.desk.kept import figures_kept
from bihuan.kernel.desk.time_left import cases_left
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.paging import Paged
from bihuan.lib.text import number_of
from bihuan.packs.fire.basis.selectors import LEGACY, rules_told
from bihuan.packs.fire.forms import form_context, form_tried, typed_clean
from bihuan.packs.fire.legacy.rules import FAMILIES, ROUTES, SITUATIONS
from bihuan.packs.fire.legacy.selectors import batches, legacy_found, unlisted
from bihuan.packs.fire.legacy.services import BATCHES, Listed, legacy_list
from bihuan.packs.fire.models import LegacyProject
from bihuan.packs.fire.projects.services import KEEPERS

PAGE = 15
ZONE = Ask("zone", gettext_noop("会同的园区部门"), "unit", required=False)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def legacy(request: HttpRequest) -> HttpResponse:
    """For the chief of fire review: how far each batch of legacy projects is, who is at each and until when; another is listed."""
    scope = request.scope
    page_require(scope, *KEEPERS)
    asks = _asks(scope)
    context, status = form_context(request, asks, {}), 200
    if request.method == "POST":

        def write() -> LegacyProject:
            return legacy_list(scope=scope, listed=_listed(request, asks), now=request.now)

        row, context, status = form_tried(request, asks, write)
        if row is not None:
            messages.success(request, gettext("已列入,路径:%s。") % gettext(ROUTES[row.route]))
            return redirect("case", number=row.case.number)
    batch = number_of(request.GET.get("batch", "")) or 0
    page = Paged(legacy_found(batch=batch), PAGE).get_page(request.GET.get("page"))
    latest = LegacyProject.objects.order_by("-pk").values_list("pk", flat=True).first()
    told = figures_kept(f"fire.legacy.{latest}", scope=scope, now=request.now, count=lambda: batches(scope))
    sums = {
        name: sum(getattr(one, name) for one in told)
        for name in ("projects", "works", "confirmed", "in_hand")
    }
    figures = [
        {"label": gettext("列入项目"), "value": f"{sums['projects']:,}"},
        {"label": gettext("单体工程"), "value": f"{sums['works']:,}"},
        {"label": gettext("已发证"), "value": f"{sums['confirmed']:,}"},
        {"label": gettext("在办"), "value": f"{sums['in_hand']:,}"},
    ]
    shown = {
        "batches": told,
        "batch": batch,
        "page": page,
        "rows": _rows(list(page.object_list), request.now),
        "figures": figures,
        "may_list": len(asks[0].choices) > 0,
        "wrong": request.method == "POST",
        "assumed": rules_told(LEGACY, on=day_of(request.now)),
    }
    return render(request, "fire/legacy.html", {**context, **shown}, status=status)


def _asks(scope: Scope) -> tuple[Ask, ...]:
    projects = tuple((str(one.pk), one.name) for one in unlisted(scope))
    return (
        Ask("project", gettext_noop("历史遗留项目"), "choice", choices=projects),
        Ask("batch", gettext_noop("批次"), "number", smallest=1, largest=BATCHES),
        Ask("situation", gettext_noop("当时办到哪一步"), "choice", choices=SITUATIONS),
        Ask("decided_on", gettext_noop("当时审查、验收、备案的日期(都没有的,建成日期)"), "date"),
        Ask("family", gettext_noop("适用哪一类标准"), "choice", choices=FAMILIES),
        Ask("drawings", gettext_noop("竣工图齐全"), "yes", required=False),
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


def _rows(found: list[LegacyProject], now: datetime) -> list[dict[str, Any]]:
    left = cases_left((one.case for one in found), now)
    return [{"row": one, "route": gettext(ROUTES[one.route]), "left": left[one.case_id]} for one in found]
