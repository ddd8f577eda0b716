"""The citizen's own pages: apply for an item on line, and the number and code that it got."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.models import Case
from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.services import AnswersRefused
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.public.sessions import FOLLOWS, follow_door, follows_add, follows_case
from bihuan.kernel.sentences import told
from bihuan.lib.identifiers import id_number_normal, uscc_normal
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.materials import numbered
from bihuan.packs.onewindow.applying.receiving import DATED, ORGANISATION, received_clean
from bihuan.packs.onewindow.asking.pages import Asked, asked_of
from bihuan.packs.onewindow.catalogue.guide import guide_of
from bihuan.packs.onewindow.catalogue.selectors import version_on
from bihuan.packs.onewindow.certificates.validity import term_read
from bihuan.packs.onewindow.hall.calling import KIOSK_ROLE
from bihuan.packs.onewindow.models import ItemVersion
from bihuan.packs.onewindow.online.services import citizen_apply, is_verified

FILE = "file_"
LABELS = {
    "applicant": gettext_lazy("申请人"), "name": gettext_lazy("姓名或名称"), "id_number": gettext_lazy("身份证号或统一社会信用代码"),
    "phone": gettext_lazy("手机"), "address": gettext_lazy("地址"), "present": gettext_lazy("材料"), "consent": gettext_lazy("同意查询"),
}  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, item: int) -> HttpResponse:
    """For whoever applies at home or on a telephone: who, the form, the papers as files, sent once; with `?shared=1` on a device that
    everybody uses, which keeps nothing."""
    version = version_on(item, timezone.localdate(request.now)) if item < 2**31 else None  # type: ignore[attr-defined]
    if version is None or not (version.online and version.active and version.unit_id):
        raise Http404
    if request.method != "POST":
        return _form(request, version, {})
    if "prefill" in request.POST or "more" in request.POST:
        return _form(request, version, _may_not_know(request))
    return _taken(request, version)


@never_cache
@require_GET
def applied(request: HttpRequest) -> HttpResponse:
    """For whoever has just applied: the number and the code, and what was decided already."""
    number = request.GET.get("number", "")
    found = follows_case(request, number)
    if not found:
        return follow_door(number)
    with kernel_writes():
        case = Case.objects.select_related("unit").get(pk=found)
    context = {
        "case": case,
        "code": follow_code(found),
        "shared": _is_shared(request),
        "kiosk": _is_kiosk(request),
    }
    return render(request, "onewindow/applied.html", context)


def _taken(request: HttpRequest, version: ItemVersion) -> HttpResponse:
    now, asked = request.now, _asked(request, version)  # type: ignore[attr-defined]
    files = _files(request, version)
    try:
        if request.POST.get("website"):  # people do not see this field
            raise Refusal("honeypot", _("没有收到。请打 12345。"))
        key = request.POST.get("key", "")[:64]
        if not key:
            raise Refusal("form_key", _("这张表不完整,请刷新后再试。"))
        typed = {**request.POST.dict(), "item": str(version.item_id), "outcome": "keep"}
        received = received_clean(typed, present=tuple(files), today=timezone.localdate(now))
        done = citizen_apply(
            received=received, answered=asked.answered if asked else None, files=files, verified=_verified(request),
            key=key, address=address_of(request), now=now,
        )  # fmt: skip
    except FieldError as fault:
        return _form(request, version, {fault.field: told(fault)}, status=422)
    except AnswersRefused as refusal:
        return _form(request, version, {}, flaws=refusal.flaws, status=422)
    except Refusal as refusal:
        return _form(request, version, {}, refusal=told(refusal), status=refusal.status)
    follows_add(request, number=done.number, case=done.case)
    shared = "&shared=1" if _is_shared(request) else ""
    response = HttpResponseRedirect(f"{reverse('onewindow:applied')}?number={done.number}{shared}")
    response.receipt = f"{done.number} {follow_code(done.case)}"  # type: ignore[attr-defined]
    return response


def _files(request: HttpRequest, version: ItemVersion) -> dict[str, Any]:
    """The materials that came, by their numbers."""
    sent = {number: request.FILES.get(f"{FILE}{number}") for number in numbered(version.materials)}
    return {number: file for number, file in sent.items() if file}


def _form(
    request: HttpRequest,
    version: ItemVersion,
    wrong: dict[str, str],
    *,
    flaws: tuple[Flaw, ...] = (),
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = _asked(request, version)
    drawn = asked.drawn(fill="prefill" in request.POST, flaws=flaws) if asked else None
    problems = [(name, LABELS.get(name, name), text) for name, text in wrong.items()]
    said = _("还没有提交:请改正下面的地方。") if wrong or flaws else ""
    context = {
        **guide_of(version),
        "typed": request.POST,
        "wrong": wrong,
        "refusal": refusal or said,
        "problems": drawn.problems if drawn and flaws else problems,
        "drawn": drawn,
        "materials": _materials(request, version),
        "verified": _verified(request),
        "shared": _is_shared(request),
        "kiosk": _is_kiosk(request),
        "key": request.POST.get("key", "")[:64] or uuid4().hex,
    }
    return render(request, "onewindow/apply.html", context, status=status)


def _materials(request: HttpRequest, version: ItemVersion) -> list[dict[str, Any]]:
    return [
        {
            **one,
            "number": number,
            "term": term_read(one["validity"]),
            "dated": request.POST.get(f"{DATED}{number}", "")[:10],
            "free": one["held"],
            "register": one.get("register", ""),
        }
        for number, one in numbered(version.materials).items()
    ]


def _asked(request: HttpRequest, version: ItemVersion) -> Asked | None:
    name, today = request.POST.get("name", "").strip()[:60], timezone.localdate(request.now)  # type: ignore[attr-defined]
    agreed = "consent" in request.POST and _verified(request)
    return asked_of(request, version, name=name, identity=_identity(request), today=today, may_know=agreed)


def _may_not_know(request: HttpRequest) -> dict[str, str]:
    """Why nothing is filled in: nobody agreed, or nobody knows that it is this applicant."""
    if "prefill" not in request.POST:
        return {}
    if "consent" not in request.POST:
        return {"consent": _("要申请人同意,勾选以后才能带入。")}
    if _verified(request):
        return {}
    return {
        "consent": _("还不知道是不是您本人:请先用以前在窗口办过的件的编号和查询码查一次进展,再回来带入。没有办过的,请直接填。")
    }  # fmt: skip


def _verified(request: HttpRequest) -> bool:
    name = request.POST.get("name", "").strip()[:60]
    return is_verified(cases=request.session.get(FOLLOWS, {}), name=name, identity=_identity(request))


def _identity(request: HttpRequest) -> str:
    typed = request.POST.get("id_number", "").strip()[:40]
    return uscc_normal(typed) if request.POST.get("applicant") == ORGANISATION else id_number_normal(typed)


def _is_kiosk(request: HttpRequest) -> bool:
    """At a kiosk: it ends by itself and goes back to its first page."""
    return _is_shared(request) and request.scope.holds(KIOSK_ROLE)  # type: ignore[attr-defined]


def _is_shared(request: HttpRequest) -> bool:
    return request.GET.get("shared") == "1"
