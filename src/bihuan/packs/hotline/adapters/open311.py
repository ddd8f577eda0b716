"""Open311 GeoReport v2 below /open311/v2/: for apps and cities that speak it. https://wiki.open311.org/GeoReport_v2

One jurisdiction, settings.REGION: `jurisdiction_id` may be left out. Errors are lists of {code, description}; a refusal
names the parameter and the rule. Requests are told without a key; see `open311_requests` for what is told.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.adapters import open311_reports as reports
from bihuan.packs.hotline.adapters import open311_requests as requests
from bihuan.packs.hotline.adapters import open311_services as services
from bihuan.packs.hotline.adapters.open311_formats import FORMATS, answer

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
UNREADABLE = (
    RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, MultiPartParserError, UnreadablePostError,
)  # fmt: skip
POSTED_AS = ("", "application/x-www-form-urlencoded", "multipart/form-data")

View = Callable[..., Any]


def open311(root: str, *methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Make a view of a function of (request, typed, …): its value is answered as `root`, its refusals as errors.

    No session is asked and none of its rights are used, so that no other page can make a browser do anything here that a
    stranger could not: there is nothing for a CSRF token to guard.
    """

    def made(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def asked(request: HttpRequest, form: str, **parts: str) -> HttpResponse:
            if request.method not in methods:
                response = _errors(form, 405, _("不支持这种请求方法。"))
                response["Allow"] = ", ".join(methods)
                return response
            try:
                typed = _typed(request)
                return answer(form, root, view(request, typed, **parts))
            except FieldError as fault:
                name = reports.PARAMETERS.get(fault.field, fault.field)
                return _errors(form, 400, f"{name}: {told(fault)}")
            except Refusal as refusal:
                status = refusal.status if refusal.status in (403, 404, 429) else 400
                named = f"{refusal.field}: " if refusal.field else ""
                return _errors(form, status, f"{named}{told(refusal)}")
            except UNREADABLE:
                return _errors(form, 400, _("请求读不出来,或者太大。"))

        return asked

    return made


@open311("discovery", "GET", "HEAD")
def discovery(request: HttpRequest, typed: QueryDict) -> dict[str, Any]:
    """Where the service is, in which formats, and whom to ask for a key."""
    changed = services.services_changed(request.now)
    endpoint = {
        "specification": SPECIFICATION,
        "url": request.build_absolute_uri("/open311/v2"),
        "changeset": changed,
        "type": "production",
        "formats": [kind.partition(";")[0] for kind in FORMATS.values()],
    }
    return {
        "changeset": changed,
        "contact": _("请打 12345,或看 %s") % request.build_absolute_uri("/public"),
        "key_service": _("不用钥匙也可以反映;要登记得更多,请向热线中心要访问令牌,作为 api_key。"),
        "endpoints": [endpoint],
    }


@open311("services", "GET", "HEAD")
def service_list(request: HttpRequest, typed: QueryDict) -> list[dict[str, Any]]:
    """What can be reported."""
    return services.services_told()


@open311("service_definition", "GET", "HEAD")
def service_definition(request: HttpRequest, typed: QueryDict, code: str) -> dict[str, Any]:
    """What is asked with a service."""
    return services.definition_told(code, now=request.now)


@open311("service_requests", "GET", "HEAD", "POST")
def request_list(request: HttpRequest, typed: QueryDict) -> list[dict[str, Any]]:
    """The requests that fit the filters; posted, a report that is taken in and dispatched before this is answered."""
    now = request.now
    if request.method != "POST":
        return requests.requests_told(requests.asked_read(typed, now=now))
    api_key = typed.get("api_key", "").strip()
    done = reports.report_take(
        reports.report_read(typed, now=now),
        api_key=api_key,
        given_key=request.headers.get("Idempotency-Key", ""),
        address=address_of(request),
        now=now,
    )
    notice = None
    if not api_key:  # the code is the reporter's own, and nobody's who enters for others
        told = {"code": follow_code(done.case), "address": request.build_absolute_uri("/public/follow")}
        notice = _("查询码 %(code)s:凭编号和查询码在 %(address)s 看办到哪里,也可以补充和评价。") % told
    return [{"service_request_id": done.number, "service_notice": notice, "account_id": None}]


@open311("service_requests", "GET", "HEAD")
def request_one(request: HttpRequest, typed: QueryDict, number: str) -> list[dict[str, Any]]:
    """One request."""
    return [requests.request_told(number)]


@open311("service_requests", "GET", "HEAD")
def token(request: HttpRequest, typed: QueryDict, key: str) -> list[dict[str, Any]]:
    """For a client that lost the answer: the number of what it posted with this Idempotency-Key."""
    return [{"service_request_id": reports.number_by_key(key), "token": key}]


def _typed(request: HttpRequest) -> QueryDict:
    """The parameters of the query and of the body. FieldError for a body of another kind, NotFound for another city."""
    if request.method == "POST" and request.content_type not in POSTED_AS:
        raise FieldError("Content-Type", "content_type", _("应为 application/x-www-form-urlencoded。"))
    typed = request.GET.copy()
    typed.update(request.POST)
    if typed.get("jurisdiction_id", "").strip() not in ("", settings.REGION):
        raise NotFound("jurisdiction_id", _("这里没有这个 jurisdiction_id。"), field="jurisdiction_id")
    return typed


def _errors(form: str, status: int, description: str) -> HttpResponse:
    return answer(form, "errors", [{"code": status, "description": description}], status=status)
