"""A message as it travels: CloudEvents 1.0 in structured JSON, with its recipient and its place in the thread. Pure.

`source` is "/bihuan/<code of the centre>", `type` "bihuan.exchange.<kind>", `subject` the superior's number, `recipient` the code
of the centre that it is for, `sequence` its place among the messages of that number in that direction, from 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

MOST_BYTES = 256_000
SOURCE, TYPE = "/bihuan/", "bihuan.exchange."
DOWN = (
    "handed",
    "urged",
    "rejected",
    "return_refused",
    "extended",
    "extension_refused",
    "withdrawn",
    "closed",
    "replied",
    "attached",
)
UP = ("received", "progress", "mediated", "extension_asked", "asked", "answered", "returned", "attached")
KINDS = {
    "handed": _("办理通知单"),
    "urged": _("催办"),
    "rejected": _("退回重办"),
    "return_refused": _("不同意退回"),
    "extended": _("同意延期"),
    "extension_refused": _("不同意延期"),
    "withdrawn": _("收回"),
    "closed": _("办结"),
    "replied": _("来电人的话"),
    "received": _("签收回执"),
    "progress": _("办理进展"),
    "mediated": _("调解结果"),
    "extension_asked": _("申请延期"),
    "asked": _("请问来电人"),
    "answered": _("答复"),
    "returned": _("退回上级"),
    "attached": _("附件"),
}
REASONS = {
    "malformed": _("不是本系统的交换消息"),
    "too_large": _("消息过大"),
    "recipient": _("不是发给本中心的"),
    "unknown_peer": _("不认识这个中心,或已停用"),
    "unknown_key": _("没有登记这把密钥,或已作废"),
    "bad_signature": _("签名不对:内容被改动或是伪造的"),
    "stale": _("签名的时间与本中心相差太大:旧消息重放,或时钟不准"),
    "other_body": _("同一标识的消息内容不同"),
    "kind": _("这种消息不能由这一级发来"),
    "no_file": _("没有说好要传的附件"),
    "place": _("顺序号已被另一条消息占用"),
}
"""Why a message is turned away at the door, where it changes nothing."""
_CODE = re.compile(r"[0-9]{6}")
_KIND = re.compile(r"[a-z][a-z_]{0,19}")
_ID = re.compile(r"[0-9a-f]{32}")


class NotTaken(Exception):
    """Turned away: `rule` is a key of REASONS. `claimed` is the centre that the message says it comes from."""

    def __init__(self, rule: str, *, claimed: str = "", message_id: str = "") -> None:
        super().__init__(REASONS[rule])
        self.rule, self.claimed, self.message_id = rule, claimed, message_id

    @property
    def status(self) -> int:
        """The HTTP status: 400 for what cannot be read, 409 for what contradicts an earlier message, else 403."""
        return {"malformed": 400, "too_large": 413, "no_file": 404, "other_body": 409, "place": 409}.get(
            self.rule, 403
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message: from and to which centre (codes), its id, the thread, its place there, what it tells and when."""

    sender: str
    recipient: str
    message_id: str
    thread: str
    place: int
    kind: str
    at: datetime
    data: Mapping[str, Any]


def envelope_write(envelope: Envelope) -> str:
    """The text that is signed and sent."""
    event = {
        "specversion": "1.0",
        "id": envelope.message_id,
        "source": SOURCE + envelope.sender,
        "type": TYPE + envelope.kind,
        "subject": envelope.thread,
        "time": envelope.at.isoformat(),
        "datacontenttype": "application/json",
        "recipient": envelope.recipient,
        "sequence": f"{envelope.place:08d}",
        "data": dict(envelope.data),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def json_read(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; NotTaken when it is too large or none."""
    if len(body) > MOST_BYTES:
        raise NotTaken("too_large")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise NotTaken("malformed") from None
    if not isinstance(value, dict) or "\\u0000" in body.decode(errors="replace"):
        raise NotTaken("malformed")
    return value


def envelope_read(body: bytes) -> Envelope:
    """The message in a body; NotTaken (malformed, too_large) when it is none. Nothing is believed yet, and its kind may be one of a
    later release that is not in KINDS."""
    event = json_read(body)
    text = {name: event.get(name) for name in ("specversion", "id", "source", "type", "subject", "time")}
    text |= {name: event.get(name) for name in ("recipient", "sequence")}
    if not all(isinstance(value, str) for value in text.values()) or not isinstance(event.get("data"), dict):
        raise NotTaken("malformed")
    said = {name: str(value) for name, value in text.items()}
    sender, kind = said["source"].removeprefix(SOURCE), said["type"].removeprefix(TYPE)
    at = _moment(said["time"])
    fits = (
        said["specversion"] == "1.0"
        and _CODE.fullmatch(sender)
        and _ID.fullmatch(said["id"])
        and _KIND.fullmatch(kind)
        and 0 < len(said["subject"]) <= 80
        and re.fullmatch(r"[0-9]{8}", said["sequence"])
    )
    if not fits or at is None:
        raise NotTaken("malformed", claimed=sender if _CODE.fullmatch(sender) else "")
    return Envelope(
        sender, said["recipient"], said["id"], said["subject"], int(said["sequence"]), kind, at, event["data"]
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
