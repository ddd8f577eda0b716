"""Our live figures beside the source documents': aggregates over all that supervision holds, nothing of any one case."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext

from bihuan.kernel.meetings.models import Meeting
from bihuan.packs.supervision.selectors import measures_standing

WORKS = """
    select count(*), count(*) filter (where state = 'proved') from cases_case
    where pack = 'supervision' and workflow like 'works/%%'
"""
DECIDED = """
    select m.kind, count(distinct m.id), count(d.id), count(*) filter (where c.closed_at is not null), coalesce(sum(c.redo_count), 0)
    from meetings_meeting m left join meetings_decision d on d.meeting_id = m.id left join cases_case c on c.id = d.case_id
    where m.state <> 'planned' group by 1
"""


def promise_figures(*, now: datetime) -> dict[str, str]:
    """Our figure for each promise, in words, by its id."""
    standing = measures_standing(now=now)
    with connection.cursor() as cursor:
        cursor.execute(WORKS)
        works, proved = cursor.fetchone()
        cursor.execute(DECIDED)
        met = {kind: row for kind, *row in cursor.fetchall()}
    consulted = met.pop(str(Meeting.Kind.CONSULTATION), [0, 0, 0, 0])
    meetings, decided, ended = (sum(row[n] for row in met.values()) for n in range(3))
    return {
        "S1-26": gettext("治本工程 %(all)s 项,已验证 %(proved)s 项") % {"all": works, "proved": proved},
        "S1-27": gettext("在办 %(open)s 件,超期 %(late)s 件,已销号 %(closed)s 件")
        % {name: sum(getattr(one, name) for one in standing) for name in ("open", "late", "closed")},
        "S1-28": " · ".join(f"{gettext(one.label)} {one.open + one.closed}" for one in standing),
        "S1-32": gettext("开会 %(held)s 次,议定 %(decided)s 项,已销号 %(ended)s 项")
        % {"held": meetings, "decided": decided, "ended": ended},
        "S2-12": gettext("会商 %(held)s 次,议定整改 %(decided)s 项,评估退回 %(back)s 次,已销号 %(ended)s 项")
        % {"held": consulted[0], "decided": consulted[1], "ended": consulted[2], "back": consulted[3]},
    }
