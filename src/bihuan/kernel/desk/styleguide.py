"""The parts that every page is made of, shown on one page with made-up data."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.case.loop_line import Line, Loop, Stop
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.desk.time_left import TimeLeft, paused_left
from bihuan.kernel.forms.drawing import DrawnForm, form_drawn
from bihuan.kernel.forms.rules import Source, form_prefilled
from bihuan.kernel.forms.schema import form_read
from bihuan.kernel.workflow.asks import Ask, Kind
from bihuan.kernel.workflow.model import STATIONS

FORM = Path(__file__).with_name("styleguide_form.json")
"""A form with a field of every kind."""
HERE = 4
"""The station where the made-up case is."""


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """For whoever makes a screen: every part, what it looks like, and how a template includes it."""
    now = request.now
    return render(
        request,
        "desk/styleguide.html",
        {
            "tabs": _tabs(),
            "figures": _figures(),
            "lefts": _lefts(now),
            "line": _line(now),
            "left": _lefts(now)[1],
            "fields": [Field(_ask(kind), (), "") for kind in get_args(Kind)]
            + [Field(_ask("line"), ("2026-13-01",), gettext("应为日期,如 2026-01-31。"))],
            "drawn": _drawn(),
            "refusal": gettext("还没有登记:请改正下面标出的地方。"),
            "problems": [("", gettext("日期"), gettext("应为日期,如 2026-01-31。"))],
            "marks": {"supervised": True, "urgent": True, "redo_count": 2, "confidential": True},
            "now": now,
        },
    )


def _tabs() -> list[dict[str, Any]]:
    labels = (gettext("等我办"), gettext("本单位在办"), gettext("我能看的全部"))
    counts = (12, 1_204, None)
    return [
        {"label": label, "count": count, "address": "#tabs", "here": place == 0}
        for place, (label, count) in enumerate(zip(labels, counts, strict=True))
    ]


def _figures() -> list[dict[str, Any]]:
    return [
        {"label": gettext("在办"), "value": "1,204", "note": gettext("全部单位"), "address": "#figures"},
        {"label": gettext("临期"), "value": 37, "tone": "near", "address": "#figures"},
        {"label": gettext("超期"), "value": 3, "tone": "late", "address": "#figures"},
        {"label": gettext("已办结"), "value": "151,404", "tone": "done"},
    ]


def _lefts(now: datetime) -> list[TimeLeft]:
    due = now + timedelta(days=2)
    return [
        TimeLeft("later", gettext("在限"), gettext("还剩 2 个工作日 3 小时"), due),
        TimeLeft("near", gettext("临期"), gettext("还剩 2 个工作小时"), due),
        TimeLeft("late", gettext("超期"), gettext("已超 1 个工作日"), now),
        paused_left(),
    ]


def _ask(kind: str) -> Ask:
    choices = (("yes", "达成一致"), ("no", "未达成一致")) if kind == "choice" else ()
    return Ask(kind, kind, kind, choices=choices, required=kind != "yes")  # type: ignore[arg-type]


def _line(now: datetime) -> Line:
    """A line whose case was redone once and is being handled again."""
    line = Line([Stop(code, label) for code, label in STATIONS])
    for place, stop in enumerate(line.stops[:HERE]):
        stop.status, stop.at, stop.visits = "past", now - timedelta(days=3, hours=-7 * place), 1
        stop.who, stop.seconds = gettext("某人"), 25_200.0
    here = line.stops[HERE]
    here.status, here.at, here.visits, here.seconds = "here", now - timedelta(hours=4), 2, 14_400.0
    for stop in line.stops[HERE + 1 : -1]:
        stop.status, stop.visits, stop.at = "again", 1, now - timedelta(hours=5)
    line.loops.append(Loop(HERE + 2, HERE, gettext("重办"), now - timedelta(hours=4), gettext("某人")))
    return line


def _drawn() -> DrawnForm:
    """A declared form in which a source knew two answers, one of them not asked for any more."""
    form = form_read(FORM.read_text(encoding="utf-8"))
    known = {"name": "某商行", "uscc": "91370100MA3C00003P"}
    prefilled = form_prefilled(form, {"licence": Source(gettext("营业执照"), known)})
    return form_drawn(form, prefilled.values, prefilled=prefilled)
