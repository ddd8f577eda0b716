"""Everything that the case page shows, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.selectors import REPORTED, attachments_of, photos_of
from bihuan.kernel.cases.conversation import ASKED, REPLIED
from bihuan.kernel.cases.handing_out import may_hand_out
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.permission import Granted
from bihuan.kernel.cases.personal import parties_of_case, words_kept
from bihuan.kernel.cases.store import child_holds_up
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.selectors import certificates_of, names_read
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import Rulebook, rulebook
from bihuan.kernel.clocks.running import TERM
from bihuan.kernel.desk.case.actions import Offers, granted_to, steps_offered
from bihuan.kernel.desk.case.answers import AnswersTold, answers_of_case
from bihuan.kernel.desk.case.clock_words import sums_told
from bihuan.kernel.desk.case.loop_line import Line, loop_line
from bihuan.kernel.desk.case.parts import Fact, Part, case_facts, case_parts
from bihuan.kernel.desk.case.timeline import Told, timeline
from bihuan.kernel.desk.case.units import UnitTold, units_told
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.kernel.desk.colleagues import Colleague, colleagues_of
from bihuan.kernel.desk.pack_words import matter_name
from bihuan.kernel.desk.time_left import TimeLeft, case_left, paused_left, time_left
from bihuan.kernel.desk.words import BASES, clock_label, limit_told, state_of
from bihuan.kernel.forms.services import ANSWERED
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.pack import Pack, packs, roles, workflows
from bihuan.kernel.workflow.model import State
from bihuan.lib.geo import Point, point_in
from bihuan.lib.masking import mask_text


@dataclass(frozen=True, slots=True)
class ClockTold:
    """A clock in words: what it measures, its limit, what is left or how it ended, and the rule behind it."""

    clock: Clock
    label: str
    basis: str
    limit: str
    left: TimeLeft
    ended: str = ""
    sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartyTold:
    """Somebody whom the case concerns, masked; `plain` after an unmasking on this very page."""

    id: int
    role: str
    name: str
    phone: str
    id_number: str
    address: str
    code: str = ""
    may_unmask: bool = False
    plain: bool = False


@dataclass(slots=True)
class CasePage:
    """What the page shows."""

    case: Case
    state: State
    text: str
    answer: str
    matter: str
    left: TimeLeft
    line: Line
    told: list[Told]
    clocks: list[ClockTold]
    parties: list[PartyTold]
    hidden_reporter: bool
    offers: Offers
    book: Rulebook
    held_by: int = 0
    related: list[tuple[str, Case]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    conversation: list[Told] = field(default_factory=list)
    may_ask: bool = False
    parts: list[Part] = field(default_factory=list)
    units: list[UnitTold] = field(default_factory=list)
    colleagues: list[Colleague] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    names_read: bool = False
    today: date = date.min
    answers: list[AnswersTold] = field(default_factory=list)

    @property
    def external(self) -> str:
        """The number that somebody outside gave it; a key of our own (`pack:…`, `account:…`) is none."""
        given = self.case.external_id or ""
        return "" if given.startswith((f"{self.case.pack}:", "account:")) else given

    @property
    def pack(self) -> Pack:
        """The pack whose words the page speaks."""
        return packs()[self.case.pack]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """What a new picture can show, in the order of a visit."""
        labels = {code: str(label) for code, label in Attachment.Kind.choices}
        return [(code, labels[code]) for code in self.pack.photographs]

    @property
    def photos(self) -> list[tuple[str, list[Attachment]]]:
        """Pictures by what they show: see `photos_of`."""
        return photos_of(self.attachments)

    @property
    def own_photos(self) -> list[tuple[str, list[Attachment]]]:
        """The same without the reporter's, which stand with the reporter's words."""
        return photos_of([one for one in self.attachments if one.kind != REPORTED])

    @property
    def reported_photos(self) -> list[int]:
        """The pictures that came with the report itself."""
        said = {file for one in self.conversation for file in one.files}
        return [
            one.pk for one in self.attachments if one.picture and one.kind == REPORTED and one.pk not in said
        ]

    @property
    def certificates_told(self) -> list[tuple[Certificate, str, str, str, bool]]:
        """What was issued: see `desk/certificates/words.py`."""
        return certificates_told(self.certificates, today=self.today, names_read=self.names_read)

    @property
    def papers(self) -> list[Attachment]:
        """The files that are no pictures."""
        return [one for one in self.attachments if not one.picture]

    @property
    def point(self) -> Point | None:
        """Where it is on the map, if the place names a point."""
        return point_in(self.case.place)


SHOWN = ("unit", "opened_by", "handler", "territory", "content")
"""What is read along with a case that is to be shown."""


def case_seen(*, number: str) -> Case | None:
    """The case of this number if the present scope may see it."""
    return Case.objects.select_related(*SHOWN).filter(number=number).first()


def case_page(
    *,
    case: Case,
    scope: Scope,
    now: datetime,
    unmasked: dict[int, dict[str, str]] | None = None,
    book: Rulebook | None = None,
    granted: list[Granted] | None = None,
    brief: bool = False,
) -> CasePage:
    """The page of a case that the scope may see. `unmasked` holds personal data just read with a reason, by party.
    `brief` leaves out notices, units, colleagues and what packs add; `book` and `granted` save reading the
    rules and the roles again.
    """
    book = book or rulebook()
    granted = granted_to(scope.person, now) if granted is None else granted
    clocks = _clocks_of(case)
    told, events = timeline(case, kept=words_kept(case, scope.person))
    related = _related(case)
    children = [other for kind, other in related if kind == "child"]
    held_by = sum(c.closed_at is None and child_holds_up(c.workflow, c.state) for c in children)
    content = getattr(case, "content", None)
    parties = parties_of_case(case, scope)
    running = [clock for clock in clocks if clock.stopped_at is None]
    files = list(attachments_of(case=case.pk))
    offers = steps_offered(
        case=case,
        clocks=clocks,
        open_children=held_by,
        person=scope.person,
        now=now,
        book=book,
        granted=granted,
    )
    page = CasePage(
        case=case,
        state=state_of(case.workflow, case.state),
        text=mask_text(content.text) if content else "",
        answer=mask_text(content.answer) if content else "",
        matter=matter_name(case.pack, case.matter, case.basis_date),
        left=case_left(due=case.due_at, warn=case.warn_at, clocks=running, now=now, calendar=book.calendar),
        line=loop_line(workflows()[case.workflow], events, found_at=case.reported_at, now=now),
        told=told[::-1],
        clocks=[_clock_told(clock, case, now, book) for clock in clocks],
        parties=[_party_told(party, unmasked or {}, packs()[case.pack]) for party in parties],
        hidden_reporter=case.confidential and not any(p["role"] == Party.Role.REPORTER for p in parties),
        offers=offers,
        book=book,
        held_by=held_by,
        related=[(RELATIONS[kind], other) for kind, other in related],
        attachments=files,
        conversation=_conversation(told, {file.pk for file in files}),
        may_ask=_may_ask(case, scope),
        names_read=names_read(scope),
        today=day_of(now),
    )
    if not brief:
        _complete(page, children, granted, now)
    return page


def _complete(page: CasePage, children: list[Case], granted: list[Granted], now: datetime) -> None:
    """What only the whole page shows."""
    case = page.case
    page.notices = list(Notice.objects.filter(case=case).select_related("unit").order_by("-pk")[:50])
    page.units = units_told(case, children, now=now, book=page.book)
    if case.closed_at is None and may_hand_out(granted, case.unit_id):
        people, _nobody = colleagues_of(units=[case.unit_id], now=now)
        page.colleagues = [one for one in people if one.id != case.handler_id]
    page.facts = case_facts(case.pack, case.pk)
    if packs()[case.pack].certificates:
        page.certificates = list(certificates_of(case=case.pk))
    if any(one.kind == ANSWERED for one in page.told):
        page.answers = answers_of_case(case.pk, page.attachments)
    page.parts = case_parts(case.pack, page)


def _clocks_of(case: Case) -> list[Clock]:
    """Running clocks first, the most pressing at the top."""
    found = Clock.objects.filter(case=case).select_related("rule")
    return list(found.order_by(F("stopped_at").desc(nulls_first=True), "due_at", "pk"))


def _conversation(told: list[Told], files: set[int]) -> list[Told]:
    """What was asked and replied, oldest first, with those photographs that are still there."""
    spoken = [one for one in told if one.kind in (ASKED, REPLIED)]
    for one in spoken:
        one.files = [file for file in one.files if file in files]
    return spoken


def _may_ask(case: Case, scope: Scope) -> bool:
    """Can the reporter be asked, and by somebody of this scope? Judged again when it is sent."""
    return case.parent_id is None and packs()[case.pack].citizens is not None and may_act(case, scope)


def may_act(case: Case, scope: Scope) -> bool:
    """Does somebody of this scope act on the open case? Judged again by whatever writes."""
    if case.closed_at is not None:
        return False
    known = roles()
    acting = [(held.unit, known[held.role]) for held in scope.held if held.role in known]
    return any(
        (role.acts != "nowhere" and unit == case.unit_id) or (role.acts == "anywhere" and role.sees == "all")
        for unit, role in acting
    )


class _Relations(dict[str, str]):
    """Words of relations in the page's language."""

    def __getitem__(self, kind: str) -> str:
        words = {
            "parent": gettext("主办件"),
            "child": gettext("协办件"),
            "into": gettext("并入"),
            "merged": gettext("并入本件的"),
        }
        return words.get(kind, gettext("来源"))


