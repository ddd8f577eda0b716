"""Keeping the list of matters (事项): added, renamed and ended from a day on, each an entry of the register."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.hotline.directory.upkeep import ADMINISTRATOR, STREAM
from bihuan.packs.hotline.models import Matter, MatterName

FIRST_DAY = date(2004, 1, 1)
"""The first day of the calendar: since then, as far as is known, a matter bore its first name."""


def code_next(parent: str) -> str:
    """The next code of a class that was never used: its code and two digits. Refusal when there is none left."""
    used = Matter.objects.filter(parent=parent).values_list("code", flat=True)
    free = next((code for n in range(1, 100) if (code := f"{parent}{n:02}") > max(used, default="")), None)
    if free is None:
        raise Refusal("code", _("这一类的代码已用完。"), field="parent")
    return free


def matter_add(
    *,
    code: str,
    name: str,
    name_en: str,
    now: datetime,
    by: int | str,
    route: str = "",
    emergency: bool = False,
    township: bool = False,
) -> Matter:
    """A new matter from today on; its class is the first two digits of its code. Refusal with field and rule.

    `emergency`: danger to life. `township`: it is on the townships' list of duties, so that one may lead it.
    """
    power_require(ADMINISTRATOR, by=by, now=now)
    texts = _matter_texts(name, name_en, route)
    if route and (emergency or township):
        raise Refusal("route", _("应走别的途径的,不派单,也不派镇街。"), field="route")
    with kernel_writes():
        parent = Matter.objects.filter(code=code[:2], parent=None).first()
        if parent is None or len(code) != 4 or not (code.isascii() and code.isdecimal()):
            raise Refusal("code", _("代码是类别的两位代码加两位数字,如 0116。"), field="code")
        if Matter.objects.filter(pk=code).exists():
            raise Refusal("code", _("这个代码用过了;停用的事项代码也不再用。"), field="code")
        _name_check(texts["name"], code)
        row = Matter.objects.create(code=code, parent=parent, emergency=emergency, township=township, **texts)
        MatterName.objects.create(
            matter=row, since=timezone.localdate(now), name=row.name, name_en=row.name_en
        )
        data = {"matter": code, **texts, "emergency": emergency, "township": township}
        register_append(stream=STREAM, kind="matter_added", at=now, by=by, data=data)
    return row


def _matter_texts(name: str, name_en: str, route: str) -> dict[str, str]:
    return {
        "name": clean_text(name, field="name", max_length=80, min_length=2, multiline=False),
        "name_en": clean_text(name_en, field="name_en", max_length=120, multiline=False),
        "route": clean_text(route, field="route", max_length=200, multiline=False),
    }


def _name_check(name: str, code: str) -> None:
    if Matter.objects.filter(name=name).exclude(pk=code).exists():
        raise Refusal("name_taken", _("已有同名的事项。"), field="name")


def _name_keep(row: Matter, name: str, name_en: str, on: date) -> None:
    """What the matter was called stays known: orders of that time keep its words."""
    if (row.name, row.name_en) == (name, name_en):
        return
    if not row.names.exists():
        MatterName.objects.create(matter=row, since=FIRST_DAY, name=row.name, name_en=row.name_en)
    MatterName.objects.update_or_create(matter=row, since=on, defaults={"name": name, "name_en": name_en})


def matter_set(
    *, code: str, name: str, name_en: str, route: str, active: bool, now: datetime, by: int | str
) -> None:
    """From today on give a matter other names, say by which other route it goes, end it or take it up again."""
    power_require(ADMINISTRATOR, by=by, now=now)
    texts = _matter_texts(name, name_en, route)
    with kernel_writes():
        row = Matter.objects.select_for_update().get(pk=code)
        _name_check(texts["name"], code)
        if (row.name, row.name_en, row.route, row.active) == (*texts.values(), active):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), field="name")
        _name_keep(row, texts["name"], texts["name_en"], timezone.localdate(now))
        row.name, row.name_en, row.route, row.active = *texts.values(), active
        row.save(update_fields=["name", "name_en", "route", "active"])
        data = {"matter": code, **texts, "active": active}
        register_append(stream=STREAM, kind="matter_set", at=now, by=by, data=data)
