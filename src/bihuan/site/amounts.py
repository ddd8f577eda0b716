"""How often one address is answered: every page and every address of the API that is open to all, log-in and tokens.

What counts stands in `kernel/public/gates.py` (policy `public.amounts`), what an address is in `identity/addresses.py`.
Nothing here looks at which page it is: an address that is added tomorrow is counted too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.clocks.calendar import CalendarError
from bihuan.kernel.desk.api.problems import problem_response
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.public.gates import TooMuch, gate_check, gate_count, retry_seconds, visit_count

API = "/api/"
UNFOUNDED_SECONDS = 300


class Amounts:
    """Refuses what is too much with 429, Retry-After and words, before anything of the request is read or written."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now, address, guess = timezone.now(), address_of(request), _guessing(request)
        try:
            if guess:
                gate_check(guess, address, now)
            if guess != "token_address" and not _known(request):
                visit_count(address, now)
            response = self.respond(request)
        except TooMuch as refusal:
            response = _refused(request, refusal)
        except CalendarError:  # of an empty database: those of a page are answered before they come here
            response = _unfounded(request)
        if guess and response.status_code == 401:
            with suppress(TooMuch):  # the next one is told
                gate_count(guess, address, now)
        if response.status_code == 429:
            response.setdefault("Retry-After", str(retry_seconds(now)))
        return response


def _guessing(request: HttpRequest) -> str:
    """What the request would be a wrong try of: a password or code, a token, or ("") nothing."""
    if request.path.startswith(API):
        return "token_address" if "Authorization" in request.headers else ""
    return "login_address" if request.method == "POST" and request.path.startswith(settings.LOGIN_URL) else ""


def _known(request: HttpRequest) -> bool:
    """Is somebody logged in? Without the session's cookie nobody is, and nothing need be read to say so."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def _refused(request: HttpRequest, refusal: TooMuch) -> HttpResponse:
    if request.path.startswith(API):
        return problem_response(request, status=refusal.status, code=refusal.code, message=refusal.message)
    return render(None, "site/too_much.html", {"said": refusal.message}, status=refusal.status)


def _unfounded(request: HttpRequest) -> HttpResponse:
    """Before `bihuan centre init` there is nothing to serve."""
    if request.path.startswith(API):
        message = _("这里还没有开通:系统管理员要先运行 bihuan centre init。")
        response = problem_response(request, status=503, code="unfounded", message=message)
    else:
        response = render(None, "site/unfounded.html", status=503)
    response.headers["Retry-After"] = str(UNFOUNDED_SECONDS)
    return response
