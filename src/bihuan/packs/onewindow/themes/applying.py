"""A whole at the window: taken in once, its parts opened side by side, and one comprehensive permit at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from bihuan.kernel.cases.opening import Opened, Opening, PartyData, case_open
from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.services import Holder, Issue, certificate_issue
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import PartDue
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.applying.files import materials_attach
from bihuan.packs.onewindow.applying.materials import dates_check, held_of, numbered, states_of
from bihuan.packs.onewindow.applying.receiving import ORGANISATION, Received
from bihuan.packs.onewindow.applying.services import (
    PACK,
    case_code_take,
    facts_of,
    hall_of,
    identity_of,
)
from bihuan.packs.onewindow.asking.item_form import Answered
from bihuan.packs.onewindow.catalogue.selectors import matter_code, supplement_term
from bihuan.packs.onewindow.certificates.kinds import OTHER
from bihuan.packs.onewindow.certificates.services import application_certify
from bihuan.packs.onewindow.commitments.services import standing_check
from bihuan.packs.onewindow.instant.services import holdings
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.themes.asking import part_answer, theme_answer, theme_form
from bihuan.packs.onewindow.themes.models import ThemeApplication, ThemeVersion
from bihuan.packs.onewindow.themes.permit import PERMIT, Held, first_end, parts_listed
from bihuan.packs.onewindow.themes.selectors import (
    Composed,
    theme_composed,
    theme_version_on,
    whole_composed,
)

STEPS = {
    "accept": "accept_theme",
    "accept_lacking": "accept_theme_lacking",
    "accept_commitment": "accept_theme_commitment",
}
"""By what a whole is accepted, for what the clerk chose."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A whole taken in: its case, number and state."""

    case: int
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class HandedWhole:
    """What was handed in for a theme, as `applying.services.Handed` for an item; `subject`: the shop or project that it is for."""

    received: Received
    subject: str
    version: ThemeVersion
    hall: int
    by: int
    answered: Answered | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    external_id: str = ""
    files: Mapping[str, Any] = field(default_factory=dict)


def theme_take(
    *, received: Received, subject: str, by: int, now: datetime, verified: bool, answered: Answered | None = None,
    external_id: str = "", files: Mapping[str, Any] | None = None,
) -> Taken:  # fmt: skip
    """Take a whole in at the window of `by` (`received.item` is the theme's id), and accept it or tell what is missing; all or nothing.

    `answered`: the forms of its items as one; the rest as `application_take`. NotPermitted for whoever sits at no window; AnswersRefused,
    Refusal or FieldError with field and rule.
    """
    hall = hall_of(by, now)
    version, kept = theme_version(received.item, now), {"verified": verified}
    handed = HandedWhole(received, subject, version, hall, by, answered, kept, external_id, files or {})
    step = STEPS.get(received.outcome, received.outcome)
    data = (
        {"signed": "on" if received.signed else ""}
        if received.outcome == "accept_commitment"
        else received.fixes
    )
    with transaction.atomic():
        opened, _facts = theme_open(handed, now=now)
        write = theme_accept if received.outcome in STEPS else case_move
        moved = write(case_id=opened.case, step=step, by=by, now=now, data=data)
    return Taken(opened.case, opened.number, moved.state)


def theme_version(theme: int, now: datetime) -> ThemeVersion:
    """What a theme says today. Refusal when it cannot be applied for."""
    version = theme_version_on(theme, timezone.localdate(now))
    if version is None or not version.active:
        raise Refusal("theme", "没有这个主题,或已停用。", field="item")
    return version


def theme_open(handed: HandedWhole, *, now: datetime) -> tuple[Opened, dict[str, Any]]:
    """Open the case of a whole with its forms and files, in the caller's transaction; its facts as well. Refusal or FieldError."""
    today, received, version = timezone.localdate(now), handed.received, handed.version
    found = theme_composed(version, today)
    if found.lacks:
        raise Refusal("theme_item", found.lacks, field="item")
    known = bool(handed.kept.get("verified")) or handed.by != BY_REPORTER
    facts = {**theme_facts(found, received=received, now=now, known=known), **handed.kept}
    opened = case_open(_opening(handed, found, facts, now))
    with kernel_writes():
        ThemeApplication.objects.create(
            case_id=opened.case, version=version, applicant=received.applicant, subject=handed.subject
        )
    if asked := theme_form(found.items.values(), today):
        answered = handed.answered or Answered({})
        theme_answer(case=opened.case, found=asked, answered=answered, by=handed.by, now=now)
    if handed.files:
        materials_attach(
            case=opened.case, materials=found.checklist.materials, files=handed.files, by=handed.by, now=now
        )
    return opened, facts


