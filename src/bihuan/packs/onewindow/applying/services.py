"""Applications: taken in at the window with what was checked, accepted with a 办件编码, and what comes by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opened, Opening, case_open
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Grant, holds_on
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.masking import mask_name
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.case_codes import case_code_take
from bihuan.packs.onewindow.applying.files import materials_attach
from bihuan.packs.onewindow.applying.materials import dates_check, held_of, numbered, states_of
from bihuan.packs.onewindow.applying.receiving import Received
from bihuan.packs.onewindow.asking.item_form import Answered, application_answer
from bihuan.packs.onewindow.catalogue.selectors import matter_code, supplement_term, version_on
from bihuan.packs.onewindow.commitments.services import standing_check
from bihuan.packs.onewindow.hall.calling import ticket_facts, ticket_serves
from bihuan.packs.onewindow.instant.rules import Holding
from bihuan.packs.onewindow.instant.services import accept_at_once, holdings
from bihuan.packs.onewindow.models import Application, ItemVersion
from bihuan.packs.onewindow.platforms.changes import application_opened
from bihuan.packs.onewindow.rules import lacking

PACK, CLERK = "onewindow", "window_clerk"
WEB = {"channel": "web"}
"""A fact of what came on line."""
WITH_UNIT = ("examining", "special", "deciding")
BY_THE_CLOCK = {
    "notice": ("deem_accepted", ("received", "asked")),
    "correct": ("deem_withdrawn", ("correcting",)),
    "special": ("special_over", ("special",)),
    "supplement": ("not_supplied", (*WITH_UNIT, "parallel")),
    "evaluate": ("close_unevaluated", ("evaluating",)),
    "further": ("close_mended", ("further",)),
}
"""What the system does when a clock of this kind has run out, in these states."""
OF_WHOLE = {"deem_accepted": "deem_theme_accepted"}
"""What is called otherwise in the loop of a theme."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An application taken in: its case, number and state, its 办件编码 when it was accepted at once, and the queue ticket that was
    being served ("": none).
    """

    case: int
    number: str
    state: str
    case_code: str
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in, for which version of its item, to which hall (a unit's id), by whom it is entered. `verified`: somebody
    looked at the applicant's identity; `answered`: the item's form; `kept`: further facts of the case; `files`: materials by their numbers."""

    received: Received
    version: ItemVersion
    hall: int
    by: int
    verified: bool
    answered: Answered | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    external_id: str = ""
    files: Mapping[str, Any] = field(default_factory=dict)


def application_take(
    *,
    received: Received,
    by: int,
    now: datetime,
    verified: bool,
    external_id: str = "",
    answered: Answered | None = None,
    files: Mapping[str, Any] | None = None,
    version: ItemVersion | None = None,
) -> Taken:
    """Take an application in at the window of `by`, and do at once with it what the clerk chose; all or nothing.

    `verified`: the clerk saw the applicant's identity card; `external_id` is another system's number of it, `files` are materials by
    their numbers; `version`: today's of the item, where the caller has read it. NotPermitted for whoever sits at no window; Refusal or
    FieldError with field and rule; IntegrityError when `external_id` was taken in before.
    """
    hall = hall_of(by, now)
    version = version_open(version or version_on(received.item, timezone.localdate(now)))
    ticket, kept = ticket_facts(by, now)
    handed = Handed(received, version, hall, by, verified, answered, kept, external_id, files or {})
    with transaction.atomic():
        opened, _facts = application_open(handed, now=now)
        ticket_serves(ticket, opened.case)
        if received.outcome == "keep":
            application_opened(case=opened.case, state=opened.state, now=now)
            return Taken(opened.case, opened.number, opened.state, "", ticket.shown if ticket else "")
        state, code = _outcome(opened.case, received, version, by, now)
    return Taken(opened.case, opened.number, state, code, ticket.shown if ticket else "")


def version_open(version: ItemVersion | None) -> ItemVersion:
    """The version, if its item can be applied for; Refusal if not."""
    if version is None or not version.active:
        raise Refusal("item", "没有这个事项,或已停用。", field="item")
    if version.unit_id is None:
        raise Refusal("item_unit", "目录里这个事项还没有审批单位,不能收件;请系统管理员先登记。", field="item")
    return version


