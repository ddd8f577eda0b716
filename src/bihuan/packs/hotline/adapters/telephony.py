"""What a telephone system tells of a call. A vendor's adapter turns its own words into `IncomingCall`.

`IncomingCall` is read from `POST /api/hotline/calls` and made by `bihuan hotline ring`, the simulator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bihuan.lib.identifiers import phone_fault, phone_normal
from bihuan.lib.text import FieldError, clean_text, parse_moment

EVENTS = ("ringing", "answered", "ended", "recording")
ADDRESS_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """One event of a call. `call` is the telephone system's own id of it, `at` aware, `agent` a user name or "".

    `phone` is "" when the caller's number is withheld or none; `recording` is an address, with the event recording.
    """

    call: str
    event: str
    at: datetime
    phone: str = ""
    agent: str = ""
    recording: str = ""


def incoming_call(told: Mapping[str, Any], *, now: datetime) -> IncomingCall:
    """The event as told: call, event, at (default now), phone, agent, recording. FieldError names field and rule."""
    event = _line(told, "event", 20, least=1)
    if event not in EVENTS:
        raise FieldError("event", "choice", "事件只能是 ringing、answered、ended 或 recording")
    at = told.get("at")
    phone = _line(told, "phone", 40)
    return IncomingCall(
        call=_line(told, "call", 80, least=1),
        event=event,
        at=parse_moment(at, field="at", now=now) if at else now,
        phone="" if not phone or phone_fault(phone) else phone_normal(phone),
        agent=_line(told, "agent", 60),
        recording=_address(told, needed=event == "recording"),
    )


def _line(told: Mapping[str, Any], name: str, limit: int, *, least: int = 0) -> str:
    return clean_text(told.get(name) or "", field=name, max_length=limit, min_length=least, multiline=False)


def _address(told: Mapping[str, Any], *, needed: bool) -> str:
    address = _line(told, "recording", ADDRESS_LIMIT, least=int(needed))
    if address:
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise FieldError("recording", "address", "录音地址应以 http:// 或 https:// 开头,不带用户名")
    return address
