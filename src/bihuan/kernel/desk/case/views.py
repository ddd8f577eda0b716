"""The case page, taking a step on it, and reading personal data with a reason."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.conversation import question_put
from bihuan.kernel.cases.handing_out import cases_hand_out
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.personal import party_unmask
from bihuan.kernel.desk.case.documents import case_pdf
from bihuan.kernel.desk.case.guidance import guidance_of
from bihuan.kernel.desk.case.page import CasePage, case_page, case_seen
from bihuan.kernel.desk.case.parts import has_alike, ready_words
from bihuan.kernel.desk.case.taking import done_told, kept_words, refused_read, step_take, version_read
from bihuan.kernel.desk.colleagues import person_chosen
from bihuan.kernel.desk.forms import fields_of, fields_readied, typed_for
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.desk.words import roles_told
from bihuan.kernel.pack import workflows
from bihuan.kernel.sentences import in_line, told
from bihuan.kernel.workflow.model import Step
from bihuan.lib.declared import declared
from bihuan.lib.refusals import Conflict, Refusal
from bihuan.lib.text import FieldError


@login_required
@kept_on_device
@never_cache
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The handler's page of one case: the loop line, what was said, how long is left, and what can be done next."""
    found = _found(number)
    page = _page(request, found)
    code = request.GET.get("step", "")
    why_not = next((offer.why_not for offer in page.offers.waiting if offer.step.code == code), "")
    return _rendered(request, page, step=_offered(page, code), why_not=why_not)


@login_required
@never_cache
@require_GET
def case_print(request: HttpRequest, number: str) -> HttpResponse:
    """For whoever files a case or takes it to a visit: the page on paper, personal data masked as on the screen."""
    pdf = case_pdf(_page(request, _found(number)), now=request.now, by=request.user.name)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return answer


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case_step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Take a step with what was typed. A refusal shows the form again, with the words kept and the rule beside them.

    Whoever comes here without a form (a bookmark, a reload after a log-in) is shown the form.
    """
    found = _found(number)
    if request.method != "POST":
        return HttpResponseRedirect(f"{reverse('case', args=[number])}?step={quote(step)}#act")
    try:
        done = step_take(request, found, step)
    except (FieldError, Refusal) as error:
        refused = refused_read(error)
        again = isinstance(error, Conflict) and already_done(_page(request, found), request, step)
        message = gettext("这一步您刚才已经办好了,没有重复办理。") if again else refused.message
        return _refused(request, number, step, message, refused.errors, refused.status)
    messages.success(request, done_told(found, step, done))
    return HttpResponseRedirect(_way_out(number))


@login_required
@never_cache
@require_POST
def case_switch(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Another step's form, with what was typed into the one before carried over. Nothing is changed."""
    found = _found(number)
    page = _page(request, found)
    other = _offered(page, step)
    typed = typed_for(other, request.POST, workflows()[found.workflow]) if other else request.POST
    return _rendered(request, page, step=other, typed=typed)


