"""What can be booked, and when it serves beyond the office hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField, day_field, number_field
from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Kind, Mark
from bihuan.kernel.administration.unit_fields import UnitField, departments
from bihuan.kernel.appointments.models import HoursChange, Resource
from bihuan.kernel.appointments.registers import (
    STREAM,
    HoursGiven,
    hours_change_add,
    hours_change_end,
    resource_set,
)
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import named
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import number_of

ADMINISTRATOR = ("system_admin",)


class Resources(Kind):
    """For the system administrator who opens a window to bookings."""

    name = "resources"
    label = gettext_lazy("可预约的窗口和场所")
    about = gettext_lazy("窗口、场所、现场人员:一次多久、间隔多久、是否给市民预约。")
    group = "rules"
    roles = ADMINISTRATOR
    stream = STREAM
    empty = gettext_lazy("还没有可以预约的窗口或场所。")
    columns = (
        Column("code", gettext_lazy("编号")),
        Column("name", gettext_lazy("名称")),
        Column("unit", gettext_lazy("单位")),
        Column("kind", gettext_lazy("类别")),
        Column("minutes", gettext_lazy("一次几分钟"), number=True),
        Column("buffer", gettext_lazy("间隔几分钟"), number=True),
        Column("state", gettext_lazy("状态")),
    )

    def rows(self, asked: Asked) -> Any:
        return Resource.objects.select_related("unit").order_by("unit__code", "code")

    def cells(self, rows: Sequence[Resource], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (
                row.code,
                row.name,
                named(row.unit),
                row.get_kind_display(),
                row.minutes,
                row.buffer,
                _state(row),
            )
            for row in rows
        ]

    def found(self, key: str, asked: Asked) -> Resource | None:
        return Resource.objects.select_related("unit").filter(pk=number_of(key)).first()

    def title(self, row: Resource) -> str:
        return row.name

    def history_match(self, row: Resource) -> Mapping[str, Any]:
        return {"resource": row.pk}


class HoursChanges(Kind):
    """For the system administrator who announces service at noon, on days off, or a closure."""

    name = "hours_changes"
    label = gettext_lazy("延时服务和停办")
    about = gettext_lazy("办公时间以外加开的时段(中午、晚上、休息日),和临时不办的时段。")
    group = "rules"
    roles = ADMINISTRATOR
    stream = STREAM
    empty = gettext_lazy("都按办公时间。")
    columns = (
        Column("unit", gettext_lazy("单位")),
        Column("resource", gettext_lazy("窗口或场所")),
        Column("what", gettext_lazy("加开还是停办")),
        Column("on", gettext_lazy("哪些日子")),
        Column("hours", gettext_lazy("服务时段")),
        Column("first", gettext_lazy("从哪天起")),
        Column("last", gettext_lazy("到哪天止")),
        Column("reason", gettext_lazy("依据")),
    )

    def rows(self, asked: Asked) -> Any:
        return HoursChange.objects.select_related("unit", "resource").order_by("-first", "-pk")

    def cells(self, rows: Sequence[HoursChange], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (
                named(row.unit), row.resource.name if row.resource else _("全部"), _("停办") if row.closed else _("加开"),
                row.get_on_display(), hours_words(row.shifts), row.first, row.last, row.reason,
            )
            for row in rows
        ]  # fmt: skip

    def found(self, key: str, asked: Asked) -> HoursChange | None:
        return HoursChange.objects.select_related("unit", "resource").filter(pk=number_of(key)).first()

    def title(self, row: HoursChange) -> str:
        return f"{named(row.unit)} {hours_words(row.shifts)}"

    def history_match(self, row: HoursChange) -> Mapping[str, Any]:
        return {"change": row.pk}


def hours_words(shifts: Sequence[Sequence[int]]) -> str:
    """Hours as they are typed: 12:00-14:00."""
    return ",".join("-".join(f"{s // 3600:02}:{s % 3600 // 60:02}" for s in shift) for shift in shifts)


def _state(row: Resource) -> Mark:
    if not row.active:
        return Mark(_("已停用"), "paused")
    return Mark(_("市民可约") if row.open_to_public else _("只由办件预约"), "done")


class ResourceForm(Drawn):
    """One resource."""

    code = LineField(label=gettext_lazy("编号"), max_length=40)
    name = LineField(label=gettext_lazy("名称"), max_length=60)
    name_en = LineField(label=gettext_lazy("英文名称"), max_length=60, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=Resource.Kind.choices)
    unit = UnitField(label=gettext_lazy("单位"), offered=departments)
    minutes = number_field(gettext_lazy("一次几分钟"), 5, 480, initial=30)
    buffer = number_field(gettext_lazy("间隔几分钟"), 0, 240, initial=0)
    open_to_public = forms.BooleanField(label=gettext_lazy("市民可约"), required=False, initial=True)
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)


FIELDS = ("code", "name", "name_en", "kind", "unit", "minutes", "buffer", "open_to_public", "active")


def _resource_form(row: Resource | None, data: Any, asked: Asked) -> Drawn:
    known = {field: getattr(row, field) for field in FIELDS} if row else None
    return ResourceForm(data, initial=known)


def _resource(row: Resource | None, given: dict[str, Any], asked: Asked) -> Done:
    values = {**given, "unit": given["unit"].pk}
    done = resource_set(resource=row.pk if row else None, values=values, by=asked.by, now=asked.now)
    return Done(_("“%s”已保存。") % done.name, address=f"/administration/resources/of/{done.pk}")


class HoursForm(Drawn):
    """Hours added or taken away."""

    unit = UnitField(label=gettext_lazy("单位"), offered=departments)
    resource = forms.ModelChoiceField(
        label=gettext_lazy("窗口或场所"),
        queryset=Resource.objects.none(),
        required=False,
        empty_label=gettext_lazy("全部"),
    )
    closed = forms.TypedChoiceField(
        label=gettext_lazy("加开还是停办"),
        choices=(("", gettext_lazy("加开")), ("1", gettext_lazy("停办"))),
        coerce=bool,
        empty_value=False,
        required=False,
    )
    on = forms.ChoiceField(label=gettext_lazy("哪些日子"), choices=HoursChange.On.choices)
    hours = LineField(
        label=gettext_lazy("服务时段"), max_length=100, help_text=gettext_lazy("如 12:00-14:00,17:30-20:00")
    )
    first = day_field(gettext_lazy("从哪天起"))
    last = day_field(gettext_lazy("到哪天止"), required=False, help_text=gettext_lazy("不填:一直有效"))
    reason = LineField(label=gettext_lazy("依据"), max_length=200)

    def __init__(self, data: Any, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["resource"].queryset = Resource.objects.order_by("unit__code", "code")


def _hours(row: None, given: dict[str, Any], asked: Asked) -> Done:
    resource = given.pop("resource")
    if resource and resource.unit_id != given["unit"].pk:
        raise Refusal("reference", _("这个窗口或场所不是这个单位的。"), field="resource")
    change = HoursGiven(**given, resource=resource.pk if resource else None)
    hours_change_add(given=change, by=asked.by, now=asked.now)
    return Done(_("已保存,今后的空闲时间按这个算。"))


def _end(row: HoursChange, given: dict[str, Any], asked: Asked) -> Done:
    hours_change_end(change=row.pk, last=day_of(asked.now), by=asked.by, now=asked.now)
    return Done(_("到今天为止。"))


Resources.list_actions = (Action("add", gettext_lazy("增加"), ADMINISTRATOR, _resource, _resource_form),)
Resources.actions = (Action("change", gettext_lazy("修改"), ADMINISTRATOR, _resource, _resource_form),)
HoursChanges.list_actions = (
    Action("add", gettext_lazy("增加"), ADMINISTRATOR, _hours, lambda row, data, asked: HoursForm(data)),
)
HoursChanges.actions = (
    Action(
        "end",
        gettext_lazy("到今天为止"),
        ADMINISTRATOR,
        _end,
        warning=gettext_lazy("明天起不再按这一条;已有的预约不动,要另行联系。"),
        open_to=lambda row: row.last is None,
    ),
)