def _opening(handed: HandedWhole, found: Composed, facts: dict[str, Any], now: datetime) -> Opening:
    version, hall = handed.version, handed.hall
    lines = [
        f"申请办理:{version.name}",
        f"名称:{handed.subject}",
        "包含:" + "、".join(p.label for p in found.plans),
    ]
    units = tuple({int(item.unit_id or 0) for item in found.items.values()} - {hall})
    return Opening(
        pack=PACK, workflow="theme", title=f"{version.name}:{handed.subject}", text="\n".join([*lines, handed.received.remark]).strip(),
        unit=hall, opened_by=hall, by=handed.by, now=now, reported_at=now, region=settings.REGION, parties=(handed.received.party,),
        facts=facts, viewers=units, external_id=handed.external_id or None,
    )  # fmt: skip


def theme_facts(found: Composed, *, received: Received, now: datetime, known: bool = True) -> dict[str, Any]:
    """What the rules judge a whole by: the one checklist as an item's with what the city holds of an applicant who is `known`, and the
    longest chain as its limit. FieldError for a material that has expired or is not of the list."""
    materials, party = found.checklist.materials, received.party
    dates_check(materials, received.present, received.dated, timezone.localdate(now))
    looks = known and any(one.get("register") for one in materials)
    held = holdings(name=party.name, identity=party.id_number, now=now) if looks else {}
    listed = numbered(materials)
    legal = [
        PartPlan(plan.code, max(plan.days, found.items[plan.code].statutory_days or 0), plan.after)
        for plan in found.plans
    ]
    days = network_plan(found.plans).parallel
    follow = supplement_term(days, None, timezone.localdate(now))
    fees = [fee for item in found.items.values() for fee in item.fees]
    return {
        "materials": states_of(materials, received.present, held),
        "held": held_of(materials, held),
        "optional": [n for n, one in listed.items() if not one["required"]],
        "may_lack": [n for n, one in listed.items() if one["may_lack"]],
        "commitment": found.commitment,
        "items": {code: item.pk for code, item in found.items.items()},
        "parts": parts_waiting(found.plans),
        "limits": {
            "onewindow.handle": days,
            "onewindow.handle_statutory": network_plan(legal).parallel,
            **({"onewindow.supplement": follow} if follow else {}),
        },
        "supplement_days": follow,
        **({"fees": fees} if fees else {}),
    }


def theme_accept(**move: Any) -> Moved:
    """Accept a whole and begin its parts. Takes what `case_move` takes, and raises what it raises; Refusal for one of the discredited
    where nothing may follow and no word is enough."""
    with transaction.atomic():
        identity = identity_of(move["case_id"])
        standing_check(step=move["step"], identity=identity, today=timezone.localdate(move["now"]))
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
    held, own = whole.facts.get("held", {}), enumerate(found.checklist.numbers[due.code], 1)
    facts = facts_of(item, present=(), on=timezone.localdate(due.now))
    facts.pop("fees", None)  # the whole is charged, once
    facts |= {
        "materials": {str(n): state for n, state in enumerate(states, 1)},
        "held": {str(n): held[number] for n, number in own if number in held},
        "committed": bool(whole.facts.get("committed")),
        **({"channel": whole.facts["channel"]} if "channel" in whole.facts else {}),
        "limits": {**facts["limits"], "onewindow.handle": plan.days},
    }
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
    part_answer(whole=due.whole, case=opened.case, version=item, now=due.now)
    case_move(case_id=opened.case, step="part_begin", by=0, now=due.now, data={"unit": item.unit_id})
    case_code_take(case=opened.case, now=due.now)
    return opened.case


def permit_issue(**move: Any) -> Moved:
    """Issue the comprehensive permit of a whole whose parts are all done, with the licence of each part that it lists; what was decided on a
    commitment is to be checked from then on, by each part's own unit. Takes what `case_move` takes, and raises what it raises."""
    with transaction.atomic():
        moved = case_move(**move)
        with kernel_writes():
            row = ThemeApplication.objects.select_related("version", "case").filter(pk=moved.case).first()
            cases = list(
                Part.objects.filter(bundle=moved.case).order_by("place").values_list("case", flat=True)
            )
        if row is None or not cases:
            return moved
        by, now = move["by"], move["now"]
        made = [application_certify(case=case, by=by, now=now, told=False) for case in cases if case]
        party = Party.objects.get(case=moved.case, role=Party.Role.REPORTER)
        held = [_held(one) for one in made]
        addresses = (*(one.contents.get("address", "") for one in made), party.address)
        contents = {
            "theme": row.version.name, "subject": row.subject, "address": next(filter(None, addresses), ""), "parts": parts_listed(held),
        }  # fmt: skip
        holder = Holder(party.name, party.id_number, row.applicant == ORGANISATION)
        issue = Issue(PERMIT.code, moved.case, row.case.opened_by_id, holder, contents, until=first_end(held))
        certificate_issue(issue=issue, by=by, now=now)
    return moved


def _held(made: Certificate) -> Held:
    name = made.contents["item"] if made.kind == OTHER.code else certificate_kinds()[made.kind].name
    return name, made.number, made.unit.name, made.valid_until
