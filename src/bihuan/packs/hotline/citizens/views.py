"""The hotline's pages for the citizen without an account: report, read the number and the code, report again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.public.services import PHOTOGRAPHS
from bihuan.kernel.public.sessions import follow_door, follows_add, follows_case
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.citizens import reporting as citizens
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.forms import territories

LABELS = {
    "text": gettext_lazy("发生了什么事"),
    "photographs": gettext_lazy("照片"),
    "place": gettext_lazy("在哪里"),
    "territory": gettext_lazy("哪个镇街"),
    "reporter": gettext_lazy("姓名"),
    "phone": gettext_lazy("电话"),
    "type": gettext_lazy("您想要"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """For the citizen with a telephone in the hand: what, where, who if one likes, sent in under a minute.

    With `?shared=1` the page is for a device that everybody uses, in a hall: it keeps nothing there.
    """
    return _report(request) if _is_shared(request) else kept_on_device(_report)(request)


def _report(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, {})
    return _taken(request, lambda: citizens.report_read(request.POST), _form)


def _is_shared(request: HttpRequest) -> bool:
    return request.GET.get("shared") == "1"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, number: str) -> HttpResponse:
    """For whoever's matter was closed and is not solved, or is back: in own words, linked to the old number."""
    found = follows_case(request, number)
    if not found:
        return follow_door(number)

    def form(request: HttpRequest, typed: Mapping[str, str], **more: Any) -> HttpResponse:
        return _again_form(request, number, typed, **more)

    if request.method != "POST":
        return form(request, {})
    words = request.POST.get("text", "")
    return _taken(request, lambda: citizens.report_again(case=found, words=words), form, origin=found)


@never_cache
@require_GET
def received(request: HttpRequest) -> HttpResponse:
    """For whoever has just reported: the number and the code, big, to be written down, photographed or printed."""
    number = request.GET.get("number", "")
    found = follows_case(request, number)
    if not found:
        return follow_door(number)
    return _told_once(request, found)


def _told_once(request: HttpRequest, found: int) -> HttpResponse:
    with kernel_writes():
        case = Case.objects.select_related("unit").get(pk=found)
        informed = case.notices.filter(template="taken").exists()
    shared = _is_shared(request)
    context = {"case": case, "code": follow_code(found), "informed": informed, "shared": shared}
    return render(request, "hotline/received.html", context)


def _taken(
    request: HttpRequest,
    read: Callable[[], dict[str, Any]],
    form: Callable[..., HttpResponse],
    *,
    origin: int | None = None,
) -> HttpResponse:
    """Taken in, and on to the number and the code; or the form again with what is wrong, and the words kept."""
    try:
        if request.POST.get("website"):  # people do not see this field
            raise Refusal("honeypot", _("没有收到。请打 12345。"))
        done = citizens.citizen_report(
            data=read(),
            files=[file for file in request.FILES.getlist("photographs") if file.name],
            key=request.POST.get("key", "")[:128],
            address=address_of(request),
            now=request.now,
            origin=origin,
        )
    except FieldError as fault:
        return form(request, request.POST, field=fault.field, message=told(fault), status=422)
    except Refusal as refusal:
        used = refusal.code == "idempotency_key"
        message = (
            _("这张表已经收到过,内容和现在的不同。如果是另一件事,请再点一次“提交”。")
            if used
            else told(refusal)
        )
        return form(
            request, request.POST, field=refusal.field, message=message, status=refusal.status, fresh=used
        )
    if _is_shared(
        request
    ):  # nothing in the session either: the answer to the form is the only page that tells the code
        return _told_once(request, done.case)
    follows_add(request, number=done.number, case=done.case)
    response = HttpResponseRedirect(f"{reverse('hotline:received')}?number={done.number}")
    response.receipt = f"{done.number} {follow_code(done.case)}"
    return response


def _form(
    request: HttpRequest,
    typed: Mapping[str, str],
    *,
    field: str = "",
    message: str = "",
    status: int = 200,
    fresh: bool = False,
) -> HttpResponse:
    on = timezone.localdate(request.now)
    context = {**_common(typed, field, message, fresh), "wants": citizens.WANTS, "areas": _areas(on)}
    context["shared"] = _is_shared(request)
    return render(request, "hotline/report.html", context, status=status)


def _again_form(
    request: HttpRequest,
    number: str,
    typed: Mapping[str, str],
    *,
    field: str = "",
    message: str = "",
    status: int = 200,
    fresh: bool = False,
) -> HttpResponse:
    context = {**_common(typed, field, message, fresh), "number": number}
    return render(request, "hotline/again.html", context, status=status)


def _common(typed: Mapping[str, str], field: str, message: str, fresh: bool) -> dict[str, Any]:
    known = field in LABELS
    return {
        "typed": typed,
        "wrong": {field: message} if known else {},
        "refusal": (_("还没有提交:请改正下面的地方。") if known else message) if message else "",
        "problems": [(field, LABELS[field], message)] if known else [],
        "photograph_error": message if field == "photographs" else "",
        "photographs": PHOTOGRAPHS,
        "longest": citizens.LONGEST,
        "key": uuid4().hex if fresh or not typed.get("key") else typed["key"][:128],
    }


def _areas(on: Any) -> list[tuple[str, list[str]]]:
    """The townships by who runs them, for a list to choose from."""
    by_runner: dict[str, list[str]] = {}
    for name, runner in territories(dispatch_map(), on=on):
        by_runner.setdefault(runner, []).append(name)
    return list(by_runner.items())
