"""The screens of the three administrators: accounts and units, roles and lockout, and reading the registers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.accounts.forms import (
    AdministrationForm,
    GrantForm,
    HandOverForm,
    LockoutForm,
    PersonForm,
    UnitForm,
)
from bihuan.kernel.accounts.login import lockout_limits
from bihuan.kernel.administration.forms import Drawn
from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.cases.handing_over import cases_hand_over
from bihuan.kernel.identity.accounts import password_reset, person_enter, person_unlock, totp_clear
from bihuan.kernel.identity.models import Administration, Grant, Person, Unit
from bihuan.kernel.identity.services import (
    UnitData,
    administration_set,
    grant_add,
    grant_end,
    person_close,
    units_enter,
)
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.pack import roles
from bihuan.kernel.sentences import told
from bihuan.lib.masking import mask_text
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

View = Callable[..., HttpResponse]
SYSTEM, SECURITY, AUDIT = "system_admin", "security_admin", "audit_admin"
REGISTERS = {
    "identity": gettext_noop("人员和权限"),
    "policy": gettext_noop("规则"),
    "calendar": gettext_noop("日历"),
    "directory": gettext_noop("派单目录"),
    "model": gettext_noop("模型"),
    "notice": gettext_noop("通知"),
    "export": gettext_noop("导出"),
}
PAGE = 50


def power(*roles: str) -> Callable[[View], View]:
    """Only for somebody logged in who holds one of these roles today; 403 for others."""

    def guard(view: View) -> View:
        @login_required
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
            if not request.scope.holds(*roles):
                raise PermissionDenied
            return view(request, *args, **more)

        return guarded

    return guard


@power(SYSTEM, SECURITY)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Accounts, found by name."""
    return _people(request)


@power(SYSTEM)
@require_POST
def person_new(request: HttpRequest) -> HttpResponse:
    """Open an account; its first password is shown this once."""
    form = PersonForm(request.POST)
    if form.is_valid():
        try:
            row, temporary = person_enter(now=request.now, by=request.user.pk, **form.cleaned_data)
            return _person(request, row, temporary=temporary)
        except (Refusal, FieldError) as refusal:
            form.refuse(refusal)
    return _people(request, person_form=form)


@power(SECURITY)
@require_POST
def lockout(request: HttpRequest) -> HttpResponse:
    """After how many failures an account is locked, from today on."""
    form = LockoutForm(request.POST)
    if not form.is_valid():
        return _people(request, lockout_form=form)
    value = {"failures": form.cleaned_data["failures"], "minutes": form.cleaned_data["minutes"]}
    basis, on = form.cleaned_data["legal_basis"], timezone.localdate(request.now)
    policy_change(
        code="login.lockout",
        value=value,
        legal_basis=basis,
        valid_from=on,
        now=request.now,
        by=request.user.pk,
    )
    messages.success(request, _("已设定。"))
    return redirect("people")


@power(SYSTEM, SECURITY)
@require_GET
def person(request: HttpRequest, person: int) -> HttpResponse:
    """One account and the roles that it holds."""
    return _person(request, get_object_or_404(Person, pk=person))


@power(SYSTEM, SECURITY)
@require_POST
def person_act(request: HttpRequest, person: int, action: str) -> HttpResponse:
    """Do one thing to an account: each needs its own power."""
    if action not in ACTIONS:
        raise Http404
    row = get_object_or_404(Person, pk=person)
    roles, act = ACTIONS[action]
    if not request.scope.holds(*roles):
        raise PermissionDenied
    try:
        return act(request, row)
    except (Refusal, FieldError) as refusal:
        messages.error(request, told(refusal))
        status = refusal.status if isinstance(refusal, Refusal) else 422
        return _person(request, row, status=status)


