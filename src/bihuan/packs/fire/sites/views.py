"""Screens of sites: all of them, one page a site, its people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.lib.masking import mask_id, mask_name
from bihuan.lib.paging import Paged
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, number_of
from bihuan.packs.fire.form_pages import refused_status
from bihuan.packs.fire.forms import REASON, form_key, typed_clean
from bihuan.packs.fire.merging.selectors import permits_unsettled
from bihuan.packs.fire.models import Site, Worker
from bihuan.packs.fire.roles import SITE_OFFICER, SITE_SUPERVISOR
from bihuan.packs.fire.sites.forms import GATE, TURN, day
from bihuan.packs.fire.sites.kinds import HAZARD_GRADES, KINDS, STAGES, TRADES
from bihuan.packs.fire.sites.life import UNDER_CONSTRUCTION, days_without, turns_open
from bihuan.packs.fire.sites.people import gate_pass, worker_disclose, worker_leave
from bihuan.packs.fire.sites.selectors import (
    People,
    Told,
    devices_told,
    hazards_told,
    headcounts,
    people_counted,
    readings_drawn,
    roll_of,
    rows_shown,
    sites_burning,
    sites_found,
    sites_summed,
)
from bihuan.packs.fire.sites.services import site_device_retire, site_join, site_turn
from bihuan.packs.fire.sites.timeline import timeline_of

PAGE = 30
READERS = (SITE_SUPERVISOR, SITE_OFFICER, "supervisor")


@login_required
@require_GET
def sites(request: HttpRequest) -> HttpResponse:
    """For the site supervisor: every site of the zone, what is wrong where, and how many are on the platform."""
    page_require(request.scope, *READERS)
    query = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "stage", "kind")}
    found = sites_found(text=query["q"], stage=query["stage"], kind=query["kind"])
    page = Paged(found, PAGE, sites_burning(found)).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_shown(list(page.object_list)),
        "query": query,
        "stages": [(code, gettext(label)) for code, label in STAGES] + [("under", gettext("在建和停工"))],
        "kinds": [(code, gettext(label)) for code, label in KINDS],
        "figures": _figures(request),
        "may_enter": request.scope.holds(SITE_SUPERVISOR),
    }
    return render(request, "fire/sites.html", context)


def _figures(request: HttpRequest) -> list[dict[str, Any]]:
    sums = sites_summed(request.now)
    area = gettext("%s 平方米") % f"{sums.area:,.0f}"
    alarm = "late" if sums.alarms else ""
    share = "–" if not sums.building else f"{100 * sums.joined / sums.building:.0f}%"
    without = "–" if sums.without is None else sums.without
    return [
        {
            "label": gettext("在建工地(含停工)"),
            "value": f"{sums.building:,}",
            "note": area,
            "address": "?stage=under",
        },
        {"label": gettext("已纳入平台"), "value": share, "note": f"{sums.joined:,} / {sums.building:,}"},
        {"label": gettext("现在在场"), "value": sums.inside, "note": gettext("人")},
        {"label": gettext("设备报警"), "value": sums.alarms, "tone": alarm},
        {"label": gettext("无事故天数"), "value": without, "note": gettext("事故 %s 起") % sums.accidents},
    ]


@login_required
@kept_on_device
@require_GET
def site(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor and the contractor's safety officer: a site's life on one page, from its permit to its acceptance."""
    return site_page(request, site)


