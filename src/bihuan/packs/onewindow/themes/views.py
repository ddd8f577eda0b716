"""A theme's pages: its guide for everybody, its form at the window, and the projects with the days that they saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.bundles.selectors import joined, network_planned, outcomes_of, short_of
from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.applying.receiving import received_clean
from bihuan.packs.onewindow.applying.services import CLERK
from bihuan.packs.onewindow.applying.window import KEY, LABELS, OPERATION
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.themes.applying import theme_take
from bihuan.packs.onewindow.themes.models import ThemeApplication, ThemeVersion
from bihuan.packs.onewindow.themes.selectors import Composed, theme_composed, theme_version_on

PAGE, YEAR = 30, 365
READERS = (CLERK, "supervisor", "review_officer")
FIELDS = {**LABELS, "item": _("主题"), "subject": _("店铺或项目名称")}
OUTCOMES = (("accept", _("材料齐全,受理,同时审批")), ("tell_missing", _("缺材料,一次告知")))
FIELD_OF = {"materials_are_complete": "present", "something_is_lacking": "outcome"}


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
    _only(request, CLERK)
    if request.method == "POST":
        return _taken(request, theme)
    return _form(request, theme, {}, {})


@login_required
@never_cache
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """For the supervisor: every application for a theme, how far it is, and the days that going side by side has saved."""
    _only(request, *READERS)
    rows = ThemeApplication.objects.select_related("case__unit", "version").order_by("-case")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    begun = request.now - timedelta(days=YEAR)  # type: ignore[attr-defined]
    recent = list(rows.filter(case__opened_at__gt=begun).values_list("case", flat=True))
    outcomes = outcomes_of({*recent, *(row.case_id for row in page)})
    done = [outcomes[case] for case in recent if case in outcomes]
    figures = [
        {"label": gettext("近一年收的主题办件"), "value": len(recent)},
        {"label": gettext("全部办完"), "value": f"{len(done)} / {len(recent)}" if recent else "–"},
        {"label": gettext("一个接一个要的工作日"), "value": sum(one.serial for one in done) if done else "–"},
        {"label": gettext("实际用的工作日"), "value": sum(one.elapsed for one in done) if done else "–"},
        {"label": gettext("省下的工作日"), "value": sum(one.saved for one in done) if done else "–", "note": gettext("只算全部办完的")},
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
    on = timezone.localdate(request.now)  # type: ignore[attr-defined]
    version = theme_version_on(theme, on) if theme < 2**31 else None
    if version is None:
        raise Http404
    return version, theme_composed(version, on)


def _shown(version: ThemeVersion, found: Composed) -> dict[str, Any]:
    shorts = {plan.code: short_of(plan) for plan in found.plans}
    materials = [
        (str(n), one, joined(shorts[code] for code in one["for"]))
        for n, one in enumerate(found.checklist.materials, 1)
    ]
    return {
        "version": version,
        "name": version.shown,
        "found": found,
        "network": network_planned(found.plans) if not found.lacks else None,
        "items": [(name_of(item), item) for item in found.items.values()],
        "materials": materials,
    }


def _taken(request: HttpRequest, theme: int) -> HttpResponse:
    now, key, by = request.now, request.POST.get("key", ""), int(request.user.pk or 0)  # type: ignore[attr-defined]
    try:
        if not KEY.fullmatch(key):
            raise Refusal("form_key", gettext("表单不完整,请重新打开窗口页。"))
        typed = {**request.POST.dict(), "item": str(theme)}
        received = received_clean(
            typed, present=request.POST.getlist("present"), today=timezone.localdate(now)
        )
        if received.outcome not in dict(OUTCOMES):
            raise FieldError("outcome", "choice", "请选怎么办。")
        subject = clean_text(
            typed.get("subject", ""), field="subject", max_length=100, min_length=2, multiline=False
        )

        def act() -> tuple[int, dict[str, Any]]:
            done = theme_take(received=received, subject=subject, by=by, now=now)
            return 201, {"case": done.case, "number": done.number, "state": done.state}

        asked = {**received.told(), "theme": theme, "subject": subject}
        answer = idempotent(actor=by, operation=OPERATION, key=key, request=asked, now=now, act=act)
    except FieldError as fault:
        return _form(request, theme, request.POST, {fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        field = FIELD_OF.get(refusal.code, refusal.field)
        errors = {field: told(refusal)} if field in FIELDS else {}
        return _form(
            request,
            theme,
            request.POST,
            errors,
            refusal="" if errors else told(refusal),
            status=refusal.status,
        )
    return HttpResponseRedirect(reverse("case", args=[answer[1]["number"]]))


def _form(
    request: HttpRequest,
    theme: int,
    typed: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    version, found = _composed(request, theme)
    ticked = set(request.POST.getlist("present"))
    context = _shown(version, found)
    context |= {
        "typed": typed,
        "wrong": errors,
        "refusal": refusal or (gettext("还没有收件:请改正下面标出的地方。") if errors else ""),
        "problems": [(name, FIELDS.get(name, name), text) for name, text in errors.items()],
        "key": typed["key"] if KEY.fullmatch(typed.get("key", "")) else uuid4().hex,
        "materials": [(*one, one[0] in ticked) for one in context["materials"]],
        "outcomes": OUTCOMES,
    }
    return render(request, "onewindow/themes/window.html", context, status=status)


def _only(request: HttpRequest, *allowed: str) -> None:
    if not request.scope.holds(*allowed):  # type: ignore[attr-defined]
        raise page_refused(*allowed)
