"""The dialogue: which step here is told to which peer, and which step here an incoming message asks for.

What the messages hold is the pack's (`Pack.tiers`); that one is handed down, withdrawn, closed, received or gone on is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.cases.conversation import question_put, reply_put
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.exchange.envelope import DOWN, KINDS, Envelope
from bihuan.kernel.exchange.models import Link, Message, Peer
from bihuan.kernel.exchange.outbox import bring_defer, message_put
from bihuan.kernel.exchange.parcels import files_tell, parcel_keep, parcel_untaken
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Spoken, Stepped, Tiers
from bihuan.kernel.pack import packs, workflows
from bihuan.lib.refusals import Refusal

UNKNOWN_KIND = "unknown_kind"
ENDS = ("withdrawn", "closed", "urged", "replied")
"""What is too late for a case that has ended here is no fault."""


def steps_follow(stepped: Sequence[Stepped]) -> None:
    """Put what these steps mean to peers into the outbox: what a pack's `follow` calls, in the transaction of the steps."""
    concerned = [one for one in stepped if _tiers(one.pack).concerns(one)]
    if not concerned:
        return
    with kernel_writes():
        links = _links(one.case for one in concerned)
        below = _peers_below({one.unit for one in concerned})
        for one in concerned:
            mine = links.get(one.case, {})
            if "superior" in mine:
                _tell_up(mine["superior"], one)
            _tell_down(mine.get("subordinate"), one, below.get(one.unit))


def _tiers(pack: str) -> Tiers:
    tiers = packs()[pack].tiers
    if tiers is None:
        raise ValueError(f"The pack {pack!r} does not say what passes between centres.")
    return tiers()


def _links(cases: Iterable[int]) -> dict[int, dict[str, Link]]:
    """The links of each of these cases by their peer's relation; of several below, the one that was made last."""
    links: dict[int, dict[str, Link]] = {}
    for link in Link.objects.select_related("peer").filter(case__in=list(cases)).order_by("pk"):
        links.setdefault(link.case_id, {})[link.peer.relation] = link
    return links


def _peers_below(units: set[int]) -> dict[int, Peer]:
    found = Peer.objects.filter(relation=Peer.Relation.SUBORDINATE, active=True, unit__in=units)
    return {int(peer.unit_id or 0): peer for peer in found}


def _tell_up(link: Link, one: Stepped) -> None:
    """To the superior: what it asked for, or that the matter has gone on."""
    tiers = _tiers(one.pack)
    kind = tiers.told.get(one.step, "")
    if kind in DOWN:
        kind = ""
    if not kind and (one.state, one.unit) == (one.state_before, one.unit_before):
        return
    if kind == "answered":
        files_tell(link, tiers.files(one.case, True), one.now)
    data = {**tiers.tell(one, kind), **progress_told(one.case)}
    message_put(
        peer=link.peer, thread=link.thread, kind=kind or "progress", data=data, case=one.case, now=one.now
    )


def _tell_down(link: Link | None, one: Stepped, peer: Peer | None) -> None:
    """To the subordinate: the case when it becomes theirs, and from then on what becomes of it here."""
    if peer is not None and one.unit != one.unit_before:
        if link is not None and link.peer_id != peer.pk:
            _put(link, "withdrawn", one, {})
        _hand_down(peer, one)
    elif link is not None and one.by != link.peer.account_id:
        kind = _kind_down(link, one)
        if kind:
            _put(link, kind, one, _tiers(one.pack).tell(one, kind))


def _kind_down(link: Link, one: Stepped) -> str:
    was_theirs = one.unit_before == link.peer.unit_id
    if was_theirs and one.unit != one.unit_before:
        return "withdrawn"
    if one.closed:
        return "closed" if was_theirs else ""
    kind = _tiers(one.pack).told.get(one.step, "")
    return kind if was_theirs and kind in DOWN else ""


def _put(link: Link, kind: str, one: Stepped, data: Mapping[str, Any]) -> None:
    message_put(peer=link.peer, thread=link.thread, kind=kind, data=data, case=one.case, now=one.now)


def _hand_down(peer: Peer, one: Stepped) -> None:
    empty = {"their_number": "", "their_state": "", "their_unit": "", "their_due_at": None, "told_at": None}
    link, _new = Link.objects.update_or_create(
        peer=peer, thread=one.number, defaults={"case_id": one.case, "appeared_at": one.now, **empty}
    )
    tiers = _tiers(one.pack)
    data = {**tiers.notice(one.case), "pack": one.pack, "appeared_at": one.now}
    message_put(peer=peer, thread=one.number, kind="handed", data=data, case=one.case, now=one.now)
    files_tell(link, tiers.files(one.case, False), one.now)


