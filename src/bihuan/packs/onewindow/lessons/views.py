"""The page before the morning meeting: what was asked in the week, what is missing most, what was kept."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.lessons.models import Lesson
from bihuan.packs.onewindow.lessons.selectors import WEEK, materials_missing, questions_asked
from bihuan.packs.onewindow.lessons.services import KEEPERS, lesson_end, lesson_keep

LATEST = 50
FIELDS = {"question": "问题", "answer": "答复"}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lessons(request: HttpRequest) -> HttpResponse:
    """For the head of the window before the morning meeting: what the desk did not know this week, and what to keep of it."""
    if not request.scope.holds(*KEEPERS):  # type: ignore[attr-defined]
        raise page_refused(*KEEPERS)
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
    post, who = request.POST, {"scope": request.scope, "now": request.now}  # type: ignore[attr-defined]
    if post.get("act") == "end":
        lesson_end(lesson=_number(post.get("lesson", "")), **who)
        messages.success(request, gettext("已停用。"))
        return
    lesson_keep(
        item=_number(post.get("item", "")),
        question=post.get("question", ""),
        answer=post.get("answer", ""),
        **who,
    )
    messages.success(request, gettext("已记入知识,收这个事项时会显示。"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _page(
    request: HttpRequest, *, wrong: dict[str, str] | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    now, errors = request.now, wrong or {}  # type: ignore[attr-defined]
    asked = questions_asked(since=now - WEEK, until=now)
    missing = materials_missing(since=now - WEEK, until=now)
    count = sum(len(one.questions) for one in asked)
    context = {
        "asked": asked,
        "missing": missing,
        "kept": Lesson.objects.filter(active=True).select_related("item", "kept_by").order_by("-kept_at", "-pk")[:LATEST],
        "figures": [
            {"label": gettext("一周的问题"), "value": count},
            {"label": gettext("问过不止一次"), "value": sum(one.again for one in asked)},
            {"label": gettext("还没有答复"), "value": sum(not q.answer for one in asked for q in one.questions)},
            {"label": gettext("已记入的知识"), "value": Lesson.objects.filter(active=True).count()},
        ],
        "typed": request.POST,
        "refusal": refusal or (gettext("还没有办:请改正下面标出的地方。") if errors else ""),
        "problems": [("", gettext(FIELDS.get(name, name)), text) for name, text in errors.items()],
        "now": now,
    }  # fmt: skip
    return render(request, "onewindow/lessons.html", context, status=status)
