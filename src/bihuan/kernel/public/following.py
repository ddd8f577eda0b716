"""What the public page shows of a case: a list of what is allowed, built for it alone. Everything else stays inside.

Units are named, people never; of the entries only the moves' states and the conversation are told; an answer is shown once
it was reviewed. Row-level security lets the web see nothing without a scope: `case_of` and `followed` read as the kernel's
role, the second only for whom the first has let in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.attachments.files import IMAGES
from bihuan.kernel.attachments.models import Attachment, Blob
from bihuan.kernel.attachments.services import ADDED
from bihuan.kernel.cases.conversation import ASKED, REPLIED, messages_of
from bihuan.kernel.cases.models import Case, CaseText
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.selectors import certificates_of
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.desk.case.loop_line import Event, Line, loop_line
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.kernel.evaluation.rules import caller_is_content, caller_is_discontent
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import ToldState
from bihuan.kernel.notices.follow_codes import follow_code_is
from bihuan.kernel.pack import Pack, packs, workflows
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.sentences import named
from bihuan.kernel.workflow.model import REPORTER, Step, Workflow
from bihuan.lib.declared import declared
from bihuan.lib.masking import mask_text
from bihuan.lib.refusals import NotFound

COLUMNS = (
    "id", "number", "pack", "workflow", "state", "version", "unit_id", "reported_at", "closed_at", "redo_count", "facts",
)  # fmt: skip

BY_UNITS = ("found", "numbered", "dispatched", "signed_for", "handled")
"""The stations at which the unit that holds the case is the one at work."""
GRADES = {caller_is_content, caller_is_discontent}
"""Guards of the steps that a grade chooses between."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of the conversation: by a unit (its name) or by the citizen (""), with the citizen's own photographs."""

    at: datetime
    unit: str
    text: str
    photographs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """All that the public page knows of a case."""

    number: str
    version: int
    reported_at: datetime
    unit: str
    told: ToldState
    line: Line
    due: datetime | None
    late: bool
    text: str
    answer: str
    photographs: tuple[int, ...]
    conversation: tuple[Spoken, ...]
    open: bool
    may_evaluate: bool
    offers: Sequence[Step]
    questions: Mapping[str, Any]
    discontent: Any
    before: str
    after: tuple[str, ...]
    again: str
    certificates: Sequence[tuple[Certificate, str, str, str, bool]]
    said: Any
    parts: Sequence[tuple[str, Mapping[str, Any]]]

    @property
    def question_waits(self) -> bool:
        """Is the unit waiting for the citizen's words?"""
        return self.open and bool(self.conversation) and bool(self.conversation[-1].unit)


def case_of(*, number: str, code: str, address: str, now: datetime) -> int:
    """The id of the case that this number and code open. The same NotFound whichever is wrong; wrong tries are counted by
    number, known or not, and by address, and when they are used up even the right code opens nothing (TooMuch)."""
    wanted = number.strip().upper()[:64].replace("\0", "")
    gate_check("wrong_address", address, now)
    gate_check("wrong_number", wanted, now)
    with kernel_writes():
        row = Case.objects.filter(number=wanted, parent=None, pack__in=packs_open()).values_list("pk").first()
    if follow_code_is(row[0] if row else 0, code) and row:
        return int(row[0])
    gate_count("wrong_address", address, now)
    gate_count("wrong_number", wanted, now)
    raise NotFound(
        "follow", _("编号或查询码不对。请照收到的编号和查询码再填一次;忘了的请打 12345。"), field="code"
    )


def packs_open() -> dict[str, Pack]:
    """The packs whose cases can be followed."""
    return {name: pack for name, pack in packs().items() if pack.citizens}


def followed(*, case: int, now: datetime) -> Followed:
    """The public page of a case that `case_of` opened, or that was reported in this very session. Eleven
    statements at most, and those of the pack's own parts (`Citizens.parts`), which are read as the kernel's role, too."""
    with kernel_writes():
        row = Case.objects.filter(pk=case).values(*COLUMNS, "origin__number").get()
        entries = LedgerEntry.objects.filter(
            case_id=case, kind__in=("opened", "move", ASKED, REPLIED, ADDED)
        ).order_by("seq")
        bodies = [json.loads(bytes(entry.body)) for entry in entries]
        private = LedgerPrivate.objects.filter(stream=f"case:{case}", name="text")
        texts = dict(private.values_list("seq", "text"))
        content = CaseText.objects.filter(case_id=case).values("text", "answer").get()
        later = (
            Case.objects.filter(origin_id=case, pack=row["pack"])
            .order_by("pk")
            .values_list("number", flat=True)
        )
        due = _due(row, _told(row))
        units = _units(bodies)
        photographs = _photographs(case, bodies)
        page = _followed(row, bodies, texts, content, tuple(later), due, units, photographs, now)
        if not packs()[row["pack"]].certificates:
            return page
        issued = certificates_told(certificates_of(case=case), today=day_of(now), names_read=True)
        return replace(page, certificates=issued)


def certificate_of(*, case: int, certificate: int) -> Certificate:
    """A certificate that was issued in this case, which `case_of` opened. NotFound for any other, and once it was erased."""
    with kernel_writes():
        found = certificates_of(case=case).filter(pk=certificate).exclude(token="").first()
    if found is None:
        raise NotFound("not_found", _("没有这份证照。"))
    return found


