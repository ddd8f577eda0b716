"""Writing identity: units, people, roles, delegation. Each change is an entry of the register's stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Administration, Delegation, Grant, Person, Unit
from bihuan.kernel.identity.powers import KINDS, not_an_administrator, not_oneself, power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal

STREAM = "identity"


@dataclass(frozen=True, slots=True)
class UnitData:
    """A unit to be entered; `parent` is a code that stands earlier in the list or exists already."""

    code: str
    name: str
    kind: str
    level: str
    parent: str | None = None
    name_en: str = ""


def units_enter(*, units: Sequence[UnitData], now: datetime, by: int | str) -> dict[str, int]:
    """Enter units, parents first; codes that exist are left as they are. Returns ids by code."""
    power_require("system_admin", by=by, now=now)
    with kernel_writes():
        known = dict(Unit.objects.values_list("code", "id"))
        entered = []
        for unit in units:
            if unit.code in known:
                continue
            row = Unit.objects.create(
                code=unit.code,
                name=unit.name,
                name_en=unit.name_en,
                kind=unit.kind,
                level=unit.level,
                parent_id=known[unit.parent] if unit.parent else None,
            )
            known[unit.code] = row.pk
            entered.append(unit.code)
        if entered:
            register_append(stream=STREAM, kind="units_entered", at=now, by=by, data={"codes": entered})
    return known


def administration_set(
    *,
    unit: int,
    administered_by: int,
    since: date,
    basis: str,
    now: datetime,
    by: int | str,
    demonstration: bool = False,
) -> None:
    """From `since` on, `administered_by` runs `unit`; what ran it before ends there.

    Refusal when another runs it from that day or a later one: the database keeps periods from overlapping.
    """
    power_require("system_admin", by=by, now=now)
    if unit == administered_by:
        raise Refusal("oneself", _("单位不能由自己托管。"), field="administered_by")
    with kernel_writes():
        before = Administration.objects.filter(unit_id=unit, during__contains=since).first()
        if before and before.during.lower != since:
            before.during = DateRange(before.during.lower, since)
            before.save(update_fields=["during"])
        try:
            with transaction.atomic():
                Administration.objects.create(
                    unit_id=unit,
                    by_id=administered_by,
                    during=DateRange(since, None),
                    basis=basis,
                    demonstration=demonstration,
                )
        except IntegrityError:
            raise _overlap(unit, since) from None
        data = {"unit": unit, "administered_by": administered_by, "since": since, "basis": basis}
        register_append(stream=STREAM, kind="administration_set", at=now, by=by, data=data)


def administration_end(*, unit: int, on: date, now: datetime, by: int | str) -> None:
    """From `on` the unit is run by whom it is under again. Refusal when nobody else runs it on the day before."""
    power_require("system_admin", by=by, now=now)
    with kernel_writes():
        row = Administration.objects.select_for_update().filter(unit_id=unit, during__contains=on).first()
        if row is None or row.during.lower >= on:
            raise Refusal("no_administration", _("%s 的前一天没有托管关系,没有要结束的。") % on, field="on")
        row.during = DateRange(row.during.lower, on)
        row.save(update_fields=["during"])
        data = {"unit": unit, "administered_by": row.by_id, "on": on}
        register_append(stream=STREAM, kind="administration_ended", at=now, by=by, data=data)


def _overlap(unit: int, since: date) -> Refusal:
    """The database's refusal of periods that overlap, in words."""
    other = Administration.objects.filter(unit_id=unit, during__fully_gt=DateRange(None, since))
    row = other.select_related("by").order_by("during").first()
    told = {"since": row.during.lower if row else since, "by": row.by.name if row else ""}
    message = _("%(since)s 起已登记由%(by)s托管,两段日子不能重叠;请换一个更晚的开始日期。")
    return Refusal("dates", message % told, field="since")


def people_enter(
    *, people: Iterable[Mapping[str, Any]], password: str | None, now: datetime, by: int | str
) -> dict[str, int]:
    """Enter people with `username`, `name`, `grants` [(unit id, role)]; all with one first password (None: none)."""
    power_require("system_admin", by=by, now=now)
    people = list(people)
    for person in people:
        given = {role for _unit, role in person["grants"]}
        if given & KINDS and len(given) > 1:
            raise _three_powers()
    secret = make_password(password)
    with kernel_writes():
        known = dict(Person.objects.values_list("username", "id"))
        fresh = [p for p in people if p["username"] not in known]
        rows = Person.objects.bulk_create(
            [
                Person(username=p["username"], name=p["name"], name_en=p.get("name_en", ""), password=secret)
                for p in fresh
            ]
        )
        Grant.objects.bulk_create(
            [
                Grant(person=row, unit_id=unit, role=role)
                for row, p in zip(rows, fresh, strict=True)
                for unit, role in p["grants"]
            ]
        )
        known |= {row.username: row.pk for row in rows}
        if rows:
            register_append(
                stream=STREAM, kind="people_entered", at=now, by=by, data={"people": [row.pk for row in rows]}
            )
    return known


