"""Reading evaluations: the present versions, what follows from them, and who signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bihuan.packs.fire.draws.services import drawn_of
from bihuan.packs.fire.evaluations.rules import (
    Judged,
    Terms,
    evaluation_concluded,
    evaluation_digest,
    evaluation_judged,
)
from bihuan.packs.fire.models import Evaluation, Photo, Sheet, Signature

INSPECTORS_SIGN = 2
"""So many different inspectors sign, and at least one of the owner's people."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An evaluation as it stands: present versions by item (several: a conflict), each item judged, the conclusion ("" while something is
    not finished), the digest that is signed, and the signatures under it.
    """

    heads: Mapping[str, list[Sheet]]
    judged: Mapping[str, Judged]
    conclusion: str
    digest: str
    signatures: list[Signature]
    drawn: list[int] | None
    """The ids of the inspectors drawn for a filing; None: whoever is of the section signs."""

    @property
    def conflicts(self) -> list[str]:
        """The items of which several versions count."""
        return [item for item, heads in self.heads.items() if len(heads) > 1]

    @property
    def inspectors(self) -> int:
        """How many different inspectors have signed what stands: of a filing, those drawn alone."""
        signed = {one.person_id for one in self.signatures if one.person_id}
        return len(signed if self.drawn is None else signed.intersection(self.drawn))

    @property
    def owners(self) -> int:
        """How many of the owner's people have signed what stands."""
        return sum(not one.person_id for one in self.signatures)


def terms_of(found: Evaluation) -> Terms:
    """The terms by which this evaluation's places are drawn."""
    return Terms(found.least, found.again, found.grade_c, found.percent)


def heads_of(found: Evaluation) -> dict[str, list[Sheet]]:
    """The present versions by item, the oldest first."""
    heads: dict[str, list[Sheet]] = {}
    for sheet in found.sheets.filter(current=True).select_related("by").order_by("pk"):
        heads.setdefault(sheet.item, []).append(sheet)
    return heads


def digest_now(found: Evaluation) -> str:
    """What a signature would be bound to now."""
    return _digest(found, heads_of(found))


def _digest(found: Evaluation, heads: Mapping[str, list[Sheet]]) -> str:
    return evaluation_digest(found.kind, {item: [one.digest for one in some] for item, some in heads.items()})


def evaluation_standing(found: Evaluation) -> Standing:
    """The evaluation as it stands."""
    heads = heads_of(found)
    single = {item: some[0].fields for item, some in heads.items() if len(some) == 1}
    judged = evaluation_judged(found.kind, single, terms_of(found))
    digest = _digest(found, heads)
    signatures = found.signatures.filter(voided_at=None, digest=digest).select_related("person", "by")
    return Standing(
        heads,
        judged,
        evaluation_concluded(judged),
        digest,
        list(signatures.order_by("pk")),
        drawn_of(found.case_id),
    )


def photos_by_item(found: Evaluation) -> dict[str, list[Photo]]:
    """The photographs that are still shown, by item."""
    photos: dict[str, list[Photo]] = {}
    rows = found.photos.filter(attachment__withdrawn_at=None).select_related("attachment", "by")
    for photo in rows.order_by("taken_at", "pk"):
        photos.setdefault(photo.item, []).append(photo)
    return photos
