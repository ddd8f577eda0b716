"""The screens of administration: index, list, page, form, import and export, the same for every kind of object."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.administration.exporting import TYPES, list_written
from bihuan.kernel.administration.forms import Drawn
from bihuan.kernel.administration.history import history_told
from bihuan.kernel.administration.importing import (
    import_carried,
    import_planned,
    rows_kept,
    rows_read,
    undone,
)
from bihuan.kernel.administration.shape import GROUPS, Action, Asked, Done, Kind, kinds, places
from bihuan.kernel.cases.permission import page_refused, page_require
from bihuan.kernel.identity.roles import ADMINISTRATORS
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, number_of

View = Callable[..., HttpResponse]
PAGE = 50
LONGEST = 80


def of_kind(view: View) -> View:
    """Give the view its kind, which the person may open: 404 for an unknown one, 403 for somebody else's."""

    @login_required
    @never_cache
    @wraps(view)
    def found(request: HttpRequest, name: str, *args: Any, **more: Any) -> HttpResponse:
        kind = kinds().get(name)
        if kind is None:
            raise Http404
        if not kind.open_to(request.scope):
            raise page_refused(*kind.roles)
        return view(request, kind, *args, **more)

    return found


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """For an administrator who looks for where something is kept: all that this person may open, by groups."""
    offered = [
        (kind.group, kind.label, kind.about, reverse("administration:list", args=[kind.name]))
        for kind in kinds().values()
        if kind.open_to(request.scope)
    ]
    offered += [
        (place.group, place.label, place.about, reverse(place.view))
        for place in places()
        if place.open_to(request.scope)
    ]
    if not offered:
        raise page_refused(*(role.code for role in ADMINISTRATORS))
    groups = [(label, [one[1:] for one in offered if one[0] == code]) for code, label in GROUPS]
    return render(request, "administration/index.html", {"groups": [g for g in groups if g[1]]})


@of_kind
@require_GET
def listed(request: HttpRequest, kind: Kind) -> HttpResponse:
    """For the administrator who keeps this kind: the list, searched and filtered, 50 a page."""
    asked = _asked(request, kind)
    page = _page(request, kind.rows(asked)) if kind.counted else _page_before(request, kind, asked)
    columns = kind.columns_shown(asked)
    places_ = [place for place, column in enumerate(kind.columns) if column in columns]
    cells = kind.cells(page["rows"], asked)
    context = {
        **page,
        "kind": kind,
        "asked": asked,
        "columns": columns,
        "rows": [
            (
                _address(kind, row) if kind.has_page else "",
                list(zip(columns, (values[p] for p in places_), strict=True)),
            )
            for row, values in zip(page["rows"], cells, strict=True)
        ],
        "filters": [(f, f.choices(), asked.chosen.get(f.name, "")) for f in kind.filters],
        "query": urlencode({"q": asked.q, **asked.chosen}),
        "filtered": bool(asked.q or asked.chosen),
        "actions": _offered(kind.list_actions, None, asked, kind),
        "may_import": bool(kind.import_columns) and asked.scope.holds(*kind.import_roles),
        **kind.list_context(asked),
    }
    return render(request, kind.list_template, context)


@of_kind
@require_GET
def exported(request: HttpRequest, kind: Kind, form: str) -> HttpResponse:
    """The list as it is filtered, as a file."""
    if form not in TYPES:
        raise Http404
    asked = _asked(request, kind)
    response = HttpResponse(list_written(kind, asked, form), content_type=TYPES[form])
    name = f"{kind.name}-{timezone.localdate(asked.now):%Y%m%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@of_kind
@require_GET
def shown(request: HttpRequest, kind: Kind, key: str) -> HttpResponse:
    """For the administrator who keeps this kind: what one object is, what it was and will be, and who did what."""
    asked = _asked(request, kind)
    return _shown(request, kind, _found(kind, key, asked), asked)


@of_kind
@require_http_methods(["GET", "POST"])
def imported(request: HttpRequest, kind: Kind) -> HttpResponse:
    """For the administrator with a table of changes: what it would change and every fault, then all of it or nothing."""
    asked = _asked(request, kind)
    if not kind.import_columns:
        raise Http404
    page_require(asked.scope, *kind.import_roles)
    words = {column.name: column.label for column in kind.columns}
    columns = [(name, words.get(name, "")) for name in kind.import_columns]
    context: dict[str, Any] = {"kind": kind, "columns": columns, "text": request.POST.get("text", "")}
    if request.method == "GET":
        return render(request, "administration/import.html", context)
    try:
        if "rows" in request.POST:
            plan = import_carried(kind, rows_kept(request.POST["rows"]), asked)
            if not plan.faults:
                counted = plan.counted
                messages.success(request, _told_counted(counted))
                return redirect("administration:list", kind.name)
        else:
            rows = rows_read(kind, file=request.FILES.get("file"), text=context["text"])
            plan = import_planned(kind, rows, asked)
        context["plan"] = plan
    except (Refusal, FieldError) as refusal:
        context["refusal"] = told(refusal)
    refused = "refusal" in context or context["plan"].faults
    return render(request, "administration/import.html", context, status=422 if refused else 200)


