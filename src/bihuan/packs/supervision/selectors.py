"""Reading: what stands of each measure, and which matters' dispatch is most disputed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.pack_words import matter_name
from bihuan.packs.supervision.rules import KINDS

MEASURES = (
    (_("理顺流程"), _("派单目录按异议裁定的结果改"), ("routes",)),
    (_("宣传引导"), _("告诉市民怎么反映、谁来办"), ("publicity",)),
    (_("集中攻坚"), _("一类问题集中办,能从根上治的立工程"), ("campaign", "works")),
    (_("督导通报"), _("督办件、红黄蓝通报、会议议定的事盯到销号"), ("supervised", "bulletin", "decision")),
    (_("表态问责"), _("负责人表态;连续两个月后三名的启动问责"), ("statement", "accountability")),
)
"""N of "1+2+3+N" (S1): what each measure is here, and the kinds of cases that carry it."""
DISPUTED = """
    select c.pack, c.matter, count(*) as disputed,
        count(*) filter (where coalesce((c.progress ->> 'objections')::int, 0) > 0) as objections, sum(c.return_count) as returns
    from cases_case c
    where c.opened_at >= %(since)s and c.matter <> '' and not c.imported
        and (c.return_count > 0 or coalesce((c.progress ->> 'objections')::int, 0) > 0)
    group by 1, 2 order by disputed desc, 1, 2 limit %(most)s
"""
DAYS = 90
MOST = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """How many cases of a measure are open, late and struck off; `kinds` are (code, label, open) of what carries it."""

    label: str
    hint: str
    kinds: tuple[tuple[str, str, int], ...]
    open: int
    late: int
    closed: int


@dataclass(frozen=True, slots=True)
class Disputed:
    """A matter whose dispatch was disputed: orders concerned, with objections and returns."""

    matter: str
    orders: int
    objections: int
    returns: int


def matter_names(on: date | None = None) -> dict[str, str]:
    """What the kinds of cases are called, for lists and the case page; on every day the same."""
    return {kind: gettext(label) for kind, label in KINDS}


def measures_standing(*, now: datetime) -> list[Standing]:
    """The five measures of "N" (S1), each with what carries it, within the scope of the transaction."""
    counted = {
        row["matter"]: row
        for row in Case.objects.filter(pack="supervision")
        .values("matter")
        .annotate(
            open=Count("pk", filter=Q(closed_at=None)),
            late=Count("pk", filter=Q(closed_at=None, due_at__lt=now)),
            closed=Count("pk", filter=Q(closed_at__isnull=False)),
        )
    }
    labels, nothing = dict(KINDS), {"open": 0, "late": 0, "closed": 0}
    standing = []
    for label, hint, kinds in MEASURES:
        rows = [counted.get(kind, nothing) for kind in kinds]
        standing.append(
            Standing(
                label,
                hint,
                tuple((kind, labels[kind], row["open"]) for kind, row in zip(kinds, rows, strict=True)),
                *(sum(row[name] for row in rows) for name in ("open", "late", "closed")),
            )
        )
    return standing


def matters_disputed(*, now: datetime) -> list[Disputed]:
    """The matters of the last 90 days whose orders were returned or objected to, the most disputed first, at most ten."""
    with connection.cursor() as cursor:
        cursor.execute(DISPUTED, {"since": now - timedelta(days=DAYS), "most": MOST})
        return [
            Disputed(matter_name(pack, matter), orders, objections, int(returns))
            for pack, matter, orders, objections, returns in cursor.fetchall()
        ]
