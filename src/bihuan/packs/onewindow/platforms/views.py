"""The door for the 好差评 platform, and the page where what was sent is held against what was received."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.api.body import MAX_BYTES, json_read
from bihuan.kernel.desk.api.problems import Problem, problem_response
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.shares import share_shown
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.platforms.reconciling import reconciled
from bihuan.packs.onewindow.platforms.reviews import HEADER, review_read, review_take, signed_at

READERS = ("supervisor", "review_officer", "system_admin")


@csrf_exempt
@require_POST
def review_in(request: HttpRequest) -> HttpResponse:
    """For the 好差评 platform: it brings one review, signed; it reads whether it was taken, or why not."""
    now = request.now
    try:
        body = _body(request)
        signed = signed_at(
            request.headers.get(HEADER, ""), body=body, secrets=settings.REVIEWS_SECRETS, now=now
        )
        taken = review_take(review=review_read(json_read(body)), body=body, signed=signed, now=now)
    except Problem as problem:
        return problem_response(
            request, status=problem.status, code=problem.code, message=problem.message, rule=problem.rule
        )
    except FieldError as fault:
        return problem_response(
            request, status=422, code=fault.rule, message=told(fault), field=fault.field, rule=fault.rule
        )
    except Refusal as refused:
        return problem_response(
            request, status=refused.status, code=refused.code, message=told(refused), field=refused.field, rule=refused.code,
        )  # fmt: skip
    answer: dict[str, Any] = {"number": taken.number, "state": taken.state, "again": taken.again}
    return HttpResponse(
        json.dumps(answer, ensure_ascii=False), content_type="application/json; charset=utf-8"
    )


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        raise NotPermitted("too_large", gettext("消息太大。"))
    return bytes(request.read(MAX_BYTES + 1))


@login_required
@never_cache
@require_GET
def exchange(request: HttpRequest) -> HttpResponse:
    """For the supervisor and the administrator: does every system have what it was sent, and which reviews were not taken?"""
    page_require(request.scope, *READERS)
    found = reconciled()
    figures = [
        {"label": gettext("办件变更"), "value": found.last},
        {"label": gettext("接收的系统"), "value": len(found.followed)},
        {"label": gettext("平台发来的评价"), "value": found.reviews},
        {"label": gettext("已接收"), **share_shown(found.taken, found.reviews)},
        {"label": gettext("其中差评"), **share_shown(found.bad, found.taken)},
    ]
    return render(
        request,
        "onewindow/exchange.html",
        {"told": found, "figures": figures, "now": request.now},
    )