@of_kind
@require_http_methods(["GET", "POST"])
def done(request: HttpRequest, kind: Kind, action: str, key: str | None = None) -> HttpResponse:
    """The form of one action: what will happen and to whom, then the doing of it."""
    asked = _asked(request, kind)
    row = _found(kind, key, asked) if key is not None else None
    actions = kind.list_actions if key is None else kind.actions
    chosen = next((one for one in actions if one.name == action), None)
    if chosen is None:
        raise Http404
    page_require(asked.scope, *chosen.roles)
    if not chosen.open_to(row):
        raise PermissionDenied(
            _("“%(title)s”现在不能“%(action)s”。") % {"title": _title(kind, row), "action": chosen.label}
        )
    form = (
        chosen.form(row, request.POST if request.method == "POST" else None, asked) if chosen.form else None
    )
    context = {"kind": kind, "row": row, "action": chosen, "form": form, "title": _title(kind, row)}
    earlier = tuple(one for one in actions if one.name == chosen.before)
    context["earlier"] = _offered(earlier, row, asked, kind)
    context["back"] = (
        _address(kind, row) if row is not None else reverse("administration:list", args=[kind.name])
    )
    if request.method == "POST" and (form is None or form.is_valid()):
        given = dict(form.cleaned_data) if form else {}
        try:
            seal = _seal(form.data if form else request.POST)
            if chosen.effect and request.POST.get("confirm") != seal:
                if chosen.tried:
                    with undone():
                        chosen.do(row, given, asked)
                context["effect"], context["seal"] = chosen.effect(row, given, asked), seal
                return render(request, chosen.template, context)
            return _answered(request, kind, row, chosen.do(row, given, asked), asked)
        except (Refusal, FieldError) as refusal:
            context |= _refused(form, refusal)
            status = refusal.status if isinstance(refusal, Refusal) else 422
            return render(request, chosen.template, context, status=status)
    return render(request, chosen.template, context, status=422 if form and form.errors else 200)


def _refused(form: Drawn | None, refusal: Refusal | FieldError) -> dict[str, Any]:
    if form is None:
        return {"refusal": told(refusal)}
    form.refuse(refusal)
    return {}


def _answered(request: HttpRequest, kind: Kind, row: Any, made: Done, asked: Asked) -> HttpResponse:
    if made.secret:
        context = {"kind": kind, "made": made, "row": row, "back": made.address}
        return render(request, "administration/secret.html", context)
    (messages.error if made.failed else messages.success)(request, made.message)
    default = _address(kind, row) if row is not None else reverse("administration:list", args=[kind.name])
    return redirect(made.address or default)


def _seal(data: QueryDict) -> str:
    """What was shown: a digest of all that was filled in, so that what is confirmed is what was shown."""
    given = sorted(
        (name, values) for name, values in data.lists() if name not in ("csrfmiddlewaretoken", "confirm")
    )
    return hashlib.sha256(repr(given).encode()).hexdigest()[:32]


def _shown(request: HttpRequest, kind: Kind, row: Any, asked: Asked) -> HttpResponse:
    context = {
        "kind": kind,
        "row": row,
        "title": kind.title(row),
        "facts": kind.facts(row, asked),
        "versions": kind.versions(row, asked),
        "tables": kind.tables(row, asked),
        "history": history_told(kind, row, asked),
        "actions": _offered(kind.actions, row, asked, kind),
        **kind.page_context(row, asked),
    }
    return render(request, kind.page_template, context)


def _asked(request: HttpRequest, kind: Kind) -> Asked:
    chosen = {f.name: request.GET.get(f.name, "")[:LONGEST] for f in kind.filters}
    return Asked(
        request.scope,
        request.now,
        request.GET.get("q", "").strip()[:LONGEST] if kind.search else "",
        {name: value for name, value in chosen.items() if value},
        request.FILES if request.method == "POST" else None,
    )


def _found(kind: Kind, key: str, asked: Asked) -> Any:
    row = kind.found(key, asked)
    if row is None:
        raise Http404
    return row


def _address(kind: Kind, row: Any) -> str:
    return reverse("administration:object", args=[kind.name, kind.key(row)])


def _title(kind: Kind, row: Any) -> Any:
    return kind.label if row is None else kind.title(row)


def _offered(actions: tuple[Action, ...], row: Any, asked: Asked, kind: Kind) -> list[tuple[Action, str]]:
    """The actions that this person is offered, with their addresses."""
    offered = [one for one in actions if asked.scope.holds(*one.roles) and one.open_to(row)]
    if row is None:
        return [(one, reverse("administration:do", args=[kind.name, one.name])) for one in offered]
    key = kind.key(row)
    return [(one, reverse("administration:object_do", args=[kind.name, key, one.name])) for one in offered]


def _page(request: HttpRequest, found: Any) -> dict[str, Any]:
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return {"page": page, "count": page.paginator.count, "rows": list(page.object_list)}


def _page_before(request: HttpRequest, kind: Kind, asked: Asked) -> dict[str, Any]:
    """A page of a long list by the id of the last row of the page before it: as quick at the end as at the beginning."""
    before = request.GET.get("before", "")
    last = number_of(before)
    rows = kind.rows_before(asked, last, PAGE + 1)
    return {"rows": rows[:PAGE], "before": rows[PAGE - 1].pk if len(rows) > PAGE else None}


def _told_counted(counted: dict[str, int]) -> str:
    return _("已导入:新增 %(new)d 行,更改 %(changed)d 行,不变 %(same)d 行。") % counted
