"""Request scope and security headers."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone

from bihuan.kernel.identity.scope import NOBODY, scope_apply, scope_of
from bihuan.kernel.pack import roles

Respond = Callable[[HttpRequest], HttpResponse]


class RequestScope:
    """The whole request in one transaction that knows what its person may see; nothing is read outside it."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            request.now = timezone.now()  # type: ignore[attr-defined]
            request.scope = NOBODY  # type: ignore[attr-defined]
            if request.user.is_authenticated:
                request.scope = scope_of(person=request.user.pk, at=request.now, roles=roles())  # type: ignore[attr-defined]
            scope_apply(request.scope)  # type: ignore[attr-defined]
            response = self.respond(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


class SecurityHeaders:
    """Content security policy without inline code, and what goes with it; no page is kept by a browser or a proxy."""

    POLICY = (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponseBadRequest() if _holds_nul(request) else self.respond(request)
        response.setdefault("Content-Security-Policy", self.POLICY)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self)")
        return response


def _holds_nul(request: HttpRequest) -> bool:
    """A page's address with a NUL, which no text of the database can hold; the API answers it with a problem itself."""
    query = request.META.get("QUERY_STRING", "")
    return not request.path_info.startswith("/api/") and ("\0" in request.path_info or "%00" in query)
