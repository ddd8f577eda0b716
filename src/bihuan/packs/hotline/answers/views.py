"""The list of ready answers."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.hotline.answers.ready import (
    KEEPER,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Used,
    ready_answer_save,
    ready_answer_used,
    ready_answer_withdraw,
    ready_answers_kept,
)
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.forms import Named, matters
from bihuan.packs.hotline.selectors import matter_names

ASKS = (
    Ask("matter", "事项", "line", required=False, max_length=80),
    Ask("title", "标题", "line", max_length=TITLE_LIMIT),
    Ask("text", "答复", "text", max_length=TEXT_LIMIT),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: HttpRequest) -> HttpResponse:
    """For the supervisor who keeps what agents and units may say: add one, change one, withdraw one, see which are used.

    `?answer=` opens one to be changed, with who used it when; without it the form adds one.
    """
    _only(request)
    chosen = request.GET.get("answer", "")
    if request.method == "POST":
        try:
            _save(request, number_of(chosen))
        except FieldError as fault:
            return _page(request, request.POST, {fault.field: told(fault)}, status=422)
        except Refusal as refusal:
            return _page(request, request.POST, {}, refusal=told(refusal), status=refusal.status)
        messages.success(request, gettext("现成答复已存。"))
        return redirect("hotline:answers")
    kept = next((one for one in ready_answers_kept() if str(one.pk) == chosen), None)
    names = matter_names()
    typed = {"matter": names.get(kept.matter, ""), "title": kept.title, "text": kept.text} if kept else {}
    return _page(request, typed, {}, used=ready_answer_used(kept.pk) if kept else None)


@login_required
@require_POST
def answer_withdraw(request: HttpRequest, answer: int) -> HttpResponse:
    """For the same supervisor: agents are offered it no more."""
    _only(request)
    try:
        ready_answer_withdraw(answer=answer, by=request.user.pk, now=request.now)
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, gettext("已停用,席位不再提示。"))
    return redirect("hotline:answers")


def _save(request: HttpRequest, answer: int | None) -> None:
    typed = {ask.name: request.POST.get(ask.name, "") for ask in ASKS}
    named = typed["matter"].strip()[:80]
    matter = dispatch_map().words().matter(named) if named else ""
    if matter is None:
        raise FieldError("matter", "unknown_matter", "没有这个事项。")
    ready_answer_save(
        answer=answer,
        matter=matter,
        title=typed["title"],
        text=typed["text"],
        by=request.user.pk,
        now=request.now,
    )


def _page(
    request: HttpRequest,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
    used: Used | None = None,
) -> HttpResponse:
    names, options = matter_names(), {"matter": matters(dispatch_map())}
    context = {
        "rows": [(names.get(one.matter, ""), one) for one in ready_answers_kept()],
        "fields": [
            Named(
                Field(ask, (typed[ask.name],) if typed.get(ask.name) else (), errors.get(ask.name, "")),
                options.get(ask.name, ()),
            )
            for ask in ASKS
        ],
        "refusal": refusal,
        "used": used,
        "matters": [(names.get(code, code), n) for code, n in used.matters] if used else [],
        "chosen": request.GET.get("answer", "") if typed or request.method == "POST" else "",
    }
    return render(request, "hotline/answers.html", context, status=status)


def _only(request: HttpRequest) -> None:
    page_require(request.scope, KEEPER)
