"""Reading the exchange: what a case has to do with other centres, for whoever may see the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bihuan.kernel.exchange.models import Direction, Link, Message, Parcel, Peer
from bihuan.kernel.ledger.services import kernel_writes


@dataclass(frozen=True, slots=True)
class LinkTold:
    """What stands of a peer on a case's page. `above`: it came from there, else it went down there.

    `waiting` and `refused` count the messages about the case that a peer which does not answer has not taken yet, and
    those that it does not take at all; `files_waiting` the files that
    have not been brought over yet, in either direction, `files_refused` tells why files were not taken, `questions_refused` why
    questions to the caller were not.
    """

    name: str
    above: bool
    thread: str
    appeared_at: datetime
    arrived_at: datetime | None
    number: str
    state: str
    unit: str
    due_at: datetime | None
    told_at: datetime | None
    waiting: int
    refused: int
    files_waiting: int
    files_refused: tuple[str, ...]
    questions_refused: tuple[str, ...]


def links_told(*, case: int) -> list[LinkTold]:
    """The peers of a case, the one above first."""
    found = list(Link.objects.select_related("peer").filter(case=case))
    if not found:
        return []
    with kernel_writes():  # messages are hidden from the web's own role; only how many they are is told
        counted = Message.objects.filter(case=case, direction=Direction.OUT)
        told_of = list(counted.order_by("pk").values_list("peer", "status", "kind", "error"))
        files = list(Parcel.objects.filter(link__case=case).values_list("link", "status", "error"))
    states = [(peer, status) for peer, status, _kind, _why in told_of]
    told = [
        LinkTold(
            name=link.peer.name,
            above=link.peer.relation == Peer.Relation.SUPERIOR,
            thread=link.thread,
            appeared_at=link.appeared_at,
            arrived_at=link.arrived_at,
            number=link.their_number,
            state=link.their_state,
            unit=link.their_unit,
            due_at=link.their_due_at,
            told_at=link.told_at,
            waiting=states.count((link.peer_id, "waiting")) if link.peer.failures else 0,
            refused=states.count((link.peer_id, "refused")),
            files_waiting=sum((of, status) == (link.pk, "waiting") for of, status, _ in files),
            files_refused=tuple(why for of, status, why in files if (of, status) == (link.pk, "refused")),
            questions_refused=tuple(
                why for *sent, why in told_of if sent == [link.peer_id, "refused", "asked"]
            ),
        )
        for link in found
    ]
    return sorted(told, key=lambda one: not one.above)


UNFIT = """
    select p.code, m.direction, m.thread, 'message ' || m.place || ' differs from its digest'
    from exchange_message m join exchange_peer p on p.id = m.peer_id
    where m.body <> '' and encode(sha256(convert_to(m.body, 'UTF8')), 'hex') <> m.digest
    union all
    select p.code, m.direction, m.thread, 'a message is missing'
    from exchange_message m join exchange_peer p on p.id = m.peer_id
    where m.direction = 'out' or m.status <> 'waiting'
    group by 1, 2, 3 having max(m.place) <> count(*)
    order by 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class MessageFault:
    """What does not fit in a thread: of which peer (code), in which direction."""

    peer: str
    direction: str
    thread: str
    what: str


def messages_verify() -> tuple[MessageFault, ...]:
    """Does every text that is still kept fit its digest, and is every thread whole? What was erased by its time is no fault."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(UNFIT)
        return tuple(MessageFault(*row) for row in cursor.fetchall())
