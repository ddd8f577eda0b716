"""The owner's own pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_refused, page_require
from bihuan.kernel.sentences import told
from bihuan.lib.paging import figure_counted
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.fire.applying.services import Asked
from bihuan.packs.fire.form_pages import form_page
from bihuan.packs.fire.forms import form_context, form_key, form_tried, own_key, project_declared, typed_clean
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.owners.files import files_sent, materials_asked, materials_shown
from bihuan.packs.fire.owners.forms import ANSWER, ASKS, CHANGED, OWN_PROJECT
from bihuan.packs.fire.owners.selectors import (
    SHOWN,
    cases_open,
    cases_waiting,
    own_cases,
    own_documents,
    own_projects,
)
from bihuan.packs.fire.owners.services import (
    design_change,
    own_application_open,
    owner_step,
    owner_units,
    project_declare,
)
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.rules import KINDS
from bihuan.packs.fire.stages.asked import stages_asked, stages_named
from bihuan.packs.fire.stages.covering import covers_judged
from bihuan.packs.fire.stages.rules import Early
from bihuan.packs.fire.workflows import OWNER

PAGE = 10


@login_required
@require_GET
def owner(request: HttpRequest) -> HttpResponse:
    """For the owner's representative: what waits for me, my projects, and what was issued to us."""
    return _home(request)


def _home(request: HttpRequest, refusal: str = "", status: int = 200, tried: str = "") -> HttpResponse:
    units = _units(request)
    projects, (waiting, in_hand) = own_projects(units), cases_open(units)
    page = Paginator(in_hand, PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": cases_waiting(waiting),
        "waiting_count": len(waiting),
        "page": page,
        "cases": own_cases(page.object_list),
        "projects": projects[:SHOWN],
        "project_count": figure_counted(projects),
        "documents": own_documents(units, now=request.now),
        "refusal": refusal,
        "tried": tried,
        "words": request.POST.get("words", ""),
    }
    return render(request, "fire/owner.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """For the owner's representative: a project is declared; the rules say at once which way it takes."""
    _units(request)

    def write(data: Mapping[str, Any]) -> Project:
        declared = project_declared({"owner": "-", **data})
        return project_declare(scope=request.scope, declared=declared, key=form_key(request), now=request.now)

    return form_page(
        request, title=gettext("登记新项目"), asks=OWN_PROJECT, write=write, back=reverse("fire:owner"), draft="fire-new",
        hint=gettext("登记后马上按第14条判断是不是特殊建设工程,写明第几项和理由。"),
        goes=lambda made: reverse("fire:project", args=[made.pk]), done=lambda made: made.verdict,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_apply(request: HttpRequest, project: int, kind: str) -> HttpResponse:
    """For the owner's representative: an application of my project, with what the law asks me to declare and to hand in."""
    row = get_object_or_404(Project, pk=project, owner_unit__in=_units(request))
    if kind not in ASKS:
        raise Http404
    stages, early = stages_asked(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST" and (elsewhere := _elsewhere(request, row, kind, stages, early)):
        return elsewhere
    about = {
        "project": row,
        "kind": kind,
        "label": dict(KINDS)[kind],
        "stages": stages,
        "early": early,
        "covered": stages_named(stages),
    }
    if request.method != "POST":
        form = form_context(request, ASKS[kind], {})
        return render(request, "fire/owner_apply.html", {**about, **form, "materials": materials_asked(kind)})

    def write() -> str:
        asked = Asked(kind, stages, early, typed_clean(request, ASKS[kind]), files_sent(request, kind))
        return own_application_open(
            scope=request.scope, project=row.pk, asked=asked, key=own_key(request), now=request.now
        )  # fmt: skip

    number, context, status = form_tried(request, ASKS[kind], write)
    if number is None:
        shown = {**about, **context, "materials": materials_shown(kind, request)}
        return render(request, "fire/owner_apply.html", shown, status=status)
    messages.success(request, gettext("已申请,编号 %s。原件交窗口或邮寄。") % number)
    return redirect("fire:project", row.pk)


def _elsewhere(
    request: HttpRequest, row: Project, kind: str, stages: Sequence[int], early: Early
) -> HttpResponse | None:
    """Before anything is filled in: back to where it is said what may be applied for; None where it may be."""
    now: datetime = request.now
    if kind == "acceptance":
        try:
            covers_judged(row, stages, early, now=now)
        except Refusal as refusal:
            messages.error(request, told(refusal))
            return redirect("fire:stages", row.pk)
    if stages or kind in kinds_open(row, applications_of(row, now=now)):
        return None
    messages.error(request, gettext("现在不能申请这一类:同类的已在办或已办成,或者这个项目走别的路径。"))
    return redirect("fire:project", row.pk)


@login_required
@require_POST
def own_step(request: HttpRequest, number: str) -> HttpResponse:
    """For the owner's representative: I answer a notice, withdraw, or ask for a re-check."""
    _units(request)
    version = request.POST.get("version", "")
    try:
        owner_step(
            scope=request.scope,
            number=number,
            step=request.POST.get("step", ""),
            words=typed_clean(request, ANSWER).get("words") or "",
            version=number_of(version) or 0,
            now=request.now,
            files=files_sent(request),
        )
    except (Refusal, FieldError) as error:
        return _refused(request, error, number)
    messages.success(request, gettext("已提交。"))
    return redirect("fire:owner")


@login_required
@require_POST
def changed(request: HttpRequest, project: int) -> HttpResponse:
    """For the owner's representative and the section: the reviewed design is changed, and must be reviewed again."""
    page_require(request.scope, *KEEPERS, OWNER)
    try:
        words: Any = typed_clean(request, CHANGED)["changed"]
        design_change(scope=request.scope, project=project, changed=words, now=request.now)
    except NotFound:
        raise Http404 from None
    except (Refusal, FieldError) as error:
        messages.error(request, told(error))
        return redirect("fire:project", project)
    messages.success(request, gettext("已登记设计变更,请按新的设计重新申请审查。"))
    return redirect("fire:project", project)


def _refused(request: HttpRequest, error: Refusal | FieldError, number: str) -> HttpResponse:
    if isinstance(error, NotFound):
        raise Http404
    if isinstance(error, NotPermitted):
        raise page_refused(OWNER)
    return _home(
        request, f"{number}:{told(error)}", error.status if isinstance(error, Refusal) else 422, number
    )


def _units(request: HttpRequest) -> list[int]:
    units = owner_units(request.scope)
    if not units:
        raise page_refused(OWNER)
    return units
