"""What the page of a followed application shows besides its state: what it costs, what is still missing, why the
system did not decide at once, its papers, and how far each part of a theme is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.kernel.bundles.models import Part
from bihuan.packs.onewindow.applying.dossier import dossier_of
from bihuan.packs.onewindow.fees.parts import TEMPLATE as FEES
from bihuan.packs.onewindow.fees.parts import fees_shown
from bihuan.packs.onewindow.instant.telling import person_parts
from bihuan.packs.onewindow.online.missing import missing_parts
from bihuan.packs.onewindow.online.papers import papers_parts
from bihuan.packs.onewindow.workflow import STATES

TEMPLATE = "onewindow/parts/progress.html"
FINAL = {state.code for state in STATES if state.final}
Shown = tuple[str, Mapping[str, Any]]


def followed_parts(case: int, state: str, facts: Mapping[str, Any]) -> list[Shown]:
    """The templates with their values; when all is over, the papers alone. The caller holds `kernel_writes`."""
    row = dossier_of(case)
    papers = papers_parts(row)
    if state in FINAL:
        return papers
    fees = [(FEES, fees_shown(facts))] if facts.get("fees") else []
    missing = missing_parts(case, state, facts, row.materials if row else ())
    return [*fees, *missing, *person_parts(case, facts), *_progress(case, facts), *papers]


def _progress(case: int, facts: Mapping[str, Any]) -> list[Shown]:
    """Each part of a theme with the office that has it; units are named, cases and people never."""
    if not facts.get("parts"):
        return []
    found = Part.objects.filter(bundle=case).select_related("case__unit").order_by("place")
    rows = [
        {"label": one.plan.label, "label_en": one.label_en, "became": facts["parts"].get(one.code, ""), "unit": one.case and one.case.unit}
        for one in found
    ]  # fmt: skip
    return [(TEMPLATE, {"rows": rows})] if rows else []
