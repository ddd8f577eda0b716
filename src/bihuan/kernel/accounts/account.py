"""One's own account: roles and units, delegation, language, password, one-time codes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.accounts.forms import (
    CodeForm,
    DelegationForm,
    LanguageForm,
    NewPasswordForm,
    PasswordForm,
)
from bihuan.kernel.accounts.login import code_check, password_check
from bihuan.kernel.accounts.views import login_finish, pending_login
from bihuan.kernel.identity.accounts import language_set, password_set, totp_clear, totp_set
from bihuan.kernel.identity.models import Delegation, Grant, Person
from bihuan.kernel.identity.services import delegation_give, delegation_revoke
from bihuan.kernel.identity.totp import secret_address, secret_make, secret_open, secret_seal
from bihuan.kernel.identity.units import people_at_work
from bihuan.kernel.pack import packs, roles
from bihuan.kernel.sentences import told
from bihuan.lib.declared import declared
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, clean_text

NEW_SECRET = "totp_new"  # noqa: S105  the name of a place in the session
ALL_STEPS = gettext_noop("全部步骤")


@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """My name, roles and units, what I delegated and what was delegated to me, my language."""
    return _account(request)


@login_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of my pages; one chosen for this browser alone no longer counts."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _account(request, language=form)
    chosen = form.cleaned_data["language"]
    language_set(person=request.user.pk, language=chosen)
    response = redirect("account")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


@login_required
@require_POST
def delegate(request: HttpRequest) -> HttpResponse:
    """Give my steps, or one of them, to somebody for a time."""
    form = _delegation_form(request, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            given["reason"] = clean_text(
                given["reason"], field="reason", max_length=200, min_length=2, multiline=False
            )
            grantee = Person.objects.get(username=given.pop("grantee")).pk
            delegation_give(grantor=request.user.pk, grantee=grantee, now=request.now, **given)
            messages.success(request, _("委托已登记。"))
            return redirect("account")
        except (Refusal, FieldError) as refusal:
            form.refuse(refusal)
    return _account(request, delegation=form)


@login_required
@require_POST
def delegation_end(request: HttpRequest, delegation: int) -> HttpResponse:
    """Take back what I delegated."""
    try:
        delegation_revoke(delegation=delegation, by=request.user.pk, now=request.now)
    except Refusal as refusal:
        messages.error(request, told(refusal))
        return _account(request, status=refusal.status)
    messages.success(request, _("委托已收回。"))
    return redirect("account")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change my password; for somebody who must, this is the last step of the log-in."""
    pending = None if request.user.is_authenticated else pending_login(request, stage="password")
    if pending is None and not request.user.is_authenticated:
        return redirect("login")
    form = (NewPasswordForm if pending else PasswordForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = pending[0] if pending else _owner(request, form)
        if person is not None and (changed := _changed(request, form, person)):
            if pending:
                return login_finish(request, changed, wanted=pending[1])
            update_session_auth_hash(request, changed)
            messages.success(request, _("密码已改,您在别处的登录已退出。"))
            return redirect("account")
    context = {"form": form, "pending": pending}
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def totp(request: HttpRequest) -> HttpResponse:
    """Set up one-time codes, or stop using them; both need a code."""
    form = CodeForm(request.POST or None)
    person: Person = request.user
    active = bool(person.totp_secret)
    if request.method == "POST" and form.is_valid():
        done = _totp_stop(request, form) if active else _totp_begin(request, form)
        if done:
            return redirect("account")
    secret = "" if active else _secret_new(request)
    context = {"form": form, "active": active, "secret": secret, "address": ""}
    if secret:
        context["address"] = secret_address(secret, username=person.username)
    return render(request, "accounts/totp.html", context, status=422 if form.errors else 200)


def _owner(request: HttpRequest, form: Any) -> Person | None:
    """The person, if the old password is right; guessing it counts as guessing at the door does."""
    old = form.cleaned_data["old"]
    person = password_check(username=request.user.username, password=old, now=request.now)
    if person is None:
        form.add_error("old", _("原密码不对,或账号已暂时锁定。"))
    return person


def _changed(request: HttpRequest, form: Any, person: Person) -> Person | None:
    try:
        return password_set(person=person.pk, password=form.cleaned_data["password"], now=request.now)
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _totp_begin(request: HttpRequest, form: CodeForm) -> bool:
    try:
        totp_set(
            person=request.user.pk,
            secret=_secret_new(request),
            code=form.cleaned_data["code"],
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    del request.session[NEW_SECRET]
    messages.success(request, _("动态码已启用,下次登录时要输入。"))
    return True


def _totp_stop(request: HttpRequest, form: CodeForm) -> bool:
    if not code_check(person=request.user.pk, code=form.cleaned_data["code"], now=request.now):
        form.add_error("code", _("动态码不对、已用过,或账号已暂时锁定。"))
        return False
    totp_clear(person=request.user.pk, now=request.now, by=request.user.pk)
    messages.success(request, _("动态码已停用。"))
    return True


def _secret_new(request: HttpRequest) -> str:
    """The secret being set up: kept encrypted in the session until a code confirms it."""
    kept = secret_open(request.session.get(NEW_SECRET, ""), person=request.user.pk)
    if kept is None:
        kept = secret_make()
        request.session[NEW_SECRET] = secret_seal(kept, person=request.user.pk)
    return kept


def _delegation_form(request: HttpRequest, data: Any = None) -> DelegationForm:
    held = request.scope.held
    steps = _steps_of({one.role for one in held})
    people = people_at_work(units=[one.unit for one in held], on=timezone.localdate(request.now))
    others = people.exclude(pk=request.user.pk).order_by("name", "username")
    return DelegationForm(
        data,
        people=[(one.username, f"{one.name} · {one.username}") for one in others],
        steps=[(code, declared(label, "step")) for code, label in steps],
        now=request.now,
    )


def _account(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    person: Person = request.user
    on, known = timezone.localdate(request.now), roles()
    grants = (
        Grant.objects.filter(person=person)
        .filter(Q(valid_to=None) | Q(valid_to__gt=on))
        .select_related("unit")
    )
    labels = dict(_steps_of(set(known)))
    delegations = Delegation.objects.filter(ends__gt=request.now, revoked_at=None).select_related(
        "grantor", "grantee"
    )
    context = {
        "grants": [(_(known[g.role].label) if g.role in known else g.role, g) for g in grants],
        "given": [
            (declared(labels.get(d.step, ALL_STEPS), "step"), d) for d in delegations.filter(grantor=person)
        ],
        "taken": [
            (declared(labels.get(d.step, ALL_STEPS), "step"), d) for d in delegations.filter(grantee=person)
        ],
        "language": forms.get("language") or LanguageForm(initial={"language": person.language}),
        "delegation": forms.get("delegation") or _delegation_form(request),
    }
    return render(request, "accounts/account.html", context, status=422 if forms else status)


def _steps_of(codes: set[str]) -> list[tuple[str, str]]:
    """(code, label) of the steps that somebody with these roles may take, each code once."""
    steps = (step for pack in packs().values() for step in pack.workflow.steps if codes & set(step.by))
    return sorted({step.code: step.label for step in steps}.items(), key=lambda item: item[1])
