"""Somebody at a kiosk: page after page, until the number is there. A guide may see and fill the same page, if the citizen agrees.

What is typed lies in one row while the visit lasts, so that both see the same; the row is deleted when it ends. The ledger says who
helped whom when, and nothing of what was typed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.public.following import case_of
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.hall.calling import GUIDE, MANAGER
from bihuan.packs.onewindow.hall.models import Visit
from bihuan.packs.onewindow.hall.rules import KIOSK
from bihuan.packs.onewindow.hall.selectors import terms_now
from bihuan.packs.onewindow.hall.taking import Wanted, holder_checked, ticket_take

IDLE = timedelta(seconds=120)
"""So long after the last touch a visit is over, whatever the device does."""
START, IDENTITY, WANTED, TICKET, FOLLOW, FOLLOWED, HELP = (
    "start",
    "identity",
    "wanted",
    "ticket",
    "follow",
    "followed",
    "help",
)
FIELDS = ("id_number", "priority", "booking", "code", "number")


def visit_now(*, kiosk: int, unit: int, now: datetime) -> Visit:
    """The visit at a kiosk; a new one when there is none or the last was left."""
    with kernel_writes():
        found = Visit.objects.select_related("helper").filter(kiosk=kiosk).first()
        if found is not None and now - found.touched_at > IDLE:
            _end(found, now)
            found = None
        if found is None:
            begun = {"unit_id": unit, "begun_at": now, "touched_at": now, "page": START}
            found, _new = Visit.objects.get_or_create(kiosk_id=kiosk, defaults=begun)
    return found


def visit_act(
    *, visit: int, act: str, typed: Mapping[str, Any], by: int, address: str, now: datetime
) -> None:
    """One touch of the citizen or of the guide who helps. What is wrong stands beside its field on the same page.

    NotFound for what is no page; Conflict when the visit is over.
    """
    if act not in ACTS:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    with kernel_writes():
        found = Visit.objects.select_for_update(of=("self",)).filter(pk=visit).first()
        if found is None or by not in (found.kiosk_id, found.helper_id):
            raise Conflict("visit_over", _("这一次已经结束。"))
    found.typed |= {name: str(typed[name])[:60].replace("\0", "") for name in FIELDS if name in typed}
    found.wrong, found.touched_at, found.version = {}, now, found.version + 1
    try:
        ACTS[act](found, typed, address, now)
    except (Refusal, FieldError) as error:
        found.wrong = {error.field or "": told(error)}
    with kernel_writes():
        if found.page:
            found.save()
        else:
            _end(found, now)


def visit_help(*, code: str, scope: Scope, now: datetime) -> Visit:
    """The guide opens the citizen's screen by the code that stands on it; it opens once. NotFound for a wrong one, which is counted."""
    who = f"visit {scope.person}"
    gate_check("wrong_number", who, now)
    units = [held.unit for held in scope.held if held.role in (GUIDE, MANAGER)]
    digits = clean_text(code, field="code", max_length=12, multiline=False).replace(" ", "")
    with kernel_writes():
        rows = Visit.objects.select_for_update(of=("self",)).filter(
            unit__in=units, touched_at__gte=now - IDLE
        )
        found = rows.filter(code=digits).first() if digits else None
        if found is not None:
            found.helper_id, found.code, found.touched_at = scope.person, "", now
            found.page, found.version = START if found.page == HELP else found.page, found.version + 1
            found.save()
            _enter(found, "visit_helped", scope.person, now)
            return found
    gate_count("wrong_number", who, now)
    raise NotFound("visit_code", _("没有这个代码。请看自助机上显示的六位数字。"), field="code")


def visit_helped(person: int, now: datetime) -> Visit | None:
    """The visit that a guide helps with at this moment."""
    with kernel_writes():
        return Visit.objects.filter(helper=person, touched_at__gte=now - IDLE).order_by("-touched_at").first()


def visits_end(*, now: datetime) -> int:
    """Delete the visits that were left. Returns how many."""
    with kernel_writes():
        left = list(Visit.objects.select_for_update(skip_locked=True).filter(touched_at__lt=now - IDLE))
        for one in left:
            _end(one, now)
    return len(left)


def _end(visit: Visit, now: datetime) -> None:
    helper = visit.helper_id
    if helper:
        _enter(visit, "visit_ended", helper, now)
    visit.delete()


def _enter(visit: Visit, kind: str, helper: int, now: datetime) -> None:
    register_append(
        stream=f"hall:{visit.unit_id}", kind=kind, at=now, by=helper, data={"kiosk": visit.kiosk_id}
    )


def _to(page: str) -> Callable[[Visit, Mapping[str, Any], str, datetime], None]:
    def go(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
        visit.page, visit.code = page, ""
        if page in (START, IDENTITY, FOLLOW):
            visit.typed = {}

    return go


def _stay(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
    """Only what was typed is kept: the other side sees it."""


def _large(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
    visit.large = not visit.large


def _agree(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
    """The citizen agrees that a guide sees and fills this page: a code that opens it once."""
    visit.page, visit.code = HELP, f"{secrets.randbelow(10**6):06}"


def _alone(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
    if visit.helper_id:
        _enter(visit, "visit_ended", visit.helper_id, now)
    visit.helper, visit.code = None, ""
    visit.page = START if visit.page == HELP else visit.page


def _identify(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
    wanted = _wanted(visit, "")
    _holder, priority = holder_checked(wanted, terms_now(now), now)
    visit.typed["priority"] = priority
    visit.page = WANTED


def _take(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
    made = ticket_take(wanted=_wanted(visit, str(typed.get("group", ""))[:1]), by=BY_REPORTER, now=now)
    visit.page, visit.typed = TICKET, {"ticket": made.pk}


def _follow(visit: Visit, typed: Mapping[str, Any], address: str, now: datetime) -> None:
    code = visit.typed.pop("code", "")
    case = case_of(number=visit.typed.get("number", ""), code=code, address=address, now=now)
    visit.page, visit.typed = FOLLOWED, {"case": case}


def _wanted(visit: Visit, group: str) -> Wanted:
    kept = visit.typed
    return Wanted(
        unit=visit.unit_id, key=f"visit-{visit.pk}-{group}", way=KIOSK, group=group, priority=kept.get("priority", ""),
        id_number=kept.get("id_number", ""), booking=kept.get("booking", ""), code=kept.get("code", ""),
    )  # fmt: skip


ACTS: Mapping[str, Callable[[Visit, Mapping[str, Any], str, datetime], None]] = {
    "start": _to(START),
    "identity": _to(IDENTITY),
    "follow": _to(FOLLOW),
    "help": _to(HELP),
    "end": _to(""),
    "type": _stay,
    "large": _large,
    "agree": _agree,
    "alone": _alone,
    "identify": _identify,
    "take": _take,
    "ask": _follow,
}
