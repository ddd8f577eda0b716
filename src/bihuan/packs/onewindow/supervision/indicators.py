"""What a score card may weigh of electronic supervision: applications of a unit without a red, and without a yellow card."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from bihuan.packs.onewindow.supervision.rules import RED, YELLOW
from bihuan.packs.onewindow.supervision.services import WITHDRAWN

COUNTS = """
    with marked as (
        select k.unit_id, k.case_id, bool_or(k.colour = %(colour)s and k.standing <> %(withdrawn)s) as bad
        from onewindow_card k where k.at >= %(since)s and k.at < %(until)s group by 1, 2
    ), begun as (
        select c.id, c.opened_by_id, v.unit_id from cases_case c join onewindow_application a on a.case_id = c.id
        join onewindow_item_version v on v.id = a.version_id
        where c.pack = 'onewindow' and not c.imported and c.opened_at >= %(since)s and c.opened_at < %(until)s
    ), concerned as (
        select unit_id, case_id from marked
        union select opened_by_id, id from begun
        union select unit_id, id from begun where unit_id is not null
    )
    select unit_id, count(*) filter (where not coalesce(m.bad, false)), count(*) filter (where m.bad)
    from concerned left join marked m using (unit_id, case_id) group by 1
"""
"""Of a unit's applications: those that it took in or was to decide, begun in this time, and those that earned it a card in it."""


def without_red(since: datetime, until: datetime) -> dict[int, tuple[int, int]]:
    """By unit's id the applications without a red card that stands, and those with one."""
    return _counts(RED, since, until)


def without_yellow(since: datetime, until: datetime) -> dict[int, tuple[int, int]]:
    """The same of yellow cards."""
    return _counts(YELLOW, since, until)


def _counts(colour: str, since: datetime, until: datetime) -> dict[int, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"colour": colour, "withdrawn": WITHDRAWN, "since": since, "until": until})
        return {unit: (good, bad) for unit, good, bad in cursor.fetchall()}
