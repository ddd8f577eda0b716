"""The owner's own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.fire.forms import form_context, form_key, form_tried, own_key, project_declared, typed_clean
from bihuan.packs.fire.materials import MATERIALS
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.owners.forms import ANSWER, ASKS, CHANGED, OWN_PROJECT
from bihuan.packs.fire.owners.selectors import own_cases, own_documents, own_projects
from bihuan.packs.fire.owners.services import (
    design_change,
    own_application_open,
    owner_step,
    owner_units,
    project_declare,
)
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.rules import KINDS
from bihuan.packs.fire.workflows import OWNER


@login_required
@require_GET
def owner(request: HttpRequest) -> HttpResponse:
    """For the owner's representative: what waits for me, my projects, and what was issued to us."""
    return _home(request)


def _home(request: HttpRequest, refusal: str = "", status: int = 200) -> HttpResponse:
    units = _units(request)
    context = {
        "cases": own_cases(units),
        "projects": own_projects(units),
        "documents": own_documents(units, now=request.now),  # type: ignore[attr-defined]
        "refusal": refusal,
    }
    return render(request, "fire/owner.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """For the owner's representative: a project is declared; the rules say at once which way it takes."""
    _units(request)
    if request.method != "POST":
        return render(request, "fire/project_new.html", form_context(request, OWN_PROJECT, {}))

    def write() -> Project:
        declared = project_declared({"owner": "-", **typed_clean(request, OWN_PROJECT)})
        return project_declare(scope=request.scope, declared=declared, key=form_key(request), now=request.now)  # type: ignore[attr-defined]

    row, context, status = form_tried(request, OWN_PROJECT, write)
    if row is None:
        return render(request, "fire/project_new.html", context, status=status)
    messages.success(request, row.reason)
    return redirect("fire:project", row.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_apply(request: HttpRequest, project: int, kind: str) -> HttpResponse:
    """For the owner's representative: an application of my project, with what the law asks me to declare."""
    row = get_object_or_404(Project, pk=project, owner_unit__in=_units(request))
    if kind not in ASKS:
        raise Http404
    about = {"project": row, "kind": kind, "label": dict(KINDS)[kind], "materials": MATERIALS[kind][1:]}
    if request.method != "POST":
        return render(request, "fire/owner_apply.html", {**about, **form_context(request, ASKS[kind], {})})

    def write() -> str:
        return own_application_open(
            scope=request.scope, project=row.pk, kind=kind, declared=typed_clean(request, ASKS[kind]), key=own_key(request),  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip

    number, context, status = form_tried(request, ASKS[kind], write)
    if number is None:
        return render(request, "fire/owner_apply.html", {**about, **context}, status=status)
    messages.success(request, gettext("已申请,编号 %s。原件交窗口或邮寄。") % number)
    return redirect("fire:project", row.pk)


@login_required
@require_POST
def own_step(request: HttpRequest, number: str) -> HttpResponse:
    """For the owner's representative: I answer a notice, withdraw, or ask for a re-check."""
    _units(request)
    version = request.POST.get("version", "")
    try:
        owner_step(
            scope=request.scope,  # type: ignore[attr-defined]
            number=number,
            step=request.POST.get("step", ""),
            words=typed_clean(request, ANSWER).get("words") or "",
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
            now=request.now,  # type: ignore[attr-defined]
        )
    except (Refusal, FieldError) as error:
        return _refused(request, error)
    messages.success(request, gettext("已提交。"))
    return redirect("fire:owner")


@login_required
@require_POST
def changed(request: HttpRequest, project: int) -> HttpResponse:
    """For the owner's representative and the section: the reviewed design is changed, and must be reviewed again."""
    if not request.scope.holds(*KEEPERS, OWNER):  # type: ignore[attr-defined]
        raise page_refused(*KEEPERS, OWNER)
    try:
        words: Any = typed_clean(request, CHANGED)["changed"]
        design_change(scope=request.scope, project=project, changed=words, now=request.now)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    except (Refusal, FieldError) as error:
        messages.error(request, told(error))
        return redirect("fire:project", project)
    messages.success(request, gettext("已登记设计变更,请按新的设计重新申请审查。"))
    return redirect("fire:project", project)


def _refused(request: HttpRequest, error: Refusal | FieldError) -> HttpResponse:
    if isinstance(error, NotFound):
        raise Http404
    if isinstance(error, NotPermitted):
        raise page_refused(OWNER)
    return _home(request, told(error), error.status if isinstance(error, Refusal) else 422)


def _units(request: HttpRequest) -> list[int]:
    units = owner_units(request.scope)  # type: ignore[attr-defined]
    if not units:
        raise page_refused(OWNER)
    return units
