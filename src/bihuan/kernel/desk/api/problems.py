"""Errors of the API as problem+json (RFC 9457): what was refused, field, rule, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from bihuan.kernel.sentences import said
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: _("请求不能读懂"),
    401: _("请先登录"),
    403: _("您没有这一权限"),
    404: _("没有找到"),
    405: _("不支持这种请求方法"),
    409: _("已被他人先一步办理"),
    413: _("请求太大"),
    415: _("请求的格式不对"),
    422: _("填写的内容不合规定"),
    428: _("缺少版本号"),
    429: _("次数太多"),
}


class ProblemShown(Schema):
    """A refusal: `code` is for machines, `field` and `rule` say what and why, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    field: str
    rule: str


class Problem(Exception):
    """The API itself refuses: before any service was asked."""

    def __init__(self, status: int, code: str, message: str, *, field: str = "", rule: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field, self.rule = (
            status,
            code,
            message,
            field,
            rule or code,
        )


def problem_response(
    request: HttpRequest,
    *,
    status: int,
    code: str,
    message: str,
    field: str = "",
    rule: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The problem+json answer; also for middleware and plain views. `more` are members of its own kind."""
    title = TITLES.get(status)
    body = {
        "type": f"urn:bihuan:problem:{code}",
        "title": str(title) if title else HTTPStatus(status).phrase,
        "status": status,
        "detail": said(code, message),
        "instance": request.path,
        "code": code,
        "field": field,
        "rule": rule,
        **(more or {}),
    }
    response = JsonResponse(
        body, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False}
    )
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="bihuan"'
    return response


def problems_handle(api: NinjaAPI) -> None:
    """Let every refusal of this API be answered as a problem."""
    handlers: dict[type[Exception], Any] = {
        Problem: _of_problem,
        Refusal: _of_refusal,
        FieldError: _of_field,
        ValidationError: _of_validation,
        AuthenticationError: _of_missing_login,
        RequestDataTooBig: _of_size,
        HttpError: _of_http,
        Http404: _of_missing,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _of_problem(request: HttpRequest, refused: Problem) -> HttpResponse:
    return problem_response(
        request,
        status=refused.status,
        code=refused.code,
        message=refused.message,
        field=refused.field,
        rule=refused.rule,
    )


def _of_refusal(request: HttpRequest, refused: Refusal) -> HttpResponse:
    rule = refused.rule or refused.code
    return problem_response(
        request,
        status=refused.status,
        code=refused.code,
        message=refused.message,
        field=refused.field,
        rule=rule,
    )


def _of_field(request: HttpRequest, refused: FieldError) -> HttpResponse:
    return problem_response(
        request,
        status=422,
        code=refused.rule,
        message=refused.message,
        field=refused.field,
        rule=refused.rule,
    )


def _of_missing_login(request: HttpRequest, refused: Exception) -> HttpResponse:
    return problem_response(
        request, status=401, code="login", message="请登录,或给出有效的访问令牌。", rule="login"
    )


def _of_size(request: HttpRequest, refused: Exception) -> HttpResponse:
    return _of_problem(request, too_big())


def too_big() -> Problem:
    """The body is larger than the API reads."""
    return Problem(413, "too_big", "请求不能超过 1 MB。", field="body")


def _of_missing(request: HttpRequest, refused: Exception) -> HttpResponse:
    return problem_response(request, status=404, code="not_found", message="没有这个地址。", rule="not_found")


def _of_http(request: HttpRequest, refused: HttpError) -> HttpResponse:
    """What the framework raises; a problem found while the body was read is its cause."""
    if isinstance(refused.__cause__, Problem):
        return _of_problem(request, refused.__cause__)
    if refused.status_code == 400:
        return _of_problem(request, Problem(400, "json", "请求体不是合法的 JSON。", field="body"))
    return problem_response(
        request, status=refused.status_code, code="http", message=str(refused), rule="http"
    )


RULES = {
    "missing": ("required", "此项必填。"),
    "extra_forbidden": ("unknown", "没有这一项。"),
    "string_type": ("not_text", "应为文字。"),
    "string_unicode": ("surrogate", "含有不完整的字符编码。"),
    "string_too_long": ("too_long", "文字超过了允许的长度。"),
    "string_too_short": ("too_short", "文字太短。"),
    "string_pattern_mismatch": ("pattern", "写法不对。"),
    "int_type": ("number", "应为整数。"),
    "int_parsing": ("number", "应为整数。"),
    "int_from_float": ("number", "应为整数。"),
    "int_parsing_size": ("range", "超出了允许的范围。"),
    "greater_than_equal": ("range", "超出了允许的范围。"),
    "less_than_equal": ("range", "超出了允许的范围。"),
    "bool_type": ("yes_or_no", "应为 true 或 false。"),
    "bool_parsing": ("yes_or_no", "应为 true 或 false。"),
    "dict_type": ("object", "应为 JSON 对象。"),
    "model_type": ("object", "应为 JSON 对象。"),
    "model_attributes_type": ("object", "应为 JSON 对象。"),
    "list_type": ("list", "应为列表。"),
    "too_long": ("too_many", "项数太多。"),
    "literal_error": ("choice", "不是可选的值。"),
    "enum": ("choice", "不是可选的值。"),
    "timezone_aware": ("time_zone", "时间要带时区。"),
}
"""pydantic's kinds of error: our rule and sentence."""


def _of_validation(request: HttpRequest, refused: ValidationError) -> HttpResponse:
    error = refused.errors[0]
    rule, message = RULES.get(error["type"], ("value", "此项的值不对。"))
    if "datetime" in error["type"] or "date_" in error["type"]:
        rule, message = "date_format", "不是认得的日期格式。"
    where = [str(part)[:50] for part in error["loc"][1:] if part not in ("body", "filters")]
    return problem_response(
        request, status=422, code=rule, message=message, field=".".join(where) or "body", rule=rule
    )