@power(SYSTEM)
@require_http_methods(["GET", "POST"])
def units(request: HttpRequest) -> HttpResponse:
    """The tree of units and who runs what; entering both."""
    kind = request.POST.get("form") if request.method == "POST" else None
    unit_form = UnitForm(request.POST if kind == "unit" else None)
    run_form = AdministrationForm(request.POST if kind == "administration" else None)
    form: Drawn | None = {"unit": unit_form, "administration": run_form}.get(kind or "")
    if form is not None and form.is_valid():
        try:
            (_unit_enter if form is unit_form else _administration_set)(request, form.cleaned_data)
            messages.success(request, _("已登记。"))
            return redirect("units")
        except (Refusal, FieldError) as refusal:
            form.refuse(refusal)
    q = request.GET.get("q", "")[:80]
    found = (
        Unit.objects.filter(Q(name__contains=q) | Q(code__startswith=q))
        .select_related("parent")
        .order_by("code")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    on = timezone.localdate(request.now)
    runners = Administration.objects.filter(unit__in=page.object_list, during__contains=on).select_related(
        "by"
    )
    by_unit = {row.unit_id: row for row in runners}
    context = {
        "page": page,
        "q": q,
        "rows": [(unit, by_unit.get(unit.pk)) for unit in page.object_list],
        "unit_form": unit_form,
        "run_form": run_form,
    }
    return render(request, "accounts/units.html", context, status=422 if form is not None else 200)


@power(AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The entries of the registers, latest first. Reading is all that the audit administrator may."""
    stream = request.GET.get("stream", "")
    wanted = [stream] if stream in REGISTERS else list(REGISTERS)
    entries = LedgerEntry.objects.filter(case_id=None, stream__in=wanted).order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        entries = entries.filter(pk__lt=int(before))
    rows = list(entries.only("id", "body")[: PAGE + 1])
    told = [_entry_told(row) for row in rows[:PAGE]]
    _filters_tell(told)
    people = {value["by"] for value in told if isinstance(value["by"], int)}
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    for value in told:
        value["who"] = names.get(value["by"], value["by"])
    registers = [(code, _(label)) for code, label in REGISTERS.items()]
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    return render(
        request, "accounts/audit.html", {"rows": told, "more": more, "stream": stream, "registers": registers}
    )


def _filters_tell(told: list[dict[str, Any]]) -> None:
    """Of an export also what was typed as a filter, numbers masked: it lies beside the ledger."""
    of = {value["seq"]: value for value in told if value["stream"] == "export"}
    for text in LedgerPrivate.objects.filter(stream="export", seq__in=of).order_by("name"):
        of[text.seq]["told"] += f" {text.name}={mask_text(text.text or '')}"


def _entry_told(row: LedgerEntry) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(bytes(row.body))
    value["at"] = datetime.fromisoformat(value["at"])
    value["told"] = json.dumps(value["data"], ensure_ascii=False, sort_keys=True)
    return value


def _people(request: HttpRequest, **forms: Any) -> HttpResponse:
    q = (request.GET.get("q") or "")[:60]
    found = Person.objects.filter(Q(name__contains=q) | Q(username__startswith=q)).order_by("username")
    limits = lockout_limits(request.now)
    context = {
        "powers": _powers(request),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "q": q,
        "now": request.now,
        "person_form": forms.get("person_form") or PersonForm(),
        "lockout_form": forms.get("lockout_form")
        or LockoutForm(initial={"failures": limits.failures, "minutes": limits.minutes}),
    }
    return render(request, "accounts/people.html", context, status=422 if forms else 200)


def _person(
    request: HttpRequest, row: Person, *, status: int = 200, temporary: str = "", **forms: Any
) -> HttpResponse:
    known = roles()
    row.refresh_from_db()
    context = {
        "powers": _powers(request),
        "row": row,
        "temporary": temporary,
        "locked": row.locked_until is not None and row.locked_until > request.now,
        "grants": [
            (_(known[g.role].label) if g.role in known else g.role, g)
            for g in Grant.objects.filter(person=row).select_related("unit").order_by("-valid_from", "pk")
        ],
        "today": timezone.localdate(request.now),
        "grant_form": forms.get("grant_form") or _grant_form(),
        "hand_over_form": forms.get("hand_over_form") or HandOverForm(),
    }
    return render(request, "accounts/person.html", context, status=422 if forms else status)


def _powers(request: HttpRequest) -> set[str]:
    return {held.role for held in request.scope.held}


def _grant_form(data: Any = None) -> GrantForm:
    return GrantForm(data, roles=[(code, _(role.label)) for code, role in roles().items()])


def _reset(request: HttpRequest, row: Person) -> HttpResponse:
    temporary = password_reset(person=row.pk, now=request.now, by=request.user.pk)
    return _person(request, row, temporary=temporary)


def _unlock(request: HttpRequest, row: Person) -> HttpResponse:
    person_unlock(person=row.pk, now=request.now, by=request.user.pk)
    return _done(request, row)


def _close(request: HttpRequest, row: Person) -> HttpResponse:
    person_close(person=row.pk, now=request.now, by=request.user.pk)
    return _done(request, row)


def _totp_clear(request: HttpRequest, row: Person) -> HttpResponse:
    totp_clear(person=row.pk, now=request.now, by=request.user.pk)
    return _done(request, row)


def _hand_over(request: HttpRequest, row: Person) -> HttpResponse:
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _person(request, row, hand_over_form=form)
    count = cases_hand_over(person=row.pk, to=form.cleaned_data["to"].pk, by=request.user.pk, now=request.now)
    messages.success(request, _("已交接 %(count)s 件。") % {"count": count})
    return redirect("person", row.pk)


def _grant(request: HttpRequest, row: Person) -> HttpResponse:
    form = _grant_form(request.POST)
    if not form.is_valid():
        return _person(request, row, grant_form=form)
    given = form.cleaned_data
    grant_add(
        person=row.pk,
        unit=given["unit"].pk,
        role=given["role"],
        since=given["since"],
        now=request.now,
        by=request.user.pk,
    )
    return _done(request, row)


def _grant_end(request: HttpRequest, row: Person) -> HttpResponse:
    grant = request.POST.get("grant", "")
    if not (grant.isdecimal() and len(grant) < 19 and Grant.objects.filter(pk=grant, person=row).exists()):
        raise Http404
    grant_end(grant=int(grant), now=request.now, by=request.user.pk)
    return _done(request, row)


def _done(request: HttpRequest, row: Person) -> HttpResponse:
    messages.success(request, _("已办理。"))
    return redirect("person", row.pk)


ACTIONS: dict[str, tuple[tuple[str, ...], View]] = {
    "reset": ((SYSTEM,), _reset),
    "unlock": ((SYSTEM, SECURITY), _unlock),
    "close": ((SYSTEM,), _close),
    "hand-over": ((SYSTEM,), _hand_over),
    "totp-clear": ((SECURITY,), _totp_clear),
    "grant": ((SECURITY,), _grant),
    "grant-end": ((SECURITY,), _grant_end),
}


def _unit_enter(request: HttpRequest, given: dict[str, Any]) -> None:
    parent = given.pop("parent").code
    units_enter(units=[UnitData(parent=parent, **given)], now=request.now, by=request.user.pk)


def _administration_set(request: HttpRequest, given: dict[str, Any]) -> None:
    administration_set(
        unit=given["unit"].pk,
        administered_by=given["administered_by"].pk,
        since=given["since"],
        basis=given["basis"],
        now=request.now,
        by=request.user.pk,
    )
