"""The list of findings, for the section and for the owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.desk.time_left import cases_left
from bihuan.lib.paging import Paged
from bihuan.packs.fire.findings.selectors import findings_counted, findings_found
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.form_pages import form_page
from bihuan.packs.fire.forms import FINDING, form_key, works_asks
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
    page_require(request.scope, *KEEPERS, OWNER)
    state = request.GET.get("state", "")
    page = Paged(findings_found(state=state), PAGE).get_page(request.GET.get("page"))
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
        "rows": _rows(list(page.object_list), request.now),
        "state": state,
        "figures": [*figures, {"label": gettext("重新整改中"), "value": counts["redone"]}],
    }
    return render(request, "fire/findings.html", context)


@login_required
@kept_on_device
@require_http_methods(["GET", "HEAD", "POST"])
def finding_new(request: HttpRequest, project: int) -> HttpResponse:
    """For an inspector on a site while it is built: what is wrong is recorded, told to the owner, and known at the acceptance."""
    page_require(request.scope, *KEEPERS)
    row = get_object_or_404(Project, pk=project)

    def write(data: Mapping[str, Any]) -> Finding:
        work = int(data["work"]) if data.get("work") else None
        found = Found(data["part"], data["words"], "site", data.get("item", ""), data.get("clause", ""), work)
        key = f"site:{form_key(request)}"
        return finding_record(scope=request.scope, project=row.pk, found=found, key=key, now=request.now)

    return form_page(
        request, title=f"{row.name} · {gettext('登记检查发现的问题')}", offline=True, asks=(*FINDING, *works_asks(row.pk)), write=write,
        back=reverse("fire:project", args=[row.pk]), draft=f"fire-finding-{row.pk}",
        hint=gettext("登记后告知建设单位整改;验收时就是已知的问题,没整改好不能合格。"),
        goes=lambda made: reverse("case", args=[made.case.number]), done=gettext("已登记,并告知建设单位整改。"),
    )  # fmt: skip


def _rows(found: list[Finding], now: datetime) -> list[dict[str, Any]]:
    left, items = cases_left((one.case for one in found), now), dict(ITEMS)
    return [{"finding": one, "item": items.get(one.item, ""), "left": left[one.case_id]} for one in found]
