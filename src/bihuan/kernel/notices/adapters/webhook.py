"""Webhooks: CloudEvents 1.0 (structured JSON), signed, to addresses that were checked.

The signature is in the header `Bihuan-Signature: t=<seconds since 1970>,v1=<hex>`, where v1 is
HMAC-SHA256 with the
target's secret over "<t>.<body>". Only https (http to this machine alone); no redirects; an address
inside a private
network is refused unless settings.WEBHOOK_PRIVATE_HOSTS names its host. The connection goes to the
address that was
checked, so that a name cannot change in between.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings

from bihuan.kernel.notices.adapters.message import Message, NotCarried, answer_check

TIMEOUT = 5.0  # seconds
OF = {
    "sealed": "ledger",
    **dict.fromkeys(
        (f"certificate_{what}" for what in ("issued", "suspended", "resumed", "revoked")), "certificate"
    ),
    **dict.fromkeys((f"booking_{what}" for what in ("made", "moved", "cancelled", "reminder")), "booking"),
}
"""What an event is about, where it is no case."""
HERE = ("localhost", "127.0.0.1", "::1")
EMBEDDING = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))
"""IPv6 networks whose last 32 bits are an IPv4 address: translation (RFC 6052) and the old compatible form."""


def carry(message: Message) -> str:
    """Post one event; returns the address without its query."""
    address = address_checked(message.to)
    split = urlsplit(message.to)
    body = event_body(message)
    time = int(message.now.timestamp())
    headers = {
        "Host": split.netloc.rpartition("@")[2],
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "Idempotency-Key": message.key,
        "Bihuan-Signature": f"t={time},v1={signature(message.secret, time, body)}",
    }
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST", address, content=body, headers=headers, extensions={"sni_hostname": split.hostname}
            ) as answer,
        ):
            answer_check(answer.status_code)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotCarried(type(error).__name__, down=True) from error
    return urlunsplit((split.scheme, split.netloc.rpartition("@")[2], split.path, "", ""))


def event_body(message: Message) -> bytes:
    """The event as CloudEvents 1.0 JSON; `id` is the key, so that a repeat is recognised as the same
    event."""
    event = {
        "specversion": "1.0",
        "id": message.key,
        "source": f"/bihuan/{settings.REGION}",
        "type": f"bihuan.{OF.get(message.template, 'case')}.{message.template}",
        "subject": str(message.event.get("number", "")),
        "time": message.created_at.isoformat(),
        "datacontenttype": "application/json",
        "data": dict(message.event),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, time: int, body: bytes) -> str:
    """Hex HMAC-SHA256 over "<time>.<body>"; the receiver computes the same and refuses an old time."""
    return hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()


def address_checked(url: str) -> str:
    """`url` with its host replaced by an address that may be reached; NotCarried otherwise."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        raise NotCarried("地址无效", final=True) from None
    if split.scheme != "https" and not (split.scheme == "http" and host in HERE):
        raise NotCarried("只能用 https", final=True)
    try:
        found = socket.getaddrinfo(
            host, port or (443 if split.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        raise NotCarried("找不到主机", down=True) from error
    addresses = [ipaddress.ip_address(str(item[4][0]).partition("%")[0]) for item in found]
    allowed = host in getattr(settings, "WEBHOOK_PRIVATE_HOSTS", ())
    if not allowed and not all(map(_is_public, addresses)):
        raise NotCarried("地址在内部网络,不允许", final=True)
    first = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])
    return urlunsplit(
        (split.scheme, f"{first}:{port}" if port else first, split.path or "/", split.query, "")
    )


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (inner := address.ipv4_mapped or address.sixtofour):
        return _is_public(inner)
    if address.version == 6 and any(address in network for network in EMBEDDING):
        return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast
