"""A higher platform of the demonstration: it asked for the changes up to a position, and brought reviews, one of which could not be taken."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta

from bihuan.kernel.identity.services import people_enter
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.platforms.changes import changes_received, last_position
from bihuan.packs.onewindow.platforms.models import PlatformReview
from bihuan.packs.onewindow.platforms.reviews import Review, review_take

PLATFORM = {
    "username": "province", "name": "省一体化政务服务平台(演示)", "name_en": "Provincial service platform (demonstration)", "grants": [],
}  # fmt: skip
REVIEWS = (("evaluating", "5", "一次办好"), ("evaluating", "4", ""), ("examining", "5", ""))
"""The state of the case that each is of, the grade and the words: what is still examined cannot be evaluated."""


def exchange_play(*, until: datetime) -> int:
    """Play it up to `until`, once; returns how many reviews came (0: they were there, or no applications are)."""
    with kernel_writes():
        if PlatformReview.objects.exists() or not Application.objects.exists():
            return 0
        account = people_enter(people=[PLATFORM], password=None, now=until, by="system")["province"]
        read = last_position() - len(REVIEWS)
        sent = changes_received(account=account, position=read, received=0, now=until)
        changes_received(account=account, position=read, received=sent, now=until)
    for place, (state, grade, words) in enumerate(REVIEWS):
        at = until - timedelta(minutes=len(REVIEWS) - place)
        with kernel_writes():
            rows = Application.objects.filter(case__state=state).exclude(case_code=None).order_by("pk")
            code = rows.values_list("case_code", flat=True).first()
        review = Review(f"HCP{until:%Y%m%d}{place + 1:04}", str(code), grade, words)
        body = json.dumps({"id": review.key, "grade": grade}).encode()
        with suppress(Refusal):
            review_take(review=review, body=body, signed=int(at.timestamp()), now=at)
    return len(REVIEWS)
