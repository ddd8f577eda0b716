"""What the hotline reports of a month: how many orders came, by which way, of what kind and from where; what is hot, what repeats.

Counted as the orders stood at the month's closing: see `received.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext

from bihuan.kernel.desk.report.parts import Change, Section, counts_section
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.scoring.monthly import Months
from bihuan.kernel.sentences import named
from bihuan.packs.hotline.models import Matter
from bihuan.packs.hotline.received import Received, orders_received
from bihuan.packs.hotline.rules import CHANNELS, TYPES

REPEATED = 3
"""So many orders of one matter in one township in a month are a problem that repeats."""
MOST = 10


class Three(NamedTuple):
    """The month, the month before and the same month last year."""

    this: Received
    before: Received
    year: Received


def monthly_sections(*, months: Months, unit: int | None) -> list[Section]:
    """The sections, of all orders or of those that `unit` held at the closing. Within everything."""
    three = Three(*orders_received(months.spans, unit))
    every = Matter.objects.in_bulk()
    places, matters = _places(three), {code: named(one) for code, one in every.items()}
    channels, types = dict(CHANNELS), dict(TYPES)
    return [
        _whole(three),
        _days(three, months),
        _by(gettext("来源渠道"), [one.channels for one in three], lambda code: gettext(channels.get(code, code))),
        _by(gettext("诉求类型"), [one.types for one in three], lambda code: gettext(types.get(code, code))),
        _categories(three, every),
        _by(gettext("诉求地点"), [one.places for one in three], lambda pk: places.get(pk) or gettext("未定地点")),
        _hot(three, matters),
        _rising(three, matters),
        _repeated(three, matters, places),
    ]  # fmt: skip


def _heads() -> tuple[str, ...]:
    return gettext("本月"), gettext("上月"), gettext("环比"), gettext("去年同月"), gettext("同比")


def _nothing() -> str:
    return gettext("这段时间没有收到诉求。")


def _grown(label: str, counts: Iterable[int]) -> tuple[str | int | Change, ...]:
    this, before, year = counts
    return label, this, before, Change(this, before), year, Change(this, year)


def _whole(three: Three) -> Section:
    return Section(
        gettext("受理总量"),
        gettext("按收到的时间计,含导入的历史;并入一件的各计一件。"),
        (gettext("项目"), *_heads()),
        (
            _grown(gettext("收到"), (one.whole for one in three)),
            _grown(gettext("其中导入的历史"), (one.imported for one in three)),
            _grown(gettext("到统计截止时未办结"), (one.unclosed for one in three)),
        ),
    )


def _days(three: Three, months: Months) -> Section:
    counts = three.this.days
    begin, last = day_of(months.this.since), day_of(months.this.until - timedelta(seconds=1))
    days = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
    told = tuple((str(day.day), counts[f"{day}"]) for day in days)
    return Section(
        gettext("每天收到"),
        head=(gettext("日期"), gettext("件数")),
        rows=tuple((f"{day:%m-%d}", counts[f"{day}"]) for day in days),
        columns=told,
    )


def _by(title: str, three: Iterable[Counter[Any]], name: Callable[[Any], str]) -> Section:
    this, before, year = (_by_name(counts, name) for counts in three)
    rows = [(told, this[told], before[told], year[told]) for told in {*this, *before, *year}]
    rows.sort(key=lambda row: (-row[1], -row[2], -row[3], row[0]))
    return counts_section(title, rows, heads=(title, *_heads()), share=gettext("占比"), empty=_nothing())


def _by_name(counts: Counter[Any], name: Callable[[Any], str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, count in counts.items():
        found[name(key)] += count
    return found


def _categories(three: Three, matters: Mapping[str, Matter]) -> Section:
    names = {code: named(matters.get(one.parent_id or "")) for code, one in matters.items()}
    return _by(
        gettext("诉求类别"),
        [one.matters for one in three],
        lambda code: names.get(code) or gettext("未定类别"),
    )


def _matters(received: Received) -> Counter[str]:
    return Counter({code: count for code, count in received.matters.items() if code})


def _hot(three: Three, matters: dict[str, str]) -> Section:
    counts = [_matters(one) for one in three]
    first = sorted(counts[0].items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
    return Section(
        gettext("热点事项"),
        gettext("件数最多的 %s 个事项。") % MOST,
        (gettext("事项"), *_heads()),
        tuple(_grown(matters.get(code, code), (of[code] for of in counts)) for code, _count in first),
        tuple((matters.get(code, code), count) for code, count in first) if len(first) > 1 else (),
        empty=_nothing(),
    )


def _rising(three: Three, matters: dict[str, str]) -> Section:
    counts = [_matters(one) for one in three]
    more = {code: count - counts[1][code] for code, count in counts[0].items()}
    first = sorted(
        (pair for pair in more.items() if pair[1] >= REPEATED), key=lambda pair: (-pair[1], pair[0])
    )[:MOST]
    return Section(
        gettext("上升较快的事项"),
        gettext("比上月多 %(least)s 件以上的,按多出的件数排,至多 %(most)s 个。") % {"least": REPEATED, "most": MOST},
        (gettext("事项"), *_heads()),
        tuple(_grown(matters.get(code, code), (of[code] for of in counts)) for code, _more in first),
        empty=gettext("没有比上月明显增多的事项。"),
    )  # fmt: skip


def _repeated(three: Three, matters: dict[str, str], places: dict[int | None, str]) -> Section:
    this, before, year = (one.placed for one in three)
    found = sorted(
        (pair for pair in this.items() if pair[1] >= REPEATED and all(pair[0])),
        key=lambda pair: (-pair[1], str(pair[0])),
    )
    return Section(
        gettext("反复出现的问题"),
        gettext("同一地点同一事项一个月内 %(least)s 件以上的共 %(all)s 个,列出最多的 %(most)s 个。")
        % {"least": REPEATED, "all": len(found), "most": min(len(found), MOST)},
        (
            gettext("事项"), gettext("地点"), gettext("本月"), gettext("上月"), gettext("去年同月"), gettext("未办结"),
        ),
        tuple(
            (matters.get(matter, matter), places.get(place, ""), count, before[matter, place], year[matter, place],
             three.this.open[matter, place])
            for (matter, place), count in found[:MOST]
        ),
        empty=gettext("没有反复出现的问题。"),
        wide=(0, 1),
    )  # fmt: skip


def _places(three: Three) -> dict[int | None, str]:
    ids = {place for one in three for place in one.places if place}
    return {unit.pk: named(unit) for unit in Unit.objects.filter(pk__in=ids)}
