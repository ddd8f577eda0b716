"""The door for other centres: messages and files, brought and fetched. Nobody logs in here; signatures are what counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bihuan.kernel.exchange.contents import content_given, content_offer, parcel_expected
from bihuan.kernel.exchange.envelope import MOST_BYTES, REASONS, NotTaken
from bihuan.kernel.exchange.fetching import messages_offer
from bihuan.kernel.exchange.inbox import message_take, turned_away_count
from bihuan.kernel.exchange.sending import GONE_STATUS, gone_context
from bihuan.kernel.exchange.signing import HEADER, header_read, private_read, signed

Answer = Callable[..., HttpResponse]


def _door(answer: Answer) -> Callable[..., HttpResponse]:
    """A view for what somebody signed; who is turned away reads why, unsigned, and is counted."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def view(request: HttpRequest, **where: str) -> HttpResponse:
        header = request.headers.get(HEADER, "")
        if header_read(header) is None:  # signed by nobody at all: no message, so not counted among those
            return _json({"turned_away": "bad_signature", "message": REASONS["bad_signature"]}, 403)
        try:
            return answer(request, header=header, now=request.now, **where)
        except NotTaken as refused:
            turned_away_count(refused, address=request.META.get("REMOTE_ADDR", ""), now=request.now)
            return _json({"turned_away": refused.rule, "message": str(refused)}, refused.status)

    return view


def _body(request: HttpRequest, most: int = MOST_BYTES) -> bytes:
    """What was sent, of at most so many bytes; what says that it is larger is not read."""
    if int(request.headers.get("Content-Length") or 0) > most:
        raise NotTaken("too_large")
    return bytes(request.read(most + 1))


def _signed(response: HttpResponse, context: str, now: datetime) -> HttpResponse:
    private = private_read(settings.EXCHANGE_KEY)
    response.headers[HEADER] = signed(
        private, body=response.content, time=int(now.timestamp()), context=context
    )
    return response


def _json(told: dict[str, Any], status: int) -> HttpResponse:
    text = json.dumps(told, ensure_ascii=False)
    return HttpResponse(text, content_type="application/json; charset=utf-8", status=status)


@_door
def messages(request: HttpRequest, *, header: str, now: datetime) -> HttpResponse:
    """Another centre brings one message; it reads whether it is settled, waits for one before it, or is refused."""
    envelope, answer = message_take(header=header, body=_body(request), now=now)
    told = {
        "id": envelope.message_id,
        "status": answer.status,
        "code": answer.code,
        "message": answer.message,
    }
    return _signed(_json(told, 422 if answer.status == "refused" else 200), envelope.message_id, now)


@_door
def fetch(request: HttpRequest, *, header: str, now: datetime) -> HttpResponse:
    """Another centre fetches what waits for it, and acknowledges what it fetched before."""
    told, context = messages_offer(header=header, body=_body(request), now=now)
    return _signed(_json(told, 200), context, now)


@_door
def contents(request: HttpRequest, *, header: str, now: datetime) -> HttpResponse:
    """Another centre fetches the content of a file that it was told of."""
    content, context = content_offer(header=header, body=_body(request), now=now)
    if content is None:
        return _signed(_json({"status": "gone"}, GONE_STATUS), gone_context(context), now)
    return _signed(HttpResponse(content, content_type="application/octet-stream"), context, now)


@_door
def content_brought(
    request: HttpRequest, *, header: str, now: datetime, code: str, sha256: str
) -> HttpResponse:
    """A centre that we cannot reach brings the content of a file that it told us of."""
    parcel = parcel_expected(code, sha256)
    body = _body(request, parcel.size if parcel else MOST_BYTES)
    told, context = content_given(sender=code, sha256=sha256, header=header, body=body, now=now)
    return _signed(_json(told, 200), context, now)
