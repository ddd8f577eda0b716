"""Applications: taken in at the window with what was checked, accepted with a 办件编码, and what comes by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opened, Opening, case_open
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Grant
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.case_codes import case_code_take
from bihuan.packs.onewindow.applying.materials import dates_check, held_of, numbered, states_of
from bihuan.packs.onewindow.applying.receiving import DATED, Received, dates_read
from bihuan.packs.onewindow.asking.item_form import Answered, application_answer
from bihuan.packs.onewindow.catalogue.selectors import matter_code, version_on
from bihuan.packs.onewindow.commitments.services import standing_check
from bihuan.packs.onewindow.hall.calling import ticket_facts, ticket_serves
from bihuan.packs.onewindow.instant.rules import Holding
from bihuan.packs.onewindow.instant.services import accept_at_once, holdings
from bihuan.packs.onewindow.models import Application, ItemVersion
from bihuan.packs.onewindow.platforms.changes import application_opened
from bihuan.packs.onewindow.rules import numbers_read

PACK, CLERK = "onewindow", "window_clerk"
SUPPLEMENT_MOST, SUPPLEMENT_BEFORE = 20, 2
"""容缺: at most so many working days, and so many fewer than promised (rules.md B2)."""
BY_THE_CLOCK = {
    "notice": ("deem_accepted", ("received", "asked")),
    "correct": ("deem_withdrawn", ("correcting",)),
    "evaluate": ("close_unevaluated", ("evaluating",)),
    "further": ("close_mended", ("further",)),
}
"""What the system does when a clock of this kind has run out, in these states."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An application taken in: its case, number and state, and its 办件编码 when it was accepted at once."""

    case: int
    number: str
    state: str
    case_code: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in, for which version of its item, to which hall (a unit's id), by whom it is entered. `verified`: somebody
    looked at the applicant's identity; `answered`: the item's form; `kept`: further facts of the case."""

    received: Received
    version: ItemVersion
    hall: int
    by: int
    verified: bool
    answered: Answered | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    external_id: str = ""


def application_take(
    *,
    received: Received,
    by: int,
    now: datetime,
    verified: bool,
    external_id: str = "",
    answered: Answered | None = None,
) -> Taken:
    """Take an application in at the window of `by`, and do at once with it what the clerk chose; all or nothing.

    `verified`: the clerk saw the applicant's identity card. NotPermitted for whoever sits at no window; Refusal or FieldError with
    field and rule. `external_id` is another system's number
    of it: IntegrityError when that was taken in before.
    """
    hall = hall_of(by, now)
    version = item_version(received.item, now)
    ticket, kept = ticket_facts(by, now)
    handed = Handed(received, version, hall, by, verified, answered, kept, external_id)
    with transaction.atomic():
        opened, _facts = application_open(handed, now=now)
        ticket_serves(ticket, opened.case)
        if received.outcome == "keep":
            application_opened(case=opened.case, state=opened.state, now=now)
            return Taken(opened.case, opened.number, opened.state, "")
        state, code = _outcome(opened.case, received, version, by, now)
    return Taken(opened.case, opened.number, state, code)


def item_version(item: int, now: datetime) -> ItemVersion:
    """What an item says today. Refusal when it cannot be applied for."""
    version = version_on(item, timezone.localdate(now))
    if version is None or not version.active:
        raise Refusal("item", "没有这个事项,或已停用。", field="item")
    if version.unit_id is None:
        raise Refusal("item_unit", "目录里这个事项还没有审批单位,不能收件;请系统管理员先登记。", field="item")
    return version


def application_open(handed: Handed, *, now: datetime) -> tuple[Opened, dict[str, Any]]:
    """Open the case of an application with its form, in the caller's transaction; its facts as well. Refusal or FieldError."""
    facts = {
        **received_facts(handed.received, handed.version, now),
        "verified": handed.verified,
        **handed.kept,
    }
    opened = case_open(_opening(handed, facts, now))
    with kernel_writes():
        applicant = handed.received.applicant
        Application.objects.create(case_id=opened.case, version=handed.version, applicant=applicant)
    if handed.answered is not None:
        answer = {"version": handed.version, "answered": handed.answered, "by": handed.by, "now": now}
        application_answer(case=opened.case, **answer)  # type: ignore[arg-type]
    return opened, facts


def received_facts(received: Received, version: ItemVersion, now: datetime) -> dict[str, Any]:
    """What the rules judge a received application by, with what the city holds of this applicant. FieldError for a material that has
    expired or is not of the list."""
    dates_check(version.materials, received.present, received.dated, timezone.localdate(now))
    party = received.party
    held = (
        holdings(name=party.name, identity=party.id_number, now=now)
        if any(one.get("register") for one in version.materials)
        else {}
    )
    return facts_of(version, present=received.present, held=held)


def facts_of(
    version: ItemVersion, *, present: tuple[str, ...], held: Mapping[str, Holding] | None = None
) -> dict[str, Any]:
    """What the rules judge an application by: the version's limits and lists, which materials are there, and which the city has
    (`held`: the applicant's certificates by the name of their kind)."""
    known = numbered(version.materials)
    limits = {"onewindow.handle": version.promised_days, "onewindow.handle_statutory": version.statutory_days}
    if version.promised_days:
        days = min(SUPPLEMENT_MOST, version.promised_days - SUPPLEMENT_BEFORE)
        limits["onewindow.supplement"] = max(1, days)
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
        "may_lack": [n for n, one in known.items() if one["may_lack"]],
        "special": {one["ground"]: one["days"] for one in version.special},
        "limits": {code: days for code, days in limits.items() if days},
    }


