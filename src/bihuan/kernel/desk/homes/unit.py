"""What a unit has in hand and who of its people has what; from here a chief hands cases to one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.handing_out import cases_hand_out
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.colleagues import colleagues_of, person_chosen
from bihuan.kernel.desk.lists.counts import listed_counted, marks_counted
from bihuan.kernel.desk.lists.views import rows_shown
from bihuan.kernel.desk.lists.wanted import NOBODY, Wanted, wanted_read
from bihuan.kernel.desk.lists.worklist import PAGE, cases_listed, cursor_of, own_units, roles_lent
from bihuan.kernel.pack import roles
from bihuan.kernel.sentences import told


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unit_desk(request: HttpRequest) -> HttpResponse:
    """For the section chief in the morning: what came in, who has what, what nobody has yet, and what waits for me."""
    asked = wanted_read(request.GET)
    wanted = replace(Wanted(tab="unit"), handler=asked.handler or NOBODY, after=asked.after)
    if request.method == "POST":
        _hand_out(request)
        return HttpResponseRedirect(reverse("unit_desk") + _query(wanted))
    scope, now = request.scope, request.now
    lent = roles_lent(scope=scope, now=now)
    people, nobody = colleagues_of(units=own_units(scope), now=now)
    rows = cases_listed(scope=scope, wanted=wanted, now=now, lent=lent)
    marks = marks_counted(scope=scope, wanted=Wanted(tab="unit"), now=now, lent=lent)
    more = cursor_of(rows[PAGE - 1], closed=False) if len(rows) > PAGE else ""
    context = {
        "figures": _figures(marks, listed_counted(scope=scope, wanted=Wanted(), now=now, lent=lent)),
        "people": people,
        "nobody": nobody,
        "chosen": wanted.handler,
        "chosen_name": next((one.name for one in people if one.username == wanted.handler), wanted.handler),
        "rows": rows_shown(rows[:PAGE], now),
        "more": _query(wanted, after=more) if more else "",
        "query": _query(wanted),
        "hands_out": any(roles()[held.role].hands_out for held in scope.held if held.role in roles()),
    }
    return render(request, "desk/unit.html", context)


def _query(wanted: Wanted, **changes: str) -> str:
    return replace(wanted, tab="").address(**changes)


def _figures(marks: dict[str, int], waiting: int) -> list[dict[str, Any]]:
    unit, worklist = Wanted(tab="unit"), reverse("worklist")
    return [
        {"label": gettext("等我办"), "value": waiting, "address": worklist + Wanted().address()},
        {"label": gettext("在办"), "value": marks["open"], "address": worklist + unit.address()},
        *(
            {
                "label": label,
                "value": marks[code],
                "address": worklist + unit.address(burning=code),
                "tone": tone if marks[code] else "",
            }
            for code, label, tone in (
                ("late", gettext("超期"), "late"),
                ("near", gettext("临期"), "near"),
                ("back", gettext("返工件"), ""),
            )
        ),
    ]


def _hand_out(request: HttpRequest) -> None:
    """Give the ticked cases to the person chosen; what is refused is told case by case."""
    now = request.now
    to = person_chosen(request.POST.get("to", ""))
    cases = dict(pick for pick in map(_picked, request.POST.getlist("pick")[:PAGE]) if pick)
    if to is None:
        messages.error(request, gettext("请选择交给谁。"))
        return
    if not cases:
        messages.error(request, gettext("请先勾选工单。"))
        return
    found = cases_hand_out(cases=cases, to=to.pk, by=request.user.pk, now=now)
    numbers = dict(Case.objects.filter(pk__in=cases).values_list("pk", "number"))
    for case, refusal in found.items():
        if refusal:
            messages.error(request, f"{numbers.get(case, gettext('工单'))}: {told(refusal)}")
    done = sum(refusal is None for refusal in found.values())
    if done:
        words = ngettext("已把 %(n)s 件交给%(name)s。", "已把 %(n)s 件交给%(name)s。", done)
        messages.success(request, words % {"n": done, "name": to.name})


def _picked(text: str) -> tuple[int, int] | None:
    case, _, version = text[:40].partition(":")
    if not (case.isdecimal() and version.isdecimal() and len(case) < 19 and len(version) < 10):
        return None
    return int(case), int(version)
