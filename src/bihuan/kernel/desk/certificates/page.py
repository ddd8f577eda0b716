"""What the page of a certificate says of it, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from bihuan.kernel.administration.history import entry_words, people_named
from bihuan.kernel.certificates.changes import HOLDER
from bihuan.kernel.certificates.grounds import ACTS, GROUNDS
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.certificates.selectors import history_of
from bihuan.lib.declared import declared

MOST = 100


@dataclass(frozen=True, slots=True)
class EntryTold:
    """An entry of the history: what, when, who, on what ground and with which words."""

    what: str
    at: datetime
    who: str
    ground: str
    text: str


@dataclass(frozen=True, slots=True)
class WaitingTold:
    """What was asked and waits: corrected lines as (label, as it is, as it would be)."""

    row: Change
    act: str
    ground: str
    corrected: list[tuple[str, str, str]]


def lines_told(lines: Mapping[str, str], contents: Mapping[str, str]) -> list[tuple[str, str]]:
    """The lines of a certificate that say something."""
    return [(declared(label), contents[name]) for name, label in lines.items() if contents.get(name)]


def history_told(certificate: Certificate) -> list[EntryTold]:
    """What became of it, the latest first."""
    entries = history_of(certificate, most=MOST)
    names = people_named([entry.by for entry in entries])
    return [
        EntryTold(
            _what(entry.kind, str(entry.data.get("act", ""))),
            entry.at,
            names[entry.by],
            _ground(str(entry.data.get("act", "")), str(entry.data.get("ground", ""))) if entry.kind == "change_asked" else "",
            entry.texts.get("reason") or entry.texts.get("remark", ""),
        )
        for entry in entries
    ]  # fmt: skip


def waiting_told(row: Change, lines: Mapping[str, str]) -> WaitingTold:
    """What waits for a decision; `lines` are those of its kind (none: the reader may not read them)."""
    before, after = row.certificate.contents, row.contents
    corrected = [
        (declared(label), before.get(name, "–"), after.get(name, "–"))
        for name, label in lines.items()
        if row.act == "replace" and before.get(name, "") != after.get(name, "")
    ]
    if after.get(HOLDER) and lines:
        corrected.insert(0, (gettext("持证人"), row.certificate.holder, after[HOLDER]))
    return WaitingTold(row, gettext(ACTS[row.act]), _ground(row.act, row.ground), corrected)


def _what(kind: str, act: str) -> str:
    words = entry_words("certificate", kind)
    return f"{words} · {gettext(ACTS[act])}" if act in ACTS else words


def _ground(act: str, ground: str) -> str:
    found = dict(GROUNDS.get(act, ())).get(ground)
    return gettext(found) if found else ground