def hall_of(person: int, now: datetime) -> int:
    """The hall in whose window a person sits today; NotPermitted for whoever sits in none."""
    on = timezone.localdate(now)
    held = Grant.objects.filter(person_id=person, role=CLERK, valid_from__lte=on)
    unit = held.filter(Q(valid_to=None) | Q(valid_to__gt=on)).values_list("unit_id", flat=True).first()
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
        pack=PACK, title=version.name, text="\n".join(lines), unit=handed.hall, opened_by=handed.hall, by=handed.by, now=now, reported_at=now,
        matter=matter_code(version.item_id), region=settings.REGION, parties=(received.party,), facts=facts,
        external_id=handed.external_id or None,
    )  # fmt: skip


def _outcome(case: int, received: Received, version: ItemVersion, by: int, now: datetime) -> tuple[str, str]:
    """Do at once what the clerk chose: the state then, and the 办件编码 of what was accepted."""
    move: dict[str, Any] = {"case_id": case, "step": received.outcome, "by": by, "now": now}
    if received.outcome == "tell_missing":
        return case_move(**move).state, ""
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
    return moved.state, case_code_take(case=case, now=now)


def application_accept(**move: Any) -> Moved:
    """Accept: to the approving unit of the catalogue unless another is named, and with a 办件编码 where the item has a national
    implementation code. Takes what `case_move` takes, and raises what it raises.
    """
    with transaction.atomic():
        standing_check(
            step=move["step"], identity=_identity(move["case_id"]), today=timezone.localdate(move["now"])
        )
        moved = case_move(**_to_the_unit(move))
        case_code_take(case=moved.case, now=move["now"])
    return moved


def application_at_once(**move: Any) -> Moved:
    """Accept an instant application and let the registers decide: see `instant.services.accept_at_once`. As `application_accept`."""
    return accept_at_once(**_to_the_unit(move))


def materials_take(**move: Any) -> Moved:
    """The step by which missing materials come, if none of them has expired: `dated` says their days, as "6=2026-01-31". As `case_move`."""
    data = move.get("data") or {}
    with kernel_writes():
        row = Application.objects.select_related("version").filter(pk=move["case_id"]).first()
    if row is not None:
        days = dict(part.partition("=")[::2] for part in str(data.get("dated") or "")[:400].split())
        dated = dates_read({f"{DATED}{number}": day for number, day in days.items()})
        today = timezone.localdate(move["now"])
        dates_check(row.version.materials, numbers_read(data.get("received")), dated, today)
    return case_move(**move)


def _identity(case: int) -> str:
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
    """Do what the law lets follow when a term has run out: deemed accepted, deemed withdrawn, closed without evaluation.

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
    data = {"unit": facts.get("unit")} if step == "deem_accepted" else {}
    try:
        with transaction.atomic():
            case_move(case_id=case, step=step, by=0, now=now, data=data)
            if step == "deem_accepted":
                case_code_take(case=case, now=now)
    except (Refusal, FieldError):
        return False
    return True
