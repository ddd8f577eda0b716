"""Request scope, security headers, and words that are kept."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from bihuan.kernel.identity.scope import NOBODY, scope_apply, scope_of
from bihuan.kernel.pack import roles

Respond = Callable[[HttpRequest], HttpResponse]


class RequestScope:
    """The whole request in one transaction that knows what its person may see; nothing is read outside it."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            request.now = timezone.now()
            request.scope = NOBODY
            if request.user.is_authenticated:
                request.scope = scope_of(person=request.user.pk, at=request.now, roles=roles())
                _speak(request)
            scope_apply(request.scope, request=getattr(request, "trace", ""))
            response = self.respond(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def _speak(request: HttpRequest) -> None:
    """In the language chosen in this browser, be it on the log-in page, else in the account's own; a visitor's is the browser's.

    A program that says which language it wants is answered in that.
    """
    asked = request.path.startswith("/api/") and "Accept-Language" in request.headers
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) not in dict(settings.LANGUAGES) and not asked:
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = translation.get_language()


class FormsOnly:
    """An address that only takes what a form sends, opened as a page, answers with a page that says so and leads back."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        opened = request.method in ("GET", "HEAD") and not request.path.startswith("/api/")
        if not (opened and isinstance(response, HttpResponseNotAllowed)) or response.content:
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class SecurityHeaders:
    """Content security policy without inline code, and what goes with it; no page is kept by a browser or a proxy."""

    POLICY = (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'; worker-src 'self'; manifest-src 'self'"
    )

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponseBadRequest() if _holds_nul(request) else self.respond(request)
        response.setdefault("Content-Security-Policy", self.POLICY)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self)")
        return response


class KeptWords:
    """What was typed outlives a session that ended, and is forgotten once it has been taken.

    `drafts.js` names in a cookie the draft that it sends; a form that was taken answers with a redirect, and the name goes
    back. Whoever has to log in first comes back to the page that was left, not to the address that the form was sent to.
    """

    SENT, TAKEN, SECONDS = "draft", "draft_taken", 600

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        to = str(response.headers.get("Location", ""))
        ended = asks_to_log_in(to) and (request.method == "POST" or _by_htmx(request))
        if ended:
            response = _to_login(request, response)
        if request.method == "POST" and self.SENT in request.COOKIES:
            response.delete_cookie(self.SENT, samesite="Lax")
            if to and not ended:
                name = request.COOKIES[self.SENT]
                response.set_cookie(self.TAKEN, name, max_age=self.SECONDS, samesite="Lax")
        return response


def asks_to_log_in(to: str) -> bool:
    """Sent to the log-in with the way back, as a page does that needs one; whoever logs out is sent without."""
    parts = urlsplit(to)
    return parts.path == settings.LOGIN_URL and "next=" in parts.query


def _by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _to_login(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """To the log-in, and from there to the page that was left."""
    left = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    same = url_has_allowed_host_and_scheme(left, allowed_hosts={request.get_host()})
    parts = urlsplit(left) if same else urlsplit("/")
    to = f"{settings.LOGIN_URL}?{urlencode({'next': parts._replace(scheme='', netloc='').geturl(), 'ended': 1})}"
    if _by_htmx(request):
        return HttpResponse(headers={"HX-Redirect": to})
    response.headers["Location"] = to
    return response


def _holds_nul(request: HttpRequest) -> bool:
    """A page's address with a NUL, which no text of the database can hold; the API answers it with a problem itself."""
    query = request.META.get("QUERY_STRING", "")
    return not request.path_info.startswith("/api/") and ("\0" in request.path_info or "%00" in query)
