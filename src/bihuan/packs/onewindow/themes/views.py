"""A theme's pages: its guide for everybody, its form at the window, and the projects with the days that they saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

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
from bihuan.kernel.bundles.selectors import network_planned, outcomes_of
from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.kept import figures_kept
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.services import AnswersRefused, answers_json
from bihuan.kernel.sentences import english, told
from bihuan.lib.paging import Paged
from bihuan.lib.refusals import Refusal
from bihuan.lib.shares import share_shown
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.receiving import (
    received_clean,
    received_faults,
    subject_clean,
    who_typed,
)
from bihuan.packs.onewindow.applying.services import CLERK
from bihuan.packs.onewindow.applying.window import (
    KEY,
    LABELS,
    OPERATION,
    consent_wrong,
    form_key,
    materials_asked,
    refusal_placed,
)
from bihuan.packs.onewindow.asking.pages import Asked, files_held
from bihuan.packs.onewindow.catalogue.guide import in_english, material_told, name_of
from bihuan.packs.onewindow.themes.applying import theme_take
from bihuan.packs.onewindow.themes.asking import theme_asked, theme_form
from bihuan.packs.onewindow.themes.models import ThemeApplication, ThemeVersion
from bihuan.packs.onewindow.themes.selectors import Composed, days_saved, theme_composed, theme_version_on

PAGE, YEAR = 30, 365
READERS = (CLERK, "supervisor", "review_officer")
FIELDS = {**LABELS, "item": _("主题"), "subject": _("店铺或项目名称")}
OUTCOMES = (
    ("accept", _("材料齐全,受理,同时审批")),
    ("tell_missing", _("缺材料或要改,一次告知")),
    ("accept_lacking", _("容缺受理,缺的后补")),
    ("accept_commitment", _("告知承诺受理")),
)


@kept_on_device
@require_GET
def guide(request: HttpRequest, theme: int) -> HttpResponse:
    """For whoever wants to open a shop or begin a project: one list of what to bring, what goes side by side, and how long."""
    version, found = _composed(request, theme)
    return render(request, "onewindow/themes/guide.html", _shown(version, found))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def window(request: HttpRequest, theme: int) -> HttpResponse:
    """For the clerk at the counter: one application for the whole theme, each shared material once. Taken once, however often sent."""
    page_require(request.scope, CLERK)
    if request.method == "POST":
        return _taken(request, theme)
    return _form(request, theme, {}, {})


@login_required
@never_cache
@require_POST
def held(request: HttpRequest, theme: int) -> HttpResponse:
    """For the clerk who has typed who applies: which of the materials the city holds already, looked up in its own registers."""
    page_require(request.scope, CLERK)
    _version, found = _composed(request, theme)
    context = {"found": found, **_materials(request, theme, found)}
    return render(request, "onewindow/parts/window_materials.html", context)


@login_required
@never_cache
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """For the supervisor: every application for a theme, how far it is, and the days that going side by side has saved."""
    page_require(request.scope, *READERS)
    rows = ThemeApplication.objects.select_related("case__unit", "version").order_by("-case")
    page = Paged(rows, PAGE).get_page(request.GET.get("page"))
    outcomes = outcomes_of({row.case_id for row in page})
    year = figures_kept(
        "onewindow.themes",
        scope=request.scope,
        now=request.now,
        count=lambda: days_saved(since=request.now - timedelta(days=YEAR)),
    )
    figures = [
        {"label": gettext("近一年收的主题办件"), "value": f"{year.taken:,}"},
        {"label": gettext("全部办完"), **share_shown(year.done, year.taken)},
        {"label": gettext("一个接一个要的工作日"), "value": f"{year.serial:,}" if year.done else "–"},
        {"label": gettext("实际用的工作日"), "value": f"{year.elapsed:,}" if year.done else "–"},
        {"label": gettext("省下的工作日"), "value": f"{year.saved:,}" if year.done else "–", "note": gettext("只算全部办完的")},
    ]  # fmt: skip
    shown = [(row, row.version.shown, outcomes.get(row.case_id), _parts_told(row.case.facts)) for row in page]
    return render(
        request, "onewindow/themes/projects.html", {"page": page, "rows": shown, "figures": figures}
    )


def _parts_told(facts: Mapping[str, Any]) -> tuple[int, int, int]:
    """How many parts are done, how many failed, of how many."""
    parts = list(facts.get("parts", {}).values())
    return parts.count("done"), parts.count("failed"), len(parts)


def _composed(request: HttpRequest, theme: int) -> tuple[ThemeVersion, Composed]:
    on = timezone.localdate(request.now)
    version = theme_version_on(theme, on) if theme < 2**31 else None
    if version is None:
        raise Http404
    return version, theme_composed(version, on)


def _shown(version: ThemeVersion, found: Composed) -> dict[str, Any]:
    return {
        "version": version,
        "name": version.shown,
        "found": found,
        "english": english(),
        "commitment": found.commitment,
        "network": network_planned(found.plans) if not found.lacks else None,
        "places": list(
            dict.fromkeys(in_english(item, "places") for item in found.items.values() if item.places)
        ),
        "items": [(name_of(item), item) for item in found.items.values()],
        "materials": [material_told(one) for one in found.listed],
    }


def _faults(request: HttpRequest, theme: int) -> list[FieldError]:
    """All that is wrong of what was typed, the shop's name too."""
    typed = {**request.POST.dict(), "item": str(theme)}
    found = received_faults(typed, today=timezone.localdate(request.now))
    try:
        subject_clean(typed.get("subject", ""))
    except FieldError as fault:
        found.insert(0, fault)
    return found


