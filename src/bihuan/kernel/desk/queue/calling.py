"""Calling back, one caller after another: who may be called now and in which order, and what each grade leads to.

A call is whatever waits at the station "called back". Fair order: what was agreed with the caller and has come, then what is
due first, then the oldest. Nobody is called again within the policy's gap (the facts of `evaluation/rules.py`, which judges
the same when the attempt is entered), nor outside the hours of the pack's policy `<pack>.call_hours` ({"begin": "08:30",
"end": "20:00"}), unless so agreed: the fact `again_at` holds the agreed moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.rulebook import Rulebook
from bihuan.kernel.desk.case.actions import Offer, Offers
from bihuan.kernel.desk.lists.worklist import Lent, Part
from bihuan.kernel.evaluation.rules import GRADES
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.pack import packs, workflows
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import Step
from bihuan.lib.text import SHANGHAI

STATION = "called_back"
GRADE = "grade"
HOURS = {"begin": "08:30", "end": "20:00"}
CALLS = {
    "again": "(c.facts ->> 'again_at')::timestamptz",
    "last": "(c.facts -> 'attempted_at' ->> -1)::timestamptz",
    "tried": "jsonb_array_length(coalesce(c.facts -> 'attempted_at', '[]'))",
    "most": "coalesce((c.facts ->> 'max_attempts')::int, 3)",
    "gap": "make_interval(mins => (coalesce((c.facts -> 'attempts_apart' ->> 'hours')::float, 2) * 60)::int)",
    "halves": "coalesce((c.facts -> 'attempts_apart' ->> 'half_days')::bool, true)",
}
READY = """
    (c.workflow || ':' || c.state <> all(%(call_pairs)s) or {tried} >= {most} or case
        when {again} is not null then {again} <= %(now)s
        else c.pack <> all(%(quiet)s) and ({last} is null
            or ({last} + {gap} <= %(now)s and (not {halves} or {last} < %(half_day)s))) end)
""".format(**CALLS)


@cache
def call_states() -> dict[str, str]:
    """`workflow:state` of every state in which somebody is to be called, by the role whose move it is."""
    return {
        f"{workflow.key}:{state.code}": state.waits_for
        for workflow in workflows().values()
        for state in workflow.states
        if state.station == STATION and state.waits_for
    }


def calls_of(scope: Scope, lent: Lent) -> bool:
    """Does this person call back?"""
    callers = set(call_states().values())
    return scope.holds(*callers) or any(held.role in callers for held, _ in lent)


def ready_part(now: datetime, book: Rulebook) -> Part:
    """The condition that a case may be taken up now; whatever is no call always may."""
    local = now.astimezone(SHANGHAI)
    half_day = local.replace(hour=12 if local.hour >= 12 else 0, minute=0, second=0, microsecond=0)
    quiet = [name for name in packs() if not hours_of(name, now, book).open(now)]
    return Part(
        READY, {"call_pairs": sorted(call_states()), "quiet": quiet, "half_day": half_day, "now": now}
    )


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when people may be called, by Shanghai's clock: "08:30"."""

    begin: str
    end: str

    def open(self, now: datetime) -> bool:
        return self.begin <= f"{now.astimezone(SHANGHAI):%H:%M}" < self.end

    def next_at(self, now: datetime) -> datetime:
        """When they begin next."""
        hour, minute = map(int, self.begin.split(":"))
        today = now.astimezone(SHANGHAI).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return today if today > now else today + timedelta(days=1)


def hours_of(pack: str, now: datetime, book: Rulebook) -> Hours:
    """The hours of a pack's policy."""
    value = book.value(f"{pack}.call_hours", region=settings.REGION, on=day_of(now), default=HOURS)
    return Hours(str(value["begin"]), str(value["end"]))


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade that the caller may give, and what it leads to: the step, or the rule's sentence why not."""

    value: str
    label: str
    step: Step | None
    why_not: str = ""

    @property
    def fields(self) -> str:
        """The names of what is asked with it."""
        return " ".join(ask.name for ask in self.step.asks) if self.step else ""


def grades_of(offers: Offers) -> list[Grade]:
    """The grades from best to worst, when steps that take a grade are at hand; else none."""
    graded = [offer.step for offer in [*offers.mine, *offers.waiting] if _is_graded(offer.step)]
    found = []
    for value, label in GRADES if graded else ():
        refusals = {step.code: offers.refusal(step, {GRADE: value}) for step in graded}
        step = next((step for step in graded if not refusals[step.code]), None)
        # The one that takes the grade best says why it cannot be: of the others the sentence is about the grade itself.
        why_not = "" if step else list(refusals.values())[-1]
        found.append(Grade(value, gettext(label), step, why_not))
    return found


def asks_of(grades: list[Grade]) -> list[Ask]:
    """Everything that these grades ask, each once, in order, without the grade."""
    asks = {ask.name: ask for grade in grades if grade.step for ask in grade.step.asks}
    return [ask for name, ask in asks.items() if name != GRADE]


def others_of(offers: Offers) -> list[Offer]:
    """What else may be done with a call."""
    return [offer for offer in offers.mine if not _is_graded(offer.step)]


def _is_graded(step: Step) -> bool:
    return any(ask.name == GRADE for ask in step.asks)


def only_closing(case: Case) -> bool:
    """Was the last of the calls in vain that the rule wants made? Then nobody is called: the case is closed as not reached."""
    if f"{case.workflow}:{case.state}" not in call_states():
        return False
    return len(case.facts.get("attempted_at") or ()) >= int(case.facts.get("max_attempts", 3))
