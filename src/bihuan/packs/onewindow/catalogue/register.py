"""The catalogue as administration keeps it: items added, changed from a day on, ended, with their history and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

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
    Mark,
)
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.kernel.sentences import in_line, named
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import number_of
from bihuan.packs.onewindow.catalogue.codes import KINDS, LEVELS
from bihuan.packs.onewindow.catalogue.contents import FIELDS, materials_told, texts_of
from bihuan.packs.onewindow.catalogue.holding import registers_given
from bihuan.packs.onewindow.catalogue.selectors import version_on, versions_found, versions_on
from bihuan.packs.onewindow.catalogue.services import ADMINISTRATOR, item_add, item_set, item_use
from bihuan.packs.onewindow.models import SCHEMES, ItemVersion

STATES = (("past", gettext_lazy("已停用")), ("without", gettext_lazy("没有审批单位")))
IN_FILES = {"scheme": gettext_lazy("编码规则"), "kind": gettext_lazy("类型")}
"""What a file's column is called that the list does not show."""
YES, NO = ("是", "1", "true"), ("否", "", "0", "false")


class Items(DatedKind):
    """For the system administrator who keeps what can be applied for: codes, limits, materials, fees, who approves."""

    name = "items"
    label = gettext_lazy("政务服务事项")
    about = gettext_lazy(
        "事项目录:编码、时限、材料、收费、审批单位;改动从某天起生效,已收的件按收件那天的办。"
    )
    group = "rules"
    roles = ADMINISTRATOR
    stream = "items"
    search = gettext_lazy("名称、机关或编码")
    filters = (
        Filter("kind", gettext_lazy("类型"), lambda: KINDS),
        Filter("state", gettext_lazy("状态"), lambda: STATES),
    )
    empty = gettext_lazy("目录还是空的。可以从文件导入,或逐个登记。")
    columns = (
        Column("code", gettext_lazy("编码")),
        Column("name", gettext_lazy("名称")),
        Column("kind_name", gettext_lazy("类型")),
        Column("organ", gettext_lazy("实施机关")),
        Column("unit_name", gettext_lazy("审批单位")),
        Column("promised_days", gettext_lazy("承诺(工作日)"), number=True),
        Column("statutory_days", gettext_lazy("法定(工作日)"), number=True),
        Column("verified", gettext_lazy("机构代码")),
        Column("active", gettext_lazy("在用")),
        *(
            Column(name, IN_FILES.get(name, name), screen=False)
            for name in (
                "scheme",
                "unit",
                *(f for f in FIELDS if f not in ("name", "organ", "promised_days", "statutory_days")),
            )
        ),
    )
    fields = FIELDS
    import_columns = ("code", "scheme", "name", "kind", "organ")
    import_key = "code"
    import_roles = ADMINISTRATOR
    columns_view = "onewindow:columns"

    def rows(self, asked: Asked) -> Any:
        found = versions_on(timezone.localdate(asked.now))
        state = asked.chosen.get("state")
        found = found.filter(active=False) if state == "past" else found.filter(active=True)
        if state == "without":
            found = found.filter(unit=None)
        if kind := asked.chosen.get("kind"):
            found = found.filter(kind=kind)
        return (versions_found(asked.q, found) if asked.q else found).order_by("item__code")

    def cells(self, rows: Sequence[ItemVersion], asked: Asked) -> list[tuple[Any, ...]]:
        return [_cells(row) for row in rows]

    def key(self, row: ItemVersion) -> str:
        return str(row.item_id)

    def found(self, key: str, asked: Asked) -> ItemVersion | None:
        item = number_of(key)
        return version_on(item, timezone.localdate(asked.now)) if item is not None else None

    def more(self, row: ItemVersion, asked: Asked) -> list[tuple[Any, Any]]:
        texts = texts_of(row)
        level = LEVELS.get(row.level, "")
        return [
            (_("英文名称"), row.name_en),
            (_("主题"), row.theme),
            (_("行使层级"), level and _(level)),
            (_("即办件"), row.instant),
            (_("适用告知承诺"), row.commitment),
            (_("可以网上申请"), row.online),
            (_("申请表"), row.form),
            (_("当场核对的条件"), texts["checks"]),
            (_("材料"), texts["materials"]),
            (_("特别程序"), texts["special"]),
            (_("收费"), texts["fees"]),
            (_("办理结果"), texts["results"]),
            (_("证照有效期(月)"), row.valid_months or ""),
            (_("办理条件"), row.conditions),
            (_("办理条件(英文)"), row.conditions_en),
            (_("办理地点"), row.places),
            (_("办理地点(英文)"), row.places_en),
            (_("办理时间"), row.hours),
            (_("办理时间(英文)"), row.hours_en),
            (_("咨询电话"), row.enquiries),
            (_("监督投诉电话"), row.complaints),
            (_("设定依据"), row.legal_basis),
        ]

    def history_match(self, row: ItemVersion) -> Mapping[str, Any]:
        return {"items": [row.item.code]}

    def all_versions(self, row: ItemVersion) -> Any:
        return row.item.versions.order_by("-since", "-pk")

    def figure(self, version: ItemVersion) -> str:
        return _("承诺 %s 个工作日") % version.promised_days if version.promised_days else ""

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        data = entry.data
        lines = [
            (_("名称"), data.get("name")),
            (_("从哪天起"), data.get("since")),
            (_("承诺(工作日)"), data.get("promised_days")),
            (_("法定(工作日)"), data.get("statutory_days")),
            (_("新增"), data.get("new")),
            (_("有变"), data.get("changed")),
        ]
        return [(label, value) for label, value in lines if value is not None]

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        given, who = self.given_of(values), {"now": asked.now, "by": asked.by}
        given |= {
            name: _yes(given[name], name) for name in ("instant", "commitment", "online") if name in given
        }
        versions = ItemVersion.objects.filter(item__code=values["code"]).select_related("item")
        last = versions.order_by("-since", "-pk").first()
        unit = _unit_read(values["unit"]) if "unit" in values else last.unit_id if last else None
        told = ""
        if "materials" in given:
            known = materials_told(last.materials).splitlines() if last else ()
            given["materials"], unheld = registers_given(given["materials"], known)
            told = _("“城市已有”没有登记簿在管,要由申请人交:%s。") % in_line(unheld) if unheld else ""
        change = row_put(
            last, values["name"],
            add=lambda: item_add(code=values["code"], scheme=values["scheme"], given=given, unit=unit, **who),  # type: ignore[arg-type]
            change=lambda: item_set(item=last.item_id, given=given, unit=unit, **who),  # type: ignore[arg-type]
        )  # fmt: skip
        return replace(change, told=told)


