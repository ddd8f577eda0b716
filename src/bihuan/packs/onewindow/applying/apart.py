"""好差评 item by item, unit by unit, clerk by clerk, platform by platform (国办发〔2019〕51号: 全部事项、评价对象、服务渠道)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.sentences import named
from bihuan.packs.onewindow.applying.figures import ASKED
from bihuan.packs.onewindow.models import ItemVersion

BY = {
    "item": (_("事项"), "facts ->> 'item'"),
    "unit": (_("审批单位"), "facts ->> 'unit'"),
    "clerk": (_("窗口人员"), "progress -> 'did' -> 'take_in' ->> 0"),
    "platform": (
        _("平台"),
        "case when external_id is not null then 'system' when facts ->> 'channel' = 'web' then 'web' else 'window' end",
    ),
}
"""What the reviews may be told by: its label, and where it stands in a case."""
PLATFORMS = {"window": _("综合窗口"), "web": _("网上申请"), "system": _("别的系统送来")}
MOST = 50
COUNT = """
    select told, count(*), count(*) filter (where graded), count(*) filter (where graded and grade in ('3', '4', '5')),
        count(*) filter (where graded and grade in ('1', '2'))
    from (
        select {told} as told, facts -> 'grades' is not null and state <> 'excluded' as graded, facts -> 'grades' ->> 0 as grade
        from cases_case where pack = 'onewindow' and opened_at >= %s and {asked}
    ) asked where told is not null group by told order by count(*) filter (where graded and grade in ('1', '2')) desc, count(*) desc, told limit %s
"""


@dataclass(frozen=True, slots=True)
class Apart:
    """Of one item, unit, clerk or platform: how many were `asked`, `evaluated`, `satisfied`, `bad`, as in `Reviews`."""

    label: str
    asked: int
    evaluated: int
    satisfied: int
    bad: int


def reviews_apart(*, by: str, since: datetime) -> list[Apart]:
    """The figures apart, one of BY, over the cases that the present scope sees: those with most bad reviews first, 50 at most."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(told=BY[by][1], asked=ASKED), [since, MOST])
        rows = cursor.fetchall()
    labels = _labels(by, [row[0] for row in rows])
    return [Apart(labels.get(told, told), *counts) for told, *counts in rows]


def _labels(by: str, keys: Sequence[str]) -> Mapping[str, str]:
    if by == "item":
        latest = (
            ItemVersion.objects.filter(item__code__in=keys).select_related("item").order_by("since", "pk")
        )
        return {version.item.code: named(version) for version in latest}
    if by == "unit":
        return {str(unit.pk): named(unit) for unit in Unit.objects.filter(pk__in=keys)}
    if by == "clerk":
        return {
            str(one.pk): one.name for one in Person.objects.filter(pk__in=[k for k in keys if k.isdecimal()])
        }
    return {code: gettext(label) for code, label in PLATFORMS.items()}
