"""The page of a unit's head: what is mine to sign, what burns, what came back, and how the unit stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.lists.counts import ended_counted, listed_counted, marks_counted
from bihuan.kernel.desk.lists.views import rows_shown
from bihuan.kernel.desk.lists.wanted import Wanted
from bihuan.kernel.desk.lists.worklist import Lent, cases_listed, roles_lent
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.identity.scope import Scope

FIRST = 5
"""So many rows stand in each block."""
MINE, UNIT = Wanted(), Wanted(tab="unit")
BURNS, BACK = Wanted(tab="unit", burning="burns"), Wanted(tab="unit", burning="back")


@login_required
@kept_on_device
@require_GET
def head(request: HttpRequest) -> HttpResponse:
    """For the head of a bureau with ten minutes a day: sign, see what burns and what came back, and the month's figures."""
    scope, now = request.scope, request.now
    lent = roles_lent(scope=scope, now=now)
    marks = marks_counted(scope=scope, wanted=UNIT, now=now, lent=lent)
    context = {
        "blocks": _blocks(scope, now, lent, marks),
        "figures": _open_figures(marks),
        "ended": _ended(scope, now),
    }
    return render(request, "desk/head.html", context)


def _blocks(scope: Scope, now: datetime, lent: Lent, marks: dict[str, int]) -> list[dict[str, Any]]:
    """The three blocks, each with its count, the marks it is made of and its first rows."""
    signing = listed_counted(scope=scope, wanted=MINE, now=now, lent=lent)
    blocks = [
        _block("sign", gettext("等我签批"), signing, MINE, gettext("现在没有等您签批的。")),
        _block("burns", gettext("急件"), marks["burns"], BURNS, gettext("没有超期、临期、督办和加急的件。")),
        _block("back", gettext("返工件"), marks["back"], BACK, gettext("没有重办和退单的件。")),
    ]
    labels = _labels()
    blocks[1]["chips"] = _chips(marks, ("late", "near", "supervised", "urgent"), labels)
    blocks[2]["chips"] = _chips(marks, ("redone", "returned", "dissatisfied"), labels)
    listed = [
        cases_listed(scope=scope, wanted=block["wanted"], now=now, most=FIRST, lent=lent) for block in blocks
    ]
    shown = iter(rows_shown([row for rows in listed for row in rows], now))
    for block, rows in zip(blocks, listed, strict=True):
        block["rows"] = [next(shown) for _ in rows]
    return blocks


def _block(code: str, title: str, count: int, wanted: Wanted, empty: str) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "count": count,
        "wanted": wanted,
        "address": reverse("worklist") + wanted.address(),
        "empty": empty,
    }


def _labels() -> dict[str, str]:
    return {
        "late": gettext("超期"),
        "near": gettext("临期"),
        "supervised": gettext("督办"),
        "urgent": gettext("加急"),
        "redone": pgettext("mark", "重办"),
        "returned": gettext("退过单"),
        "dissatisfied": gettext("回访不满意"),
    }


def _chips(
    marks: dict[str, int], codes: tuple[str, ...], labels: dict[str, str]
) -> list[tuple[str, int, str]]:
    return [(labels[code], marks[code], _list(UNIT.address(burning=code))) for code in codes]


def _open_figures(marks: dict[str, int]) -> list[dict[str, Any]]:
    return [
        _figure(gettext("在办"), marks["open"], UNIT.address()),
        _figure(gettext("超期"), marks["late"], UNIT.address(burning="late"), "late"),
        _figure(gettext("临期"), marks["near"], UNIT.address(burning="near"), "near"),
    ]


def _ended(scope: Scope, now: datetime) -> list[dict[str, Any]]:
    """What was closed today and this month, each figure with its list."""
    found: list[dict[str, Any]] = []
    for period, words in (("today", gettext("今日")), ("month", gettext("本月"))):
        ended = ended_counted(scope=scope, period=period, now=now)
        wanted = Wanted(tab="unit", closed=True, ended=period)
        figures = [
            _figure(gettext("办结"), ended["ended"], wanted.address()),
            _figure(gettext("按期办结"), ended["in_time"], wanted.address(answered="in_time")),
            _figure(gettext("超期办结"), ended["late"], wanted.address(answered="late")),
            _figure(gettext("不计时限"), ended["untimed"], wanted.address(answered="untimed")),
            _figure(gettext("重办过"), ended["redone"], wanted.address(burning="redone")),
        ]
        found.append({"period": words, "figures": figures})
    return found


def _figure(label: str, value: int, query: str, tone: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "address": _list(query), "tone": tone if value else ""}


def _list(query: str) -> str:
    return reverse("worklist") + query
