"""Charts in words: each as a table whose figures lead to the cases behind them, and the same figures for the drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from bihuan.kernel.desk.boards import counting
from bihuan.kernel.desk.boards.asked import Asked, Mark
from bihuan.kernel.desk.boards.known import Known
from bihuan.kernel.manifest import Chart
from bihuan.lib.shares import share_told

DRAWN = 12
"""So many lines are drawn; the table has them all."""
FLOWS = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a table, and the address of the cases behind it."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as the page shows it: the table (`heads`, `rows` of a name and cells) and `drawing` for the script: `kind`, the
    `labels` of its axis, `series` of values with the address behind each.
    """

    code: str
    label: str
    hint: str
    heads: list[str]
    rows: list[tuple[str, list[Cell]]]
    drawing: dict[str, Any] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.rows


@dataclass(frozen=True, slots=True)
class Making:
    """What a chart is made from: itself, what is asked, the names of things, and where its marks lead."""

    board: str
    chart: Chart
    asked: Asked
    known: Known

    def address(self, series: str, key: str, to: str = "") -> str:
        query = {"days": self.asked.days, **Mark(series, key, to).params}
        return f"{reverse('board_behind', args=[self.board, self.chart.code])}?{urlencode(query)}"

    def cell(self, value: int, series: str, key: str, to: str = "") -> Cell:
        return Cell(f"{value:,}", self.address(series, key, to) if value else "")

    def drawn(self, hint: str, heads: list[str], rows: list[tuple[str, list[Cell]]], **drawing: Any) -> Drawn:
        return Drawn(self.chart.code, str(self.chart.label), hint, heads, rows, drawing)


def charts_drawn(board: str, charts: Iterable[Chart], asked: Asked, known: Known) -> list[Drawn]:
    """These charts of a board."""
    return [MAKERS[chart.counts, chart.by](Making(board, chart, asked, known)) for chart in charts]


def _series(name: str, values: list[Any], links: list[str], tone: str = "") -> dict[str, Any]:
    return {"name": name, "values": values, "links": links, "tone": tone}


