"""What the hotline reports of a month: how many orders came, by which way, of what kind and from where; what is hot, what repeats.

Counted as the orders stood at the month's closing: what was classed or sent on afterwards is read back from the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext

from bihuan.kernel.administration.words import named
from bihuan.kernel.desk.report.parts import Change, Section, counts_section
from bihuan.kernel.desk.words import unit_name
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.scoring.monthly import Months
from bihuan.kernel.scoring.selectors import Span
from bihuan.packs.hotline.models import Matter
from bihuan.packs.hotline.rules import CHANNELS, TYPES
from bihuan.packs.hotline.selectors import matter_names

REPEATED = 3
"""So many orders of one matter in one township in a month are a problem that repeats."""
MOST = 10

RECEIVED = """
    select o.case_id, o.channel, o.type, c.matter, c.territory_id, c.unit_id, o.arrived_at,
        c.closed_at is null or c.closed_at >= %(closed)s, c.imported, c.moved_at >= %(closed)s
    from hotline_order o join cases_case c on c.id = o.case_id
    where o.arrived_at >= %(since)s and o.arrived_at < %(until)s and c.opened_at < %(closed)s
"""
CHANGED = """
    with late as materialized (
        select distinct case_id from ledger_entry
        where case_id = any(%(cases)s) and kind in ('move', 'unit_succeeded') and at >= %(closed)s
            and convert_from(body, 'UTF8') ~ '"(unit|matter)":'
    ), told as (
        select e.case_id, e.seq, convert_from(e.body, 'UTF8')::jsonb -> 'data' as data
        from late join ledger_entry e using (case_id)
        where e.kind in ('opened', 'move', 'unit_succeeded') and e.at < %(closed)s
            and convert_from(e.body, 'UTF8') ~ '"(unit|matter)":'
    )
    select case_id, (data ->> 'unit')::bigint, nullif(coalesce(data -> 'fields' ->> 'matter', data ->> 'matter'), '')
    from told order by case_id, seq
"""
"""Of the cases that moved after the closing, those whose unit or matter may have changed then: both as of each earlier entry."""


class Received(NamedTuple):
    """An order as it stood at the closing; codes and ids as in `hotline_order` and `cases_case`."""

    channel: str
    type: str
    matter: str
    place: int | None
    unit: int
    at: datetime
    open: bool
    imported: bool


class Three(NamedTuple):
    """The orders of the month, of the month before and of the same month last year."""

    this: list[Received]
    before: list[Received]
    year: list[Received]


def monthly_sections(*, months: Months, unit: int | None) -> list[Section]:
    """The sections, of all orders or of those that `unit` held at the closing. Within everything."""
    three = Three(*(orders_received(span, unit) for span in months.spans))
    places, matters = _places(three), matter_names()
    channels, types = dict(CHANNELS), dict(TYPES)
    return [
        _whole(three),
        _days(three, months),
        _by(gettext("来源渠道"), three, lambda one: one.channel, lambda code: gettext(channels.get(code, code))),
        _by(gettext("诉求类型"), three, lambda one: one.type, lambda code: gettext(types.get(code, code))),
        _categories(three),
        _by(gettext("诉求地点"), three, lambda one: one.place, lambda pk: places.get(pk) or gettext("未定地点")),
        _hot(three, matters),
        _rising(three, matters),
        _repeated(three, matters, places),
    ]  # fmt: skip


def orders_received(span: Span, unit: int | None) -> list[Received]:
    """The orders that came in the span, as they stood at its closing. Reads the ledger for those that moved afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIVED, {"since": span.since, "until": span.until, "closed": span.closed})
        rows = cursor.fetchall()
        moved = [row[0] for row in rows if row[9]]
        then: dict[int, tuple[int | None, str | None]] = {}
        if moved:
            cursor.execute(CHANGED, {"cases": moved, "closed": span.closed})
            for case, held_by, matter in cursor.fetchall():
                known = then.get(case, (None, None))
                then[case] = (held_by or known[0], matter or known[1])
    found = [_as_it_was(row, then.get(row[0])) for row in rows]
    return [one for one in found if unit is None or one.unit == unit]


def _as_it_was(row: Sequence[object], then: tuple[int | None, str | None] | None) -> Received:
    _case, channel, kind, matter, place, unit, at, open_, imported, _moved = row
    if then:
        unit, matter = then[0] or unit, then[1] or ""
    return Received(channel, kind, matter, place, unit, at, open_, imported)  # type: ignore[arg-type]


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
            _grown(gettext("收到"), map(len, three)),
            _grown(gettext("其中导入的历史"), (sum(one.imported for one in orders) for orders in three)),
            _grown(gettext("到统计截止时未办结"), (sum(one.open for one in orders) for orders in three)),
        ),
    )


def _days(three: Three, months: Months) -> Section:
    counts = Counter(day_of(one.at) for one in three.this)
    begin, last = day_of(months.this.since), day_of(months.this.until - timedelta(seconds=1))
    days = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
    told = tuple((str(day.day), counts[day]) for day in days)
    return Section(
        gettext("每天收到"),
        head=(gettext("日期"), gettext("件数")),
        rows=tuple((f"{day:%m-%d}", counts[day]) for day in days),
        columns=told,
    )


def _by(title: str, three: Three, key: Callable[[Received], Any], name: Callable[[Any], str]) -> Section:
    this, before, year = (Counter(name(key(one)) for one in orders) for orders in three)
    rows = [(told, this[told], before[told], year[told]) for told in {*this, *before, *year}]
    rows.sort(key=lambda row: (-row[1], -row[2], -row[3], row[0]))
    return counts_section(title, rows, heads=(title, *_heads()), share=gettext("占比"), empty=_nothing())


def _categories(three: Three) -> Section:
    classes = {m.code: named(m) for m in Matter.objects.filter(parent=None)}
    above: dict[str, str | None] = dict(Matter.objects.exclude(parent=None).values_list("code", "parent_id"))
    return _by(
        gettext("诉求类别"),
        three,
        lambda one: above.get(one.matter) or "",
        lambda code: classes.get(code) or gettext("未定类别"),
    )


def _matters(orders: Iterable[Received]) -> Counter[str]:
    return Counter(one.matter for one in orders if one.matter)


def _hot(three: Three, matters: dict[str, str]) -> Section:
    counts = [_matters(orders) for orders in three]
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
    counts = [_matters(orders) for orders in three]
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
    this, before, year = (
        Counter((one.matter, one.place) for one in orders if one.matter and one.place) for orders in three
    )
    still = Counter((one.matter, one.place) for one in three.this if one.open)
    found = sorted(
        (pair for pair in this.items() if pair[1] >= REPEATED), key=lambda pair: (-pair[1], str(pair[0]))
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
             still[matter, place])
            for (matter, place), count in found[:MOST]
        ),
        empty=gettext("没有反复出现的问题。"),
        wide=(0, 1),
    )  # fmt: skip


def _places(three: Three) -> dict[int | None, str]:
    ids = {one.place for orders in three for one in orders if one.place}
    return {unit.pk: unit_name(unit) for unit in Unit.objects.filter(pk__in=ids)}
