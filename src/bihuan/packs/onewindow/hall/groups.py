"""The groups of services that a hall gives numbers for, as its administrator keeps them: a plain form over the policy that holds them all.

Each change is a new value of the policy from today on, and stands in its history; numbers that were taken keep their letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField, number_field
from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Kind
from bihuan.kernel.desk.words import language
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.selectors import RegisterEntry, register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.kernel.sentences import in_line
from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from bihuan.packs.onewindow.hall.rules import OPEN, Group, groups_read
from bihuan.packs.onewindow.hall.selectors import terms_now
from bihuan.packs.onewindow.hall.windows import ADMINISTRATOR

POLICY = "onewindow.hall_groups"
LETTER = re.compile("[A-Z]")
LONGEST, FURTHEST, MOST_WORDS = 240, 60, 20


def group_add(*, group: Group, basis: str, by: int, now: datetime) -> None:
    """A further group, the last of all. The system administrator's. Refusal for a letter that is none or is taken."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    if not LETTER.fullmatch(group.code):
        raise Refusal("group_code", _("号码开头写一个大写字母,如 F。"), field="code")
    groups = terms_now(now).groups
    if any(one.code == group.code for one in groups):
        raise Refusal("group_code", _("字母 %s 已有一类在用。") % group.code, field="code")
    _keep([*groups, group], basis, by, now)


def group_change(*, group: Group, basis: str, by: int, now: datetime) -> None:
    """Another name, time, head start or words for the group of this letter. NotFound for a letter without one."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    groups = _with(group.code, now)
    _keep([group if one.code == group.code else one for one in groups], basis, by, now)


def group_remove(*, code: str, basis: str, by: int, now: datetime) -> None:
    """No more numbers of this group. Conflict while a window serves it or somebody waits with such a number; the last one stays."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    groups = _with(code, now)
    with kernel_writes():
        serving = HallWindow.objects.filter(active=True, skills__contains=[code]).order_by("code")
        windows = in_line(serving.values_list("code", flat=True))
        waiting = Ticket.objects.filter(group=code, day=day_of(now), state__in=OPEN).exists()
    if len(groups) == 1:
        raise Refusal("group_last", _("至少要有一类业务,不能停用最后一类。"))
    if windows:
        raise Conflict("group_served", _("%s 号窗口还办这一类。请先在“大厅窗口”里改。") % windows)
    if waiting:
        raise Conflict("group_waiting", _("还有人拿着这一类的号。请等办完再停用。"))
    _keep([one for one in groups if one.code != code], basis, by, now)


def _with(code: str, now: datetime) -> Sequence[Group]:
    groups = terms_now(now).groups
    if not any(one.code == code for one in groups):
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    return groups


def _keep(groups: Sequence[Group], basis: str, by: int, now: datetime) -> None:
    value = [{**asdict(one), "words": list(one.words)} for one in groups]
    policy_change(
        code=POLICY,
        value=value,
        legal_basis=basis,
        valid_from=day_of(now),
        region=_region(now),
        now=now,
        by=by,
    )


def _region(now: datetime) -> str:
    """Where the value stands that holds here, so that the new one replaces it and not one of the country."""
    try:
        return policy_in_force(code=POLICY, region=settings.REGION, on=day_of(now)).region
    except Refusal:
        return ""


class HallGroups(Kind):
    """For the system administrator who sets up a hall: what people come for, as the kiosk and the tickets call it."""

    name = "hall_groups"
    label = gettext_lazy("大厅业务类别")
    about = gettext_lazy("取号时选的类别和号码开头的字母。没有别的类认领的事项归第一类。")
    group = "rules"
    roles = ADMINISTRATOR
    stream = "policy"
    columns = (
        Column("code", gettext_lazy("字母")),
        Column("name", gettext_lazy("名称")),
        Column("name_en", gettext_lazy("英文名称")),
        Column("minutes", gettext_lazy("一件大约几分钟"), number=True),
        Column("head_start", gettext_lazy("让先几分钟"), number=True),
        Column("words", gettext_lazy("认领的词")),
    )

    def rows(self, asked: Asked) -> list[Group]:
        return list(terms_now(asked.now).groups)

    def cells(self, rows: Sequence[Group], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (one.code, one.name, one.name_en, one.minutes, one.head_start, in_line(one.words)) for one in rows
        ]

    def key(self, row: Group) -> str:
        return row.code

    def found(self, key: str, asked: Asked) -> Group | None:
        return terms_now(asked.now).group(key)

    def title(self, row: Group) -> str:
        return f"{row.code} {(language() == 'en' and row.name_en) or row.name}"

    def history(self, row: Group, asked: Asked) -> list[RegisterEntry]:
        """Of the policy: all groups are one value of it."""
        return register_entries(stream=self.stream, match={"code": POLICY})

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        names = in_line(f"{one.code} {one.name}" for one in groups_read(entry.data["value"]))
        return [(_("类别"), names), (_("依据"), entry.data["legal_basis"])]


