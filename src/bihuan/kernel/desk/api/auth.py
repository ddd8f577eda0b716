"""Who asks: a person with a session (and its CSRF token), or a machine with a person's access token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security import APIKeyCookie, HttpBearer

from bihuan.kernel.desk.api.body import body_check
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.desk.api.tokens import token_person
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.pack import roles

WRITES = ("POST", "PUT", "PATCH", "DELETE")


class ApiRequest(HttpRequest):
    """A request whose person is known: `scope` is what that person may see, `now` when the request came."""

    scope: Scope
    now: Any


class AccessToken(HttpBearer):
    """`Authorization: Bearer …`: the request sees and may do what the token's person does."""

    def authenticate(self, request: ApiRequest, token: str) -> Scope:
        person = token_person(token=token, now=request.now)
        if person is None:
            raise Problem(401, "token", "访问令牌无效、已过期或已撤销。", field="Authorization")
        scope = scope_of(person=person, at=request.now, roles=roles())
        scope_apply(scope)
        request.scope = scope
        return scope


class BrowserSession(APIKeyCookie):
    """The session of the web pages; a write needs the CSRF token in the header X-CSRFToken."""

    param_name = "sessionid"

    def __call__(self, request: ApiRequest) -> Scope | None:
        return self.authenticate(request, None)

    def authenticate(self, request: ApiRequest, key: str | None) -> Scope | None:
        if not request.user.is_authenticated or "Authorization" in request.headers:
            return None
        if request.method in WRITES:
            body_check(request)
            csrf_check(request)
        return request.scope


class CsrfCheck(CsrfViewMiddleware):
    """Django's check, answered as a problem instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        raise Problem(403, "csrf", "请求缺少有效的 CSRF 令牌(X-CSRFToken)。", field="X-CSRFToken")


def csrf_check(request: HttpRequest) -> None:
    """Problem 403 unless the request carries the CSRF token of its cookie; the middleware exempts the API."""
    check = CsrfCheck(lambda _: HttpResponse())
    request.csrf_processing_done = False
    check.process_request(request)
    check.process_view(request, csrf_check, (), {})


AUTHENTICATION = [AccessToken(), BrowserSession()]
