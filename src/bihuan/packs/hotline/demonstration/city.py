"""Who acts in the demonstration city, and how far an order has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.calendar import Calendar
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Grant, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.hotline.demonstration.generator import GeneratedOrder
from bihuan.packs.hotline.demonstration.moments import Timeline
from bihuan.packs.hotline.demonstration.script import Planned, Script
from bihuan.packs.hotline.directory.leading import ROW_BY_MATTER

NOTHING = Script(())
OTHERS = ("enforcement", "housing", "municipal", "market")
STEPS = """
    select convert_from(body, 'UTF8')::jsonb #>> '{data,step}' from ledger_entry
    where stream = %s and convert_from(body, 'UTF8')::jsonb ->> 'kind' = 'move'
      and convert_from(body, 'UTF8')::jsonb ->> 'by' <> 'system' order by seq
"""
FIRST = """
    select convert_from(body, 'UTF8')::jsonb #>> '{data,to}' from ledger_entry
    where stream = %s and convert_from(body, 'UTF8')::jsonb ->> 'by' = 'system'
      and convert_from(body, 'UTF8')::jsonb #>> '{data,step}' in ('dispatch', 'coordinate') order by seq limit 1
"""


@dataclass(eq=False)
class Life:
    """An order under way: where it is, since when (epoch seconds), and the moves still before it."""

    case: int
    unit: int
    state: str
    begun: str
    at: int
    opened: int
    order: GeneratedOrder | None = None
    moves: Sequence[Planned] = ()
    moments: Sequence[int] = ()
    line: Timeline | None = None
    script: Script = NOTHING
    place: int = 0
    done: tuple[str, ...] = ()
    children: int = 0
    parent: Life | None = None
    survivor: Life | None = None
    merged: list[Life] = field(default_factory=list)

    @property
    def next(self) -> Planned:
        return self.moves[self.place]

    @property
    def over(self) -> bool:
        return self.place >= len(self.moves)

    @property
    def asked(self) -> bool:
        """Has it just asked other units to assist?"""
        return bool(self.moves) and self.place > 0 and self.moves[self.place - 1].step == "assist"


@dataclass(frozen=True)
class City:
    """Who acts where: units by code and kind, people by unit and role, and the working calendar."""

    units: dict[str, int]
    kinds: dict[int, str]
    people: dict[tuple[int, str], int]
    calendar: Calendar
    centre: int

    @classmethod
    def read(cls) -> City:
        """The city as it is in the database; of several people in one role the first acts."""
        people: dict[tuple[int, str], int] = {}
        for unit, role, person in (
            Grant.objects.filter(valid_to=None).order_by("id").values_list("unit_id", "role", "person_id")
        ):
            people.setdefault((unit, role), person)
        rows = list(Unit.objects.values_list("code", "id", "kind"))
        units = {code: id_ for code, id_, _ in rows}
        return cls(
            units,
            {id_: kind for _, id_, kind in rows},
            people,
            rulebook().calendar,
            units[f"{settings.REGION}_12345"],
        )

    @property
    def seat_agent(self) -> int:
        return self.people[self.centre, "seat_agent"]

    def actor(self, unit: int, role: str) -> int:
        """Who does this: somebody of the unit, or of the centre."""
        return self.people.get((unit, role)) or self.people[self.centre, role]

    def named(self, word: str, life: Life) -> int | list[int]:
        """The unit, or units, that a word of the script means for this order."""
        order = life.order
        matter = order.matter if order else ""
        row = ROW_BY_MATTER.get(matter)
        accused = order.accused if order else ""
        if word == "same":
            return life.unit
        if word in ("another", "helpers"):
            known = row.assisting if row else ()
            slugs = [slug for slug in (*known, *OTHERS) if slug != accused]
            found = [
                self.units[f"{settings.REGION}_{slug}"]
                for slug in slugs
                if f"{settings.REGION}_{slug}" in self.units
            ]
            others = [unit for unit in dict.fromkeys(found) if unit != life.unit]
            return others[: max(1, min(2, len(known)))] if word == "helpers" else others[0]
        return self.units[f"{settings.REGION}_{word}"]


def lives_found(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The cases of these external ids that exist already."""
    with kernel_writes():
        found = Case.objects.filter(pack="hotline", external_id__in=ids)
        rows = list(
            found.values_list("external_id", "id", "unit_id", "state", "opened_at", "moved_at", "closed_at")
        )
    names = ("case", "unit", "state", "opened", "at", "closed")
    return {external: dict(zip(names, rest, strict=True)) for external, *rest in rows}


def steps_done(case: int) -> tuple[str, ...]:
    """The steps that people took on a case, in order."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(STEPS, [f"case:{case}"])
        return tuple(step for (step,) in cursor.fetchall())


def life_found(order: GeneratedOrder, known: Mapping[str, Any]) -> Life:
    """An order that an interrupted run took in, with the steps that were taken on it."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(FIRST, [f"case:{known['case']}"])
        first = cursor.fetchone()
    return Life(
        case=known["case"], unit=known["unit"], state=known["state"], begun=first[0] if first else "received",
        at=int(known["at"].timestamp()), opened=int(known["opened"].timestamp()), order=order, done=steps_done(known["case"]),
    )  # fmt: skip
