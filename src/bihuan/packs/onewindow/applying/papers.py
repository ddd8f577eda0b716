"""The papers of an application: what is handed over at the window, printed from what was written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.desk.templatetags.desk import moment, named
from bihuan.kernel.desk.words import language
from bihuan.kernel.ledger.models import LedgerPrivate
from bihuan.lib.documents import document_pdf
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.models import Application

TEMPLATE = Path(__file__).parents[1] / "templates" / "onewindow" / "paper.typ"
RECEIPT, MISSING, ACCEPTED, DECLINED, DECISION = "receipt", "missing", "accepted", "declined", "decision"
TITLES = {
    RECEIPT: _("收件凭证"),
    MISSING: _("补正告知书"),
    ACCEPTED: _("受理通知书"),
    DECLINED: _("不予受理通知书"),
    DECISION: _("决定书"),
}


def papers_of(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Which papers there are by what has happened, with their titles."""
    outcome = facts.get("outcome")
    there = {
        RECEIPT: True,
        MISSING: "told" in facts,
        ACCEPTED: "accepted" in facts,
        DECLINED: outcome in ("declined", "not_ours"),
        DECISION: outcome in ("granted", "refused"),
    }
    return [(code, title) for code, title in TITLES.items() if there[code]]


def paper_pdf(row: Application, code: str, *, now: datetime) -> bytes:
    """One paper as PDF. The code by which the applicant follows it is sent to the telephone and stands on no paper."""
    case = row.case
    data = {
        "language": language(),
        "organ": named(case.opened_by),
        "title": str(TITLES[code]),
        "number": f"{gettext('编号')} {case.number}",
        "to": [party.name for party in case.parties.order_by("pk")],
        "rows": _about(row),
        "sections": [s for s in _sections(row, code) if s["paragraphs"] or s["items"]],
        "foot": gettext("查进展、评价:凭编号和发到手机的查询码,在“查进展”里办。"),
        "seal": gettext("(印章)"),
        "date": f"{_at(row, code, now):%Y-%m-%d}",
    }
    return document_pdf(template=TEMPLATE, data=data, fonts=settings.FONT_ROOT, at=now)


def _about(row: Application) -> list[list[str]]:
    case = row.case
    pairs = (
        (gettext("事项"), name_of(row.version)),
        (gettext("事项编码"), row.version.item.code),
        (gettext("办件编码"), row.case_code or ""),
        (gettext("收件时间"), moment(case.opened_at)),
    )
    return [[label, value] for label, value in pairs if value]


def _sections(row: Application, code: str) -> list[dict[str, Any]]:
    facts, texts = row.case.facts, _texts(row.case_id)
    names = {str(n): one["name"] for n, one in enumerate(row.version.materials, 1)}

    def listed(*states: str) -> list[str]:
        return [names[n] for n, state in facts.get("materials", {}).items() if state in states and n in names]

    missing = [names[n] for n in facts.get("told", ()) if n in names]
    return {
        RECEIPT: [
            _section(gettext("收到的材料"), items=listed("present")),
            _section(gettext("本市已有,免交"), items=[_held(row, n, names[n]) for n in names if facts.get("materials", {}).get(n) == "held"]),
        ],
        MISSING: [
            _section(gettext("还要交的材料(一次告知全部)"), items=missing),
            _section(gettext("补正期限"), _due(row, "correct", gettext("请在 %s 前交来;逾期未补正的,视为撤回申请。"))),
        ],
        ACCEPTED: [
            _section(gettext("承诺办结"), _due(row, "handle", gettext("%s 前。特别程序的时间不计入。"))),
            _section(gettext("容缺的材料"), _due(row, "supplement", gettext("请在 %s 前补齐。")), listed("lacking")),
        ],
        DECLINED: [
            _section(gettext("理由"), texts.get("answer", "")),
            _section(gettext("应向哪个机关申请"), texts.get("organ", "")),
            _section(
                gettext("救济途径"),
                gettext("不服本决定的,可以自收到之日起六十日内申请行政复议,或者六个月内向人民法院起诉。"),
            ),
        ],
        DECISION: [
            _section(gettext("决定"), gettext("准予") if facts.get("outcome") == "granted" else gettext("不予")),
            _section(gettext("内容和理由"), texts.get("answer", "")),
            _section(gettext("救济途径"), texts.get("remedy", "")),
        ],
    }[code]  # fmt: skip


def _section(title: str, words: str = "", items: list[str] | None = None) -> dict[str, Any]:
    return {
        "title": title,
        "paragraphs": [line for line in words.splitlines() if line.strip()],
        "items": items or [],
    }


def _held(row: Application, number: str, name: str) -> str:
    """A material that the city has, with the certificate and its last day where a register told."""
    held = row.case.facts.get("held", {}).get(number)
    if not held:
        return name
    until = gettext("有效期至 %s") % held[1] if held[1] else gettext("长期有效")
    return f"{name} {held[0]},{until}"


def _texts(case: int) -> dict[str, str]:
    """The last words given under each name, as the present scope sees them."""
    rows = LedgerPrivate.objects.filter(stream=f"case:{case}", name__in=("answer", "organ", "remedy"))
    return {name: text for name, text in rows.order_by("seq").values_list("name", "text") if text}


def _due(row: Application, kind: str, words: str) -> str:
    clocks = Clock.objects.filter(case_id=row.case_id, kind=kind, due_at__isnull=False).exclude(
        basis="statutory"
    )
    due = clocks.order_by("-pk").values_list("due_at", flat=True).first()
    return words % moment(due) if due else ""


def _at(row: Application, code: str, now: datetime) -> datetime:
    facts = row.case.facts
    name = {MISSING: "told_at", ACCEPTED: "accepted_at", DECLINED: "outcome_at", DECISION: "outcome_at"}.get(
        code, ""
    )
    kept = facts.get(name)
    return datetime.fromisoformat(kept) if kept else row.case.opened_at
