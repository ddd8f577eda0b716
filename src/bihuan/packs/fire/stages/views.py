"""The screen of staged acceptance: what stands where, the plan, and the application for some of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_refused, page_require
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.applying.services import Asked, application_open
from bihuan.packs.fire.forms import form_key, own_key
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.stages.asked import numbers_read, stages_asked
from bihuan.packs.fire.stages.rules import STAGES
from bihuan.packs.fire.stages.selectors import stage_counts, works_told
from bihuan.packs.fire.stages.services import stages_plan
from bihuan.packs.fire.workflows import CHIEF, OWNER, WINDOW


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stages(request: HttpRequest, project: int) -> HttpResponse:
    """For the window clerk and the owner: which single work is accepted at which stage, and an application for some of them."""
    scope = request.scope
    page_require(scope, *KEEPERS, OWNER)
    row = get_object_or_404(Project.objects.prefetch_related("works"), pk=project)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _written(request, row)
        except NotFound:
            raise Http404 from None
        except NotPermitted:
            raise page_refused(WINDOW, CHIEF) from None
        except Refusal as error:
            refusal, status = told(error), error.status
    works = works_told(row)
    owned = {held.unit for held in scope.held if held.role == OWNER}
    context = {
        "project": row,
        "works": works,
        "counts": stage_counts(works),
        "labels": STAGES,
        "open": [one for work in works for one in work.stages if one.open],
        "may_plan": scope.holds(*KEEPERS),
        "may_apply": scope.holds(WINDOW, CHIEF) or row.owner_unit_id in owned,
        "own": row.owner_unit_id in owned,
        "chosen": numbers_read(request.POST.getlist("stages")),
        "early": bool(request.POST.get("early")),
        "key": form_key(request),
        "refusal": refusal,
    }
    return render(request, "fire/stages.html", context, status=status)


def _written(request: HttpRequest, row: Project) -> HttpResponse:
    scope, now, sent = request.scope, request.now, request.POST
    if sent.get("what") == "plan":
        (segments,) = numbers_read([sent.get("segments", "1")]) or [0]
        count = stages_plan(
            scope=scope, project=row.pk, works=numbers_read(sent.getlist("works")), kinds=sent.getlist("kinds"), segments=segments, now=now
        )  # fmt: skip
        messages.success(request, gettext("已登记 %s 个阶段。") % count)
        return redirect("fire:stages", row.pk)
    if not scope.holds(WINDOW, CHIEF):
        raise NotPermitted("not_permitted", gettext("只有消防审验窗口和建设单位可以申请。"))
    asked = Asked("acceptance", *stages_asked(sent))
    number = application_open(scope=scope, project=row.pk, asked=asked, key=own_key(request), now=now)
    return redirect("case", number=number)