@login_required
@never_cache
@require_POST
def party_show(request: HttpRequest, number: str, party: int) -> HttpResponse:
    """Personal data for somebody who must call or visit: shown once, on this page, with the reason in the ledger."""
    found = _found(number)
    person = found.parties.filter(pk=party).first()
    if person is None:
        raise Http404
    reason = request.POST.get("reason", "")
    try:
        plain = party_unmask(party=person, by=request.user.pk, reason=reason, now=request.now)
    except (FieldError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 422
        page = _page(request, found)
        return _rendered(request, page, unmask=str(party), reason=reason, wrong=told(error), status=status)
    return _rendered(request, _page(request, _found(number), unmasked={party: plain}))


@login_required
@never_cache
@require_POST
def case_question(request: HttpRequest, number: str) -> HttpResponse:
    """For the handler who must know more: ask the reporter, who reads it on the public page."""
    found = _found(number)
    words = request.POST.get("question", "")
    try:
        question_put(case_id=found.pk, by=request.user.pk, now=request.now, text=words)
    except (FieldError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 422
        return _rendered(
            request, _page(request, found), question=words, question_wrong=told(error), status=status
        )
    above = bool((found.superior or {}).get("peer"))
    messages.success(
        request,
        gettext("问题已报上级中心,由它转问来电人;回答会出现在本页。")
        if above
        else gettext("问题已发出,回答会出现在本页。"),
    )
    return HttpResponseRedirect(reverse("case", args=[number]) + "#talk")


@login_required
@never_cache
@require_POST
def case_hand_out(request: HttpRequest, number: str) -> HttpResponse:
    """For the chief who has just read the case: it is given to one of the unit's people, here and at once."""
    found = _found(number)
    to = person_chosen(request.POST.get("to", ""))
    try:
        if to is None:
            raise FieldError("to", "required", "请选择交给谁。")
        seen = version_read(request.POST.get("version", ""))
        refusal = cases_hand_out(cases={found.pk: seen}, to=to.pk, by=request.user.pk, now=request.now)[
            found.pk
        ]
        if refusal:
            raise refusal
    except (FieldError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 422
        page = _page(request, _found(number))
        chosen = request.POST.get("to", "")
        return _rendered(request, page, hand_out_wrong=told(error), hand_out_to=chosen, status=status)
    messages.success(request, gettext("已交给%s经办。") % to.name)
    return HttpResponseRedirect(reverse("case", args=[number]) + "#units")


def case_shown(request: HttpRequest, number: str, **more: Any) -> HttpResponse:
    """The page with what a pack's own part has just been asked for; `status` is the answer's."""
    return _rendered(request, _page(request, _found(number)), **more)


def _found(number: str) -> Case:
    found = case_seen(number=number)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: Case, unmasked: dict[int, dict[str, str]] | None = None) -> CasePage:
    return case_page(case=found, scope=request.scope, now=request.now, unmasked=unmasked)


def _offered(page: CasePage, code: str) -> Step | None:
    return next((offer.step for offer in page.offers.mine if offer.step.code == code), None)


def _way_out(number: str) -> str:
    """Back to the case when it is still in sight, else to the worklist."""
    return reverse("case", args=[number]) if case_seen(number=number) else reverse("worklist")


def already_done(page: CasePage, request: HttpRequest, step: str) -> bool:
    """Was the last thing that happened this very step, taken by this person: a second click on the same button?"""
    last = page.told[0]
    return last.step == step and last.who == request.user.name


def _refused(
    request: HttpRequest, number: str, code: str, message: str, errors: dict[str, str], status: int
) -> HttpResponse:
    """The page anew with the form, the rule above it and beside its field. Nothing was changed."""
    page = _page(request, _found(number))
    step = _offered(page, code)
    return _rendered(
        request,
        page,
        step=step,
        typed=request.POST,
        errors=errors,
        refusal=message,
        tried=code,
        status=status,
    )


def _rendered(
    request: HttpRequest,
    page: CasePage,
    *,
    step: Step | None = None,
    typed: QueryDict | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    others: dict[str, list[str]] = {}
    for offer in page.offers.others:
        others.setdefault(roles_told(offer.who), []).append(declared(offer.step.label, "step"))
    names = {ask.name: ask.label for ask in step.asks} if step else {}
    ready = ready_words(page.case, step.code) if step else []
    fields = fields_of(step, typed, errors, case=page.case) if step else []
    context = {
        "page": page,
        "case": page.case,
        "step": step,
        "fields": fields if typed else fields_readied(fields, ready, request.GET.get("ready", "")),
        "ready": [one for one in ready if not one.given],
        "has_alike": has_alike(page.case.pack),
        "problems": [
            (name, gettext(names[name]), text) for name, text in (errors or {}).items() if name in names
        ],
        "kept": [] if step or typed is None else kept_words(typed),
        **guidance_of(page, step, person=request.scope.person, now=request.now),
        "others": [(who, in_line(labels)) for who, labels in others.items()],
        **more,
    }
    return render(request, "desk/case.html", context, status=status)
