"""Forms over the API: what a form asks, what was answered in a case, and answers taken or only checked."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Query, Router, Schema

from bihuan.kernel.attachments.selectors import attachments_of
from bihuan.kernel.desk.api.auth import ApiRequest
from bihuan.kernel.desk.api.problems import ProblemShown, problem_response
from bihuan.kernel.desk.api.reads import case_found
from bihuan.kernel.desk.api.routes import KEY_HEADER, READ_PROBLEMS, WRITE_PROBLEMS, query_check
from bihuan.kernel.desk.api.schemas import Code, Strict
from bihuan.kernel.desk.api.steps import answer_once
from bihuan.kernel.desk.case.answers import answers_of_case
from bihuan.kernel.forms.checking import answers_check
from bihuan.kernel.forms.selectors import form_in_force, form_of
from bihuan.kernel.forms.services import AnswersRefused, answers_json, answers_record
from bihuan.kernel.forms.words import flaw_told, form_title
from bihuan.kernel.identity.scope import day_of

router = Router()
FormCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,79}$")]


class FormFilters(Schema):
    """On which day: today unless said."""

    on: date | None = None


class FormShown(Schema):
    """A form in force: `schema` is its JSON Schema 2020-12 as it was written."""

    code: str
    version: int
    title: str
    valid_from: date
    form: dict[str, Any] = Field(description="the JSON Schema 2020-12, fields in their order")


class SaidShown(Schema):
    """One answer in words, masked."""

    label: str
    value: str


class AnswersShown(Schema):
    """What was last answered in a form, in one part of the case; `said` is empty once it was erased."""

    form: str
    form_version: int
    part: str
    version: int
    title: str
    recorded_at: datetime
    recorded_by: str
    said: list[SaidShown]


class AnswersList(Schema):
    items: list[AnswersShown]


class AnswersGiven(Strict):
    """`replaces` is the version that is corrected, 0 for the first answers. With `check` nothing is recorded."""

    form: FormCode
    part: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,40}$")] = ""
    replaces: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0
    values: dict[str, Any]
    check: bool = False


class AnswersTaken(Schema):
    """The answers of the fields that are shown, cleaned. `version` is 0 when they were only checked."""

    number: str
    form: str
    form_version: int
    part: str
    version: int
    values: dict[str, Any]


class FlawShown(Schema):
    """What is wrong: the path of the field, the rule for machines, and a sentence."""

    path: str
    rule: str
    detail: str


class AnswersProblem(ProblemShown):
    flaws: list[FlawShown] = []


@router.get(
    "/forms/{code}",
    response={200: FormShown, **READ_PROBLEMS},
    operation_id="form_read",
    summary="Read a form",
)
def form_read(request: ApiRequest, code: Code, filters: Query[FormFilters]) -> dict[str, Any]:
    """The version of a form that is in force, today or on a day."""
    query_check(request, FormFilters)
    row = form_in_force(code=code, on=filters.on or day_of(request.now))
    told = {"code": row.code, "version": row.version, "valid_from": row.valid_from}
    return {**told, "title": form_title(form_of(row)), "form": json.loads(row.schema)}


@router.get(
    "/cases/{number}/answers",
    response={200: AnswersList, **READ_PROBLEMS},
    operation_id="case_answers",
    summary="Read the answers of a case",
)
def case_answers(request: ApiRequest, number: str) -> dict[str, Any]:
    """What was last answered in each form of the case, in words, personal data masked."""
    case = case_found(number)
    return {
        "items": [
            {
                "form": one.row.code,
                "form_version": one.row.form.version,
                "part": one.row.part,
                "version": one.row.version,
                "title": one.title,
                "recorded_at": one.row.recorded_at,
                "recorded_by": one.row.recorded_by.name if one.row.recorded_by else "",
                "said": [{"label": said.label, "value": said.value} for said in one.said],
            }
            for one in answers_of_case(case.pk, attachments_of(case=case.pk))
        ]
    }


@router.post(
    "/cases/{number}/answers",
    response={200: AnswersTaken, 201: AnswersTaken, **WRITE_PROBLEMS, 422: AnswersProblem},
    operation_id="answers_give",
    summary="Answer a form of a case",
    openapi_extra={"parameters": [KEY_HEADER]},
)
def answers_give(request: ApiRequest, number: str, body: AnswersGiven) -> HttpResponse:
    """Record answers by the version of the form that was in force when the case was taken in. Refused answers tell every flaw."""
    asked = {"number": number, **body.dict()}
    return answer_once(request, operation="answers_give", asked=asked, act=lambda: _taken(request, asked))


def _taken(request: ApiRequest, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    case = case_found(asked["number"])
    form = form_in_force(code=asked["form"], on=case.basis_date)
    told = {"number": case.number, "form": form.code, "form_version": form.version, "part": asked["part"]}
    if asked["check"]:
        checked = answers_check(form_of(form), asked["values"])
        if checked.flaws:
            raise AnswersRefused(checked.flaws)
        return 200, {**told, "version": 0, "values": json.loads(answers_json(checked.values))}
    row = answers_record(
        case=case.pk,
        form=form,
        values=asked["values"],
        by=request.scope.person,
        now=request.now,
        part=asked["part"],
        replaces=asked["replaces"],
    )
    return 201, {**told, "version": row.version, "values": json.loads(row.values)}


def flaws_handle(api: NinjaAPI) -> None:
    """Let refused answers tell every flaw beside the problem itself."""

    @api.exception_handler(AnswersRefused)
    def refused(request: HttpRequest, error: AnswersRefused) -> HttpResponse:
        flaws = [{"path": flaw.path, "rule": flaw.rule, "detail": flaw_told(flaw)} for flaw in error.flaws]
        return problem_response(
            request,
            status=error.status,
            code=error.code,
            message=error.message,
            field=error.field,
            rule=error.rule,
            more={"flaws": flaws},
        )
