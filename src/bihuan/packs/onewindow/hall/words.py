"""What the hall's things are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext

from bihuan.kernel.desk.words import language
from bihuan.kernel.identity.scope import day_of
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.catalogue.selectors import versions_on
from bihuan.packs.onewindow.hall.comparison import Compared
from bihuan.packs.onewindow.hall.models import Ticket
from bihuan.packs.onewindow.hall.policies import PRIORITIES
from bihuan.packs.onewindow.hall.rules import Terms


def group_names(terms: Terms) -> dict[str, str]:
    """The groups by their letters."""
    english = language() == "en"
    return {one.code: (english and one.name_en) or one.name for one in terms.groups}


def priority_names() -> dict[str, str]:
    """Who has priority, by code."""
    return {code: gettext(words) for code, words in PRIORITIES.items()}


def wanted_told(tickets: Iterable[Ticket], terms: Terms, now: datetime) -> dict[int, str]:
    """What tickets are for, by their ids: the item where one was named, else the group. One query."""
    tickets, groups = list(tickets), group_names(terms)
    items = {ticket.item_id for ticket in tickets if ticket.item_id}
    rows = versions_on(day_of(now)).filter(item__in=items) if items else ()
    names = {row.item_id: name_of(row) for row in rows}
    return {one.pk: names.get(one.item_id or 0) or groups.get(one.group, one.group) for one in tickets}


def rule_told(terms: Terms) -> str:
    """How windows call, in one sentence for whoever waits."""
    told = {"most": terms.of("most"), "long": terms.of("long")}
    return gettext("先到先叫;依法优先、按时赴约、办得快的让先几分钟,最多 %(most)s 分钟;有人等满 %(long)s 分钟后,只有依法优先的还能先。") % told  # fmt: skip


def part_words() -> dict[str, str]:
    """Of whom the figures of a simulated day are told."""
    return {
        "all": gettext("所有人"),
        "priority": gettext("优先的人"),
        "booked": gettext("有预约的人(从约定时间算)"),
        "quick": gettext("咨询和取件"),
        "others": gettext("其余的人"),
    }


def rule_words() -> dict[str, str]:
    """What the rules of `comparison.RULES` are called."""
    return {
        "ours": gettext("大厅的规则"),
        "first": gettext("先来先叫"),
        "lines": gettext("每类各排各的队"),
    }


def compared_told(found: Compared, tickets: int, seed: int, days: int) -> Iterator[str]:
    """Simulated days in lines: what each rule makes people wait, who gains and who pays, and how long windows had nobody."""
    told = {"tickets": tickets, "windows": found.windows, "seed": seed, "days": days, "gone": found.gone}
    yield gettext("一天 %(tickets)s 个号、%(windows)s 个窗口(种子 %(seed)s,%(days)s 天的平均),其中 %(gone)s 个叫到时人已走。等候分钟数:平均、95%%、最长。") % told  # fmt: skip
    rules, parts = rule_words(), part_words()
    yield " | ".join(("", *rules.values()))
    for part, row in found.figures.items():
        cells = [f"{one.mean:5.1f} {one.p95:5.1f} {one.longest:5.1f}" for one in row.values()]
        yield f"{row['ours'].people:6} {' | '.join(cells)}  {parts[part]}"
    for rule, name in rules.items():
        shares = {"rule": name, "idle": f"{found.idle[rule]:.1%}", "unlike": f"{found.unlike[rule]:.1%}"}
        yield gettext("%(rule)s:窗口空闲 %(idle)s 的时间,其中有人在等、空着的窗口不办他那一类的 %(unlike)s;到关门没有叫到 %(left)s 个。") % {**shares, "left": found.figures["all"][rule].left}  # fmt: skip
    ours, first = found.figures["others"]["ours"], found.figures["others"]["first"]
    yield gettext("让先的代价:其余的人比先来先叫平均多等 %(mean)s 分钟,95%% 多 %(p95)s 分钟,最长多 %(longest)s 分钟。") % {
        "mean": f"{ours.mean - first.mean:.1f}", "p95": f"{ours.p95 - first.p95:.1f}", "longest": f"{ours.longest - first.longest:.1f}",
    }  # fmt: skip
