"""What was sent out of the product, what failed and why, and sending it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Filter, Kind, Mark
from bihuan.kernel.administration.webhooks import event_words
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.defaults import TEXTS
from bihuan.kernel.notices.models import Notice, TargetHold
from bihuan.kernel.notices.selectors import notices_carried, targets_named
from bihuan.kernel.notices.upkeep import notice_again
from bihuan.kernel.sentences import in_line
from bihuan.lib.text import number_of

WHYS = (
    gettext_noop("只能用 https"),
    gettext_noop("地址无效"),
    gettext_noop("地址在内部网络,不允许"),
    gettext_noop("找不到主机"),
    gettext_noop("没有可用的号码"),
    gettext_noop("推送地址已停用"),
    gettext_noop("短信网关没有接受"),
    gettext_noop("短信网关的应答过长"),
    gettext_noop("短信网关的应答不是 JSON"),
)
"""Why a message did not arrive, as the adapters say it."""
GATEWAYS = {"sms": gettext_lazy("短信网关"), "email": gettext_lazy("邮件服务器")}
MOST = 1000
OF_CASES = ("number", "text")
TONES = {"sent": "done", "failed": "late", "waiting": "near"}


class Sent(Kind):
    """For whoever is told that a message never came: the centre, who sees every case, and the system administrator, who
    sees which gateway fails but neither numbers nor words.
    """

    name = "sent"
    label = gettext_lazy("已发消息")
    about = gettext_lazy("短信、邮件和接口推送。没有配置网关时,消息只在这里留存。")
    group = "messages"
    roles = ("system_admin",)
    stream = "notice"
    counted = False
    empty = gettext_lazy("还没有发出消息。")
    list_template = "administration/sent.html"
    columns = (
        Column("id", gettext_lazy("序号")),
        Column("created_at", gettext_lazy("时间")),
        Column("channel", gettext_lazy("渠道")),
        Column("template", gettext_lazy("通知")),
        Column("target", gettext_lazy("收件方")),
        Column("status", gettext_lazy("状态")),
        Column("attempts", gettext_lazy("次数"), number=True),
        Column("error", gettext_lazy("原因")),
        Column("number", gettext_lazy("编号")),
        Column("text", gettext_lazy("内容")),
    )
    filters = (
        Filter("status", gettext_lazy("状态"), lambda: Notice.Status.choices),
        Filter(
            "channel", gettext_lazy("渠道"), lambda: [c for c in Notice.Channel.choices if c[0] != "in_app"]
        ),
        Filter("template", gettext_lazy("通知"), lambda: [(code, event_words(code)) for code in TEXTS]),
    )

    def open_to(self, scope: Scope) -> bool:
        return scope.everything or scope.holds(*self.roles)

    def rows_before(self, asked: Asked, before: int | None, most: int) -> list[Notice]:
        found = notices_carried(chosen=asked.chosen)
        with kernel_writes():  # an administrator sees no case; what `cells` leaves out is not shown
            return list((found.filter(pk__lt=before) if before else found)[:most])

    def columns_shown(self, asked: Asked) -> list[Column]:
        """Whoever sees no case is not shown an empty column for its number and its words."""
        shown = super().columns_shown(asked)
        return shown if asked.scope.everything else [one for one in shown if one.name not in OF_CASES]

    def cells(self, rows: Sequence[Notice], asked: Asked) -> list[tuple[Any, ...]]:
        with kernel_writes():
            names = targets_named(row.target for row in rows)
        return [_cells(row, names, asked) for row in rows]

    def found(self, key: str, asked: Asked) -> Notice | None:
        with kernel_writes():
            return notices_carried(chosen={}).filter(pk=number_of(key)).first()

    def title(self, row: Notice) -> str:
        return f"{event_words(row.template)} · {row.get_channel_display()} · {row.pk}"

    def facts(self, row: Notice, asked: Asked) -> list[tuple[Any, Any]]:
        found = self.cells_named(row, asked)[1:]
        return [*found, (_("发出时间"), row.sent_at), (_("下次再试"), row.next_attempt_at)]

    def history_match(self, row: Notice) -> Mapping[str, Any]:
        return {"notice": row.pk}

    def list_context(self, asked: Asked) -> dict[str, Any]:
        with kernel_writes():
            counted = {status: _counted(status) for status in ("waiting", "failed")}
            held: dict[str, Any] = dict(
                TargetHold.objects.filter(until__gt=asked.now).values_list("target", "until")
            )
            names = targets_named(held)
        return {"figures": _figures(counted, {names.get(one, one): until for one, until in held.items()})}


def _counted(status: str) -> int:
    """Of what goes out of the product; at most `MOST`, so that a long outage does not make the page slow."""
    return len(notices_carried(chosen={"status": status}).order_by().values_list("pk")[:MOST])


def _cells(row: Notice, names: Mapping[str, str], asked: Asked) -> tuple[Any, ...]:
    everything = asked.scope.everything
    return (
        row.pk,
        row.created_at,
        row.get_channel_display(),
        event_words(row.template),
        names.get(row.target, row.target),
        Mark(row.get_status_display(), TONES[row.status]),
        row.attempts,
        _(row.error) if row.error else None,
        row.case.number if row.case and everything else None,
        row.text if everything else None,
    )


def _figures(counted: Mapping[str, int], held: Mapping[str, Any]) -> list[dict[str, Any]]:
    stopped = "sms" in held
    gateway = (
        _("停到 %s") % f"{held['sms']:%H:%M}"
        if stopped
        else _("已配置")
        if settings.SMS_GATEWAY
        else _("未配置")
    )
    mail = _("已配置") if settings.EMAIL_HOST else _("未配置")
    return [
        {"label": _("待发"), "value": _told(counted.get("waiting", 0)), "address": "?status=waiting"},
        {
            "label": _("失败"),
            "value": _told(counted.get("failed", 0)),
            "tone": "late" if counted.get("failed") else "",
            "address": "?status=failed",
        },
        {"label": _("短信网关"), "value": gateway, "tone": "late" if stopped else ""},
        {"label": _("邮件服务器"), "value": mail},
        {
            "label": _("暂停的目标"),
            "value": len(held),
            "note": in_line(sorted(str(GATEWAYS.get(one, one)) for one in held))[:80],
        },
    ]


def _told(count: int) -> str:
    return f"{MOST}+" if count == MOST else str(count)


def _again(row: Notice, given: dict[str, Any], asked: Asked) -> Done:
    notice_again(notice=row.pk, now=asked.now, by=asked.by)
    return Done(_("已排队重新发送。"))


Sent.actions = (
    Action(
        "again",
        gettext_lazy("重新发送"),
        ("system_admin",),
        _again,
        warning=gettext_lazy("用同一个标识再发一次,对方不会当成两条。"),
        open_to=lambda row: row.status == "failed",
    ),
)
