"""Photographs, signatures and the conclusion of an evaluation."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, clean_text
from bihuan.packs.fire.draws.services import drawn_of, signers_of
from bihuan.packs.fire.evaluations.rules import Told, item_judged
from bihuan.packs.fire.evaluations.selectors import Standing, digest_now, evaluation_standing, terms_of
from bihuan.packs.fire.evaluations.services import Sent, evaluation_locked
from bihuan.packs.fire.evaluations.words import told_words
from bihuan.packs.fire.findings.selectors import left_to_rectify
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.materials import FAIL, ITEMS
from bihuan.packs.fire.models import Evaluation, Finding, Photo, Signature
from bihuan.packs.fire.policies import SIGNERS
from bihuan.packs.fire.projects.services import STREAM

MOST_FILES = 300
"""Photographs and signatures of an evaluation, with the other files of its case."""
HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the device was: degrees of WGS 84, and how exactly it knows, in m."""

    latitude: Decimal
    longitude: Decimal
    accuracy: int | None = None


def hash_sent(file: Any) -> str:
    """SHA-256 of a file as it came: the device computes the same before it is sent."""
    found = hashlib.sha256()
    for part in file.chunks():
        found.update(part)
    return found.hexdigest()


def photo_add(*, case: int, item: str, file: Any, place: Place | None, sent: Sent, where: str = "") -> Photo:
    """Add a photograph of an item as an attachment of the case, with the time of taking and of arrival, and `where` in words, for a device
    that does not tell. No signature that was given before holds for it.
    """
    where = clean_text(where, field="place", max_length=60, multiline=False)
    if item not in dict(ITEMS):
        raise Refusal("choice", _("没有这一个评定项目。"), field="item")
    with transaction.atomic():
        with kernel_writes():
            found = evaluation_locked(sent.scope, case)
        kept = _attached(found, file, f"{item}-{_stamp(sent)}", "evaluation", sent)
        with kernel_writes():
            made = Photo.objects.create(
                evaluation=found, item=item, attachment=kept, by_id=sent.scope.person, taken_at=min(sent.taken_at, sent.now),
                arrived_at=sent.now, latitude=place and place.latitude, longitude=place and place.longitude,
                accuracy=place and place.accuracy, place=where, sent=hash_sent(file),
            )  # fmt: skip
            data = {
                "evaluation": found.pk, "item": item, "attachment": kept.pk, "sha256": kept.blob_id, "sent": made.sent,
                "taken_at": made.taken_at.isoformat(),
            }  # fmt: skip
            private = {"place": where} if where else {}
            register_append(
                stream=STREAM,
                kind="photo_added",
                at=sent.now,
                by=sent.scope.person,
                data=data,
                private=private,
            )
        return made


def _stamp(sent: Sent) -> str:
    return f"{sent.taken_at.astimezone(SHANGHAI):%Y%m%d-%H%M%S}-{sent.key[-8:]}"


