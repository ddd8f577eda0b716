"""Writing the register: a project entered, an interest declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.keys import key_taken
from bihuan.packs.fire.models import Conflict, Project, SingleWork
from bihuan.packs.fire.routes.rules import EXCLUDED, SmallLimits, is_small
from bihuan.packs.fire.special.cells import MOST_AREA, measure_read, use_excluded
from bihuan.packs.fire.special.files import project_read, verdict_decided
from bihuan.packs.fire.special.rules import Limits, classify, is_crowded, limits_of
from bihuan.packs.fire.special.rules import Project as Read
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, REVIEWER, WINDOW

STREAM = "fire"
KEEPERS = (WINDOW, REVIEWER, INSPECTOR, CHIEF)
"""The people of the fire section."""


@dataclass(frozen=True, slots=True)
class Work:
    """A single work: area in m², height in m."""

    name: str
    area: Any = None
    height: Any = None
    storeys: int | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A project as its owner declares it; `use`, `area`, `height`, `contains` and `investment` (10,000 yuan) are the
    words of the form, `excluded` a case of article 41 ("": none).
    """

    name: str
    owner: str
    place: str
    use: str
    area: str = ""
    height: str = ""
    contains: str = ""
    standard: str = ""
    legacy: bool = False
    crowded: bool = False
    punished: bool = False
    investment: str = ""
    excluded: str = ""
    owner_unit: int | None = None
    works: Sequence[Work] = field(default=())


def limits_in_force(on: date) -> Limits:
    """The thresholds of article 14 by the policy in force on a day."""
    return limits_of(policy_in_force(code="fire.special", region=settings.REGION, on=on).value)


def small_limits(on: date) -> SmallLimits:
    """Below what works need no construction permit, by the policies in force on a day."""
    values = [
        int(policy_in_force(code=f"fire.small_{name}", region=settings.REGION, on=on).value)
        for name in ("investment", "area")
    ]
    return SmallLimits(*values)


def keeper_unit(scope: Scope, *roles: str) -> int:
    """The unit in which this person holds one of the roles (any of the fire section). NotPermitted for nobody's."""
    for held in scope.held:
        if held.role in (roles or KEEPERS):
            return held.unit
    raise NotPermitted("not_permitted", _("只有消防审验的人员可以办理。"))


def _with_works(read: Read, works: Sequence[Work]) -> Read:
    """As declared, with the largest and the highest of its buildings; a building whose area is not told may be the largest."""
    areas = [one.area for one in works]
    single = max((area for area in areas if area is not None), default=None) if None not in areas else None
    heights = [height for height in (read.height, *(one.height for one in works)) if height is not None]
    return replace(read, single=single, height=max(heights, default=None))


def project_enter(
    *, scope: Scope, declared: Declared, key: str, now: datetime, unit: int | None = None
) -> Project:
    """Enter a project with its single works and the verdict of article 14; again with the same `key` it is returned as it is.
    Conflict for the key of another unit's. Kept by `unit`, for whoever is of the section by its own.

    FieldError names the cell that is wrong; Refusal for what the rules do not apply to (令51 art. 41).
    """
    unit = unit or keeper_unit(scope)
    if declared.excluded:
        raise not_applicable(_(dict(EXCLUDED)[declared.excluded]), field="excluded")
    told = {
        "use": declared.use,
        "area_m2": declared.area,
        "height_m": declared.height,
        "contains": declared.contains,
    }
    read = project_read(told)
    if use_excluded(declared.use):
        raise not_applicable(declared.use, field="use")
    investment = measure_read(declared.investment, field="investment", name="投资额", most=MOST_AREA)
    verdict = verdict_decided(
        read, classify(_with_works(read, declared.works), limits=limits_in_force(day_of(now)))
    )
    with kernel_writes():
        row, new = Project.objects.get_or_create(
            key=key,
            defaults={
                "name": declared.name, "owner": declared.owner, "owner_unit_id": declared.owner_unit, "unit_id": unit,
                "place": declared.place, "use": declared.use, "area": read.area, "height": read.height,
                "contains": declared.contains, "special": verdict.special, "row": verdict.row, "reason": verdict.reason,
                "standard": declared.standard, "legacy": declared.legacy, "crowded": declared.crowded or is_crowded(read),
                "punished": declared.punished, "entered_at": now, "investment": investment,
                "small": is_small(investment, read.area, small_limits(day_of(now))),
            },
        )  # fmt: skip
        if not new and row.unit_id != unit:
            raise key_taken()
        if new:
            SingleWork.objects.bulk_create(
                SingleWork(project=row, name=one.name, area=one.area, height=one.height, storeys=one.storeys)
                for one in declared.works
            )
            data = {
                "project": row.pk, "name": row.name, "use": row.use, "area": str(row.area), "height": str(row.height),
                "contains": row.contains, "special": row.special, "row": row.row, "works": len(declared.works),
            }  # fmt: skip
            register_append(stream=STREAM, kind="project_entered", at=now, by=scope.person, data=data)
    return row


def not_applicable(what: str, *, field: str) -> Refusal:
    """What the rules do not apply to is neither entered nor applied for."""
    return Refusal("excluded", _("%s不适用消防审验的规定,不用申请(令51第41条)。") % what, field=field)


def project_found(project: int, scope: Scope) -> Project:
    """The project, locked, if the person's section keeps it. NotFound otherwise."""
    units = {held.unit for held in scope.held if held.role in KEEPERS}
    row = Project.objects.select_for_update(of=("self",)).filter(pk=project, unit__in=units).first()
    if row is None:
        raise NotFound("not_found", _("没有这个项目,或您无权查看。"))
    return row


def conflict_declare(*, scope: Scope, project: int, person: int, reason: str, now: datetime) -> None:
    """Keep an inspector apart from a project in draws: by the inspector, or by the chief for anybody. Once."""
    with transaction.atomic(), kernel_writes():
        row = project_found(project, scope)
        if person != scope.person and not scope.holds(CHIEF):
            raise NotPermitted("not_permitted", _("回避由本人申报,或由负责人登记。"))
        _made, new = Conflict.objects.get_or_create(
            project=row, person_id=person, defaults={"reason": reason, "declared_at": now}
        )
        if new:
            data = {"project": row.pk, "person": person}
            register_append(
                stream=STREAM,
                kind="conflict_declared",
                at=now,
                by=scope.person,
                data=data,
                private={"reason": reason},
            )
