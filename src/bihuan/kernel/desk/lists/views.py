"""The desk's lists: worklist, search, export; and the small addresses that pages use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.choices import people_suggested, units_suggested
from bihuan.kernel.desk.finding.search import NEWEST, SHOWN, among_newest, cases_found
from bihuan.kernel.desk.lists.bulk import steps_choosable
from bihuan.kernel.desk.lists.columns import COLUMNS, columns_of
from bihuan.kernel.desk.lists.counts import cases_counted, waiting_counted
from bihuan.kernel.desk.lists.exports import list_exported
from bihuan.kernel.desk.lists.saved_views import views_of
from bihuan.kernel.desk.lists.wanted import TYPED, Wanted, wanted_read
from bihuan.kernel.desk.lists.worklist import PAGE, CaseRow, Lent, cases_listed, cursor_of, roles_lent
from bihuan.kernel.desk.menu import home_of
from bihuan.kernel.desk.pack_words import matters, matters_suggested
from bihuan.kernel.desk.time_left import case_left, limits_pressing
from bihuan.kernel.desk.words import language
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import register_append
from bihuan.kernel.pack import packs, workflows
from bihuan.kernel.workflow.model import Step
from bihuan.lib.declared import declared
from bihuan.lib.masking import mask_address, mask_text

PICKED = 500
MARKS = (
    *(
        "supervised",
        "urgent",
        "redo_count",
        "return_count",
        "urge_count",
        "merged_into_id",
        "merged",
        "parent_id",
    ),
    *("confidential", "provisional"),
)


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """To the page where this person's day begins, as the roles say."""
    return HttpResponseRedirect(reverse(home_of(request.scope)))


@login_required
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """The handler's, chief's and supervisor's first screen: what is mine, what burns, how long is left."""
    wanted = wanted_read(request.GET)
    scope, now = request.scope, request.now
    lent = roles_lent(scope=scope, now=now)
    rows = cases_listed(scope=scope, wanted=wanted, now=now, lent=lent)
    more = cursor_of(rows[PAGE - 1], closed=wanted.closed, sort=wanted.sort) if len(rows) > PAGE else ""
    tools = _tools(request, wanted, scope, lent)
    context = {
        **_counted(scope, wanted, now, lent),
        "rows": rows_shown(rows[:PAGE], now, with_matters="matter" in tools["columns"]),
        "more": wanted.address(after=more) if more else "",
        "first": wanted.address(after="") if wanted.after else "",
        "query": wanted.address(after=""),
        **tools,
    }
    return render(request, "desk/worklist.html", context)


def _tools(request: HttpRequest, wanted: Wanted, scope: Scope, lent: Lent) -> dict[str, Any]:
    """Columns, saved views, sorting and what can be done with many rows."""
    columns = columns_of(request.GET, request.COOKIES)
    steps = [] if wanted.closed else steps_choosable(scope=scope, lent=lent)
    labels = [step.label for step in steps]
    here = wanted.address(after="")
    return {
        "columns": columns,
        "columns_text": ".".join(columns),
        "all_columns": [(code, label, code in columns) for code, label in COLUMNS.items()],
        "views": [
            (view, f"{view.query}{'&' if view.query else '?'}columns={view.columns}", view.query == here)
            for view in views_of(scope=scope)
        ],
        "sorts": [
            (gettext("先到期的在前"), wanted.address(sort="", after=""), wanted.sort == ""),
            (gettext("新登记的在前"), wanted.address(sort="new", after=""), wanted.sort == "new"),
        ],
        "bulk": [
            (step.code, declared(step.label, "step"), _from(step) if labels.count(step.label) > 1 else "")
            for step in steps
        ],
    }


def _from(step: Step) -> str:
    """Where a step starts, to tell apart two of the same name."""
    workflow = next(w for w in workflows().values() if w.by_code.get(step.code) == step)
    return declared(workflow.state[step.sources[0]].label, "state")


@login_required
@require_GET
def worklist_counts(request: HttpRequest) -> HttpResponse:
    """The counts above the list alone, so that the list does not jump when they are refreshed."""
    scope, now = request.scope, request.now
    counted = _counted(scope, wanted_read(request.GET), now, roles_lent(scope=scope, now=now))
    return render(request, "desk/parts/counts.html", counted)


