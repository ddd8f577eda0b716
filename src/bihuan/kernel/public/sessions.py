"""Which cases this browser has opened by their code, or reported: kept in its session, which ends after half an hour."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bihuan.kernel.attachments.kept import files_forget

FOLLOWS = "follows"
OPENED = "public:"
"""Begins the name of whatever else a page without an account keeps in a session: all of it is forgotten together."""
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
    """Forget them all, what else was opened, and the files of forms not sent: for a telephone or computer that others use."""
    names = list(request.session.keys())
    for name in (name for name in names if name == FOLLOWS or name.startswith(OPENED)):
        del request.session[name]
    files_forget(request)


def follow_door(number: str) -> HttpResponse:
    """To where the code is asked for, when the session does not know this case (any more). Nothing was taken."""
    known = f"?{urlencode({'number': number[:64]})}" if number else ""
    response = HttpResponseRedirect(reverse("public:follow") + known)
    response.door = True
    return response
