"""Themes as administration keeps them: added, changed from a day on, ended, with their history and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.dated import ChangeForm, DatedKind, actions_dated, row_put
from bihuan.kernel.administration.forms import Drawn, LineField, TextField
from bihuan.kernel.administration.shape import (
    Action,
    Asked,
    Change,
    Column,
    Done,
    Effect,
    Filter,
)
from bihuan.kernel.bundles.rules import network_plan
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.lib.text import number_of
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

IN_FILES = {"kind": gettext_lazy("类型"), "parts": gettext_lazy("组成")}
"""What a file's column is called that the list does not show."""


class Themes(DatedKind):
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
        *(Column(name, IN_FILES.get(name, name), screen=False) for name in FIELDS if name != "name"),
    )
    fields = FIELDS
    import_columns = ("code", "name", "kind", "parts")
    import_key = "code"
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

    def more(self, row: ThemeVersion, asked: Asked) -> list[tuple[Any, Any]]:
        found, texts = theme_composed(row, timezone.localdate(asked.now)), texts_of(row)
        plan = network_plan(found.plans)
        return [
            (_("英文名称"), row.name_en),
            (_("说明"), row.about),
            (_("包含的事项"), "\n".join(f"{code}:{item.name}" for code, item in found.items.items())),
            (_("组成"), texts["parts"]),
            (_("同一种材料"), texts["shared"]),
            (_("一个接一个(工作日)"), plan.serial),
            (_("同时办(工作日)"), plan.parallel),
            (_("最长的一串"), " → ".join(plan.critical)),
            (_("现在不能收件"), found.lacks),
        ]

    def history_match(self, row: ThemeVersion) -> Mapping[str, Any]:
        return {"themes": [row.theme.code]}

    def all_versions(self, row: ThemeVersion) -> Any:
        return row.theme.versions.order_by("-since", "-pk")

    def figure(self, version: ThemeVersion) -> str:
        return _("%s 个事项") % len(version.parts)

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        lines = [(_("名称"), entry.data.get("name")), (_("从哪天起"), entry.data.get("since"))]
        return [(label, value) for label, value in lines if value is not None]

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        given, who = self.given_of(values), {"now": asked.now, "by": asked.by}
        last = ThemeVersion.objects.filter(theme__code=values["code"]).order_by("-since", "-pk").first()
        return row_put(
            last, values["name"],
            add=lambda: theme_add(code=values["code"], given=given, **who),  # type: ignore[arg-type]
            change=lambda: theme_set(theme=last.theme_id, given=given, **who),  # type: ignore[arg-type]
        )  # fmt: skip


def texts_of(version: ThemeVersion) -> dict[str, str]:
    """What a form or a file shows of a version: the texts that make it again."""
    texts = {name: getattr(version, name) for name in FIELDS}
    return {**texts, "parts": parts_told(version.parts), "shared": shared_told(version.shared)}


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


class ChangedThemeForm(ChangeForm, ThemeForm):
    """From which day on the theme says something else."""


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made = theme_add(code=given["code"], given=Themes().given_of(given), now=asked.now, by=asked.by)
    return Done(_("已登记。"), f"/administration/themes/of/{made.pk}")


def _add_form(row: None, data: Any, asked: Asked) -> NewThemeForm:
    return NewThemeForm(data)


def _add_effect(row: None, given: dict[str, Any], asked: Asked) -> Effect:
    return Effect((_("“%s”从现在起有办事指南,窗口可以收件。") % given["name"],))


def _change(row: ThemeVersion, given: dict[str, Any], asked: Asked) -> Done:
    theme_set(
        theme=row.theme_id, given=Themes().given_of(given), since=given["since"], now=asked.now, by=asked.by
    )
    return Done(_("已改。"))


def _change_form(row: ThemeVersion, data: Any, asked: Asked) -> ChangedThemeForm:
    return ChangedThemeForm(data, initial=texts_of(row))


def _use(row: ThemeVersion, active: bool, asked: Asked) -> None:
    theme_use(theme=row.theme_id, active=active, now=asked.now, by=asked.by)


Themes.list_actions = (
    Action("add", gettext_lazy("登记新主题"), ADMINISTRATOR, _add, _add_form, _add_effect),
)
Themes.actions = actions_dated(
    ADMINISTRATOR, change=_change, form=_change_form, use=_use,
    ended=gettext_lazy("从现在起不能再收“%s”的件;在办的件照常办完。"),
)  # fmt: skip
