"""Around every request: its id, its line in the log, its place in the figures; and the addresses that machines ask.

Those stand before sessions and the database, so that they answer when these do not.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from hmac import compare_digest
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils import timezone

from bihuan.kernel.identity.addresses import address_of
from bihuan.site.logs import request_named
from bihuan.site.middleware import Respond
from bihuan.site.operation.metrics import metrics_text, request_count
from bihuan.site.operation.readiness import OK, Kept

ID_HEADER = "X-Request-ID"
ID_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
log = logging.getLogger("bihuan.request")


class RequestTrace:
    """Names, times, counts and logs a request: the pattern of its address, never the address, its query or its body."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.trace = _trace(request)
        begun = time.perf_counter()
        with request_named(request.trace):
            response = self.respond(request)
            seconds = time.perf_counter() - begun
            view = route_of(request)
            method = request.method if request.method in METHODS else "other"
            request_count(view=view, method=str(method), status=response.status_code, seconds=seconds)
            told = {
                "method": method,
                "view": view,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
            }
            log.info("request", extra={"told": {**told, "person": _person(request)}})
        response.headers[ID_HEADER] = request.trace
        return response


class Probes:
    """`/health`, `/ready`, `/ready/web` and `/metrics`; JSON, or one word with `?word`."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.kept = Kept()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/health":
                return _told(request, "alive", {}, 200)
            case "/ready" | "/ready/web" as path:
                return self._ready(request, serving_only=path.endswith("web"))
            case "/metrics" if metrics_open(request):
                return HttpResponse(metrics_text(), content_type="text/plain; version=0.0.4; charset=utf-8")
            case "/metrics":
                return HttpResponseNotFound()
        return self.respond(request)

    def _ready(self, request: HttpRequest, *, serving_only: bool) -> HttpResponse:
        parts = self.kept.ready(now=timezone.now(), serving_only=serving_only)
        whole = all(word == OK for word in parts.values())
        return _told(request, "ready" if whole else "unready", {"parts": parts}, 200 if whole else 503)


def metrics_open(request: HttpRequest) -> bool:
    """Figures are for whoever has the token, or asks from one of the networks; without either setting for nobody."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    token = settings.METRICS_TOKEN
    if token and kind == "Bearer" and compare_digest(given.encode(), token.encode()):
        return True
    try:
        address = ip_address(address_of(request))
    except ValueError:
        return False
    return any(address in ip_network(network, strict=False) for network in settings.METRICS_NETWORKS)


def route_of(request: HttpRequest) -> str:
    """The pattern of the address, as `cases/<str:number>`; what no page answers is "none"."""
    match = request.resolver_match
    return f"/{match.route}" if match else "none"


def _trace(request: HttpRequest) -> str:
    """The id that our proxy gave, or a new one."""
    given = request.headers.get(ID_HEADER, "")
    return given if settings.PROXIES and ID_SHAPE.fullmatch(given) else secrets.token_hex(8)


def _person(request: HttpRequest) -> int | None:
    scope = getattr(request, "scope", None)
    return (scope.person or None) if scope else None


def _told(request: HttpRequest, word: str, more: dict[str, object], status: int) -> HttpResponse:
    if "word" in request.GET:
        response = HttpResponse(word, content_type="text/plain; charset=utf-8", status=status)
    else:
        response = JsonResponse({"status": word, **more}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
