"""The JSON API of the whole site: the kernel's addresses and those of every pack that has an `api.py`."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from ninja import NinjaAPI, Router
from ninja.renderers import BaseRenderer

from bihuan.kernel.desk.api.auth import AUTHENTICATION
from bihuan.kernel.desk.api.body import JsonParser
from bihuan.kernel.desk.api.forms import flaws_handle
from bihuan.kernel.desk.api.forms import router as forms_router
from bihuan.kernel.desk.api.problems import Problem, problem_response, problems_handle
from bihuan.kernel.desk.api.routes import router
from bihuan.kernel.pack import pack_names

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
nothing = Router()


@nothing.api_operation(METHODS, "/{path:rest}", include_in_schema=False, auth=None)
def not_found(request: HttpRequest, rest: str) -> HttpResponse:
    """Every other address below /api/."""
    raise Problem(404, "not_found", "没有这个地址。")


class JsonRenderer(BaseRenderer):
    """JSON with moments to the microsecond, so that `updated_after` can be answered with what was read."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return json.dumps(
            data, ensure_ascii=False, separators=(",", ":"), default=lambda moment: moment.isoformat()
        )


def api_build() -> NinjaAPI:
    """The API with its description at openapi.json; an interactive page would need a CDN: there is none."""
    api = NinjaAPI(
        title="Bihuan 闭环",
        version="1",
        description="Closed-loop casework: cases, steps, ledgers, units, workflows. See docs/api.md.",
        docs_url=None,
        auth=AUTHENTICATION,
        parser=JsonParser(),
        renderer=JsonRenderer(),
        urls_namespace="api",
    )
    problems_handle(api)
    flaws_handle(api)
    api.add_router("", router)
    api.add_router("", forms_router)
    for name in pack_names():
        if find_spec(f"bihuan.packs.{name}.api"):
            module = importlib.import_module(f"bihuan.packs.{name}.api")
            api.add_router(f"/{name}", module.router, tags=[name])
    api.add_router("", nothing)
    return api


def _problem_told(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A wrong method, which keeps its Allow header, and the bare address are problems too."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponse:
        try:
            response = view(request, *args, **parts)
        except Http404:
            return problem_response(
                request, status=404, code="not_found", message="没有这个地址。", rule="not_found"
            )
        if isinstance(response, HttpResponseNotAllowed):
            allow = response["Allow"]
            response = problem_response(
                request, status=405, code="method", message="不支持这种请求方法。", rule="method"
            )
            response["Allow"] = allow
        return response

    return told


def _urls() -> tuple[list[Any], str, str]:
    patterns, app, namespace = api.urls
    for pattern in patterns:
        pattern.callback = _problem_told(pattern.callback)
    return patterns, app, namespace


api = api_build()
urls = _urls()