def _attached(found: Evaluation, file: Any, stem: str, kind: str, sent: Sent) -> Any:
    suffix = "png" if str(file.name).lower().endswith(".png") else "jpg"
    if not str(getattr(file, "content_type", "image/")).startswith("image/"):
        raise Refusal("picture", _("只收照片(JPG 或 PNG)。"), field="file")
    return attachment_add(
        case=found.case_id, file=file, name=f"{stem}.{suffix}", by=sent.scope.person, now=sent.now, kind=kind, most=MOST_FILES
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: an inspector by id, or one of the owner's people by name and duty."""

    person: int | None
    name: str = ""
    duty: str = ""


def signature_add(
    *, case: int, signer: Signer, digest: str, file: Any, sent: Sent, photos: Sequence[str] = ()
) -> Signature:
    """Keep a signature under what had this digest on the device, with these photographs (hashes of the files as sent). It counts only while
    what stands, with them, has the same.

    Refusal or FieldError for somebody who is no inspector of the section (of a filing: not drawn for it), or who has no name;
    NotPermitted for another's: an inspector signs by the own account.
    """
    name = duty = ""
    if signer.person is None:
        name = clean_text(signer.name, field="name", max_length=40, min_length=2, multiline=False)
        duty = clean_text(signer.duty, field="duty", max_length=40, min_length=2, multiline=False)
    named = sorted(set(photos))
    if len(digest) != 64 or len(named) > MOST_FILES or not all(map(HASH.fullmatch, named)):
        raise Refusal("digest", _("没有写明签的是什么内容,请重新打开再签。"), field="digest")
    with transaction.atomic():
        with kernel_writes():
            found = evaluation_locked(sent.scope, case)
            signers = signers_of(found.case.unit_id, day_of(sent.now), drawn_of(case))
            if signer.person is not None and signer.person not in signers:
                raise Refusal(
                    "signer",
                    _("签字的检查人员要是本科的现场评定人;抽取检查的,要是抽到的检查人员。"),
                    field="person",
                )
            if signer.person not in (None, sent.scope.person):
                raise NotPermitted("own_name", _("检查人员用自己的账号签自己的名,另一名请在自己的手机上签。"))
        kept = _attached(found, file, f"signature-{_stamp(sent)}", "signature", sent)
        with kernel_writes():
            made = Signature.objects.create(
                evaluation=found, person_id=signer.person, name=name, duty=duty, attachment=kept, digest=digest, photos=named,
                by_id=sent.scope.person, signed_at=min(sent.taken_at, sent.now), arrived_at=sent.now,
            )  # fmt: skip
            data = {
                "evaluation": found.pk, "signature": made.pk, "attachment": kept.pk, "sha256": kept.blob_id,
                "person": signer.person, "digest": digest, "photos": named,
            }  # fmt: skip
            private = {"name": name, "duty": duty} if name else {}
            register_append(
                stream=STREAM,
                kind="evaluation_signed",
                at=sent.now,
                by=sent.scope.person,
                data=data,
                private=private,
            )
        return made


def evaluation_conclude(*, scope: Scope, case: int, now: datetime) -> str:
    """Draw the conclusion, "pass" or "fail", from what stands: each item in which a place failed becomes a finding of the project, and
    the case is told.

    Refusal while versions are in conflict, something is not finished, or signatures are missing; then nothing was written.
    """
    with transaction.atomic(), kernel_writes():
        found = evaluation_locked(scope, case)
        standing = evaluation_standing(found)
        _may_conclude(standing)
        digest = digest_now(found)
        Evaluation.objects.filter(pk=found.pk).update(digest=digest, concluded_at=now)
        _findings_recorded(scope, found, standing, now)
        results = {item: judged.result for item, judged in standing.judged.items()}
        data = {
            "evaluation": found.pk, "conclusion": standing.conclusion, "digest": digest,
            "open_findings": sum(left_to_rectify(found.project_id, case)), "signatures": [one.pk for one in standing.signatures],
        }  # fmt: skip
        signed = {"signed": len(standing.signatures), "photos": len(standing.signed_for)}
        register_append(
            stream=STREAM, kind="evaluation_concluded", at=now, by=scope.person, data={**data, **results}
        )
        told = {name: data[name] for name in ("evaluation", "open_findings")}
        case_move(
            case_id=case,
            step=f"site_{standing.conclusion}",
            by=0,
            now=now,
            data={**told, **signed, **results},
        )
        return standing.conclusion


def _may_conclude(standing: Standing) -> None:
    names = dict(ITEMS)
    if standing.conflicts:
        items = "、".join(_(names[item]) for item in standing.conflicts)
        raise Refusal("conflict", _("有两个版本还没有选定:%s。") % items)
    if not standing.conclusion:
        item, judged = next((item, one) for item, one in standing.judged.items() if not one.result)
        told = {"item": _(names[item]), "missing": told_words(judged.missing[0])}
        raise Refusal("unfinished", _("还没有评完。%(item)s:%(missing)s。") % told)
    if standing.inspectors < SIGNERS or not standing.owners:
        raise Refusal(
            "signatures", _("现在的内容要有至少两名检查人员和一名建设单位人员签字;改过的要重新签。")
        )


def _findings_recorded(scope: Scope, found: Evaluation, standing: Standing, now: datetime) -> None:
    """One finding for each item in which a place failed: it holds the application up if the item failed, and is rectified in any case.
    What an open one tells already is not told again.
    """
    known = _known(found)
    for item, judged in standing.judged.items():
        source = "evaluation" if judged.result == FAIL else "place"
        if not {(item, source, one) for one in (*judged.reasons, *judged.faults)} - known:
            continue
        sheet = standing.heads[item][0]
        words = ";".join(told_words(one) for one in (*judged.reasons, *judged.faults))
        told = Found(
            part=dict(ITEMS)[item], words=f"{words}。{sheet.fields.get('remark', '')}", source=source, item=item, application=found.case_id,
        )  # fmt: skip
        finding_record(
            scope=scope,
            project=found.project_id,
            found=told,
            key=f"evaluation:{found.pk}:{item}:{sheet.pk}:{now:%Y%m%d%H%M%S}",
            now=now,
        )


def _known(found: Evaluation) -> set[tuple[str, str, Told]]:
    """What the open findings of this evaluation tell: item, source, and what failed on the sheets that they were recorded from."""
    rows = Finding.objects.filter(
        application=found.case_id, case__closed_at=None, key__startswith=f"evaluation:{found.pk}:"
    )
    told = {int(key.split(":")[3]): source for source, key in rows.values_list("source", "key")}
    known = set()
    for sheet in found.sheets.filter(pk__in=told):
        judged = item_judged(found.kind, sheet.item, sheet.fields, terms_of(found))
        known |= {(sheet.item, told[sheet.pk], one) for one in (*judged.reasons, *judged.faults)}
    return known
