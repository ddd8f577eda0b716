"""Other centres and their keys as administrators keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, LineField
from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Kind, Mark, Table
from bihuan.kernel.exchange.models import Peer
from bihuan.kernel.exchange.signing import private_read, public_of
from bihuan.kernel.exchange.upkeep import (
    key_add,
    key_revoke,
    peer_add,
    peer_change,
    peer_hold_set,
    peer_remove,
)
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.kernel.ledger.services import kernel_writes

SYSTEM, SECURITY = ("system_admin",), ("security_admin",)
WAITS = Q(messages__direction="out", messages__status="waiting")


class Peers(Kind):
    """For the IT officer who connects this centre with the one above and those below, and looks whether the line works."""

    name = "peers"
    label = gettext_lazy("上下级中心")
    about = gettext_lazy("和哪些中心交换工单、用哪把密钥、通不通。消息带签名,断了会自己补上,不丢不重。")
    group = "messages"
    roles = (*SYSTEM, *SECURITY)
    stream = "exchange"
    empty = gettext_lazy("还没有对接别的中心。")
    columns = (
        Column("name", gettext_lazy("中心")),
        Column("code", gettext_lazy("代码")),
        Column("relation", gettext_lazy("关系")),
        Column("state", gettext_lazy("状态")),
        Column("waiting", gettext_lazy("待发"), number=True),
        Column("refused", gettext_lazy("被拒"), number=True),
        Column("heard_at", gettext_lazy("最近通")),
        Column("url", gettext_lazy("地址")),
    )

    def rows(self, asked: Asked) -> list[Peer]:
        with kernel_writes():  # messages are hidden from the web's own role
            counted = Peer.objects.select_related("unit").annotate(
                waiting=Count("messages", filter=WAITS),
                refused=Count("messages", filter=Q(messages__status="refused")),
            )
            return list(counted.order_by("relation", "code"))

    def cells(self, rows: Sequence[Peer], asked: Asked) -> list[tuple[Any, ...]]:
        return [_cells(row, asked) for row in rows]

    def found(self, key: str, asked: Asked) -> Peer | None:
        known = key.isascii() and key.isdecimal() and len(key) < 19
        return next((row for row in self.rows(asked) if row.pk == int(key)), None) if known else None

    def title(self, row: Peer) -> str:
        return row.name

    def facts(self, row: Peer, asked: Asked) -> list[tuple[Any, Any]]:
        cells = list(zip((column.label for column in self.columns), _cells(row, asked), strict=True))
        unit = [(_("在本级的单位"), row.unit.name)] if row.unit else []
        return [
            *cells[1:],
            *unit,
            (_("取件"), _("由我方去取") if row.fetched else _("由对方送来")),
            (_("最近的问题"), _(row.error) if row.error else None),
            (_("本中心的代码"), settings.REGION),
            (_("本中心的公钥(给对方登记)"), public_of(private_read(settings.EXCHANGE_KEY))),
        ]

    def tables(self, row: Peer, asked: Asked) -> list[Table]:
        keys = tuple(
            (
                key.key_id,
                f"{timezone.localtime(key.added_at):%Y-%m-%d %H:%M}",
                _("已作废") if key.revoked_at else _("有效"),
            )
            for key in row.keys.order_by("pk")
        )
        return [Table(_("对方的密钥"), (_("标识"), _("登记时间"), _("状态")), keys)] if keys else []

    def history_match(self, row: Peer) -> Mapping[str, Any]:
        return {"peer": row.pk}

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        lines = [(_("名称"), "name"), (_("地址"), "url"), (_("密钥"), "key")]
        return [(label, entry.data[name]) for label, name in lines if entry.data.get(name)]


def _cells(row: Peer, asked: Asked) -> tuple[Any, ...]:
    return (
        row.name,
        row.code,
        row.get_relation_display(),
        _state(row, asked),
        row.waiting,
        row.refused,
        row.heard_at,
        row.url or None,
    )


def _state(row: Peer, asked: Asked) -> Mark:
    if not row.active:
        return Mark(_("已停用"), "paused")
    if row.failures:
        return Mark(_("不通,已试 %s 次,自动再试") % row.failures, "late")
    return Mark(_("通"), "done") if row.heard_at else Mark(_("还没有通过"), "near")


class PeerForm(Drawn):
    """A centre to be entered."""

    code = LineField(
        label=gettext_lazy("行政区划代码"), max_length=6, help_text=gettext_lazy("6 位数字,如 371500。")
    )
    name = LineField(label=gettext_lazy("名称"), max_length=80)
    relation = forms.ChoiceField(label=gettext_lazy("关系"), choices=Peer.Relation.choices)
    unit = forms.ChoiceField(
        label=gettext_lazy("在本级的单位"),
        required=False,
        help_text=gettext_lazy("下级中心才选:派给这个单位的工单会下发给它。"),
    )
    url = LineField(
        label=gettext_lazy("地址"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("以 https:// 开头;对方来取的,留空。"),
    )
    fetched = forms.BooleanField(label=gettext_lazy("由我方去取(对方进不来时)"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        centres = Unit.objects.filter(kind=Unit.Kind.CENTRE, valid_to=None).order_by("code")
        self.fields["unit"].choices = [("", _("无(上级中心)")), *centres.values_list("pk", "name")]

    def clean_unit(self) -> int | None:
        return int(self.cleaned_data["unit"]) if self.cleaned_data["unit"] else None


class ChangeForm(Drawn):
    """A centre's name, address and way of fetching."""

    name = LineField(label=gettext_lazy("名称"), max_length=80)
    url = LineField(
        label=gettext_lazy("地址"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("以 https:// 开头;对方来取的,留空。"),
    )
    fetched = forms.BooleanField(label=gettext_lazy("由我方去取(对方进不来时)"), required=False)

    def __init__(self, row: Peer, data: Any) -> None:
        super().__init__(data, initial={"name": row.name, "url": row.url, "fetched": row.fetched})


class KeyForm(Drawn):
    """A public key of the other centre."""

    public = LineField(
        label=gettext_lazy("对方的公钥"),
        max_length=64,
        help_text=gettext_lazy("64 位十六进制数字。请当面或打电话核对后再登记。"),
    )


class RevokeForm(Drawn):
    """Which key is no longer believed."""

    key_id = forms.ChoiceField(label=gettext_lazy("密钥"))

    def __init__(self, row: Peer, data: Any) -> None:
        super().__init__(data)
        keys = row.keys.filter(revoked_at=None).order_by("pk").values_list("key_id", flat=True)
        self.fields["key_id"].choices = [(key, key) for key in keys]


def _add(row: None, given: dict[str, Any], asked: Asked) -> Done:
    made = peer_add(**given, now=asked.now, by=asked.by)
    message = _("“%s”已登记。安全管理员登记对方的公钥后,才会交换。") % made.name
    return Done(message, address=f"/administration/peers/of/{made.pk}")


def _change(row: Peer, given: dict[str, Any], asked: Asked) -> Done:
    peer_change(peer=row.pk, **given, now=asked.now, by=asked.by)
    return Done(_("已更改。"))


def _hold(row: Peer, given: dict[str, Any], asked: Asked) -> Done:
    peer_hold_set(peer=row.pk, hold=True, now=asked.now, by=asked.by)
    return Done(_("已停用。"))


def _resume(row: Peer, given: dict[str, Any], asked: Asked) -> Done:
    peer_hold_set(peer=row.pk, hold=False, now=asked.now, by=asked.by)
    return Done(_("已恢复交换。"))


def _remove(row: Peer, given: dict[str, Any], asked: Asked) -> Done:
    peer_remove(peer=row.pk, now=asked.now, by=asked.by)
    return Done(_("“%s”已删除。") % row.name, address="/administration/peers")


def _key_add(row: Peer, given: dict[str, Any], asked: Asked) -> Done:
    key = key_add(peer=row.pk, public=given["public"], now=asked.now, by=asked.by)
    return Done(_("密钥 %s 已登记。") % key.key_id)


def _key_revoke(row: Peer, given: dict[str, Any], asked: Asked) -> Done:
    key_revoke(peer=row.pk, key_id=given["key_id"], now=asked.now, by=asked.by)
    return Done(_("密钥已作废。"))


def _has_spoken(row: Peer) -> bool:
    with kernel_writes():
        return bool(row.messages.exists() or row.links.exists())


def _has_keys(row: Peer) -> bool:
    return row.keys.filter(revoked_at=None).exists()


Peers.list_actions = (
    Action("add", gettext_lazy("登记中心"), SYSTEM, _add, lambda row, data, asked: PeerForm(data)),
)
Peers.actions = (
    Action(
        "change",
        gettext_lazy("改名称和地址"),
        SYSTEM,
        _change,
        lambda row, data, asked: ChangeForm(row, data),
    ),
    Action(
        "hold",
        gettext_lazy("停用"),
        SYSTEM,
        _hold,
        warning=gettext_lazy("停用后不发给它,它发来的也不收;要发的都留着,恢复后补发。"),
        open_to=lambda row: row.active,
    ),
    Action("resume", gettext_lazy("恢复"), SYSTEM, _resume, open_to=lambda row: not row.active),
    Action(
        "remove",
        gettext_lazy("删除"),
        SYSTEM,
        _remove,
        warning=gettext_lazy("登记错了的才删除;它的密钥一并删除。"),
        open_to=lambda row: not _has_spoken(row),
        danger=True,
    ),
    Action("key-add", gettext_lazy("登记公钥"), SECURITY, _key_add, lambda row, data, asked: KeyForm(data)),
    Action(
        "key-revoke",
        gettext_lazy("作废密钥"),
        SECURITY,
        _key_revoke,
        lambda row, data, asked: RevokeForm(row, data),
        warning=gettext_lazy(
            "作废后,用这把密钥签名的消息一律不收,不能恢复。更换密钥时,先登记新的,再作废旧的。"
        ),
        open_to=_has_keys,
        danger=True,
    ),
)
