"""Calling a unit to account: the one door to supervised and accountability cases.

Which pack takes such cases is the site's setting SUPERVISION_PACK; what a case begins with is that pack's
`Pack.called_to_account`. Without one there is the entry in the register `account` and a notice to the centre.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.conf import settings

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import Opened, Opening, case_open
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.manifest import AccountCase, CalledToAccount
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.pack import packs
from bihuan.kernel.scoring.models import Account
from bihuan.lib.text import SHANGHAI

STREAM = "account"
NOTICES = {
    Account.Matter.ACCOUNTABILITY: "accountability",
    Account.Matter.SUPERVISED: "supervised_case",
    Account.Matter.DECISION: "decision",
}
CALL = """
    select c.id, c.number, c.unit_id, c.redo_count, c.return_count
    from cases_case c left join scoring_account a on a.origin_id = c.id and a.matter = 'supervised'
    where c.supervised and c.closed_at is null and not c.imported and a.id is null and c.pack <> %s
    order by c.id limit %s
"""


def account_open(
    *,
    matter: str,
    unit_id: int,
    reason: str,
    facts: Mapping[str, Any],
    key: str,
    now: datetime,
    origin: int | None = None,
) -> Opened | None:
    """Call a unit to account in `matter` ("accountability", "supervised" or "decision"), exactly once by `key` (at most 70 characters).

    Writes the entry `called` in the register `account` and a notice to the centre, and opens the case that the site's
    supervision pack makes of it: returned, None when no pack takes it. Again with a known key nothing is written and the
    same is returned. `facts` hold no fractions; `origin` is the id of the case that led to it. ValueError for another matter.
    """
    matter = Account.Matter(matter)
    with kernel_writes():
        values = {
            "matter": matter,
            "unit_id": unit_id,
            "reason": reason[:300],
            "facts": dict(facts),
            "at": now,
        }
        row, new = Account.objects.get_or_create(key=key, defaults={**values, "origin_id": origin})
        if not new:
            return _opened(row)
        call = _call(row)
        row.case_id = _case_open(row, call)
        row.save(update_fields=["case"])
        data = {"key": key, **values, "origin": call.origin_number, "case": _number(row)}
        del data["at"]
        register_append(stream=STREAM, kind="called", at=now, by="system", data=data)
        notice_put(
            channel="in_app",
            template=NOTICES[matter],
            key=f"account:{row.pk}",
            now=now,
            context={"number": call.origin_number or call.unit_name},
            case=row.case_id or origin,
            unit=call.centre,
        )
        return _opened(row)


def account_join(*, account: Account, reason: str, facts: Mapping[str, Any], now: datetime) -> None:
    """Join what came again to the open case of a call, instead of a second one: the step that its pack names is taken, and the
    entry `joined` stands in the register `account`. `facts` are added to those of the call under `joined`.
    """
    with kernel_writes():
        account.facts = {**account.facts, "joined": [*account.facts.get("joined", ()), dict(facts)]}
        account.save(update_fields=["facts"])
        data = {
            "key": account.key,
            "unit_id": account.unit_id,
            "reason": reason,
            "facts": facts,
            "case": _number(account),
        }
        register_append(stream=STREAM, kind="joined", at=now, by="system", data=data)
        step = packs()[settings.SUPERVISION_PACK].called_again.get(account.matter, "")
        if step and account.case_id:
            case_move(case_id=account.case_id, step=step, by=0, now=now, data={"words": reason})


def supervised_call(*, now: datetime, most: int = 500) -> int:
    """Call to account the unit of each open case whose supervise mark is new; a case once. Returns how many."""
    with kernel_writes():
        found = list(Case.objects.raw(CALL, [settings.SUPERVISION_PACK, most]))
    for case in found:
        account_open(
            matter=str(Account.Matter.SUPERVISED),
            unit_id=case.unit_id,
            reason=f"{case.number} 列入督办:重办 {case.redo_count} 次,退单 {case.return_count} 次",
            facts={"number": case.number, "redo_count": case.redo_count, "return_count": case.return_count},
            key=f"supervised:{case.pk}",
            now=now,
            origin=case.pk,
        )
    return len(found)


def centre_unit() -> Unit:
    """The centre that this site serves: the unit of that kind in its region."""
    centres = Unit.objects.filter(kind=Unit.Kind.CENTRE).order_by("pk")
    return centres.filter(parent__code=settings.REGION).first() or centres.get()


def _call(row: Account) -> CalledToAccount:
    origin = Case.objects.filter(pk=row.origin_id).first()
    return CalledToAccount(
        matter=row.matter,
        unit=row.unit_id,
        unit_name=Unit.objects.get(pk=row.unit_id).name,
        centre=origin.opened_by_id if origin and origin.parent_id is None else centre_unit().pk,
        reason=row.reason,
        facts=row.facts,
        now=row.at,
        origin=row.origin_id,
        origin_number=origin.number if origin else "",
    )


def _case_open(row: Account, call: CalledToAccount) -> int | None:
    """The case that the supervision pack makes of the call; None when no pack takes this matter."""
    pack = packs().get(settings.SUPERVISION_PACK)
    takes = pack.called_to_account.get(row.matter) if pack else None
    if pack is None or takes is None:
        return None
    begins: AccountCase = takes(call)
    holder, viewer = (call.unit, call.centre) if begins.held_by == "unit" else (call.centre, call.unit)
    opening = Opening(
        pack=pack.name,
        workflow=begins.workflow,
        title=begins.title,
        text=begins.text,
        unit=holder,
        opened_by=call.centre,
        by=0,
        now=row.at,
        reported_at=row.at,
        matter=begins.category,
        region=settings.REGION,
        facts=begins.facts,
        external_id=f"account:{row.key}",
        origin=row.origin_id,
        viewers=(viewer,),
        superior={"number": "", "due_at": _day_end(begins.due).isoformat()} if begins.due else None,
        passes_on=bool(begins.first),
    )
    case = case_open(opening).case
    if begins.first:
        case_move(case_id=case, step=begins.first, by=0, now=row.at, data={"unit": call.unit})
    return case


def _day_end(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def _number(row: Account) -> str:
    return row.case.number if row.case else ""


def _opened(row: Account) -> Opened | None:
    case = Case.objects.filter(pk=row.case_id).first() if row.case_id else None
    return Opened(case.pk, case.number, case.version, case.state) if case else None