def site_page(request: HttpRequest, site: int, refusal: str = "", status: int = 200) -> HttpResponse:
    """The page, with what was refused."""
    page_require(request.scope, *READERS)
    row = get_object_or_404(Site.objects.select_related("unit", "contractor_unit", "project"), pk=site)
    now, scope = request.now, request.scope
    devices = devices_told(row, now)
    source = request.GET.get("source", "")
    keeps, people = scope.holds(SITE_SUPERVISOR), people_counted(row, now)
    context = {
        "site": row,
        "stage": gettext(dict(STAGES)[row.stage]),
        "kind": gettext(dict(KINDS)[row.kind]),
        "unsettled": permits_unsettled(row.project_id) if row.project_id else [],
        "devices": devices,
        "chart": _chart(devices, request),
        "people": people,
        "hazards": hazards_told(row, now),
        "grades": dict(HAZARD_GRADES),
        "figures": _site_figures(row, people, devices, now),
        "days": headcounts(row, now),
        "line": timeline_of(row, now=now, source=source),
        "tabs": [
            {"label": label, "address": f"?source={code}#line-title", "here": code == source, "count": None}
            for code, label in (
                ("", gettext("全部")),
                ("people", gettext("人防")),
                ("device", gettext("技防")),
            )
        ],
        "under": row.stage in UNDER_CONSTRUCTION,
        "turns": [Field(one) for one in TURN] if keeps and turns_open(row.stage) else [],
        "may_keep": keeps,
        "may_work": keeps or scope.holds(SITE_OFFICER),
        "refusal": refusal,
    }
    return render(request, "fire/site.html", context, status=status)


def _site_figures(site: Site, people: People, devices: list[Told], now: datetime) -> list[dict[str, Any]]:
    happened = [day_of(at) for at in site.accidents.values_list("at", flat=True)]
    without = days_without(happened, since=site.started_on, until=site.accepted_on or day_of(now))
    hazards = site.hazards.filter(case__closed_at=None).count()
    alarms = sum(one.state == "alarm" for one in devices)
    roll = reverse("fire:site_people", args=[site.pk])
    return [
        {
            "label": gettext("无事故天数"),
            "value": "–" if without is None else without,
            "note": gettext("事故 %s 起") % len(happened),
        },
        {
            "label": gettext("现在在场"),
            "value": people.inside,
            "note": gettext("在册 %s 人") % people.roll,
            "address": roll,
        },
        {
            "label": gettext("证书过期或将到期"),
            "value": people.expired + people.expiring,
            "tone": "late" if people.expired else "",
            "address": roll,
        },
        {
            "label": gettext("未销号隐患"),
            "value": hazards,
            "tone": "late" if hazards else "",
            "address": "#hazards-title",
        },
        {
            "label": gettext("设备报警"),
            "value": alarms,
            "note": gettext("测量 %s 项") % len(devices),
            "tone": "late" if alarms else "",
        },
    ]


def _chart(devices: list[Told], request: HttpRequest) -> dict[str, Any] | None:
    """The metric that was asked for, else the first that is in alarm, else the first."""
    wanted = (request.GET.get("device", ""), request.GET.get("metric", ""))
    known = [one for one in devices if one.measured.at is not None]
    by_name = {(str(one.measured.device.pk), one.measured.metric.code): one for one in known}
    chosen = by_name.get(wanted) or next(
        (one for one in known if one.state == "alarm"), next(iter(known), None)
    )
    if chosen is None:
        return None
    metric, device = chosen.measured.metric, chosen.measured.device
    drawn = readings_drawn(chosen, request.now)
    value, bound = gettext("每小时最差值"), gettext("限值")
    series = [{"name": value, "values": drawn["values"], "links": [], "tone": ""}]
    if any(one is not None for one in drawn["bounds"]):
        series.append({"name": bound, "values": drawn["bounds"], "links": [], "tone": "usual"})
    rows = zip(drawn["labels"], drawn["values"], drawn["bounds"], strict=True)
    return {
        "code": "readings",
        "label": f"{device.name} {gettext(metric.label)}",
        "hint": gettext("近24小时,单位 %s。") % metric.unit,
        "heads": [value, bound],
        "empty": not drawn["labels"],
        "rows": [
            (gettext("%s 时") % at, [{"text": f"{one:g}"}, {"text": "–" if most is None else f"{most:g}"}])
            for at, one, most in rows
        ],
        "drawing": {"kind": "columns", "labels": drawn["labels"], "series": series},
    }


