"""What the page of an evaluation shows: each item with its sheet's rows, what follows from it, photographs and conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bihuan.packs.fire.evaluations.checklist import CHECKLIST, MUST, SUBS, Sub
from bihuan.packs.fire.evaluations.rules import MOST_PLACES, Terms, sample_size
from bihuan.packs.fire.evaluations.selectors import Standing
from bihuan.packs.fire.evaluations.words import judged_words, version_told
from bihuan.packs.fire.materials import ITEMS
from bihuan.packs.fire.models import Finding, Photo, Sheet

SPOTS = 2
"""Rows of a sub-item at least."""


@dataclass(frozen=True, slots=True)
class SpotShown:
    """A row of a sub-item: the names of its fields begin with `at`."""

    at: str
    place: int
    where: str = ""
    result: str = ""
    required: str = ""
    measured: str = ""
    effect: bool = False


@dataclass(frozen=True, slots=True)
class SubShown:
    """A sub-item with its rows, and how many places are checked at first (None: not known yet)."""

    sub: Sub
    places: str
    wanted: int | None
    spots: list[SpotShown]


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item of the checklist: `head` is its present version (None: none yet), `versions` those in conflict."""

    code: str
    name: str
    must: bool
    head: Sheet | None
    none: bool
    remark: str
    subs: list[SubShown]
    result: str
    said: list[str]
    photos: Sequence[Photo]
    findings: Sequence[Finding]
    lines: Sequence[str]
    versions: list[tuple[Sheet, list[str]]] = field(default_factory=list)


def items_shown(
    kind: str,
    standing: Standing,
    terms: Terms,
    photos: Mapping[str, list[Photo]],
    findings: Sequence[Finding],
    typed: Mapping[str, Mapping[str, str]],
) -> list[ItemShown]:
    """The items that the building has or may have, in order; `typed` is what was refused, by item, and is shown as it was typed."""
    return [
        _item(code, name, kind, standing, terms, photos.get(code, []), [one for one in findings if one.item == code], typed.get(code))
        for code, name in ITEMS
        if code in CHECKLIST[kind]
    ]  # fmt: skip


def _item(
    code: str, name: str, kind: str, standing: Standing, terms: Terms, photos: Sequence[Photo], findings: Sequence[Finding],
    typed: Mapping[str, str] | None,
) -> ItemShown:  # fmt: skip
    heads = standing.heads.get(code, [])
    head = heads[-1] if heads else None
    sheet = typed or (head.fields if head else {})
    judged = standing.judged[code]
    return ItemShown(
        code, name, CHECKLIST[kind][code] == MUST, head, sheet.get("none") == "on", sheet.get("remark", ""),
        [_sub(sub, sheet, terms) for sub in SUBS[code]], judged.result, judged_words(judged) if len(heads) == 1 else [],
        photos, findings, version_told(code, sheet) if head else (), [(one, version_told(code, one.fields)) for one in heads] if len(heads) > 1 else [],
    )  # fmt: skip


def _sub(sub: Sub, sheet: Mapping[str, str], terms: Terms) -> SubShown:
    said = sheet.get(f"{sub.code}.places", "")
    places = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None
    wanted = None if places is None else sample_size(places, every=sub.every, terms=terms)
    written = [n for n in range(1, MOST_PLACES + 1) if any(sheet.get(f"{sub.code}.{n}.{name}") for name in ("where", "result", "measured", "required"))]  # fmt: skip
    rows = min(max([SPOTS if wanted is None else wanted, *written, 1]), MOST_PLACES)
    return SubShown(
        sub,
        said,
        wanted,
        [_spot(sub, n, sheet) for n in range(1, rows + 1)],
    )


def _spot(sub: Sub, place: int, sheet: Mapping[str, str]) -> SpotShown:
    at = f"{sub.code}.{place}"
    values = {name: sheet.get(f"{at}.{name}", "") for name in ("where", "result", "required", "measured")}
    return SpotShown(at, place, **values, effect=sheet.get(f"{at}.effect") == "on")
