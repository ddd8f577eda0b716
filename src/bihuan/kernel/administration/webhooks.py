"""Where events are pushed to: adding a target, testing, holding and removing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bihuan.kernel.administration.forms import Drawn, LineField
from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Kind, Mark, Table, said
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.defaults import TEXTS, default_text
from bihuan.kernel.notices.models import TargetHold, WebhookTarget
from bihuan.kernel.notices.selectors import notices_pushed
from bihuan.kernel.notices.services import WEBHOOK
from bihuan.kernel.notices.upkeep import ALL_EVENTS, webhook_add, webhook_hold, webhook_remove, webhook_test
from bihuan.lib.text import number_of

ADMINISTRATOR = ("system_admin",)
SHOWN = 10
"""So many of the latest events stand on a target's page."""


class Webhooks(Kind):
    """For the system administrator who connects another system."""

    name = "webhooks"
    label = gettext_lazy("推送地址")
    about = gettext_lazy("把事件推送给别的系统:CloudEvents,带签名。只推编号和状态,不推个人信息。")
    group = "messages"
    roles = ADMINISTRATOR
    stream = "notice"
    empty = gettext_lazy("还没有推送地址。")
    columns = (
        Column("name", gettext_lazy("名称")),
        Column("url", gettext_lazy("地址")),
        Column("events", gettext_lazy("事件")),
        Column("state", gettext_lazy("状态")),
    )

    def rows(self, asked: Asked) -> list[WebhookTarget]:
        with kernel_writes():  # the table is hidden from the web's own role
            return list(WebhookTarget.objects.order_by("name"))

    def cells(self, rows: Sequence[WebhookTarget], asked: Asked) -> list[tuple[Any, ...]]:
        with kernel_writes():
            held = dict(
                TargetHold.objects.filter(
                    target__in=[f"{WEBHOOK}{row.pk}" for row in rows], until__gt=asked.now
                ).values_list("target", "failures")
            )
        return [
            (row.name, row.url, events_words(row.events), _state(row, held.get(f"{WEBHOOK}{row.pk}", 0)))
            for row in rows
        ]

    def found(self, key: str, asked: Asked) -> WebhookTarget | None:
        with kernel_writes():
            return WebhookTarget.objects.filter(pk=number_of(key)).first()

    def title(self, row: WebhookTarget) -> str:
        return row.name

    def tables(self, row: WebhookTarget, asked: Asked) -> list[Table]:
        """The latest events for it: whether they arrived, and why not."""
        with kernel_writes():
            pushed = notices_pushed(target=f"{WEBHOOK}{row.pk}", most=SHOWN)
        rows = tuple(
            (
                _moment(one.created_at),
                event_words(one.template),
                one.get_status_display(),
                str(one.attempts),
                _(one.error) if one.error else "–",
            )
            for one in pushed
        )
        heads = (_("时间"), _("事件"), _("状态"), _("次数"), _("原因"))
        return [Table(_("最近推送的(最多 %s 条)") % SHOWN, heads, rows)] if rows else []

    def history_match(self, row: WebhookTarget) -> Mapping[str, Any]:
        return {"target": row.pk}

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        lines = [(_("地址"), entry.data.get("url")), (_("事件"), events_words(entry.data.get("events", ())))]
        if "arrived" in entry.data:
            lines = [(_("结果"), _("已送达") if entry.data["arrived"] else _(entry.data["why"]))]
        return said(lines)


def events_words(events: Sequence[str]) -> str:
    """Events in words."""
    if ALL_EVENTS in events:
        return _("全部事件")
    return "、".join(event_words(code) for code in events)


def event_words(code: str) -> str:
    """A kind of notice in the language of the page."""
    found = default_text(code, _language())
    return found[0] if found else code


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _state(row: WebhookTarget, failures: int) -> Mark:
    if not row.active:
        return Mark(_("已暂停"), "paused")
    if failures:
        return Mark(_("连续失败 %s 次,稍后再试") % failures, "late")
    return Mark(_("推送中"), "done")


class TargetForm(Drawn):
    """Name, address and the events wanted."""

    name = LineField(label=gettext_lazy("名称"), max_length=60)
    url = LineField(
        label=gettext_lazy("地址"),
        max_length=300,
        help_text=gettext_lazy("以 https:// 开头,不能在内部网络。"),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("事件"), widget=forms.CheckboxSelectMultiple(attrs={"class": "boxes"})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["events"].choices = [
            (ALL_EVENTS, _("全部事件")),
            *((code, event_words(code)) for code in TEXTS),
        ]


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made, secret = webhook_add(**given, now=asked.now, by=asked.by)
    message = _("“%s”已增加。签名用的密钥:") % made.name
    return Done(message, address=f"/administration/webhooks/of/{made.pk}", secret=secret)


def _test(row: WebhookTarget, given: dict[str, Any], asked: Asked) -> Done:
    tested = webhook_test(target=row.pk, now=asked.now, by=asked.by)
    if tested.arrived:
        return Done(_("测试事件已送达。"))
    return Done(_("测试事件没有送达:%s。") % _(tested.why), failed=True)


def _hold(row: WebhookTarget, given: dict[str, Any], asked: Asked) -> Done:
    webhook_hold(target=row.pk, hold=True, now=asked.now, by=asked.by)
    return Done(_("已暂停。"))


def _resume(row: WebhookTarget, given: dict[str, Any], asked: Asked) -> Done:
    webhook_hold(target=row.pk, hold=False, now=asked.now, by=asked.by)
    return Done(_("已恢复推送。"))


def _remove(row: WebhookTarget, given: dict[str, Any], asked: Asked) -> Done:
    webhook_remove(target=row.pk, now=asked.now, by=asked.by)
    return Done(_("已删除。"), address="/administration/webhooks")


Webhooks.list_actions = (
    Action(
        "add", gettext_lazy("增加推送地址"), ADMINISTRATOR, _add, lambda row, data, asked: TargetForm(data)
    ),
)
Webhooks.actions = (
    Action(
        "test",
        gettext_lazy("测试"),
        ADMINISTRATOR,
        _test,
        warning=gettext_lazy("现在就向这个地址发一个测试事件,不涉及任何件。"),
    ),
    Action(
        "hold",
        gettext_lazy("暂停"),
        ADMINISTRATOR,
        _hold,
        warning=gettext_lazy("暂停后不再向它推送;暂停期间的事件不补推。"),
        open_to=lambda row: row.active,
    ),
    Action("resume", gettext_lazy("恢复"), ADMINISTRATOR, _resume, open_to=lambda row: not row.active),
    Action(
        "remove",
        gettext_lazy("删除"),
        ADMINISTRATOR,
        _remove,
        warning=gettext_lazy("地址和密钥一起删除,等待推送的事件不再推送;经过留在账本里。"),
        danger=True,
    ),
)
