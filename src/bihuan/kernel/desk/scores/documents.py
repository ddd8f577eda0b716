"""Bulletins on paper: the units of one light in a month, with the figures and the rule that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from bihuan.kernel.desk.scores.tables import rate_told, score_told, units_named
from bihuan.kernel.desk.templatetags.desk import moment
from bihuan.kernel.desk.words import language
from bihuan.kernel.scoring.indicators import labels
from bihuan.kernel.scoring.ranking import LIGHTS, Card, Count, Placed
from bihuan.kernel.scoring.words import LIGHT_NAMES, LIST_NAMES
from bihuan.kernel.sentences import named
from bihuan.lib.documents import document_pdf

TEMPLATE = Path(__file__).parents[1] / "templates" / "desk" / "bulletin.typ"


def bulletin_pdf(
    lists: Mapping[str, list[Placed]], *, light: str, month: date, card: Card, now: datetime
) -> bytes:
    """The bulletin of `light` for a month, as of `now`."""
    data = bulletin_data(lists, light=light, month=month, card=card, now=now)
    return document_pdf(template=TEMPLATE, data=data, fonts=settings.FONT_ROOT, at=now)


def bulletin_data(
    lists: Mapping[str, list[Placed]], *, light: str, month: date, card: Card, now: datetime
) -> dict[str, Any]:
    """Its words: a section for each list, with the units of this light; thresholds stand beside the figures."""
    names = units_named(row.unit for rows in lists.values() for row in rows if row.light == light)
    below = {code: card.lights[code] for code in LIGHTS}
    return {
        "language": language(),
        "light": light,
        "title": f"{LIGHT_NAMES[light]} {month:%Y-%m}",
        "rule": gettext("依据《%(name)s(%(version)s)》") % {"name": card.name, "version": card.version},
        "threshold": gettext("综合成绩低于 %(red)s 分红色,低于 %(yellow)s 分黄色,低于 %(blue)s 分蓝色;件数少于 %(least)s 件的不排名") % {**below, "least": card.least},
        "printed": gettext("统计截至 %s") % moment(now),
        "none": gettext("本月没有单位列入。"),
        "head": [gettext("名次"), gettext("单位"), gettext("综合成绩"), gettext("主要指标")],
        "sections": [_section(name, rows, light, card, names) for name, rows in lists.items()],
    }  # fmt: skip


def _section(
    name: str, rows: list[Placed], light: str, card: Card, names: Mapping[int, Any]
) -> dict[str, Any]:
    placed = sum(1 for row in rows if row.place is not None)
    return {
        "title": str(LIST_NAMES[name]),
        "rows": [
            [f"{row.place} / {placed}", named(names[row.unit]), score_told(row.score), _rates(row, card)]
            for row in rows
            if row.light == light
        ],
    }


def _rates(row: Placed, card: Card) -> str:
    words = labels()
    told = (
        (words[measure], rate_told(measure, row.counts.get(measure, Count()))) for measure in card.weights
    )
    return "\n".join(f"{label} {rate}" for label, rate in told)
