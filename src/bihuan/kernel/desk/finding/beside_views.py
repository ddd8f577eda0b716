"""Similar cases side by side."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.actions import case_offers
from bihuan.kernel.desk.case.page import case_seen
from bihuan.kernel.desk.case.parts import cases_alike
from bihuan.kernel.desk.finding.beside import cases_beside
from bihuan.kernel.desk.forms import fields_of
from bihuan.kernel.pack import workflows


@login_required
@never_cache
@require_GET
def case_similar(request: HttpRequest, number: str) -> HttpResponse:
    """For the agent, dispatcher or supervisor who asks whether two callers mean the same: both beside each other, and one step
    to make them one. `?with=` names the other; without it the likest stands beside.
    """
    case = case_seen(number=number)
    if case is None:
        raise Http404
    alike = cases_alike(case)
    asked = request.GET.get("with", "").replace("\0", "")[:64] or (alike[0].number if alike else "")
    other = case_seen(number=asked) if asked else None
    other = None if other == case else other
    scope = request.scope
    context = {
        "case": case,
        "other": other,
        "alike": alike,
        "unknown": asked if other is None else "",
        "beside": cases_beside(case, other, scope=scope) if other else None,
        **_merging(request, case, other),
    }
    return render(request, "desk/similar.html", context, status=404 if context["unknown"] else 200)


def _merging(request: HttpRequest, case: Case, other: Case | None) -> dict[str, object]:
    """The step that merges this case into the other, with its form, where this person may take it now."""
    if other is None or case.pack != other.pack:
        return {}
    merging = workflows()[case.workflow].merging
    offers = case_offers(case=case, person=request.scope.person, now=request.now)
    code = merging.merge if merging else ""
    step = next((offer.step for offer in offers.mine if offer.step.code == code), None)
    why_not = next((offer.why_not for offer in offers.waiting if offer.step.code == code), "")
    if step is None or other.closed_at or other.merged_into_id or other.parent_id:
        return {"why_not": why_not}
    typed = QueryDict(mutable=True)
    for ask in step.asks:
        if ask.kind == "case":
            typed[ask.name] = other.number
    fields = fields_of(step, typed)
    return {
        "step": step,
        "given": [(field.ask.name, field.value) for field in fields if field.ask.kind == "case"],
        "fields": [field for field in fields if field.ask.kind != "case"],
    }
