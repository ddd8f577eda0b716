"""Screens of the register: all projects, one page a project, and what is done from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.lib.paging import Paged
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.fire.applying.services import Asked, application_open, project_route
from bihuan.packs.fire.basis.selectors import SMALL, rules_told
from bihuan.packs.fire.findings.selectors import findings_found
from bihuan.packs.fire.form_pages import form_page, refused_status, unit_represented
from bihuan.packs.fire.forms import (
    LATER_ROWS,
    OWNER_UNIT,
    PRECHECK,
    PROJECT,
    REASON,
    form_key,
    later_read,
    own_key,
    project_declared,
    typed_clean,
)
from bihuan.packs.fire.merging.selectors import is_built, merged_of, merged_stands, permits_unsettled
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.owners.services import owner_units
from bihuan.packs.fire.papers.selectors import documents_of
from bihuan.packs.fire.projects.chain import chain_told
from bihuan.packs.fire.projects.deferring import deferred_receive
from bihuan.packs.fire.projects.prechecks import precheck_pass
from bihuan.packs.fire.projects.selectors import (
    DONE,
    applications_of,
    kinds_open,
    phases_of,
    projects_found,
    register_counts,
)
from bihuan.packs.fire.projects.services import (
    KEEPERS,
    conflict_declare,
    project_enter,
)
from bihuan.packs.fire.routes.rules import MERGED, ROUTES
from bihuan.packs.fire.rulings.services import rulings_like
from bihuan.packs.fire.stages.selectors import stage_counts, works_told
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, OWNER, REVIEWER, WINDOW

PAGE, FINDINGS = 30, 20
READERS = (*KEEPERS, OWNER)


@login_required
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """For the window clerk: every project of the section, found by name, owner or place."""
    page_require(request.scope, *READERS)
    text, kind = request.GET.get("q", "").strip()[:100], request.GET.get("kind", "")
    counts = register_counts()
    labels = (
        ("projects", "", gettext("项目")),
        ("special", "special", gettext("特殊建设工程")),
        ("other", "other", gettext("其他建设工程")),
        ("legacy", "legacy", gettext("历史遗留")),
    )
    figures: list[dict[str, Any]] = [
        {"label": label, "value": counts[name], "address": f"?kind={code}"} for name, code, label in labels
    ]
    context = {
        "page": Paged(projects_found(text=text, kind=kind), PAGE).get_page(request.GET.get("page")),
        "text": text,
        "kind": kind,
        "figures": figures,
        "may_enter": request.scope.holds(*KEEPERS),
        "may_call": request.scope.holds(REVIEWER, CHIEF),
    }
    return render(request, "fire/projects.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """For the window clerk: a project is entered; the rules say at once whether it is special."""
    page_require(request.scope, *KEEPERS)

    def write(data: Mapping[str, Any]) -> Project:
        unit_represented(request, OWNER_UNIT, data["owner_unit"], OWNER)
        return project_enter(
            scope=request.scope, declared=project_declared(data), key=form_key(request), now=request.now
        )

    return form_page(
        request, title=gettext("登记新项目"), asks=PROJECT, write=write, back=reverse("fire:projects"), draft="fire-new",
        hint=gettext("登记后马上按第14条判断是不是特殊建设工程,写明第几项和理由。"),
        goes=lambda made: reverse("fire:project", args=[made.pk]), done=lambda made: made.verdict,
    )  # fmt: skip


@login_required
@require_GET
def project(request: HttpRequest, project: int) -> HttpResponse:
    """For the section's people and the owner: one page a project, from the first phase to the last opinion."""
    return _page(request, project)


@login_required
@require_POST
def apply(request: HttpRequest, project: int) -> HttpResponse:
    """For the window clerk: an application of the project is opened."""
    page_require(request.scope, *KEEPERS)
    try:
        number = application_open(
            scope=request.scope,
            project=project,
            asked=Asked(request.POST.get("kind", "")),
            key=own_key(request),
            now=request.now,
        )
    except Refusal as refusal:
        return refused(request, project, refusal)
    return redirect("case", number=number)


