"""What can be done to a unit from a day on: open, rename and move, close, and have it run by another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.accounts.people import role_label
from bihuan.kernel.accounts.units import LEVELS, Units
from bihuan.kernel.administration.forms import Drawn, LineField, day_field
from bihuan.kernel.administration.shape import Action, Asked, Done, Effect, Mark, Table
from bihuan.kernel.administration.unit_fields import UnitField, places
from bihuan.kernel.cases.succession import Waiting, cases_succeed, cases_waiting
from bihuan.kernel.identity.models import Administration, Grant, Unit, holds_on
from bihuan.kernel.identity.services import administration_end, administration_set
from bihuan.kernel.identity.units import unit_change, unit_close, unit_open
from bihuan.kernel.pack import workflows
from bihuan.kernel.sentences import named
from bihuan.lib.declared import declared

SYSTEM = ("system_admin",)


class OpenForm(Drawn):
    """A new unit."""

    code = LineField(
        label=gettext_lazy("代码"),
        max_length=40,
        help_text=gettext_lazy("行政区用 GB/T 2260 代码,部门用 行政区代码_简称,如 371502_market。"),
    )
    name = LineField(label=gettext_lazy("名称"), max_length=80)
    name_en = LineField(label=gettext_lazy("英文名称"), max_length=120, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=Unit.Kind.choices)
    level = forms.ChoiceField(label=gettext_lazy("层级"), choices=LEVELS)
    parent = UnitField(label=gettext_lazy("上级"))
    since = day_field(gettext_lazy("从哪天起"))


class ChangeForm(Drawn):
    """Another name or another superior."""

    name = LineField(label=gettext_lazy("名称"), max_length=80)
    name_en = LineField(label=gettext_lazy("英文名称"), max_length=120, required=False)
    parent = UnitField(label=gettext_lazy("上级"), required=False)
    since = day_field(gettext_lazy("从哪天起"))
    basis = LineField(label=gettext_lazy("依据"), max_length=200)


class CloseForm(Drawn):
    """The end of a unit, and where its open cases go."""

    on = day_field(gettext_lazy("从哪天起撤销"))
    to = UnitField(
        label=gettext_lazy("未办结的件转给"),
        required=False,
        help_text=gettext_lazy("有未办结的件就要写。件在撤销那天转去,时限不变。"),
    )
    basis = LineField(label=gettext_lazy("依据"), max_length=200)


class RunForm(Drawn):
    """Who runs the unit from a day on."""

    administered_by = UnitField(label=gettext_lazy("由谁托管"), offered=places)
    since = day_field(gettext_lazy("从哪天起"))
    basis = LineField(label=gettext_lazy("依据"), max_length=200)


class RunEndForm(Drawn):
    """From which day nobody else runs it."""

    on = day_field(gettext_lazy("从哪天起不再托管"))


def _open(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made = unit_open(**{**given, "parent": given["parent"].pk}, now=asked.now, by=asked.by)
    return Done(_("已登记。"), f"/administration/units/of/{made.code}")


def _change_form(row: Unit, data: Any, asked: Asked) -> ChangeForm:
    return ChangeForm(data, initial={"name": row.name, "name_en": row.name_en, "parent": row.parent})


def _change(row: Unit, given: dict[str, Any], asked: Asked) -> Done:
    parent = given["parent"].pk if given["parent"] else None
    unit_change(unit=row.pk, **{**given, "parent": parent}, now=asked.now, by=asked.by)
    return Done(_("已登记。"))


def _change_effect(row: Unit, given: dict[str, Any], asked: Asked) -> Effect:
    lines = []
    above = row.parent
    parent = given["parent"]
    if given["name"] != row.name:
        told = {"since": given["since"], "old": row.name, "new": given["name"]}
        lines.append(_("%(since)s 起“%(old)s”改称“%(new)s”;件、人员和派单目录都跟着它,不用另改。") % told)
    if parent is not None and parent.pk != row.parent_id:
        told = {"since": given["since"], "old": named(above) if above else "–", "new": named(parent)}
        lines.append(_("%(since)s 起从“%(old)s”之下移到“%(new)s”之下;能看下级的人随之改变。") % told)
    return Effect(tuple(lines) or (_("英文名称改变。"),))


def _close(row: Unit, given: dict[str, Any], asked: Asked) -> Done:
    to = given["to"]
    unit_close(
        unit=row.pk,
        on=given["on"],
        to=to.pk if to else None,
        basis=given["basis"],
        now=asked.now,
        by=asked.by,
    )
    moved = cases_succeed(now=asked.now, by=asked.by)
    return Done(_("已登记撤销;转走 %s 件。") % moved if moved else _("已登记撤销。"))


def _close_effect(row: Unit, given: dict[str, Any], asked: Asked) -> Effect:
    to, on = given["to"], given["on"]
    waiting = cases_waiting(unit=row.pk, to=to.pk if to else None, now=asked.now)
    count = sum(one.count for one in waiting)
    lines = [
        _("%(on)s 起“%(unit)s”不再存在,不能再派单给它;它的代码和经过都留着。")
        % {"on": on, "unit": named(row)}
    ]
    if count:
        told = {"count": count, "to": named(to), "on": on}
        lines.append(_("%(count)s 件未办结的在 %(on)s 转给“%(to)s”,由那里重新指定办理人,时限不变。") % told)
    else:
        lines.append(_("没有未办结的件。"))
    return Effect(
        tuple(lines), (_waiting_table(waiting),) * bool(waiting), _close_cautions(row, waiting, asked)
    )


def _waiting_table(waiting: list[Waiting]) -> Table:
    rows = tuple(
        (
            declared(workflows()[one.workflow].state[one.state].label, "state"),
            str(one.count),
            Mark(_("可以接着办"), "done")
            if one.staffed
            else Mark(_("那里没有%s,先授予角色") % role_label(one.role), "late"),
        )
        for one in waiting
    )
    return Table(_("未办结的件"), (_("状态"), _("件数"), _("转去以后")), rows)


def _close_cautions(row: Unit, waiting: list[Waiting], asked: Asked) -> tuple[str, ...]:
    on = timezone.localdate(asked.now)
    left = sum(one.count for one in waiting if not one.staffed)
    people = (
        Grant.objects.filter(holds_on(on), unit=row, person__is_active=True)
        .values("person")
        .distinct()
        .count()
    )
    found = []
    if left:
        found.append(_("%s 件暂时转不过去:等接收单位有了相应角色的人,系统会再转。") % left)
    if people:
        found.append(_("%s 人在这个单位有角色:请安全管理员收回,或在接收单位另授。") % people)
    return tuple(found)


def _run(row: Unit, given: dict[str, Any], asked: Asked) -> Done:
    runner = given["administered_by"].pk
    administration_set(unit=row.pk, **{**given, "administered_by": runner}, now=asked.now, by=asked.by)
    return Done(_("已登记托管。"))


def _run_effect(row: Unit, given: dict[str, Any], asked: Asked) -> Effect:
    told = {"since": given["since"], "unit": named(row), "by": named(given["administered_by"])}
    return Effect(
        (
            _("%(since)s 起“%(unit)s”由“%(by)s”托管:这里的事按“%(by)s”的派单目录派。") % told,
            _("以前的托管到前一天为止;在办的件不动。"),
        )
    )


def _run_end(row: Unit, given: dict[str, Any], asked: Asked) -> Done:
    administration_end(unit=row.pk, on=given["on"], now=asked.now, by=asked.by)
    return Done(_("已登记。"))


def _there(row: Unit) -> bool:
    return row.valid_to is None


def _was_run(row: Unit) -> bool:
    return _there(row) and Administration.objects.filter(unit=row).exists()


Units.list_actions = (
    Action("open", gettext_lazy("登记新单位"), SYSTEM, _open, lambda row, data, asked: OpenForm(data)),
)
Units.actions = (
    Action(
        "change", gettext_lazy("改名或移动"), SYSTEM, _change, _change_form, _change_effect, open_to=_there
    ),
    Action(
        "run",
        gettext_lazy("改由谁托管"),
        SYSTEM,
        _run,
        lambda row, data, asked: RunForm(data),
        _run_effect,
        open_to=_there,
    ),
    Action(
        "run-end",
        gettext_lazy("结束托管"),
        SYSTEM,
        _run_end,
        lambda row, data, asked: RunEndForm(data),
        open_to=_was_run,
    ),
    Action(
        "close",
        gettext_lazy("撤销本单位"),
        SYSTEM,
        _close,
        lambda row, data, asked: CloseForm(data),
        _close_effect,
        danger=True,
        open_to=_there,
        warning=gettext_lazy("单位不会被删除:从那天起不再存在,以前的都留着。"),
    ),
)
