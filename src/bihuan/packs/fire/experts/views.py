"""Screens of expert review: the register, and the meeting on one design."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.paging import Paged
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.fire.experts.rules import LEAST, VOTES, agreed, counted, interested
from bihuan.packs.fire.experts.services import expert_enter, interest_declare, review_call, votes_record
from bihuan.packs.fire.forms import form_context, form_tried, typed_clean
from bihuan.packs.fire.models import Expert, ExpertInterest, ExpertReview, ProjectCase
from bihuan.packs.fire.workflows import CHIEF, REVIEWER

PAGE, MOST = 50, 200
MAKERS = (REVIEWER, CHIEF)
AT = Ask("at", "什么时候", "moment")
EXPERT = (
    Ask("name", "姓名", "line", min_length=2, max_length=40),
    Ask("employer", "工作单位", "line", min_length=2, max_length=120),
    Ask("speciality", "专业", "line", min_length=2, max_length=60),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def experts(request: HttpRequest) -> HttpResponse:
    """For the design reviewer: who may be called to a review, and another expert entered."""
    scope = request.scope
    page_require(scope, *MAKERS)
    context, status = form_context(request, EXPERT, {}), 200
    if request.method == "POST":

        def write() -> Expert:
            return expert_enter(scope=scope, now=request.now, **typed_clean(request, EXPERT))

        row, context, status = form_tried(request, EXPERT, write)
        if row is not None:
            messages.success(request, gettext("已登记专家。"))
            return redirect("fire:experts")
    page = Paged(Expert.objects.order_by("speciality", "name"), PAGE).get_page(request.GET.get("page"))
    return render(request, "fire/experts.html", {**context, "page": page}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, number: str) -> HttpResponse:
    """For the design reviewer: the meeting on a special fire design, who sits in it, and what each expert said."""
    scope = request.scope
    page_require(scope, *MAKERS)
    rows = ProjectCase.objects.select_related("project", "case").filter(kind="design")
    row = get_object_or_404(rows, case__number=number.replace("\0", ""))
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _ways(request, row.case.number)[request.POST.get("what", "")]()
        except KeyError:
            refusal, status = gettext("没有这一步骤。"), 422
        except (NotFound, NotPermitted):
            raise
        except (Refusal, FieldError) as error:
            refusal, status = told(error), error.status if isinstance(error, Refusal) else 422
        else:
            messages.success(request, gettext("已登记。"))
            return redirect("fire:review", row.case.number)
    return render(request, "fire/review.html", {**_shown(request, row), "refusal": refusal}, status=status)


def _ways(request: HttpRequest, number: str) -> dict[str, Callable[[], Any]]:
    sent, given = request.POST, {"scope": request.scope, "number": number, "now": request.now}
    votes = {
        int(name[5:]): value
        for name, value in sent.items()
        if name.startswith("vote-") and number_of(name[5:]) and value
    }
    return {
        "call": lambda: _call(request, given),
        "votes": lambda: votes_record(**given, votes=votes),
        "recuse": lambda: interest_declare(**given, expert=number_of(sent.get("expert", "")) or 0),
    }


def _call(request: HttpRequest, given: dict[str, Any]) -> None:
    try:
        at = datetime.fromisoformat(AT.clean(request.POST.get("at", "")))
    except FieldError:
        raise FieldError("at", "moment", gettext("应为日期和时间,如 2026-01-31 15:00。")) from None
    experts = [number for one in request.POST.getlist("experts")[:MOST] if (number := number_of(one))]
    review_call(**given, at=at, place=request.POST.get("place", ""), experts=experts)


def _shown(request: HttpRequest, row: ProjectCase) -> dict[str, Any]:
    meeting = ExpertReview.objects.filter(case=row.case).first()
    votes = list(meeting.votes.select_related("expert").order_by("pk")) if meeting else []
    present, agree, silent = counted(one.vote for one in votes)
    declared = set(ExpertInterest.objects.filter(project=row.project).values_list("expert", flat=True))
    chosen = set(request.POST.getlist("experts"))
    return {
        "row": row,
        "meeting": meeting,
        "votes": votes,
        "labels": VOTES,
        "present": present,
        "agree": agree,
        "agreed": agreed(present, agree),
        "silent": silent,
        "held": meeting is not None and request.now >= meeting.at,
        "voted": silent < len(votes),
        "least": LEAST,
        "open": row.case.state == "with_province",
        "experts": [
            {
                "expert": one,
                "out": interested(one.employer, row.project.owner, one.pk in declared),
                "chosen": str(one.pk) in chosen,
            }
            for one in Expert.objects.filter(active=True).order_by("speciality", "name")[:MOST]
        ],
    }
