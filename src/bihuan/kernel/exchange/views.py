"""The door for other centres: messages brought and messages fetched. Nobody logs in here; signatures are what counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bihuan.kernel.exchange.envelope import MOST_BYTES, REASONS, NotTaken
from bihuan.kernel.exchange.fetching import messages_offer
from bihuan.kernel.exchange.inbox import message_take, turned_away_count
from bihuan.kernel.exchange.signing import HEADER, header_read, private_read, signed

Take = Callable[..., tuple[dict[str, Any], str]]


def _door(take: Take) -> Callable[[HttpRequest], HttpResponse]:
    """A view that answers with what `take` tells, signed; who is turned away reads why, unsigned, and is counted."""

    @csrf_exempt
    @require_POST
    @wraps(take)
    def view(request: HttpRequest) -> HttpResponse:
        header = request.headers.get(HEADER, "")
        if header_read(header) is None:  # signed by nobody at all: no message, so not counted among those
            return _json({"turned_away": "bad_signature", "message": REASONS["bad_signature"]}, 403)
        try:
            if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
                raise NotTaken("too_large")
            told, context = take(
                header=header,
                body=request.body,
                now=request.now,  # type: ignore[attr-defined]
            )
        except NotTaken as refused:
            turned_away_count(refused, address=request.META.get("REMOTE_ADDR", ""), now=request.now)  # type: ignore[attr-defined]
            return _json({"turned_away": refused.rule, "message": str(refused)}, refused.status)
        answer = _json(told, 422 if told.get("status") == "refused" else 200)
        answer.headers[HEADER] = signed(
            private_read(settings.EXCHANGE_KEY),
            body=answer.content,
            time=int(request.now.timestamp()),  # type: ignore[attr-defined]
            context=context,
        )
        return answer

    return view


def _json(told: dict[str, Any], status: int) -> HttpResponse:
    text = json.dumps(told, ensure_ascii=False)
    return HttpResponse(text, content_type="application/json; charset=utf-8", status=status)


@_door
def messages(**given: Any) -> tuple[dict[str, Any], str]:
    """Another centre brings one message; it reads whether it is settled, waits for one before it, or is refused."""
    envelope, answer = message_take(**given)
    told = {
        "id": envelope.message_id,
        "status": answer.status,
        "code": answer.code,
        "message": answer.message,
    }
    return told, envelope.message_id


@_door
def fetch(**given: Any) -> tuple[dict[str, Any], str]:
    """Another centre fetches what waits for it, and acknowledges what it fetched before."""
    return messages_offer(**given)