def application_open(handed: Handed, *, now: datetime) -> tuple[Opened, dict[str, Any]]:
    """Open the case of an application with its form, in the caller's transaction; its facts as well. Refusal or FieldError."""
    facts = {
        **received_facts(
            handed.received, handed.version, now, known=handed.verified or handed.by != BY_REPORTER
        ),
        "verified": handed.verified,
        **handed.kept,
    }
    opened = case_open(_opening(handed, facts, now))
    with kernel_writes():
        applicant = handed.received.applicant
        Application.objects.create(case_id=opened.case, version=handed.version, applicant=applicant)
    if handed.answered is not None:
        application_answer(
            case=opened.case, version=handed.version, answered=handed.answered, by=handed.by, now=now
        )
    if handed.files:
        materials_attach(
            case=opened.case, materials=handed.version.materials, files=handed.files, by=handed.by, now=now
        )
    return opened, facts


def received_facts(
    received: Received, version: ItemVersion, now: datetime, *, known: bool = True
) -> dict[str, Any]:
    """What the rules judge a received application by, with what the city holds of this applicant where it is `known` that it is this
    one: nobody learns it by typing another's number. FieldError for a material that has expired or is not of the list."""
    dates_check(version.materials, received.present, received.dated, timezone.localdate(now))
    party = received.party
    held = (
        holdings(name=party.name, identity=party.id_number, now=now)
        if known and any(one.get("register") for one in version.materials)
        else {}
    )
    return facts_of(version, present=received.present, on=timezone.localdate(now), held=held)


def facts_of(
    version: ItemVersion, *, present: tuple[str, ...], on: date, held: Mapping[str, Holding] | None = None
) -> dict[str, Any]:
    """What the rules judge an application by `on` a day: the version's limits and lists, which materials are there, and which the city has
    (`held`: the applicant's certificates by the name of their kind)."""
    known = numbered(version.materials)
    days = supplement_term(version.promised_days, version.statutory_days, on)
    limits = {
        "onewindow.handle": version.promised_days or version.statutory_days,
        "onewindow.handle_statutory": version.statutory_days,
        "onewindow.supplement": days,
    }
    return {
        "item": version.item.code,
        "version": version.pk,
        "unit": version.unit_id,
        "instant": version.instant,
        "commitment": version.commitment,
        "checks": len(version.checks),
        "materials": states_of(version.materials, present, held),
        "held": held_of(version.materials, held),
        "optional": [n for n, one in known.items() if not one["required"]],
        "supplement_days": days,
        "may_lack": [n for n, one in known.items() if one["may_lack"]],
        "special": {one["ground"]: one["days"] for one in version.special},
        "special_times": {one["ground"]: one["times"] for one in version.special if one.get("times")},
        "limits": {code: days for code, days in limits.items() if days},
        **({"fees": version.fees} if version.fees else {}),
    }


def hall_of(person: int, now: datetime) -> int:
    """The hall in whose window a person sits today; NotPermitted for whoever sits in none."""
    held = Grant.objects.filter(holds_on(timezone.localdate(now)), person_id=person, role=CLERK)
    unit = held.order_by("pk").values_list("unit_id", flat=True).first()
    if unit is None:
        raise NotPermitted("not_permitted", "收件要由窗口受理人员来办,您没有这一权限。")
    return int(unit)


def _opening(handed: Handed, facts: dict[str, Any], now: datetime) -> Opening:
    received, version = handed.received, handed.version
    names = [one["name"] for place, one in enumerate(version.materials, 1) if str(place) in received.present]
    lines = [f"申请办理:{version.name}", f"事项编码:{version.item.code}"]
    if names:
        lines.append("收到的材料:" + "、".join(names))
    if received.remark:
        lines.append(received.remark)
    return Opening(
        pack=PACK, title=_title(received, version), text="\n".join(lines), unit=handed.hall, opened_by=handed.hall, by=handed.by, now=now, reported_at=now,
        matter=matter_code(version.item_id), region=settings.REGION, parties=(received.party,), facts=facts,
        external_id=handed.external_id or None,
    )  # fmt: skip