RELATIONS = _Relations()


def _related(case: Case) -> list[tuple[str, Case]]:
    """Parent, children, merged cases and origin that the scope may see, in one query."""
    others = (
        Q(parent=case)
        | Q(merged_into=case)
        | Q(pk__in=[i for i in (case.parent_id, case.merged_into_id, case.origin_id) if i])
    )
    found = []
    for other in Case.objects.filter(others).select_related("unit").order_by("pk"):
        kind = "origin"
        if other.parent_id == case.pk:
            kind = "child"
        elif other.merged_into_id == case.pk:
            kind = "merged"
        elif other.pk == case.parent_id:
            kind = "parent"
        elif other.pk == case.merged_into_id:
            kind = "into"
        found.append((kind, other))
    return found


def _clock_told(clock: Clock, case: Case, now: datetime, book: Rulebook) -> ClockTold:
    ended = ""
    left = TimeLeft("none")
    if clock.basis == TERM and clock.due_at is not None and clock.due_at < (clock.stopped_at or now):
        left = TimeLeft("done", gettext("已过"))  # a right that has lapsed, no breach
    elif clock.stopped_at is not None:
        late = clock.due_at is not None and clock.stopped_at > clock.due_at
        ended = gettext("超期完成") if late else _given_up(clock, case) or gettext("按期完成")
        left = TimeLeft("late" if late else "done", ended)
    elif clock.paused_at is not None and clock.due_at is None:
        left = paused_left()
    else:
        left = time_left(
            due=clock.due_at, warn=clock.warn_at, limit=clock.limit, now=now, calendar=book.calendar
        )
    basis = str(BASES.get(clock.basis, clock.basis))
    limit = limit_told(clock.limit)
    return ClockTold(clock, clock_label(clock.kind), basis, limit, left, ended, tuple(sums_told(clock)))


def _given_up(clock: Clock, case: Case) -> str:
    """How the case ended, where this ended its clock with nothing completed; else ""."""
    pack, outcome, at = packs()[case.pack], case.facts.get("outcome"), case.facts.get("outcome_at")
    if outcome not in pack.given_up or not at or datetime.fromisoformat(at) != clock.stopped_at:
        return ""
    return str(pack.outcomes[outcome])


def _party_told(party: dict[str, Any], unmasked: dict[int, dict[str, str]], pack: Pack) -> PartyTold:
    plain = unmasked.get(party["id"])
    began = party["role"] == Party.Role.REPORTER
    role = str(pack.reporter if began else Party.Role(party["role"]).label)
    told = {name: str((plain or party).get(name) or "") for name in ("name", "phone", "id_number", "address")}
    return PartyTold(
        id=party["id"],
        role=role,
        code=party["role"],
        may_unmask=party["may_unmask"],
        plain=plain is not None,
        **told,
    )
