"""What is still missing, told on the applicant's own page, and brought there: as files, without coming again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.conversation import reply_put
from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.dossier import dossier_of
from bihuan.packs.onewindow.applying.files import materials_attach
from bihuan.packs.onewindow.applying.materials import Materials, numbered
from bihuan.packs.onewindow.applying.paper_sections import texts_of
from bihuan.packs.onewindow.applying.supplying import materials_take
from bihuan.packs.onewindow.catalogue.guide import material_told
from bihuan.packs.onewindow.certificates.validity import term_read
from bihuan.packs.onewindow.rules import UNFIT, fixes_read, lacking

TEMPLATE = "onewindow/parts/missing.html"
TERMS = {
    "correcting": "correct",
    "examining": "supplement",
    "special": "supplement",
    "deciding": "supplement",
    "parallel": "supplement",
}
"""By which clock what is missing is to come, in each state in which it may."""


def missing_of(state: str, facts: Mapping[str, Any], materials: Materials) -> dict[str, Mapping[str, Any]]:
    """Of a list the required materials that are missing and may be brought now, by their numbers."""
    if state not in TERMS or facts.get("committed"):
        return {}
    known = numbered(materials)
    return {number: known[number] for number in lacking(facts) if number in known}


def missing_parts(
    case: int, state: str, facts: Mapping[str, Any], materials: Materials
) -> list[tuple[str, Mapping[str, Any]]]:
    """The list of what is missing with its last day, and where to bring it; nothing when nothing is. The caller holds `kernel_writes`."""
    found = missing_of(state, facts, materials)
    if not found:
        return []
    clocks = Clock.objects.filter(case=case, kind=TERMS[state], stopped_at=None)
    due = clocks.values_list("due_at", flat=True).first()
    fixes = fixes_read(texts_of(case).get("fix"))
    unfit, why = facts.get("unfit", {}), dict(UNFIT)
    rows = [
        {
            **material_told(one),
            "number": n,
            "term": term_read(one["validity"]),
            "unfit": _(why[unfit[n]]) if unfit.get(n) in why else "",
            "fix": fixes.get(n, ""),
        }
        for n, one in found.items()
    ]
    return [(TEMPLATE, {"rows": rows, "due": due})]


def materials_bring(
    *, case: int, files: Mapping[str, Any], dated: Mapping[str, date], now: datetime
) -> list[str]:
    """Take in the materials that the applicant brings on line, by their numbers; returns those that are still missing. Whoever
    calls has judged that it is the applicant. TooMuch, Refusal or FieldError; then nothing was written."""
    gate_check("say_case", str(case), now)
    with kernel_writes():
        row, dossier = Case.objects.get(pk=case), dossier_of(case)
    materials = dossier.materials if dossier else ()
    missing = missing_of(row.state, row.facts, materials)
    if not missing:
        raise Refusal("nothing_missing", _("现在没有要补的材料,可能已经登记过了。"))
    brought = {number: file for number, file in files.items() if number in missing}
    if not brought:
        raise FieldError("present", "required", _("请选要交的文件。"))
    days = {number: day for number, day in dated.items() if number in brought}
    with transaction.atomic():
        added = materials_attach(case=case, materials=materials, files=brought, by=BY_REPORTER, now=now)
        words = _("网上补交:") + "、".join(f"{number} {missing[number]['name']}" for number in brought)
        reply_put(case_id=case, now=now, text=words, files=added)
        left = [number for number in missing if number not in brought]
        step = "materials" if left or row.state == "correcting" else "supplement"
        data = {"received": "、".join(brought), "dated": " ".join(f"{n}={day}" for n, day in days.items())}
        materials_take(case_id=case, step=step, by=0, now=now, data=data)
        gate_count("say_case", str(case), now)
    return left
