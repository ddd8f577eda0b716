"""Forms of sites, a page each: a new site, a device, somebody on the roll, an inspection, an accident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.packs.fire.form_pages import form_once, form_page, unit_represented
from bihuan.packs.fire.forms import form_key, works_asks
from bihuan.packs.fire.models import Site
from bihuan.packs.fire.roles import SITE_OFFICER, SITE_SUPERVISOR
from bihuan.packs.fire.sites.forms import (
    ACCIDENT,
    CHECKED,
    CONTRACTOR_UNIT,
    DEVICE,
    HAZARD,
    INSPECTION,
    SITE,
    WORKER,
    site_given,
    worker_given,
)
from bihuan.packs.fire.sites.hazards import HazardFound, hazard_report
from bihuan.packs.fire.sites.inspections import inspection_record
from bihuan.packs.fire.sites.kinds import ITEMS, VISITS
from bihuan.packs.fire.sites.people import worker_enroll
from bihuan.packs.fire.sites.services import accident_record, site_device_enter, site_enter

FORM = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@FORM
def site_new(request: HttpRequest) -> HttpResponse:
    """For the site supervisor: a site is entered at its permit."""
    page_require(request.scope, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Site:
        unit_represented(request, CONTRACTOR_UNIT, data["contractor_unit"], SITE_OFFICER)
        return site_enter(scope=request.scope, given=site_given(data), key=form_key(request), now=request.now)

    return form_page(
        request,
        title=gettext("登记工地"),
        asks=SITE,
        write=write,
        back=reverse("fire:sites"),
        draft="fire-site",
    )


@login_required
@FORM
def device_new(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor: a device is put up."""
    page_require(request.scope, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Any:
        return site_device_enter(scope=request.scope, site=site, now=request.now, **data)

    return form_page(
        request, title=_titled(site, gettext("登记设备")), asks=DEVICE, write=write, back=reverse("fire:site", args=[site]), draft="fire-device"
    )  # fmt: skip


@login_required
@FORM
def worker_new(request: HttpRequest, site: int) -> HttpResponse:
    """For the contractor's safety officer: somebody is put on the roll under the real name."""
    page_require(request.scope, SITE_OFFICER, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Any:
        return worker_enroll(scope=request.scope, site=site, given=worker_given(data), now=request.now)

    hint = gettext("姓名和身份证号只存在本系统,页面上遮盖显示,离场后按期清除。")
    back = reverse("fire:site_people", args=[site])
    return form_page(
        request,
        title=_titled(site, gettext("登记人员")),
        asks=WORKER,
        write=write,
        back=back,
        draft="fire-worker",
        hint=hint,
    )


@login_required
@kept_on_device
@FORM
def inspection_new(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor on the spot, with a telephone: every item of the checklist gets a result; for the contractor's own daily one."""
    page_require(request.scope, SITE_SUPERVISOR, SITE_OFFICER)
    asks = INSPECTION if request.scope.holds(SITE_SUPERVISOR) else CHECKED

    def write(data: Mapping[str, Any]) -> Any:
        results = {code: data[code] for code, _label in ITEMS}
        return inspection_record(
            scope=request.scope, site=site, kind=data.get("kind", VISITS[0][0]), results=results, note=data.get("note", ""),
            work=int(data["work"]) if data.get("work") else None, key=form_key(request), now=request.now,
        )  # fmt: skip

    return form_page(
        request, title=_titled(site, gettext("登记检查")), asks=(*asks, *works_asks(_project(site))), write=write, back=reverse("fire:site", args=[site]), draft="fire-inspection",
        offline=True,
    )  # fmt: skip


@login_required
@kept_on_device
@FORM
def hazard_new(request: HttpRequest, site: int) -> HttpResponse:
    """For whoever walks over the site with a telephone: a hazard is reported, and becomes a case of the contractor's."""
    page_require(request.scope, SITE_SUPERVISOR, SITE_OFFICER)

    def write(data: Mapping[str, Any]) -> Any:
        work = int(data["work"]) if data.get("work") else None
        found = HazardFound(data["part"], data["words"], data["grade"], work=work)
        return hazard_report(
            scope=request.scope, site=site, found=found, key=f"report:{form_key(request)}", now=request.now
        )

    hint = gettext("登记后马上交给施工单位,按级别计时;整改后拍照,由另一人复查。")
    return form_page(
        request, title=_titled(site, gettext("上报隐患")), asks=(*HAZARD, *works_asks(_project(site))), write=write, back=reverse("fire:site", args=[site]), draft="fire-hazard",
        hint=hint, offline=True,
    )  # fmt: skip


@login_required
@FORM
def accident_new(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor: an accident happened."""
    page_require(request.scope, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Any:
        told = {
            **data,
            "scope": request.scope,
            "site": site,
            "at": datetime.fromisoformat(data["at"]),
            "now": request.now,
        }
        form_once(request, f"fire_accident_{site}", data, lambda: accident_record(**told))

    hint = gettext("事故等级由死亡、重伤人数按《生产安全事故报告和调查处理条例》第3条得出。不写姓名。")
    return form_page(
        request, title=_titled(site, gettext("登记事故")), asks=ACCIDENT, write=write, back=reverse("fire:site", args=[site]), draft="fire-accident",
        hint=hint,
    )  # fmt: skip


def _project(site: int) -> int | None:
    return Site.objects.filter(pk=site).values_list("project", flat=True).first()


def _titled(site: int, title: str) -> str:
    return f"{get_object_or_404(Site, pk=site).name} · {title}"
