"""Forms that a device keeps through a dead spot and sends by script: done once, by whoever filled them in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from bihuan.kernel.cases.idempotency import taken_once
from bihuan.kernel.desk.phone import person_of
from bihuan.kernel.public.sessions import FOLLOWS
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Refusal
from bihuan.site.middleware import asks_to_log_in

Respond = Callable[[HttpRequest], HttpResponse]
LEFT_OUT = ("csrfmiddlewaretoken", "version")
"""What may differ when the same words are sent again."""


class SentLater:
    """What `outbox.js` sends says who filled it in (`Sent-By`) and under which key it may be taken once (`Sent-Once`).

    Somebody else's session, or an ended one, is answered 401 and takes nothing. What was taken is answered with where it
    leads, and the same key again with the same, without being done again; a refusal is the page that any form gets. A form
    with a key of its own sends no `Sent-Once`: its view takes it once.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or "Sent-By" not in request.headers:
            return self.respond(request)
        if request.headers["Sent-By"] != str(person_of(request)):
            return JsonResponse({"door": "/login"}, status=401)
        key = request.headers.get("Sent-Once", "") if _is_known(request) else ""
        return self._once(request, key) if key else _answered(self.respond(request))

    def _once(self, request: HttpRequest, key: str) -> HttpResponse:
        answers: list[HttpResponse] = []

        def act() -> str:
            response = self.respond(request)
            answers.append(response)
            return "" if _door(response) else str(response.headers.get("Location", ""))

        try:
            to, again = taken_once(
                actor=person_of(request) or BY_REPORTER,
                operation="form",
                key=key,
                request=_said(request),
                now=request.now,
                act=act,
            )
        except Refusal as refusal:
            return JsonResponse({"said": told(refusal)}, status=refusal.status)
        return JsonResponse({"to": to}) if again else _answered(answers[0])


def _is_known(request: HttpRequest) -> bool:
    """Has this browser logged in, or opened a case by its code? A key of anybody else is not kept."""
    return bool(person_of(request) or request.session.get(FOLLOWS))


def _said(request: HttpRequest) -> dict[str, Any]:
    """What makes two sendings the same: the address, the words, and the files by name and size."""
    files = {name: [[f.name, f.size] for f in request.FILES.getlist(name)] for name in request.FILES}
    words = {name: request.POST.getlist(name) for name in request.POST if name not in LEFT_OUT}
    return {"address": request.get_full_path(), "words": words, "files": files}


def _answered(response: HttpResponse) -> HttpResponse:
    """A redirect in words that a script can read: where it leads, or the door that has to be passed first."""
    to = str(response.headers.get("Location", ""))
    if not to:
        return response
    door = {"door": to} if _door(response) else {}
    answer = JsonResponse(
        door or {"to": to, "receipt": getattr(response, "receipt", "")}, status=401 if door else 200
    )
    answer.cookies = response.cookies
    return answer


def _door(response: HttpResponse) -> bool:
    """Was nothing taken because somebody has to log in, or to show a code, before?"""
    return asks_to_log_in(str(response.headers.get("Location", ""))) or getattr(response, "door", False)
