"""Visibility: what a person may see, as a value, and as settings of the transaction that row-level security reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from bihuan.kernel.identity.roles import Role
from bihuan.lib.text import SHANGHAI


@dataclass(frozen=True, slots=True)
class Held:
    """A role held in a unit."""

    role: str
    unit: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see: the cases that these units hold or may view, or everything. `lent` are the roles that others
    have delegated with all their steps.
    """

    person: int
    held: tuple[Held, ...]
    units: tuple[int, ...]
    everything: bool
    lent: tuple[Held, ...] = ()

    def holds(self, *codes: str) -> bool:
        """Does the person hold one of these roles anywhere?"""
        return any(held.role in codes for held in self.held)

    def borrows(self, *codes: str) -> bool:
        """Has somebody delegated one of these roles to the person, with all its steps?"""
        return any(lent.role in codes for lent in self.lent)


NOBODY = Scope(0, (), (), False)

BEFORE = """array(
        with recursive before as (
            select id from identity_unit where successor_id = g.unit_id and valid_to <= %(on)s
            union
            select u.id from before b join identity_unit u on u.successor_id = b.id and u.valid_to <= %(on)s
        ) select id from before)"""
"""The units that ended and whose successor, or its successor, is the unit of a grant `g`."""
GRANTS = f"""
    select g.role, g.unit_id, {BEFORE} from identity_grant g join identity_person p on p.id = g.person_id
    where g.person_id = %(person)s and p.is_active
      and g.valid_from <= %(on)s and (g.valid_to is null or g.valid_to > %(on)s)
"""
DELEGATED = f"""
    select g.role, g.unit_id, {BEFORE}, d.step = '' from identity_delegation d
    join identity_grant g on g.person_id = d.grantor_id join identity_person p on p.id = d.grantor_id
    where d.grantee_id = %(person)s and d.revoked_at is null and d.begins <= %(at)s and d.ends > %(at)s
      and (d.step = '' or not %(whole)s) and p.is_active
      and g.valid_from <= %(on)s and (g.valid_to is null or g.valid_to > %(on)s)
"""
BELOW = """
    with recursive below as (
        select id from identity_unit where id = any(%(units)s)
        union
        select u.id from below b
        left join identity_administration a on a.by_id = b.id and a.during @> %(on)s::date
        join identity_unit u on u.id = a.unit_id or (u.parent_id = b.id and not exists (
            select 1 from identity_administration x where x.unit_id = u.id and x.during @> %(on)s::date))
    ) select id from below
"""


def day_of(at: datetime) -> date:
    """The day in China at a moment: grants begin and end with days."""
    return at.astimezone(SHANGHAI).date()


def scope_of(*, person: int, at: datetime, roles: Mapping[str, Role], whole: bool = False) -> Scope:
    """The scope of a person at a moment: own units and those of whoever delegated a step to this person (`whole`: all
    steps), by the roles in `roles` that see anything; those that ended and were succeeded by one of these; with a role that sees below,
    those administered by the own too.
    """
    on = day_of(at)
    with connection.cursor() as cursor:
        cursor.execute(GRANTS, {"person": person, "on": on})
        granted = {Held(role, unit): set(before) for role, unit, before in cursor.fetchall()}
        held = tuple(granted)
        sees = {h: roles[h.role].sees for h in held if h.role in roles}
        units = {one for h, breadth in sees.items() if breadth != "none" for one in (h.unit, *granted[h])}
        cursor.execute(DELEGATED, {"person": person, "at": at, "on": on, "whole": whole})
        rows = [
            (Held(role, unit), before, every)
            for role, unit, before, every in cursor.fetchall()
            if role in roles
        ]
        lent = [(held_, every) for held_, _before, every in rows]
        units |= {one for h, before, _ in rows if roles[h.role].sees != "none" for one in (h.unit, *before)}
        above = [h.unit for h, breadth in sees.items() if breadth == "below"]
        if above:
            cursor.execute(BELOW, {"units": above, "on": on})
            units |= {unit for (unit,) in cursor.fetchall()}
    wholly = tuple(sorted({h for h, every in lent if every}, key=lambda h: (h.role, h.unit)))
    return Scope(person, held, tuple(sorted(units)), "all" in sees.values(), wholly)


SETTINGS = ("bihuan.units", "bihuan.everything", "bihuan.person", "bihuan.audit")


@contextmanager
def scope_within(scope: Scope) -> Iterator[None]:
    """Inside, the transaction sees what `scope` sees; afterwards what it saw before. After an error it is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(current_setting(name, true), '') from unnest(%s::text[]) as name",
            [list(SETTINGS)],
        )
        before = [value for (value,) in cursor.fetchall()]
    scope_apply(scope)
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config(name, value, true) from unnest(%s::text[], %s::text[]) as s(name, value)",
            [list(SETTINGS), before],
        )


def scope_apply(scope: Scope, *, request: str = "") -> None:
    """Tell the present transaction what it may see, and the id of its request, which its jobs keep. Outside one, nothing is seen."""
    named = [request] if request else []
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('bihuan.units', %s, true), set_config('bihuan.everything', %s, true),"
            " set_config('bihuan.person', %s, true), set_config('bihuan.audit', %s, true)"
            + (", set_config('bihuan.request', %s, true)" if named else ""),
            [
                "{" + ",".join(map(str, scope.units)) + "}" if scope.units else "",
                "on" if scope.everything else "",
                str(scope.person),
                "on" if scope.holds("audit_admin") else "",
                *named,
            ],
        )
