"""The people of a unit and how much each of them has in hand: whom a chief can hand a case to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from bihuan.kernel.desk.words import role_label
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.pack import roles
from bihuan.kernel.sentences import in_line

PEOPLE = """
    select p.id, p.username, p.name, array_agg(distinct g.role)
    from identity_grant g join identity_person p on p.id = g.person_id
    where g.unit_id = any(%(units)s) and g.role = any(%(roles)s) and p.is_active
      and g.valid_from <= %(on)s and (g.valid_to is null or g.valid_to > %(on)s)
    group by 1, 2, 3 order by 3, 2
"""
HELD = """
    select c.handler_id, count(*), count(*) filter (where c.due_at <= %(now)s),
        count(*) filter (where c.warn_at <= %(now)s and c.due_at > %(now)s)
    from cases_case c where c.closed_at is null and c.unit_id = any(%(units)s) group by 1
"""
LONGEST = 200
"""So many people of a unit are listed."""


@dataclass(slots=True)
class Colleague:
    """Somebody of the unit: roles in words, and how many open cases this person has, late and nearly due ones among them."""

    id: int
    username: str
    name: str
    roles: str
    held: Sequence[int] = field(default=(0, 0, 0))


def colleagues_of(*, units: Sequence[int], now: datetime) -> tuple[list[Colleague], Sequence[int]]:
    """The people who act in these units, and the counts of the cases there that nobody has. Two queries."""
    acting = [code for code, role in roles().items() if role.acts == "holder"]
    values = {"units": list(units), "roles": acting, "on": day_of(now), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, values)
        people = [
            Colleague(pk, username, name, in_line(role_label(code) for code in codes))
            for pk, username, name, codes in cursor.fetchmany(LONGEST)
        ]
        cursor.execute(HELD, values)
        held = {handler: counts for handler, *counts in cursor.fetchall()}
    for one in people:
        one.held = held.get(one.id, (0, 0, 0))
    return people, held.get(None, (0, 0, 0))


def person_chosen(username: str) -> Person | None:
    """Who was chosen from the list, by the user name that the form sends."""
    return Person.objects.filter(username=username[:60].replace("\0", ""), is_active=True).first()
