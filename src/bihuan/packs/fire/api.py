"""Fire review's part of the JSON API: readings of devices on sites, and who passes their gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from ninja import Field, Router, Schema
from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, StrictStr

from bihuan.kernel.desk.api.auth import WITH_SUBJECT, ApiRequest
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.desk.api.routes import WRITE_PROBLEMS
from bihuan.kernel.desk.api.schemas import Moment, Strict
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.packs.fire.roles import SITE_GATEWAY
from bihuan.packs.fire.sites.passes import MOST as MOST_PASSES
from bihuan.packs.fire.sites.passes import Passed, passes_take
from bihuan.packs.fire.sites.readings import site_readings_take
from bihuan.packs.fire.sites.services import subject_of
from bihuan.telemetry.services import MOST, Given

PLAIN = r"^[^\x00-\x1f\x7f]+$"
"""Without control characters: no code holds one, and the database no NUL."""
Code40 = Annotated[StrictStr, Field(min_length=1, max_length=40, pattern=PLAIN)]
router = Router()


class ReadingIn(BaseModel):
    """A value that a device told of a moment, with its zone."""

    model_config = ConfigDict(
        extra="forbid"
    )  # a plain model: 5,000 of them are checked in 12 ms, of ninja's in 74

    device: Code40
    metric: Annotated[StrictStr, Field(min_length=1, max_length=24)]
    at: Moment
    value: StrictFloat | StrictInt


class ReadingsIn(Strict):
    readings: Annotated[list[ReadingIn], Field(min_length=1, max_length=MOST)]


class ReadingRefused(Schema):
    """A reading or passing that was not taken: its place in the batch from 0, the field, the rule, and a sentence."""

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


class PassIn(Strict):
    """Somebody passes a gate: the gate's own id of the event, when, with its zone, "in" or "out", and the citizen number."""

    event: Annotated[StrictStr, Field(min_length=1, max_length=64, pattern=PLAIN)]
    at: Moment
    way: Literal["in", "out"]
    id_number: Annotated[StrictStr, Field(min_length=1, max_length=30)]


class PassesIn(Strict):
    passes: Annotated[list[PassIn], Field(min_length=1, max_length=MOST_PASSES)]


class PassesDone(Schema):
    """Sent again, a batch changes nothing: all of it is `repeated`. Whoever is in `refused` is not to be let in."""

    taken: int
    repeated: int
    refused: list[ReadingRefused]


@router.post(
    "/sites/{site}/passes",
    response={200: PassesDone, **WRITE_PROBLEMS},
    operation_id="passes_take",
    summary="Tell who passes a site's gates",
    auth=WITH_SUBJECT,
)
def passes_post(request: ApiRequest, site: int, body: PassesIn) -> dict[str, Any]:
    """For the gates and turnstiles of a site, with a gateway account's token, best with one for this site alone: up to 500 events, each once
    by its id.
    """
    _gateway_check(request)
    if request.subject not in ("", subject_of(site)) or site > 2**63 - 1:
        raise NotFound("not_found", "没有这个工地,或您无权办理。")
    given = [Passed(one.event, one.at, one.way, one.id_number) for one in body.passes]
    done = passes_take(scope=request.scope, site=site, given=given, now=request.now)
    _all_refused("passes", done.refused, done.taken + done.repeated)
    return {"taken": done.taken, "repeated": done.repeated, "refused": _told(done.refused)}


@router.post(
    "/readings",
    response={200: ReadingsTaken, **WRITE_PROBLEMS},
    auth=WITH_SUBJECT,
    operation_id="readings_take",
    summary="Send readings of devices",
)
def readings_post(request: ApiRequest, body: ReadingsIn) -> dict[str, Any]:
    """For a gateway with its own account's token: up to 5,000 readings in any order, each once by device, metric and moment."""
    _gateway_check(request)
    given = [Given(one.device, one.metric, one.at, float(one.value)) for one in body.readings]
    taken, numbers = site_readings_take(
        scope=request.scope, given=given, now=request.now, subject=request.subject
    )
    _all_refused("readings", taken.refused, taken.stored + taken.repeated)
    return {
        "stored": taken.stored, "repeated": taken.repeated, "refused": _told(taken.refused), "alarms": numbers,
    }  # fmt: skip


def _gateway_check(request: ApiRequest) -> None:
    if not request.scope.holds(SITE_GATEWAY):
        raise NotPermitted("not_permitted", "读数和进出要由设备网关的账号来报,您没有这一权限。")


def _all_refused(name: str, refused: Sequence[Any], others: int) -> None:
    """Problem 422 with the first one's field and rule where nothing at all was taken."""
    if refused and not others:
        first = min(refused, key=lambda one: one.place)
        raise Problem(422, first.rule, first.detail, field=f"{name}.{first.place}.{first.field}")


def _told(refused: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"place": one.place, "field": one.field, "rule": one.rule, "detail": one.detail}
        for one in sorted(refused, key=lambda one: one.place)
    ]
