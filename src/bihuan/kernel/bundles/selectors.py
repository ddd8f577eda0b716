"""Reading bundles: the network with what has happened, and what it has come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.bundles.rules import (
    BEGUN,
    DONE,
    FAILED,
    WAITING,
    Happened,
    Outcome,
    PartPlan,
    Plan,
    Span,
    forecast,
    longest_chain,
    network_plan,
    outcome_of,
    parts_held,
)
from bihuan.kernel.clocks.calendar import Calendar, day_number, day_of
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of as day_at
from bihuan.kernel.sentences import english, in_line


@dataclass(frozen=True, slots=True)
class Row:
    """A part as the drawing shows it. `became`: "" in a plan that nobody has begun; `held`: something before it has failed. `short` is
    what others call it in lists; `left` and `width` are of the drawing, of `Network.width`; `first` and `last` the days of a plan, from
    1, or dates."""

    code: str
    short: str
    label: str
    after: str
    days: int
    first: int | date
    last: int | date
    left: int
    width: int
    critical: bool
    became: str = ""
    took: int | None = None
    late: bool = False
    held: bool = False
    number: str = ""
    unit: Any = None


@dataclass(frozen=True, slots=True)
class Network:
    """A network to be drawn: its rows, how wide the drawing is in working days, and the plan. Of one that has begun (`happening`) what its parts
    have come to so far, whether that is the `whole`, and `until` when it is forecast to last (None: something failed)."""

    rows: tuple[Row, ...]
    width: int
    plan: Plan
    outcome: Outcome | None = None
    whole: bool = False
    until: date | None = None
    happening: bool = False


def network_planned(parts: Sequence[PartPlan]) -> Network:
    """The network as it is planned: days counted from 1."""
    plan = network_plan(parts)
    labels = {part.code: _label(part.label, part.label_en) for part in parts}
    shorts = {part.code: short_of(part) for part in parts}
    rows = tuple(
        Row(
            part.code, short_of(part), labels[part.code], _after(part, shorts), part.days, span.begin + 1, span.end, span.begin, part.days,
            part.code in plan.critical,
        )
        for part, span in ((part, plan.spans[part.code]) for part in parts)
    )  # fmt: skip
    return Network(rows, plan.parallel, plan)


def network_happening(whole: int, *, today: date) -> Network | None:
    """The network of a whole with the events of its parts; None for a case without parts."""
    parts = list(Part.objects.filter(bundle=whole).select_related("case__unit").order_by("place"))
    if not parts:
        return None
    calendar = rulebook().calendar
    plans, rank = [part.plan for part in parts], calendar.worked_days(day_number(today))
    happened = {part.code: happened_of(part, calendar) for part in parts}
    spans = forecast(plans, happened, rank)
    failed = [part.code for part in parts if part.outcome == FAILED]
    first, last = min(s.begin for s in spans.values()), max(s.end for s in spans.values())
    shown = _Shown(
        calendar, spans, happened, first, rank, {part.code: _label(part.label, part.label_en) for part in parts},
        {part.code: short_of(part) for part in parts},
        longest_chain(plans, spans), parts_held(plans, failed),
    )  # fmt: skip
    return Network(
        rows=tuple(_row(part, shown) for part in parts),
        width=max(last - first, 1),
        plan=network_plan(plans),
        outcome=outcome_of(happened),
        whole=all(part.outcome == DONE for part in parts),
        until=None if failed else shown.date(last),
        happening=True,
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    calendar: Calendar
    spans: Mapping[str, Span]
    happened: Mapping[str, Happened]
    first: int
    today: int
    labels: Mapping[str, str]
    shorts: Mapping[str, str]
    critical: Sequence[str]
    held: Sequence[str]

    def date(self, rank: int) -> date:
        return day_of(self.calendar.day_of_rank(rank))


def _row(part: Part, shown: _Shown) -> Row:
    span, one = shown.spans[part.code], shown.happened[part.code]
    took = None if one.opened is None else (shown.today if one.ended is None else one.ended) - one.opened
    return Row(
        code=part.code,
        short=short_of(part),
        label=shown.labels[part.code],
        after=_after(part.plan, shown.shorts),
        days=part.days,
        first=shown.date(span.begin),
        last=shown.date(span.end),
        left=span.begin - shown.first,
        width=span.end - span.begin,
        critical=part.code in shown.critical,
        became=part.outcome or (BEGUN if part.case_id else WAITING),
        took=took,
        late=took is not None and took > part.days,
        held=part.code in shown.held,
        number=part.case.number if part.case else "",
        unit=part.case.unit if part.case else None,
    )


def outcomes_of(bundles: Iterable[int]) -> dict[int, Outcome]:
    """What each of these bundles has come to whose parts are all done, in one query."""
    columns = ("bundle", "code", "outcome", "opened_at", "ended_at")
    happened: dict[int, dict[str, Happened]] = {}
    unfinished, calendar = set(), rulebook().calendar
    for bundle, code, outcome, opened, ended in Part.objects.filter(bundle__in=list(bundles)).values_list(
        *columns
    ):
        if outcome == DONE:
            happened.setdefault(bundle, {})[code] = Happened(
                rank_of(opened, calendar), rank_of(ended, calendar)
            )
        else:
            unfinished.add(bundle)
    found = {bundle: outcome_of(own) for bundle, own in happened.items() if bundle not in unfinished}
    return {bundle: outcome for bundle, outcome in found.items() if outcome is not None}


def happened_of(part: Part, calendar: Calendar) -> Happened:
    """When a part was opened and ended, as ranks."""
    return Happened(
        None if part.opened_at is None else rank_of(part.opened_at, calendar),
        None if part.ended_at is None else rank_of(part.ended_at, calendar),
    )


def rank_of(moment: datetime, calendar: Calendar) -> int:
    """How many working days of the calendar have begun by then."""
    return calendar.worked_days(day_number(day_at(moment)))


def _label(label: str, label_en: str) -> str:
    return (english() and label_en) or label


def short_of(part: PartPlan | Part) -> str:
    """What a part is called in short: its code, a word of the people who made the network; on an English page its name."""
    return _label(part.code, part.label_en)


def _after(part: PartPlan, shorts: Mapping[str, str]) -> str:
    return in_line(shorts[code] for code in part.after)
