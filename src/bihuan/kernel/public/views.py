"""Pages for the citizen without an account: where to begin, following a case, answering, evaluating, withdrawing."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.appointments.models import Resource
from bihuan.kernel.attachments.files import path_of
from bihuan.kernel.attachments.models import Blob
from bihuan.kernel.attachments.thumbnails import MIME, thumbnail_of
from bihuan.kernel.attachments.views import file_answered
from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.desk.certificates.documents import certificate_pdf
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.evaluation.rules import GRADES
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.pack import packs
from bihuan.kernel.public import outlines as drawn
from bihuan.kernel.public.following import case_of, certificate_of, followed, packs_open, photograph_of
from bihuan.kernel.public.services import (
    PHOTOGRAPHS,
    citizen_evaluate,
    citizen_reply,
    citizen_step,
    discontent_told,
)
from bihuan.kernel.public.sessions import follow_door, follows_add, follows_case, follows_forget
from bihuan.kernel.sentences import told
from bihuan.lib.declared import declared
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError, number_of

OUTLINES_AGE = 86_400


@kept_on_device
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """For anybody with a telephone in the hand: report, follow, and what this is for."""
    offers = [pack.citizens.ways_in for pack in packs_open().values() if pack.citizens]
    offers += [pack.open_pages for pack in packs().values() if pack.open_pages]
    books = Resource.objects.filter(active=True, open_to_public=True).exists()
    context = {"offers": offers, "issues": bool(certificate_kinds()), "books": books}
    return render(request, "public/start.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """For whoever reported something: the number and the code open its page."""
    typed = request.POST if request.method == "POST" else request.GET
    context = {"number": typed.get("number", "")[:64]}
    if request.method != "POST":
        return render(request, "public/follow.html", context)
    code = request.POST.get("code", "")
    try:
        found = case_of(number=context["number"], code=code, address=address_of(request), now=request.now)
    except Refusal as refusal:
        return render(
            request, "public/follow.html", {**context, "refusal": told(refusal)}, status=refusal.status
        )
    number = context["number"].strip().upper()
    follows_add(request, number=number, case=found)
    return HttpResponseRedirect(reverse("public:case", args=[number]))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """For a telephone that others use as well: nothing more can be opened without the code. `back` (of this site) says where
    the device goes then."""
    follows_forget(request)
    cleared = "cleared" in request.POST  # by the page's script, which only the browser can do
    messages.success(request, _("本机保留的内容已清除。") if cleared else _("已退出。再看要用编号和查询码。"))
    back = request.POST.get("back", "")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if own else reverse("public:start"))


@never_cache
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """For whoever reported it: where it is, what happens next and by when, the answer, and what may be said."""
    found = follows_case(request, number)
    return _page(request, found) if found else follow_door(number)


@never_cache
@require_POST
def words(request: HttpRequest, number: str) -> HttpResponse:
    """The citizen's answer to a question, or something more, with photographs."""
    found = follows_case(request, number)
    if not found:
        return follow_door(number)
    typed = request.POST.get("words", "")
    files = request.FILES.getlist("photographs")
    try:
        citizen_reply(case=found, text=typed, files=files, now=request.now)
    except (Refusal, FieldError) as error:
        return _page(request, found, error=error, typed=typed)
    messages.success(request, _("已发给承办单位。"))
    return HttpResponseRedirect(reverse("public:case", args=[number]))


@never_cache
@require_POST
def grade(request: HttpRequest, number: str) -> HttpResponse:
    """The citizen's grade: content closes the case, discontent sends it back to be done again."""
    found = follows_case(request, number)
    if not found:
        return follow_door(number)
    version = request.POST.get("version", "")
    given = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    try:
        done = citizen_evaluate(
            case=found,
            grade=given.get("grade", ""),
            words=given.get("why", ""),
            answers=given,
            version=number_of(version) or 0,
            now=request.now,
        )
    except (Refusal, FieldError) as error:
        return _page(request, found, error=error, graded=given)
    said = _("谢谢您的评价,这件事办结了。")
    if not done.closed:
        followed_up = discontent_told(case=found)
        said = (
            _("我们记下了您不满意的地方。") if followed_up else _("我们记下了您不满意的地方,已退回重新办理。")
        )
    messages.success(request, said)
    return HttpResponseRedirect(reverse("public:case", args=[number]))


