"""Peers with their keys, which case here is which matter there, every message in both directions, and what was turned away."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Peer(models.Model):
    """Another centre, by the code of its territory (GB/T 2260).

    A subordinate is a unit here: what that unit is given goes down, and what it answers is done here by `account`, to which
    nobody can log in. Without an address nothing is pushed to it: it fetches. `fetched` peers are asked by us each minute.
    `held_until`: it did not answer, and is tried again then.
    """

    class Relation(models.TextChoices):
        SUPERIOR = "superior", _("上级")
        SUBORDINATE = "subordinate", _("下级")

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    relation = models.CharField(max_length=12, choices=Relation)
    url = models.CharField(max_length=300, blank=True)
    fetched = models.BooleanField(default=False)
    unit = models.OneToOneField("identity.Unit", models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    heard_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_peer"
        constraints = [
            models.CheckConstraint(
                name="exchange_subordinate_is_a_unit",
                condition=Q(relation="superior", unit=None, account=None)
                | Q(relation="subordinate", unit__isnull=False, account__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class PeerKey(models.Model):
    """A public key (Ed25519, 64 hexadecimal digits) that a peer signs with; several hold at once while one replaces another."""

    peer = models.ForeignKey(Peer, models.CASCADE, related_name="keys")
    key_id = models.CharField(max_length=16)
    public = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_peer_key"
        constraints = [models.UniqueConstraint(name="exchange_key_once", fields=["peer", "key_id"])]


class Link(models.Model):
    """A case here that is a matter of a peer's. `thread` is the superior's number, by which both call it.

    `appeared_at` is when it was handed down above, `arrived_at` when the notice came in here. Of a case handed down,
    the `their_` columns say how far it is there.
    """

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="links")
    thread = models.CharField(max_length=80)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="links")
    appeared_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    their_number = models.CharField(max_length=64, blank=True)
    their_state = models.CharField(max_length=60, blank=True)
    their_unit = models.CharField(max_length=80, blank=True)
    their_due_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_link"
        constraints = [models.UniqueConstraint(name="exchange_link_once", fields=["peer", "thread"])]


class Direction(models.TextChoices):
    OUT = "out", _("我方发出")
    IN = "in", _("收到")


class Status(models.TextChoices):
    WAITING = "waiting", _("等待")
    SETTLED = "settled", _("完成")
    REFUSED = "refused", _("被拒")


class Message(models.Model):
    """One message: put into the outbox in the transaction of the step that it tells of, or taken in once by its id.

    `place` is its place among those of its thread and direction: they are taken in this order. `body` is the exact text
    that is signed; it is erased after its time, `digest` (SHA-256) stays. Waiting: not yet acknowledged (out), or one before
    it is missing (in). Refused: the other side's rules, or ours, said no, `error` says why.
    """

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=3, choices=Direction)
    message_id = models.CharField(max_length=40)
    thread = models.CharField(max_length=80)
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="+")
    body = models.TextField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "exchange_message"
        constraints = [
            models.UniqueConstraint(name="exchange_message_once", fields=["peer", "direction", "message_id"]),
            models.UniqueConstraint(
                name="exchange_place_once", fields=["peer", "direction", "thread", "place"]
            ),
        ]
        indexes = [
            models.Index(
                name="exchange_waiting", fields=["peer", "direction", "id"], condition=Q(status="waiting")
            ),
            models.Index(name="exchange_refused", fields=["-id"], condition=Q(status="refused")),
            models.Index(name="exchange_of_case", fields=["case"], condition=Q(case__isnull=False)),
        ]


class Parcel(models.Model):
    """A file that goes with a matter, by the hash (SHA-256) of its content: one that the peer was told of (out), or that it told
    us of (in). Waiting: its content has not been brought over yet. Refused: it was not taken here, `error` says why.
    """

    link = models.ForeignKey(Link, models.CASCADE, related_name="parcels")
    direction = models.CharField(max_length=3, choices=Direction)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    attachment = models.ForeignKey(
        "attachments.Attachment", models.SET_NULL, null=True, related_name="parcels"
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_parcel"
        constraints = [
            models.UniqueConstraint(
                name="exchange_parcel_once", fields=["link", "direction", "sha256", "name"]
            )
        ]
        indexes = [
            models.Index(name="exchange_parcel_waiting", fields=["link"], condition=Q(status="waiting")),
        ]


class TurnedAway(models.Model):
    """How often in an hour messages were turned away at the door, for which reason, and what the last one claimed to be.

    Counted, not listed: whoever sends rubbish fills no table.
    """

    hour = models.DateTimeField()
    claimed = models.CharField(max_length=12)
    rule = models.CharField(max_length=20)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()
    last_id = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        db_table = "exchange_turned_away"
        constraints = [
            models.UniqueConstraint(name="exchange_turned_away_once", fields=["hour", "claimed", "rule"])
        ]
