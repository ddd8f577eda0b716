"""Screens of the register: all projects, one page a project, and what is done from there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.desk.forms import Field
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.fire.applying.services import Asked, application_open, project_route
from bihuan.packs.fire.findings.selectors import findings_found
from bihuan.packs.fire.forms import (
    PRECHECK,
    PROJECT,
    REASON,
    form_context,
    form_key,
    form_tried,
    own_key,
    project_declared,
    typed_clean,
)
from bihuan.packs.fire.merging.selectors import is_built, merged_of, merged_stands
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.owners.services import owner_units
from bihuan.packs.fire.papers.selectors import documents_of
from bihuan.packs.fire.projects.chain import chain_told
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
    precheck_pass,
    precheck_revoke,
    project_enter,
)
from bihuan.packs.fire.routes.rules import MERGED, ROUTES
from bihuan.packs.fire.rulings.services import rulings_like
from bihuan.packs.fire.stages.selectors import stage_counts, works_told
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, WINDOW

PAGE, FINDINGS = 30, 20
READERS = (*KEEPERS, "fire_owner")


@login_required
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """For the window clerk: every project of the section, found by name, owner or place."""
    _only(request, *READERS)
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
        "page": Paginator(projects_found(text=text, kind=kind), PAGE).get_page(request.GET.get("page")),
        "text": text,
        "kind": kind,
        "figures": [*figures, {"label": gettext("单体工程"), "value": counts["works"]}],
        "may_enter": request.scope.holds(*KEEPERS),  # type: ignore[attr-defined]
    }
    return render(request, "fire/projects.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """For the window clerk: a project is entered; the rules say at once whether it is special."""
    _only(request, *KEEPERS)
    if request.method != "POST":
        return render(request, "fire/project_new.html", form_context(request, PROJECT, {}))

    def write() -> Project:
        declared = project_declared(typed_clean(request, PROJECT))
        return project_enter(
            scope=request.scope,  # type: ignore[attr-defined]
            declared=declared,
            key=form_key(request),
            now=request.now,  # type: ignore[attr-defined]
        )

    row, context, status = form_tried(request, PROJECT, write)
    if row is None:
        return render(request, "fire/project_new.html", context, status=status)
    messages.success(request, row.reason)
    return redirect("fire:project", row.pk)


@login_required
@require_GET
def project(request: HttpRequest, project: int) -> HttpResponse:
    """For the section's people and the owner: one page a project, from the first phase to the last opinion."""
    return _page(request, project)


@login_required
@require_POST
def apply(request: HttpRequest, project: int) -> HttpResponse:
    """For the window clerk: an application of the project is opened."""
    _only(request, *KEEPERS)
    try:
        number = application_open(
            scope=request.scope,  # type: ignore[attr-defined]
            project=project,
            asked=Asked(request.POST.get("kind", "")),
            key=own_key(request),
            now=request.now,  # type: ignore[attr-defined]
        )
    except Refusal as refusal:
        return refused(request, project, refusal)
    return redirect("case", number=number)


@login_required
@require_POST
def precheck(request: HttpRequest, project: int) -> HttpResponse:
    """For whoever verifies: a phase of the project is verified in advance."""
    _only(request, *KEEPERS)
    try:
        precheck_pass(
            scope=request.scope,  # type: ignore[attr-defined]
            project=project,
            kind=request.POST.get("kind", ""),
            phase=_number(request.POST.get("phase", "")),
            deferred=typed_clean(request, PRECHECK).get("deferred", ""),
            now=request.now,  # type: ignore[attr-defined]
        )
    except (Refusal, FieldError) as refusal:
        return refused(request, project, refusal)
    messages.success(request, gettext("已登记核查通过。"))
    return redirect("fire:project", project)


@login_required
@require_POST
def revoke(request: HttpRequest, project: int) -> HttpResponse:
    """For whoever verifies: a phase no longer holds; what rests on it lapses."""
    _only(request, *KEEPERS)
    try:
        numbers = precheck_revoke(
            scope=request.scope,  # type: ignore[attr-defined]
            precheck=_number(request.POST.get("check", "")),
            reason=typed_clean(request, REASON)["reason"],
            now=request.now,  # type: ignore[attr-defined]
        )
    except (Refusal, FieldError) as refusal:
        return refused(request, project, refusal)
    back = gettext("已撤销;回到待受理的:%s") % "、".join(numbers) if numbers else gettext("已撤销。")
    messages.success(request, back)
    return redirect("fire:project", project)


@login_required
@require_POST
def conflict(request: HttpRequest, project: int) -> HttpResponse:
    """For an inspector: an interest in this project is declared, which keeps me out of its draw."""
    _only(request, INSPECTOR)
    try:
        conflict_declare(
            scope=request.scope,  # type: ignore[attr-defined]
            project=project,
            person=request.user.pk,  # type: ignore[arg-type]
            reason=typed_clean(request, REASON)["reason"],
            now=request.now,  # type: ignore[attr-defined]
        )
    except (Refusal, FieldError) as refusal:
        return refused(request, project, refusal)
    messages.success(request, gettext("已登记回避。"))
    return redirect("fire:project", project)


def _page(request: HttpRequest, project: int, refusal: str = "", status: int = 200) -> HttpResponse:
    _only(request, *READERS)
    rows = Project.objects.select_related("unit", "owner_unit").prefetch_related("works", "prechecks")
    row = get_object_or_404(rows, pk=project)
    scope = request.scope  # type: ignore[attr-defined]
    keeps = scope.holds(*KEEPERS)
    applications = applications_of(row, now=request.now)  # type: ignore[attr-defined]
    route = project_route(row, now=request.now)  # type: ignore[attr-defined]
    kinds = kinds_open(row, applications)
    context = {
        "project": row,
        "works": row.works.all(),
        "phases": phases_of(row),
        "class": "acceptance" if row.special else "filing",
        "applications": applications,
        "findings": findings_found(project=row.pk)[:FINDINGS],
        "route": ROUTES[route],
        "merged": merged_of(row),
        "may_merge": scope.holds(WINDOW, CHIEF)
        and route == MERGED
        and not (is_built(row) or merged_stands(row)),
        "own": row.owner_unit_id in owner_units(scope),
        "may_change": any(one.kind == "design" and one.case.state in DONE for one in applications)
        and "design" not in kinds,
        "stages": stage_counts(works_told(row)),
        "chain": chain_told(row, request),
        "documents": documents_of(row, today=day_of(request.now)),  # type: ignore[attr-defined]
        "rulings": rulings_like(row) if keeps else [],
        "kinds": kinds,
        "may_verify": keeps,
        "may_apply": scope.holds(WINDOW, CHIEF),
        "may_recuse": scope.holds(INSPECTOR),
        "recused": row.conflicts.filter(person=request.user.pk).exists(),
        "deferred": Field(PRECHECK[0]),
        "reason": Field(REASON[0]),
        "key": form_key(request),
        "refusal": refusal,
    }
    return render(request, "fire/project.html", context, status=status)


def refused(request: HttpRequest, project: int, refusal: Refusal | FieldError) -> HttpResponse:
    """The project's page with what was refused; nothing to see for whoever may not."""
    if isinstance(refusal, NotFound):
        raise Http404
    if isinstance(refusal, NotPermitted):
        raise PermissionDenied
    status = refusal.status if isinstance(refusal, Refusal) else 422
    return _page(request, project, told(refusal), status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else 0


def _only(request: HttpRequest, *roles: str) -> None:
    if not request.scope.holds(*roles):  # type: ignore[attr-defined]
        raise PermissionDenied
