"""The window's part of the JSON API: applications come in, and what became of them is asked for by position."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import StrictStr

from bihuan.kernel.desk.api.auth import ApiRequest
from bihuan.kernel.desk.api.routes import KEY_HEADER, READ_PROBLEMS, WRITE_PROBLEMS, query_check
from bihuan.kernel.desk.api.schemas import Strict
from bihuan.kernel.desk.api.steps import answer_once
from bihuan.lib.refusals import NotPermitted
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.services import CLERK
from bihuan.packs.onewindow.platforms.changes import changes_after, changes_received
from bihuan.packs.onewindow.platforms.taking import application_hand_in

READERS = (CLERK, "supervisor")
Line80 = Annotated[StrictStr, Field(max_length=80)]
Position = Annotated[int, Field(ge=0, lt=2**62)]
Number = Annotated[StrictStr, Field(pattern=r"^[0-9]{1,3}$")]


class ApplicationIn(Strict):
    """An application. `item` is the code of the catalogue; `materials` are by their numbers in the item's guide; what is not named
    is lacking. `way`: accepted with all that is required, with listed materials to follow (容缺), or on a signed commitment."""

    item: Annotated[StrictStr, Field(min_length=1, max_length=80)]
    applicant: Literal["person", "organisation"]
    name: Annotated[StrictStr, Field(max_length=60)]
    id_number: Annotated[StrictStr, Field(max_length=40)]
    phone: Annotated[StrictStr, Field(max_length=40)]
    address: Annotated[StrictStr, Field(max_length=200)] = ""
    materials: dict[Number, Literal["present", "lacking"]] = Field(default_factory=dict, max_length=60)
    dated: dict[Number, Annotated[StrictStr, Field(max_length=10)]] = Field(
        default_factory=dict,
        max_length=60,
        description="the day on which a material that holds for a term was issued: 2026-01-31",
    )
    way: Literal["accept", "accept_lacking", "accept_commitment"] = "accept"
    remark: Annotated[StrictStr, Field(max_length=500)] = ""
    external_id: Line80 = Field(
        "", description="your own number of it; a second one with the same is refused"
    )


class ApplicationTaken(Schema):
    """Where it is: `case_code` is the 办件编码 of 43 characters, empty where the item has no national code."""

    number: str
    case_code: str
    state: str


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
    response={201: ApplicationTaken, **WRITE_PROBLEMS},
    operation_id="application_hand_in",
    summary="Hand an application in",
    openapi_extra={"parameters": [KEY_HEADER]},
)
def application_post(request: ApiRequest, body: ApplicationIn) -> HttpResponse:
    """Hand an application in: it is numbered, accepted and with its approving unit before you read the answer. What is missing is
    told at once, by number and name."""
    if not request.scope.holds(CLERK):
        raise NotPermitted("not_permitted", "收件要由窗口受理人员来办,您没有这一权限。")
    given = body.model_dump()
    return answer_once(
        request, operation="application_hand_in", asked=given, act=lambda: _hand_in(request, given)
    )


def _hand_in(request: ApiRequest, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    try:
        taken = application_hand_in(given=given, by=request.scope.person, now=request.now)
    except FieldError as fault:
        if fault.field != "present":
            raise
        raise FieldError("materials", fault.rule, fault.message) from None
    return 201, {"number": taken.number, "case_code": taken.case_code, "state": taken.state}


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
