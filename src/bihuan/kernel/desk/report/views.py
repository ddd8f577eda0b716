"""The monthly report: chosen and read as a page first, then taken as PDF or Excel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bihuan.kernel.cases.permission import page_refused
from bihuan.kernel.desk.menu import scores_readers
from bihuan.kernel.desk.report.files import report_pdf, report_workbook, section_shown
from bihuan.kernel.desk.report.parts import Report, Section
from bihuan.kernel.desk.report.scores import score_sections
from bihuan.kernel.desk.scores import tables as shown
from bihuan.kernel.desk.templatetags.desk import moment
from bihuan.kernel.desk.words import language
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, scope_within
from bihuan.kernel.pack import packs
from bihuan.kernel.scoring.monthly import Months, months_reported
from bihuan.kernel.sentences import named

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTHS = 25
"""So many months are offered."""


class Made(NamedTuple):
    """A report with the time it is of, whose it is (None: all units'), and what else this person may choose."""

    report: Report
    chosen: shown.Chosen
    months: Months
    unit: Unit | None
    units: list[Unit]


@login_required
@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """For the centre's supervisor and the leader, and for a unit's head: how the month was, as it will stand on paper."""
    made = _made(request)
    context = {
        "report": made.report,
        "sections": [section_shown(section) for section in made.report.sections],
        "chosen": made.chosen,
        "months": shown.months_offered(request.now, MONTHS),
        "unit": made.unit,
        "units": made.units,
        "everything": request.scope.everything,
        "query": f"month={made.chosen.month:%Y-%m}" + (f"&unit={made.unit.code}" if made.unit else ""),
    }
    return render(request, "desk/report.html", context)


@login_required
@require_GET
def report_paper(request: HttpRequest) -> HttpResponse:
    """For the leader's desk: the same on paper."""
    made = _made(request)
    pdf = report_pdf(made.report, at=made.months.this.closed)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{made.report.name}.pdf"'
    return response


@login_required
@require_GET
def report_sheets(request: HttpRequest) -> FileResponse:
    """For whoever reckons on: the same as a workbook, every figure a number."""
    made = _made(request)
    file = report_workbook(made.report)
    return FileResponse(file, as_attachment=True, filename=f"{made.report.name}.xlsx", content_type=XLSX)


def _made(request: HttpRequest) -> Made:
    scope, now = request.scope, request.now
    if not (scope.everything or scope.holds(*scores_readers())):
        raise page_refused(*scores_readers())
    unit, units = _whose(request.GET.get("unit", ""), scope)
    chosen, pack = shown.chosen_of({"month": request.GET.get("month", "")}, now), shown.pack_scored()
    with scope_within(shown.EVERYTHING):
        return _report(pack, chosen, unit, units, scope, now)


def _whose(code: str, scope: Scope) -> tuple[Unit | None, list[Unit]]:
    """The unit that is meant: any for who sees everything (none: all), else one of the own (none named: the first)."""
    mine = {held.unit for held in scope.held if held.role in scores_readers()}
    units = [] if scope.everything else list(Unit.objects.filter(pk__in=mine).order_by("code"))
    if not code:
        return (units[0] if units else None), units
    unit = Unit.objects.filter(code=code[:40].replace("\0", "")).first()
    if unit is None or not (scope.everything or unit in units):
        raise Http404
    return unit, units


def _report(
    pack: str, chosen: shown.Chosen, unit: Unit | None, units: list[Unit], scope: Scope, now: datetime
) -> Made:
    months = months_reported(pack=pack, month=chosen.month, now=now)
    of = unit.pk if unit else None
    card, scored = score_sections(pack=pack, months=months, unit=of, scope=scope)
    sections = (*_pack_sections(pack)(months=months, unit=of), *scored)
    whose = named(unit) if unit else gettext("全部单位")
    told = packs()[pack].label_en if language() == "en" else packs()[pack].label
    report = Report(
        title=gettext("%(pack)s月报 %(month)s") % {"pack": told, "month": f"{chosen.month:%Y-%m}"},
        subtitle=gettext("%(whose)s,统计截至 %(at)s") % {"whose": whose, "at": moment(months.this.closed)},
        rule=gettext("依据《%(name)s(%(version)s)》") % {"name": card.name, "version": card.version},
        name=f"report-{chosen.month:%Y-%m}" + (f"-{unit.code}" if unit else ""),
        sections=sections,
    )
    return Made(report, chosen, months, unit, units)


def _pack_sections(pack: str) -> Callable[..., list[Section]]:
    """What the pack's `monthly.py` tells of the month before the scores; nothing where it has none."""
    module = f"bihuan.packs.{pack}.monthly"
    if not find_spec(module):
        return lambda **_given: []
    sections: Callable[..., list[Section]] = import_module(module).monthly_sections
    return sections
