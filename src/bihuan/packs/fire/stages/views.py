"""The screen of staged acceptance: what stands where, the plan, and the application for some of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.applying.services import APPLYING, Asked, application_open
from bihuan.packs.fire.forms import form_key, own_key
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.stages.rules import STAGES, Early
from bihuan.packs.fire.stages.selectors import stage_counts, works_told
from bihuan.packs.fire.stages.services import stages_plan
from bihuan.packs.fire.workflows import OWNER

MOST = 600


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stages(request: HttpRequest, project: int) -> HttpResponse:
    """For the window clerk and the owner: which single work is accepted at which stage, and an application for some of them."""
    scope = request.scope  # type: ignore[attr-defined]
    if not scope.holds(*KEEPERS, OWNER):
        raise page_refused(*KEEPERS, OWNER)
    row = get_object_or_404(Project.objects.prefetch_related("works"), pk=project)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _written(request, row)
        except (NotFound, NotPermitted):
            raise
        except Refusal as error:
            refusal, status = told(error), error.status
    works = works_told(row)
    context = {
        "project": row,
        "works": works,
        "counts": stage_counts(works),
        "labels": STAGES,
        "open": [one for work in works for one in work.stages if one.open],
        "may_plan": scope.holds(*KEEPERS),
        "may_apply": scope.holds(*APPLYING),
        "chosen": _numbers(request.POST.getlist("stages")),
        "early": bool(request.POST.get("early")),
        "key": form_key(request),
        "refusal": refusal,
    }
    return render(request, "fire/stages.html", context, status=status)


def _written(request: HttpRequest, row: Project) -> HttpResponse:
    scope, now, sent = request.scope, request.now, request.POST  # type: ignore[attr-defined]
    if sent.get("what") == "plan":
        (segments,) = _numbers([sent.get("segments", "1")]) or [0]
        count = stages_plan(
            scope=scope, project=row.pk, works=_numbers(sent.getlist("works")), kinds=sent.getlist("kinds"), segments=segments, now=now
        )  # fmt: skip
        messages.success(request, gettext("已登记 %s 个阶段。") % count)
        return redirect("fire:stages", row.pk)
    early = Early(bool(sent.get("early")), bool(sent.get("independent")), bool(sent.get("safe")))
    asked = Asked("acceptance", _numbers(sent.getlist("stages")), early)
    number = application_open(scope=scope, project=row.pk, asked=asked, key=own_key(request), now=now)
    return redirect("case", number=number)


def _numbers(texts: Sequence[str]) -> list[int]:
    return [int(one) for one in texts[:MOST] if one.isascii() and one.isdigit() and len(one) < 15]
