"""Reading evaluations: the present versions, what follows from them, and who signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Standing:
    """An evaluation as it stands: present versions by item (several: a conflict), each item judged, the conclusion ("" while something is
    not finished), the digest of all that is shown, photographs included, and the signatures under what is written: one holds for the photographs
    that its signer saw, not for those that came later.
    """

    heads: Mapping[str, list[Sheet]]
    judged: Mapping[str, Judged]
    conclusion: str
    digest: str
    signatures: list[Signature]
    photos: Mapping[str, list[Photo]]
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
    def shown(self) -> list[str]:
        """The hashes of all photographs that are shown, each once."""
        return sorted({one.sent for some in self.photos.values() for one in some})

    @property
    def signed_for(self) -> frozenset[str]:
        """The photographs (hashes) that everybody who signed has signed for."""
        signed = [frozenset(one.photos) for one in self.signatures]
        return frozenset.intersection(*signed) if signed else frozenset()

    @property
    def signed_any(self) -> frozenset[str]:
        """The photographs (hashes) that anybody who signed has signed for."""
        return frozenset(one for some in self.signatures for one in some.photos)

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
    """The digest of what is written now, without photographs."""
    return _digest(found, heads_of(found))


def _digest(
    found: Evaluation, heads: Mapping[str, list[Sheet]], photos: Iterable[tuple[str, str]] = ()
) -> str:
    sheets = {item: [one.digest for one in some] for item, some in heads.items()}
    return evaluation_digest(found.kind, sheets, photos)


def signatures_holding(
    found: Evaluation, heads: Mapping[str, list[Sheet]], photos: Mapping[str, list[Photo]]
) -> list[Signature]:
    """The signatures under what is written now: each with the photographs that it names, all of which must be there."""
    pairs = [(item, one.sent) for item, some in photos.items() for one in some]
    digests: dict[tuple[str, ...], str] = {}
    holding = []
    for one in found.signatures.filter(voided_at=None).select_related("person", "by").order_by("pk"):
        named = tuple(one.photos)
        if named not in digests:
            digests[named] = _digest(found, heads, [pair for pair in pairs if pair[1] in named])
        holding += [one] if one.digest == digests[named] else []
    return holding


def evaluation_standing(found: Evaluation) -> Standing:
    """The evaluation as it stands."""
    heads, photos = heads_of(found), photos_by_item(found)
    single = {item: some[0].fields for item, some in heads.items() if len(some) == 1}
    judged = evaluation_judged(found.kind, single, terms_of(found))
    shown = [(item, one.sent) for item, some in photos.items() for one in some]
    return Standing(
        heads,
        judged,
        evaluation_concluded(judged),
        _digest(found, heads, shown),
        signatures_holding(found, heads, photos),
        photos,
        drawn_of(found.case_id),
    )


def photos_by_item(found: Evaluation) -> dict[str, list[Photo]]:
    """The photographs that are still shown, by item."""
    photos: dict[str, list[Photo]] = {}
    rows = found.photos.filter(attachment__withdrawn_at=None).select_related("attachment", "by")
    for photo in rows.order_by("taken_at", "pk"):
        photos.setdefault(photo.item, []).append(photo)
    return photos
