"""The first hour of a real centre: its territory, its own unit, three administrators, rules, calendar and matters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from bihuan.kernel.clocks.services import calendar_load
from bihuan.kernel.identity.accounts import person_enter
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.powers import KINDS
from bihuan.kernel.identity.services import UnitData, grant_add, units_enter
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.hotline.seeds import matters_load, ready_answers_load

REGION = re.compile(r"[0-9]{6}")
RULES_SINCE = date(2020, 1, 1)
"""The first rules hold from here on, so that history which is taken over has them too."""
BY = "operator"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An administrator to be: the name used to log in, and the person's own."""

    username: str
    name: str


def rules_load(*, since: date, now: datetime, by: int | str) -> None:
    """The calendar that comes with the product (to two years ahead) and the rules that the packs declare."""
    calendar_load(now=now, by=by, until=now.year + 2)
    rules_add(since=since, now=now, by=by)


def rules_add(*, since: date, now: datetime, by: int | str) -> list[str]:
    """Those of the packs' rules of which there is no row yet, whoever set it. Returns their codes."""
    added, known = [], set(PolicyRule.objects.values_list("code", flat=True))
    for code, value, unit, basis in (rule for pack in packs().values() for rule in pack.policies):
        if code not in known:
            policy_set(code=code, value=value, unit=unit, legal_basis=basis, valid_from=since, now=now, by=by)
            added.append(code)
    return added


def centre_init(
    *, name: str, region: str, territory: str, administrators: Mapping[str, Newcomer], now: datetime
) -> dict[str, str]:
    """Found a centre in an empty database, all or nothing. Returns each administrator's first password by username.

    `region` is the territory's GB/T 2260 code, `administrators` three people by the code of their role (GB/T 22239).
    The level of the territory follows its code: a city's ends in 00. Refusal when anybody or any unit is there already.
    """
    if not REGION.fullmatch(region):
        raise Refusal("region", _("行政区划代码是 6 位数字(GB/T 2260)。"), field="region")
    if set(administrators) != KINDS or len({one.username for one in administrators.values()}) != len(KINDS):
        raise Refusal(
            "three_powers",
            _("系统、安全、审计三种管理员各要一人,不能是同一个人。"),
            field="administrators",
            rule="GB/T 22239",
        )
    name = clean_text(name, field="name", max_length=80, min_length=2, multiline=False)
    territory = clean_text(territory, field="territory", max_length=80, min_length=2, multiline=False)
    if territory.isdecimal():
        raise Refusal(
            "territory", _("行政区写名称,如 东昌府区;代码由 BIHUAN_REGION 说明。"), field="territory"
        )
    level = "city" if region.endswith("00") else "county"
    centre = f"{region}_12345"
    with kernel_writes():
        if Person.objects.exists() or Unit.objects.exists():
            raise Refusal("centre_exists", _("这个数据库里已有单位或人员,不能再建中心。"))
        ids = units_enter(
            units=[
                UnitData(region, territory, "territory", level),
                UnitData(centre, name, "centre", level, region),
            ],
            now=now,
            by=BY,
        )
        passwords = {}
        for role, one in sorted(administrators.items()):
            row, password = person_enter(username=one.username, name=one.name, now=now, by=BY)
            grant_add(person=row.pk, unit=ids[centre], role=role, now=now, by=BY)
            passwords[one.username] = password
        rules_load(since=RULES_SINCE, now=now, by=BY)
        matters_load()
        ready_answers_load(now=now)
    return passwords
