"""The window: find the item, tick what lies on the counter, accept on the spot or say once what is missing. By keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.attachments.kept import files_forget
from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.models import Case, Idempotency
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.services import AnswersRefused, answers_json
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.materials import names_of, numbered
from bihuan.packs.onewindow.applying.receiving import (
    DATED,
    FIX,
    received_clean,
    received_faults,
    who_typed,
)
from bihuan.packs.onewindow.applying.services import CLERK, PACK, WEB, application_take
from bihuan.packs.onewindow.applying.twice import once_more, under_way
from bihuan.packs.onewindow.applying.words import WHO, validity_told
from bihuan.packs.onewindow.asking.pages import Asked, asked_of, files_held
from bihuan.packs.onewindow.catalogue.guide import guide_of, name_of
from bihuan.packs.onewindow.catalogue.selectors import FOUND, version_on, versions_found, versions_on
from bihuan.packs.onewindow.certificates.kinds import kind_told
from bihuan.packs.onewindow.certificates.validity import term_read
from bihuan.packs.onewindow.hall.calling import ticket_at
from bihuan.packs.onewindow.instant.services import holdings
from bihuan.packs.onewindow.instant.telling import person_parts
from bihuan.packs.onewindow.lessons.selectors import lessons_of
from bihuan.packs.onewindow.models import Application, ItemVersion
from bihuan.packs.onewindow.rules import supplement_days
from bihuan.packs.onewindow.themes.selectors import theme_versions_on, themes_found

OPERATION = "window_form"
LESSONS = 10
KEY = re.compile(r"[\w-]{1,64}", re.ASCII)
LABELS = {
    **WHO, "item": _("事项"), "present": _("材料"), "outcome": _("怎么办"), "consent": _("同意查询"), "remark": _("备注"), "signed": _("申请人已签承诺书"),
    "again": _("为什么再收一件"),
}  # fmt: skip
OUTCOMES = (
    ("accept_at_once", _("系统核对登记簿,当场办结")),
    ("accept", _("材料齐全,当场受理")),
    ("tell_missing", _("缺材料或要改,一次告知")),
    ("accept_lacking", _("容缺受理,缺的后补")),
    ("accept_commitment", _("告知承诺受理")),
    ("keep", _("先收件,五个工作日内告知")),
)
FIELD_OF = {"materials_are_complete": "present", "discredited": "outcome", "something_is_lacking": "outcome", "lacking_may_follow": "outcome", "supplement_leaves_time": "outcome",
            "commitment_is_open": "outcome"}  # fmt: skip
"""Where a rule's refusal is shown on this form."""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def window(request: HttpRequest) -> HttpResponse:
    """For the clerk at the counter with the applicant in front: item, applicant, materials, and it is accepted or told.

    `?q=` finds items, `?item=` opens one. A form is taken once, however often it is sent.
    """
    page_require(request.scope, CLERK)
    if request.method == "POST":
        return _taken(request)
    return _form(request, request.GET, {})


@login_required
@never_cache
@require_GET
def found(request: HttpRequest) -> HttpResponse:
    """For the clerk who types: the items that are meant so far."""
    page_require(request.scope, CLERK)
    return render(request, "onewindow/parts/found.html", _items(request, request.GET.get("q", "")))


@login_required
@never_cache
@require_POST
def held(request: HttpRequest) -> HttpResponse:
    """For the clerk who has typed who applies: which of the materials the city holds already, looked up in its own registers."""
    page_require(request.scope, CLERK)
    version = _version(request, request.POST.get("item", ""))
    if version is None:
        raise Http404
    return render(
        request, "onewindow/parts/window_materials.html", materials_asked(request, version.materials)
    )


def _version(request: HttpRequest, item: str) -> ItemVersion | None:
    known = item.isascii() and item.isdecimal() and len(item) < 10
    return version_on(int(item), timezone.localdate(request.now)) if known else None


@login_required
@never_cache
@require_GET
def taken(request: HttpRequest, key: str) -> HttpResponse:
    """For the clerk with the applicant still there: the number, what comes next, and the papers to hand over."""
    page_require(request.scope, CLERK)
    mine = Idempotency.objects.filter(actor=request.user.pk, operation=OPERATION, key=key)
    answer = mine.values_list("answer", flat=True).first()
    row = (
        answer
        and Application.objects.select_related("case__unit", "version").filter(pk=answer["case"]).first()
    )
    if not row:
        raise Http404
    return render(
        request,
        "onewindow/taken.html",
        {
            "row": row,
            "case": row.case,
            "name": name_of(row.version),
            "state": answer["state"],
            "reasons": _reasons(row.case),
            **_serving(request),
        },
    )


