"""“Who gets this?”: a message, or a matter and a place, and what dispatch would decide, with its reasons."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.administration.forms import Drawn, LineField, TextField
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.sentences import named, told
from bihuan.packs.hotline.directory.kinds import matter_choices
from bihuan.packs.hotline.dispatching import Decision, dispatch_map
from bihuan.packs.hotline.models import Matter
from bihuan.packs.hotline.order_data import TEXT_LIMIT, order_clean
from bihuan.packs.hotline.reasons import reasons_told
from bihuan.packs.hotline.services import decisions_of

ASKERS = ("system_admin", "supervisor", "dispatcher", "seat_agent")


class WhoForm(Drawn):
    """A message as a caller would say it, or a matter; and a place."""

    text = TextField(label=gettext_lazy("来件内容"), max_length=TEXT_LIMIT, required=False)
    matter = django_forms.ChoiceField(label=gettext_lazy("事项"), required=False)
    place = LineField(label=gettext_lazy("地点"), max_length=200, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["matter"].choices = [("", _("由系统判断")), *matter_choices()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("text") and not given.get("matter"):
            self.add_error("text", _("请写来件内容,或选一个事项。"))
        return given


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    """For whoever keeps the directory and doubts it: where would this go, and why? Nothing is kept of what is typed."""
    page_require(request.scope, *ASKERS)
    form = WhoForm(request.POST if request.method == "POST" else None)
    keeps = request.scope.holds("system_admin")
    context: dict[str, Any] = {"form": form, "keeps": keeps}
    if request.method == "POST" and form.is_valid():
        context |= _decided(form, request)
    return render(request, "hotline/who.html", context, status=422 if form.errors else 200)


def _decided(form: WhoForm, request: HttpRequest) -> dict[str, Any]:
    given, at = form.cleaned_data, dispatch_map()
    text = given["text"] or at.matters[given["matter"]].name
    data = {"text": text, "matter": given["matter"], "place": given["place"], "type": "complaint"}
    order, faults = order_clean(data, now=request.now, words=at.words())
    if order is None or faults:
        for fault in faults:
            form.add_error(fault.field if fault.field in form.fields else None, told(fault))
        return {}
    (decision,) = decisions_of([order], at)
    reasons = reasons_told(decision.reasons)
    return {"decision": decision, "reasons": reasons, "step": _step(decision), **_names(decision)}


def _step(decision: Decision) -> str:
    return _("自动派单") if decision.automatic else _("由人派:拿不准,先到协调台")


def _names(decision: Decision) -> dict[str, Any]:
    confidence = None if decision.confidence is None else f"{decision.confidence * 100:.0f}%"
    return {
        "unit": named(Unit.objects.get(pk=decision.unit)),
        "matter": named(Matter.objects.filter(pk=decision.matter).first()),
        "confidence": confidence,
    }
