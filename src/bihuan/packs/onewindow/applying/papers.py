"""The papers of an application: what is handed over at the window, printed from what was written down."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.templatetags.desk import moment, named
from bihuan.kernel.desk.words import language
from bihuan.lib.documents import document_pdf
from bihuan.packs.onewindow.applying.dossier import Dossier
from bihuan.packs.onewindow.applying.paper_sections import (
    ACCEPTED,
    DECISION,
    DECLINED,
    ENDED,
    FEES,
    LAPSED,
    MISSING,
    RECEIPT,
    WITHDRAWN,
    sections_of,
)

TEMPLATE = Path(__file__).parents[1] / "templates" / "onewindow" / "paper.typ"
TITLES = {
    RECEIPT: _("收件凭证"),
    MISSING: _("补正告知书"),
    ACCEPTED: _("受理通知书"),
    DECLINED: _("不予受理通知书"),
    DECISION: _("办理结果告知书"),
    FEES: _("缴费通知书"),
    ENDED: _("终止办理通知书"),
    WITHDRAWN: _("撤回申请确认书"),
    LAPSED: _("视为撤回申请通知书"),
}
LICENCE = "01"
"""The kind of items that are 行政许可."""
DECISIONS = {
    ("granted", True): _("准予行政许可决定书"),
    ("refused", True): _("不予行政许可决定书"),
    ("granted", False): _("准予办理决定书"),
    ("refused", False): _("不予办理决定书"),
}
"""What a decision on one item is called, by its outcome and whether it is a licence; a theme's is told part by part."""


def papers_of(row: Dossier) -> list[tuple[str, Any]]:
    """Which papers there are by what has happened, with their titles."""
    facts = row.case.facts
    outcome, lapsed = facts.get("outcome"), bool(facts.get("deemed"))
    there = {
        RECEIPT: True,
        MISSING: "told" in facts,
        ACCEPTED: "accepted" in facts,
        DECLINED: outcome in ("declined", "not_ours"),
        DECISION: outcome in ("granted", "refused"),
        FEES: "fee" in facts,
        ENDED: outcome == "terminated",
        WITHDRAWN: outcome == "withdrawn" and not lapsed,
        LAPSED: outcome == "withdrawn" and lapsed,
    }
    return [(code, _title(row, code)) for code in TITLES if there[code]]


def _title(row: Dossier, code: str) -> Any:
    if code == DECISION and row.kind:
        return DECISIONS[row.case.facts["outcome"], row.kind == LICENCE]
    return TITLES[code]


def paper_pdf(row: Dossier, code: str, *, now: datetime) -> bytes:
    """One paper as PDF, in the name of the organ that accepts and decides; the receipt in that of the window that took it in. The code by
    which the applicant follows it is sent to the telephone and stands on no paper."""
    case = row.case
    data = {
        "language": language(),
        "organ": named(case.opened_by) if code == RECEIPT else row.organ,
        "title": str(_title(row, code)),
        "number": f"{gettext('编号')} {case.number}",
        "to": [party.name for party in case.parties.order_by("pk")],
        "rows": _about(row),
        "sections": sections_of(row, code),
        "foot": gettext("查进展、评价:凭编号和发到手机的查询码,在“查进展”里办。"),
        "seal": gettext("(印章)"),
        "date": f"{_at(row, code):%Y-%m-%d}",
    }
    return document_pdf(template=TEMPLATE, data=data, fonts=settings.FONT_ROOT, at=now)


def _about(row: Dossier) -> list[list[str]]:
    pairs = (*row.about, (gettext("收件时间"), moment(row.case.opened_at)))
    return [[label, value] for label, value in pairs if value]


def _at(row: Dossier, code: str) -> datetime:
    """When what the paper tells happened."""
    name = {RECEIPT: "", MISSING: "told_at", ACCEPTED: "accepted_at"}.get(code, "outcome_at")
    kept = row.case.facts.get(name)
    return datetime.fromisoformat(kept) if kept else row.case.opened_at
