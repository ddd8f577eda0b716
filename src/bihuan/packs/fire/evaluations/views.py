"""The pages of an on-site evaluation: one page a case that is kept on the device, and what is sent from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.attachments.services import attachment_withdraw
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import EARLIEST_YEAR, SHANGHAI, FieldError, number_of
from bihuan.packs.fire.draws.services import signers_of
from bihuan.packs.fire.evaluations.checklist import TYPES
from bihuan.packs.fire.evaluations.drawing import items_shown
from bihuan.packs.fire.evaluations.selectors import evaluation_standing, terms_of
from bihuan.packs.fire.evaluations.services import (
    OPEN_IN,
    Sent,
    conflict_settle,
    evaluation_begin,
    kind_change,
    sheet_write,
)
from bihuan.packs.fire.evaluations.sheets import sheet_fields
from bihuan.packs.fire.evaluations.signing import Place, Signer, evaluation_conclude, photo_add, signature_add
from bihuan.packs.fire.findings.selectors import findings_found, left_to_rectify
from bihuan.packs.fire.materials import ITEMS
from bihuan.packs.fire.models import Evaluation, Photo, ProjectCase
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.workflows import INSPECTOR, OWNER

HOURS = 12
"""A day on site without a network."""
DUTIES = (_("建设单位"), _("施工单位"), _("监理单位"), _("设计单位"), _("技术服务机构"))


@login_required
@never_cache
@partial(kept_on_device, hours=HOURS)
@require_GET
def evaluation(request: HttpRequest, number: str) -> HttpResponse:
    """For the inspector on site, one hand, no network: every item with its places and measurements, photographs, signatures."""
    return _page(request, _case(request, number))


@login_required
@require_POST
def begin(request: HttpRequest, number: str) -> HttpResponse:
    """For the inspector before going out: the evaluation is begun, and its page is on the device."""
    case = _case(request, number)
    return _done(
        request,
        case,
        lambda: evaluation_begin(scope=request.scope, case=case.pk, now=request.now),
    )


@login_required
@require_POST
def kind(request: HttpRequest, number: str) -> HttpResponse:
    """For the inspector: the building is of another kind than was taken."""
    case = _case(request, number)
    chosen = request.POST.get("kind", "")
    return _done(
        request,
        case,
        lambda: kind_change(scope=request.scope, case=case.pk, kind=chosen, now=request.now),
    )


@login_required
@require_POST
def sheet(request: HttpRequest, number: str, item: str) -> HttpResponse:
    """For the inspector: what was seen and measured of an item."""
    case = _case(request, number)
    typed = {name: request.POST[name] for name in sheet_fields(item) if name in request.POST} if item in dict(ITEMS) else {}  # fmt: skip
    base = number_of(request.POST.get("base", "")) or 0
    return _done(
        request,
        case,
        lambda: sheet_write(case=case.pk, item=item, typed=typed, base=base, sent=_sent(request)),
        at=item,
        typed={item: typed},
    )


@login_required
@require_POST
def photo(request: HttpRequest, number: str, item: str) -> HttpResponse:
    """For the inspector: a photograph of an item, straight from the camera."""
    case = _case(request, number)

    def write() -> None:
        file = request.FILES.get("file")
        if file is None:
            raise Refusal("file", gettext("没有照片:请先拍一张。"), field="file")
        photo_add(
            case=case.pk, item=item, file=file, place=_place(request), sent=_sent(request), where=request.POST.get("place", "")
        )  # fmt: skip

    return _done(request, case, write, at=item)


@login_required
@require_POST
def photo_withdraw(request: HttpRequest, number: str, photo: int) -> HttpResponse:
    """For the inspector: a photograph that shows the wrong thing is shown no more; who signed for it signs again."""
    case = _case(request, number)
    row = get_object_or_404(Photo.objects.select_related("attachment"), evaluation__case=case, pk=photo)

    def write() -> None:
        reason = request.POST.get("reason", "")
        more = attachment_withdraw(
            attachment=row.attachment_id,
            by=request.user.pk,
            now=request.now,
            reason=reason,
        )
        messages.success(request, " ".join((gettext("照片已撤下。"), more)).strip())

    return _done(request, case, write, at=row.item)


@login_required
@require_POST
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """For the inspector: of two versions of an item one is chosen; the other stays in the ledger."""
    case = _case(request, number)
    chosen = number_of(request.POST.get("sheet", "")) or 0
    return _done(
        request,
        case,
        lambda: conflict_settle(scope=request.scope, case=case.pk, sheet=chosen, now=request.now),
    )


@login_required
@require_POST
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """For the inspectors and the owner's people on the touch screen: a signature under what the screen shows."""
    case = _case(request, number)

    def write() -> None:
        file = request.FILES.get("file")
        if file is None:
            raise Refusal("file", gettext("还没有签字:请在框里手写。"), field="file")
        who = request.POST.get("who", "")
        owner = Signer(None, request.POST.get("name", ""), request.POST.get("duty", ""))
        signer = owner if who == "owner" else Signer(number_of(who) or -1)
        signature_add(
            case=case.pk,
            signer=signer,
            digest=request.POST.get("digest", ""),
            photos=request.POST.get("photos", "").split(),
            file=file,
            sent=_sent(request),
        )

    return _done(request, case, write, at="sign")