def _reasons(case: Case) -> list[str]:
    """Why the system did not decide it, in words for the applicant."""
    with kernel_writes():
        parts = person_parts(case.pk, case.facts)
    return [reason for _template, told in parts for reason in told["reasons"]]


def _taken(request: HttpRequest) -> HttpResponse:
    now, key = request.now, request.POST.get("key", "")
    version = _version(request, request.POST.get("item", ""))
    try:
        if not KEY.fullmatch(key):
            raise Refusal("form_key", gettext("表单不完整,请重新打开窗口页。"))
        if "prefill" in request.POST or "more" in request.POST:
            return _form(request, request.POST, consent_wrong(request))
        received = received_clean(
            request.POST, present=request.POST.getlist("present"), today=timezone.localdate(now)
        )
        asked = _asked(request, version) if version else None

        def act() -> tuple[int, dict[str, Any]]:
            by, answered = request.user.pk, asked.answered if asked else None
            again = once_more(received, request.POST)
            done = application_take(received=again, by=by, now=now, verified=True, answered=answered)
            return 201, {"case": done.case, "number": done.number, "state": done.state}

        idempotent(
            actor=request.user.pk,
            operation=OPERATION,
            key=key,
            request={**received.told(), "form": answers_json(asked.answered.values) if asked else ""},
            now=now,
            act=act,
        )
    except FieldError as fault:
        faults = received_faults(request.POST, today=timezone.localdate(now)) or [fault]
        errors = {one.field: told(one) for one in faults}
        if version and fault.field == "present":
            errors["present"] = f"{told(fault)} {_missing(request, version.materials)}".strip()
        return _form(request, request.POST, errors, status=422)
    except AnswersRefused as refusal:
        return _form(request, request.POST, {}, status=422, flaws=refusal.flaws)
    except Refusal as refusal:
        errors, said = refusal_placed(request, refusal, LABELS, version.materials if version else ())
        return _form(request, request.POST, errors, refusal=said, status=refusal.status)
    files_forget(request, key)
    return HttpResponseRedirect(reverse("onewindow:taken", args=[key]))


def _form(
    request: HttpRequest,
    typed: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
    flaws: Sequence[Flaw] = (),
) -> HttpResponse:
    version = _version(request, str(typed.get("item", "")))
    context = {
        "typed": typed,
        "wrong": errors,
        "refusal": refusal or (gettext("还没有收件:请改正下面标出的地方。") if errors else ""),
        "problems": [(name, LABELS.get(name, name), text) for name, text in errors.items()],
        "key": form_key(typed),
        **_items(request, "" if version else typed.get("q", "")),
        **_serving(request),
    }
    if version is None:
        context["from_home"] = _from_home()
    if version is not None and version.active:
        asked = _asked(request, version)
        kept, unfit = files_held(request, asked.files if asked else {}, {})
        drawn = (
            asked.drawn(fill="prefill" in request.POST, kept=kept, flaws=flaws, unfit=unfit)
            if asked
            else None
        )
        if drawn and (flaws or unfit):
            problems = [*drawn.problems, *unfit]
            context |= {"refusal": gettext("还没有收件:请改正下面标出的地方。"), "problems": problems}
        context |= {
            "drawn": drawn,
            "under_way": under_way(identity=who_typed(request.POST)[1], item=version.item_id)
            if errors.get("again") or typed.get("again")
            else "",
            **guide_of(version),
            **materials_asked(request, version.materials),
            "outcomes": _outcomes(version),
            "lessons": lessons_of(version.item_id)[:LESSONS],
        }
    return render(request, "onewindow/window.html", context, status=status)


def _serving(request: HttpRequest) -> dict[str, Any]:
    """The ticket that is being served at the clerk's own window: what is taken in now belongs to it."""
    with kernel_writes():
        return {"serving": ticket_at(request.user.pk, request.now)}