def _hours(make: Making) -> Drawn:
    came, usual = counting.hours_counted(make.asked), counting.usual_counted(make.asked)
    last = int((make.asked.now - make.asked.midnight).total_seconds() // 3600)
    means = [round(usual.hours.get(hour, 0) / usual.days, 1) if usual.days else None for hour in range(24)]
    today, before = gettext("今天"), gettext("平常")
    rows = []
    for hour in range(24):
        sums = usual.hours.get(hour, 0)
        told = f"{means[hour]} ({sums:,} / {usual.days})" if usual.days else "–"
        cells = [
            make.cell(came.get(hour, 0), "today", str(hour)) if hour <= last else Cell(""),
            Cell(told, make.address("usual", str(hour)) if sums and usual.days else ""),
        ]
        rows.append((gettext("%s 时") % hour, cells))
    hint = gettext("今天已收到 %(today)s 件。平常:此前 %(days)s 个同一星期几的平均,括号里是件数和天数。")
    return make.drawn(
        hint % {"today": f"{sum(came.values()):,}", "days": usual.days},
        [today, before],
        rows,
        kind="columns",
        labels=[str(hour) for hour in range(24)],
        series=[
            _series(
                today,
                [came.get(hour, 0) for hour in range(last + 1)],
                [make.address("today", str(hour)) for hour in range(last + 1)],
            ),
            _series(before, means, [make.address("usual", str(hour)) for hour in range(24)], "usual"),
        ],
    )


def _classes(make: Making) -> Drawn:
    sums = Counter[str]()
    for matter, _, count in make.known.opened:
        sums[make.known.class_of(matter)] += count
    return _bars(
        make, [(make.known.class_name(code), code, count) for code, count in _ranked_by(sums)], "bars"
    )


def _places(make: Making) -> Drawn:
    sums = Counter[str]()
    for _, place, count in make.known.opened:
        sums[place] += count
    counted = dict(_ranked_by(sums))
    drawn = _bars(make, [(make.known.place(code), code, count) for code, count in counted.items()], "map")
    drawn.drawing["places"] = [
        {
            "name": make.known.place(code),
            "county": make.known.county(code),
            "value": count,
            "link": make.address("opened", code),
        }
        for code, count in counted.items()
    ]
    return drawn


def _ranked_by(sums: Counter[str]) -> list[tuple[str, int]]:
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


def _bars(make: Making, ranked: list[tuple[str, str, int]], kind: str) -> Drawn:
    """Cases opened in the span: name, code and count of each line."""
    whole = sum(count for _, _, count in ranked)
    rows = [
        (name, [make.cell(count, "opened", code), Cell(share_told(count, whole))])
        for name, code, count in ranked
    ]
    first = ranked[:DRAWN]
    series = _series(
        gettext("收到"),
        [count for *_, count in first],
        [make.address("opened", code) for _, code, _ in first],
    )
    hint = gettext("%(span)s收到的 %(count)s 件。") % {"span": span_told(make.asked), "count": f"{whole:,}"}
    heads = [gettext("收到"), gettext("占比")]
    return make.drawn(hint, heads, rows, kind=kind, labels=[name for name, *_ in first], series=[series])


def _pressing(make: Making) -> Drawn:
    found = counting.pressing_counted(make.asked)
    kinds = (("late", gettext("超期")), ("near", gettext("临期")), ("open", gettext("在办")))
    rows = [
        (
            make.known.unit(one.code),
            [make.cell(getattr(one, series), series, one.code) for series, _ in kinds],
        )
        for one in found
    ]
    first = found[:DRAWN]
    series = [
        _series(
            label,
            [getattr(one, name) for one in first],
            [make.address(name, one.code) for one in first],
            name,
        )
        for name, label in kinds[:2]
    ]
    hint = gettext("%(units)s 个单位有超期或临期的件:超期 %(late)s 件,临期 %(near)s 件。") % {
        "units": len(found),
        "late": f"{sum(one.late for one in found):,}",
        "near": f"{sum(one.near for one in found):,}",
    }
    labels = [make.known.short(one.code) for one in first]
    return make.drawn(hint, [label for _, label in kinds], rows, kind="stacked", labels=labels, series=series)


def _turned(make: Making) -> Drawn:
    found = counting.turned_counted(make.asked)
    names = {"returned": gettext("退单"), "redone": gettext("重办")}
    rows = [
        (
            make.known.unit(one.unit),
            [
                Cell(names[one.series]),
                Cell(make.known.holder(one.to)),
                make.cell(one.count, one.series, one.unit, one.to),
            ],
        )
        for one in found
    ]
    links = [
        {
            "from": f"{make.known.unit(one.unit)} · {names[one.series]}",
            "to": make.known.holder(one.to),
            "value": one.count,
            "link": make.address(one.series, one.unit, one.to),
            "tone": one.series,
        }
        for one in found[:FLOWS]
    ]
    hint = gettext("%(span)s退单和重办的件:左边是当时的单位,右边是现在的承办单位。") % {
        "span": span_told(make.asked)
    }
    heads = [gettext("类别"), gettext("现在的承办单位"), gettext("件数")]
    return make.drawn(hint, heads, rows, kind="flow", labels=[], series=[], links=links)


def _scored(make: Making) -> Drawn:
    """The outcomes of a measure this month, the worst first: the scores' own counts and lists behind them."""
    found = [
        (row, count)
        for row in make.known.placed()
        if (count := row.counts.get(make.chart.measure)) and count.n
    ]
    found.sort(key=lambda pair: (pair[1].share, -pair[1].n, pair[0].unit))
    rows, links = [], []
    for row, count in found:
        behind = make.known.scores_behind(row.unit, make.chart.measure)
        links.append(behind)
        cells = [
            Cell(share_told(count.good, count.n)),
            Cell(f"{count.good:,}", f"{behind}&outcome=good" if count.good else ""),
            Cell(f"{count.bad:,}", f"{behind}&outcome=bad" if count.bad else ""),
        ]
        rows.append((make.known.unit_by_id(row.unit).name, cells))
    values = [round(100 * count.good / count.n, 1) for _, count in found]
    good, n = sum(count.good for _, count in found), sum(count.n for _, count in found)
    hint = gettext("本月合计 %s,最低的在前。") % share_told(good, n)
    return make.drawn(
        hint,
        [gettext("满意率"), gettext("满意"), gettext("不满意")],
        rows,
        kind="rates",
        labels=[make.known.unit_by_id(row.unit).short for row, _ in found[:DRAWN]],
        series=[_series(str(make.chart.label), values[:DRAWN], links[:DRAWN])],
    )


def _ranked(make: Making) -> Drawn:
    rows = [
        (name, [Cell(place), Cell(listed), Cell(score, address)])
        for name, place, listed, score, address in make.known.ranking()
    ]
    heads = [gettext("名次"), gettext("榜"), gettext("综合成绩")]
    return make.drawn(make.known.card_told, heads, rows, kind="table")


def span_told(asked: Asked) -> str:
    """The span in words that a sentence can begin with."""
    return gettext("今天") if asked.days == 1 else gettext("最近 %s 天") % asked.days


MAKERS: dict[tuple[str, str], Callable[[Making], Drawn]] = {
    ("opened", "hour"): _hours,
    ("opened", "class"): _classes,
    ("opened", "place"): _places,
    ("pressing", "unit"): _pressing,
    ("turned", "unit"): _turned,
    ("scored", "unit"): _scored,
    ("ranked", "unit"): _ranked,
}
"""What a board can count, by what."""