def _counted(scope: Scope, wanted: Wanted, now: datetime, lent: Lent) -> dict[str, object]:
    waiting = waiting_counted(scope=scope, now=now, lent=lent, but=wanted.tab)
    counts = cases_counted(scope=scope, tab=wanted.tab, now=now, lent=lent, closed=waiting["closed"])
    waiting |= {wanted.tab: counts.open}
    tabs = [("mine", gettext("等我办"), waiting["mine"]), ("unit", gettext("本单位在办"), waiting["unit"])]
    plain = {"closed": "", "burning": "", "state": "", "after": ""}
    return {
        "wanted": wanted,
        "counts": counts,
        "tabs": [
            {"label": label, "count": count, "address": f"?tab={code}", "here": code == wanted.tab}
            for code, label, count in [*tabs, ("all", gettext("我能看的全部"), None)]
        ],
        "chips": [
            (
                state.label,
                state.count,
                wanted.address(**{**plain, "state": state.code}),
                state.code == wanted.state,
            )
            for state in counts.states
        ],
        "address": {
            "open": wanted.address(**plain),
            "near": wanted.address(**{**plain, "burning": "near"}),
            "late": wanted.address(**{**plain, "burning": "late"}),
            "urgent": wanted.address(**{**plain, "burning": "urgent"}),
            "closed": wanted.address(**{**plain, "closed": "1"}),
        },
    }


def rows_shown(rows: list[CaseRow], now: datetime, *, with_matters: bool = False) -> list[dict[str, object]]:
    """Rows with what is left of their time, in the words of the clock that presses most; matters by name if wanted."""
    clocks = limits_pressing(row.id for row in rows if row.closed_at is None)
    calendar = rulebook().calendar
    names = (
        {workflow.key: matters(pack.name) for pack in packs().values() for workflow in pack.workflows}
        if with_matters
        else {}
    )
    return [
        {
            "case": row,
            "title": mask_text(row.title),
            "matter": names.get(row.workflow, {}).get(row.matter, row.matter),
            "place": mask_address(row.place),
            "unit": (language() == "en" and row.unit_en) or row.unit,
            "marked": any(getattr(row, name) for name in MARKS),
            "left": case_left(
                due=row.due_at, warn=row.warn_at, clocks=clocks.get(row.id, []), now=now, calendar=calendar
            )
            if row.closed_at is None
            else None,
        }
        for row in rows
    ]


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The seat agent's question while somebody is on the line: do we know this already?"""
    text = request.GET.get("q", "")[:200]
    hits = cases_found(scope=request.scope, text=text) if text.strip() else []
    newest = NEWEST if among_newest(text) else 0
    told = {"q": text, "hits": hits, "asked": bool(text.strip()), "most": SHOWN, "newest": newest}
    return render(request, "desk/search.html", told)


@login_required
@require_GET
def export(request: HttpRequest) -> FileResponse:
    """The officer's list as an Excel file: the filters of the address, or the cases that were picked. Noted in the ledger."""
    whole = request.GET.get("whole") == "1"
    named = [] if whole else request.GET.getlist("id")[:PICKED]
    picked = tuple(int(i) for i in named if i.isdecimal() and len(i) < 19)
    wanted = wanted_read(request.GET, ids=picked)
    scope, now = request.scope, request.now
    file, count = list_exported(scope=scope, wanted=wanted, now=now)
    plain = wanted.address(after="", **dict.fromkeys(TYPED, ""))
    filters = {"address": plain, "picked": list(picked), "rows": count}
    typed = {name: getattr(wanted, name) for name in TYPED if getattr(wanted, name)}
    register_append(
        stream="export", kind="list_exported", at=now, by=scope.person, data=filters, private=typed
    )
    name = f"{gettext('工单')}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(file, as_attachment=True, filename=name, content_type=kind)


@login_required
@require_GET
def choices(request: HttpRequest, kind: str) -> HttpResponse:
    """Suggestions for a field that names a unit, a matter or a person, as the options of a datalist.

    Units and matters are public; people are named only to those who work with them or run their unit.
    """
    text = next((value for name, value in request.GET.items() if name != "q"), request.GET.get("q", ""))
    today = timezone.localdate(request.now)
    own = request.scope.units
    suggested = {
        "unit": lambda: units_suggested(text, on=today, near=own),
        "person": lambda: people_suggested(text, on=today, units=own),
        "matter": lambda: matters_suggested(text),
    }[kind]
    return render(request, "desk/parts/options.html", {"options": suggested()})


@require_POST
def large_type(request: HttpRequest) -> HttpResponse:
    """Large type on or off, for whoever needs it; kept for a year."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    response = HttpResponseRedirect(back if safe else "/")
    wanted = "0" if request.COOKIES.get("large_type") == "1" else "1"
    response.set_cookie("large_type", wanted, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For whoever sent what no form can hold: which bound it broke. Nothing was changed."""
    if not isinstance(exception, RequestDataTooBig):
        return render(request, "400.html", status=400)
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1_000_000
    said = {
        "field": gettext("整张表"),
        "refusals": [
            gettext("填写的文字共超过 %s MB,没有保存。请删短后再提交;很长的材料请作为附件上传。") % most
        ],
        "back": request.path,
    }
    return render(request, "refused.html", said, status=413)
