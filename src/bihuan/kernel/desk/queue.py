"""One case after another: message and answer side by side, a key for each verdict, and the next one at once.

Generic over packs and people: `/queue` takes the address of a worklist (`?tab=mine&state=…`) and shows its first open case
with the steps that this person may take. The unit's head signs by it; a reviewer goes through a review queue by the very
same page. What was taken leaves the list, so the same address shows the next; `after` skips one without a verdict.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.actions import Offer
from bihuan.kernel.desk.case_page import CasePage, case_page, case_seen
from bihuan.kernel.desk.case_views import already_done
from bihuan.kernel.desk.counts import listed_counted
from bihuan.kernel.desk.forms import fields_of
from bihuan.kernel.desk.taking import Refused, done_told, kept_words, refused_read, step_take
from bihuan.kernel.desk.wanted import Wanted, wanted_read
from bihuan.kernel.desk.worklist import cases_listed, cursor_of, roles_lent
from bihuan.lib.refusals import Conflict, Refusal
from bihuan.lib.text import FieldError

LATELY = 4
"""So many entries of the record stand beside a case."""


@login_required
@never_cache
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """For the head who signs ten answers between two meetings: read, press a key, and the next one is there."""
    wanted = _wanted(request)
    scope, now = request.scope, request.now  # type: ignore[attr-defined]
    lent = roles_lent(scope=scope, now=now)
    rows = cases_listed(scope=scope, wanted=wanted, now=now, most=1, lent=lent)
    left = listed_counted(scope=scope, wanted=replace(wanted, after=""), now=now, lent=lent)
    if not rows:
        context = {"left": left, "again": wanted.address(after=""), "wanted": wanted}
        return render(request, "desk/queue_empty.html", context)
    row = rows[0]
    found = case_seen(number=row.number)
    if found is None:
        raise Http404
    page = case_page(case=found, scope=scope, now=now)
    skip = wanted.address(after=cursor_of(row, closed=False, sort=wanted.sort))
    return _rendered(request, page, wanted, left=left, skip=skip)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def queue_step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Take a step and go on to the next case. A refusal shows this case again, with the rule and the words typed."""
    wanted = _wanted(request)
    onward = reverse("queue") + wanted.address()
    found = case_seen(number=number)
    if found is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(onward)
    try:
        done = step_take(request, found, step)
    except (FieldError, Refusal) as error:
        refused = refused_read(error)
        page = _page(request, found)
        if isinstance(error, Conflict) and already_done(page, request, step):
            messages.warning(request, gettext("这一步您刚才已经办好了,没有重复办理。"))
            return HttpResponseRedirect(onward)
        return _rendered(request, page, wanted, refused=refused, tried=step, skip=wanted.address())
    messages.success(request, f"{number} {done_told(found, step, done)}")
    return HttpResponseRedirect(onward)


def _wanted(request: HttpRequest) -> Wanted:
    return replace(wanted_read(request.GET), closed=False, ended="", answered="")


def _page(request: HttpRequest, found: Case) -> CasePage:
    fresh = case_seen(number=found.number)
    if fresh is None:
        raise Http404
    return case_page(case=fresh, scope=request.scope, now=request.now)  # type: ignore[attr-defined]


def _rendered(
    request: HttpRequest,
    page: CasePage,
    wanted: Wanted,
    *,
    skip: str,
    left: int | None = None,
    refused: Refused | None = None,
    tried: str = "",
) -> HttpResponse:
    verdicts = [_verdict(request, page, offer, refused, tried) for offer in page.offers.mine]
    shown_again = any(verdict["tried"] for verdict in verdicts)
    context = {
        "page": page,
        "case": page.case,
        "left": left,
        "verdicts": verdicts,
        "lately": [told for told in page.told if told.kind == "move" and told.fields][:LATELY],
        "query": wanted.address(),
        "worklist": wanted.address(after=""),
        "skip": reverse("queue") + skip,
        "refusal": refused.message if refused else "",
        "problems": [
            (field.id.removeprefix("field-"), gettext(field.ask.label), field.error)
            for verdict in verdicts
            for field in verdict["fields"]
            if field.error
        ],
        "kept": kept_words(request.POST) if refused and not shown_again else [],
    }
    return render(request, "desk/queue.html", context, status=refused.status if refused else 200)


def _verdict(
    request: HttpRequest, page: CasePage, offer: Offer, refused: Refused | None, tried: str
) -> dict[str, Any]:
    """A step as a button, or with what it must ask as a form that opens."""
    step, again = offer.step, refused is not None and offer.step.code == tried
    fields = fields_of(
        step,
        request.POST if again else None,
        refused.errors if again and refused else None,
        matter=page.case.matter,
        form=step.code,
    )
    return {
        "step": step,
        "address": reverse("queue_step", args=[page.case.number, step.code]),
        "draft": f"{quote(page.case.number)}/{step.code}/{request.user.pk}",
        "asks": any(ask.required for ask in step.asks) or bool(step.caution),
        "fields": fields,
        "usual": step == page.offers.usual or offer is page.offers.mine[0],
        "tried": again,
    }
