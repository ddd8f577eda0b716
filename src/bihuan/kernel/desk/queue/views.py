"""One case after another: message and answer side by side, a key for each verdict, and the next one at once.

Generic over packs and people: `/queue` takes the address of a worklist (`?tab=mine&state=…`) and shows the first of its open
cases that this person may decide and nobody else has before the eyes (`turns.py`). The unit's head signs by it, a
reviewer reviews, the call-back clerk calls: each with the steps that this person may take. What was decided leaves the list,
so the same address shows the next; what is put aside comes back by itself or when it is asked for.
"""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved
from bihuan.kernel.cases.personal import party_unmask
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.case.actions import granted_to
from bihuan.kernel.desk.case.page import SHOWN, CasePage, case_page, case_seen
from bihuan.kernel.desk.case.taking import Refused, done_told, refused_read, step_take
from bihuan.kernel.desk.case.views import already_done
from bihuan.kernel.desk.lists.wanted import Wanted, wanted_read
from bihuan.kernel.desk.lists.worklist import lent_of, roles_lent
from bihuan.kernel.desk.queue.calling import GRADE, calls_of, grades_of, hours_of, only_closing
from bihuan.kernel.desk.queue.page import CALL, kinds, queue_context
from bihuan.kernel.desk.queue.turns import line_read, turn_done, turn_put_aside, turn_take, turns_take_up
from bihuan.kernel.pack import packs
from bihuan.lib.refusals import Conflict, NotPermitted, Refusal
from bihuan.lib.text import FieldError

STANDING = "call_back"
"""The standing reason for reading a telephone number: whoever has to call back."""


@login_required
@never_cache
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """For the reviewer, the call-back clerk and the head who decide 200 times a day: read, press a key, the next is there."""
    wanted = _wanted(request)
    scope, now = request.scope, request.now
    granted, book = granted_to(scope.person, now), rulebook()
    lent = lent_of(granted)
    line = line_read(scope=scope, wanted=wanted, now=now, lent=lent, book=book)
    case = next(
        (id_ for id_ in line.next if turn_take(case=id_, person=scope.person, now=now, book=book)), None
    )
    if case is None:
        context = {"line": line, "wanted": wanted, "query": wanted.address(), "kinds": kinds(), "quiet": None}
        if calls_of(scope, lent):
            quiet = [hours for name in packs() if not (hours := hours_of(name, now, book)).open(now)]
            context["quiet"] = quiet[0] if quiet else None
        return render(request, "desk/queue_empty.html", context)
    found = Case.objects.select_related(*SHOWN).get(pk=case)
    page = case_page(case=found, scope=scope, now=now, book=book, granted=granted, brief=True)
    return render(request, "desk/queue.html", queue_context(request, page, wanted, line, book))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def queue_step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Take a step and go on to the next case. A refusal shows this case again, with the rule and the words typed."""
    return _taken(request, number, step, form=step)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def queue_call(request: HttpRequest, number: str) -> HttpResponse:
    """For the call-back clerk: the grade says which step is taken, with what was filled in."""
    if request.method != "POST":
        return HttpResponseRedirect(_onward(request))
    page = _page(request, _found(number))
    grade = next((g for g in grades_of(page.offers) if g.value == request.POST.get(GRADE)), None)
    if grade is None:
        return _refused(
            request, page, Refused(gettext("请选择满意度。"), {GRADE: gettext("请选择满意度。")}, 422), CALL
        )
    if grade.step is None:
        return _refused(request, page, Refused(grade.why_not, {GRADE: grade.why_not}, 422), CALL)
    return _taken(request, number, grade.step.code, form=CALL)


@login_required
@require_POST
def queue_aside(request: HttpRequest, number: str) -> HttpResponse:
    """Put a case aside for later; the message has the way back."""
    case = _found(number)
    until = turn_put_aside(case=case.pk, person=request.user.pk, now=request.now, book=rulebook())
    words = {"number": number, "until": f"{timezone.localtime(until):%m-%d %H:%M}"}
    back = reverse("queue_resume", args=[number]) + _wanted(request).address()
    messages.success(request, gettext("%(number)s 已放在一边,%(until)s 起再给您。") % words, extra_tags=back)
    return HttpResponseRedirect(_onward(request))


@login_required
@require_POST
def queue_resume(request: HttpRequest, number: str = "") -> HttpResponse:
    """Take up again what was put aside: one case, or all."""
    turns_take_up(person=request.user.pk, case=_found(number).pk if number else None)
    return HttpResponseRedirect(_onward(request))


@login_required
@never_cache
@require_POST
def queue_phone(request: HttpRequest, number: str, party: int) -> HttpResponse:
    """The caller's number in plain for whoever has to call back: a standing reason, and an entry each time."""
    page = _page(request, _found(number))
    if not any(offer.step.duty == STANDING for offer in [*page.offers.mine, *page.offers.waiting]):
        refusal = NotPermitted("standing", gettext("本件现在不由您回访,要查看请在案件页写明理由。"))
        return _refused(request, page, refused_read(refusal), "")
    if all(party != known.id for known in page.parties):
        raise Http404
    by, now = request.user.pk, request.now
    plain = party_unmask(party=party, by=by, reason=gettext("按回访职责拨打"), now=now, standing=STANDING)
    page = case_page(case=_found(number), scope=request.scope, now=now, unmasked={party: plain}, brief=True)
    return _rendered(request, page)


def _taken(request: HttpRequest, number: str, step: str, *, form: str) -> HttpResponse:
    found = _found(number)
    if request.method != "POST":
        return HttpResponseRedirect(_onward(request))
    try:
        done = step_take(request, found, step, shared=form == CALL)
    except (FieldError, Refusal) as error:
        page = _page(request, found)
        if isinstance(error, Conflict) and already_done(page, request, step):
            messages.warning(request, gettext("这一步您刚才已经办好了,没有重复办理。"))
            return HttpResponseRedirect(_onward(request))
        return _refused(request, page, refused_read(error), form)
    _over(request, found, done)
    messages.success(request, f"{number} {done_told(found, step, done)}")
    return HttpResponseRedirect(_onward(request))


def _over(request: HttpRequest, found: Case, done: Moved) -> None:
    """The turn is over, unless the call that was the last one in vain leaves the case to be closed."""
    fresh = case_seen(number=found.number)
    if fresh is None or fresh.closed_at or not only_closing(fresh):
        turn_done(case=done.case, person=request.user.pk, now=request.now)


def _onward(request: HttpRequest) -> str:
    return reverse("queue") + _wanted(request).address()


def _wanted(request: HttpRequest) -> Wanted:
    return replace(wanted_read(request.GET), closed=False, ended="", answered="", after="")


def _found(number: str) -> Case:
    found = case_seen(number=number)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: Case) -> CasePage:
    return case_page(case=_found(found.number), scope=request.scope, now=request.now, brief=True)


def _refused(request: HttpRequest, page: CasePage, refused: Refused, form: str) -> HttpResponse:
    """This case again, with the rule and the words typed. Nothing was changed."""
    return _rendered(request, page, refused, form)


def _rendered(
    request: HttpRequest, page: CasePage, refused: Refused | None = None, tried: str = ""
) -> HttpResponse:
    scope, now, wanted, book = request.scope, request.now, _wanted(request), rulebook()
    line = line_read(scope=scope, wanted=wanted, now=now, lent=roles_lent(scope=scope, now=now), book=book)
    context = queue_context(request, page, wanted, line, book, refused, tried)
    return render(request, "desk/queue.html", context, status=refused.status if refused else 200)
