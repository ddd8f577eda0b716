"""A confidential reporter stays hidden in words too: the own name and numbers, wherever somebody writes them (rules.md A8).

The words as they were written are withheld beside the ledger, under names that begin with `party.`: row-level security
shows those to whoever sees everything alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Party

WITHHELD = "party."


class Told(Protocol):
    """What a party said of itself."""

    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def id_number(self) -> str: ...
    @property
    def confidential(self) -> bool: ...


def words_split(words: Mapping[str, str], parties: Iterable[Told]) -> tuple[dict[str, str], dict[str, str]]:
    """(shown, withheld): the words without what confidential parties said of themselves, and those that differ as they were."""
    said = {value for p in parties if p.confidential for value in (p.name, p.phone, p.id_number)}
    shown = dict(words)
    for value in sorted((value for value in said if len(value) > 1), key=len, reverse=True):
        shown = {name: text.replace(value, "***") for name, text in shown.items()}
    return shown, {f"{WITHHELD}{name}": text for name, text in words.items() if text != shown[name]}


def draft_words_split(draft: Draft, words: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The same for words about a case under its lock; an assisting unit's case hides its parent's reporter."""
    if not draft.row.confidential or not words:
        return dict(words), {}
    family = [id_ for id_ in (draft.row.id, draft.row.parent_id) if id_]
    return words_split(words, Party.objects.filter(case__in=family, confidential=True))
