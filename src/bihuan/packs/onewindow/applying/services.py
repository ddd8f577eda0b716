"""Applications: taken in at the window with what was checked, accepted with a 办件编码, and what comes by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Grant
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.formats import FormatError
from bihuan.kernel.numbering.services import numbers_take
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.receiving import Received
from bihuan.packs.onewindow.catalogue.codes import CASE_NUMBER, code_read
from bihuan.packs.onewindow.catalogue.selectors import matter_code, version_on
from bihuan.packs.onewindow.hall.calling import ticket_facts, ticket_serves
from bihuan.packs.onewindow.models import Application, ItemVersion
from bihuan.packs.onewindow.platforms.changes import application_opened

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


def application_take(*, received: Received, by: int, now: datetime, external_id: str = "") -> Taken:
    """Take an application in at the window of `by`, and do at once with it what the clerk chose; all or nothing.

    NotPermitted for whoever sits at no window; Refusal or FieldError with field and rule. `external_id` is another system's number
    of it: IntegrityError when that was taken in before.
    """
    hall = hall_of(by, now)
    version = version_on(received.item, timezone.localdate(now))
    if version is None or not version.active:
        raise Refusal("item", "没有这个事项,或已停用。", field="item")
    if version.unit_id is None:
        raise Refusal("item_unit", "目录里这个事项还没有审批单位,不能收件;请系统管理员先登记。", field="item")
    ticket, kept = ticket_facts(by, now)
    facts = {**facts_of(version, present=received.present), **kept}
    with transaction.atomic():
        opened = case_open(_opening(received, version, facts, hall, by, now, external_id))
        with kernel_writes():
            Application.objects.create(case_id=opened.case, version=version, applicant=received.applicant)
        ticket_serves(ticket, opened.case)
        if received.outcome == "keep":
            application_opened(case=opened.case, state=opened.state, now=now)
            return Taken(opened.case, opened.number, opened.state, "")
        state, code = _outcome(opened.case, received, version, by, now)
    return Taken(opened.case, opened.number, state, code)


def facts_of(version: ItemVersion, *, present: tuple[str, ...]) -> dict[str, Any]:
    """What the rules judge an application by: the version's limits and lists, and which materials are there."""
    numbered = {str(place): one for place, one in enumerate(version.materials, 1)}
    unknown = [number for number in present if number not in numbered]
    if unknown:
        raise FieldError("present", "choice", f"材料清单里没有第 {unknown[0]} 项。")
    states = {
        n: "held" if one["held"] else "present" if n in present else "lacking" for n, one in numbered.items()
    }
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
        "materials": states,
        "optional": [n for n, one in numbered.items() if not one["required"]],
        "may_lack": [n for n, one in numbered.items() if one["may_lack"]],
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


def _opening(
    received: Received,
    version: ItemVersion,
    facts: dict[str, Any],
    hall: int,
    by: int,
    now: datetime,
    external_id: str,
) -> Opening:
    names = [one["name"] for place, one in enumerate(version.materials, 1) if str(place) in received.present]
    lines = [f"申请办理:{version.name}", f"事项编码:{version.item.code}"]
    if names:
        lines.append("收到的材料:" + "、".join(names))
    if received.remark:
        lines.append(received.remark)
    return Opening(
        pack=PACK, title=version.name, text="\n".join(lines), unit=hall, opened_by=hall, by=by, now=now, reported_at=now,
        matter=matter_code(version.item_id), region=settings.REGION, parties=(received.party,), facts=facts,
        external_id=external_id or None,
    )  # fmt: skip


def _outcome(case: int, received: Received, version: ItemVersion, by: int, now: datetime) -> tuple[str, str]:
    """Do at once what the clerk chose: the state then, and the 办件编码 of what was accepted."""
    move: dict[str, Any] = {"case_id": case, "step": received.outcome, "by": by, "now": now}
    if received.outcome == "tell_missing":
        return case_move(**move).state, ""
    data: dict[str, Any] = {"unit": version.unit_id}
    if received.outcome == "accept_commitment":
        data["signed"] = "on" if received.signed else ""
    moved = case_move(**move, data=data)
    return moved.state, case_code_take(case=case, now=now)


def application_accept(**move: Any) -> Moved:
    """Accept: to the approving unit of the catalogue unless another is named, and with a 办件编码 where the item has a national
    implementation code. Takes what `case_move` takes, and raises what it raises.
    """
    with transaction.atomic():
        moved = case_move(**_to_the_unit(move))
        case_code_take(case=moved.case, now=move["now"])
    return moved


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


def case_code_take(*, case: int, now: datetime) -> str:
    """The 办件编码 of an accepted application: by item and day, without gaps, once; "" where the item has no code to count by.

    Refusal when the day's 9999 are used up.
    """
    with kernel_writes():
        row = Application.objects.select_related("version__item").filter(pk=case).first()
        item = row.version.item if row else None
        if row is None or item is None or row.case_code or item.scheme != "national":
            return (row and row.case_code) or ""
        implementation = code_read(item.code, "national").implementation
        if not implementation:
            return ""
        on = timezone.localdate(now)
        try:
            (code,) = numbers_take(format_=CASE_NUMBER, on=on, item=implementation)
        except FormatError:
            raise Refusal("case_code", "这个事项今天的办件编码已用完(9999 件),请明天受理。") from None
        row.case_code = code
        row.save(update_fields=["case_code"])
    return code


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
