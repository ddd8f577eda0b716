"""The window's part of the JSON API: applications come in, and what became of them is asked for by position."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from ninja import Field, Query, Router, Schema
from pydantic import StrictStr

from bihuan.kernel.attachments.services import largest_bytes
from bihuan.kernel.desk.api.auth import ApiRequest
from bihuan.kernel.desk.api.forms import AnswersProblem
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.desk.api.routes import KEY_HEADER, READ_PROBLEMS, WRITE_PROBLEMS, query_check
from bihuan.kernel.desk.api.schemas import Strict
from bihuan.kernel.desk.api.steps import answer_once
from bihuan.kernel.forms.services import AnswersRefused
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.files import FILE
from bihuan.packs.onewindow.applying.services import CLERK
from bihuan.packs.onewindow.platforms.changes import changes_after, changes_received
from bihuan.packs.onewindow.platforms.files import file_keep
from bihuan.packs.onewindow.platforms.taking import application_hand_in, theme_hand_in

ENVELOPE = 100_000
"""Bytes that the parts of a body may have around its file."""
READERS = (CLERK, "supervisor")
Line80 = Annotated[StrictStr, Field(max_length=80)]
Position = Annotated[int, Field(ge=0, lt=2**62)]
Number = Annotated[StrictStr, Field(pattern=r"^[0-9]{1,3}$")]
Word = Annotated[StrictStr, Field(max_length=2000)]


class HandedIn(Strict):
    """What every application says. `materials` are by their numbers in the guide; what is not named is lacking. `way`: accepted with all that
    is required, with listed materials to follow (容缺), or on a signed commitment; `tell_missing`: what is lacking is not to hand yet, so the
    application is received and numbered and all that is missing told once, on record (一次告知)."""

    applicant: Literal["person", "organisation"]
    name: Annotated[StrictStr, Field(max_length=60)]
    id_number: Annotated[StrictStr, Field(max_length=40)]
    phone: Annotated[StrictStr, Field(max_length=40)]
    address: Annotated[StrictStr, Field(max_length=200)] = ""
    materials: dict[Number, Literal["present", "lacking"]] = Field(default_factory=dict, max_length=60)
    files: dict[Number, Word] = Field(
        default_factory=dict,
        max_length=40,
        description="materials as files: the word that `POST /onewindow/files` answered, by the number of the material, which is thereby present",
    )
    dated: dict[Number, Annotated[StrictStr, Field(max_length=10)]] = Field(
        default_factory=dict,
        max_length=60,
        description="the day on which a material that holds for a term was issued: 2026-01-31",
    )
    way: Literal["accept", "accept_lacking", "accept_commitment", "tell_missing"] = "accept"
    remark: Annotated[StrictStr, Field(max_length=500)] = ""
    external_id: Line80 = Field(
        "", description="your own number of it; a second one with the same is refused"
    )


class ApplicationIn(HandedIn):
    """An application for an item: `item` is its code in the catalogue."""

    item: Annotated[StrictStr, Field(min_length=1, max_length=80)]
    answers: dict[str, Any] = Field(
        default_factory=dict,
        description="what the item's form asks: values by the names of its fields, as its JSON Schema 2020-12 says (`GET /forms/{code}`; the "
        "code stands in the item's guide), a file as the word that `POST /onewindow/files` answered. An item without a form takes none",
    )


class ThemeApplicationIn(HandedIn):
    """An application for a theme: one for all its items, the numbers of `materials` being those of the theme's guide."""

    theme: Annotated[StrictStr, Field(min_length=1, max_length=40)]
    subject: Annotated[StrictStr, Field(max_length=100)] = Field(
        description="the shop or project that it is for"
    )
    answers: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="what the forms of its items ask, as for an item, by the code of each form; what two forms ask alike is answered in the first",
    )


class ApplicationTaken(Schema):
    """Where it is: `case_code` is the 办件编码 of 43 characters, empty where the item has no national code."""

    number: str
    case_code: str
    state: str
    ticket: str = Field(
        description="the queue ticket that it was taken in with: the one being served at the window where the token's own person sits, else empty"
    )


class ThemeTaken(Schema):
    """Where the whole is; each of its parts is a case of its own, with a code of its own."""

    number: str
    state: str


class FileKept(Schema):
    """A file that was taken: `file` is your word for it in an application, for a day. A photograph loses its metadata, so that its
    `sha256` and `size` are of what is kept."""

    file: str
    name: str
    size: int
    sha256: str


class ChangeFilters(Schema):
    """The changes after a position: 0 begins with the first."""

    after: Position = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ChangeShown(Schema):
    """Something that happened to an application. `previous` is the position of the same case's change before; null for its first."""

    position: int
    previous: int | None
    number: str
    case_code: str | None
    external_id: str | None
    item: str | None
    event: str = Field(description="`received`, or the code of the step")
    state: str
    outcome: str
    grade: str
    at: datetime


class ChangePage(Schema):
    """Changes in order, without gaps for whoever sees all. `next` is what to ask `after` for the next page; `more`: there is one."""

    items: list[ChangeShown]
    next: int
    more: bool


class ReceivedIn(Strict):
    """How many changes you have up to and with a position."""

    position: Position
    received: Position


class ReceivedShown(Schema):
    """Both counts; where they differ, ask again from the last position at which they agreed."""

    position: int
    sent: int
    received: int
    agrees: bool


router = Router()