def _from_home() -> int:
    """How many applications that were made on line wait to be taken in."""
    return Case.objects.filter(pack=PACK, state="received", closed_at=None, facts__contains=WEB).count()


def refusal_placed(
    request: HttpRequest, refusal: Refusal, labels: Mapping[str, Any], materials: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, str], str]:
    """What a form at the window says of a refusal, with all that is missing of the `materials`: beside its field where the form has it
    (`labels`), else above the form; the other of the two is empty."""
    used = gettext("这张表已经收过一件,内容与现在的不同。另一件请重新打开窗口页。")
    said = used if refusal.code == "idempotency_key" else told(refusal)
    if refusal.code in ("materials_are_complete", "lacking_may_follow"):
        said = f"{said} {_missing(request, materials)}".strip()
    field = FIELD_OF.get(refusal.code, refusal.field)
    return ({field: said}, "") if field in labels else ({}, said)


def form_key(typed: Mapping[str, Any]) -> str:
    """The key by which a form is taken once: the one that it came with, or a new one."""
    key = str(typed.get("key", ""))
    return key if KEY.fullmatch(key) else uuid4().hex


def _missing(request: HttpRequest, materials: Sequence[Mapping[str, Any]]) -> str:
    """All that is missing, for the clerk to say at once; "" when nothing is."""
    rows = materials_asked(request, materials)["materials"]
    numbers = [row["number"] for row in rows if row["required"] and not row["ticked"] and not row["free"]]
    return gettext("缺:%s。") % names_of(materials, numbers) if numbers else ""


def _items(request: HttpRequest, q: str) -> dict[str, Any]:
    """At most twenty items that the words mean; none before anything is typed."""
    q = q.strip()[:60]
    if not q:
        return {"q": "", "items": [], "themes": []}
    rows = versions_on(timezone.localdate(request.now)).filter(active=True)
    rows = versions_found(q, rows)[:FOUND]
    on = timezone.localdate(request.now)
    themes = themes_found(q, theme_versions_on(on).filter(active=True)).order_by("name")[:FOUND]
    return {"q": q, "items": [(version, name_of(version)) for version in rows], "themes": themes}


def materials_asked(request: HttpRequest, materials: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The list of materials for who has been typed so far: ticked or not, with their days, and what the city holds of it."""
    name, identity = who_typed(request.POST)
    looks = any(one.get("register") for one in materials)
    asked = looks and bool(name and identity)
    known = holdings(name=name, identity=identity, now=request.now) if asked else None
    ticked, rows = set(request.POST.getlist("present")), []
    for number, one in numbered(materials).items():
        register = one.get("register", "")
        held = (known or {}).get(register)
        more = {
            "number": number, "ticked": number in ticked, "term": term_read(one["validity"]), "register": kind_told(register),
            "holds": validity_told(one["validity"]), "dated": request.POST.get(f"{DATED}{number}", "")[:10], "held": held,
            "fix": request.POST.get(f"{FIX}{number}", "")[:200],
            "free": held is not None or (one["held"] and not register),
        }  # fmt: skip
        rows.append({**one, **more})
    return {"materials": rows, "looks": looks, "asked": asked and known is not None}


def _asked(request: HttpRequest, version: ItemVersion) -> Asked | None:
    """The item's form as it was sent; what is known of the applicant is used once they agreed, in front of the clerk."""
    (name, identity), today = who_typed(request.POST), timezone.localdate(request.now)
    agreed = "consent" in request.POST
    return asked_of(request, version, name=name, identity=identity, today=today, may_know=agreed)


def consent_wrong(request: HttpRequest) -> dict[str, str]:
    """Nothing is filled in without the applicant's consent."""
    if "prefill" in request.POST and "consent" not in request.POST:
        return {"consent": gettext("要申请人同意,勾选以后才能带入。")}
    return {}


def _outcomes(version: ItemVersion) -> list[tuple[str, Any]]:
    """What can be done with an application for this item."""
    shut = set()
    if not version.checks:
        shut.add("accept_at_once")
    may_lack = any(one["may_lack"] for one in version.materials)
    if not may_lack or not supplement_days(version.promised_days, version.statutory_days):
        shut.add("accept_lacking")
    if not version.commitment:
        shut.add("accept_commitment")
    return [(code, label) for code, label in OUTCOMES if code not in shut]
