"""Reviews from the 好差评 platform: signed CloudEvents, each taken once by its id, bound to a case by its 办件编码 of 43 characters.

The signature is that of our own webhooks: `Bihuan-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. Whoever sends
an event again signs it anew; the very same message a second time, or one signed long ago, is refused and changes nothing.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.evaluation.rules import GRADES
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.adapters.webhook import signature
from bihuan.kernel.public.services import citizen_evaluate
from bihuan.lib.hashing import digest
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.catalogue.codes import code_read
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.platforms.models import PlatformReview

HEADER = "Bihuan-Signature"
FRESH = 300
"""Seconds by which the time of a signature may differ from ours."""
TYPE = "haochaping.review"
NO_REASON = "(平台没有给出原因)"
_HEADER = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Review:
    """A review as it came: the platform's id of it, the case's 办件编码, a grade from "5" to "1", and words."""

    key: str
    case_code: str
    grade: str
    words: str


@dataclass(frozen=True, slots=True)
class ReviewTaken:
    """Which case a review was bound to and where that is now; `again`: it had been taken before, nothing was done."""

    number: str
    state: str
    again: bool


def signed_at(header: str, *, body: bytes, secrets: list[str], now: datetime) -> int:
    """The time of a signature that holds. NotPermitted (bad_signature, old_signature) otherwise."""
    found = _HEADER.fullmatch(header)
    time = int(found[1]) if found else 0
    held = [
        found is not None and hmac.compare_digest(signature(one, time, body), found[2]) for one in secrets
    ]
    if not any(held):
        raise NotPermitted("bad_signature", _("签名不对,没有接收。"))
    if abs(int(now.timestamp()) - time) > FRESH:
        raise NotPermitted("old_signature", _("签名的时间与现在相差超过五分钟,请重新签名再发。"))
    return time


def review_read(event: Any) -> Review:
    """The review in a CloudEvent. FieldError names the field and the rule."""
    told = event if isinstance(event, Mapping) else {}
    if told.get("specversion") != "1.0" or told.get("type") != TYPE:
        raise FieldError("type", "choice", _("应为 CloudEvents 1.0,类型 haochaping.review。"))
    data = told.get("data") if isinstance(told.get("data"), Mapping) else {}
    grade = str(data.get("grade", ""))  # type: ignore[union-attr]
    if grade not in dict(GRADES):
        raise FieldError("grade", "choice", _("评价应为 1(非常不满意)至 5(非常满意)。"))
    code = code_read(data.get("case_code", ""), "national")  # type: ignore[union-attr]
    if code.form != "case":
        raise FieldError("case_code", "item_code", _("应为43位办件编码。"))
    return Review(
        key=clean_text(told.get("id", ""), field="id", max_length=80, min_length=1, multiline=False),
        case_code=code.text,
        grade=grade,
        words=clean_text(data.get("words", ""), field="words", max_length=1000),  # type: ignore[union-attr]
    )


def review_take(*, review: Review, body: bytes, signed: int, now: datetime) -> ReviewTaken:
    """Take a review: the applicant's grade on the case, a bad one begins its loop. Once by its id.

    Conflict for a message that is only repeated, or for a case that is not (or no longer) to be evaluated; NotFound for an unknown
    办件编码; Refusal for another review under an id that was taken. What is refused is kept with the reason and changes no case.
    """
    with kernel_writes():
        known = PlatformReview.objects.filter(key=review.key).first()
    if known is not None:
        if signed <= known.signed_at:
            raise Conflict("replayed", _("这条消息已经收过,没有再收。"))
        if not known.refused:
            return _again(known, body, signed)
    try:
        with transaction.atomic():
            taken, case = _evaluated(review, now)
            if not _keep(review, body, signed, now, case=case):
                raise Conflict("replayed", _("这条消息已经收过,没有再收。"))
    except (Refusal, FieldError) as refused:
        _keep(review, body, signed, now, refused=getattr(refused, "code", "") or "field")
        raise
    return taken


def _again(known: PlatformReview, body: bytes, signed: int) -> ReviewTaken:
    if bytes(known.digest) != digest(body):
        raise Refusal("review_differs", _("这个评价编号已收过,内容与现在的不同。"), field="id")
    with kernel_writes():
        PlatformReview.objects.filter(pk=known.pk).update(signed_at=signed)
        number, state = PlatformReview.objects.values_list("case__number", "case__state").get(pk=known.pk)
    return ReviewTaken(number, state, again=True)


def _evaluated(review: Review, now: datetime) -> tuple[ReviewTaken, int]:
    with kernel_writes():
        row = Application.objects.select_related("case").filter(case_code=review.case_code).first()
    if row is None:
        raise NotFound("unknown_case", _("没有这个办件编码的办件。"), field="case_code")
    words = review.words if len(review.words) >= 4 or review.grade in "543" else f"{review.words}{NO_REASON}"
    moved = citizen_evaluate(
        case=row.case_id, grade=review.grade, words=words, version=row.case.version, now=now
    )
    return ReviewTaken(moved.number, moved.state, again=False), row.case_id


def _keep(
    review: Review, body: bytes, signed: int, now: datetime, *, case: int | None = None, refused: str = ""
) -> bool:
    """Keep what became of a review, unless one was taken by its id: that stays, and the answer is False."""
    values = {
        "case_id": case, "grade": review.grade, "refused": refused, "signed_at": signed, "digest": digest(body), "at": now,
    }  # fmt: skip
    with kernel_writes():
        rows = PlatformReview.objects.filter(key=review.key).exclude(refused="")
        return bool(rows.update(**values)) or PlatformReview.objects.get_or_create(values, key=review.key)[1]
