"""Walking a workflow: whoever opens a case, takes any step that the workflow declares, and what must hold after it.

A `World` lives in one test's transaction. Paths name people by user name and other cases by a sign, so that a path
found in one test can be walked again in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice, product
from typing import Any

from hypothesis import strategies as st

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.merging import case_merge, case_unmerge
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opening, PartyData, case_open
from bihuan.kernel.cases.permission import guards_check
from bihuan.kernel.cases.store import child_holds_up
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.clocks.running import TERM
from bihuan.kernel.desk.case.actions import case_draft
from bihuan.kernel.desk.pack_words import matters_open
from bihuan.kernel.identity.models import Grant, Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.identity.services import people_enter
from bihuan.kernel.pack import packs, roles
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import SYSTEM, Step
from bihuan.lib.refusals import Refusal
from tests.snapshots import snapshot, stream_faults

CENTRE = "371502_12345"
POOL = (
    "371502_market",
    "371502_education",
    "371502_desk",
    "371502_discipline",
    "371502001",
    "371502",
    CENTRE,
)
"""Units that a walk may name: two departments, a desk, discipline inspection, a township, a territory, the centre."""
OUTSIDER = "qian"
ADMINISTRATORS = ("admin", "security", "audit")
OTHER_CASE, SOME_PERSON = "@case", "@person"
EVERYTHING = Scope(0, (), (), True)
VARIANTS = 24
LETTERS = "市民反映路灯不亮请尽快修复谢谢已联系核实办理完毕abcXYZ0189'\"<>%;-"


@dataclass(frozen=True)
class Taken:
    """A step that was taken: by whom (a user name, "" is the system) with what data."""

    step: str
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)


Path = tuple[Taken, ...]


class Undone(Exception):
    """Raised to roll a savepoint back."""


class World:
    """The city seen by one pack: units, people by role, an open case to refer to, and ways to open and move."""

    def __init__(self, pack: str, now: datetime, workflow: str = "") -> None:
        self.pack, self.now = packs()[pack], now
        self.workflow = self.pack.workflow_named(workflow)
        self.unit = dict(Unit.objects.values_list("code", "id"))
        self._enter_missing_people()
        self.person = dict(Person.objects.values_list("username", "id"))
        self.username = {id_: name for name, id_ in self.person.items()}
        self.grants = [
            (self.username[p], u, r) for p, u, r in Grant.objects.values_list("person_id", "unit_id", "role")
        ]
        self.other = self.open("lead")

    def _enter_missing_people(self) -> None:
        """A role that nobody in the pool's units holds gets somebody in every one of them."""
        held = set(Grant.objects.filter(unit__code__in=POOL).values_list("role", flat=True))
        people = [
            {"username": f"{code}_{role}", "name": "甲乙", "grants": [(self.unit[code], role)]}
            for role in sorted(self.workflow.roles - held)
            for code in POOL
        ]
        people_enter(people=people, password=None, now=self.now, by="system")

    def openings(self) -> list[str]:
        assisting = ["assisting"] if self.workflow.joint else []
        return ["lead", *assisting, *(["above"] if self.pack.tiers else [])]

    def open(self, kind: str) -> int:
        """Open a case held by the centre; an "assisting" one is the market bureau's for a case of the centre, one from
        "above" was handed down by another centre."""
        centre = self.unit[CENTRE]
        more: dict[str, Any] = {}
        if kind == "assisting":
            more = {"parent": self.open("lead"), "unit": self.unit["371502_market"], "ends_before": None}
        if kind == "above":
            more = {"superior": {"number": "S-1", "peer": "371500", "return_count": 1}}
        given: dict[str, Any] = {
            "pack": self.pack.name,
            "workflow": self.workflow.name,
            "title": "路灯不亮",
            "text": "小区门口的路灯坏了三天,请修复。",
            "unit": centre,
            "opened_by": centre,
            "by": 0,
            "now": self.now,
            "reported_at": self.now,
            "region": "371502",
            "parties": (PartyData(name="宋女士", phone="19900000001"),),
        }
        return case_open(Opening(**{**given, **more})).case

    def see(self, username: str) -> None:
        """Let the transaction see what this person may."""
        if not username:
            return scope_apply(EVERYTHING)
        return scope_apply(scope_of(person=self.person[username], at=self.now, roles=roles()))

    def take(self, case: int, taken: Taken, at: datetime | None = None) -> Moved:
        """Take the step as that person, through the door that screens and interfaces use."""
        given = {name: self._resolved(value) for name, value in taken.data.items()}
        if not taken.by:
            return case_move(case_id=case, step=taken.step, by=0, now=at or self.now, data=given)
        self.see(taken.by)
        return case_act(
            case_id=case, step=taken.step, by=self.person[taken.by], now=at or self.now, data=given
        )

    def force(self, case: int, step: Step, username: str) -> Moved:
        """Ask the writer itself for the step, with nothing of what may be seen in between."""
        by, merging = self.person.get(username, 0), self.workflow.merging
        if merging and step.code == merging.merge:
            return case_merge(case_id=case, into=self.other, by=by, now=self.now)
        if merging and step.code == merging.unmerge:
            return case_unmerge(case_id=case, by=by, now=self.now)
        return case_move(case_id=case, step=step.code, by=by, now=self.now)

    def open_steps(self, case: int, row: Mapping[str, Any]) -> dict[Step, list[str]]:
        """The steps that leave the case's state, each with some people to whom the rules do not refuse it whatever is typed.

        No screen offers the others, so they are not tried.
        """
        scope_apply(EVERYTHING)
        children = Case.objects.filter(parent=case, closed_at=None).values_list("workflow", "state")
        draft = case_draft(
            Case.objects.get(pk=case),
            list(Clock.objects.filter(case=case).select_related("rule")),
            sum(child_holds_up(workflow, state) for workflow, state in children),
            self.now,
            rulebook(),
        )
        steps = self.workflow.leaving[row["state"]]
        found = {s: [by for by in self.fitting(s, row) if self._is_open(draft, s, by)] for s in steps}
        return {step: people for step, people in found.items() if people}

    def _is_open(self, draft: Draft, step: Step, username: str) -> bool:
        try:
            guards_check(draft, step, by=self.person.get(username, 0), now=self.now, data={})
        except Refusal:
            return False
        return True

    def _resolved(self, value: Any) -> Any:
        return (
            {OTHER_CASE: self.other, SOME_PERSON: self.person["wang"]}.get(value, value)
            if isinstance(value, str)
            else value
        )

    def arrive(self, kind: str, path: Path) -> int:
        """Open a case and walk it along a path."""
        case = self.open(kind)
        for taken in path:
            self.take(case, taken)
        return case

    def may(self, username: str, step: Step, row: Mapping[str, Any]) -> bool:
        """Does the workflow allow the step to this person on this case? Told from the grants, duties apart."""
        return any(
            name == username and role in self._wanted(step, row) and self._reaches(role, unit, row)
            for name, unit, role in self.grants
        )

    def fitting(self, step: Step, row: Mapping[str, Any]) -> list[str]:
        """Some people who may take the step: at most two a role, the case's own unit and the centre first."""
        found = [""] if SYSTEM in step.by else []
        near = {row["unit_id"]: 0, self.unit[CENTRE]: 1}
        for role in self._wanted(step, row):
            holders = [
                (near.get(u, 2), name) for name, u, r in self.grants if r == role and self._reaches(r, u, row)
            ]
            found += [name for _, name in sorted(holders)[:2]]
        return list(dict.fromkeys(found))

    def _wanted(self, step: Step, row: Mapping[str, Any]) -> tuple[str, ...]:
        levels, level = row["progress"].get("levels", ()), row["progress"].get("level", 0)
        return tuple(levels[level : level + 1]) or step.by if step.at_level else step.by

    def _reaches(self, role: str, unit: int, row: Mapping[str, Any]) -> bool:
        acts = roles()[role].acts if role in roles() else "nowhere"
        return acts == "anywhere" or (acts == "holder" and unit == row["unit_id"])

    def variants(self, step: Step) -> Iterator[dict[str, Any]]:
        """Data that the step's declaration allows: every choice and every unit, in turn."""
        names = [ask.name for ask in step.asks]
        for values in islice(product(*(self._candidates(ask) for ask in step.asks)), VARIANTS):
            yield dict(zip(names, values, strict=True))

    def _candidates(self, ask: Ask) -> list[Any]:
        pool = [self.unit[code] for code in POOL]
        simple: dict[str, list[Any]] = {
            "choice": [code for code, _ in ask.choices],
            "matter": ["", *(matters_open(ask.register) if ask.register else ())],
            "yes": [True],
            "number": [ask.smallest, min(ask.largest, ask.smallest + 1)],
            "date": [self.now.date().isoformat() if ask.earliest is None else "2026-04-01"],
            "moment": ["", "2026-04-01T15:00+08:00"],
            "money": ["100.00"],
            "unit": pool,
            "units": [[pool[1]], [pool[0]]],
            "person": [SOME_PERSON],
            "case": [OTHER_CASE],
        }
        words = "已联系核实,正在办理。" * (ask.min_length // 10 + 1)
        return simple.get(ask.kind) or [words[: ask.max_length]]

    def generated(self, step: Step) -> st.SearchStrategy[dict[str, Any]]:
        """Any data that the step's declaration allows, optional fields there or not."""
        required = {a.name: self._strategy(a) for a in step.asks if a.required}
        optional = {a.name: self._strategy(a) for a in step.asks if not a.required}
        return st.fixed_dictionaries(required, optional=optional)

    def _strategy(self, ask: Ask) -> st.SearchStrategy[Any]:
        least = max(ask.min_length, 1)
        made: dict[str, st.SearchStrategy[Any]] = {
            "line": st.text(LETTERS, min_size=least, max_size=min(ask.max_length, least + 30)),
            "text": st.text(
                LETTERS,
                min_size=min(max(least, 15), ask.max_length),
                max_size=min(ask.max_length, least + 45),
            ),
            "number": st.integers(ask.smallest, ask.largest),
            "date": st.dates(min_value=date(2026, 6, 1) if ask.earliest is not None else date.min).map(
                lambda day: day.isoformat()
            ),
            "moment": st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.isoformat()),
            "money": st.decimals(0, 10**9, places=2).map(str),
            "yes": st.booleans(),
            "units": st.lists(st.sampled_from([self.unit[code] for code in POOL]), min_size=1, max_size=3),
        }
        return made[ask.kind] if ask.kind in made else st.sampled_from(self._candidates(ask))


def moved_check(world: World, case: int, taken: Taken, before: Mapping[str, Any]) -> dict[str, Any]:
    """Assert what holds after every step; returns the new snapshot."""
    after = snapshot(case)
    row, was = after["row"], before["row"]
    step = world.workflow.by_code[taken.step]
    assert row["version"] == was["version"] + 1
    assert row["state"] == world.workflow.target_of(step, was["state"]).code
    assert after["entries"] > before["entries"]
    assert row["seq"] == after["entries"]
    assert stream_faults(case) == ()
    running = [c for c in after["clocks"] if c["stopped_at"] is None]
    assert not (row["closed_at"] and running), f"a closed case has the running clocks {running}"
    assert (row["closed_at"] is not None) == world.workflow.state[row["state"]].final
    dues = [datetime.fromisoformat(c["due_at"]) for c in running if c["due_at"] and c["basis"] != TERM]
    due = datetime.fromisoformat(row["due_at"]) if row["due_at"] else None
    assert due == min(dues, default=None)
    assert all(c["rule_id"] for c in after["clocks"] if "fixed" not in c["limit"])
    return after
