"""Why a project is special or not: sentences by code, written in Chinese as the file and the record have them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from bihuan.packs.fire.retelling import Sentences

REASONS: Mapping[str, str] = {
    "doubtful": _("%(why)s(%(doubt)s,从严)"),
    "special": _("第14条第%(row)s项:%(why)s"),
    "not_special": _("不属于特殊建设工程:%(why)s"),
    "excluded": _("%(use)s:不适用本规定(第41条)"),
    "contains": _("设有%(why)s(第%(row)s项)"),
    "large": _("%(use)s %(area)s 平方米,大于 %(limit)s 平方米"),
    "high": _("%(use)s高 %(height)s 米,超过 %(limit)s 米"),
    "any_area": _("%(use)s,不论面积"),
    "class_one": _("%(use)s(按所写,未填高度)"),
    "low": _("%(why)s,高 %(height)s 米,不超过 %(limit)s 米"),
    "no_height": _("%(why)s,未填高度,按不超过 %(limit)s 米"),
    "not_large": _("%(why)s,%(area)s 平方米,不大于 %(limit)s 平方米"),
}
ROWS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
NUMBER = r"\d+(?:\.\d+)?"
SENTENCES = Sentences(
    REASONS,
    {"row": "|".join(ROWS), **dict.fromkeys(("area", "height", "limit"), NUMBER), "doubt": "未写明.+"},
)


def reason_made(code: str, **values: str | int) -> str:
    """The sentence of a code in Chinese; `row` is the number of a row."""
    told = {name: ROWS[value - 1] if isinstance(value, int) else value for name, value in values.items()}
    return REASONS[code] % told


def reason_told(text: str) -> str:
    """A written reason in the reader's language; the use stays as it was declared."""
    return SENTENCES.told(text, _value)


def _value(name: str, written: str) -> str:
    if name == "row":
        return str(ROWS.index(written) + 1)
    if name == "doubt":
        return ";".join(gettext(one) for one in written.split(";"))
    return reason_told(written) if name == "why" else written
