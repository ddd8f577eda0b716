"""What can be done next, and by whom: judged by the same functions as the move itself, so what is offered is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.assignment.rules import REQUESTS_WAIT, is_assisting, is_lead
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import Granted, guards_check, permission_find
from bihuan.kernel.cases.row import ROW, Row
from bihuan.kernel.cases.store import GRANTS, child_holds_up
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import Rulebook, rulebook
from bihuan.kernel.clocks.running import Running
from bihuan.kernel.desk.case.loop_line import ORDER
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.model import ACTORS, AWAITED, Step
from bihuan.lib.refusals import NotPermitted, Refusal


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that leaves the present state. `why_not` is the rule's own sentence when it cannot be taken now."""

    step: Step
    who: tuple[str, ...]
    why_not: str = ""

    @property
    def at_once(self) -> bool:
        """Nothing is asked and nothing is to be confirmed: one click takes it."""
        return not self.step.asks and not self.step.caution


@dataclass(slots=True)
class Offers:
    """`mine` may be taken by this person now; `waiting` is this person's, but a rule says not yet; `others` is not, and leads on.
    `usual` is the one of `mine` that this person is most likely here for; `held_up` the one of `waiting`.
    """

    mine: list[Offer] = field(default_factory=list)
    waiting: list[Offer] = field(default_factory=list)
    others: list[Offer] = field(default_factory=list)
    usual: Step | None = None
    held_up: Offer | None = None
    draft: Draft | None = None
    at: datetime | None = None
    person: int = 0

    def refusal(self, step: Step, data: Mapping[str, Any]) -> str:
        """The rule's sentence why this step could not be taken with this data, as far as rules judge it; else ""."""
        if self.draft is None:
            return ""
        try:
            guards_check(self.draft, step, by=self.person, now=self.at, data=data)
        except Refusal as refusal:
            return told(refusal)
        return ""


def steps_offered(
    *,
    case: Case,
    clocks: list[Clock],
    open_children: int,
    person: int,
    now: datetime,
    book: Rulebook,
    granted: list[Granted] | None = None,
) -> Offers:
    """The steps leaving the case's state, sorted by whether `person` may take them at `now`. Guards judge empty data.

    `granted` saves reading it again where many cases are judged.
    """
    draft = case_draft(case, clocks, open_children, now, book)
    granted = granted_to(person, now) if granted is None else granted
    offers = Offers(draft=draft, at=now, person=person)
    for step in draft.workflow.leaving.get(case.state, ()):
        if (
            set(step.by) <= set(ACTORS.values())
            or (is_lead if draft.row.parent_id else is_assisting) in step.when
        ):
            continue
        _sort(offers, draft, step, person, granted, now)
    offers.mine.sort(key=lambda offer: _usual(draft, offer.step))
    waits = draft.workflow.state[case.state].waits_for in {grant.role for grant in granted}
    first = offers.mine[0].step if offers.mine else None
    offers.held_up = _meant(offers, draft, first, now) if first else None
    if offers.held_up:
        return offers
    meant = waits and first is not None and _may_be_meant(draft, first)
    if first and (_usual(draft, first) < 2 or meant):
        offers.usual = first
    else:
        offers.held_up = next((offer for offer in offers.waiting if _usual(draft, offer.step) == 1), None)
    return offers


def case_offers(*, case: Case, person: int, now: datetime) -> Offers:
    """The steps of one case, where nothing else of it is read."""
    children = Case.objects.filter(parent=case, closed_at=None).values_list("workflow", "state")
    return steps_offered(
        case=case,
        clocks=list(Clock.objects.filter(case=case).select_related("rule")),
        open_children=sum(child_holds_up(workflow, state) for workflow, state in children),
        person=person,
        now=now,
        book=rulebook(),
    )