@login_required
@require_POST
def turn(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor: the site starts, stops, goes on, is accepted."""
    page_require(request.scope, SITE_SUPERVISOR)
    try:
        data = typed_clean(request, TURN)
        site_turn(
            scope=request.scope, site=site, code=data["code"], on=day(data["on"]), note=data.get("note", ""), now=request.now,
        )  # fmt: skip
    except (Refusal, FieldError) as refusal:
        return _refused(request, site, refusal)
    messages.success(request, gettext("已登记。"))
    return redirect("fire:site", site)


@login_required
@require_POST
def device_gone(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor: a device was taken down; its readings stay."""
    page_require(request.scope, SITE_SUPERVISOR)
    device = number_of(request.POST.get("device", "")) or 0
    try:
        site_device_retire(scope=request.scope, site=site, device=device, now=request.now)
    except Refusal as refusal:
        return _refused(request, site, refusal)
    messages.success(request, gettext("设备已撤下。"))
    return redirect("fire:site", site)


@login_required
@require_POST
def join(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor: the site comes onto the platform today."""
    page_require(request.scope, SITE_SUPERVISOR)
    now = request.now
    try:
        site_join(scope=request.scope, site=site, on=day_of(now), now=now)
    except Refusal as refusal:
        return _refused(request, site, refusal)
    messages.success(request, gettext("已纳入平台。"))
    return redirect("fire:site", site)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, site: int) -> HttpResponse:
    """For the contractor's safety officer: who is on the roll, who is inside, and the gate."""
    page_require(request.scope, *READERS)
    if request.method != "POST":
        return people_page(request, site)
    way = "in" if request.POST.get("way") == "in" else "out"
    try:
        number = typed_clean(request, GATE)["id_number"]
        gate_pass(scope=request.scope, site=site, id_number=number, way=way, now=request.now)
    except (Refusal, FieldError) as refusal:
        return _people_refused(request, site, refusal)
    messages.success(request, gettext("已登记进场。") if way == "in" else gettext("已登记出场。"))
    return redirect("fire:site_people", site)


def people_page(
    request: HttpRequest, site: int, refusal: str = "", status: int = 200, shown: Worker | None = None
) -> HttpResponse:
    """The roll, masked; `shown` is the one whose name and number were asked for with a reason."""
    row = get_object_or_404(Site, pk=site)
    text = request.GET.get("q", "").strip()[:60]
    page = Paged(roll_of(row, text), PAGE).get_page(request.GET.get("page"))
    labels, scope = dict(TRADES), request.scope
    today = day_of(request.now)
    rows = [
        {
            "worker": one,
            "name": mask_name(one.name),
            "number": mask_id(one.id_number),
            "trade": gettext(labels[one.trade]),
            "expired": bool(one.certificate_until and one.certificate_until < today),
        }
        for one in page.object_list
    ]
    context = {
        "site": row, "page": page, "rows": rows, "text": text, "shown": shown, "refusal": refusal,
        "people": people_counted(row, request.now),
        "gate": Field(GATE[0], (request.POST.get("id_number", ""),) if refusal else ()),
        "reason": Field(REASON[0]), "key": form_key(request),
        "may_work": scope.holds(SITE_OFFICER, SITE_SUPERVISOR),
    }  # fmt: skip
    return render(request, "fire/site_people.html", context, status=status)


@login_required
@require_POST
def worker(request: HttpRequest, site: int, worker: int) -> HttpResponse:
    """For the contractor's safety officer: somebody leaves for good, or is read in plain for a reason."""
    page_require(request.scope, SITE_OFFICER, SITE_SUPERVISOR)
    scope, now = request.scope, request.now
    try:
        if request.POST.get("act") == "leave":
            worker_leave(scope=scope, site=site, worker=worker, now=now)
            messages.success(request, gettext("已登记离场。"))
            return redirect("fire:site_people", site)
        reason = typed_clean(request, REASON)["reason"]
        shown = worker_disclose(scope=scope, site=site, worker=worker, reason=reason, now=now)
    except (Refusal, FieldError) as refusal:
        return _people_refused(request, site, refusal)
    return people_page(request, site, shown=shown)


def _refused(request: HttpRequest, site: int, refusal: Refusal | FieldError) -> HttpResponse:
    return site_page(request, site, told(refusal), refused_status(refusal))


def _people_refused(request: HttpRequest, site: int, refusal: Refusal | FieldError) -> HttpResponse:
    return people_page(request, site, told(refusal), refused_status(refusal))
