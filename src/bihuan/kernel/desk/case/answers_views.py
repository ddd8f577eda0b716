"""What was filled in in a case's forms: read in plain with a reason, and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.attachments.selectors import attachments_of
from bihuan.kernel.desk.case.answers import answers_title
from bihuan.kernel.desk.case.page import case_seen, may_act
from bihuan.kernel.desk.case.views import case_shown
from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.disclosing import answers_disclose
from bihuan.kernel.forms.drawing import form_drawn
from bihuan.kernel.forms.models import Answers
from bihuan.kernel.forms.reading import answers_typed
from bihuan.kernel.forms.selectors import answers_read, answers_versions, form_of
from bihuan.kernel.forms.services import AnswersRefused, answers_record
from bihuan.kernel.forms.told import answers_told
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def answers_show(request: HttpRequest, number: str, answers: int) -> HttpResponse:
    """For whoever judges an application and must read every word: shown once, with the reason in the ledger, to be corrected here."""
    row = _found(number, answers)
    if request.method == "GET":
        return _to_case(number)
    reason = request.POST.get("reason", "")
    try:
        answers_disclose(answers=row.pk, by=request.user.pk, reason=reason, now=request.now)
    except (FieldError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 422
        more = {"unmask": f"answers-{row.pk}", "reason": reason, "wrong": told(error)}
        return case_shown(request, number, status=status, **more)
    files = _files(row)
    said = answers_told(form_of(row.form), answers_read(row), files=files, plain=True)
    return _page(request, row, answers_read(row), files, said=said)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def answers_correct(request: HttpRequest, number: str, answers: int) -> HttpResponse:
    """For whoever acts on the case and has found a mistake in a form: a new version, the old one stays in the ledger."""
    row = _found(number, answers)
    if request.method == "GET":
        return _to_case(number)
    typed = answers_typed(form_of(row.form), request.POST, request.FILES)
    if typed.more is not None:
        return _page(request, row, typed.values, _files(row), more=typed.more)
    try:
        answers_record(
            case=row.case_id, form=row.form, values=typed.values, files=typed.files, part=row.part, replaces=row.version,
            by=request.user.pk, now=request.now,
        )  # fmt: skip
    except AnswersRefused as error:
        words = gettext("还没有更正:请改正下面标出的地方。")
        return _page(request, row, typed.values, _files(row), flaws=error.flaws, refusal=words, status=422)
    except (FieldError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 422
        return _page(request, row, typed.values, _files(row), refusal=told(error), status=status)
    messages.success(request, gettext("已更正,原来填的留在账本里。"))
    return _to_case(number)


def _page(
    request: HttpRequest,
    row: Answers,
    values: Mapping[str, Any],
    files: Mapping[int, str],
    *,
    flaws: tuple[Flaw, ...] = (),
    more: str | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    latest = answers_versions(case=row.case_id).filter(code=row.code, part=row.part).last()
    open_ = row == latest and bool(row.values) and not row.case.confidential
    drawn = form_drawn(form_of(row.form), values, flaws=flaws, more=more, files=files)
    corrects = open_ and may_act(row.case, request.scope)
    shown = {"case": row.case, "row": row, "title": answers_title(row), "drawn": drawn, "corrects": corrects}
    return render(request, "desk/answers.html", {**shown, **context}, status=status)


def _found(number: str, answers: int) -> Answers:
    case = case_seen(number=number)
    row = answers_versions(case=case.pk).filter(pk=min(answers, 2**63 - 1)).first() if case else None
    if case is None or row is None:
        raise Http404
    row.case = case
    return row


def _files(row: Answers) -> dict[int, str]:
    return {one.pk: one.name for one in attachments_of(case=row.case_id)}


def _to_case(number: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("case", args=[number]) + "#answers")
