"""The matters as administration keeps them: added, renamed and ended without a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField
from bihuan.kernel.administration.shape import (
    Action,
    Asked,
    Change,
    Column,
    Done,
    Effect,
    Kind,
    Table,
    Version,
    said,
)
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.kernel.sentences import named
from bihuan.packs.hotline.directory.kinds import ADMINISTRATOR, lead_name
from bihuan.packs.hotline.directory.matter_upkeep import code_next, matter_add, matter_set
from bihuan.packs.hotline.directory.upkeep import rows_on, yes_read
from bihuan.packs.hotline.models import Matter


class Matters(Kind):
    """For the system administrator who keeps the list of matters: names in two languages, and where each may go."""

    name = "matters"
    label = gettext_lazy("事项表")
    about = gettext_lazy("两级事项和中英文名称:新增、改名、停用都从当天起,旧件保留原来的叫法。")
    group = "rules"
    roles = ADMINISTRATOR
    stream = "directory"
    search = gettext_lazy("名称或代码")
    columns = (
        Column("code", gettext_lazy("代码")),
        Column("name", gettext_lazy("名称")),
        Column("name_en", gettext_lazy("英文名称")),
        Column("class", gettext_lazy("类别")),
        Column("emergency", gettext_lazy("危及人身安全")),
        Column("township", gettext_lazy("可派镇街")),
        Column("route", gettext_lazy("应走的途径")),
        Column("active", gettext_lazy("在用")),
    )
    import_columns = ("code", "name", "name_en", "route", "active")
    import_key = "code"
    import_roles = ADMINISTRATOR

    def rows(self, asked: Asked) -> Any:
        found = Matter.objects.select_related("parent").order_by("code")
        if asked.q:
            found = found.filter(
                Q(code__startswith=asked.q) | Q(name__contains=asked.q) | Q(name_en__icontains=asked.q)
            )
        return found

    def cells(self, rows: Sequence[Matter], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (r.code, r.name, r.name_en, named(r.parent), r.emergency, r.township, r.route, r.active)
            for r in rows
        ]

    def found(self, key: str, asked: Asked) -> Matter | None:
        return Matter.objects.filter(pk=key[:40]).select_related("parent").first()

    def title(self, row: Matter) -> str:
        return f"{row.code} {named(row)}"

    def tables(self, row: Matter, asked: Asked) -> list[Table]:
        on = timezone.localdate(asked.now)
        rows = (
            rows_on(on)
            .filter(matter=row.code)
            .select_related("unit", "territory")
            .order_by("territory__code")
        )
        found = tuple((named(r.territory), lead_name(r), r.legal_basis, str(r.valid_from)) for r in rows)
        heads = (_("属地"), _("主办"), _("依据"), _("从哪天起"))
        return [Table(_("派单目录"), heads, found)] * bool(found)

    def history_match(self, row: Matter) -> Mapping[str, Any]:
        return {"matter": row.code}

    def versions(self, row: Matter, asked: Asked) -> list[Version]:
        names = list(row.names.order_by("-since"))
        ends = [None, *(one.since for one in names)]
        states = ["now", *["past"] * len(names)]
        found = zip(names, ends, states, strict=False)
        return [Version(one.since, until, named(one), state=state) for one, until, state in found]

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        lines = [
            (_("名称"), entry.data.get("name")),
            (_("英文名称"), entry.data.get("name_en")),
            (_("应走的途径"), entry.data.get("route")),
        ]
        return [*said(lines), *_used(entry.data)]

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        row = Matter.objects.filter(pk=values["code"]).first()
        given: dict[str, Any] = {name: values[name] for name in ("name", "name_en", "route")}
        active = yes_read(values["active"], "active")
        who: dict[str, Any] = {"now": asked.now, "by": asked.by}
        if row is None:
            flags: dict[str, Any] = {
                name: yes_read(values.get(name, ""), name) for name in ("emergency", "township")
            }
            return Change("new", self.title(matter_add(code=values["code"], **given, **flags, **who)))
        if (row.name, row.name_en, row.route, row.active) == (*given.values(), active):
            return Change("same", self.title(row))
        matter_set(code=row.code, **given, active=active, **who)
        return Change("changed", self.title(row), f"{row.name} → {given['name']}")


def _used(data: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    return [(_("在用"), data["active"])] if "active" in data else []


class MatterForm(Drawn):
    """A matter's names and route."""

    name = LineField(label=gettext_lazy("名称"), max_length=80)
    name_en = LineField(label=gettext_lazy("英文名称"), max_length=120, required=False)
    route = LineField(
        label=gettext_lazy("应走的途径"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("不归热线办的才填,如 人民法院;填了就不再派单。"),
    )


class NewMatterForm(MatterForm):
    """A new matter: its class gives the code."""

    parent = forms.ChoiceField(label=gettext_lazy("类别"))
    emergency = forms.BooleanField(
        label=gettext_lazy("危及人身安全"),
        required=False,
        help_text=gettext_lazy("来件马上转 110,并按紧急时限办。"),
    )
    township = forms.BooleanField(
        label=gettext_lazy("在乡镇(街道)履职事项清单内"),
        required=False,
        help_text=gettext_lazy("清单里有的才勾:只有这样的事项可以派镇街。"),
    )
    field_order = ("parent", "name", "name_en", "emergency", "township", "route")

    def __init__(self, row: None, data: Any, asked: Asked) -> None:
        super().__init__(data)
        classes = Matter.objects.filter(parent=None).order_by("code")
        self.fields["parent"].choices = [(one.code, f"{one.code} {named(one)}") for one in classes]


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    rest = {name: value for name, value in given.items() if name != "parent"}
    made = matter_add(code=code_next(given["parent"]), **rest, now=asked.now, by=asked.by)
    return Done(_("已登记。"), f"/administration/matters/of/{made.code}")


def _add_effect(row: None, given: dict[str, Any], asked: Asked) -> Effect:
    told = {"name": given["name"], "code": code_next(given["parent"])}
    lines = [_("“%(name)s”(代码 %(code)s)从现在起可以选用。") % told]
    if not given["route"]:
        lines.append(_("再到派单目录登记由谁主办;没有登记以前,这类件到协调台。"))
        lines.append(_("模型还不认得它:先由人选,有了办结的件,重新训练后才会自动认出。"))
    return Effect(tuple(lines))


def _change(row: Matter, given: dict[str, Any], asked: Asked) -> Done:
    matter_set(code=row.code, **given, active=row.active, now=asked.now, by=asked.by)
    return Done(_("已改。"))


def _change_form(row: Matter, data: Any, asked: Asked) -> MatterForm:
    return MatterForm(data, initial={"name": row.name, "name_en": row.name_en, "route": row.route})


def _change_effect(row: Matter, given: dict[str, Any], asked: Asked) -> Effect:
    lines = []
    if given["name"] != row.name:
        told = {"old": row.name, "new": given["name"]}
        lines.append(_("今天起受理的件里“%(old)s”称“%(new)s”;以前的件里仍是原来的叫法。") % told)
    if given["route"] != row.route:
        lines.append(
            _("以后来的件不再派单,告知应走的途径。") if given["route"] else _("以后来的件照派单目录派。")
        )
    return Effect(tuple(lines) or (_("英文名称改变。"),))


def _used_set(row: Matter, active: bool, asked: Asked) -> None:
    names = {name: getattr(row, name) for name in ("name", "name_en", "route")}
    matter_set(code=row.code, **names, active=active, now=asked.now, by=asked.by)


def _end(row: Matter, given: dict[str, Any], asked: Asked) -> Done:
    _used_set(row, False, asked)
    return Done(_("已停用。"))


def _end_effect(row: Matter, given: dict[str, Any], asked: Asked) -> Effect:
    count = rows_on(timezone.localdate(asked.now)).filter(matter=row.code).count()
    lines = [
        _("从现在起不能再选“%s”,来件也不再认作它;在办和办结的件照旧,叫法不变。") % named(row),
        _("模型认作它的件到协调台,由人另选事项。"),
    ]
    if count:
        lines.append(_("派单目录里它的 %s 行不再起作用,恢复后又照它派。") % count)
    return Effect(tuple(lines))


def _resume(row: Matter, given: dict[str, Any], asked: Asked) -> Done:
    _used_set(row, True, asked)
    return Done(_("已恢复。"))


def _of_class(row: Matter) -> bool:
    return row.parent_id is not None


Matters.list_actions = (
    Action("add", gettext_lazy("登记新事项"), ADMINISTRATOR, _add, NewMatterForm, _add_effect),
)
Matters.actions = (
    Action("change", gettext_lazy("修改"), ADMINISTRATOR, _change, _change_form, _change_effect),
    Action(
        "end",
        gettext_lazy("停用"),
        ADMINISTRATOR,
        _end,
        effect=_end_effect,
        danger=True,
        open_to=lambda row: row.active and _of_class(row),
    ),
    Action("resume", gettext_lazy("恢复使用"), ADMINISTRATOR, _resume, open_to=lambda row: not row.active),
)