@login_required
@require_POST
def precheck(request: HttpRequest, project: int) -> HttpResponse:
    """For whoever verifies: a phase of the project is verified in advance."""
    page_require(request.scope, *KEEPERS)
    try:
        precheck_pass(
            scope=request.scope,
            project=project,
            kind=request.POST.get("kind", ""),
            phase=number_of(request.POST.get("phase", "")) or 0,
            later=later_read(typed_clean(request, PRECHECK)),
            now=request.now,
        )
    except (Refusal, FieldError) as refusal:
        return refused(request, project, refusal)
    messages.success(request, gettext("已登记核查通过。"))
    return redirect("fire:project", project)


@login_required
@require_POST
def received(request: HttpRequest, deferred: int) -> HttpResponse:
    """For the window clerk: a thing that was to follow later has come in."""
    page_require(request.scope, *KEEPERS)
    try:
        row = deferred_receive(scope=request.scope, deferred=deferred, now=request.now)
    except NotFound as refusal:
        raise Http404 from refusal
    messages.success(request, gettext("已登记收到:%s。") % row.name)
    return redirect("fire:project", row.project_id)


@login_required
@require_POST
def conflict(request: HttpRequest, project: int) -> HttpResponse:
    """For an inspector: an interest in this project is declared, which keeps me out of its draw."""
    page_require(request.scope, INSPECTOR)
    try:
        conflict_declare(
            scope=request.scope,
            project=project,
            person=request.user.pk,
            reason=typed_clean(request, REASON)["reason"],
            now=request.now,
        )
    except (Refusal, FieldError) as refusal:
        return refused(request, project, refusal)
    messages.success(request, gettext("已登记回避。"))
    return redirect("fire:project", project)


def _page(request: HttpRequest, project: int, refusal: str = "", status: int = 200) -> HttpResponse:
    page_require(request.scope, *READERS)
    rows = Project.objects.select_related("unit", "owner_unit").prefetch_related("works", "prechecks__later")
    row = get_object_or_404(rows, pk=project)
    scope = request.scope
    keeps = scope.holds(*KEEPERS)
    applications = applications_of(row, now=request.now)
    route = project_route(row, now=request.now)
    kinds = kinds_open(row, applications)
    merged, built = merged_of(row), is_built(row)
    stages = stage_counts(works_told(row))
    context = {
        "project": row,
        "works": row.works.all(),
        "today": day_of(request.now),
        "phases": phases_of(row),
        "class": "acceptance" if row.special else "filing",
        "applications": applications,
        "findings": findings_found(project=row.pk)[:FINDINGS],
        "route": ROUTES[route],
        "built": built,
        "assumed": rules_told(SMALL, on=day_of(request.now)) if keeps else [],
        "merged": merged,
        "unsettled": permits_unsettled(row.pk) if merged else [],
        "may_merge": scope.holds(WINDOW, CHIEF) and route == MERGED and not (built or merged_stands(row)),
        "own": row.owner_unit_id in owner_units(scope),
        "may_change": any(one.kind == "design" and one.case.state in DONE for one in applications)
        and "design" not in kinds,
        "stages": stages,
        "chain": chain_told(row, request),
        "documents": documents_of(row, today=day_of(request.now)),
        "rulings": rulings_like(row) if keeps else [],
        "kinds": kinds,
        "may_verify": keeps,
        "may_check": keeps and (stages is not None or not _is_through(applications)),
        "may_apply": scope.holds(WINDOW, CHIEF),
        "may_recuse": scope.holds(INSPECTOR),
        "recused": scope.holds(INSPECTOR) and row.conflicts.filter(person=request.user.pk).exists(),
        "later_rows": LATER_ROWS,
        "reason": Field(REASON[0]),
        "key": form_key(request),
        "refusal": refusal,
    }
    return render(request, "fire/project.html", context, status=status)


def _is_through(applications: Sequence[Any]) -> bool:
    """Accepted or filed to the end, and its document stands: nothing is left to verify in advance."""
    return any(one.kind != "design" and one.done for one in applications)


def refused(request: HttpRequest, project: int, refusal: Refusal | FieldError) -> HttpResponse:
    """The project's page with what was refused; nothing to see for whoever may not."""
    return _page(request, project, told(refusal), refused_status(refusal))
