"""The hotline's part of the JSON API: orders come in, and how dispatch does is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, StrictBool, StrictStr

from bihuan.kernel.desk.api.auth import ApiRequest
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.desk.api.routes import KEY_HEADER, READ_PROBLEMS, WRITE_PROBLEMS, query_check
from bihuan.kernel.desk.api.schemas import Moment, Strict, UnitNamed
from bihuan.kernel.desk.api.steps import answer_once
from bihuan.kernel.identity.models import Unit
from bihuan.lib.refusals import NotPermitted
from bihuan.packs.hotline.adapters.telephony import incoming_call
from bihuan.packs.hotline.order_data import TEXT_LIMIT, TITLE_LIMIT
from bihuan.packs.hotline.seat.calls import call_note
from bihuan.packs.hotline.selectors import dispatch_figures
from bihuan.packs.hotline.services import order_take

TAKERS = ("seat_agent", "dispatcher", "supervisor")
"""The roles whose people, or machines with their tokens, may enter orders."""


Line40 = Annotated[StrictStr, Field(max_length=40)]
Line60 = Annotated[StrictStr, Field(max_length=60)]
Line80 = Annotated[StrictStr, Field(max_length=80)]
Line200 = Annotated[StrictStr, Field(max_length=200)]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]


class SuperiorIn(Strict):
    """A superior's order: its number, deadline, and within how many days and how often it may be returned."""

    number: Line80
    due_at: Annotated[StrictStr, Field(max_length=64)] | None = None
    return_days: Days | None = None
    return_count: Days | None = None


class OrderIn(Strict):
    """A citizen's message. `channel`, `type` and `matter` are codes or their Chinese labels, `territory` and
    `accused` codes or names of units; a place that is not known sends the order to the coordination desk."""

    text: Annotated[StrictStr, Field(min_length=1, max_length=TEXT_LIMIT)]
    title: Annotated[StrictStr, Field(max_length=TITLE_LIMIT)] = ""
    channel: Line60 = ""
    type: Line60 = ""
    place: Line200 = ""
    territory: Line80 = ""
    matter: Line80 = ""
    reporter: Line60 = ""
    phone: Line40 = ""
    id_number: Line40 = ""
    address: Line200 = ""
    confidential: StrictBool = False
    urgent: StrictBool = False
    accused: Line80 = ""
    reported_at: Annotated[StrictStr, Field(max_length=64)] = Field(
        "", description="when it was said; not in the future; Beijing time without a zone"
    )
    external_id: Line80 = Field(
        "", description="your own number of it; a second one with the same is refused"
    )
    superior: SuperiorIn | None = None
    answer_at_seat: StrictBool = False


class OrderTaken(Schema):
    """Where it is. `seconds` ran from arrival to the final unit's desk; null while held provisionally."""

    number: str
    version: int
    state: str
    unit: UnitNamed
    seconds: float | None
    automatic: bool
    reasons: list[str]


class CallIn(Strict):
    """An event of a call: `call` is your own id of it, `event` ringing, answered, ended or recording."""

    call: Line80
    event: Line40
    at: Annotated[StrictStr, Field(max_length=64)] = Field(
        "", description="when it happened, now unless said; Beijing time without a zone"
    )
    phone: Line40 = Field("", description="the caller's number; a withheld or faulty one is left out")
    agent: Line60 = Field("", description="the user name of the agent at whose telephone it rings")
    recording: Annotated[StrictStr, Field(max_length=500)] = Field(
        "", description="where the recording is, http or https"
    )


class CallKept(Schema):
    """The call as it is known now; the same event again changes nothing."""

    call: str
    ringing_at: AwareDatetime
    answered_at: AwareDatetime | None
    ended_at: AwareDatetime | None


class FigureFilters(Schema):
    """Orders that arrived from `since` until before `until`: the last 30 days unless said."""

    since: Moment | None = None
    until: Moment | None = None


class Figures(Schema):
    """How dispatch did, over the orders that you may see. Times are seconds from arrival to the final unit's
    desk; shares are 0-1, null where nothing is to be divided; `waiting` ones count with the time so far."""

    since: datetime
    until: datetime
    orders: int
    to_send: int
    sent: int
    waiting: int
    automatic: int
    wrong: int
    wrong_automatic: int
    median_s: float | None
    p99_s: float | None
    automatic_median_s: float | None
    automatic_p99_s: float | None
    automatic_share: float | None
    wrong_share: float | None
    wrong_automatic_share: float | None


router = Router()


@router.post(
    "/orders",
    response={201: OrderTaken, **WRITE_PROBLEMS},
    operation_id="order_take",
    summary="Take an order in",
    openapi_extra={"parameters": [KEY_HEADER]},
)
def order_post(request: ApiRequest, body: OrderIn) -> HttpResponse:
    """Take a message in: it is numbered, dispatched and clocked before you read the answer."""
    if not request.scope.holds(*TAKERS):
        raise NotPermitted("not_permitted", "登记工单要由接线员、协调员或中心督办来办,您没有这一权限。")
    data = body.model_dump(exclude_unset=True)
    return answer_once(request, operation="order_take", asked=data, act=lambda: _take(request, data))


def _take(request: ApiRequest, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    taken = order_take(data=data, by=request.scope.person, now=request.now)
    code, name = Unit.objects.values_list("code", "name").get(pk=taken.unit)
    return 201, {
        "number": taken.number,
        "version": taken.version,
        "state": taken.state,
        "unit": {"code": code, "name": name},
        "seconds": taken.seconds,
        "automatic": taken.automatic,
        "reasons": list(taken.reasons),
    }


@router.post(
    "/calls",
    response={200: CallKept, **WRITE_PROBLEMS},
    operation_id="call_note",
    summary="Tell of a call",
    openapi_extra={"parameters": [KEY_HEADER]},
)
def call_post(request: ApiRequest, body: CallIn) -> HttpResponse:
    """For the telephone system, with the token of a seat agent or supervisor: a call rings, is answered, ends, was
    recorded. The agent's screen opens by itself; told twice or late, it is kept once."""
    if not request.scope.holds("seat_agent", "supervisor"):
        raise NotPermitted("not_permitted", "来电要由接线员或中心督办的令牌来报,您没有这一权限。")
    told = body.model_dump(exclude_unset=True)
    return answer_once(request, operation="call_note", asked=told, act=lambda: _note(request, told))


def _note(request: ApiRequest, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    call = call_note(event=incoming_call(told, now=request.now))
    moments = ("ringing_at", "answered_at", "ended_at")
    at = {name: moment and moment.isoformat() for name in moments for moment in (getattr(call, name),)}
    return 200, {"call": call.call, **at}


@router.get(
    "/figures",
    response={200: Figures, **READ_PROBLEMS},
    operation_id="dispatch_figures",
    summary="How dispatch does",
)
def figures_get(request: ApiRequest, filters: Query[FigureFilters]) -> dict[str, Any]:
    """How fast orders reached their unit, how many without a person between, how many went wrong."""
    query_check(request, FigureFilters)
    until = filters.until or request.now
    since = filters.since or until - timedelta(days=30)
    if since >= until:
        raise Problem(422, "range", "起始时间应早于截止时间。", field="since")
    return {"since": since, "until": until, **dispatch_figures(since=since, until=until).as_dict()}
