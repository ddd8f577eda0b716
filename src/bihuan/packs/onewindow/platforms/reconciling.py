"""Sent and received, held against each other: the same figures for the page and for the command."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice, WebhookTarget
from bihuan.kernel.notices.services import WEBHOOK
from bihuan.packs.onewindow.platforms.changes import TEMPLATE, last_position
from bihuan.packs.onewindow.platforms.models import PlatformReview, Reader

LATEST = 20
WHY = {
    "unknown_case": _("没有这个办件编码的办件"),
    "state": _("还没有办结,或已经评价过"),
    "version": _("同时有人在办,请再发一次"),
    "field": _("内容不合规定"),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A system that follows: up to which position, how many it was `sent` and `received`, how many wait or failed.

    What is pushed counts as received when it was answered; what is asked for, when the account said so.
    """

    name: str
    pushed: bool
    position: int
    sent: int
    received: int
    waiting: int
    failed: int
    at: datetime

    @property
    def agrees(self) -> bool:
        """Nothing was lost: what still waits is neither."""
        return self.sent == self.received + self.waiting


@dataclass(frozen=True, slots=True)
class Refused:
    """A review that was not taken: the platform's id, why, and when."""

    key: str
    why: str
    at: datetime

    @property
    def why_told(self) -> str:
        return str(WHY.get(self.why, WHY["field"]))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All of it: the last position, who follows, how many reviews came and were taken, and the last that were refused."""

    last: int
    followed: list[Followed]
    reviews: int
    taken: int
    bad: int
    refused: list[Refused]

    @property
    def agrees(self) -> bool:
        return all(one.agrees for one in self.followed)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the command."""
        followed = [{**asdict(one), "agrees": one.agrees} for one in self.followed]
        return {**asdict(self), "followed": followed, "agrees": self.agrees}


def reconciled() -> Reconciled:
    """What was sent to whom and what of it arrived; figures only, so that whoever administers may read them."""
    with kernel_writes():
        rows = list(Reader.objects.order_by("name"))
        targets = {f"{WEBHOOK}{pk}": name for pk, name in WebhookTarget.objects.values_list("pk", "name")}
        ids = [int(row.name.partition(":")[2]) for row in rows if not row.name.startswith(WEBHOOK)]
        people = {
            f"account:{pk}": name for pk, name in Person.objects.filter(pk__in=ids).values_list("pk", "name")
        }
        pushed = _pushed()
        reviews = PlatformReview.objects.aggregate(
            all=Count("pk"), taken=Count("pk", filter=Q(refused="")), bad=Count("pk", filter=Q(refused="", grade__in="12"))
        )  # fmt: skip
        refused = PlatformReview.objects.exclude(refused="").order_by("-at")[:LATEST]
        return Reconciled(
            last=last_position(),
            followed=[_followed(row, {**targets, **people}, pushed) for row in rows],
            reviews=reviews["all"],
            taken=reviews["taken"],
            bad=reviews["bad"],
            refused=[Refused(row.key, row.refused, row.at) for row in refused],
        )


def _pushed() -> dict[str, dict[str, int]]:
    """How many notices each address was sent, by what became of them."""
    found = Notice.objects.filter(channel="webhook", template=TEMPLATE).values("target", "status")
    counted: dict[str, dict[str, int]] = {}
    for row in found.annotate(count=Count("pk")):
        counted.setdefault(row["target"], {})[row["status"]] = row["count"]
    return counted


def _followed(row: Reader, names: dict[str, str], pushed: dict[str, dict[str, int]]) -> Followed:
    by_push = row.name.startswith(WEBHOOK)
    counts = pushed.get(row.name, {})
    return Followed(
        name=names.get(row.name, row.name),
        pushed=by_push,
        position=row.position,
        sent=sum(counts.values()) if by_push else row.sent or 0,
        received=counts.get("sent", 0) if by_push else row.received or 0,
        waiting=counts.get("waiting", 0),
        failed=counts.get("failed", 0),
        at=row.at,
    )
