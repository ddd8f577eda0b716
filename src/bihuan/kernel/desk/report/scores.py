"""What every scored pack reports of a month: rates, rankings, what went late, what came under supervision, who was named or
called to account, and what was left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext

from bihuan.kernel.desk.pack_words import matters
from bihuan.kernel.desk.report.parts import Cell, Points, Rate, Section
from bihuan.kernel.desk.scores.tables import list_ranked_told, score_told, units_named
from bihuan.kernel.desk.templatetags.desk import moment
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.scoring.decisions import GROUNDS, NAMED
from bihuan.kernel.scoring.measures import MEASURES, TURNED
from bihuan.kernel.scoring.models import Account, Decision
from bihuan.kernel.scoring.monthly import (
    Months,
    accounts_of,
    decisions_of,
    month_ranked,
    months_counted,
    orders_late,
)
from bihuan.kernel.scoring.ranking import Card, Count, Placed
from bihuan.kernel.scoring.words import LABELS, LIGHT_NAMES, LIST_NAMES
from bihuan.kernel.sentences import named

MOST = 30
"""So many orders stand in a list; how many there are is said above it."""
RANKED = ("response", "resolution", "satisfaction", "on_time")
"""The rates that stand beside a unit's place; all of them are on the page of scores."""


def score_sections(
    *, pack: str, months: Months, unit: int | None, scope: Scope
) -> tuple[Card, list[Section]]:
    """The card and the sections, of all units or of one, with the rows of both lists that `scope` may see. Within everything."""
    card, lists = month_ranked(pack=pack, months=months)
    accounts = accounts_of(span=months.this, unit=unit)
    decisions = decisions_of(pack=pack, span=months.this, unit=unit)
    return card, [
        _rates(pack, months, unit),
        *(_ranking(name, rows, card, unit, scope) for name, rows in lists.items()),
        _late(pack, months, unit),
        _supervised(accounts, months),
        _called(accounts, months),
        _named(decisions),
        _left_out(decisions),
    ]  # fmt: skip


def _rates(pack: str, months: Months, unit: int | None) -> Section:
    counts = months_counted(pack=pack, months=months, unit=unit)
    rows = []
    for measure in MEASURES:
        this, before, year = (_rate(measure, of.get(measure, Count())) for of in counts)
        rows.append(
            (str(LABELS[measure]), this, before, Points(this, before), year, Points(this, year),
             counts[0].get(measure, Count()).out)
        )  # fmt: skip
    return Section(
        gettext("各项比率"),
        gettext("括号里是件数;导入的历史不计。退单率、重办率越低越好。"),
        (
            gettext("指标"), gettext("本月"), gettext("上月"), gettext("较上月(百分点)"), gettext("去年同月"),
            gettext("较去年(百分点)"), gettext("本月不计"),
        ),
        tuple(rows),
    )  # fmt: skip


def _rate(measure: str, count: Count) -> Rate:
    return Rate(count.bad if measure in TURNED else count.good, count.n)


def _ranking(name: str, rows: list[Placed], card: Card, unit: int | None, scope: Scope) -> Section:
    shown, hidden = list_ranked_told(rows, card, scope, unit)
    names = units_named(row.unit for row in shown)
    note = gettext("件数少于 %s 件的不排名。") % card.least
    if hidden:
        note = gettext("排名不公开时,只显示本单位。")
    placed = sum(1 for row in rows if row.place is not None)
    return Section(
        gettext("排名:%s") % LIST_NAMES[name],
        note,
        (
            gettext("名次"), gettext("单位"), gettext("件数"), gettext("综合成绩"), gettext("通报"),
            *(str(LABELS[measure]) for measure in RANKED),
        ),
        tuple(_ranked(row, names, placed, card) for row in shown),
        empty=gettext("这段时间没有计分的件。"),
        wide=(1,),
    )  # fmt: skip


