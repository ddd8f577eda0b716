"""The daily tenth on the screen: the head's sheet with its call-back forms and signature, and the centre's view of all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.cases.models import Party
from bihuan.kernel.cases.personal import party_unmask
from bihuan.kernel.desk.forms import Field
from bihuan.kernel.evaluation.rules import GRADES
from bihuan.kernel.identity.models import Person
from bihuan.kernel.review.models import Sample, Sampled
from bihuan.kernel.review.selectors import WORDS, Redrawn, sample_redraw
from bihuan.kernel.review.services import never_drawn, sample_sign, signer_find
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.shares import share_told
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.menu import SIGNERS
from bihuan.packs.hotline.tenth.drawing import ASKS, SCHEME, tenth_call

PAGE = 30
STANDING = "sample"
STATES = ("waiting", "late", "signed")


@login_required
@require_GET
def samples(request: HttpRequest) -> HttpResponse:
    """For the head: today's sheet and those before. For the supervisor: every unit's, who is late, and what is never drawn."""
    _only(request)
    now = request.now
    state, day = request.GET.get("state", ""), request.GET.get("day", "")
    wanted = Sample.objects.filter(scheme=SCHEME)
    # A sheet on which nobody was drawn is signed by nobody.
    counts = wanted.annotate(some=Exists(Sampled.objects.filter(sample=OuterRef("pk")))).aggregate(
        waiting=Count("pk", filter=Q(some=True, signed_at=None, due_at__gte=now)),
        late=Count("pk", filter=Q(some=True, signed_at=None, due_at__lt=now)),
        signed=Count("pk", filter=Q(signed_at__isnull=False)),
    )
    rows = wanted.select_related("unit", "signed_by", "on_behalf_of").annotate(
        drawn=Count("cases"), called=Count("cases", filter=Q(cases__reached__isnull=False))
    )
    rows = _chosen(rows, state, day, now).order_by("-day", "unit_id")
    never, listed = never_drawn(scheme=SCHEME)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "now": now,
        "state": state if state in STATES else "",
        "day": _day(day) or "",
        "figures": _figures(counts, share_told(never, listed)),
    }
    return render(request, "hotline/samples.html", context)


def _chosen(rows: Any, state: str, day: str, now: Any) -> Any:
    if chosen := _day(day):
        rows = rows.filter(day=chosen)
    if state == "signed":
        return rows.filter(signed_at__isnull=False)
    if state in STATES:
        rows = rows.filter(signed_at=None, drawn__gt=0)
        return rows.filter(due_at__lt=now) if state == "late" else rows.filter(due_at__gte=now)
    return rows


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _figures(counts: Mapping[str, int], never: str) -> list[dict[str, Any]]:
    labels = (
        ("waiting", gettext("待签字"), ""),
        ("late", gettext("超期未签"), "late"),
        ("signed", gettext("已签字"), ""),
    )
    found: list[dict[str, Any]] = [
        {
            "label": label,
            "value": counts[code],
            "address": f"?state={code}",
            "tone": tone if counts[code] else "",
        }
        for code, label, tone in labels
    ]
    rate, _space, of = never.partition(" ")
    return [*found, {"label": gettext("从没被抽中的"), "value": rate, "note": of}]


@login_required
@never_cache
@require_GET
def sample(request: HttpRequest, sample: int) -> HttpResponse:
    """For the head: whom to call today, what each said, and the signature; for others the same to read."""
    return _page(request, _found(request, sample))


@login_required
@never_cache
@require_POST
def call(request: HttpRequest, sample: int, sampled: int) -> HttpResponse:
    """For the head: what this caller said is entered; whoever is not content has the matter handled again."""
    found = _found(request, sample)
    one = _one(found, sampled)
    typed = {ask.name: request.POST[ask.name] for ask in ASKS if request.POST.get(ask.name)}
    try:
        number, why_not = tenth_call(sampled=one.pk, typed=typed, by=request.user.pk, now=request.now)
    except (FieldError, Refusal) as error:
        return _page(request, found, wrong=(one.pk, error))
    messages.success(request, gettext("%s 已登记。") % one.case.number)
    if why_not:
        messages.warning(request, gettext("来电人不满意,但没有重办:%s") % why_not)
    elif number:
        messages.warning(request, gettext("来电人不满意,已重办:%s") % number)
    return redirect("hotline:sample", sample)


@login_required
@never_cache
@require_POST
def sign(request: HttpRequest, sample: int) -> HttpResponse:
    """For the head: the signature, an act of its own, after which nothing changes."""
    found = _found(request, sample)
    try:
        if request.POST.get("confirm") != "on":
            raise FieldError("confirm", "required", gettext("请勾选“以上回访属实”再签字。"))
        sample_sign(sample=found.pk, by=request.user.pk, now=request.now)
    except (FieldError, Refusal) as error:
        return _page(request, found, wrong=(0, error))
    messages.success(request, gettext("已签字,上报中心。"))
    return redirect("hotline:sample", sample)


@login_required
@never_cache
@require_POST
def phone(request: HttpRequest, sample: int, sampled: int) -> HttpResponse:
    """For the head: the number of a caller whom he has to call, with a standing reason and an entry each time."""
    found = _found(request, sample)
    one, by, now = _one(found, sampled), request.user.pk, request.now
    try:
        signer_find(found, by=by, now=now)
        if one.reached is not None:
            raise Refusal("called", gettext("这一件的抽访已经登记,不能再改。"))
        party = Party.objects.filter(case=one.case, role=Party.Role.REPORTER).order_by("pk").first()
        if party is None:
            raise Http404
        plain = party_unmask(party=party, by=by, reason=gettext("一把手抽访"), now=now, standing=STANDING)
    except (FieldError, Refusal) as error:
        return _page(request, found, wrong=(one.pk, error))
    return _page(request, found, plain={one.pk: plain})


@login_required
@require_GET
def draw(request: HttpRequest, sample: int) -> HttpResponse:
    """For whoever wants to draw again: list, seed, what was drawn, and the way in words, as a text."""
    found = _found(request, sample)
    again = sample_redraw(sample=found)
    context = {"sample": found, "again": again, "words": [gettext(words) for words in WORDS]}
    response = render(request, "hotline/sample_draw.txt", context, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="sample-{found.pk}.txt"'
    return response


def _page(
    request: HttpRequest,
    found: Sample,
    *,
    wrong: tuple[int, FieldError | Refusal] | None = None,
    plain: Mapping[int, Mapping[str, Any]] | None = None,
) -> HttpResponse:
    """The sheet. `wrong` is what was refused and for which row (0: the signature); `plain` are callers whose number is shown."""
    by, now = request.user.pk, request.now
    signs, behalf = _signer(found, by, now)
    cases = list(
        found.cases.select_related("case", "case__content", "called_by", "on_behalf_of").order_by("place")
    )
    error = wrong[1] if wrong else None
    again: Redrawn = sample_redraw(sample=found)
    context = {
        "sample": found,
        "rows": [_row(one, request, wrong, (plain or {}).get(one.pk)) for one in cases],
        "signs": signs and not found.signed_at,
        "behalf": behalf,
        "waiting": sum(1 for one in cases if one.reached is None),
        "late": not found.signed_at and found.due_at < now,
        "again": again,
        "never": share_told(*never_drawn(scheme=SCHEME, unit=found.unit_id)),
        "refusal": told(error) if error else "",
        "now": now,
    }
    status = error.status if isinstance(error, Refusal) else 422 if error else 200
    return render(request, "hotline/sample.html", context, status=status)


def _signer(found: Sample, by: int, now: Any) -> tuple[bool, Any]:
    try:
        behalf = signer_find(found, by=by, now=now)
    except NotPermitted:
        return False, None
    return True, Person.objects.filter(pk=behalf).first() if behalf else None


def _row(
    one: Sampled,
    request: HttpRequest,
    wrong: tuple[int, FieldError | Refusal] | None,
    plain: Mapping[str, Any] | None,
) -> dict[str, Any]:
    typed = request.POST if wrong and wrong[0] == one.pk else {}
    fault = wrong[1] if wrong and wrong[0] == one.pk else None
    fields = [
        Field(
            ask,
            (typed[ask.name],) if typed.get(ask.name) else (),
            told(fault) if fault and fault.field == ask.name else "",
            str(one.pk),
        )
        for ask in ASKS
    ]
    said = [gettext(ask.label) for ask in ASKS if one.said.get(ask.name)]
    return {
        "one": one,
        "fields": fields,
        "grade": gettext(dict(GRADES).get(one.grade, "")),
        "said": said,
        "plain": plain,
        "open": bool(fault) or plain is not None,
    }


def _found(request: HttpRequest, sample: int) -> Sample:
    """The sample, where the scope shows it; 404 otherwise."""
    found = (
        Sample.objects.select_related("unit", "signed_by", "on_behalf_of")
        .filter(pk=sample, scheme=SCHEME)
        .first()
    )
    if found is None or not _may_read(request, found):
        raise Http404
    return found


def _may_read(request: HttpRequest, found: Sample) -> bool:
    scope = request.scope
    return scope.holds(*SIGNERS) or _signer(found, request.user.pk, request.now)[0]


def _one(found: Sample, sampled: int) -> Sampled:
    one = found.cases.select_related("case").filter(pk=sampled).first()
    if one is None:
        raise Http404
    return one


def _only(request: HttpRequest) -> None:
    scope = request.scope
    if not scope.holds(*SIGNERS) and not scope.borrows(*SIGNERS):
        raise PermissionDenied
