"""What screens of this pack share: who may open them, a form as a page of its own, and what a refusal becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.desk.choices import unit_named
from bihuan.kernel.identity.models import Grant, holds_on
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.fire.forms import form_context, form_key, form_tried, typed_clean


def form_page(
    request: HttpRequest,
    *,
    title: str,
    asks: Sequence[Ask],
    write: Callable[[Mapping[str, Any]], Any],
    back: str,
    draft: str,
    goes: Callable[[Any], str] | None = None,
    hint: str = "",
    done: str | Callable[[Any], str] = "",
    offline: bool = False,
) -> HttpResponse:
    """A form: shown, or sent and written, or shown again with what is wrong. It leads `back`, or to where `goes` says; `done` is what is
    said then. What is filled in `offline` is kept on the device and sent when the network is back.
    """
    context = {"title": title, "back": back, "draft": draft, "hint": hint, "offline": offline}
    if request.method != "POST":
        return render(request, "fire/form.html", {**context, **form_context(request, asks, {})})
    try:
        made, form, status = form_tried(request, asks, lambda: write(_typed(request, asks)))
    except (NotFound, NotPermitted) as refusal:
        raise _told(refusal) from refusal
    if form:
        return render(request, "fire/form.html", {**context, **form}, status=status)
    messages.success(request, (done(made) if callable(done) else done) or gettext("已登记。"))
    return redirect(goes(made) if goes else back)


def _typed(request: HttpRequest, asks: Sequence[Ask]) -> dict[str, Any]:
    """What was typed, cleaned; a unit by its name or code, None where it may be left out and is."""
    data = typed_clean(request, [ask for ask in asks if ask.kind != "unit"])
    return data | {ask.name: _unit(request, ask) for ask in asks if ask.kind == "unit"}


def _unit(request: HttpRequest, ask: Ask) -> int | None:
    typed = request.POST.get(ask.name, "").strip()
    return unit_named(ask, typed) if typed or ask.required else None


def unit_represented(request: HttpRequest, ask: Ask, unit: int | None, role: str) -> int | None:
    """The unit, where somebody acts for it in this role today. FieldError otherwise: what is handed to it would be seen by nobody."""
    if unit is None:
        return None
    with kernel_writes():
        held = Grant.objects.filter(
            holds_on(day_of(request.now)), unit=unit, role=role, person__is_active=True
        )
        if held.exists():
            return unit
    raise FieldError(ask.name, "unstaffed", gettext("这个单位没有人能在本系统办理,请先给它的人开通账号。"))


def form_once(request: HttpRequest, operation: str, data: Mapping[str, Any], act: Callable[[], Any]) -> None:
    """Do `act`, which makes a row, once for the form's key, however often the form is sent. Refusal for the key of another form."""
    idempotent(
        actor=request.user.pk or 0,
        operation=operation,
        key=form_key(request),
        request=data,
        now=request.now,
        act=lambda: (201, {"made": act().pk}),
    )


def refused_status(refusal: Refusal | FieldError) -> int:
    """The status of a refusal; what is not there or not theirs goes through."""
    if isinstance(refusal, (NotFound, NotPermitted)):
        raise _told(refusal)
    return refusal.status if isinstance(refusal, Refusal) else 422


def _told(refusal: Refusal) -> Exception:
    return Http404() if isinstance(refusal, NotFound) else PermissionDenied()
