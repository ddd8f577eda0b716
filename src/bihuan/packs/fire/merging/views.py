"""From a project's page to its merged application."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.forms import own_key
from bihuan.packs.fire.merging.services import merged_open
from bihuan.packs.fire.projects.views import refused


@login_required
@require_POST
def merge(request: HttpRequest, project: int) -> HttpResponse:
    """For the window clerk: permit, quality and safety supervision and fire review of a project in one application."""
    try:
        number = merged_open(
            scope=request.scope,
            project=project,
            key=own_key(request),
            now=request.now,
        )
    except Refusal as refusal:
        return refused(request, project, refusal)
    return redirect("case", number=number)
