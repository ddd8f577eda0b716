"""The list of findings, for the section and for the owner."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.desk.time_left import case_left, limits_pressing
from bihuan.packs.fire.findings.selectors import findings_counted, findings_found
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.forms import FINDING, form_context, form_key, form_tried, typed_clean
from bihuan.packs.fire.materials import ITEMS
from bihuan.packs.fire.models import Finding, Project
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.workflows import OWNER

PAGE = 30


@login_required
@kept_on_device
@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """For the owner's representative: what was found in my projects, what is left, and until when; for the section, of all."""
    if not request.scope.holds(*KEEPERS, OWNER):  # type: ignore[attr-defined]
        raise page_refused(*KEEPERS, OWNER)
    state = request.GET.get("state", "")
    page = Paginator(findings_found(state=state), PAGE).get_page(request.GET.get("page"))
    counts = findings_counted()
    labels = (
        ("all", "", gettext("查出的问题")),
        ("told", "told", gettext("待整改")),
        ("rectified", "rectified", gettext("待复查")),
        ("verified", "verified", gettext("已复查合格")),
    )
    figures: list[dict[str, Any]] = [
        {"label": label, "value": counts[name], "address": f"?state={code}"} for name, code, label in labels
    ]
    context = {
        "page": page,
        "rows": _rows(list(page.object_list), request),
        "state": state,
        "figures": [*figures, {"label": gettext("整改过不止一次"), "value": counts["redone"]}],
    }
    return render(request, "fire/findings.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finding_new(request: HttpRequest, project: int) -> HttpResponse:
    """For an inspector on a site while it is built: what is wrong is recorded, told to the owner, and known at the acceptance."""
    scope = request.scope  # type: ignore[attr-defined]
    if not scope.holds(*KEEPERS):
        raise page_refused(*KEEPERS)
    row = get_object_or_404(Project, pk=project)

    def write() -> Finding:
        data = typed_clean(request, FINDING)
        found = Found(data["part"], data["words"], "site", data.get("item", ""), data.get("clause", ""))
        return finding_record(
            scope=scope, project=row.pk, found=found, key=f"site:{form_key(request)}", now=request.now
        )  # type: ignore[attr-defined]

    made, context, status = (
        form_tried(request, FINDING, write)
        if request.method == "POST"
        else (None, form_context(request, FINDING, {}), 200)
    )
    if made is None:
        return render(request, "fire/finding_new.html", {**context, "project": row}, status=status)
    messages.success(request, gettext("已登记,并告知建设单位整改。"))
    return redirect("case", number=made.case.number)


def _rows(found: list[Finding], request: HttpRequest) -> list[dict[str, Any]]:
    clocks, items = limits_pressing(one.case_id for one in found), dict(ITEMS)
    told = {"now": request.now, "calendar": rulebook().calendar}  # type: ignore[attr-defined]
    return [
        {
            "finding": one,
            "item": items.get(one.item, ""),
            "left": case_left(
                due=one.case.due_at, warn=one.case.warn_at, clocks=clocks.get(one.case_id, ()), **told
            ),
        }
        for one in found
    ]
