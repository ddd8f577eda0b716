"""cases_hand_out: within a unit, a chief gives a case to one of its people. Its state stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import Granted
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal


def cases_hand_out(*, cases: Mapping[int, int], to: int, by: int, now: datetime) -> dict[int, Refusal | None]:
    """Make `to` the handler of these cases, given as {id: the version that was seen}; each done (None) or refused for itself.

    `by` needs a role that hands out in the unit that holds the case, own or delegated; `to` an own role that acts there.
    """
    seen = set(Case.objects.filter(pk__in=cases).values_list("pk", flat=True))
    with writer_cursor() as cursor:
        drafts, held = cases_lock(cursor, sorted(seen), people=[by, to], now=now)
        found: dict[int, Refusal | None] = {}
        for case, version in cases.items():
            found[case] = refusal = _refusal(
                drafts.get(case), version, to, held.get(by, ()), held.get(to, ())
            )
            if refusal is None:
                _give(drafts[case], to=to, by=by, now=now)
        cases_write(cursor, [drafts[case] for case, refusal in found.items() if refusal is None])
    return found


def may_hand_out(granted: Iterable[Granted], unit: int) -> bool:
    """May whoever holds these roles hand out the cases of this unit?"""
    known = roles()
    own = (grant for grant in granted if grant.unit == unit and not grant.step)
    return any(grant.role in known and known[grant.role].hands_out for grant in own)


def _refusal(
    draft: Draft | None, version: int, to: int, mine: Iterable[Granted], theirs: Iterable[Granted]
) -> Refusal | None:
    if draft is None:
        return NotFound("not_found", "没有这一件,或您无权查看。")
    known, row = roles(), draft.row
    if not may_hand_out(mine, row.unit_id):
        return NotPermitted("not_permitted", "交办要由承办单位的负责人来办,您没有这一权限。")
    if row.closed_at is not None:
        return Refusal("closed", "本件已经办结,不能再交办。")
    if row.version != version:
        return Conflict("version", "本件刚才有人办理过,请刷新后再交办。")
    own = (grant for grant in theirs if not grant.on_behalf_of and grant.unit == row.unit_id)
    if not any(grant.role in known and known[grant.role].acts == "holder" for grant in own):
        return Refusal("handler", "接办人要在承办单位有办理角色。", field="to")
    if row.handler_id == to:
        return Refusal("already", "本件已经由此人经办。", field="to")
    return None


def _give(draft: Draft, *, to: int, by: int, now: datetime) -> None:
    row = draft.row
    data = {"from": row.handler_id, "to": to, "version": row.version + 1}
    row.handler_id, row.version = to, row.version + 1
    draft.enter(kind="handed_out", at=now, by=by, data=data)