def photograph_of(*, case: int, attachment: int) -> Blob:
    """A photograph that the citizen sent to this case, which `case_of` opened. NotFound for any other file."""
    with kernel_writes():
        entries = LedgerEntry.objects.filter(case_id=case, kind=ADDED)
        own = _photographs(case, [json.loads(bytes(entry.body)) for entry in entries])
        if attachment not in own:
            raise NotFound("not_found", _("没有这张照片。"))
        return Blob.objects.get(attachment=attachment)


def _photographs(case: int, bodies: list[dict[str, Any]]) -> list[int]:
    """The citizen's own photographs that are still shown: never a file of the unit or of the centre."""
    own = [body["data"]["attachment"] for body in bodies if body["kind"] == ADDED and body["by"] == REPORTER]
    if not own:
        return []
    shown = Attachment.objects.filter(case=case, pk__in=own, withdrawn_at=None, blob__mime__in=IMAGES)
    return list(shown.order_by("pk").values_list("pk", flat=True))


def _followed(
    row: Mapping[str, Any],
    bodies: list[dict[str, Any]],
    texts: Mapping[int, str | None],
    content: Mapping[str, str],
    later: tuple[str, ...],
    due: datetime | None,
    units: Mapping[int, str],
    photographs: list[int],
    now: datetime,
) -> Followed:
    workflow = workflows()[row["workflow"]]
    state = workflow.state[row["state"]]
    citizens = packs()[row["pack"]].citizens
    spoken = [
        Spoken(
            m.at,
            units.get(m.unit, "") if m.unit else "",
            mask_text(m.text or ""),
            tuple(file for file in m.files if file in photographs),
        )
        for m in messages_of(bodies, texts)
    ]
    said = {file for one in spoken for file in one.photographs}
    return Followed(
        number=row["number"],
        version=row["version"],
        reported_at=row["reported_at"],
        unit=units.get(row["unit_id"], ""),
        told=_told(row),
        line=loop_line(
            workflow, list(_events(bodies, units, workflow)), found_at=row["reported_at"], now=now
        ),
        due=due,
        late=due is not None and due < now,
        text=mask_text(content["text"]),
        answer=mask_text(content["answer"]) if state.final or _waits_for_grade(row) else "",
        photographs=tuple(file for file in photographs if file not in said),
        conversation=tuple(spoken),
        open=not state.final,
        may_evaluate=_waits_for_grade(row),
        offers=steps_offered(row["workflow"], row["state"]),
        questions=citizens.questions if citizens else {},
        discontent=citizens.discontent if citizens else "",
        before=row["origin__number"] or "",
        after=later,
        again=citizens.again if citizens and state.final else "",
        certificates=(),
        said=citizens.said if citizens else "",
        parts=citizens.parts(row["id"], row["state"], row["facts"]) if citizens and citizens.parts else (),
    )


def steps_graded(workflow: str, state: str) -> list[Step]:
    """The steps between which the reporter's grade chooses, from this state."""
    return [step for step in _steps_of_reporter(workflow, state) if not GRADES.isdisjoint(step.when)]


def steps_offered(workflow: str, state: str) -> list[Step]:
    """The other steps that the reporter may take from this state, each with words alone."""
    return [step for step in _steps_of_reporter(workflow, state) if GRADES.isdisjoint(step.when)]


def _steps_of_reporter(workflow: str, state: str) -> list[Step]:
    return [step for step in workflows()[workflow].leaving.get(state, ()) if REPORTER in step.by]


def _waits_for_grade(row: Mapping[str, Any]) -> bool:
    return bool(steps_graded(row["workflow"], row["state"]))


def _told(row: Mapping[str, Any]) -> ToldState:
    citizens = packs()[row["pack"]].citizens
    known = citizens.states if citizens else {}
    stands = citizens.stands(row["state"], row["facts"]) if citizens and citizens.stands else row["state"]
    return known.get(stands) or ToldState(_("正在办理。"), "")


def _due(row: Mapping[str, Any], told: ToldState) -> datetime | None:
    if not told.clock:
        return None
    clocks = Clock.objects.filter(case_id=row["id"], kind=told.clock, basis="promised", stopped_at=None)
    due: datetime | None = clocks.values_list("due_at", flat=True).first()
    return due


def _units(bodies: list[dict[str, Any]]) -> dict[int, str]:
    wanted = {body["data"]["unit"] for body in bodies if "unit" in body["data"]}
    return {unit.pk: named(unit) for unit in Unit.objects.filter(pk__in=wanted)}


def _events(bodies: list[dict[str, Any]], units: Mapping[int, str], workflow: Workflow) -> Iterator[Event]:
    """The moves with the unit that held the case, as far as the unit itself worked: who took a step is not told, nor who
    reviewed and called back."""
    holder = ""
    for body in bodies:
        if body["kind"] not in ("opened", "move"):
            continue
        data = body["data"]
        before, holder = holder, units.get(data.get("unit", 0), holder)
        to = data.get("to") or data["state"]
        station, left = workflow.state[to].station, workflow.state[data.get("from") or to].station
        who = holder if station in BY_UNITS and left in BY_UNITS else before if left == "handled" else ""
        step = workflow.by_code.get(data.get("step", ""))
        yield Event(datetime.fromisoformat(body["at"]), who, to, declared(step.label, "step") if step else "")
