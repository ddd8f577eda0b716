"""case_open: a matter found becomes a case, numbered and held by one unit. One or many, the same code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.conf import settings

from bihuan.kernel.cases.discretion import words_split
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.grams import text_grams
from bihuan.kernel.cases.numbers import format_in_force
from bihuan.kernel.cases.row import ROW, Row
from bihuan.kernel.cases.store import (
    KERNEL,
    WRITE,
    WriterCursor,
    array_text,
    json_text,
    pending,
    writer_cursor,
)
from bihuan.kernel.clocks.calendar import BEIJING
from bihuan.kernel.clocks.rulebook import STAMP_CALENDAR, STAMP_RULES, Rulebook, rulebook
from bihuan.kernel.ledger.entries import GENESIS
from bihuan.kernel.numbering.services import numbers_take
from bihuan.kernel.pack import packs
from bihuan.kernel.workflow.checks import TAKEN_IN
from bihuan.kernel.workflow.model import actor


@dataclass(frozen=True, slots=True)
class PartyData:
    """Somebody whom the case concerns, already cleaned."""

    role: str = "reporter"
    name: str = ""
    phone: str = ""
    id_number: str = ""
    address: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case begins with; texts are clean already.

    `unit` holds it, `opened_by` is the centre or desk that took it in. `reported_at` is when it was said, `now` when
    it is opened. `state` and `closed_at` are given only for history that is taken over as it is (`imported`). A case
    whose reporter is confidential hides that person's name and numbers in its texts; the words as they were said are
    `withheld`, beside the ledger, from everybody who may not see the reporter. A case with a `parent` is an assisting
    unit's and begins as the workflow's `joint` says, due by `ends_before` at the latest. One that `passes_on` is moved on by its opener in the same transaction: nothing begins for
    waiting where it is. `workflow` names one of several of its pack ("": the last listed).
    """

    pack: str
    title: str
    text: str
    unit: int
    opened_by: int
    by: int
    now: datetime
    reported_at: datetime
    matter: str = ""
    place: str = ""
    territory: int | None = None
    region: str = ""
    parties: tuple[PartyData, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    urgent: bool = False
    confidential: bool = False
    provisional: bool = False
    superior: Mapping[str, Any] | None = None
    external_id: str | None = None
    parent: int | None = None
    origin: int | None = None
    viewers: tuple[int, ...] = ()
    imported: bool = False
    state: str = ""
    closed_at: datetime | None = None
    answer: str = ""
    ends_before: datetime | None = None
    passes_on: bool = False
    withheld: Mapping[str, str] = field(default_factory=dict)
    workflow: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    case: int
    number: str
    version: int
    state: str


PART = 250
"""Cases in a statement: large enough that its cost is the rows', small enough to begin writing soon."""

MORE = {
    "title": "text",
    "place": "text",
    "origin_id": "bigint",
    "external_id": "text",
    "reported_at": "timestamptz",
    "imported": "bool",
}
TYPES = {
    **dict.fromkeys(
        ("id", "unit_id", "opened_by_id", "handler_id", "territory_id", "parent_id", "merged_into_id"),
        "bigint",
    ),
    **dict.fromkeys(("number", "pack", "workflow", "state", "matter", "region", "head"), "text"),
    **dict.fromkeys(("version", "redo_count", "return_count", "urge_count", "seq"), "int"),
    **dict.fromkeys(("opened_at", "closed_at", "due_at", "warn_at", "moved_at"), "timestamptz"),
    **dict.fromkeys(("urgent", "confidential", "provisional", "returnable", "supervised"), "bool"),
    **dict.fromkeys(("superior", "facts", "progress"), "jsonb"),
    "basis_date": "date",
    **MORE,
}
_row_of = attrgetter(*ROW)
_names = ", ".join((*ROW, *MORE))
_values = ", ".join("decode(head, 'hex')" if name == "head" else name for name in (*ROW, *MORE))
_record = ", ".join(f"{name} {TYPES[name]}" for name in (*ROW, *MORE))
OPEN = f"""
    with given as materialized (select %s::jsonb as j
    ), cases as (
        insert into cases_case ({_names}) select {_values}
        from given, jsonb_to_recordset(given.j -> 'cases') as x({_record})
    ), texts as (
        insert into cases_text (case_id, text, answer, grams) select t.case_id, t.text, t.answer, t.grams
        from given, jsonb_to_recordset(given.j -> 'texts') as t(case_id bigint, text text, answer text, grams int[])
    )
    insert into cases_party (case_id, role, name, phone, id_number, address, confidential)
    select p.case_id, p.role, p.name, p.phone, p.id_number, p.address, p.confidential from given, jsonb_to_recordset(given.j -> 'parties')
    as p(case_id bigint, role text, name text, phone text, id_number text, address text, confidential bool)
"""


def case_open(opening: Opening) -> Opened:
    """Open one case: see `case_open_many`."""
    return case_open_many([opening])[0]


def case_open_many(openings: Sequence[Opening]) -> list[Opened]:
    """Open cases of one pack, in order, in one transaction; numbers are without gaps, taken just before the writing.

    The caller has judged who may open; this writes the row, text, parties, clocks, the first ledger entry and notices.
    Of many, the database writes one part while the next is being prepared.
    A duplicate `external_id` raises IntegrityError and opens none.
    """
    if not openings:
        return []
    openings = [_discreet(opening) for opening in openings]
    opened: list[Opened] = []
    with writer_cursor() as cursor, ThreadPoolExecutor(1) as thread:
        ids, recorded_at, book = _begin(cursor, len(openings))
        given = list(zip(openings, ids, _numbers(openings, book), strict=True))
        writing: Future[None] | None = None
        for begin in range(0, len(given), PART):
            part = given[begin : begin + PART]
            drafts = [_draft(opening, id_, number, recorded_at, book) for opening, id_, number in part]
            begun, rest = _begun(drafts, [opening for opening, *_ in part]), pending(drafts, cases=[])
            if writing:
                writing.result()
            if begin + PART < len(given):
                writing = thread.submit(_write, cursor, begun, rest, KERNEL)
            else:
                _write(cursor, begun, rest, cursor.before)
            opened += [Opened(d.row.id, d.row.number, d.row.version, d.row.state) for d in drafts]
    return opened


def _begun(drafts: Sequence[Draft], openings: Sequence[Opening]) -> str:
    pairs = list(zip(drafts, openings, strict=True))
    return json_text(
        {
            "cases": [{**_columns(draft.row), **_more(opening)} for draft, opening in pairs],
            "texts": [_text(draft.row.id, opening) for draft, opening in pairs],
            "parties": [_party(draft.row.id, party) for draft, opening in pairs for party in opening.parties],
        }
    )


def _write(cursor: WriterCursor, begun: str, rest: str, role: str) -> None:
    cursor.execute(OPEN, [begun], prepare=True)
    cursor.execute(WRITE, [rest, role], prepare=True)


def _discreet(opening: Opening) -> Opening:
    """The opening with what its confidential parties say of themselves hidden in its words."""
    if not any(party.confidential for party in opening.parties):
        return opening
    told = {name: getattr(opening, name) for name in ("title", "text", "place", "answer")}
    shown, withheld = words_split(told, opening.parties)
    changes: dict[str, Any] = {**shown, "withheld": withheld}
    return replace(opening, **changes) if withheld else opening


def _begin(cursor: WriterCursor, count: int) -> tuple[list[int], datetime, Rulebook]:
    cursor.execute(
        f"select nextval('cases_case_id_seq'), clock_timestamp(), {STAMP_RULES}, {STAMP_CALENDAR}"
        " from generate_series(1, %s)",
        [count],
        prepare=True,
    )
    rows = cursor.fetchall()
    return [row[0] for row in rows], rows[0][1], rulebook((rows[0][2], rows[0][3]))


def _numbers(openings: Sequence[Opening], book: Rulebook) -> list[str]:
    """Numbers in the order of the openings, one counter a day."""
    pack = packs()[openings[0].pack]
    keys = [(_day(opening), opening.region) for opening in openings]
    taken = {}
    for (day, region), count in sorted(Counter(keys).items()):
        format_ = format_in_force(pack, region=region, on=day, book=book)
        taken[day, region] = iter(numbers_take(format_=format_, on=day, count=count))
    return [next(taken[key]) for key in keys]


def _day(opening: Opening) -> date:
    return opening.now.astimezone(BEIJING).date()


def _draft(opening: Opening, id_: int, number: str, recorded_at: datetime, book: Rulebook) -> Draft:
    pack = packs()[opening.pack]
    workflow = pack.workflow_named(opening.workflow)
    levels = (
        book.value(pack.levels, region=opening.region, on=_day(opening), default=[]) if pack.levels else []
    )
    row = Row(**dict.fromkeys(ROW))  # type: ignore[arg-type]
    row.id, row.number, row.pack, row.workflow = id_, number, opening.pack, workflow.key
    joint = workflow.joint if opening.parent else None
    row.state, row.version = opening.state or (joint.state if joint else workflow.initial.code), 1
    row.unit_id, row.opened_by_id, row.territory_id = opening.unit, opening.opened_by, opening.territory
    row.matter = opening.matter
    row.region, row.basis_date = opening.region, _day(opening)
    row.opened_at = row.moved_at = opening.now
    row.closed_at, row.parent_id, row.superior = opening.closed_at, opening.parent, opening.superior
    row.urgent, row.confidential, row.provisional = opening.urgent, opening.confidential, opening.provisional
    row.returnable, row.supervised = True, False
    row.redo_count = row.return_count = row.urge_count = row.seq = 0
    row.facts, row.progress, row.head = dict(opening.facts), {"levels": levels} if levels else {}, GENESIS
    if opening.by > 0:
        row.progress["did"] = {TAKEN_IN: [opening.by]}
    draft = Draft(row, recorded_at, book, settings.LEDGER_HASH)
    draft.viewers.update(opening.viewers)
    if joint and opening.ends_before:
        row.progress["ends_before"] = opening.ends_before.isoformat()
    if not opening.passes_on and (not opening.imported or opening.closed_at is None):
        for effect in joint.opening if joint else workflow.opening:
            draft.apply(effect, by=opening.by, now=opening.now, data={})
    draft.settle()
    _enter(draft, opening)
    return draft


def _enter(draft: Draft, opening: Opening) -> None:
    row = draft.row
    data: dict[str, Any] = {
        "number": row.number,
        "pack": row.pack,
        "workflow": row.workflow,
        "state": row.state,
        "unit": row.unit_id,
        "opened_by": row.opened_by_id,
        "matter": opening.matter,
        "territory": row.territory_id,
        "reported_at": opening.reported_at,
        "facts": row.facts,
    }
    optional = {
        "external_id": opening.external_id,
        "superior": opening.superior,
        "parent": opening.parent,
        "origin": opening.origin,
        "closed_at": opening.closed_at,
        "imported": opening.imported or None,
        "confidential": opening.confidential or None,
        "urgent": opening.urgent or None,
    }
    data |= {name: value for name, value in optional.items() if value is not None}
    if draft.clocks:
        data["clocks"] = [
            {"kind": c.kind, "basis": c.basis, "due_at": c.due_at, "rule": c.rule}
            for c in draft.clocks.values()
        ]
    private = {"title": opening.title, "text": opening.text, "place": opening.place, "answer": opening.answer}
    private |= opening.withheld
    for index, party in enumerate(opening.parties):
        private[f"party.{index}"] = json.dumps(_party(row.id, party), ensure_ascii=False)
    draft.enter(
        kind="opened",
        at=opening.now,
        by=actor(opening.by),
        data=data,
        private={name: text for name, text in private.items() if text},
    )


def _columns(row: Row) -> dict[str, Any]:
    return {**dict(zip(ROW, _row_of(row), strict=True)), "head": row.head.hex()}


def _more(opening: Opening) -> dict[str, Any]:
    return {
        "title": opening.title,
        "place": opening.place,
        "origin_id": opening.origin,
        "external_id": opening.external_id,
        "reported_at": opening.reported_at,
        "imported": opening.imported,
    }


def _text(case: int, opening: Opening) -> dict[str, Any]:
    grams = text_grams(opening.title, opening.text, opening.place, opening.answer)
    return {"case_id": case, "text": opening.text, "answer": opening.answer, "grams": array_text(grams)}


def _party(case: int, party: PartyData) -> dict[str, Any]:
    return {
        "case_id": case,
        "role": party.role,
        "name": party.name,
        "phone": party.phone,
        "id_number": party.id_number,
        "address": party.address,
        "confidential": party.confidential,
    }
