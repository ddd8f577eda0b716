"""The hall's manager: who waits, what the next hour brings, and which windows do what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Avg, Count, F, Min, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import in_line, told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import number_of
from bihuan.packs.onewindow.hall.calling import MANAGER, window_clear, window_skills_set
from bihuan.packs.onewindow.hall.forecast import Forecast, hour_forecast
from bihuan.packs.onewindow.hall.models import HallWindow
from bihuan.packs.onewindow.hall.rules import AT_WINDOW, SERVED, WAITING
from bihuan.packs.onewindow.hall.selectors import (
    hall_hours,
    hall_of,
    hours_told,
    minutes_between,
    terms_now,
    tickets_of,
)
from bihuan.packs.onewindow.hall.words import group_names

SEEN_BY = (MANAGER, "supervisor")


@login_required
@never_cache
@require_GET
def hall(request: HttpRequest) -> HttpResponse:
    """For the hall's manager on the floor: how long people wait now and will in an hour, and whether to open another window."""
    return _page(request)


@login_required
@require_POST
def hall_skills(request: HttpRequest) -> HttpResponse:
    """For the same manager: what a window serves from now on."""
    page_require(request.scope, MANAGER)
    try:
        found = window_skills_set(
            window=_number(request),
            skills=[code[:4] for code in request.POST.getlist("skills")[:26]],
            scope=request.scope,
            now=request.now,
        )
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    messages.success(request, gettext("%s 号窗口的业务已改。") % found.code)
    return HttpResponseRedirect(reverse("onewindow:hall"))


@login_required
@require_POST
def hall_clear(request: HttpRequest) -> HttpResponse:
    """For the same manager: a window whose clerk went away is free again."""
    page_require(request.scope, MANAGER)
    try:
        found = window_clear(window=_number(request), scope=request.scope, now=request.now)
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    messages.success(request, gettext("%s 号窗口已收回,别人可以坐了。") % found.code)
    return HttpResponseRedirect(reverse("onewindow:hall"))


def _number(request: HttpRequest) -> int:
    return number_of(request.POST.get("window", "")) or 0


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    scope, now = request.scope, request.now
    page_require(scope, *SEEN_BY)
    unit, terms = hall_of(scope), terms_now(now)
    names = group_names(terms)
    windows = list(
        HallWindow.objects.filter(unit=unit, active=True).select_related("person").order_by("code")
    )
    at = {one.window_id: one for one in tickets_of(unit, now).filter(state__in=AT_WINDOW)}
    forecast = hour_forecast(unit, windows, terms, now)
    context = {
        "now": now,
        "hours": hours_told(hall_hours(unit, day_of(now))),
        "figures": _figures(unit, now),
        "groups": _groups(unit, now, names),
        "windows": [
            (one, in_line(names.get(code, code) for code in one.skills), at.get(one.pk), minutes_between(one.since, now))
            for one in windows
        ],
        "names": names,
        "may_set": scope.holds(MANAGER),
        "forecast": forecast,
        "more_skills": in_line(names.get(code, code) for code in forecast.skills),
        "could": _serving(windows, forecast, "shut"),
        "resting": _serving(windows, forecast, "paused"),
        "mean": round(forecast.now.mean),
        "longest": round(forecast.now.longest),
        "refusal": told(refusal) if refusal else "",
    }  # fmt: skip
    return render(request, "onewindow/hall/hall.html", context, status=refusal.status if refusal else 200)


def _figures(unit: int, now: datetime) -> list[dict[str, Any]]:
    found = tickets_of(unit, now).aggregate(
        taken=Count("pk"),
        waiting=Count("pk", filter=Q(state=WAITING)),
        first=Min("taken_at", filter=Q(state=WAITING)),
        at=Count("pk", filter=Q(state__in=AT_WINDOW)),
        served=Count("pk", filter=Q(state=SERVED)),
        missed=Count("pk", filter=Q(state="skipped")),
        wait=Avg(F("called_at") - F("taken_at"), filter=Q(called_at__isnull=False)),
    )
    mean = found["wait"].total_seconds() / 60 if found["wait"] else None
    longest = minutes_between(found["first"], now)
    return [
        {"label": gettext("正在等"), "value": found["waiting"]},
        {"label": gettext("等得最久"), "value": gettext("%s 分钟") % longest if found["first"] else "–"},
        {
            "label": gettext("今天平均等候"),
            "value": "–" if mean is None else gettext("%s 分钟") % f"{mean:.0f}",
        },
        {"label": gettext("窗口上"), "value": found["at"]},
        {"label": gettext("今天已办"), "value": f"{found['served']}/{found['taken']}"},
        {"label": gettext("过号未回"), "value": found["missed"]},
    ]


def _serving(windows: Sequence[HallWindow], forecast: Forecast, state: str) -> str:
    """The windows in this state that serve what another window is proposed for."""
    return in_line(
        one.code for one in windows if one.state == state and set(one.skills) & set(forecast.skills)
    )


def _groups(unit: int, now: datetime, names: dict[str, str]) -> list[dict[str, Any]]:
    rows = (
        tickets_of(unit, now)
        .values("group")
        .annotate(
            waiting=Count("pk", filter=Q(state=WAITING)),
            first=Min("taken_at", filter=Q(state=WAITING)),
            served=Count("pk", filter=Q(state=SERVED)),
        )
    )
    known = {row["group"]: row for row in rows}
    return [
        {
            "code": code,
            "name": name,
            "waiting": known.get(code, {}).get("waiting", 0),
            "longest": minutes_between(known.get(code, {}).get("first"), now),
            "served": known.get(code, {}).get("served", 0),
        }
        for code, name in names.items()
    ]
