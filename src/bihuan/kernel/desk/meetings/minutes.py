"""The minutes of a meeting on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from bihuan.kernel.desk.templatetags.desk import moment, named
from bihuan.kernel.desk.words import language
from bihuan.kernel.meetings.models import Item, Meeting
from bihuan.kernel.sentences import in_line
from bihuan.lib.documents import document_pdf
from bihuan.lib.masking import mask_text

TEMPLATE = Path(__file__).parents[1] / "templates" / "desk" / "minutes.typ"


def minutes_pdf(meeting: Meeting, *, now: datetime, by: str) -> bytes:
    """Agenda, attendance and decisions as the reader may see them, printed at `now` by `by`."""
    closed = meeting.closed_at
    data: dict[str, Any] = {
        "language": language(),
        "title": meeting.subject,
        "kind": str(Meeting.Kind(meeting.kind).label),
        "state": str(Meeting.State(meeting.state).label) if closed else gettext("草稿"),
        "printed": gettext("%(at)s 由%(by)s打印") % {"at": moment(now), "by": by},
        "sections": [section for section in _sections(meeting) if section["rows"] or section["paragraphs"]],
    }
    return document_pdf(template=TEMPLATE, data=data, fonts=settings.FONT_ROOT, at=now)


def _sections(meeting: Meeting) -> list[dict[str, Any]]:
    rows = list(meeting.invited.select_related("unit").order_by("unit__code"))
    there = [f"{named(row.unit)} {row.who}".strip() for row in rows if row.present]
    absent = [named(row.unit) for row in rows if row.present is False]
    about = [
        [gettext("时间"), moment(meeting.at)],
        [gettext("地点"), meeting.place],
        [gettext("到会"), in_line(there)],
        [gettext("缺席"), in_line(absent)],
    ]
    return [
        _table("", [], [1, 5], [row for row in about if row[1]]),
        _table(
            gettext("议程"),
            [],
            [2, 6],
            [
                [str(Item.Source(item.source).label), mask_text(item.title)]
                for item in meeting.items.order_by("position")
            ],
        ),
        _table(
            gettext("议定事项"),
            ["", gettext("事项"), gettext("责任单位"), gettext("完成日期"), gettext("编号")],
            [0, 5, 3, 2, 3],
            [
                [str(one.number), one.text, named(one.unit), one.due.isoformat(), one.case.number if one.case else ""]
                for one in meeting.decisions.select_related("unit", "case").order_by("number")
            ],
        ),
        {"title": gettext("纪要说明"), "paragraphs": meeting.words.splitlines(), "rows": []},
    ]  # fmt: skip


def _table(title: str, head: list[str], widths: list[int], rows: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "head": head, "widths": widths, "rows": rows, "paragraphs": []}
