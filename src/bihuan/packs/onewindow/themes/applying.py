"""A whole at the window: taken in once, its parts opened side by side, and one comprehensive permit at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.bundles.rules import PartPlan, network_plan
from bihuan.kernel.bundles.services import bundle_begin, parts_waiting
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opening, PartyData, case_open
from bihuan.kernel.certificates.services import Holder, Issue, certificate_issue
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import PartDue
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.receiving import ORGANISATION, Received
from bihuan.packs.onewindow.applying.services import (
    PACK,
    case_code_take,
    facts_of,
    hall_of,
)
from bihuan.packs.onewindow.catalogue.selectors import matter_code
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.themes.models import ThemeApplication
from bihuan.packs.onewindow.themes.permit import PERMIT
from bihuan.packs.onewindow.themes.selectors import (
    Composed,
    theme_composed,
    theme_version_on,
    whole_composed,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A whole taken in: its case, number and state."""

    case: int
    number: str
    state: str


def theme_take(*, received: Received, subject: str, by: int, now: datetime) -> Taken:
    """Take a whole in at the window of `by` (`received.item` is the theme's id), and accept it or tell what is missing; all or nothing.

    NotPermitted for whoever sits at no window; Refusal or FieldError with field and rule.
    """
    hall = hall_of(by, now)
    today = timezone.localdate(now)
    version = theme_version_on(received.item, today)
    if version is None or not version.active:
        raise Refusal("theme", "没有这个主题,或已停用。", field="item")
    found = theme_composed(version, today)
    if found.lacks:
        raise Refusal("theme_item", found.lacks, field="item")
    facts = theme_facts(found, present=received.present)
    lines = [f"申请办理:{version.name}", f"名称:{subject}", "包含:" + "、".join(p.label for p in found.plans)]
    units = tuple({int(item.unit_id or 0) for item in found.items.values()} - {hall})
    opening = Opening(
        pack=PACK, workflow="theme", title=f"{version.name}:{subject}", text="\n".join([*lines, received.remark]).strip(), unit=hall,
        opened_by=hall, by=by, now=now, reported_at=now, region=settings.REGION, parties=(received.party,), facts=facts, viewers=units,
    )  # fmt: skip
    step = {"accept": "accept_theme"}.get(received.outcome, received.outcome)
    with transaction.atomic():
        opened = case_open(opening)
        with kernel_writes():
            ThemeApplication.objects.create(
                case_id=opened.case, version=version, applicant=received.applicant, subject=subject
            )
        write = theme_accept if step == "accept_theme" else case_move
        moved = write(case_id=opened.case, step=step, by=by, now=now)
    return Taken(opened.case, opened.number, moved.state)


def theme_facts(found: Composed, *, present: tuple[str, ...]) -> dict[str, Any]:
    """What the rules judge a whole by: the one checklist, and the longest chain as its limit."""
    numbered = {str(n): one for n, one in enumerate(found.checklist.materials, 1)}
    unknown = [number for number in present if number not in numbered]
    if unknown:
        raise FieldError("present", "choice", f"材料清单里没有第 {unknown[0]} 项。")
    legal = [
        PartPlan(plan.code, max(plan.days, found.items[plan.code].statutory_days or 0), plan.after)
        for plan in found.plans
    ]
    return {
        "materials": {
            n: "held" if one["held"] else "present" if n in present else "lacking"
            for n, one in numbered.items()
        },
        "optional": [n for n, one in numbered.items() if not one["required"]],
        "items": {code: item.pk for code, item in found.items.items()},
        "parts": parts_waiting(found.plans),
        "limits": {
            "onewindow.handle": network_plan(found.plans).parallel,
            "onewindow.handle_statutory": network_plan(legal).parallel,
        },
    }


def theme_accept(**move: Any) -> Moved:
    """Accept a whole and begin its parts. Takes what `case_move` takes, and raises what it raises."""
    with transaction.atomic():
        moved = case_move(**move)
        with kernel_writes():
            row = ThemeApplication.objects.select_related("version", "case").filter(pk=moved.case).first()
            plans = whole_composed(row).plans if row else ()
        if plans:
            bundle_begin(whole=moved.case, parts=plans, by=move["by"], now=move["now"])
            with kernel_writes():
                moved = _as_it_is(moved)
    return moved


def _as_it_is(moved: Moved) -> Moved:
    row = Case.objects.get(pk=moved.case)
    return Moved(row.pk, row.number, row.state, row.version, row.unit_id, row.closed_at is not None)


def part_open(due: PartDue) -> int:
    """Open a part with its item's own unit: with the materials that the whole was accepted with. Returns the case."""
    with kernel_writes():
        row = ThemeApplication.objects.select_related("version", "case__content").get(pk=due.whole)
        whole, party = row.case, Party.objects.get(case=due.whole, role=Party.Role.REPORTER)
        found = whole_composed(row)
        item, plan = found.items[due.code], next(p for p in found.plans if p.code == due.code)
    states = [whole.facts["materials"][n] for n in found.checklist.numbers[due.code]]
    present = tuple(str(n) for n, state in enumerate(states, 1) if state == "present")
    facts = facts_of(item, present=present)
    facts["limits"] = {**facts["limits"], "onewindow.handle": plan.days}
    opened = case_open(
        Opening(
            pack=PACK, workflow="theme_part", title=f"{plan.label}({row.subject})"[:200],
            text=f"主题办件 {whole.number} 的一部分。\n{whole.content.text}"[:4000], unit=whole.opened_by_id, opened_by=whole.opened_by_id,
            by=due.by, now=due.now, reported_at=whole.reported_at, matter=matter_code(item.item_id), region=whole.region,
            parties=(PartyData(name=party.name, phone=party.phone, id_number=party.id_number, address=party.address),),
            facts=facts, origin=due.whole, passes_on=True,
        )
    )  # fmt: skip
    with kernel_writes():
        Application.objects.create(case_id=opened.case, version=item, applicant=row.applicant)
    case_move(case_id=opened.case, step="part_begin", by=0, now=due.now, data={"unit": item.unit_id})
    case_code_take(case=opened.case, now=due.now)
    return opened.case


def permit_issue(**move: Any) -> Moved:
    """Issue the comprehensive permit of a whole whose parts are all done. Takes what `case_move` takes, and raises what it raises."""
    with transaction.atomic():
        moved = case_move(**move)
        with kernel_writes():
            row = ThemeApplication.objects.select_related("version", "case").filter(pk=moved.case).first()
            parts = list(Part.objects.filter(bundle=moved.case).select_related("case").order_by("place"))
        if row is None or not parts:
            return moved
        party = Party.objects.get(case=moved.case, role=Party.Role.REPORTER)
        named = "、".join(part.label for part in parts)
        if len(named) > PERMIT.longest:
            named = "、".join(part.code for part in parts)
        contents = {
            "theme": row.version.name,
            "subject": row.subject,
            "parts": named,
        }
        holder = Holder(party.name, party.id_number, row.applicant == ORGANISATION)
        issue = Issue(PERMIT.code, moved.case, row.case.opened_by_id, holder, contents)
        certificate_issue(issue=issue, by=move["by"], now=move["now"])
    return moved
