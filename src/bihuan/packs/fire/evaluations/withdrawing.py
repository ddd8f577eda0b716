"""Withdrawing what an evaluation rests on: a photograph that somebody signed for, or a signature."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.fire.draws.services import drawn_of, signers_of
from bihuan.packs.fire.evaluations.selectors import photos_by_item
from bihuan.packs.fire.evaluations.services import OPEN_IN, conclusion_void
from bihuan.packs.fire.models import Evaluation, Photo, Signature
from bihuan.packs.fire.projects.services import STREAM


def evaluation_withdrawn(attachment: int, by: int, now: datetime) -> str:
    """An attachment has just been withdrawn: the signatures that it bound are void, and a conclusion that rested on them is open again.

    Returns that in words, "" for what nobody signed. While the case is not being evaluated this is a Refusal: what was decided on it
    stands until it is sent back; NotPermitted for who may not evaluate the case.
    """
    with kernel_writes():
        photo = Photo.objects.select_related("evaluation__case").filter(attachment=attachment).first()
        bound = _bound(attachment, photo)
        ids = sorted(bound.values_list("pk", flat=True))
        if not ids:
            return ""
        found = (
            Evaluation.objects.select_for_update(of=("self",)).select_related("case").get(signatures=ids[0])
        )
        _may_withdraw(found, by, now)
        bound.update(voided_at=now)
        data = {
            "evaluation": found.pk,
            "number": found.case.number,
            "attachment": attachment,
            "signatures": ids,
        }
        kind = "photo_withdrawn" if photo else "signature_withdrawn"
        register_append(stream=STREAM, kind=kind, at=now, by=by, data=data)
        if not found.digest:
            return _("签过的字作废,要重新签。")
        conclusion_void(found, now)
    return _("签过的字作废,现场评定要重新签字、重新出结论。")


def _bound(attachment: int, photo: Photo | None) -> QuerySet[Signature]:
    """The signatures that hold no more: one withdrawn itself, or those that name a photograph shown nowhere else in its item."""
    standing = Signature.objects.filter(voided_at=None)
    if photo is None:
        return standing.filter(attachment=attachment)
    left = photos_by_item(photo.evaluation).get(photo.item, [])
    if photo.sent in [one.sent for one in left]:
        return standing.none()
    return standing.filter(evaluation=photo.evaluation_id, photos__contains=[photo.sent])


def _may_withdraw(found: Evaluation, by: int, now: datetime) -> None:
    case = found.case
    if case.state not in OPEN_IN.get(case.workflow.partition("/")[0], ()):
        raise Refusal(
            "not_now",
            _("这张照片或签字是现场评定结论的依据,本件现在不在现场评定中,不能撤下;要撤请由负责人退回重办。"),
        )
    if by not in signers_of(case.unit_id, day_of(now), drawn_of(case.pk)):
        raise NotPermitted(
            "not_permitted", _("签过字的照片由本件的现场评定人撤下;抽取检查的,由抽到的检查人员撤下。")
        )