@login_required
@require_POST
def conclude(request: HttpRequest, number: str) -> HttpResponse:
    """For the inspector, back from the site: the conclusion is drawn, and failed items become findings."""
    case = _case(request, number)
    try:
        conclusion = evaluation_conclude(scope=request.scope, case=case.pk, now=request.now)
    except (Refusal, FieldError) as refusal:
        return _refused(request, case, refusal)
    words = {"pass": gettext("现场评定合格。"), "fail": gettext("现场评定不合格,不合格的项目已转整改。")}
    messages.success(request, words[conclusion])
    return redirect("case", number=case.number)


def _page(
    request: HttpRequest,
    case: Case,
    refusal: str = "",
    status: int = 200,
    typed: Mapping[str, Mapping[str, str]] | None = None,
) -> HttpResponse:
    scope = request.scope
    link = get_object_or_404(ProjectCase.objects.select_related("project"), case=case)
    found = Evaluation.objects.select_related("case", "started_by").filter(case=case).first()
    writes = case.state in OPEN_IN.get(case.workflow.partition("/")[0], ())
    may = writes and any(held.role == INSPECTOR and held.unit == case.unit_id for held in scope.held)
    context: dict[str, Any] = {
        "case": case,
        "project": link.project,
        "evaluation": found,
        "may": may,
        "refusal": refusal,
    }
    if found is not None:
        standing = evaluation_standing(found)
        findings = list(findings_found(project=found.project_id))
        given, voided = found.signatures.aggregate(given=Count("pk"), voided=Count("voided_at")).values()
        items = items_shown(found.kind, standing, terms_of(found), standing.photos, findings, typed or {})
        left, hazards = left_to_rectify(found.project_id, case.pk)
        context |= {
            "standing": standing,
            "items": items,
            "done": sum(bool(one.result) for one in items),
            "findings": findings,
            "left": left,
            "hazards": hazards,
            "kinds": TYPES,
            "kind": dict(TYPES)[found.kind],
            "terms": terms_of(found),
            "duties": DUTIES,
            "may_sign": request.user.pk in signers_of(case.unit_id, day_of(request.now), standing.drawn),
            "voided": voided,
            "apart": given - voided - len(standing.signatures),
        }  # fmt: skip
    return render(request, "fire/evaluation.html", context, status=status)


def _done(
    request: HttpRequest,
    case: Case,
    write: Callable[[], Any],
    *,
    at: str = "",
    typed: Mapping[str, Mapping[str, str]] | None = None,
) -> HttpResponse:
    """The page again at the place, or with the refusal and what was typed."""
    try:
        write()
    except (Refusal, FieldError) as refusal:
        return _refused(request, case, refusal, typed)
    return redirect(reverse("fire:evaluation", args=[case.number]) + (f"#{at}" if at else ""))


def _refused(
    request: HttpRequest,
    case: Case,
    refusal: Refusal | FieldError,
    typed: Mapping[str, Mapping[str, str]] | None = None,
) -> HttpResponse:
    if isinstance(refusal, NotPermitted):
        raise PermissionDenied(told(refusal))
    status = refusal.status if isinstance(refusal, Refusal) and not isinstance(refusal, NotFound) else 422
    return _page(request, case, told(refusal), status, typed)


def _case(request: HttpRequest, number: str) -> Case:
    page_require(request.scope, *KEEPERS, OWNER)
    case = Case.objects.select_related("unit").filter(number=number, pack="fire").first()
    if case is None:
        raise Http404
    return case


def _sent(request: HttpRequest) -> Sent:
    now: datetime = request.now
    try:
        said = datetime.fromisoformat(request.POST.get("taken_at", "")[:40].replace("Z", "+00:00"))
        taken = said.replace(tzinfo=SHANGHAI) if said.tzinfo is None else said.astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        taken = now
    taken = taken if taken.year >= EARLIEST_YEAR else now  # no clock of a device says that
    key = request.headers.get("Sent-Once", "")[:80] or uuid4().hex
    return Sent(request.scope, request.POST.get("device", "")[:40], min(taken, now), now, key)


def _place(request: HttpRequest) -> Place | None:
    try:
        latitude, longitude = (
            round(Decimal(request.POST.get(name, "")[:20]), 6) for name in ("latitude", "longitude")
        )
        inside = abs(latitude) <= 90 and abs(longitude) <= 180
    except InvalidOperation:  # no number, or one that cannot be compared
        return None
    if not inside:
        return None
    accuracy = number_of(request.POST.get("accuracy", "").partition(".")[0]) or 0
    return Place(latitude, longitude, accuracy if 0 < accuracy < 10**9 else None)