@router.post(
    "/applications",
    response={201: ApplicationTaken, **WRITE_PROBLEMS, 422: AnswersProblem},
    operation_id="application_hand_in",
    summary="Hand an application in",
    openapi_extra={"parameters": [KEY_HEADER]},
)
def application_post(request: ApiRequest, body: ApplicationIn) -> HttpResponse:
    """Hand an application in: it is numbered, accepted and with its approving unit before you read the answer. What is missing is told at
    once, on the spot, by number and name, and nothing is received (unless by `tell_missing`: then its term to correct runs); what is
    wrong in `answers` by `field` (`answers.` and its path) and `rule`, and every flaw in `flaws`."""
    _hands_in(request)
    given = body.model_dump()
    return answer_once(
        request, operation="application_hand_in", asked=given, act=lambda: _hand_in(request, given)
    )


def _hand_in(request: ApiRequest, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    with _named():
        taken = application_hand_in(given=given, by=request.scope.person, now=request.now)
    told = {"number": taken.number, "case_code": taken.case_code, "state": taken.state}
    return 201, {**told, "ticket": taken.ticket}


@router.post(
    "/themes/applications",
    response={201: ThemeTaken, **WRITE_PROBLEMS, 422: AnswersProblem},
    operation_id="theme_hand_in",
    summary="Hand an application for a theme in",
    openapi_extra={"parameters": [KEY_HEADER]},
)
def theme_post(request: ApiRequest, body: ThemeApplicationIn) -> HttpResponse:
    """Hand an application for a theme in: numbered, accepted, and its first parts with their units before you read the answer. What is wrong is
    told as for an item, in `answers` by the code of its form."""
    _hands_in(request)
    given = body.model_dump()
    return answer_once(
        request, operation="theme_hand_in", asked=given, act=lambda: _theme_hand_in(request, given)
    )


def _theme_hand_in(request: ApiRequest, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    with _named():
        taken = theme_hand_in(given=given, by=request.scope.person, now=request.now)
    return 201, {"number": taken.number, "state": taken.state}


@router.post(
    "/files",
    response={201: FileKept, **WRITE_PROBLEMS},
    operation_id="file_keep",
    summary="Hand a file in",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                }
            },
        }
    },
)
def file_post(request: ApiRequest) -> HttpResponse:
    """Hand in a file that an application will name: checked by size, kind and name as on the page, scanned, and kept for a day for you alone.
    The same file again is the same content: nothing is kept twice, so that no key is needed."""
    _hands_in(request)
    largest = largest_bytes(settings.REGION, request.now)
    length = request.headers.get("Content-Length") or ""
    if request.content_type != "multipart/form-data":
        raise Problem(415, "content_type", "请求体要用 multipart/form-data。", field="Content-Type")
    if not length.isdecimal() or int(length[:20]) > largest + ENVELOPE:
        raise Problem(413, "too_large", f"文件不能超过 {largest / 1_000_000:g} MB。", field="file")
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise FieldError("file", "required", "请在 file 里放一个文件。")
    word, kept = file_keep(file=files[0], by=request.scope.person, now=request.now)
    told = {"file": word, "name": kept.name, "size": kept.size, "sha256": kept.sha256}
    return JsonResponse(told, status=201, json_dumps_params={"ensure_ascii": False})


@contextmanager
def _named() -> Iterator[None]:
    """What is wrong at the field's name in the body."""
    try:
        yield
    except AnswersRefused as refused:
        raise refused.within("answers") from None
    except FieldError as fault:
        if fault.field != "present":
            raise
        raise FieldError("materials", fault.rule, fault.message) from None
    except Refusal as refused:
        if not refused.field.startswith(FILE):
            raise
        field = f"files.{refused.field.removeprefix(FILE)}"
        raise Refusal(refused.code, refused.message, field=field) from None


def _hands_in(request: ApiRequest) -> None:
    if not request.scope.holds(CLERK):
        raise NotPermitted("not_permitted", "收件要由窗口受理人员来办,您没有这一权限。")


@router.get(
    "/changes",
    response={200: ChangePage, **READ_PROBLEMS},
    operation_id="changes_list",
    summary="List changes of applications",
)
def changes_get(request: ApiRequest, response: HttpResponse, filters: Query[ChangeFilters]) -> Any:
    """What happened to applications after a position, oldest first. The same position gives the same changes again; with
    If-None-Match 304 says that there are no others than those that you have."""
    query_check(request, ChangeFilters)
    _reads(request)
    found = changes_after(filters.after, most=filters.limit + 1)
    items = found[: filters.limit]
    last = items[-1]["position"] if items else filters.after
    etag = f'"{filters.after}-{last}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    response["ETag"] = etag
    return {"items": items, "next": last, "more": len(found) > filters.limit}


@router.post(
    "/changes/received",
    response={200: ReceivedShown, **WRITE_PROBLEMS},
    operation_id="changes_received",
    summary="Tell how many changes arrived",
    openapi_extra={"parameters": [KEY_HEADER]},
)
def received_post(request: ApiRequest, body: ReceivedIn) -> HttpResponse:
    """Hold what you received against what was sent, up to a position."""
    _reads(request)
    told = body.model_dump()
    return answer_once(
        request, operation="changes_received", asked=told, act=lambda: _received(request, told)
    )


def _received(request: ApiRequest, told: dict[str, int]) -> tuple[int, dict[str, Any]]:
    sent = changes_received(account=request.scope.person, now=request.now, **told)
    return 200, {**told, "sent": sent, "agrees": sent == told["received"]}


def _reads(request: ApiRequest) -> None:
    if not request.scope.holds(*READERS):
        raise NotPermitted("not_permitted", "办件变更要由窗口受理人员或中心督办的令牌来取,您没有这一权限。")
