"""A confidential reporter stays hidden in words too: the own name and numbers, wherever somebody writes them (rules.md A8).

The words as they were written are withheld beside the ledger, under names that begin with `party.`: row-level security
shows those to whoever sees everything alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Party

WITHHELD = "party."
DISTRICT = re.compile("^.*(?:街道|镇|乡|区|县|市)")
"""What stands before the street in an address."""


class Told(Protocol):
    """What a party said of itself."""

    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def id_number(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def confidential(self) -> bool: ...


def words_split(words: Mapping[str, str], parties: Iterable[Told]) -> tuple[dict[str, str], dict[str, str]]:
    """(shown, withheld): the words without what confidential parties said of themselves, and those that differ as they were.

    An address stays in `place`: without the place of the matter nobody could look into it.
    """
    hidden = [p for p in parties if p.confidential]
    said = _longest_first(value for p in hidden for value in (p.name, p.phone, p.id_number))
    lives = _longest_first(part for p in hidden for part in (p.address, DISTRICT.sub("", p.address)))
    shown = {
        name: _without(text, said if name == "place" else [*lives, *said]) for name, text in words.items()
    }
    return shown, {f"{WITHHELD}{name}": text for name, text in words.items() if text != shown[name]}


def _longest_first(values: Iterable[str]) -> list[str]:
    return sorted({value for value in values if len(value) > 1}, key=len, reverse=True)


def _without(text: str, values: Iterable[str]) -> str:
    for value in values:
        text = text.replace(value, "***")
    return text


def draft_words_split(draft: Draft, words: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The same for words about a case under its lock; an assisting unit's case hides its parent's reporter."""
    if not draft.row.confidential or not words:
        return dict(words), {}
    family = [id_ for id_ in (draft.row.id, draft.row.parent_id) if id_]
    return words_split(words, Party.objects.filter(case__in=family, confidential=True))
