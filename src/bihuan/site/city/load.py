"""Loads the demonstration city into an empty database, through the same services as any other data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.conf import settings

from bihuan.kernel.identity.services import UnitData, administration_set, people_enter, units_enter
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.hotline.seeds import directory_load, ready_answers_load
from bihuan.site.centre import rules_load
from bihuan.site.city.people import Person
from bihuan.site.city.people import people as all_people
from bihuan.site.city.units import ADMINISTERED_BY, CityUnit
from bihuan.site.city.units import units as all_units

FOUNDED = date(2020, 1, 1)


def city_load(
    *,
    now: datetime,
    tell: Callable[[str], None] = lambda line: None,
    units: Sequence[CityUnit] | None = None,
    people: Sequence[Person] | None = None,
) -> dict[str, int]:
    """Units, who runs what, people, calendar, policies and directory. Returns the units' ids by code.

    Without `units` and `people` it is the district's centre with everything that there is in the city.
    """
    with kernel_writes():
        tell("单位 …")
        ids = units_enter(
            units=[
                UnitData(u.code, u.name, u.kind, u.level, u.parent, u.name_en) for u in units or all_units()
            ],
            now=now,
            by="system",
        )
        for relation in ADMINISTERED_BY:
            administration_set(
                unit=ids[relation.unit],
                administered_by=ids[relation.by],
                since=FOUNDED,
                basis=relation.source,
                demonstration=relation.demonstration,
                now=now,
                by="system",
            )
        tell("人员 …")
        people_enter(
            people=[
                {
                    "username": p.username,
                    "name": p.name,
                    "name_en": p.name_en,
                    "grants": [(ids[p.unit], str(p.role))],
                }
                for p in people or all_people()
            ],
            password=settings.DEMONSTRATION_PASSWORD,
            now=now,
            by="system",
        )
        tell("日历与规则 …")
        rules_load(since=FOUNDED, now=now, by="system")
        tell("派单目录 …")
        directory_load(ids=ids, territory=settings.REGION, since=FOUNDED, now=now)
        ready_answers_load(now=now)
    return ids
