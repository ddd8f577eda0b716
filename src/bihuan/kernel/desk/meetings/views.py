"""Screens of meetings: the list, a new one, and one meeting from its agenda to its minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.desk.choices import unit_named
from bihuan.kernel.desk.forms import Field, case_named
from bihuan.kernel.desk.meetings.minutes import minutes_pdf
from bihuan.kernel.identity.roles import SUPERVISOR
from bihuan.kernel.meetings import services
from bihuan.kernel.meetings.models import Item, Meeting
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.asks import Ask, asks_clean
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI, FieldError, key_cleaned

SHOWN = 50
PLAN = (
    Ask(
        "kind", _("类别"), "choice", choices=tuple((code, str(label)) for code, label in Meeting.Kind.choices)
    ),
    Ask("subject", _("议题"), "line", max_length=200, min_length=2),
    Ask("at", _("时间"), "moment"),
    Ask("place", _("地点"), "line", max_length=200),
    Ask("units", _("另请的单位"), "units", required=False, help=_("议程上的单位自动邀请")),
)
ADD = (
    Ask("title", _("另加一项"), "line", max_length=200, min_length=2),
    Ask("case", _("关于哪一件"), "line", required=False, max_length=64),
)
DECIDE = (
    Ask("text", _("议定事项"), "text", max_length=300, min_length=4),
    Ask("unit", _("责任单位"), "unit"),
    Ask("due", _("完成日期"), "date", earliest=1),
    Ask("kind", _("怎样办"), "choice", choices=(("decision", _("按议定事项办")), ("works", _("立治本工程")))),
    Ask("item", _("由哪一项议程"), "line", required=False, max_length=20),
)
CLOSE = (Ask("words", _("纪要说明"), "text", required=False, max_length=8000),)
FORMS = {"item": ADD, "decide": DECIDE, "close": CLOSE}


@login_required
@require_GET
def meetings(request: HttpRequest) -> HttpResponse:
    """For the supervisor who calls them and the head who is asked to them: meetings, the latest first."""
    rows = Meeting.objects.annotate(decided=Count("decisions")).order_by("-at", "-pk")[:SHOWN]
    return render(request, "desk/meetings.html", {"rows": rows, "chairs": _chairs(request)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: HttpRequest) -> HttpResponse:
    """For the supervisor: call a meeting; its agenda is drawn from what is live."""
    if not _chairs(request):
        raise PermissionDenied
    if request.method != "POST":
        return _new(request, QueryDict(), {})
    try:
        data = asks_clean(PLAN, _typed(PLAN, request.POST), today=_today(request))
        meeting = services.meeting_plan(
            scope=request.scope,
            kind=data["kind"],
            subject=data["subject"],
            at=datetime.fromisoformat(data["at"]),
            place=data["place"],
            units=data.get("units") or (),
            key=key_cleaned(request.POST.get("key", "")) or uuid4().hex,
            now=request.now,
        )
    except FieldError as fault:
        return _new(request, request.POST, {fault.field: told(fault)}, status=422)
    return redirect("meeting", meeting=meeting.pk)


@login_required
@require_GET
def meeting(request: HttpRequest, meeting: int) -> HttpResponse:
    """For whoever sits in it: agenda, who is there, what was decided; for the supervisor, the next thing to do."""
    return _page(request, _found(meeting))


@login_required
@require_GET
def minutes(request: HttpRequest, meeting: int) -> HttpResponse:
    """For the file: the minutes as PDF, once the meeting is closed; before that they are marked as a draft."""
    found = _found(meeting)
    answer = HttpResponse(
        minutes_pdf(found, now=request.now, by=request.user.name),
        content_type="application/pdf",
    )
    answer["Content-Disposition"] = f'inline; filename="minutes-{found.pk}.pdf"'
    return answer


@login_required
@require_POST
def meeting_do(request: HttpRequest, meeting: int, act: str) -> HttpResponse:
    """For the supervisor in the chair: draw the agenda anew, add a point, take attendance, decide, close."""
    found = _found(meeting)
    if act not in ACTS:
        raise Http404
    try:
        ACTS[act](request, found)
    except FieldError as fault:
        return _page(request, found, act, {fault.field: told(fault)}, status=422)
    except Refusal as refusal:
        return _page(request, found, act, {}, refusal=told(refusal), status=refusal.status)
    return redirect("meeting", meeting=found.pk)


def _redraw(request: HttpRequest, found: Meeting) -> None:
    drawn = services.agenda_redraw(**_who(request, found))
    messages.success(request, gettext("议程已按现在的情况重排,共 %s 项。") % drawn)


def _item(request: HttpRequest, found: Meeting) -> None:
    data = asks_clean(ADD, _typed(ADD, request.POST), today=_today(request))
    case = case_named(ADD[1], data["case"]) if data.get("case") else None
    services.item_add(**_who(request, found), title=data["title"], case=case)


def _hold(request: HttpRequest, found: Meeting) -> None:
    units = found.invited.values_list("unit", flat=True)
    present = {
        unit: (request.POST.get(f"there-{unit}") == "on", request.POST.get(f"who-{unit}", ""))
        for unit in units
    }
    services.meeting_hold(**_who(request, found), present=present)
    messages.success(request, gettext("到会情况已记录。"))


def _decide(request: HttpRequest, found: Meeting) -> None:
    data = asks_clean(DECIDE, _typed(DECIDE, request.POST), today=_today(request))
    number, item = request.POST.get("number", ""), data.get("item", "")
    services.decision_take(
        **_who(request, found),
        number=int(number) if number.isdecimal() and len(number) < 6 else found.decisions.count() + 1,
        text=data["text"],
        unit=data["unit"],
        due=date.fromisoformat(data["due"]),
        kind=data["kind"],
        item=int(item) if item and item.isdecimal() and len(item) < 18 else None,
    )
    messages.success(request, gettext("已议定,并交责任单位办理。"))


def _close(request: HttpRequest, found: Meeting) -> None:
    services.meeting_close(**_who(request, found), words=request.POST.get("words", ""))
    messages.success(request, gettext("会议已成纪要。"))


ACTS: Mapping[str, Callable[[HttpRequest, Meeting], None]] = {
    "redraw": _redraw,
    "item": _item,
    "hold": _hold,
    "decide": _decide,
    "close": _close,
}


def _who(request: HttpRequest, found: Meeting) -> dict[str, Any]:
    return {"scope": request.scope, "meeting": found.pk, "now": request.now}


def _found(meeting: int) -> Meeting:
    found = Meeting.objects.filter(pk=meeting).first()
    if found is None:
        raise Http404
    return found


def _chairs(request: HttpRequest) -> bool:
    return bool(request.scope.holds(SUPERVISOR.code))


def _today(request: HttpRequest) -> date:
    day: date = request.now.astimezone(SHANGHAI).date()
    return day


def _typed(asks: tuple[Ask, ...], typed: QueryDict) -> dict[str, Any]:
    """What was typed, with names of units as their ids."""
    data: dict[str, Any] = {}
    for ask in asks:
        values = [value.strip() for value in typed.getlist(ask.name) if value.strip()]
        if ask.kind == "units":
            data[ask.name] = [unit_named(ask, value) for value in values]
        elif values:
            data[ask.name] = unit_named(ask, values[-1]) if ask.kind == "unit" else values[-1]
    return data


def _fields(
    asks: tuple[Ask, ...], typed: QueryDict, errors: Mapping[str, str], form: str = ""
) -> list[Field]:
    return [
        Field(ask, tuple(v for v in typed.getlist(ask.name) if v), errors.get(ask.name, ""), form)
        for ask in asks
    ]


def _new(
    request: HttpRequest, typed: QueryDict, errors: Mapping[str, str], *, status: int = 200
) -> HttpResponse:
    context = {"fields": _fields(PLAN, typed, errors), "key": typed.get("key") or uuid4().hex}
    return render(request, "desk/meeting_new.html", context, status=status)


def _page(
    request: HttpRequest,
    found: Meeting,
    act: str = "",
    errors: Mapping[str, str] | None = None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    wrong = errors or {}
    items = list(found.items.select_related("case", "unit").order_by("position"))
    decisions = list(found.decisions.select_related("case", "unit", "item").order_by("number"))
    nothing = QueryDict()
    context = {
        "meeting": found,
        "state": Meeting.State(found.state).label,
        "kind": Meeting.Kind(found.kind).label,
        "items": [(Item.Source(item.source).label, item) for item in items],
        "invited": found.invited.select_related("unit").order_by("unit__code"),
        "decisions": decisions,
        "next": len(decisions) + 1,
        "chairs": _chairs(request),
        "forms": {
            name: _fields(asks, request.POST if name == act else nothing, wrong if name == act else {}, name)
            for name, asks in FORMS.items()
        },
        "fields": [f for f in _fields(FORMS[act], request.POST, wrong, act) if f.error]
        if act in FORMS
        else [],
        "refusal": refusal or next((w for f, w in wrong.items() if f.startswith("who-")), ""),
    }
    return render(request, "desk/meeting.html", context, status=status)
