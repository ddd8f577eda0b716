"""Which windows a hall has: entered, changed, closed and opened again by the system administrator. Each is an entry of the hall's register."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import in_line
from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.packs.onewindow.hall.calling import SHUT, skills_checked, window_enter
from bihuan.packs.onewindow.hall.models import HallWindow
from bihuan.packs.onewindow.hall.rules import WAITING
from bihuan.packs.onewindow.hall.selectors import terms_now, tickets_of
from bihuan.packs.onewindow.hall.words import group_names

ADMINISTRATOR = ("system_admin",)
CODE = re.compile(r"[0-9A-Z]{1,4}")


def window_add(*, unit: int, code: str, skills: Sequence[str], by: int | str, now: datetime) -> HallWindow:
    """Enter a window of a unit's hall; with its first window a unit has a hall. `skills` are the letters of groups.

    The system administrator's. Refusal for a number that is none or is taken, a unit that is no more, and groups that are unknown.
    """
    power_require(*ADMINISTRATOR, by=by, now=now)
    number = code.strip().upper()
    if not CODE.fullmatch(number):
        raise Refusal("window_code", _("编号写 1 至 4 个数字或字母,如 12 或 A3。"), field="code")
    with kernel_writes():
        if not Unit.objects.filter(pk=unit, valid_to=None).exists():
            raise Refusal("window_unit", _("这个单位已撤销,请选现在的单位。"), field="unit")
        made = HallWindow(unit_id=unit, code=number, skills=skills_checked(skills, now), since=now)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            raise Refusal(
                "window_code", _("这个大厅已有 %s 号窗口;停用的可以恢复使用。") % number, field="code"
            ) from None
        window_enter(made, "window_added", {"unit": unit, "skills": made.skills}, by, now)
    return made


def window_change(*, window: int, skills: Sequence[str], by: int | str, now: datetime) -> HallWindow:
    """Say which groups a window serves, from the next call on. The system administrator's; the number of a window never changes."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        found = _locked(window, active=True)
        chosen = skills_checked(skills, now)
        if chosen == sorted(found.skills):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), field="skills")
        found.skills = chosen
        found.save(update_fields=["skills"])
        window_enter(found, "window_skills", {"skills": chosen}, by, now)
    return found


def window_close(*, window: int, by: int | str, now: datetime) -> HallWindow:
    """A window is no more; what was done at it stays. The system administrator's.

    Conflict while somebody sits there. Refusal while people wait for what no other window of the hall serves.
    """
    power_require(*ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        found = _locked(window, active=True)
        if found.state != SHUT:
            raise Conflict("window_manned", _("%s 号窗口有人坐着,请先离开窗口再停用。") % found.code)
        _check_waiting(found, now)
        found.active, found.since = False, now
        found.save(update_fields=["active", "since"])
        window_enter(found, "window_closed", {}, by, now)
    return found


def window_reopen(*, window: int, by: int | str, now: datetime) -> HallWindow:
    """A closed window is used again. The system administrator's."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        found = _locked(window, active=False)
        found.active, found.since = True, now
        found.save(update_fields=["active", "since"])
        window_enter(found, "window_reopened", {}, by, now)
    return found


def _locked(window: int, *, active: bool) -> HallWindow:
    found = HallWindow.objects.select_for_update().filter(pk=window, active=active).first()
    if found is None:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    return found


def _check_waiting(found: HallWindow, now: datetime) -> None:
    others = HallWindow.objects.filter(unit=found.unit_id, active=True).exclude(pk=found.pk)
    served = {code for row in others for code in row.skills}
    alone = sorted(set(found.skills) - served)
    waiting = tickets_of(found.unit_id, now).filter(state=WAITING, group__in=alone).count()
    if waiting:
        names = group_names(terms_now(now))
        told = {"n": waiting, "groups": in_line(names.get(code, code) for code in alone)}
        raise Refusal(
            "window_waiting",
            _("%(groups)s只有这个窗口办,还有 %(n)s 位在等。请先让别的窗口也办,或等办完再停用。") % told,
        )
