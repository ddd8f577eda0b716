"""The figures that the page shows: how dispatch did over three spans, and what people called about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext, gettext_lazy

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.words import duration_told
from bihuan.kernel.sentences import named
from bihuan.lib.shares import share_told
from bihuan.packs.hotline.models import Matter
from bihuan.packs.hotline.selectors import DispatchFigures, dispatch_figures_of
from bihuan.packs.hotline.tiers.figures import AboveFigures, above_figures

NOTHING = "–"
SPANS = ((1, gettext_lazy("最近 1 天")), (7, gettext_lazy("最近 7 天")), (30, gettext_lazy("最近 30 天")))
"""Days up to now."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure over each span, `cells` as (span, figure); `hint` says what it counts."""

    label: str
    hint: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A class of matters with its orders and their share of all."""

    name: str
    count: int
    share: str


def rows_told(*, now: datetime) -> list[Row]:
    """Every figure over the three spans, with its denominator."""
    found = dispatch_figures_of(since=[now - timedelta(days=days) for days, _ in SPANS], until=now)

    def row(label: str, hint: str, cell: Callable[[DispatchFigures], str]) -> Row:
        return Row(
            label, hint, tuple((str(span), cell(one)) for (_, span), one in zip(SPANS, found, strict=True))
        )

    return [
        row(gettext("收到"), gettext("导入的历史不计"), lambda f: f"{f.orders:,}"),
        row(gettext("应派"), gettext("收到的减去席位直接办结的"), lambda f: f"{f.to_send:,}"),
        row(gettext("已到承办单位"), "", lambda f: f"{f.sent:,}"),
        row(gettext("还在席位或协调台"), gettext("用时还在走,计入下面的用时"), lambda f: f"{f.waiting:,}"),
        row(gettext("用时中位数"), gettext("全部应派:从收到至到达承办单位"), lambda f: time_told(f.median_s)),
        row(gettext("用时 99 分位"), gettext("全部应派"), lambda f: time_told(f.p99_s)),
        row(
            gettext("自动派单的用时中位数"),
            gettext("只算无人经手直达承办单位的"),
            lambda f: time_told(f.automatic_median_s),
        ),
        row(gettext("自动派单的用时 99 分位"), gettext("同上"), lambda f: time_told(f.automatic_p99_s)),
        row(gettext("自动派单占比"), gettext("自动 ÷ 应派"), lambda f: share_told(f.automatic, f.to_send)),
        row(
            gettext("派错占比"),
            gettext("经同意退单或裁定而换单位的 ÷ 已到承办单位"),
            lambda f: share_told(f.wrong, f.sent),
        ),
        row(
            gettext("自动派单派错占比"),
            gettext("自动派错 ÷ 自动"),
            lambda f: share_told(f.wrong_automatic, f.automatic),
        ),
    ]


def above_told(*, now: datetime) -> list[Row]:
    """Of what the superior centre handed down: both times to the unit's desk, and the robot's share; [] where nothing was."""
    found = [above_figures(since=now - timedelta(days=days), until=now) for days, _ in SPANS]
    if not found[-1].orders:
        return []

    def row(label: str, hint: str, cell: Callable[[AboveFigures], str]) -> Row:
        return Row(
            label, hint, tuple((str(span), cell(one)) for (_, span), one in zip(SPANS, found, strict=True))
        )

    def times(median: float | None, p99: float | None) -> str:
        return f"{time_told(median)} · {time_told(p99)}"

    return [
        row(gettext("上级下发的"), gettext("办理通知单"), lambda f: str(f.orders)),
        row(
            gettext("从上级发出到承办单位"),
            gettext("中位数 · 99 分位;断网、停机的时间计入"),
            lambda f: times(f.from_above_median_s, f.from_above_p99_s),
        ),
        row(
            gettext("从到达本级到承办单位"),
            gettext("中位数 · 99 分位"),
            lambda f: times(f.from_arrival_median_s, f.from_arrival_p99_s),
        ),
        row(
            gettext("2 秒之内派到的"),
            gettext("从到达本级算起 ÷ 上级下发的"),
            lambda f: share_told(f.quick, f.orders),
        ),
        row(
            gettext("机器人直接派到的"),
            gettext("自动 ÷ 上级下发的"),
            lambda f: share_told(f.automatic, f.orders),
        ),
        row(
            gettext("机器人派错的"),
            gettext("经同意退单或裁定而换单位的 ÷ 机器人直接派到的"),
            lambda f: share_told(f.wrong_automatic, f.automatic),
        ),
    ]


def time_told(seconds: float | None) -> str:
    """A time in words; below a minute in seconds with the places that matter."""
    if seconds is None:
        return NOTHING
    if seconds >= 60:
        return duration_told(seconds)
    return gettext("%s 秒") % (f"{seconds:.3f}" if seconds < 1 else f"{seconds:.1f}")


def categories_counted(*, since: datetime, until: datetime) -> list[Category]:
    """Orders by class of matter, the largest first, within the scope that is set; history taken over is left out.

    What was opened in the span is still open, or was closed since: these have indexes, days of opening have none.
    """
    wanted = Case.objects.filter(
        pack="hotline", parent=None, imported=False, opened_at__gte=since, opened_at__lt=until
    ).order_by()
    counted: Counter[str] = Counter()
    for part in (wanted.filter(closed_at=None), wanted.filter(closed_at__gte=since)):
        counted.update(dict(part.values_list("matter").annotate(Count("id"))))
    classes = {m.code: named(m) for m in Matter.objects.filter(parent=None)}
    above = dict(Matter.objects.exclude(parent=None).values_list("code", "parent_id"))
    whole, sums = sum(counted.values()), dict.fromkeys(classes, 0)
    for code, count in counted.items():
        key = str(above.get(code, ""))
        sums[key] = sums.get(key, 0) + count
    told = [(classes.get(key) or gettext("未定类别"), count) for key, count in sums.items() if count]
    told.sort(key=lambda pair: (-pair[1], pair[0]))
    return [Category(name, count, share_told(count, whole)) for name, count in told]
