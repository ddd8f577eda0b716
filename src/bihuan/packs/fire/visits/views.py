"""Screens of the desk on site: my visits on a telephone, and the questions of projects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.desk.templatetags.desk import moment
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.fire.form_pages import form_page, refused_status
from bihuan.packs.fire.forms import form_key, typed_clean, words_read
from bihuan.packs.fire.models import Project, Question, Visit
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.visits.forms import ANSWER, MADE, VISIT, question_asks
from bihuan.packs.fire.visits.selectors import questions_open, visits_of
from bihuan.packs.fire.visits.services import (
    question_answer,
    question_ask,
    section_people,
    visit_make,
    visit_plan,
)
from bihuan.packs.fire.workflows import OWNER

FORM = require_http_methods(["GET", "HEAD", "POST"])
MOST = 50


@login_required
@kept_on_device
@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    """For whoever goes out, with a telephone: my next visits, my questions, and what else is asked."""
    return _page(request)


def _page(request: HttpRequest, refusal: str = "", status: int = 200) -> HttpResponse:
    page_require(request.scope, *KEEPERS)
    person: int = request.user.pk
    mine = list(questions_open(owner=person)[:MOST])
    today = day_of(request.now)
    planned = list(visits_of(person)[:MOST])
    late = sum(one.due < today for one in mine)
    context = {
        "visits": planned,
        "mine": mine,
        "others": questions_open().exclude(owner=person)[:MOST],
        "today": today,
        "figures": [
            {"label": gettext("待上门"), "value": len(planned)},
            {"label": gettext("待我答复"), "value": len(mine)},
            {"label": gettext("过期未答"), "value": late, "tone": "late" if late else ""},
        ],
        "refusal": refusal,
    }
    return render(request, "fire/visits.html", context, status=status)


@login_required
@FORM
def visit_new(request: HttpRequest, project: int) -> HttpResponse:
    """For whoever goes out: a visit to a project is planned."""
    page_require(request.scope, *KEEPERS)

    def write(data: Mapping[str, Any]) -> Any:
        at = datetime.fromisoformat(data["at"])
        return visit_plan(
            scope=request.scope,
            project=project,
            at=at,
            about=data["about"],
            key=form_key(request),
            now=request.now,
        )

    back = reverse("fire:project", args=[project])
    return form_page(
        request,
        title=_titled(project, gettext("约定上门")),
        asks=VISIT,
        write=write,
        back=back,
        draft="fire-visit",
    )


@login_required
@require_POST
def visit_made(request: HttpRequest, visit: int) -> HttpResponse:
    """For whoever was there: the visit was made."""
    page_require(request.scope, *KEEPERS)
    try:
        note = typed_clean(request, MADE).get("note", "")
        made = visit_make(scope=request.scope, visit=visit, note=note, now=request.now)
    except (Refusal, FieldError) as refusal:
        return _page(request, told(refusal), refused_status(refusal))
    messages.success(request, gettext("已登记上门。当场提的问题记在项目下。"))
    return redirect("fire:project", made.project_id)


@login_required
@FORM
def question_new(request: HttpRequest, project: int) -> HttpResponse:
    """For the owner's representative and for whoever is on site: a question is asked, with whoever answers it and by when."""
    page_require(request.scope, *KEEPERS, OWNER)
    row = get_object_or_404(Project, pk=project)
    visit = (
        row.visits.filter(pk=number_of(request.GET.get("visit", "")) or 0).select_related("visitor").first()
    )
    people = Person.objects.filter(pk__in=section_people(row.unit_id, day_of(request.now))).order_by(
        "username"
    )
    asks = question_asks([(str(one.pk), one.name) for one in people])

    def write(data: Mapping[str, Any]) -> Any:
        return question_ask(
            scope=request.scope, project=project, text=data["text"], words=words_read(data.get("words", "")),
            owner=int(data["owner"]), due=date.fromisoformat(data["due"]), visit=visit and visit.pk, key=form_key(request), now=request.now,
        )  # fmt: skip

    back = reverse("fire:project", args=[project])
    return form_page(
        request,
        title=_titled(project, gettext("提问题")),
        asks=asks,
        write=write,
        back=back,
        draft="fire-question",
        hint=_on_visit(visit) if visit else "",
    )


@login_required
@FORM
def answer(request: HttpRequest, question: int) -> HttpResponse:
    """For whoever answers: the question, and the answer that stays with the project."""
    page_require(request.scope, *KEEPERS)
    row = get_object_or_404(Question.objects.select_related("project"), pk=question)

    def write(data: Mapping[str, Any]) -> Any:
        return question_answer(scope=request.scope, question=question, answer=data["answer"], now=request.now)

    back = reverse("fire:project", args=[row.project_id])
    return form_page(
        request,
        title=f"{row.project.name} · {gettext('答复')}",
        asks=ANSWER,
        write=write,
        back=back,
        draft="fire-answer",
        hint=row.text,
    )


def _on_visit(visit: Visit) -> str:
    told = {"at": moment(visit.planned_at), "who": visit.visitor.name, "about": visit.about}
    return gettext("%(at)s %(who)s上门时提的:%(about)s。") % told


def _titled(project: int, title: str) -> str:
    return f"{get_object_or_404(Project, pk=project).name} · {title}"