def _cells(row: ItemVersion) -> tuple[Any, ...]:
    verified = (
        "" if not row.organ_code else _("校验位正确") if row.organ_verified else Mark(_("未核实"), "near")
    )
    texts = texts_of(row)
    rest = [texts[f] for f in FIELDS if f not in ("name", "organ", "promised_days", "statutory_days")]
    return (
        row.item.code, row.name, row.get_kind_display(), row.organ, named(row.unit), row.promised_days, row.statutory_days,
        verified, row.active, row.item.scheme, row.unit.code if row.unit else "", *rest,
    )  # fmt: skip


def _yes(text: str, name: str) -> bool:
    if text in YES or text in NO:
        return text in YES
    raise Refusal("yes_or_no", _("请写 是 或 否。"), field=name)


def _unit_read(text: str) -> int | None:
    if not text:
        return None
    row = Unit.objects.filter(code=text).first() or Unit.objects.filter(name=text, valid_to=None).first()
    if row is None:
        raise Refusal("unit", _("没有这个单位:%s。") % text[:60], field="unit")
    return int(row.pk)


class ItemForm(Drawn):
    """What an item says; lists are written a line an entry."""

    name = LineField(label=gettext_lazy("名称"), max_length=200)
    name_en = LineField(label=gettext_lazy("英文名称"), max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("类型"), choices=KINDS)
    theme = LineField(label=gettext_lazy("主题"), max_length=200, required=False)
    organ = LineField(label=gettext_lazy("实施机关"), max_length=120)
    unit = LineField(
        label=gettext_lazy("审批单位"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("单位代码或全称;没有的不能收件"),
    )
    statutory_days = LineField(label=gettext_lazy("法定(工作日)"), max_length=3, required=False)
    promised_days = LineField(
        label=gettext_lazy("承诺(工作日)"),
        max_length=3,
        required=False,
        help_text=gettext_lazy("不能长于法定;即办件填 1"),
    )
    instant = forms.BooleanField(label=gettext_lazy("即办件"), required=False)
    online = forms.BooleanField(label=gettext_lazy("可以网上申请"), required=False)
    form = LineField(
        label=gettext_lazy("申请表"), max_length=80, required=False, help_text=gettext_lazy("“表单”里的代码;不填的没有表"),
    )  # fmt: skip
    commitment = forms.BooleanField(
        label=gettext_lazy("适用告知承诺"), required=False,
        help_text=gettext_lazy("直接涉及公共安全、生态环境、人身健康、生命财产安全的不适用"),
    )  # fmt: skip
    checks = TextField(
        label=gettext_lazy("当场核对的条件"), max_length=2_000, required=False,
        help_text=gettext_lazy("即办件全部核对通过的,系统当场办结。一行一条:持有 | 营业执照;没有 | 食品经营许可证;无在办;年满 | 18;未失信;表单 | 字段 | 值"),
    )  # fmt: skip
    materials = TextField(
        label=gettext_lazy("材料"), max_length=20_000, required=False,
        help_text=gettext_lazy("一行一种:名称 | 可容缺 | 非必要 | 城市已有:营业执照 | 2份 | 来源:… | 有效期:1年 | 英文:…"),
    )  # fmt: skip
    special = TextField(
        label=gettext_lazy("特别程序"), max_length=2_000, required=False,
        help_text=gettext_lazy("一行一种,时间不计入期限:专家评审 | 最多几天 | 2次(每件可以几次,不写为一次)"),
    )  # fmt: skip
    fees = TextField(
        label=gettext_lazy("收费"),
        max_length=4_000,
        required=False,
        help_text=gettext_lazy("一行一项:名称 | 元 | 依据 | 减免:残疾人 | 减免:低保;没有依据不能收"),
    )
    results = TextField(label=gettext_lazy("办理结果"), max_length=2_000, required=False)
    valid_months = LineField(
        label=gettext_lazy("证照有效期(月)"),
        max_length=3,
        required=False,
        help_text=gettext_lazy("不填或 0 为长期;证照种类按办理结果的第一行"),
    )
    conditions = TextField(label=gettext_lazy("办理条件"), max_length=4_000, required=False)
    conditions_en = TextField(label=gettext_lazy("办理条件(英文)"), max_length=4_000, required=False)
    places = LineField(label=gettext_lazy("办理地点"), max_length=300, required=False)
    places_en = LineField(label=gettext_lazy("办理地点(英文)"), max_length=300, required=False)
    hours = LineField(label=gettext_lazy("办理时间"), max_length=300, required=False)
    hours_en = LineField(label=gettext_lazy("办理时间(英文)"), max_length=300, required=False)
    enquiries = LineField(
        label=gettext_lazy("咨询电话"), max_length=60, required=False, help_text=gettext_lazy("不填为 12345")
    )
    complaints = LineField(
        label=gettext_lazy("监督投诉电话"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("不填为 12345"),
    )
    legal_basis = TextField(label=gettext_lazy("设定依据"), max_length=4_000, required=False)


class NewItemForm(ItemForm):
    """A new item: its code by its scheme."""

    scheme = forms.ChoiceField(label=gettext_lazy("编码规则"), choices=SCHEMES)
    code = LineField(label=gettext_lazy("编码"), max_length=80)
    field_order: ClassVar[tuple[str, ...]] = ("scheme", "code")


class ChangedItemForm(ChangeForm, ItemForm):
    """From which day on the item says something else."""


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made = item_add(
        code=given["code"], scheme=given["scheme"], given=Items().given_of(given), unit=_unit_read(given["unit"]), now=asked.now, by=asked.by
    )  # fmt: skip
    return Done(_("已登记。"), f"/administration/items/of/{made.pk}")


def _add_form(row: None, data: Any, asked: Asked) -> NewItemForm:
    return NewItemForm(data)


def _add_effect(row: None, given: dict[str, Any], asked: Asked) -> Effect:
    lines = [_("“%s”从现在起有办事指南。") % given["name"]]
    lines.append(_("窗口可以收件。") if given["unit"] else _("没有审批单位,窗口还不能收件。"))
    return Effect(tuple(lines))


def _change(row: ItemVersion, given: dict[str, Any], asked: Asked) -> Done:
    item_set(
        item=row.item_id, given=Items().given_of(given), unit=_unit_read(given["unit"]), since=given["since"], now=asked.now, by=asked.by
    )  # fmt: skip
    return Done(_("已改。"))


def _change_form(row: ItemVersion, data: Any, asked: Asked) -> ChangedItemForm:
    return ChangedItemForm(data, initial={**texts_of(row), "unit": row.unit.code if row.unit else ""})


def _use(row: ItemVersion, active: bool, asked: Asked) -> None:
    item_use(item=row.item_id, active=active, now=asked.now, by=asked.by)


Items.list_actions = (
    Action("add", pgettext_lazy("item", "登记新事项"), ADMINISTRATOR, _add, _add_form, _add_effect),
)
Items.actions = actions_dated(
    ADMINISTRATOR, change=_change, form=_change_form, use=_use,
    ended=gettext_lazy("从现在起不能再收“%s”的件,办事指南写明已停用;在办的件照常办完。"),
)  # fmt: skip
