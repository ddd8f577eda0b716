"""The JSON API of the kernel: cases, their ledgers and steps, units and workflows, the same for every pack.

Thin on purpose: the scope decides what is seen (row-level security), services decide what may be done.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.desk.api.auth import ApiRequest
from bihuan.kernel.desk.api.problems import Problem, ProblemShown
from bihuan.kernel.desk.api.reads import (
    case_found,
    case_shown,
    cases_page,
    certificates_page,
    entries_page,
    units_page,
    workflow_shown,
)
from bihuan.kernel.desk.api.schemas import (
    CaseFilters,
    CaseMoved,
    CasePage,
    CaseShown,
    CertificateFilters,
    CertificatePage,
    EntryPage,
    PageFilters,
    StepTaken,
    UnitPage,
    WorkflowShown,
)
from bihuan.kernel.desk.api.steps import answer_once, data_check, version_read
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.pack import packs, workflows
from bihuan.lib.refusals import NotFound

READ_PROBLEMS: dict[Any, Any] = {401: ProblemShown, 404: ProblemShown, 422: ProblemShown}
WRITE_PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 428), ProblemShown)
KEY_HEADER: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 128},
    "description": "the same key with the same body is done once and answered again the same",
}
VERSION_HEADER: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,9}"$'},
    "description": "the version that was read, in quotes; or `version` in the body",
}

router = Router()


@router.get(
    "/cases", response={200: CasePage, **READ_PROBLEMS}, operation_id="cases_list", summary="List cases"
)
def cases_list(request: ApiRequest, filters: Query[CaseFilters]) -> dict[str, Any]:
    """The cases that you may see, newest first; with `updated_after` in the order of their last moves."""
    query_check(request, CaseFilters)
    return cases_page(filters)


@router.get(
    "/cases/{number}",
    response={200: CaseShown, **READ_PROBLEMS},
    operation_id="case_read",
    summary="Read a case",
)
def case_read(request: ApiRequest, response: HttpResponse, number: str) -> dict[str, Any]:
    """The case, personal data masked, its clocks and the steps that you may take. Its version is the ETag."""
    case = case_found(number)
    response["ETag"] = f'"{case.version}"'
    return case_shown(case, person=request.scope.person, now=request.now)


@router.get(
    "/cases/{number}/ledger",
    response={200: EntryPage, **READ_PROBLEMS},
    operation_id="case_ledger",
    summary="Read a case's ledger",
)
def case_ledger(request: ApiRequest, number: str, filters: Query[PageFilters]) -> dict[str, Any]:
    """What happened, entry by entry. Personal texts are beside the ledger and do not appear."""
    query_check(request, PageFilters)
    return entries_page(case_found(number), cursor=filters.cursor, limit=filters.limit)


@router.post(
    "/cases/{number}/steps/{step}",
    response={200: CaseMoved, **WRITE_PROBLEMS},
    operation_id="case_step",
    summary="Take a step",
    openapi_extra={"parameters": [KEY_HEADER, VERSION_HEADER]},
)
def case_step(request: ApiRequest, number: str, step: str, body: StepTaken) -> HttpResponse:
    """Take a step on a case at the version that you read. 409 says who was first; nothing was done."""
    asked = {
        "number": number,
        "step": step[:100],
        "version": version_read(request, body.version),
        "data": body.data,
    }
    return answer_once(request, operation="case_step", asked=asked, act=lambda: _step_take(request, asked))


def _step_take(request: ApiRequest, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    case = case_found(asked["number"])
    known = workflows()[case.workflow].by_code.get(asked["step"])
    if known:
        data_check(known.asks, asked["data"])
    moved = case_act(
        case_id=case.pk,
        step=asked["step"],
        by=request.scope.person,
        now=request.now,
        version=asked["version"],
        data=asked["data"],
    )
    unit = Unit.objects.values_list("code", flat=True).get(pk=moved.unit)
    answer = {"number": moved.number, "state": moved.state, "version": moved.version}
    return 200, {**answer, "unit": unit, "closed": moved.closed}


@router.get(
    "/certificates",
    response={200: CertificatePage, **READ_PROBLEMS},
    operation_id="certificates_list",
    summary="List certificates",
)
def certificates_list(request: ApiRequest, filters: Query[CertificateFilters]) -> dict[str, Any]:
    """What was issued in the cases that you may see, newest first."""
    query_check(request, CertificateFilters)
    return certificates_page(filters, now=request.now)


@router.get(
    "/units", response={200: UnitPage, **READ_PROBLEMS}, operation_id="units_list", summary="List units"
)
def units_list(request: ApiRequest, filters: Query[PageFilters]) -> dict[str, Any]:
    """The units that exist today. A step names a unit by its `id`, an order by its `code` or name."""
    query_check(request, PageFilters)
    return units_page(cursor=filters.cursor, limit=filters.limit, now=request.now)


@router.get(
    "/packs/{name}/workflow",
    response={200: WorkflowShown, **READ_PROBLEMS},
    operation_id="workflow_read",
    summary="Read a pack's workflow",
)
def workflow_read(request: ApiRequest, name: str) -> dict[str, Any]:
    """The workflow that new cases of the pack begin under: states, steps, fields and rules."""
    if name not in packs():
        raise NotFound("unknown_pack", "没有这个业务。", field="name")
    return workflow_shown(packs()[name].workflow)


def query_check(request: ApiRequest, filters: type[Any]) -> None:
    """Refuse a filter that is not declared: a misspelt one must not answer with everything."""
    for name in request.GET:
        if name not in filters.model_fields:
            raise Problem(422, "unknown", "没有这一项筛选条件。", field=name[:50])
