"""Themes as administration keeps them: added, changed from a day on, ended, with their history and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField, TextField, day_field
from bihuan.kernel.administration.shape import (
    Action,
    Asked,
    Change,
    Column,
    Done,
    Effect,
    Filter,
    Kind,
    Version,
    number_of,
)
from bihuan.kernel.bundles.rules import network_plan
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.catalogue.services import ADMINISTRATOR
from bihuan.packs.onewindow.themes.contents import FIELDS, KINDS, parts_told, shared_told
from bihuan.packs.onewindow.themes.models import ThemeVersion
from bihuan.packs.onewindow.themes.selectors import (
    theme_composed,
    theme_version_on,
    theme_versions_on,
    themes_found,
)
from bihuan.packs.onewindow.themes.services import theme_add, theme_set, theme_use


class Themes(Kind):
    """For the system administrator who keeps what is applied for in one: the items, which must precede which, what is shared."""

    name = "themes"
    label = gettext_lazy("主题服务")
    about = gettext_lazy(
        "一业一证和项目审批:包含哪些事项、谁要等谁、哪些材料是同一种;改动从某天起生效,已收的件不变。"
    )
    group = "rules"
    roles = ADMINISTRATOR
    stream = "themes"
    search = gettext_lazy("名称、说明或代码")
    filters = (Filter("kind", gettext_lazy("类型"), lambda: KINDS),)
    empty = gettext_lazy("还没有主题。可以从文件导入,或逐个登记。")
    columns = (
        Column("code", gettext_lazy("代码")),
        Column("name", gettext_lazy("名称")),
        Column("kind_name", gettext_lazy("类型")),
        Column("count", gettext_lazy("事项"), number=True),
        Column("active", gettext_lazy("在用")),
        *(Column(name, name, screen=False) for name in FIELDS if name != "name"),
    )
    import_columns = ("code", "name", "kind", "parts")
    import_roles = ADMINISTRATOR

    def rows(self, asked: Asked) -> Any:
        found = theme_versions_on(timezone.localdate(asked.now))
        if kind := asked.chosen.get("kind"):
            found = found.filter(kind=kind)
        return (themes_found(asked.q, found) if asked.q else found).order_by("theme__code")

    def cells(self, rows: Sequence[ThemeVersion], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (
                row.theme.code, row.name, row.get_kind_display(), len(row.parts), row.active,
                *(value for name, value in texts_of(row).items() if name != "name"),
            )
            for row in rows
        ]  # fmt: skip

    def key(self, row: ThemeVersion) -> str:
        return str(row.theme_id)

    def found(self, key: str, asked: Asked) -> ThemeVersion | None:
        theme = number_of(key)
        return theme_version_on(theme, timezone.localdate(asked.now)) if theme is not None else None

    def title(self, row: ThemeVersion) -> str:
        return row.name

    def facts(self, row: ThemeVersion, asked: Asked) -> list[tuple[Any, Any]]:
        found, texts = theme_composed(row, timezone.localdate(asked.now)), texts_of(row)
        plan = network_plan(found.plans)
        more = [
            (_("英文名称"), row.name_en),
            (_("说明"), row.about),
            (_("组成"), texts["parts"]),
            (_("同一种材料"), texts["shared"]),
            (_("一个接一个(工作日)"), plan.serial),
            (_("同时办(工作日)"), plan.parallel),
            (_("最长的一串"), " → ".join(plan.critical)),
            (_("现在不能收件"), found.lacks),
        ]
        return [
            *super().facts(row, asked),
            *((label, value) for label, value in more if value not in ("", None)),
        ]

    def history_match(self, row: ThemeVersion) -> Mapping[str, Any]:
        return {"themes": [row.theme.code]}

    def versions(self, row: ThemeVersion, asked: Asked) -> list[Version]:
        rows = list(row.theme.versions.order_by("-since", "-pk"))
        ends = [None, *(one.since for one in rows)]
        return [
            Version(one.since, until, _told(one), at=one.recorded_at, state=_state(one, row))
            for one, until in zip(rows, ends, strict=False)
        ]

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        lines = [(_("名称"), entry.data.get("name")), (_("从哪天起"), entry.data.get("since"))]
        return [(label, value) for label, value in lines if value is not None]

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        given: dict[str, Any] = {name: values[name] for name in FIELDS if name in values}
        who: dict[str, Any] = {"now": asked.now, "by": asked.by}
        last = ThemeVersion.objects.filter(theme__code=values["code"]).order_by("-since", "-pk").first()
        if last is None:
            theme_add(code=values["code"], given=given, **who)
            return Change("new", values["name"])
        try:
            theme_set(theme=last.theme_id, given=given, **who)
        except Refusal as refusal:
            if refusal.code != "same":
                raise
            return Change("same", last.name)
        return Change("changed", values["name"], f"{last.name} → {values['name']}")


def texts_of(version: ThemeVersion) -> dict[str, str]:
    """What a form or a file shows of a version: the texts that make it again."""
    texts = {name: getattr(version, name) for name in FIELDS}
    return {**texts, "parts": parts_told(version.parts), "shared": shared_told(version.shared)}


def _told(version: ThemeVersion) -> str:
    count = _("%s 个事项") % len(version.parts)
    state = "" if version.active else _("已停用")
    return " · ".join(part for part in (version.name, count, state) if part)


def _state(version: ThemeVersion, held: ThemeVersion) -> str:
    if version.pk == held.pk:
        return "now"
    return "coming" if (version.since, version.pk) > (held.since, held.pk) else "past"


class ThemeForm(Drawn):
    """What a theme says; parts and shared materials are written a line an entry."""

    name = LineField(label=gettext_lazy("名称"), max_length=100)
    name_en = LineField(label=gettext_lazy("英文名称"), max_length=100, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("类型"), choices=KINDS)
    about = LineField(
        label=gettext_lazy("说明"), max_length=500, required=False,
        help_text=gettext_lazy("也按这些字找得到,如 餐饮 面馆 小吃"),
    )  # fmt: skip
    parts = TextField(
        label=gettext_lazy("组成"), max_length=10_000,
        help_text=gettext_lazy("一行一个事项,用竖线隔开:简称、事项编码,可加“之后:要先办完的简称”和“几天”;不写天数的按事项的承诺时限"),
    )  # fmt: skip
    shared = TextField(
        label=gettext_lazy("同一种材料"), max_length=10_000, required=False,
        help_text=gettext_lazy("名称不同而是同一种的,一行一组:营业执照 = 企业法人营业执照;名称相同的不用写"),
    )  # fmt: skip


class NewThemeForm(ThemeForm):
    """A new theme with its code."""

    code = LineField(label=gettext_lazy("代码"), max_length=40, help_text=gettext_lazy("字母、数字、横线"))
    field_order: ClassVar[tuple[str, ...]] = ("code",)


class ChangeForm(ThemeForm):
    """From which day on the theme says something else."""

    since = day_field(gettext_lazy("从哪天起"), required=False, help_text=gettext_lazy("不填的从今天起"))


def _given(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in FIELDS if name in given}


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made = theme_add(code=given["code"], given=_given(given), now=asked.now, by=asked.by)
    return Done(_("已登记。"), f"/administration/themes/of/{made.pk}")


def _add_form(row: None, data: Any, asked: Asked) -> NewThemeForm:
    return NewThemeForm(data)


def _add_effect(row: None, given: dict[str, Any], asked: Asked) -> Effect:
    return Effect((_("“%s”从现在起有办事指南,窗口可以收件。") % given["name"],))


def _change(row: ThemeVersion, given: dict[str, Any], asked: Asked) -> Done:
    theme_set(theme=row.theme_id, given=_given(given), since=given["since"], now=asked.now, by=asked.by)
    return Done(_("已改。"))


def _change_form(row: ThemeVersion, data: Any, asked: Asked) -> ChangeForm:
    return ChangeForm(data, initial=texts_of(row))


def _change_effect(row: ThemeVersion, given: dict[str, Any], asked: Asked) -> Effect:
    since = given["since"] or timezone.localdate(asked.now)
    return Effect((_("%s 起收的件按新的办;以前收的件照收件那天的,不变。") % since,))


def _end(row: ThemeVersion, given: dict[str, Any], asked: Asked) -> Done:
    theme_use(theme=row.theme_id, active=False, now=asked.now, by=asked.by)
    return Done(_("已停用。"))


def _end_effect(row: ThemeVersion, given: dict[str, Any], asked: Asked) -> Effect:
    return Effect((_("从现在起不能再收“%s”的件;在办的件照常办完。") % row.name,))


def _resume(row: ThemeVersion, given: dict[str, Any], asked: Asked) -> Done:
    theme_use(theme=row.theme_id, active=True, now=asked.now, by=asked.by)
    return Done(_("已恢复。"))


def _active(row: ThemeVersion) -> bool:
    return row.active


def _ended(row: ThemeVersion) -> bool:
    return not row.active


Themes.list_actions = (
    Action("add", gettext_lazy("登记新主题"), ADMINISTRATOR, _add, _add_form, _add_effect, tried=True),
)
Themes.actions = (
    Action("change", gettext_lazy("修改"), ADMINISTRATOR, _change, _change_form, _change_effect, tried=True),
    Action(
        "end", gettext_lazy("停用"), ADMINISTRATOR, _end, effect=_end_effect, danger=True, open_to=_active
    ),
    Action("resume", gettext_lazy("恢复使用"), ADMINISTRATOR, _resume, open_to=_ended),
)
