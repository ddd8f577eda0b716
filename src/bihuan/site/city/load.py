"""Loads the demonstration city into an empty database, through the same services as any other data, and adds to one that was
loaded by an earlier release what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.utils.timezone import localdate

from bihuan.kernel.identity.models import Person as Account
from bihuan.kernel.identity.services import UnitData, administration_set, people_enter, units_enter
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.services import policy_set
from bihuan.packs.hotline.seeds import directory_load, ready_answers_load
from bihuan.site.centre import rules_add, rules_load
from bihuan.site.city.people import Person
from bihuan.site.city.people import people as all_people
from bihuan.site.city.units import ADMINISTERED_BY, CITY_CODE, CityUnit
from bihuan.site.city.units import units as all_units

FOUNDED = date(2020, 1, 1)
PREFIX_RULE = "hotline.number_prefix"


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
        _people_enter(people or all_people(), ids, now)
        tell("日历与规则 …")
        rules_load(since=FOUNDED, now=now, by="system")
        _prefix_set(FOUNDED, now)
        tell("派单目录 …")
        directory_load(ids=ids, territory=settings.REGION, since=FOUNDED, now=now)
        ready_answers_load(now=now)
    return ids


def city_lacks(people: Sequence[Person] | None = None) -> bool:
    """Was this city loaded by a release that knew fewer people or rules?"""
    names = {person.username for person in people or all_people()}
    codes = {rule[0] for pack in packs().values() for rule in pack.policies}
    return bool(
        names.difference(Account.objects.values_list("username", flat=True))
        or codes.difference(PolicyRule.objects.values_list("code", flat=True))
    )


def city_add(
    *, now: datetime, units: Sequence[CityUnit] | None = None, people: Sequence[Person] | None = None
) -> list[str]:
    """What a later release knows and the city, loaded earlier, does not have: people with their units, and rules from today on.
    Returns their user names and codes. What is there stays as it is, whoever has changed it since.
    """
    wanted = people or all_people()
    with kernel_writes():
        known = set(Account.objects.values_list("username", flat=True))
        fresh = [person for person in wanted if person.username not in known]
        if fresh:
            entered = units or all_units()
            ids = units_enter(
                units=[UnitData(u.code, u.name, u.kind, u.level, u.parent, u.name_en) for u in entered],
                now=now,
                by="system",
            )
            _people_enter(fresh, ids, now)
        today = localdate(now)
        rules = rules_add(since=today, now=now, by="system")
        if PREFIX_RULE in rules:
            _prefix_set(today, now)
    return [*(person.username for person in fresh), *rules]


def _people_enter(people: Sequence[Person], ids: Mapping[str, int], now: datetime) -> None:
    people_enter(
        people=[
            {
                "username": p.username,
                "name": p.name,
                "name_en": p.name_en,
                "grants": [(ids[p.unit], str(p.role))],
            }
            for p in people
        ],
        password=settings.DEMONSTRATION_PASSWORD,
        now=now,
        by="system",
    )


def _prefix_set(since: date, now: datetime) -> None:
    """The city's numbers begin otherwise than the district's."""
    if settings.REGION == CITY_CODE:
        basis = "演示设定:市级编号以 LC(聊城)开头,与区级分得开"
        policy_set(
            code=PREFIX_RULE, value="LC", unit="prefix", region=CITY_CODE, legal_basis=basis, valid_from=since,
            now=now, by="system",
        )  # fmt: skip
