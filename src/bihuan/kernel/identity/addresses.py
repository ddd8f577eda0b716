"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def address_of(request: HttpRequest) -> str:
    """The address that the request comes from: behind `settings.PROXIES` proxies, what the outermost of ours saw.

    What stands before that in X-Forwarded-For anybody can write, so it is never read. Of an IPv6 address the first 64
    bits: a household has as many addresses as it likes below them.
    """
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    hops = settings.PROXIES
    given = seen[-hops] if 0 < hops <= len(seen) else str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(given)
    except ValueError:
        return UNKNOWN
    return str(address) if address.version == 4 else address.exploded[:19]


def net_of(address: str) -> str:
    """The net around an address of `address_of`: the first 24 bits of IPv4, 48 of IPv6."""
    if ":" in address:
        return address[:14]
    return str(ip_network(f"{address}/24", strict=False)) if address != UNKNOWN else UNKNOWN
