"""The score card as a form: the local rule's name, weights that must come to 100, thresholds; and what it would do to a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import LineField, number_field
from bihuan.kernel.administration.shape import Table
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of, scope_within
from bihuan.kernel.scoring.indicators import labels
from bihuan.kernel.scoring.measures import MEASURES
from bihuan.kernel.scoring.ranking import LIGHTS, Card, Placed, card_read
from bihuan.kernel.scoring.reading import scored_packs
from bihuan.kernel.scoring.selectors import month_before, month_span, next_month, ranking
from bihuan.kernel.scoring.words import LIGHT_NAMES, LIST_NAMES
from bihuan.kernel.sentences import in_line

WHOLE = 100
NUMBERS = {
    "least": (gettext_lazy("至少几件才排名"), 0, 100),
    "shrink": (gettext_lazy("件数少的向平均靠拢,相当于加几件"), 0, 100),
    "bottom": (gettext_lazy("后几名"), 0, 50),
    "months": (gettext_lazy("连续几个月在后几名启动问责"), 1, 12),
    "close_days": (gettext_lazy("月末后几天结算"), 0, 27),
}
"""The card's numbers: what each is, and its bounds. A month must be closed within the next."""
NAMES = ("name", "version")
FIRST = f"weight_{MEASURES[0]}"
"""Where the form says that the weights do not come to 100."""
MOST = 20
EVERYTHING = Scope(0, (), (), True)


def card_fields(value: Mapping[str, Any]) -> dict[str, forms.Field]:
    """The fields of a card, filled in with the present one."""
    weights, lights = value.get("weights") or {}, value.get("lights") or {}
    usual = Card("", "", {})
    return {
        "name": LineField(label=_("制度名称"), max_length=80, initial=value.get("name"), help_text=_("不加书名号。")),
        "version": LineField(label=_("版本"), max_length=40, initial=value.get("version")),
        **{
            f"weight_{name}": number_field(label, 0, WHOLE, initial=weights.get(name, 0)) for name, label in labels().items()
        },
        **{
            name: number_field(label, low, high, initial=value.get(name, getattr(usual, name)))
            for name, (label, low, high) in NUMBERS.items()
        },
        **{
            f"light_{name}": number_field(_("%s:低于几分") % LIGHT_NAMES[name], 0, WHOLE, initial=lights.get(name, 0))
            for name in LIGHTS
        },
        "public": forms.BooleanField(label=_("公开排名"), required=False, initial=value.get("public", False)),
    }  # fmt: skip


def card_groups(form: forms.Form) -> list[tuple[Any, ...]]:
    """The fields in groups; that of the weights has the sum that they come to, and the one that they must."""
    weights = [form[f"weight_{name}"] for name in labels()]
    total = sum(
        int(text) for field in weights if (text := str(field.value() or "0")).isdecimal() and len(text) < 9
    )
    return [
        (_("制度"), [form[name] for name in NAMES]),
        (_("各项指标的权重"), weights, {"now": total, "whole": WHOLE}),
        (_("排名和问责"), [form[name] for name in NUMBERS]),
        (_("红黄蓝通报"), [form[f"light_{name}"] for name in LIGHTS]),
        ("", [form["public"]]),
    ]  # fmt: skip


def card_typed(given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of the policy from what was typed; an item without weight is not in it."""
    return {
        **{name: given[name] for name in NAMES},
        "weights": {name: given[f"weight_{name}"] for name in labels() if given[f"weight_{name}"]},
        **{name: given[name] for name in NUMBERS},
        "lights": {name: given[f"light_{name}"] for name in LIGHTS},
        "public": given["public"],
    }


def card_faults(value: Any) -> Iterator[tuple[str, str]]:
    """(field of the form, words) of whatever makes no sense in a card."""
    if not isinstance(value, Mapping):
        yield "value", _("应写明 name、version、weights 等各项。")
        return
    known = {*NAMES, *NUMBERS, "weights", "lights", "public"}
    for name in (str(key) for key in value if key not in known):
        yield "value", _("计分办法里没有这一项:%s。") % name[:40]
    for name in NAMES:
        if not isinstance(value.get(name), str) or not value[name].strip():
            yield name, _("写明制度的名称和版本。")
    yield from _weight_faults(value.get("weights"))
    for name, (_label, low, high) in NUMBERS.items():
        if name in value:
            yield from _number_faults(name, value[name], low, high)
    yield from _light_faults(value.get("lights", {}))
    if not isinstance(value.get("public", False), bool):
        yield "public", _("只能是“是”或“否”。")


def _weight_faults(weights: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(weights, Mapping) or not weights:
        yield FIRST, _("至少有一项指标要有权重。")
        return
    for name, weight in weights.items():
        if name not in labels():
            yield FIRST, _("没有这个指标:%s。") % str(name)[:40]
            return
        wrong = list(_number_faults(f"weight_{name}", weight, 0, WHOLE))
        yield from wrong
        if wrong:
            return
    total = sum(weights.values())
    if total != WHOLE:
        yield FIRST, _("各项权重合计应为 100,现在是 %s。") % total


def _light_faults(lights: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(lights, Mapping) or not set(lights) <= set(LIGHTS):
        yield "light_red", _("通报的分数线只有 red、yellow、blue 三项。")
        return
    for name, score in lights.items():
        wrong = list(_number_faults(f"light_{name}", score, 0, WHOLE))
        yield from wrong
        if wrong:
            return
    if not lights.get("red", 0) <= lights.get("yellow", 0) <= lights.get("blue", 0):
        yield "light_red", _("红色的分数线不能高于黄色,黄色的不能高于蓝色。")


def _number_faults(name: str, value: Any, low: int, high: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        yield name, _("应为 %(low)s 至 %(high)s 的整数。") % {"low": low, "high": high}


def card_effect(
    code: str, before: Any, after: Any, since: date, now: datetime
) -> tuple[list[str], tuple[Table, ...]]:
    """From which month the card counts, and how last month's two lists would stand by it beside how they stand."""
    month = since if since.day == 1 else next_month(since)
    lines = [
        _("一个月按月初那天的办法计分:%(month)s 起的各月按新办法,以前各月和已经结算的名次都不变。")
        % {"month": f"{month:%Y-%m}"}
    ]
    pack = next((name for name, rules in scored_packs().items() if rules.card == code), "")
    if not pack or not before:
        return lines, ()
    last = month_before(day_of(now))
    span = month_span(last, closed=now)
    with scope_within(EVERYTHING):
        old, new = (
            ranking(pack=pack, span=span, card=card_read(card, known=labels())) for card in (before, after)
        )
        names = {
            unit.pk: unit.name
            for unit in Unit.objects.filter(pk__in=[p.unit for rows in old.values() for p in rows])
        }
    tables = []
    for name in old:
        lines.append(_lasts(name, old[name], new[name], names))
        tables.append(_compared(name, old[name], new[name], names, last))
    return list(filter(None, lines)), tuple(table for table in tables if table.rows)


def _lasts(name: str, old: list[Placed], new: list[Placed], names: Mapping[int, str]) -> str:
    """Who would be among the last, and no longer."""
    was, will = ({row.unit for row in rows if row.bottom} for rows in (old, new))
    if was == will:
        return ""
    told = {
        "list": LIST_NAMES[name],
        "more": in_line(sorted(names[unit] for unit in will - was)) or "–",
        "less": in_line(sorted(names[unit] for unit in was - will)) or "–",
    }
    return _("%(list)s:按新办法会进入后几名的:%(more)s;不再在后几名的:%(less)s。") % told


def _compared(
    name: str, old: list[Placed], new: list[Placed], names: Mapping[int, str], month: date
) -> Table:
    """The units whose place or score would be another, in the new order."""
    before = {row.unit: row for row in old}
    rows = [
        (names[row.unit], _stands(before[row.unit]), _stands(row))
        for row in new
        if _stands(row) != _stands(before[row.unit])
    ]
    title = _("例:%(month)s的%(list)s,名次和成绩会变的") % {
        "month": f"{month:%Y-%m}",
        "list": LIST_NAMES[name],
    }
    return Table(title, (_("单位"), _("现行办法"), _("新办法")), tuple(rows[:MOST]))


def _stands(row: Placed) -> str:
    score = "–" if row.score is None else f"{row.score // 100}.{row.score % 100:02d}"
    light = f" {LIGHT_NAMES[row.light]}" if row.light else ""
    return (_("第 %s 名") % row.place if row.place else _("不排名")) + f" · {score}{light}"
