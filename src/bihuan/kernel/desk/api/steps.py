"""Writing through the API: the version that was read, the JSON kind of each field, one answer a key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.urls import reverse

from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.desk.api.auth import ApiRequest
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.text import FieldError

ETAG = re.compile(r'"([1-9][0-9]{0,9})"')
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?")
SUM = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
MANY = 50
Act = Callable[[], tuple[int, dict[str, Any]]]


def version_read(request: ApiRequest, version: int | None) -> int:
    """The version from If-Match or the body. 428 without any; 422 when it is none, or when they differ."""
    header = request.headers.get("If-Match")
    if header is None:
        if version is None:
            raise Problem(
                428, "version_required", "请给出您读到的版本号(If-Match 或 version)。", field="version"
            )
        return version
    found = ETAG.fullmatch(header)
    if not found or int(found[1]) > 2_147_483_647:
        raise Problem(422, "version_format", 'If-Match 应为带引号的版本号,如 "3"。', field="If-Match")
    if version is not None and version != int(found[1]):
        raise Problem(422, "version_differs", "If-Match 与 version 不一致。", field="version")
    return int(found[1])


def data_check(asks: tuple[Ask, ...], data: Mapping[str, Any]) -> None:
    """Refuse a value whose JSON kind its field does not take; what remains is judged by the field itself."""
    for ask in asks:
        value = data.get(ask.name)
        if value is not None and value != "" and not _fits(ask, value):
            raise FieldError(ask.name, KINDS.get(ask.kind, "reference"), f"“{ask.label}”的值类型不对。")


KINDS = {"line": "not_text", "text": "not_text", "choice": "choice", "matter": "unknown_matter", "yes": "yes_or_no", "number": "number",
         "date": "date", "moment": "moment", "money": "money"}  # fmt: skip


def _fits(ask: Ask, value: Any) -> bool:
    if ask.kind in FITS:
        return FITS[ask.kind](value)
    return isinstance(value, str) if ask.personal or ask.kind in ("choice", "matter") else _plain(value, int)


def _plain(value: Any, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


FITS: dict[str, Callable[[Any], bool]] = {
    "yes": lambda value: isinstance(value, bool),
    "moment": lambda value: isinstance(value, str) and MOMENT.fullmatch(value) is not None,
    "date": lambda value: isinstance(value, str) and DAY.fullmatch(value) is not None,
    "money": lambda value: _plain(value, str, int, Decimal) and SUM.fullmatch(str(value)) is not None,
    "units": lambda value: (
        isinstance(value, list) and len(value) <= MANY and all(_plain(item, int) for item in value)
    ),
    "case": lambda value: _plain(value, str, int) and len(str(value)) <= 64 and str(value).isprintable(),
}


def answer_once(request: ApiRequest, *, operation: str, asked: Mapping[str, Any], act: Act) -> HttpResponse:
    """Do `act` once for the Idempotency-Key and answer; nothing of it stays when it is refused.

    The answer names a case by its `number`; what was made (201) is found at Location.
    """
    key = request.headers.get("Idempotency-Key", "")
    told = {"asked": json.dumps(asked, sort_keys=True, default=str)}
    with transaction.atomic():
        status, answer, replayed = idempotent(
            actor=request.scope.person, operation=operation, key=key, request=told, now=request.now, act=act
        )
    response = JsonResponse(answer, status=status, json_dumps_params={"ensure_ascii": False})
    if status == 201:
        response["Location"] = reverse("api:case_read", args=[answer["number"]])
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response
