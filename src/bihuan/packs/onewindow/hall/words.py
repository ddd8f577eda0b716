"""What the hall's things are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext

from bihuan.kernel.desk.words import language
from bihuan.kernel.identity.scope import day_of
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.catalogue.selectors import versions_on
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


def part_words() -> dict[str, str]:
    """Of whom the figures of a simulated day are told."""
    return {
        "all": gettext("所有人"),
        "priority": gettext("优先的人"),
        "booked": gettext("有预约的人(从约定时间算)"),
        "quick": gettext("咨询和取件"),
        "others": gettext("其余的人"),
    }
