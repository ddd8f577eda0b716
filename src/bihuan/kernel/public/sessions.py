"""Which cases this browser has opened by their code, or reported: kept in its session, which ends after half an hour."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

FOLLOWS = "follows"
MOST = 20
"""Cases that one session remembers; the oldest is forgotten."""


def follows_add(request: HttpRequest, *, number: str, case: int) -> None:
    """From now on the session may open this case."""
    known = {**request.session.get(FOLLOWS, {})}
    known.pop(number, None)
    request.session[FOLLOWS] = dict([*known.items(), (number, case)][-MOST:])


def follows_case(request: HttpRequest, number: str) -> int | None:
    """The id of the case of this number, if this session has opened it."""
    found = request.session.get(FOLLOWS, {}).get(number)
    return int(found) if found else None


def follows_forget(request: HttpRequest) -> None:
    """Forget them all: for a telephone or computer that others use."""
    request.session.pop(FOLLOWS, None)


def follow_door(number: str) -> HttpResponse:
    """To where the code is asked for, when the session does not know this case (any more). Nothing was taken."""
    known = f"?{urlencode({'number': number[:64]})}" if number else ""
    response = HttpResponseRedirect(reverse("public:follow") + known)
    response.door = True  # type: ignore[attr-defined]
    return response