def _ranked(row: Placed, names: Mapping[int, Unit], placed: int, card: Card) -> tuple[Cell, ...]:
    marks = [str(LIGHT_NAMES[row.light])] if row.light else []
    marks += [gettext("后 %s 名") % card.bottom] if row.bottom else []
    return (
        f"{row.place} / {placed}" if row.place else gettext("件数不足"), named(names[row.unit]), row.orders,
        score_told(row.score), "\n".join(marks),
        *(_rate(measure, row.counts.get(measure, Count())) for measure in RANKED),
    )  # fmt: skip


def _late(pack: str, months: Months, unit: int | None) -> Section:
    found = orders_late(pack=pack, span=months.this, unit=unit)
    still = [one for one in found if one.open]
    names, called = units_named(one.unit for one in still[:MOST]), matters(pack) if still else {}
    return Section(
        gettext("超期的件"),
        gettext("本月超过承诺时限 %(all)s 件,到统计截止时仍未办结 %(open)s 件,列出超期最久的 %(most)s 件。")
        % {"all": len(found), "open": len(still), "most": min(len(still), MOST)},
        (gettext("编号"), gettext("单位"), gettext("事项"), gettext("超期时间")),
        tuple(
            (one.number, named(names[one.unit]), called.get(one.matter, one.matter), moment(one.at))
            for one in still[:MOST]
        ),
        links=_cases(one.number for one in still[:MOST]),
        empty=gettext("没有超期未办结的件。"),
        wide=(1,),
    )


def _supervised(accounts: Sequence[Account], months: Months) -> Section:
    found = [row for row in accounts if row.matter == Account.Matter.SUPERVISED]
    ended = sum(1 for row in found if _ended(row, months))
    return Section(
        gettext("督办的件"),
        gettext("本月列入督办 %(all)s 件,到统计截止时已销号 %(ended)s 件,列出最近的 %(most)s 件。")
        % {"all": len(found), "ended": ended, "most": min(len(found), MOST)},
        (gettext("编号"), gettext("单位"), gettext("列入时间"), gettext("情况")),
        tuple(
            (row.origin.number if row.origin else "", named(row.unit), moment(row.at), _standing(row, months))
            for row in found[: -MOST - 1 : -1]
        ),
        links=_cases(row.origin.number if row.origin else "" for row in found[: -MOST - 1 : -1]),
        empty=gettext("本月没有列入督办的件。"),
        wide=(1,),
    )  # fmt: skip


def _called(accounts: Sequence[Account], months: Months) -> Section:
    found = [row for row in accounts if row.matter == Account.Matter.ACCOUNTABILITY]
    return Section(
        gettext("启动问责"),
        "",
        (gettext("单位"), gettext("事由"), gettext("启动时间"), gettext("情况")),
        tuple((named(row.unit), row.reason, moment(row.at), _standing(row, months)) for row in found),
        empty=gettext("本月没有启动问责。"),
        wide=(0, 1),
    )


def _ended(row: Account, months: Months) -> bool:
    return bool(row.case and row.case.closed_at and row.case.closed_at < months.this.closed)


def _standing(row: Account, months: Months) -> str:
    return gettext("已销号") if _ended(row, months) else gettext("未销号")


def _named(decisions: Sequence[Decision]) -> Section:
    found = [row for row in decisions if row.kind == Decision.Kind.NAMING]
    return Section(
        gettext("公开曝光"),
        "",
        (gettext("单位"), gettext("情形"), gettext("事由"), gettext("批准时间")),
        tuple(
            (named(row.unit), str(NAMED.get(row.category, "")), row.words, moment(row.decided_at))
            for row in found
        ),
        empty=gettext("本月没有公开曝光的单位。"),
        wide=(0, 2),
    )


def _left_out(decisions: Sequence[Decision]) -> Section:
    found = Counter(row.category for row in decisions if row.kind == Decision.Kind.EXCLUSION)
    return Section(
        gettext("剔除的件"),
        gettext("经另一人批准不计分的件,按情形计。"),
        (gettext("情形"), gettext("件数")),
        tuple((str(GROUNDS.get(code, code)), count) for code, count in sorted(found.items())),
        empty=gettext("本月没有剔除的件。"),
    )


def _cases(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(reverse("case", args=[number]) if number else "" for number in numbers)
