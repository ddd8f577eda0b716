"""Who asks: a person with a session (and its CSRF token), or a machine with a person's access token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security import APIKeyCookie, HttpBearer

from bihuan.kernel.desk.api.body import body_check
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.desk.api.tokens import token_found
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.pack import roles

WRITES = ("POST", "PUT", "PATCH", "DELETE")


class ApiRequest(HttpRequest):
    """A request whose person is known: `scope` is what that person may see, `now` when the request came; a token's `subject`
    ("": none) is what alone it answers for.
    """

    scope: Scope
    now: Any
    subject: str


class AccessToken(HttpBearer):
    """`Authorization: Bearer …`: the request sees and may do what the token's person does.

    A token with a subject is taken only where the address says that it looks at it (`subjects`).
    """

    def __init__(self, *, subjects: bool = False) -> None:
        super().__init__()
        self.subjects = subjects

    def authenticate(self, request: ApiRequest, token: str) -> Scope:
        found = token_found(token=token, now=request.now)
        if found is None:
            raise Problem(401, "token", "访问令牌无效、已过期或已撤销。", field="Authorization")
        person, request.subject = found
        if request.subject and not self.subjects:
            raise Problem(
                403, "token_subject", "这个令牌只用于它写明的对象,不能用在这里。", field="Authorization"
            )
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
        request.subject = ""
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
WITH_SUBJECT = [AccessToken(subjects=True), BrowserSession()]
"""For addresses that answer a token with a subject for that alone (`ApiRequest.subject`)."""
