"""Units with dates: opened, renamed, moved and closed from a day on, never deleted. Each change is an entry.

A unit's own row holds what is so today. What is to be so later waits as a version, and `units_settle` carries it over
when its day has come.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Administration, Grant, Person, Unit, UnitVersion, holds_on
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.identity.services import STREAM, UnitData, units_enter
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import clean_text

CODE = re.compile(r"[0-9A-Za-z_]{2,40}")


HEIRS = """
    with recursive heir as (
        select id, successor_id, valid_to from identity_unit where id = %s
        union
        select u.id, u.successor_id, u.valid_to from heir h join identity_unit u on u.id = h.successor_id where h.valid_to <= %s
    ) select id from heir where successor_id is null or valid_to is null or valid_to > %s
"""


def heir_of(unit: int, on: date) -> RawSQL:
    """The unit that acts for a unit on a day, as a query of its id: itself, or, once it has ended, the last of its successors."""
    return RawSQL(HEIRS, (unit, on, on))  # noqa: S611  a constant with its parameters


def units_on(on: date) -> QuerySet[Unit]:
    """The units that exist on a day."""
    return Unit.objects.filter(holds_on(on))


def people_at_work(*, units: Sequence[int], on: date) -> QuerySet[Person]:
    """Who holds a role in one of these units on a day. Nobody is named to those who have nothing to do with them."""
    held = Grant.objects.filter(holds_on(on), unit__in=units)
    return Person.objects.filter(is_active=True, pk__in=held.values("person"))


def unit_open(
    *,
    code: str,
    name: str,
    kind: str,
    level: str,
    parent: int,
    since: date,
    now: datetime,
    by: int | str,
    name_en: str = "",
) -> Unit:
    """Open a unit under another from a day on. Refusal for a code or name that is taken, or a day that has passed."""
    power_require("system_admin", by=by, now=now)
    if not CODE.fullmatch(code):
        raise Refusal("code", _("代码由 2 至 40 个字母、数字和下划线组成。"), field="code")
    if kind not in Unit.Kind.values:
        raise Refusal("kind", _("没有这个类别。"), field="kind")
    name = clean_text(name, field="name", max_length=80, min_length=2, multiline=False)
    name_en = clean_text(name_en, field="name_en", max_length=120, multiline=False)
    with kernel_writes():
        _not_past(since, now)
        if Unit.objects.filter(code=code).exists():
            raise Refusal("code_taken", _("这个代码已经有单位用;撤销了的单位也占着代码。"), field="code")
        _name_free(name, since, apart=None)
        above = units_on(since).filter(pk=parent).first()
        if above is None:
            raise Refusal("unit", _("那一天没有这个上级单位。"), field="parent")
        data = UnitData(code, name, kind, level, above.code, name_en)
        row = Unit.objects.get(pk=units_enter(units=[data], now=now, by=by)[code])
        row.valid_from = since
        row.save(update_fields=["valid_from"])
    return row


def unit_change(
    *,
    unit: int,
    name: str,
    parent: int | None,
    since: date,
    basis: str,
    now: datetime,
    by: int | str,
    name_en: str = "",
) -> None:
    """From a day on the unit is called so and is under that unit. Refusal when nothing changes, or in a circle."""
    power_require("system_admin", by=by, now=now)
    name = clean_text(name, field="name", max_length=80, min_length=2, multiline=False)
    name_en = clean_text(name_en, field="name_en", max_length=120, multiline=False)
    basis = clean_text(basis, field="basis", max_length=200, min_length=2, multiline=False)
    with kernel_writes():
        row = _living(unit, since)
        _not_past(since, now)
        _name_free(name, since, apart=unit)
        last = UnitVersion.objects.filter(unit=row).order_by("-since").first()
        if last and last.since > since:
            raise Refusal(
                "dates", _("已登记 %s 起的变更,新的变更要从那天或更晚开始。") % last.since, field="since"
            )
        was = last or row
        if (was.name, was.name_en, was.parent_id) == (name, name_en, parent):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), field="name")
        _not_in_a_circle(unit, parent, since)
        if last is None:
            UnitVersion.objects.create(
                unit=row, since=row.valid_from, name=row.name, name_en=row.name_en, parent_id=row.parent_id
            )
        values = {"name": name, "name_en": name_en, "parent_id": parent, "basis": basis}
        UnitVersion.objects.update_or_create(unit=row, since=since, defaults=values)
        data = {"unit": unit, "since": since, "name": name, "parent": parent, "basis": basis}
        register_append(stream=STREAM, kind="unit_changed", at=now, by=by, data=data)
        units_settle(now=now)


def unit_close(*, unit: int, on: date, to: int | None, basis: str, now: datetime, by: int | str) -> None:
    """From `on` the unit is no more; its open cases go to `to` on that day (`cases.succession`). It keeps its row.

    Refusal while units stand under it or are run by it, and when it has open cases and no unit is named for them.
    """
    power_require("system_admin", by=by, now=now)
    basis = clean_text(basis, field="basis", max_length=200, min_length=2, multiline=False)
    with kernel_writes(), connection.cursor() as cursor:
        row = _living(unit, on)
        _not_past(on, now)
        if row.valid_to is not None:
            raise Refusal("closed", _("已登记从 %s 起撤销。") % row.valid_to, field="on")
        if below := units_on(on).filter(parent=row).order_by("code").first():
            raise Refusal("units_below", _("下面还有单位,如%s:请先移走或撤销。") % below.name)
        run = Administration.objects.filter(by=row, during__contains=on).select_related("unit").first()
        if run:
            raise Refusal("units_run", _("还托管着单位,如%s:请先改由别的单位托管。") % run.unit.name)
        cursor.execute("select count(*) from cases_case where unit_id = %s and closed_at is null", [unit])
        count = cursor.fetchone()[0]
        if to is None and count:
            raise Refusal(
                "open_cases", _("还有 %(count)s 件未办结:请写明转给哪个单位。") % {"count": count}, field="to"
            )
        if to == unit or (to is not None and not units_on(on).filter(pk=to).exists()):
            raise Refusal("unit", _("那一天没有这个单位,或就是本单位。"), field="to")
        row.valid_to, row.successor_id = max(on, row.valid_from), to
        row.save(update_fields=["valid_to", "successor"])
        for one in Administration.objects.filter(unit=row, during__contains=on):
            one.during = DateRange(one.during.lower, on)
            one.save(update_fields=["during"]) if one.during.lower < on else one.delete()
        data = {"unit": unit, "on": on, "to": to, "basis": basis}
        register_append(stream=STREAM, kind="unit_closed", at=now, by=by, data=data)


def units_settle(*, now: datetime) -> int:
    """Carry over into the units' rows what is so since today. Returns how many changed."""
    on = timezone.localdate(now)
    changed = 0
    with kernel_writes():
        due = UnitVersion.objects.filter(since__lte=on).order_by("unit_id", "-since").distinct("unit_id")
        for version in due.select_related("unit"):
            row = version.unit
            wanted = (version.name, version.name_en, version.parent_id)
            if (row.name, row.name_en, row.parent_id) != wanted:
                row.name, row.name_en, row.parent_id = wanted
                row.save(update_fields=["name", "name_en", "parent"])
                changed += 1
    return changed


def _living(unit: int, on: date) -> Unit:
    row = Unit.objects.select_for_update().filter(pk=unit).first()
    if row is None or (row.valid_to is not None and row.valid_to <= on):
        raise NotFound("unit", _("没有这个单位,或该单位已撤销。"), field="unit")
    return row


def _not_past(day: date, now: datetime) -> None:
    if day < timezone.localdate(now):
        raise Refusal("dates", _("日期不能早于今天:过去的事已按当时的单位办理。"), field="since")


def _name_free(name: str, on: date, *, apart: int | None) -> None:
    if units_on(on).filter(name=name).exclude(pk=apart).exists():
        raise Refusal("name_taken", _("已有同名的单位,派单时会分不清;请换一个名称。"), field="name")


def _not_in_a_circle(unit: int, parent: int | None, on: date) -> None:
    above, seen = parent, {unit}
    if parent is not None and not units_on(on).filter(pk=parent).exists():
        raise Refusal("unit", _("那一天没有这个上级单位。"), field="parent")
    parents = dict(Unit.objects.values_list("pk", "parent"))
    while above is not None:
        if above in seen:
            raise Refusal("circle", _("单位不能在自己或自己的下级之下。"), field="parent")
        seen.add(above)
        above = parents.get(above)
