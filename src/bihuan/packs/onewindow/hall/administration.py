"""The windows of halls as administration keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField
from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Kind, Mark, said
from bihuan.kernel.administration.unit_fields import UnitField
from bihuan.kernel.ledger.selectors import RegisterEntry, register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import in_line, named
from bihuan.lib.text import number_of
from bihuan.packs.onewindow.hall.models import HallWindow
from bihuan.packs.onewindow.hall.selectors import terms_now
from bihuan.packs.onewindow.hall.windows import (
    ADMINISTRATOR,
    window_add,
    window_change,
    window_close,
    window_reopen,
)
from bihuan.packs.onewindow.hall.words import group_names

TONES = {"open": "done", "paused": "near"}


class HallWindows(Kind):
    """For the system administrator who sets up a hall: its windows, and what each of them serves."""

    name = "hall_windows"
    label = gettext_lazy("大厅窗口")
    about = gettext_lazy("办事大厅有哪些窗口、各办什么业务;登记了第一个窗口,单位就有了可以取号的大厅。")
    group = "rules"
    roles = ADMINISTRATOR
    stream = "hall"
    empty = gettext_lazy("还没有大厅窗口。登记第一个窗口后,就可以取号、叫号。")
    columns = (
        Column("code", gettext_lazy("编号")),
        Column("unit", gettext_lazy("单位")),
        Column("skills", gettext_lazy("办理的业务")),
        Column("state", gettext_lazy("状态")),
    )

    def rows(self, asked: Asked) -> list[HallWindow]:
        with kernel_writes():
            return list(_windows().order_by("unit__code", Length("code"), "code"))

    def cells(self, rows: Sequence[HallWindow], asked: Asked) -> list[tuple[Any, ...]]:
        names = group_names(terms_now(asked.now))
        return [(row.code, named(row.unit), _skills(row.skills, names), _state(row)) for row in rows]

    def found(self, key: str, asked: Asked) -> HallWindow | None:
        with kernel_writes():
            return _windows().filter(pk=number_of(key)).first()

    def title(self, row: HallWindow) -> str:
        return _("%s 号窗口") % row.code

    def history(self, row: HallWindow, asked: Asked) -> list[RegisterEntry]:
        """Of the hall's own stream."""
        return register_entries(stream=f"{self.stream}:{row.unit_id}", match={"window": row.code})

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        names = group_names(terms_now(timezone.now()))
        skills = _skills(entry.data.get("skills", ()), names)
        return said([(_("办理的业务"), skills), (_("原因"), entry.data.get("reason"))])


def _windows() -> Any:
    return HallWindow.objects.select_related("unit")


def _skills(codes: Sequence[str], names: Mapping[str, str]) -> str:
    return in_line(names.get(code, code) for code in codes)


def _state(row: HallWindow) -> Mark:
    if not row.active:
        return Mark(_("已停用"), "paused")
    return Mark(row.get_state_display(), TONES.get(row.state, ""))


class WindowForm(Drawn):
    """What a window serves."""

    skills = forms.MultipleChoiceField(
        label=gettext_lazy("办理的业务"), widget=forms.CheckboxSelectMultiple(attrs={"class": "boxes"}),
        help_text=gettext_lazy("类别在“大厅业务类别”里设。"),
    )  # fmt: skip

    def __init__(self, data: Any, names: Mapping[str, str], **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["skills"].choices = [(code, f"{code} {name}") for code, name in names.items()]


class NewWindowForm(WindowForm):
    """A new window: whose hall, and its number there."""

    unit = UnitField(
        label=gettext_lazy("单位"), help_text=gettext_lazy("谁的大厅;这个单位的窗口受理人员才能坐下叫号。")
    )
    code = LineField(
        label=gettext_lazy("编号"), max_length=4, help_text=gettext_lazy("大屏和叫号念的编号,以后不能改。")
    )
    field_order = ("unit", "code", "skills")


def _names(asked: Asked) -> dict[str, str]:
    return group_names(terms_now(asked.now))


def _add_form(row: None, data: Any, asked: Asked) -> NewWindowForm:
    return NewWindowForm(data, _names(asked))


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made = window_add(
        unit=given["unit"].pk, code=given["code"], skills=given["skills"], by=asked.by, now=asked.now
    )
    return Done(_("已登记 %s 号窗口。") % made.code, f"/administration/hall_windows/of/{made.pk}")


def _change_form(row: HallWindow, data: Any, asked: Asked) -> WindowForm:
    return WindowForm(data, _names(asked), initial={"skills": row.skills})


def _change(row: HallWindow, given: dict[str, Any], asked: Asked) -> Done:
    window_change(window=row.pk, skills=given["skills"], by=asked.by, now=asked.now)
    return Done(_("%s 号窗口的业务已改。") % row.code)


def _close(row: HallWindow, given: dict[str, Any], asked: Asked) -> Done:
    window_close(window=row.pk, by=asked.by, now=asked.now)
    return Done(_("%s 号窗口已停用。") % row.code)


def _reopen(row: HallWindow, given: dict[str, Any], asked: Asked) -> Done:
    window_reopen(window=row.pk, by=asked.by, now=asked.now)
    return Done(_("%s 号窗口已恢复使用。") % row.code)


def _active(row: HallWindow) -> bool:
    return row.active


def _closed(row: HallWindow) -> bool:
    return not row.active


HallWindows.list_actions = (Action("add", gettext_lazy("登记窗口"), ADMINISTRATOR, _add, _add_form),)
HallWindows.actions = (
    Action("change", gettext_lazy("修改"), ADMINISTRATOR, _change, _change_form, open_to=_active),
    Action(
        "close", gettext_lazy("停用窗口"), ADMINISTRATOR, _close, danger=True, open_to=_active,
        warning=gettext_lazy("停用后不能再坐下叫号,大厅主管和窗口的页面上不再有它;办过的号都留着。"),
    ),
    Action("reopen", gettext_lazy("恢复使用"), ADMINISTRATOR, _reopen, open_to=_closed),
)  # fmt: skip
