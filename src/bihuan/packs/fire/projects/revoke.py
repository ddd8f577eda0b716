"""The screen on which a phase is revoked: it says beforehand what lapses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.certificates.kinds import kind_of
from bihuan.kernel.desk.certificates.words import kind_name
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.packs.fire.forms import REVOKE, form_context, form_tried, typed_clean
from bihuan.packs.fire.models import PreCheck
from bihuan.packs.fire.projects.phases import PHASES
from bihuan.packs.fire.projects.revoking import precheck_revoke, resting_on
from bihuan.packs.fire.projects.services import KEEPERS


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, project: int, check: int) -> HttpResponse:
    """For whoever verifies: what lapses with a phase, and the phase revoked for a reason."""
    page_require(request.scope, *KEEPERS)
    found = get_object_or_404(
        PreCheck.objects.select_related("project"), pk=check, project=project, revoked_at=None
    )
    if request.method != "POST":
        return render(request, "fire/revoke.html", {**_told(found), **form_context(request, REVOKE, {})})

    def write() -> list[str]:
        reason = typed_clean(request, REVOKE)["reason"]
        return precheck_revoke(scope=request.scope, precheck=check, reason=reason, now=request.now)

    try:
        numbers, form, status = form_tried(request, REVOKE, write)
    except NotFound as refusal:
        raise Http404 from refusal
    except NotPermitted as refusal:
        raise PermissionDenied(told(refusal)) from refusal
    if form:
        return render(request, "fire/revoke.html", {**_told(found), **form}, status=status)
    done = gettext("已撤销;随之失效的:%s") % "、".join(numbers) if numbers else gettext("已撤销。")
    messages.success(request, done)
    return redirect("fire:project", project)


def _told(check: PreCheck) -> Mapping[str, Any]:
    resting, labels = resting_on(check), dict(PHASES)
    return {
        "project": check.project,
        "phase": gettext(labels[check.phase]),
        "later": [gettext(labels[one]) for one in resting.phases if one != check.phase],
        "filing": check.kind == "filing",
        "cases": resting.open,
        "approvals": [(one, kind_name(kind_of(one.kind))) for one in resting.approvals],
    }
