"""What helps with a step: what still stands in its way, how often and until when it may be asked for, and what it would bring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from bihuan.kernel.assignment.rules import objections_are_left, return_term_runs, returns_are_left
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.clocks.running import Running, clock_extend, limit_read
from bihuan.kernel.desk.case.actions import case_draft
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.remedies import checks_of
from bihuan.kernel.desk.named_rules import named_rules_told
from bihuan.kernel.desk.templatetags.desk import moment
from bihuan.kernel.desk.words import limit_told
from bihuan.kernel.workflow.model import Step
from bihuan.lib.refusals import Refusal

LENGTHS = 10
"""So many lengths of an extension are counted out."""


def guidance_of(page: CasePage, step: Step | None, *, person: int, now: datetime) -> dict[str, Any]:
    """For the case page: `checks` of the step that is held up, `terms` and `lengths` of the step whose form is open."""
    clocks = [told.clock for told in page.clocks]
    draft = case_draft(page.case, clocks, page.held_by, now, page.book)
    held_up = page.offers.held_up
    own = [offer.step for offer in page.offers.mine]
    return {
        "checks": checks_of(draft, held_up.step, own, by=person, now=now) if held_up and not step else [],
        "terms": [*_named(draft, step), *_counts(draft, step), *_extension_terms(draft, step)]
        if step
        else [],
        "lengths": list(_lengths(draft, step, now)) if step else [],
    }


def _named(draft: Draft, step: Step) -> list[str]:
    row = draft.row
    return named_rules_told(row.pack, [step.code], book=draft.book, region=row.region, on=row.basis_date)


def _counts(draft: Draft, step: Step) -> Iterator[str]:
    """What the rules of returns and objections still allow."""
    facts, row = draft.row.facts, draft.row
    if returns_are_left in step.when:
        most = int(facts.get("max_returns", 2))
        yield _left(most - row.return_count, most)
    if objections_are_left in step.when:
        most = int(facts.get("max_objections", 1))
        yield _left(most - int(row.progress.get("objections", 0)), most)
    clock = next((c for (kind, _), c in draft.clocks.items() if kind == "return"), None)
    if return_term_runs in step.when and clock and clock.due_at:
        yield gettext("要在 %s 前提出。") % moment(clock.due_at)


def _left(left: int, most: int) -> str:
    return gettext("本件一共可提 %(most)d 次,还可提 %(left)d 次。") % {"left": max(0, left), "most": most}


def _asked(draft: Draft, step: Step) -> Running | None:
    """The promised clock that this step asks to lengthen."""
    kind = next((effect.what for effect in step.does if effect.verb == "request"), "")
    return draft.clocks.get((kind, "promised"))


def _extension_terms(draft: Draft, step: Step) -> Iterator[str]:
    clock = _asked(draft, step)
    policy = limit_read(clock.limit).extension if clock else None
    if clock is None or policy is None:
        return
    if clock.due_at:
        yield gettext("现在的期限是 %s,要在这之前申请。") % moment(clock.due_at)
    told = {
        "length": limit_told({**clock.limit, "number": policy.max_length}),
        "number": policy.max_number,
        "done": len(clock.extensions),
    }
    yield gettext("每次最多延 %(length)s,最多延 %(number)d 次,已延 %(done)d 次。") % told


def _lengths(draft: Draft, step: Step, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Each length that may be asked for, with the due time that it would bring."""
    clock = _asked(draft, step)
    policy = limit_read(clock.limit).extension if clock else None
    if clock is None or policy is None or clock.paused_at:
        return
    for length in range(1, min(policy.max_length, LENGTHS) + 1):
        try:
            longer = clock_extend(
                clock,
                length=length,
                reason="-",
                asked_at=now,
                by=0,
                approver=-1,
                now=now,
                calendar=draft.book.calendar,
            )
        except Refusal:
            return
        if longer.due_at:
            yield limit_told({**clock.limit, "number": length}), longer.due_at
