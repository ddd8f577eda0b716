"""A leaver's open cases get other handlers before the account closes; what cannot be handed over is told with why.

DESIGN §3 Units. What somebody did in a case stays recorded there: that needs no other hands, but the case may wait for a
role that nobody else holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import Granted, duty_label
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles, workflows
from bihuan.lib.refusals import Refusal

MOST_RECEIVERS = 20
DUTIES = """
    select c.number, c.workflow, c.state, c.unit_id, c.due_at, array_agg(d.key order by d.key)
    from cases_case c, jsonb_each(c.progress -> 'did') d
    where c.closed_at is null and c.handler_id is distinct from %(person)s and d.value @> to_jsonb(%(person)s::bigint)
    group by c.id order by c.due_at nulls last, c.id
"""
ALONE = """
    select g.unit_id, g.role from identity_grant g
    where g.person_id = %(person)s and g.valid_from <= %(on)s and (g.valid_to is null or g.valid_to > %(on)s)
      and not exists (
        select 1 from identity_grant o join identity_person p on p.id = o.person_id and p.is_active
        where o.unit_id = g.unit_id and o.role = g.role and o.person_id <> g.person_id
          and o.valid_from <= %(on)s and (o.valid_to is null or o.valid_to > %(on)s))
    order by g.unit_id, g.role
"""
WAITING = """
    select unit_id, workflow, state, count(*) from cases_case
    where closed_at is null and unit_id = any(%(units)s) group by 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class HeldCase:
    """An open case in somebody's hands; `duties` are what the person did in it."""

    number: str
    workflow: str
    state: str
    unit: int
    due_at: datetime | None
    duties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alone:
    """A role that nobody else holds in a unit, and how many open cases wait there for it."""

    unit: int
    role: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a person leaves behind: cases handled, cases in which duties were done, roles that nobody else holds."""

    handled: tuple[HeldCase, ...]
    done: tuple[HeldCase, ...]
    alone: tuple[Alone, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """One case and who receives it, or why nobody of those named can."""

    case: HeldCase
    to: int | None
    why: str = ""


def cases_held(*, person: int, now: datetime) -> Held:
    """All that must be settled before this person goes. Read as the kernel: numbers, states and units, no content."""
    on = timezone.localdate(now)
    with kernel_writes(), connection.cursor() as cursor:
        handled = Case.objects.filter(handler_id=person, closed_at=None).order_by("due_at", "pk")
        held = tuple(HeldCase(c.number, c.workflow, c.state, c.unit_id, c.due_at) for c in handled)
        cursor.execute(DUTIES, {"person": person})
        done = tuple(
            HeldCase(number, workflow, state, unit, due_at, tuple(duties))
            for number, workflow, state, unit, due_at, duties in cursor.fetchall()
        )
        cursor.execute(ALONE, {"person": person, "on": on})
        alone = [(unit, role) for unit, role in cursor.fetchall() if _acts_as_holder(role)]
        cursor.execute(WAITING, {"units": [unit for unit, _role in alone]})
        waiting = Counter[tuple[int, str]]()
        for unit, workflow, state, count in cursor.fetchall():
            waiting[unit, workflows()[workflow].state[state].waits_for] += count
    return Held(held, done, tuple(Alone(unit, role, waiting[unit, role]) for unit, role in alone))


def cases_hand_over(*, person: int, to: Sequence[int], by: int | str, now: datetime) -> tuple[Share, ...]:
    """Share the open cases of `person` among `to`, evenly and by due time. Returns what became of each.

    Only a system administrator may. A case goes to somebody who may act in its unit and has done no duty in it that must
    be another's (the handler reviews nothing of his own). What nobody named can take stays, with the reason; Refusal
    when none can be taken.
    """
    power_require("system_admin", by=by, now=now)
    if not 0 < len(set(to)) <= MOST_RECEIVERS:
        raise Refusal("receivers", _("接收人要有 1 至 %s 人。") % MOST_RECEIVERS, field="to")
    if person in to:
        raise Refusal("hand_over", _("不能交接给本人。"), field="to")
    with writer_cursor() as cursor:
        ids = list(Case.objects.filter(handler_id=person, closed_at=None).values_list("pk", flat=True))
        drafts, held = cases_lock(cursor, ids, now=now, people=to)
        mine = [d for d in drafts.values() if d.row.handler_id == person and d.row.closed_at is None]
        if not mine:
            raise Refusal("nothing", _("此人手上没有未办结的件。"))
        shares = _shared(mine, {one: held.get(one, []) for one in to})
        going = [(draft, share.to) for draft, share in zip(mine, shares, strict=True) if share.to]
        if not going:
            told = {"count": len(shares), "first": shares[0].case.number, "why": shares[0].why}
            raise Refusal("hand_over", _("%(count)s 件都交不出去。%(first)s:%(why)s") % told, field="to")
        for draft, receiver in going:
            draft.row.handler_id = receiver
            draft.row.version += 1
            data = {"from": person, "to": receiver, "version": draft.row.version}
            draft.enter(kind="handed_over", at=now, by=by, data=data)
        cases_write(cursor, [draft for draft, _receiver in going])
    return tuple(shares)


def _shared(drafts: list[Draft], granted: Mapping[int, Sequence[Granted]]) -> list[Share]:
    """In the order of due times, each to whoever of those that may take it has the fewest so far."""
    drafts.sort(key=lambda d: (d.row.due_at is None, d.row.due_at, d.row.id))
    given: Counter[int] = Counter()
    shares = []
    for draft in drafts:
        row = draft.row
        case = HeldCase(row.number, row.workflow, row.state, row.unit_id, row.due_at)
        able = [one for one, grants in granted.items() if _may_act(draft, grants)]
        free = [one for one in able if not _other_duties(draft, one)]
        if free:
            chosen = min(free, key=lambda one: given[one])
            given[chosen] += 1
            shares.append(Share(case, chosen))
        elif able:
            duties = "、".join(duty_label(duty) for duty in _other_duties(draft, able[0]))
            shares.append(Share(case, None, _("接收人在本件中已经“%s”,不能再经办;请另选一人。") % duties))
        else:
            shares.append(
                Share(case, None, _("接收人在承办单位没有办理角色;请另选,或由安全管理员先授予角色。"))
            )
    return shares


def _other_duties(draft: Draft, person: int) -> list[str]:
    did = draft.row.progress.get("did", {})
    return sorted(
        duty for duty, people in did.items() if duty in ("review", "call_back") and person in people
    )


def _acts_as_holder(role: str) -> bool:
    known = roles().get(role)
    return known is not None and known.acts != "nowhere"


def _may_act(draft: Draft, granted: Sequence[Granted]) -> bool:
    known = roles()
    acts = {g: known[g.role].acts for g in granted if g.role in known and not g.on_behalf_of}
    return any(
        act == "anywhere" or (act == "holder" and g.unit == draft.row.unit_id) for g, act in acts.items()
    )
