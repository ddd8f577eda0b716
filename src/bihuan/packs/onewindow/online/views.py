"""The citizen's own pages: apply for an item on line, and the number and code that it got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.attachments.kept import KeptFile, files_forget
from bihuan.kernel.cases.models import Case
from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.services import AnswersRefused
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.public.sessions import FOLLOWS, follow_door, follows_add, follows_case
from bihuan.kernel.sentences import named, told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.files import FILE
from bihuan.packs.onewindow.applying.materials import numbered
from bihuan.packs.onewindow.applying.receiving import (
    DATED,
    dates_read,
    received_clean,
    who_typed,
)
from bihuan.packs.onewindow.applying.words import WHO
from bihuan.packs.onewindow.asking.pages import Asked, Problem, files_held, files_sent
from bihuan.packs.onewindow.catalogue.guide import material_told
from bihuan.packs.onewindow.certificates.validity import term_read
from bihuan.packs.onewindow.hall.calling import KIOSK_ROLE
from bihuan.packs.onewindow.online.faults import SIGNED, faults_of
from bihuan.packs.onewindow.online.missing import materials_bring
from bihuan.packs.onewindow.online.services import citizen_apply, is_verified
from bihuan.packs.onewindow.online.wanted import Wanted, item_wanted, theme_wanted

LABELS = {
    **WHO, "subject": gettext_lazy("店铺或项目名称"), "present": gettext_lazy("材料"), "consent": gettext_lazy("同意查询"),
}  # fmt: skip
COMMITMENT = "申请人已在网上签告知承诺书。"
"""Stands in the application for whoever takes it in."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, item: int) -> HttpResponse:
    """For whoever applies at home or on a telephone: who, the form, the papers as files, sent once; with `?shared=1` on a device that
    everybody uses, which keeps nothing."""
    return _page(request, item_wanted(item, timezone.localdate(request.now)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def theme_apply(request: HttpRequest, theme: int) -> HttpResponse:
    """For whoever opens a shop or begins a project from home: one application for the whole theme, as `apply` for an item."""
    return _page(request, theme_wanted(theme, timezone.localdate(request.now)))


def _page(request: HttpRequest, wanted: Wanted | None) -> HttpResponse:
    if wanted is None:
        raise Http404
    if request.method != "POST":
        return _form(request, wanted, {})
    if "prefill" in request.POST or "more" in request.POST:
        return _form(request, wanted, _may_not_know(request))
    return _taken(request, wanted)


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
        **_device(request),
    }
    return render(request, "onewindow/applied.html", context)


@never_cache
@require_POST
def bring(request: HttpRequest, number: str) -> HttpResponse:
    """For whoever was told that something is missing: its files from where one is."""
    found = follows_case(request, number)
    if not found:
        return follow_door(number)
    sent = {name: file for name, file in files_sent(request).items() if name.startswith(FILE)}
    files = {name.removeprefix(FILE): file for name, file in sent.items()}
    try:
        left = materials_bring(case=found, files=files, dated=dates_read(request.POST), now=request.now)
    except (Refusal, FieldError) as error:
        kept, _unfit = files_held(request, sent, {})
        names = "、".join(file.name for file in kept.values())
        messages.error(request, told(error))
        if names:
            messages.info(request, _("已收到、不用再选的文件:%s。") % names)
    else:
        files_forget(request, request.POST.get("key") or f"bring-{number}")
        messages.success(request, _("收到了,还有材料要交。") if left else _("材料交齐了,窗口会马上看。"))
    return HttpResponseRedirect(reverse("public:case", args=[number]))


def _taken(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    now, asked, files = request.now, _asked(request, wanted), _files(request, wanted)
    answered, today = asked.answered if asked else None, timezone.localdate(now)
    signed = COMMITMENT if wanted.committed and request.POST.get(SIGNED) else ""
    typed = {**request.POST.dict(), "item": str(wanted.pk), "outcome": "keep", "remark": signed}
    (_name, identity), verified = who_typed(request.POST), _verified(request)
    wrong = faults_of(wanted, typed, present=tuple(files), identity=identity, verified=verified, now=now)
    flaws = wanted.flaws(answered, today) if answered else ()
    try:
        if request.POST.get("website"):  # people do not see this field
            raise Refusal("honeypot", _("没有收到。请打 12345。"))
        key = request.POST.get("key", "")[:64]
        if not key:
            raise Refusal("form_key", _("这张表不完整,请刷新后再试。"))
        if wrong or flaws:
            return _form(request, wanted, wrong, flaws=flaws, status=422)
        done = citizen_apply(
            wanted, received=received_clean(typed, present=tuple(files), today=today), subject=typed.get("subject", "").strip(),
            answered=answered, files=files, verified=verified, key=key, address=address_of(request), now=now,
        )  # fmt: skip
    except FieldError as fault:
        return _form(request, wanted, {fault.field: told(fault)}, status=422)
    except AnswersRefused as refusal:
        return _form(request, wanted, {}, flaws=refusal.flaws, status=422)
    except Refusal as refusal:
        return _form(request, wanted, {}, refusal=told(refusal), status=refusal.status)
    files_forget(request, key)
    follows_add(request, number=done.number, case=done.case)
    shared = "&shared=1" if _is_shared(request) else ""
    response = HttpResponseRedirect(f"{reverse('onewindow:applied')}?number={done.number}{shared}")
    response.receipt = f"{done.number} {follow_code(done.case)}"
    return response


def _files(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    """The materials that came, now or before, by their numbers."""
    sent = files_sent(request)
    return {n: sent[f"{FILE}{n}"] for n in numbered(wanted.materials) if sent.get(f"{FILE}{n}")}


def _form(
    request: HttpRequest,
    wanted: Wanted,
    wrong: Mapping[str, str],
    *,
    flaws: Sequence[Flaw] = (),
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = _asked(request, wanted)
    kept, unfit = _kept(request, wanted, asked)
    fill = "prefill" in request.POST
    drawn = asked.drawn(fill=fill, kept=kept, flaws=flaws, unfit=unfit) if asked else None
    labels = {**LABELS, **_labels(wanted)}
    problems = [(name, labels.get(name, name), text) for name, text in wrong.items()]
    of_who = [one for one in problems if one[0] in LABELS]
    of_form = drawn.problems if drawn and flaws else []
    of_files = [one for one in problems if one[0] not in LABELS]
    said = _("还没有提交:请改正下面的地方。") if wrong or flaws or unfit else ""
    context = {
        **wanted.page,
        "wanted": wanted,
        "typed": request.POST,
        "wrong": wrong,
        "refusal": said if unfit else refusal or said,
        "problems": [*of_who, *of_form, *of_files, *unfit],
        "drawn": drawn,
        "materials": _materials(request, wanted, kept, {**wrong, **{name: text for name, _l, text in unfit}}),
        "verified": _verified(request),
        **_device(request),
        "key": request.POST.get("key", "")[:64] or uuid4().hex,
    }
    return render(request, "onewindow/apply.html", context, status=status)


def _labels(wanted: Wanted) -> dict[str, str]:
    """What the control of each material's file and day is called."""
    known = numbered(wanted.materials)
    days = {f"{DATED}{n}": _("%s的签发日期") % named(one) for n, one in known.items()}
    return {**{f"{FILE}{n}": named(one) for n, one in known.items()}, **days}


def _kept(
    request: HttpRequest, wanted: Wanted, asked: Asked | None
) -> tuple[dict[str, KeptFile], list[Problem]]:
    """The files that need not be chosen again; and those that may not come in."""
    files = {f"{FILE}{number}": file for number, file in _files(request, wanted).items()}
    files |= asked.files if asked else {}
    return files_held(request, files, _labels(wanted))


def _materials(
    request: HttpRequest, wanted: Wanted, kept: Mapping[str, KeptFile], wrong: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            **material_told(one),
            "number": number,
            "kept": kept.get(f"{FILE}{number}"),
            "unfit": wrong.get(f"{FILE}{number}", ""),
            "wrong_day": wrong.get(f"{DATED}{number}", ""),
            "term": term_read(one["validity"]),
            "dated": request.POST.get(f"{DATED}{number}", "")[:10],
            "free": one["held"],
        }
        for number, one in numbered(wanted.materials).items()
    ]


def _asked(request: HttpRequest, wanted: Wanted) -> Asked | None:
    (name, identity), today = who_typed(request.POST), timezone.localdate(request.now)
    agreed = "consent" in request.POST and _verified(request)
    return wanted.asked(request, name=name, identity=identity, today=today, may_know=agreed)


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
    name, identity = who_typed(request.POST)
    return is_verified(cases=request.session.get(FOLLOWS, {}), name=name, identity=identity)


def _is_kiosk(request: HttpRequest) -> bool:
    """At a kiosk: it ends by itself and goes back to its first page."""
    return request.scope.holds(KIOSK_ROLE)


def _device(request: HttpRequest) -> dict[str, bool]:
    """Whose device the page is on; at a kiosk it is read standing, in large type."""
    kiosk = _is_kiosk(request)
    return {"shared": _is_shared(request), "kiosk": kiosk, **({"large_type": True} if kiosk else {})}


def _is_shared(request: HttpRequest) -> bool:
    return request.GET.get("shared") == "1" or _is_kiosk(request)
