"""Screens of blockages: by stage of the chain, and a new one of a project."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.lib.paging import Paged
from bihuan.packs.fire.blockages.forms import BLOCKAGE
from bihuan.packs.fire.blockages.selectors import blockages_found, stages_summed
from bihuan.packs.fire.blockages.services import blockage_record
from bihuan.packs.fire.blockages.stages import STAGES
from bihuan.packs.fire.form_pages import form_page
from bihuan.packs.fire.forms import form_key
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.projects.services import KEEPERS

PAGE = 30


@login_required
@require_GET
def blockages(request: HttpRequest) -> HttpResponse:
    """For the chief: what blocks which project at which stage, whose it is and by when."""
    page_require(request.scope, *KEEPERS)
    stage = request.GET.get("stage", "")
    page = Paged(blockages_found(stage=stage), PAGE).get_page(request.GET.get("page"))
    labels = dict(STAGES)
    figures = [
        {
            "label": gettext(one.label),
            "value": one.open,
            "note": gettext("登记 %(all)s,逾期 %(late)s,已疏通 %(done)s")
            % {"all": one.recorded, "late": one.late, "done": one.confirmed},
            "address": f"?stage={one.code}",
            "tone": "late" if one.late else "",
        }
        for one in stages_summed(request.now)
    ]
    rows = [{"row": one, "stage": gettext(labels[one.stage])} for one in page.object_list]
    return render(
        request,
        "fire/blockages.html",
        {"page": page, "rows": rows, "figures": figures, "stage": stage, "now": request.now},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def blockage_new(request: HttpRequest, project: int) -> HttpResponse:
    """For whoever meets it: what blocks the project, who clears it, and by when."""
    page_require(request.scope, *KEEPERS)
    name = get_object_or_404(Project, pk=project).name

    def write(data: Mapping[str, Any]) -> Any:
        return blockage_record(
            scope=request.scope, project=project, stage=data["stage"], words=data["words"], unit=data["unit"],
            due=date.fromisoformat(data["due"]), key=form_key(request), now=request.now,
        )  # fmt: skip

    return form_page(
        request, title=f"{name} · {gettext('登记堵点')}", asks=BLOCKAGE, write=write, back=reverse("fire:project", args=[project]),
        draft="fire-blockage", done=gettext("已登记,并交给责任单位。"),
    )  # fmt: skip
