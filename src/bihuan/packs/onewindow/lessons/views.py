"""The page before the morning meeting: what was asked in the week, what is missing most, what was kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import told
from bihuan.lib.paging import figure_counted
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.catalogue.selectors import versions_on
from bihuan.packs.onewindow.lessons.models import Lesson
from bihuan.packs.onewindow.lessons.selectors import WEEK, ended_by, materials_missing, questions_asked
from bihuan.packs.onewindow.lessons.services import KEEPERS, lesson_end, lesson_keep

LATEST = 50
FIELDS = {"question": "问题", "answer": "答复"}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lessons(request: HttpRequest) -> HttpResponse:
    """For the head of the window before the morning meeting: what the desk did not know this week, and what to keep of it."""
    page_require(request.scope, *KEEPERS)
    if request.method != "POST":
        return _page(request)
    try:
        _written(request)
    except FieldError as fault:
        return _page(request, wrong={fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        return _page(request, refusal=told(refusal), status=refusal.status)
    return redirect("onewindow:lessons")


def _written(request: HttpRequest) -> None:
    post, who = request.POST, {"scope": request.scope, "now": request.now}
    if post.get("act") == "end":
        lesson_end(lesson=number_of(post.get("lesson", "")) or 0, **who)
        messages.success(request, gettext("已停用。"))
        return
    lesson_keep(
        item=number_of(post.get("item", "")) or 0,
        question=post.get("question", ""),
        answer=post.get("answer", ""),
        **who,
    )
    messages.success(request, gettext("已记入知识,收这个事项时会显示。"))


def _page(
    request: HttpRequest, *, wrong: dict[str, str] | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    now, errors = request.now, wrong or {}
    asked = questions_asked(since=now - WEEK, until=now)
    missing = materials_missing(since=now - WEEK, until=now)
    count = sum(len(one.questions) for one in asked)
    kept, more = _kept(request)
    names = _names({one.item for one in asked} | {one.item for one in missing}, now)
    context = {
        "asked": [replace(one, name=names.get(one.item, one.name)) for one in asked],
        "missing": [replace(one, name=names.get(one.item, one.name)) for one in missing],
        "kept": kept,
        "more": more,
        "figures": [
            {"label": gettext("一周的问题"), "value": count},
            {"label": gettext("问过不止一次"), "value": sum(one.again for one in asked)},
            {"label": gettext("还没有答复"), "value": sum(not q.answer for one in asked for q in one.questions)},
            {"label": gettext("已记入的知识"), "value": figure_counted(Lesson.objects.filter(active=True))},
        ],
        "typed": request.POST,
        "refusal": refusal or (gettext("还没有办:请改正下面标出的地方。") if errors else ""),
        "problems": [("", gettext(FIELDS.get(name, name)), text) for name, text in errors.items()],
        "now": now,
    }  # fmt: skip
    return render(request, "onewindow/lessons.html", context, status=status)


def _kept(request: HttpRequest) -> tuple[list[tuple[Lesson, str, bool]], int]:
    """A page of what was kept, each with its item's name and whether the reader may end it; and the id before which the next page
    begins (0: none)."""
    before = number_of(request.GET.get("before", "")) or 0
    rows = Lesson.objects.filter(active=True, **({"pk__lt": before} if before else {}))
    found = list(rows.select_related("kept_by").order_by("-pk")[: LATEST + 1])
    shown = found[:LATEST]
    names = _names({one.item_id for one in shown}, request.now)
    with kernel_writes():
        mine = ended_by(shown, request.scope)
    kept = [(one, names.get(one.item_id, ""), one.pk in mine) for one in shown]
    return kept, shown[-1].pk if len(found) > LATEST else 0


def _names(items: set[int], now: datetime) -> dict[int, str]:
    """Items as they are called today, in the reader's language."""
    return {row.item_id: name_of(row) for row in versions_on(day_of(now)).filter(item__in=items)}
