"""What passed between centres, what waits or was refused and why, sending again; and what was turned away at the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Filter, Kind, Mark
from bihuan.kernel.exchange.envelope import KINDS, REASONS
from bihuan.kernel.exchange.models import Direction, Message, Peer, Status, TurnedAway
from bihuan.kernel.exchange.upkeep import message_again
from bihuan.kernel.ledger.services import kernel_writes

SYSTEM = ("system_admin",)
TONES = {"settled": "done", "refused": "late", "waiting": "near"}


def _peers() -> list[tuple[str, str]]:
    return list(Peer.objects.order_by("code").values_list("code", "name"))


class Exchanged(Kind):
    """For the IT officer who is asked where an order is that should have come or gone; the words of the matter are not shown."""

    name = "exchange"
    label = gettext_lazy("交换的消息")
    about = gettext_lazy("发给上下级中心和从它们收到的每条消息:办妥没有,没有的为什么。不显示工单内容。")
    group = "messages"
    roles = SYSTEM
    stream = "exchange"
    counted = False
    empty = gettext_lazy("还没有交换过消息。")
    search = gettext_lazy("上级编号")
    list_template = "exchange/messages.html"
    columns = (
        Column("id", gettext_lazy("序号")),
        Column("created_at", gettext_lazy("时间")),
        Column("direction", gettext_lazy("方向")),
        Column("peer", gettext_lazy("中心")),
        Column("kind", gettext_lazy("内容")),
        Column("thread", gettext_lazy("上级编号")),
        Column("place", gettext_lazy("第几条"), number=True),
        Column("status", gettext_lazy("状态")),
        Column("attempts", gettext_lazy("次数"), number=True),
        Column("error", gettext_lazy("原因")),
    )
    filters = (
        Filter("status", gettext_lazy("状态"), lambda: Status.choices),
        Filter("direction", gettext_lazy("方向"), lambda: Direction.choices),
        Filter("peer", gettext_lazy("中心"), _peers),
    )

    def rows_before(self, asked: Asked, before: int | None, most: int) -> list[Message]:
        with kernel_writes():
            found = _found(asked)
            return list((found.filter(pk__lt=before) if before else found)[:most])

    def cells(self, rows: Sequence[Message], asked: Asked) -> list[tuple[Any, ...]]:
        return [_cells(row) for row in rows]

    def found(self, key: str, asked: Asked) -> Message | None:
        known = key.isascii() and key.isdecimal() and len(key) < 19
        with kernel_writes():
            return Message.objects.select_related("peer").filter(pk=int(key)).first() if known else None

    def title(self, row: Message) -> str:
        return f"{_kind_words(row.kind)} · {row.thread} · {row.place}"

    def facts(self, row: Message, asked: Asked) -> list[tuple[Any, Any]]:
        cells = list(zip((column.label for column in self.columns), _cells(row), strict=True))
        return [
            *cells[1:],
            (_("办妥时间"), row.settled_at),
            (_("下次再试"), row.next_attempt_at if row.status == "waiting" else None),
            (_("标识"), row.message_id),
            (_("摘要"), row.digest),
        ]

    def history_match(self, row: Message) -> Mapping[str, Any]:
        return {"message": row.message_id}

    def list_context(self, asked: Asked) -> dict[str, Any]:
        with kernel_writes():
            counted = dict(
                Message.objects.exclude(status="settled")
                .values_list("status")
                .annotate(n=Count("id"))
                .order_by()
            )
        down = Peer.objects.filter(active=True, failures__gt=0).count()
        return {"figures": _figures(counted, down)}


def _found(asked: Asked) -> QuerySet[Message]:
    chosen = {name: value for name, value in asked.chosen.items() if name in ("status", "direction")}
    if asked.chosen.get("peer"):
        chosen["peer__code"] = asked.chosen["peer"]
    if asked.q:
        chosen["thread"] = asked.q
    return Message.objects.select_related("peer").filter(**chosen).order_by("-pk")


def _kind_words(kind: str) -> str:
    return _(KINDS[kind]) if kind in KINDS else _("本版本不认识的内容(%s)") % kind


def _cells(row: Message) -> tuple[Any, ...]:
    return (
        row.pk,
        row.created_at,
        row.get_direction_display(),
        row.peer.name,
        _kind_words(row.kind),
        row.thread,
        row.place,
        Mark(row.get_status_display(), TONES[row.status]),
        row.attempts,
        _(row.error) if row.error else None,
    )


def _figures(counted: Mapping[str, int], down: int) -> list[dict[str, Any]]:
    refused = counted.get("refused", 0)
    return [
        {"label": _("等待"), "value": counted.get("waiting", 0), "address": "?status=waiting"},
        {
            "label": _("被拒"),
            "value": refused,
            "tone": "late" if refused else "",
            "address": "?status=refused",
        },
        {
            "label": _("不通的中心"),
            "value": down,
            "tone": "late" if down else "",
            "address": "/administration/peers",
        },
    ]


def _again(row: Message, given: dict[str, Any], asked: Asked) -> Done:
    message_again(message=row.pk, now=asked.now, by=asked.by)
    return Done(_("已排队重新发送。"))


Exchanged.actions = (
    Action(
        "again",
        gettext_lazy("重新发送"),
        SYSTEM,
        _again,
        warning=gettext_lazy("用同一个标识再发一次,对方不会当成两条。"),
        open_to=lambda row: row.direction == "out" and row.status != "settled",
    ),
)


class Doors(Kind):
    """For the IT officer who wants to know whether somebody knocks with false papers, or a clock or a key is wrong."""

    name = "turned-away"
    label = gettext_lazy("拒收的消息")
    about = gettext_lazy("签名、密钥、时间或内容不对的消息,在门口就拒了,什么都没有改动。按小时计数。")
    group = "messages"
    roles = SYSTEM
    empty = gettext_lazy("没有拒收过消息。")
    has_page = False
    columns = (
        Column("hour", gettext_lazy("时段")),
        Column("claimed", gettext_lazy("自称")),
        Column("rule", gettext_lazy("原因")),
        Column("count", gettext_lazy("次数"), number=True),
        Column("last_at", gettext_lazy("最近一次")),
        Column("address", gettext_lazy("网络地址")),
    )

    def rows(self, asked: Asked) -> QuerySet[TurnedAway]:
        return TurnedAway.objects.order_by("-hour", "rule", "claimed")

    def cells(self, rows: Sequence[TurnedAway], asked: Asked) -> list[tuple[Any, ...]]:
        names = dict(_peers())
        return [
            (
                row.hour,
                names.get(row.claimed) or _("不认识的"),
                _(REASONS.get(row.rule, row.rule)),
                row.count,
                row.last_at,
                row.address or None,
            )
            for row in rows
        ]

    def found(self, key: str, asked: Asked) -> None:
        return None
