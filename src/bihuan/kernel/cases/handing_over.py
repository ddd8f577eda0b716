"""cases_hand_over: a leaver's open cases get another handler before the account closes (DESIGN §3 Units)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import Granted
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import Refusal


def cases_hand_over(*, person: int, to: int, by: int | str, now: datetime) -> int:
    """Make `to` the handler of every open case of `person`; all or none. Returns how many.

    Only a system administrator may. Refusal when `to` holds no role that acts in the unit of each of these cases.
    """
    power_require("system_admin", by=by, now=now)
    if to == person:
        raise Refusal("hand_over", _("不能交接给本人。"), field="to")
    with writer_cursor() as cursor:
        ids = list(Case.objects.filter(handler_id=person, closed_at=None).values_list("pk", flat=True))
        drafts, held = cases_lock(cursor, ids, now=now, people=[to])
        mine = [d for d in drafts.values() if d.row.handler_id == person and d.row.closed_at is None]
        granted = [g for g in held.get(to, []) if not g.on_behalf_of]
        strange = [draft.row.number for draft in mine if not _may_act(draft, granted)]
        if strange:
            told = {"count": len(strange), "first": strange[0]}
            raise Refusal(
                "hand_over",
                _("接收人在 %(count)s 件的承办单位没有办理角色,如 %(first)s。") % told,
                field="to",
            )
        for draft in mine:
            draft.row.handler_id = to
            draft.row.version += 1
            data = {"from": person, "to": to, "version": draft.row.version}
            draft.enter(kind="handed_over", at=now, by=by, data=data)
        cases_write(cursor, mine)
    return len(mine)


def _may_act(draft: Draft, granted: Sequence[Granted]) -> bool:
    known = roles()
    acts = {g: known[g.role].acts for g in granted if g.role in known}
    return any(
        act == "anywhere" or (act == "holder" and g.unit == draft.row.unit_id) for g, act in acts.items()
    )
