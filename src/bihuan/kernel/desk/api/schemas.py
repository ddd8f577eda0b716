"""What the API takes and gives, as its OpenAPI description shows it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict
from pydantic_core import PydanticCustomError

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Version = Annotated[int, Field(strict=True, ge=1, le=2_147_483_647)]


def moment_kept(moment: datetime) -> datetime:
    """A moment that the database takes: it knows no zone 16 hours away. For a type of a field."""
    if 1900 <= moment.year < 2200 and abs(moment.utcoffset() or NEAR) < FAR:
        return moment
    raise PydanticCustomError("datetime_range", "out of range")


NEAR, FAR = timedelta(), timedelta(hours=15)
Moment = Annotated[AwareDatetime, AfterValidator(moment_kept)]


class Strict(Schema):
    """A body that holds what is declared and nothing else."""

    model_config = ConfigDict(extra="forbid")


class CaseFilters(Schema):
    """Which cases: newest first; with `updated_after`, those moved after it, oldest move first."""

    state: Code | None = None
    unit: Code | None = Field(None, description="the code of the unit that holds the case")
    matter: Code | None = None
    number: Annotated[str, Field(pattern=r"^[\w./()〔〕-]{1,64}$")] | None = None
    due_before: Moment | None = None
    updated_after: Moment | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="`next` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class PageFilters(Schema):
    """A page of a list."""

    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="`next` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class UnitNamed(Schema):
    code: str
    name: str


class CaseInList(Schema):
    """A line of the list."""

    number: str
    pack: str
    state: str
    state_label: str
    version: int
    title: str
    matter: str
    unit: UnitNamed
    due_at: datetime | None
    moved_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    urgent: bool
    supervised: bool
    provisional: bool


class CasePage(Schema):
    items: list[CaseInList]
    next: str | None = Field(description="the cursor of the next page; null on the last")


class CertificateFilters(Schema):
    """Which certificates: newest first."""

    number: Annotated[str, Field(max_length=80)] | None = None
    case: Annotated[str, Field(max_length=64)] | None = Field(None, description="the number of a case")
    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="`next` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class CertificateShown(Schema):
    """A certificate, its holder masked. `standing`: valid, suspended, revoked, replaced or expired, since `changed_at`."""

    number: str
    kind: str
    name: str
    case: str
    unit: UnitNamed
    holder: str
    issued_at: datetime
    valid_from: date
    valid_until: date | None
    standing: str
    changed_at: datetime
    replaced_by: str | None


class CertificatePage(Schema):
    items: list[CertificateShown]
    next: str | None = Field(description="the cursor of the next page; null on the last")


class PartyShown(Schema):
    """Somebody whom the case concerns; every item is masked."""

    role: str
    name: str
    phone: str
    id_number: str
    address: str


class ClockShown(Schema):
    """`level`: 0 runs, 1 warned (黄牌), 2 past due (红牌). `rule` is the policy row that set the limit."""

    kind: str
    basis: str
    started_at: datetime
    due_at: datetime | None
    level: int
    paused_at: datetime | None
    stopped_at: datetime | None
    provisional: bool
    rule: int | None


class AskShown(Schema):
    """A field of a step."""

    name: str
    label: str
    kind: str
    required: bool
    choices: list[list[str]]
    min_length: int | None
    max_length: int | None
    smallest: int | None
    largest: int | None


class StepOffered(Schema):
    """A step that this person may take now, with its fields."""

    step: str
    label: str
    asks: list[AskShown]
    caution: str


class FactShown(Schema):
    """Something that the pack knows of the case: a name for machines, label and value in the reader's language."""

    name: str
    label: str
    value: str


class CaseShown(CaseInList):
    """A case as this person may see it."""

    workflow: str
    text: str
    answer: str
    place: str
    territory: UnitNamed | None
    opened_by: UnitNamed
    reported_at: datetime
    confidential: bool
    imported: bool
    redo_count: int
    return_count: int
    urge_count: int
    external_id: str | None
    superior: dict[str, Any] | None
    merged_into: str | None = Field(
        description="the number of the case that this one was merged into; null when it was not, or is not to be seen"
    )
    facts: list[FactShown]
    parties: list[PartyShown]
    clocks: list[ClockShown]
    steps: list[StepOffered]


class EntryShown(Schema):
    """An entry of the ledger. `hash` covers the hash before it and `body`, the stored canonical text."""

    seq: int
    kind: str
    at: datetime
    by: str
    hash: str
    body: str


class EntryPage(Schema):
    items: list[EntryShown]
    next: str | None


class StepTaken(Strict):
    """`version` is the one that was read (or If-Match says it); `data` holds what the step asks for."""

    version: Version | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class CaseMoved(Schema):
    """Where the case is after the step."""

    number: str
    state: str
    version: int
    unit: str
    closed: bool


class UnitShown(Schema):
    """A unit; `administered_by` runs it at present, whatever its code says."""

    id: int
    code: str
    name: str
    name_en: str
    kind: str
    level: str
    parent: str | None
    administered_by: str | None


class UnitPage(Schema):
    items: list[UnitShown]
    next: str | None


class StateShown(Schema):
    code: str
    label: str
    station: str
    final: bool


class StepShown(Schema):
    code: str
    label: str
    sources: list[str]
    target: str
    by: list[str]
    asks: list[AskShown]
    guards: list[str] = Field(description="the rules that must hold, in their own words")


class WorkflowShown(Schema):
    """A workflow; `fingerprint` changes when its states, steps, roles or rules' sentences do."""

    name: str
    version: int
    label: str
    fingerprint: str
    states: list[StateShown]
    steps: list[StepShown]