def words_follow(one: Spoken) -> None:
    """A unit's question goes up to the superior, whose caller it is; what a caller says goes down to whoever has the case: what
    a pack's `hear` calls, in the transaction of the words."""
    with kernel_writes():
        for link in Link.objects.select_related("peer").filter(case=one.case).order_by("pk"):
            above = link.peer.relation == Peer.Relation.SUPERIOR
            kind = "asked" if one.asked else "replied"
            if above if one.asked else link.peer.unit_id == one.unit:
                message_put(
                    peer=link.peer,
                    thread=link.thread,
                    kind=kind,
                    data={"text": one.text},
                    case=one.case,
                    now=one.now,
                )


def progress_told(case: int) -> dict[str, Any]:
    """How far a case is here, for the superior: number, state and unit in words, and until when."""
    row = Case.objects.select_related("unit").get(pk=case)
    return {
        "number": row.number,
        "state": workflows()[row.workflow].state[row.state].label,
        "unit": row.unit.name,
        "due_at": row.due_at,
    }


def message_apply(row: Message, envelope: Envelope, now: datetime) -> int:
    """Do what an incoming message asks for; returns the case. Refusal or FieldError when the rules of the case say no."""
    if envelope.kind not in KINDS:
        raise Refusal(
            "unknown_kind",
            _("本中心的版本还不认识这种消息(%s),已留存;本中心升级后,对方的系统会自动重发。") % envelope.kind,
        )
    if envelope.kind == "handed":
        return _taken(row.peer, envelope, now)
    link = Link.objects.select_related("peer", "case").filter(peer=row.peer, thread=envelope.thread).first()
    if link is None:
        raise Refusal("no_thread", _("这一编号没有交给过对方,或没有收到过通知单。"))
    if envelope.kind == "attached":
        parcel_keep(link, envelope.data, now)
        bring_defer(row.peer)
        return link.case_id
    if envelope.kind == "asked":
        by, text = int(row.peer.account_id or 0), envelope.data.get("text")
        question_put(case_id=link.case_id, by=by, now=now, text=text)
        return link.case_id
    if row.peer.relation == Peer.Relation.SUBORDINATE:
        _progress_keep(link, envelope.data, now)
    elif link.case.closed_at is not None and envelope.kind in ENDS:
        return link.case_id
    if envelope.kind == "replied":
        reply_put(case_id=link.case_id, now=now, text=envelope.data.get("text"))
        return link.case_id
    for asked in _tiers(link.case.pack).asks(envelope.kind, envelope.data, link.case):
        by = 0 if asked.itself else int(row.peer.account_id or 0)
        case_move(case_id=link.case_id, step=asked.step, by=by, now=now, data=asked.data)
    return link.case_id


def _taken(peer: Peer, envelope: Envelope, now: datetime) -> int:
    """A notice from above becomes a case here, and the receipt goes back in the same transaction."""
    pack = packs().get(str(envelope.data.get("pack")))
    appeared = _moment(envelope.data.get("appeared_at")) or envelope.at
    if pack is None or pack.tiers is None:
        raise Refusal("pack", _("本中心不办这类事项。"))
    case, receipt = pack.tiers().take({**envelope.data, "number": envelope.thread}, peer.code, now)
    Link.objects.update_or_create(
        peer=peer,
        thread=envelope.thread,
        defaults={"case_id": case, "appeared_at": appeared, "arrived_at": now},
    )
    data = {**receipt, **progress_told(case)}
    message_put(peer=peer, thread=envelope.thread, kind="received", data=data, case=case, now=now)
    return case


def _progress_keep(link: Link, data: Mapping[str, Any], now: datetime) -> None:
    """What the subordinate says of how far it is."""
    link.their_number = str(data.get("number", ""))[:64] or link.their_number
    link.their_state = str(data.get("state", ""))[:60] or link.their_state
    link.their_unit = str(data.get("unit", ""))[:80] or link.their_unit
    link.their_due_at, link.told_at = _moment(data.get("due_at")), now
    link.save(update_fields=["their_number", "their_state", "their_unit", "their_due_at", "told_at"])


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def refusal_follow(row: Message, now: datetime) -> None:
    """What the other side's rules refused is told on the case here by the step that the pack names, with their reason."""
    if row.kind == "attached":
        parcel_untaken(row, now)
        return
    case = Case.objects.filter(pk=row.case_id, closed_at=None).first()
    step = _tiers(case.pack).refused.get(row.kind) if case is not None else None
    if case is None or step is None or not workflows()[case.workflow].by_code[step].leads_from(case.state):
        return
    data = {"reason": _("对方没有收下:%s") % row.error}
    case_move(case_id=case.pk, step=step, by=0, now=now, data=data)


def refusal_is_told(row: Message) -> bool:
    """Is a refusal of this message told on the case here, so that people have gone on from it?"""
    return row.kind == "attached" or (row.case is not None and row.kind in _tiers(row.case.pack).refused)


def units_below() -> list[int]:
    """The units here that stand for subordinate centres: what they are given goes down."""
    with kernel_writes():
        found = Peer.objects.filter(relation=Peer.Relation.SUBORDINATE, active=True)
        return [int(unit) for unit in found.values_list("unit", flat=True) if unit]