class BasisForm(Drawn):
    """By which decision."""

    basis = LineField(label=gettext_lazy("依据"), max_length=300, initial=gettext_lazy("本大厅自定"))


class GroupForm(BasisForm):
    """What a group is."""

    name = LineField(label=gettext_lazy("名称"), max_length=20)
    name_en = LineField(label=gettext_lazy("英文名称"), max_length=40, required=False)
    minutes = number_field(gettext_lazy("一件大约几分钟"), 1, 240, initial=10)
    head_start = number_field(
        gettext_lazy("让先几分钟"),
        0,
        FURTHEST,
        initial=0,
        help_text=gettext_lazy("很快就办完的类可以让先;一般填 0。"),
    )
    words = LineField(
        label=gettext_lazy("认领的词"), max_length=LONGEST, required=False,
        help_text=gettext_lazy("事项的名称、主题或单位里有其中一个词,就归这一类。多个词用顿号隔开,如 社保、医保。"),
    )  # fmt: skip
    field_order = ("code", "name", "name_en", "minutes", "head_start", "words", "basis")

    def clean_words(self) -> tuple[str, ...]:
        """The words, each once."""
        found = (one.strip() for one in re.split("[,,、;;]", self.cleaned_data["words"]))
        words = tuple(dict.fromkeys(one for one in found if one))
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(_("最多写 %s 个词。") % MOST_WORDS)
        return words


class NewGroupForm(GroupForm):
    """A new group: its letter as well."""

    code = LineField(
        label=gettext_lazy("字母"), max_length=1, help_text=gettext_lazy("号码用它开头,以后不能改。")
    )


def _form(row: Group, data: Any, asked: Asked) -> GroupForm:
    return GroupForm(data, initial={**asdict(row), "words": "、".join(row.words)})


def _new_form(row: None, data: Any, asked: Asked) -> NewGroupForm:
    return NewGroupForm(data)


def _basis_form(row: Group, data: Any, asked: Asked) -> BasisForm:
    return BasisForm(data)


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    basis = given.pop("basis")
    made = Group(**{**given, "code": given["code"].upper()})
    group_add(group=made, basis=basis, by=asked.by, now=asked.now)
    return Done(
        _("已加“%s”一类。请到“大厅窗口”里定哪个窗口办它。") % made.name,
        f"/administration/hall_groups/of/{made.code}",
    )


def _change(row: Group, given: dict[str, Any], asked: Asked) -> Done:
    basis = given.pop("basis")
    group_change(group=Group(code=row.code, **given), basis=basis, by=asked.by, now=asked.now)
    return Done(_("“%s”已改,马上生效。") % given["name"])


def _remove(row: Group, given: dict[str, Any], asked: Asked) -> Done:
    group_remove(code=row.code, basis=given["basis"], by=asked.by, now=asked.now)
    return Done(_("“%s”已停用。") % row.name, "/administration/hall_groups")


HallGroups.list_actions = (Action("add", gettext_lazy("加一类"), ADMINISTRATOR, _add, _new_form),)
HallGroups.actions = (
    Action("change", gettext_lazy("修改"), ADMINISTRATOR, _change, _form),
    Action(
        "remove", gettext_lazy("停用这一类"), ADMINISTRATOR, _remove, _basis_form, danger=True,
        warning=gettext_lazy("停用后不能再取这一类的号;办过的号都留着。"),
    ),
)  # fmt: skip