@never_cache
@require_POST
def step(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """For whoever reported it: another step that is the reporter's own, such as to withdraw."""
    found = follows_case(request, number)
    if not found:
        return follow_door(number)
    given = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    version = number_of(given.get("version", "")) or 0
    try:
        taken = citizen_step(case=found, step=action, typed=given, version=version, now=request.now)
    except (Refusal, FieldError) as error:
        return _page(request, found, error=error, stepped=(action, given))
    messages.success(request, _("已办:%s。") % declared(taken.label, "step"))
    return HttpResponseRedirect(reverse("public:case", args=[number]))


@require_GET
def photograph(request: HttpRequest, number: str, attachment: int) -> FileResponse:
    """For whoever sent it: the photograph itself."""
    blob = _photograph(request, number, attachment)
    return file_answered(path_of(blob.sha256), blob.mime)


@require_GET
def thumbnail(request: HttpRequest, number: str, attachment: int) -> FileResponse:
    """For whoever sent it: the photograph made small."""
    return file_answered(thumbnail_of(_photograph(request, number, attachment)), MIME)


def _photograph(request: HttpRequest, number: str, attachment: int) -> Blob:
    """A photograph that can be shown small, and so is there; 404 otherwise."""
    found = follows_case(request, number)
    if not found:
        raise Http404
    try:
        blob = photograph_of(case=found, attachment=attachment)
        thumbnail_of(blob)
    except NotFound as refusal:
        raise Http404(refusal.message) from None
    return blob


@never_cache
@require_GET
def certificate(request: HttpRequest, number: str, certificate: int) -> HttpResponse:
    """For whoever applied: the certificate itself, to keep on the telephone or to print."""
    found = follows_case(request, number)
    if not found:
        return follow_door(number)
    try:
        issued = certificate_of(case=found, certificate=certificate)
    except NotFound as refusal:
        raise Http404(refusal.message) from None
    answer = HttpResponse(certificate_pdf(issued), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="certificate-{issued.pk}.pdf"'
    return answer


@require_GET
def outlines(request: HttpRequest) -> JsonResponse:
    """The outlines of the counties for the map, named in the page's language, which the page tells behind the address."""
    named = drawn.outlines_named("en" if "en" in request.GET else "zh")
    response = JsonResponse(named, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})
    response["Cache-Control"] = f"public, max-age={OUTLINES_AGE}"
    return response


def _beside(error: Refusal | FieldError, about: str) -> dict[str, object]:
    """What is wrong in the form of the grade stands beside its field; of the other forms it stands above the page."""
    if about != "grade" or not isinstance(error, FieldError):
        return {}
    fields = {"grade": _("您的评价"), "why": _("想说的话")}
    field = error.field if error.field in fields else "why"
    return {"wrong": field, "problems": [(field, fields[field], told(error))]}


def _page(
    request: HttpRequest,
    found: int,
    *,
    error: Refusal | FieldError | None = None,
    typed: str = "",
    graded: dict[str, str] | None = None,
    stepped: tuple[str, dict[str, str]] | None = None,
) -> HttpResponse:
    """The page, with a refusal above what it is about and the words kept."""
    status = 200 if error is None else error.status if isinstance(error, Refusal) else 422
    case = followed(case=found, now=request.now)
    action, given = stepped or ("", {})
    about = action or ("words" if graded is None else "grade")
    context = {
        "case": case,
        "offers": [
            (offer, [(ask, given.get(ask.name, "") if offer.code == action else "") for ask in offer.asks])
            for offer in case.offers
        ],
        "grades": GRADES,
        "questions": [(name, words, (graded or {}).get(name, "")) for name, words in case.questions.items()],
        "photographs": PHOTOGRAPHS,
        "typed": typed,
        "graded": graded or {},
        "refusal": told(error) if error else "",
        "about": about if error else "",
        **(_beside(error, about) if error else {}),
    }
    return render(request, "public/case.html", context, status=status)
