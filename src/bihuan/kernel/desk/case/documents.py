"""A case on paper: what the case page shows, for the file and for whoever has no screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from bihuan.kernel.attachments.thumbnails import thumbnails_read
from bihuan.kernel.desk.case.loop_line import Stop
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.timeline import Told
from bihuan.kernel.desk.templatetags.desk import moment, named, short
from bihuan.kernel.desk.time_left import TimeLeft
from bihuan.kernel.desk.words import duration_told, language, standing_label
from bihuan.lib.declared import declared
from bihuan.lib.documents import document_pdf
from bihuan.lib.masking import mask_text

TEMPLATE = Path(__file__).parents[1] / "templates" / "desk" / "case.typ"


def case_pdf(page: CasePage, *, now: datetime, by: str) -> bytes:
    """The case as its page shows it (personal data masked), with the head of its ledger, printed at `now` by `by`."""
    case = page.case
    data = {
        "language": language(),
        "number": case.number,
        "state": standing_label(case.workflow, case.state, case.facts.get("outcome")),
        "left": _left(page.left),
        "marks": _marks(page),
        "title": mask_text(case.title),
        "printed": gettext("%(at)s 由%(by)s打印 · 账本链头 %(head)s")
        % {"at": moment(now), "by": by, "head": bytes(case.head).hex()[:16]},
        "stops": [_stop(stop) for stop in page.line.stops],
        "loops": [
            f"{loop.label} · {declared(page.line.stops[loop.start].label, 'station')} → "
            f"{declared(page.line.stops[loop.end].label, 'station')} · {loop.who} · {short(loop.at)}"
            for loop in page.line.loops
        ],
        "sections": [
            section for section in _sections(page) if section.get("rows") or section.get("paragraphs")
        ],
    }
    pictures = {f"{pk}.jpg": picture for pk, picture in thumbnails_read(page.attachments).items()}
    data |= {"photographs": _photographs(page, pictures), "photographs_title": gettext("照片")}
    return document_pdf(template=TEMPLATE, data=data, fonts=settings.FONT_ROOT, at=now, pictures=pictures)


def _photographs(page: CasePage, pictures: Mapping[str, bytes]) -> list[dict[str, str]]:
    """What each picture shows, and when it came."""
    return [
        {"file": name, "words": f"{label} · {short(file.added_at)}"}
        for label, files in page.photos
        for file in files
        if (name := f"{file.pk}.jpg") in pictures
    ]


def _left(left: TimeLeft) -> str:
    return f"{left.word} {left.figure}".strip()


def _marks(page: CasePage) -> list[str]:
    case = page.case
    marks = (
        (case.supervised, gettext("督办")),
        (case.urgent, gettext("加急")),
        (case.confidential, gettext("保密")),
        (case.imported, gettext("导入的历史")),
    )
    return [word for marked, word in marks if marked]


def _station(stop: Stop) -> str:
    return declared(stop.label, "station")


def _stop(stop: Stop) -> dict[str, Any]:
    took = duration_told(stop.seconds) if stop.seconds is not None else ""
    words = [short(stop.at), stop.who, took]
    return {
        "label": _station(stop),
        "status": stop.status,
        "visits": stop.visits,
        "words": [word for word in words if word],
    }


def _sections(page: CasePage) -> list[dict[str, Any]]:
    case = page.case
    about = [
        (gettext("承办单位"), named(case.unit)),
        (gettext("经办人"), case.handler.name if case.handler else ""),
        (gettext("事项"), page.matter),
        *((fact.label, fact.value) for fact in page.facts),
        (gettext("地点"), mask_text(case.place)),
        (gettext("提出时间"), moment(case.reported_at)),
        (gettext("登记时间"), moment(case.opened_at)),
        (gettext("办结时间"), moment(case.closed_at)),
    ]
    people = [[p.role, p.name, p.phone, p.address] for p in page.parties]
    return [
        {"title": str(page.pack.said), "paragraphs": _lines(page.text)},
        {"title": gettext("答复"), "paragraphs": _lines(page.answer)},
        _table(gettext("情况"), [[label, value] for label, value in about if value], widths=[0, 1]),
        *(
            _table(one.title, [[said.label, said.value] for said in one.said], widths=[1, 2])
            for one in page.answers
        ),
        _table(
            gettext("时限"),
            [
                [c.label, c.basis, c.limit, moment(c.clock.due_at), c.ended or _left(c.left)]
                for c in page.clocks
            ],
            head=[gettext("时限"), gettext("依据"), gettext("规定"), gettext("到期"), gettext("现在")],
            widths=[0, 0, 0, 0, 1],
        ),
        _table(
            gettext("单位"),
            [[unit.role, unit.name, unit.handler or unit.number, unit.state] for unit in page.units],
            widths=[0, 1, 0, 0],
        ),
        _table(gettext("人员"), people, widths=[0, 0, 0, 1]),
        _table(
            gettext("附件"),
            [[mask_text(f.name), moment(f.added_at)] for f in page.attachments],
            widths=[1, 0],
        ),
        _table(
            gettext("办理记录"),
            [[moment(told.at), told.who, _entry(told)] for told in reversed(page.told)],
            head=[gettext("时间"), gettext("谁"), gettext("做了什么")],
            widths=[0, 0, 1],
        ),
    ]


def _table(
    title: str, rows: list[list[str]], *, widths: list[int], head: list[str] | None = None
) -> dict[str, Any]:
    """A section with rows; a width of 0 takes what its words need, others share the rest."""
    return {
        "title": title,
        "rows": [[str(cell) for cell in row] for row in rows],
        "widths": widths,
        "head": head or [],
    }


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _entry(told: Told) -> str:
    parts = [told.label, f"→ {told.into}" if told.into else "", f"· {told.unit}" if told.unit else ""]
    colon = ": " if language() == "en" else ":"
    fields = [
        f"{said.label}{colon}{gettext('(个人信息已清除)') if said.erased else said.value}"
        for said in told.fields
    ]
    return "\n".join([" ".join(part for part in parts if part), *fields])
