"""Text messages through any HTTP gateway, described by data; without one the message is only kept
(demonstration).

settings.SMS_GATEWAY is JSON: {"url", "method" (POST), "headers" {}, "body" {}, "form" (false), "ok" {}}.
In every text
of headers and body {phone}, {text} and {key} are filled in. `ok` names fields of the JSON answer and the
values that
mean success, for gateways that answer 200 to everything.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
from django.conf import settings

from bihuan.kernel.notices.adapters.message import Message, NotCarried, answer_check
from bihuan.lib.masking import mask_phone

TIMEOUT = 10.0  # seconds
ANSWER_BYTES = 65_536


def carry(message: Message) -> str:
    """Send one text message; returns the number masked."""
    if not message.to:
        raise NotCarried("没有可用的号码", final=True)
    shown = mask_phone(message.to)
    if not settings.SMS_GATEWAY:
        return shown
    gateway = json.loads(settings.SMS_GATEWAY)
    words = {"{phone}": message.to, "{text}": message.text, "{key}": message.key}
    body = _filled(gateway.get("body", {"phone": "{phone}", "text": "{text}"}), words)
    headers = {"Idempotency-Key": message.key, **_filled(gateway.get("headers", {}), words)}
    content: dict[str, Any] = {"data": body} if gateway.get("form") else {"json": body}
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(
                gateway.get("method", "POST"), gateway["url"], headers=headers, **content
            ) as answer,
        ):
            answer_check(answer.status_code)
            _ok_check(answer, gateway.get("ok", {}))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotCarried(type(error).__name__, down=True) from error
    return shown


def _filled(value: Any, words: dict[str, str]) -> Any:
    """`value` with the words filled in, in one pass, so that a text can bring in no other field."""
    if isinstance(value, dict):
        return {name: _filled(item, words) for name, item in value.items()}
    if not isinstance(value, str):
        return value
    out, rest = "", value
    while rest:
        name = next((name for name in words if rest.startswith(name)), None)
        out += words[name] if name else rest[0]
        rest = rest[len(name or " ") :]
    return out


def _ok_check(answer: httpx.Response, wanted: dict[str, Any]) -> None:
    if not wanted:
        return
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > ANSWER_BYTES:
            raise NotCarried("短信网关的应答过长")
    try:
        told = json.loads(body)
    except ValueError:
        raise NotCarried("短信网关的应答不是 JSON") from None
    if not isinstance(told, dict) or any(told.get(name) != value for name, value in wanted.items()):
        raise NotCarried("短信网关没有接受")
