"""Fire review's part of the JSON API: readings of devices on sites."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Field, Router, Schema
from pydantic import AwareDatetime, StrictFloat, StrictInt, StrictStr

from bihuan.kernel.desk.api.auth import ApiRequest
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.desk.api.routes import WRITE_PROBLEMS
from bihuan.kernel.desk.api.schemas import Strict
from bihuan.lib.refusals import NotPermitted
from bihuan.packs.fire.roles import SITE_GATEWAY
from bihuan.packs.fire.sites.readings import site_readings_take
from bihuan.telemetry.services import MOST, Given

Code40 = Annotated[StrictStr, Field(min_length=1, max_length=40)]
router = Router()


class ReadingIn(Strict):
    """A value that a device told of a moment, with its zone."""

    device: Code40
    metric: Annotated[StrictStr, Field(min_length=1, max_length=24)]
    at: AwareDatetime
    value: StrictFloat | StrictInt


class ReadingsIn(Strict):
    readings: Annotated[list[ReadingIn], Field(min_length=1, max_length=MOST)]


class ReadingRefused(Schema):
    """A reading that was not taken: its place in the batch from 0, the field, the rule, and a sentence."""

    place: int
    field: str
    rule: str
    detail: str


class ReadingsTaken(Schema):
    """Sent again, a batch changes nothing: all of it is `repeated`. `alarms` are the numbers of cases that began with it."""

    stored: int
    repeated: int
    refused: list[ReadingRefused]
    alarms: list[str]


@router.post(
    "/readings",
    response={200: ReadingsTaken, **WRITE_PROBLEMS},
    operation_id="readings_take",
    summary="Send readings of devices",
)
def readings_post(request: ApiRequest, body: ReadingsIn) -> dict[str, Any]:
    """For a gateway with its own account's token: up to 5,000 readings in any order, each once by device, metric and moment."""
    if not request.scope.holds(SITE_GATEWAY):
        raise NotPermitted("not_permitted", "读数要由设备网关的账号来报,您没有这一权限。")
    given = [Given(one.device, one.metric, one.at, float(one.value)) for one in body.readings]
    taken, numbers = site_readings_take(scope=request.scope, given=given, now=request.now)
    if taken.refused and not taken.stored and not taken.repeated:
        first = taken.refused[0]
        raise Problem(422, first.rule, first.detail, field=f"readings.{first.place}.{first.field}")
    refused = [
        {"place": one.place, "field": one.field, "rule": one.rule, "detail": one.detail}
        for one in sorted(taken.refused, key=lambda one: one.place)
    ]
    return {"stored": taken.stored, "repeated": taken.repeated, "refused": refused, "alarms": numbers}
