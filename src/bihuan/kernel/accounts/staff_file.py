"""A staff list as a file: accounts by the system administrator, then their roles by the security administrator.

The column `grants` holds `unit:role` pairs parted by semicolons; units by code or full name, roles by code or label. The
same file is imported twice, once by each: neither power does the other's work (GB/T 22239).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.administration.shape import Asked, Change
from bihuan.kernel.identity.accounts import person_enter, person_rename
from bihuan.kernel.identity.models import Grant, Person, Unit
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import Refusal

PART = re.compile(r"[;；\n]")
PAIR = re.compile(r"[:：]")


def grants_written(grants: Iterable[Grant]) -> str:
    """The roles that somebody holds, as the file has them."""
    return ";".join(f"{grant.unit.code}:{grant.role}" for grant in grants)


def staff_import(values: Mapping[str, str], asked: Asked) -> Change:
    """Carry out one line as whoever asks may; Refusal with the column."""
    wanted = grants_read(values["grants"])
    person = Person.objects.filter(username=values["username"]).first()
    if person is not None and not person.is_active:
        raise Refusal("closed", _("这个账号已停用。"), field="username")
    if asked.scope.holds("system_admin"):
        return _account_import(person, values, wanted, asked)
    if person is None:
        raise Refusal("person", _("还没有这个账号:请系统管理员先导入同一个文件。"), field="username")
    return _grants_import(person, wanted, asked)


def grants_read(text: str) -> list[tuple[Unit, str]]:
    """The pairs of a line as (unit, code of the role); Refusal for a unit or role that is not known."""
    codes = {role.label: code for code, role in roles().items()} | {code: code for code in roles()}
    found = []
    for part in filter(None, (one.strip() for one in PART.split(text))):
        unit_text, *rest = (one.strip() for one in PAIR.split(part))
        role = codes.get(rest[0]) if len(rest) == 1 else None
        if role is None:
            raise Refusal("grants", _("“%s”应写作 单位:角色,角色用代码或名称。") % part[:60], field="grants")
        found.append((_unit(unit_text), role))
    return found


def _unit(text: str) -> Unit:
    unit = Unit.objects.filter(code=text).first() or Unit.objects.filter(name=text, valid_to=None).first()
    if unit is None:
        raise Refusal("unit", _("没有这个单位:%s。") % text[:60], field="grants")
    return unit


def _account_import(
    person: Person | None, values: Mapping[str, str], wanted: list[tuple[Unit, str]], asked: Asked
) -> Change:
    name, name_en = values["name"], values.get("name_en", "")
    title = f"{name} {values['username']}"
    later = _("角色由安全管理员导入同一个文件授予") if _missing(person, wanted, asked) else ""
    if person is None:
        person_enter(username=values["username"], name=name, name_en=name_en, now=asked.now, by=asked.by)
        return Change("new", title, later)
    if name != person.name or (name_en and name_en != person.name_en):
        name_en = name_en or person.name_en
        person_rename(person=person.pk, name=name, name_en=name_en, now=asked.now, by=asked.by)
        return Change("changed", title, f"{person.name} → {name}")
    return Change("same", title, later)


def _grants_import(person: Person, wanted: list[tuple[Unit, str]], asked: Asked) -> Change:
    missing = _missing(person, wanted, asked)
    for unit, role in missing:
        grant_add(person=person.pk, unit=unit.pk, role=role, now=asked.now, by=asked.by)
    title = f"{person.name} {person.username}"
    words = "、".join(f"{unit.name} · {_(roles()[role].label)}" for unit, role in missing)
    return Change("changed" if missing else "same", title, words)


def _missing(person: Person | None, wanted: list[tuple[Unit, str]], asked: Asked) -> list[tuple[Unit, str]]:
    on = timezone.localdate(asked.now)
    grants = Grant.objects.filter(person=person).exclude(valid_to__lte=on) if person else ()
    held = {(grant.unit_id, grant.role) for grant in grants}
    return [(unit, role) for unit, role in dict.fromkeys(wanted) if (unit.pk, role) not in held]