def _title(received: Received, version: ItemVersion) -> str:
    """What it is, and of whom, so that a list of the same item tells one from another: an organisation by its name, a person masked."""
    name = received.party.name.strip()
    who = mask_name(name) if received.applicant == Application.Applicant.PERSON else name
    return f"{version.name[: 199 - len(who)]}:{who}"


def _outcome(case: int, received: Received, version: ItemVersion, by: int, now: datetime) -> tuple[str, str]:
    """Do at once what the clerk chose: the state then, and the 办件编码 of what was accepted."""
    move: dict[str, Any] = {"case_id": case, "step": received.outcome, "by": by, "now": now}
    if received.outcome == "tell_missing":
        return case_move(**move, data=received.fixes).state, ""
    data: dict[str, Any] = {"unit": version.unit_id}
    if received.outcome == "accept_commitment":
        data["signed"] = "on" if received.signed else ""
    if received.outcome == "accept_at_once":
        moved = accept_at_once(**move, data=data)
        with kernel_writes():
            code = Application.objects.values_list("case_code", flat=True).get(pk=case)
        return moved.state, code or ""
    standing_check(step=received.outcome, identity=received.party.id_number, today=timezone.localdate(now))
    moved = case_move(**move, data=data)
    return moved.state, case_code_take(case=case, now=now, item=version.item)


def application_accept(**move: Any) -> Moved:
    """Accept: to the approving unit of the catalogue unless another is named, and with a 办件编码 where the item has a national
    implementation code. Takes what `case_move` takes, and raises what it raises.
    """
    with transaction.atomic():
        standing_check(
            step=move["step"], identity=identity_of(move["case_id"]), today=timezone.localdate(move["now"])
        )
        moved = case_move(**_to_the_unit(move))
        case_code_take(case=moved.case, now=move["now"])
    return moved


def application_at_once(**move: Any) -> Moved:
    """Accept an instant application and let the registers decide: see `instant.services.accept_at_once`. As `application_accept`."""
    return accept_at_once(**_to_the_unit(move))


def identity_of(case: int) -> str:
    """The number of whoever applied, "" where none is known."""
    with kernel_writes():
        found = Party.objects.filter(case=case, role=Party.Role.REPORTER).order_by("pk")
        return found.values_list("id_number", flat=True).first() or ""


def application_ask(**move: Any) -> Moved:
    """Ask the approving unit of the catalogue unless another is named. As `case_move`."""
    return case_move(**_to_the_unit(move))


def _to_the_unit(move: dict[str, Any]) -> dict[str, Any]:
    data = dict(move.get("data") or {})
    if not data.get("unit"):
        with kernel_writes():
            facts = Case.objects.values_list("facts", flat=True).get(pk=move["case_id"])
        if facts.get("unit"):
            data["unit"] = facts["unit"]
    return {**move, "data": data}


def applications_by_the_clock(*, now: datetime) -> int:
    """Do what the law lets follow when a term has run out: deemed accepted, deemed withdrawn, a special procedure over, ended
    for want of what was to follow, closed without evaluation.

    Returns how many applications went on; one whose rule says not yet is left.
    """
    done = 0
    for kind, (step, states) in BY_THE_CLOCK.items():
        with kernel_writes():
            due = Clock.objects.filter(
                kind=kind, stopped_at=None, due_at__lt=now, case__pack=PACK, case__state__in=states
            )
            cases = list(due.order_by("case").values_list("case_id", "case__facts"))
        for case, facts in cases:
            done += _follows(case, step, facts, now)
    return done


def _follows(case: int, step: str, facts: dict[str, Any], now: datetime) -> bool:
    data: dict[str, Any] = {}
    whole = "parts" in facts
    if step == "deem_accepted" and not whole:
        data["unit"] = facts.get("unit")
    elif step == "not_supplied":
        data["answer"] = (
            f"容缺的材料(材料清单第 {'、'.join(lacking(facts))} 项)到期没有补齐,终止办理。材料备齐后可以重新申请。"
        )
    try:
        with transaction.atomic():
            if whole:
                step = OF_WHOLE.get(step, step)
            write = packs()[PACK].writers.get(step, case_move)
            write(case_id=case, step=step, by=0, now=now, data=data)
            if step == "deem_accepted":
                case_code_take(case=case, now=now)
    except (Refusal, FieldError):
        return False
    return True
