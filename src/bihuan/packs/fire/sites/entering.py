"""Forms of sites, a page each: a new site, a device, somebody on the roll, an inspection, an accident."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.packs.fire.forms import form_context, form_key, form_tried, typed_clean
from bihuan.packs.fire.models import Site
from bihuan.packs.fire.roles import SITE_OFFICER, SITE_SUPERVISOR
from bihuan.packs.fire.sites.forms import ACCIDENT, DEVICE, INSPECTION, SITE, WORKER, site_given, worker_given
from bihuan.packs.fire.sites.inspections import inspection_record
from bihuan.packs.fire.sites.kinds import ITEMS
from bihuan.packs.fire.sites.people import worker_enroll
from bihuan.packs.fire.sites.services import accident_record, site_device_enter, site_enter
from bihuan.packs.fire.sites.views import only, refusal_of

Write = Callable[[Mapping[str, Any]], Any]
FORM = require_http_methods(["GET", "HEAD", "POST"])


def form_page(
    request: HttpRequest,
    *,
    title: str,
    asks: Sequence[Ask],
    write: Write,
    back: str,
    draft: str,
    done: str = "",
    hint: str = "",
) -> HttpResponse:
    """A form: shown, or sent and written, or shown again with what is wrong. `back` is where it leads, unless what was written has
    an address of its own.
    """
    context = {"title": title, "back": back, "draft": draft, "hint": hint}
    if request.method != "POST":
        return render(request, "fire/site_form.html", {**context, **form_context(request, asks, {})})
    try:
        made, form, status = form_tried(request, asks, lambda: write(typed_clean(request, asks)))
    except (NotFound, NotPermitted) as refusal:
        raise refusal_of(refusal) from refusal
    if made is None:
        return render(request, "fire/site_form.html", {**context, **form}, status=status)
    messages.success(request, done or gettext("已登记。"))
    return redirect(reverse("fire:site", args=[made.pk]) if isinstance(made, Site) else back)


@login_required
@FORM
def site_new(request: HttpRequest) -> HttpResponse:
    """For the site supervisor: a site is entered at its permit."""
    only(request, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Site:
        return site_enter(scope=request.scope, given=site_given(data), key=form_key(request), now=request.now)  # type: ignore[attr-defined]

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
    only(request, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Any:
        return site_device_enter(scope=request.scope, site=site, now=request.now, **data)  # type: ignore[attr-defined]

    return form_page(
        request, title=_titled(site, gettext("登记设备")), asks=DEVICE, write=write, back=reverse("fire:site", args=[site]), draft="fire-device"
    )  # fmt: skip


@login_required
@FORM
def worker_new(request: HttpRequest, site: int) -> HttpResponse:
    """For the contractor's safety officer: somebody is put on the roll under the real name."""
    only(request, SITE_OFFICER, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Any:
        return worker_enroll(scope=request.scope, site=site, given=worker_given(data), now=request.now)  # type: ignore[attr-defined]

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
@FORM
def inspection_new(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor on the spot, with a telephone: every item of the checklist gets a result."""
    only(request, SITE_SUPERVISOR, SITE_OFFICER)

    def write(data: Mapping[str, Any]) -> Any:
        results = {code: data[code] for code, _label in ITEMS}
        return inspection_record(
            scope=request.scope, site=site, kind=data["kind"], results=results, note=data.get("note", ""), key=form_key(request),  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip

    return form_page(
        request, title=_titled(site, gettext("登记检查")), asks=INSPECTION, write=write, back=reverse("fire:site", args=[site]), draft="fire-inspection"
    )  # fmt: skip


@login_required
@FORM
def accident_new(request: HttpRequest, site: int) -> HttpResponse:
    """For the site supervisor: an accident happened."""
    only(request, SITE_SUPERVISOR)

    def write(data: Mapping[str, Any]) -> Any:
        at = datetime.fromisoformat(data["at"])
        return accident_record(
            scope=request.scope, site=site, at=at, deaths=data["deaths"], injured=data["injured"], words=data["words"], now=request.now,  # type: ignore[attr-defined]
        )  # fmt: skip

    hint = gettext("事故等级由死亡、重伤人数按《生产安全事故报告和调查处理条例》第3条得出。不写姓名。")
    return form_page(
        request, title=_titled(site, gettext("登记事故")), asks=ACCIDENT, write=write, back=reverse("fire:site", args=[site]), draft="fire-accident",
        hint=hint,
    )  # fmt: skip


def _titled(site: int, title: str) -> str:
    return f"{get_object_or_404(Site, pk=site).name} · {title}"