def _taken(request: HttpRequest, theme: int) -> HttpResponse:
    now, key, by = request.now, request.POST.get("key", ""), request.user.pk
    try:
        if not KEY.fullmatch(key):
            raise Refusal("form_key", gettext("表单不完整,请重新打开窗口页。"))
        if "prefill" in request.POST or "more" in request.POST:
            return _form(request, theme, request.POST, consent_wrong(request))
        typed = {**request.POST.dict(), "item": str(theme)}
        received = received_clean(
            typed, present=request.POST.getlist("present"), today=timezone.localdate(now)
        )
        if received.outcome not in dict(OUTCOMES):
            raise FieldError("outcome", "choice", "请选怎么办。")
        subject = subject_clean(typed.get("subject", ""))

        asked_form = _asked(request, _composed(request, theme)[1])
        answered = asked_form.answered if asked_form else None

        def act() -> tuple[int, dict[str, Any]]:
            done = theme_take(
                received=received, subject=subject, by=by, now=now, verified=True, answered=answered
            )
            return 201, {"case": done.case, "number": done.number, "state": done.state}

        form = answers_json(answered.values) if answered else ""
        asked = {**received.told(), "theme": theme, "subject": subject, "form": form}
        answer = idempotent(actor=by, operation=OPERATION, key=key, request=asked, now=now, act=act)
    except FieldError as fault:
        faults = (*_faults(request, theme), fault)
        return _form(request, theme, request.POST, {one.field: told(one) for one in faults}, status=422)
    except AnswersRefused as refusal:
        return _form(request, theme, request.POST, {}, status=422, flaws=refusal.flaws)
    except Refusal as refusal:
        errors, said = refusal_placed(request, refusal, FIELDS, _composed(request, theme)[1].listed)
        return _form(request, theme, request.POST, errors, refusal=said, status=refusal.status)
    files_forget(request, key)
    return HttpResponseRedirect(reverse("case", args=[answer[1]["number"]]))


def _form(
    request: HttpRequest,
    theme: int,
    typed: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
    flaws: Sequence[Flaw] = (),
) -> HttpResponse:
    version, found = _composed(request, theme)
    context, asked = _shown(version, found), _asked(request, found)
    kept, unfit = files_held(request, asked.files if asked else {}, {})
    drawn = (
        asked.drawn(fill="prefill" in request.POST, kept=kept, flaws=flaws, unfit=unfit) if asked else None
    )
    problems = [(name, FIELDS.get(name, name), text) for name, text in errors.items()]
    problems = [*(drawn.problems if drawn and flaws else problems), *unfit]
    context |= {
        "typed": typed,
        "wrong": errors,
        "refusal": refusal or (gettext("还没有收件:请改正下面标出的地方。") if problems else ""),
        "problems": problems,
        "key": form_key(typed),
        "drawn": drawn,
        **_materials(request, theme, found),
        "outcomes": _outcomes(found),
    }
    return render(request, "onewindow/themes/window.html", context, status=status)


def _materials(request: HttpRequest, theme: int, found: Composed) -> dict[str, Any]:
    asked = materials_asked(request, found.listed)
    return {**asked, "held_at": reverse("onewindow:theme_held", args=[theme])}


def _asked(request: HttpRequest, found: Composed) -> Asked | None:
    """The forms of the items as they were sent; what is known of the applicant is used once they agreed, in front of the clerk."""
    today = timezone.localdate(request.now)
    form = theme_form(found.items.values(), today)
    if form is None:
        return None
    name, identity = who_typed(request.POST)
    return theme_asked(
        request, form, name=name, identity=identity, today=today, may_know="consent" in request.POST
    )


def _outcomes(found: Composed) -> list[tuple[str, Any]]:
    """What can be done with an application for this theme."""
    shut = set() if any(one["may_lack"] for one in found.checklist.materials) else {"accept_lacking"}
    shut |= set() if found.commitment else {"accept_commitment"}
    return [(code, label) for code, label in OUTCOMES if code not in shut]