def grant_add(
    *,
    person: int,
    unit: int,
    role: str,
    now: datetime,
    by: int | str,
    since: date | None = None,
    until: date | None = None,
) -> Grant:
    """Give a role in a unit from a day on (today), for good or until before a day. Only a security administrator may,
    and not to the own account.

    The three administrators must be three people, who see no cases: Refusal (GB/T 22239; rules.md I).
    """
    power_require("security_admin", by=by, now=now)
    not_oneself(person=person, by=by)
    today = timezone.localdate(now)
    with kernel_writes():
        if not Person.objects.select_for_update().filter(pk=person, is_active=True).exists():
            raise NotFound("person", _("没有这个人,或账号已停用。"), field="person")
        alive = Grant.objects.filter(person_id=person).exclude(valid_to__lte=today)
        held = set(alive.values_list("role", flat=True))
        if (role in KINDS and held - {role}) or (role not in KINDS and held & KINDS):
            raise _three_powers()
        begins = since or today
        if begins < today:
            raise Refusal("dates", _("角色不能从过去的日期开始。"), field="since")
        if until is not None and until <= begins:
            raise Refusal("dates", _("结束日期要晚于开始日期。"), field="until")
        same = alive.filter(unit_id=unit, role=role).filter(Q(valid_to=None) | Q(valid_to__gt=begins))
        if (same.filter(valid_from__lt=until) if until else same).exists():
            raise Refusal("grant_exists", _("此人在这段日子里已有这一角色。"), field="role")
        if not Unit.objects.filter(pk=unit).filter(Q(valid_to=None) | Q(valid_to__gt=begins)).exists():
            raise Refusal("unit", _("没有这个单位,或该单位已撤销。"), field="unit")
        grant = Grant.objects.create(
            person_id=person, unit_id=unit, role=role, valid_from=begins, valid_to=until
        )
        data = {"person": person, "unit": unit, "role": role, "since": begins}
        data |= {"until": until} if until else {}
        register_append(stream=STREAM, kind="grant_added", at=now, by=by, data=data)
    return grant


def grant_end(*, grant: int, now: datetime, by: int | str) -> None:
    """Take a role away from today on. Only a security administrator may, and not from the own account."""
    power_require("security_admin", by=by, now=now)
    today = timezone.localdate(now)
    with kernel_writes():
        row = Grant.objects.select_for_update().filter(pk=grant).first()
        if row is None:
            raise NotFound("grant", _("没有这一角色。"), field="grant")
        not_oneself(person=row.person_id, by=by)
        if row.valid_to is not None and row.valid_to <= today:
            raise Refusal("grant_ended", _("这一角色已经收回。"))
        data = {"person": row.person_id, "unit": row.unit_id, "role": row.role}
        if row.valid_from >= today:
            row.delete()
        else:
            row.valid_to = today
            row.save(update_fields=["valid_to"])
        register_append(stream=STREAM, kind="grant_ended", at=now, by=by, data=data)


def _three_powers() -> Refusal:
    message = _("系统、安全、审计三种管理员不能是同一个人。")
    return Refusal("three_powers", message, field="role", rule="GB/T 22239")


def delegation_give(
    *,
    grantor: int,
    grantee: int,
    begins: datetime,
    ends: datetime,
    reason: str,
    now: datetime,
    step: str = "",
) -> Delegation:
    """For a time, `grantee` may take the steps (or one step) of `grantor`, who alone may give it."""
    if grantor == grantee:
        raise Refusal("delegation_self", _("不能委托给自己。"), field="grantee")
    if ends <= begins or ends <= now:
        raise Refusal("dates", _("委托的结束时间要晚于开始时间和现在。"), field="ends")
    if not reason.strip():
        raise Refusal("reason", _("请写明委托的原因。"), field="reason")
    with kernel_writes():
        if not Person.objects.filter(pk=grantee, is_active=True).exists():
            raise Refusal("person", _("没有这个人,或账号已停用。"), field="grantee")
        row = Delegation.objects.create(
            grantor_id=grantor, grantee_id=grantee, step=step, begins=begins, ends=ends, reason=reason
        )
        data = {"grantor": grantor, "grantee": grantee, "step": step, "begins": begins, "ends": ends}
        register_append(stream=STREAM, kind="delegation_given", at=now, by=grantor, data=data)
    return row


def delegation_revoke(*, delegation: int, by: int, now: datetime) -> None:
    """Take a delegation back before its end; only who gave it may."""
    with kernel_writes():
        row = Delegation.objects.select_for_update().filter(pk=delegation).first()
        if row is None or row.grantor_id != by:
            raise NotPermitted("delegation_other", _("只有委托人可以收回委托。"))
        if row.revoked_at is None:
            row.revoked_at = now
            row.save(update_fields=["revoked_at"])
            register_append(
                stream=STREAM, kind="delegation_revoked", at=now, by=by, data={"delegation": row.pk}
            )


def person_close(*, person: int, now: datetime, by: int | str) -> None:
    """Close an account. Refusal while the person still has open cases: a leaver hands over first (DESIGN §3 Units).

    Only a system administrator may; not the own account, nor one that still holds an administrator's role.
    """
    power_require("system_admin", by=by, now=now)
    not_oneself(person=person, by=by)
    not_an_administrator(person=person, by=by, now=now)
    with kernel_writes(), connection.cursor() as cursor:
        row = Person.objects.select_for_update().filter(pk=person, is_active=True).first()
        if row is None:
            raise NotFound("person", _("没有这个人,或账号已停用。"), field="person")
        cursor.execute(
            "select count(*) from cases_case where handler_id = %s and closed_at is null", [person]
        )
        count = cursor.fetchone()[0]
        if count:
            raise Refusal("open_cases", _("此人手上还有 %(count)s 件未办结,请先交接。") % {"count": count})
        row.is_active = False
        row.save(update_fields=["is_active"])
        register_append(stream=STREAM, kind="person_closed", at=now, by=by, data={"person": person})
