"""The conversation of a case: its unit asks the reporter, the reporter answers or adds something. No change of state.

Each word is an entry of the case's stream (`asked`, `replied`), the text beside it where it can be erased. A confidential
reporter's own name and numbers are hidden in what he writes, as in what he reported (rules.md A8).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.kernel.cases.discretion import draft_words_split
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import acts_on
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.manifest import Spoken
from bihuan.kernel.workflow.model import REPORTER, notify
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import clean_text

ASKED, REPLIED = "asked", "replied"
LONGEST = 1000
GONE = "没有这一件,或您无权查看。"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said: by the unit (its id) or by the reporter (None). `text` is None when it was erased."""

    at: datetime
    unit: int | None
    text: str | None
    files: tuple[int, ...] = ()

    @property
    def asked(self) -> bool:
        return self.unit is not None


def question_put(*, case_id: int, by: int, now: datetime, text: Any) -> None:
    """Ask the reporter of a case that the present scope sees; a message tells that a question waits. The reporter of a case that
    another centre handed down is that centre's to ask, and hears nothing from here.

    NotFound, NotPermitted for whoever does not act on the case; Refusal when the case is closed, or when there is no way
    to the reporter (an assisting unit's case, one taken over from a file); Conflict when the same was just asked.
    """
    words = clean_text(text, field="question", max_length=LONGEST, min_length=4, multiline=True)
    if not Case.objects.filter(pk=case_id).exists():
        raise NotFound("not_found", GONE)
    with _locked(case_id, by, now) as (draft, acts):
        if not acts:
            raise NotPermitted("not_permitted", "本件不由您办理,不能提问。")
        _open(draft, "本件已经办结,不能再提问。")
        if draft.row.parent_id is not None:
            raise Refusal("assisting", "协办件请由主办单位提问。", field="question")
        last = messages_read(case_id)[-1:]
        if last and last[0].asked and last[0].text == words:
            raise Conflict("already", "这句话刚才已经问过,还没有回答。", field="question")
        if not (draft.row.superior or {}).get("peer"):
            draft.apply(notify("question", "reporter"), by=by, now=now, data={})
        shown, withheld = draft_words_split(draft, {"text": words})
        data = {"unit": draft.row.unit_id}
        _tell(draft, words, now, asked=True)
        draft.enter(kind=ASKED, at=now, by=by, data=data, private={**shown, **withheld})


def reply_put(*, case_id: int, now: datetime, text: Any, files: Sequence[int] = ()) -> None:
    """What the reporter answers or adds, with the attachments just added to the case. The caller has judged who it is."""
    words = clean_text(text, field="words", max_length=LONGEST, min_length=1, multiline=True)
    with _locked(case_id, 0, now) as (draft, _):
        _open(draft, "本件已经办结。问题没有解决的,请点“再次反映”。")
        shown, withheld = draft_words_split(draft, {"text": words})
        data = {"files": list(files)} if files else {}
        draft.apply(notify("replied", "holder"), by=0, now=now, data={})
        _tell(draft, shown["text"], now, asked=False)
        draft.enter(kind=REPLIED, at=now, by=REPORTER, data=data, private={**shown, **withheld})


def messages_of(bodies: Iterable[Mapping[str, Any]], texts: Mapping[int, str | None]) -> tuple[Message, ...]:
    """The conversation, oldest first, from the bodies of a case's entries and their texts by the entry's number."""
    return tuple(
        Message(
            datetime.fromisoformat(body["at"]),
            body["data"]["unit"] if body["kind"] == ASKED else None,
            texts.get(body["seq"]),
            tuple(body["data"].get("files", ())),
        )
        for body in bodies
        if body["kind"] in (ASKED, REPLIED)
    )


def messages_read(case_id: int) -> tuple[Message, ...]:
    """The conversation of a case as the present role sees it."""
    entries = LedgerEntry.objects.filter(case_id=case_id, kind__in=(ASKED, REPLIED)).order_by("seq")
    private = LedgerPrivate.objects.filter(stream=f"case:{case_id}", name="text")
    return messages_of(
        (json.loads(bytes(entry.body)) for entry in entries), dict(private.values_list("seq", "text"))
    )


@contextmanager
def _locked(case_id: int, by: int, now: datetime) -> Iterator[tuple[Draft, bool]]:
    """The case under its lock, and whether this person acts on it; its entries are written at the end."""
    with writer_cursor() as cursor:
        drafts, held = cases_lock(cursor, [case_id], people=[by], now=now)
        draft = drafts.get(case_id)
        if draft is None:
            raise NotFound("not_found", GONE)
        yield draft, acts_on(draft, held.get(by, ()))
        cases_write(cursor, [draft])


def _tell(draft: Draft, text: str, now: datetime, *, asked: bool) -> None:
    if draft.pack.hear:
        draft.pack.hear(Spoken(case=draft.row.id, unit=draft.row.unit_id, now=now, text=text, asked=asked))


def _open(draft: Draft, message: str) -> None:
    if draft.row.closed_at is not None:
        raise Refusal("closed", message)