def _meant(offers: Offers, draft: Draft, first: Step, now: datetime) -> Offer | None:
    """What is as usual as `first` and stands before it, held up by nothing but what others are still to do."""
    facts, steps = draft.pack.judge(draft.facts(by=offers.person, now=now)), draft.workflow.steps
    before = [offer for offer in offers.waiting if steps.index(offer.step) < steps.index(first)]
    for offer in before if _usual(draft, first) else ():
        missing = {guard for guard in offer.step.when if not guard(facts)}
        if missing and missing <= AWAITED and _usual(draft, offer.step) <= _usual(draft, first):
            return offer
    return None


def _may_be_meant(draft: Draft, step: Step) -> bool:
    """Is it what a case waits for its holder's role to take: it leads to a state, and does not give the case up?"""
    return step.target in draft.workflow.state and step.code not in draft.pack.gives_up


def _usual(draft: Draft, step: Step) -> int:
    """What is usually done next comes first: what was asked for, then the next station; ways back and out last. A step that leaps over
    stations with a caution is not usual.
    """
    if REQUESTS_WAIT.intersection(step.when):
        return 0
    states = draft.workflow.state
    target = states[step.target] if step.target in states else states[draft.row.state]
    ahead = ORDER[target.station] - ORDER[states[draft.row.state].station]
    if ahead < 0 or step.code in draft.pack.gives_up:
        return 3
    if ahead > 1 and step.caution:
        return 2
    return 1 if ahead > 0 and (ahead == 1 or not target.final) else 2


def _sort(
    offers: Offers, draft: Draft, step: Step, person: int, granted: list[Granted], now: datetime
) -> None:
    who = _who(draft, step, now)
    held_back = ""
    try:
        guards_check(draft, step, by=person, now=now, data={})
    except Refusal as refusal:
        held_back = told(refusal)
    try:
        permission_find(draft, step, by=person, granted=granted)
    except NotPermitted as refusal:
        if refusal.code == "separation":
            offers.waiting.append(Offer(step, who, told(refusal)))
        elif not held_back and _leads_on(draft, step, who):
            offers.others.append(Offer(step, who))
        return
    (offers.waiting if held_back else offers.mine).append(Offer(step, who, held_back))


def _leads_on(draft: Draft, step: Step, who: tuple[str, ...]) -> bool:
    """Is it what the case waits for? What others might note without moving it is not."""
    return step.target != "same" or draft.workflow.state[draft.row.state].waits_for in who


def _who(draft: Draft, step: Step, now: datetime) -> tuple[str, ...]:
    if step.at_level:
        facts = draft.facts(by=0, now=now)
        return facts.levels[facts.level : facts.level + 1] or step.by
    return tuple(role for role in step.by if role not in ACTORS.values())


def granted_to(person: int, now: datetime) -> list[Granted]:
    """What this person may use at `now`: own roles, and those that others delegated."""
    with connection.cursor() as cursor:
        cursor.execute(GRANTS, {"people": [person], "now": now, "on": day_of(now)})
        return [Granted(unit, role, behalf, step) for _, unit, role, behalf, step in cursor.fetchall()]


def case_draft(case: Case, clocks: list[Clock], open_children: int, now: datetime, book: Rulebook) -> Draft:
    """The case as its writers would load it; it is only looked at."""
    draft = row_draft(Row(*(getattr(case, name) for name in ROW)), now, book)
    draft.clocks, draft.open_children = clocks_running(clocks), open_children
    return draft


def row_draft(row: Row, now: datetime, book: Rulebook) -> Draft:
    """The row alone, as yet without clocks and assisting cases."""
    return Draft(row, now, book, settings.LEDGER_HASH)


def clocks_running(clocks: Iterable[Clock]) -> dict[tuple[str, str], Running]:
    """The clocks of one case that run, as its draft holds them."""
    return {
        (c.kind, c.basis): Running(
            c.kind,
            c.basis,
            c.limit,
            c.started_at,
            c.due_at,
            c.warn_at,
            c.next_at,
            c.level,
            pauses=tuple((begin, end) for begin, end in c.pauses),
            extensions=tuple(c.extensions),
            paused_at=c.paused_at,
        )
        for c in clocks
        if c.stopped_at is None
    }
