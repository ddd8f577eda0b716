"""Log-in and log-out, in up to three steps: password, one-time code, a new password where one is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.kernel.accounts.forms import CodeForm, LoginForm
from bihuan.kernel.accounts.login import (
    code_check,
    lockout_limits,
    login_record,
    logout_record,
    password_check,
)
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.identity.models import Person

BACKEND = "bihuan.kernel.accounts.login.LockingBackend"
PENDING = "login"
PENDING_TIME = timedelta(minutes=5)
"""So long may somebody take from the right password to the end of the log-in."""


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def login_view(request: HttpRequest) -> HttpResponse:
    """The first step. Wrong name, wrong password, locked and closed are answered alike."""
    wanted = _next_safe(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(wanted)
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = password_check(now=request.now, address=address_of(request), **form.cleaned_data)
        if person is not None:
            return _go_on(request, person, wanted=wanted, passed=())
        form.add_error(None, _refusal(request))
    return _page(request, "login", {"form": form, "next": wanted})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The second step, for somebody with an authenticator."""
    pending = pending_login(request, stage="code")
    if pending is None:
        return redirect("login")
    person, wanted = pending
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if code_check(person=person.pk, code=code, now=request.now, address=address_of(request)):
            return _go_on(request, person, wanted=wanted, passed=("code",))
        form.add_error("code", _("动态码不对、已用过,或账号已暂时锁定。"))
    return _page(request, "code", {"form": form})


@require_POST
def logout_view(request: HttpRequest) -> HttpResponse:
    """Leave; the session ends."""
    if request.user.is_authenticated:
        logout_record(person=request.user.pk, now=request.now)
    logout(request)
    response = redirect("login")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")  # the next one may be somebody else
    return response


def pending_login(request: HttpRequest, *, stage: str) -> tuple[Person, str] | None:
    """(person, address wanted) of a log-in that waits for this step; None when there is none, or it took too long."""
    kept: dict[str, Any] = request.session.get(PENDING) or {}
    if kept.get("stage") != stage or request.now >= datetime.fromisoformat(kept["until"]):
        return None
    person = Person.objects.filter(pk=kept["person"], is_active=True).first()
    if person is None or person.get_session_auth_hash() != kept["auth"]:
        return None
    return person, kept["next"]


def login_finish(request: HttpRequest, person: Person, *, wanted: str) -> HttpResponse:
    """All steps are taken: a new session key, an entry, and on to what was wanted."""
    request.session.pop(PENDING, None)
    login_record(person=person.pk, now=request.now, address=address_of(request))
    login(request, person, backend=BACKEND)
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, person.language) != person.language:
        messages.info(request, _("现在按您选的语言显示;以后都要这样,请点右上角您的姓名。"))
    return redirect(wanted)


def _go_on(request: HttpRequest, person: Person, *, wanted: str, passed: tuple[str, ...]) -> HttpResponse:
    """To the next step that is due, which the session remembers without anybody being logged in."""
    if person.totp_secret and "code" not in passed:
        stage, address = "code", "login_code"
    elif person.must_change_password:
        stage, address = "password", "password"
    else:
        return login_finish(request, person, wanted=wanted)
    request.session.flush()
    request.session[PENDING] = {
        "person": person.pk,
        "stage": stage,
        "until": (request.now + PENDING_TIME).isoformat(),
        "auth": person.get_session_auth_hash(),
        "next": wanted,
    }
    return redirect(address)


def _refusal(request: HttpRequest) -> str:
    limits = lockout_limits(request.now)
    told = {"failures": limits.failures, "minutes": limits.minutes}
    return (
        _("用户名或密码不对,或账号暂时锁定。%(minutes)s 分钟内错 %(failures)s 次,锁定 %(minutes)s 分钟。")
        % told
    )


def _next_safe(request: HttpRequest, wanted: str) -> str:
    """The address wanted when it is on our own host, else where the person's day begins."""
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own and wanted != "/" else settings.LOGIN_REDIRECT_URL


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 401 if context["form"].errors else 200
    return render(request, f"accounts/{name}.html", context, status=status)
