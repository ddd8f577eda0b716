"""The two statements of a writer: lock with what permission needs, and one that writes all the rest.

They run on Django's connection as raw psycopg statements, prepared by the server. The same two serve one case and a
batch: a batch is a longer array.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import Cursor
from psycopg.types.json import Jsonb

from bihuan.kernel.cases.draft import ROW, Draft, Row
from bihuan.kernel.cases.permission import Granted
from bihuan.kernel.clocks.rulebook import STAMP, rulebook
from bihuan.kernel.clocks.running import Running

NOTICE_TASK = "bihuan.kernel.notices.tasks.notices_send"

CLOCKS = """
    (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from clocks_clock k
     where k.case_id = c.id and k.stopped_at is null)
"""
LOCK = f"""
    select {", ".join(f"c.{name}" for name in ROW)}, clock_timestamp() as recorded_at, {CLOCKS} as clocks,
        (select count(*) from cases_case child where child.parent_id = c.id and child.closed_at is null) as children
    from cases_case c where c.id = any(%s) order by c.id for no key update of c
"""  # noqa: S608  the columns are ours
GRANTS = """
    select g.person_id, g.unit_id, g.role, 0 as on_behalf_of, '' as step
    from identity_grant g join identity_person p on p.id = g.person_id
    where g.person_id = any(%(people)s) and p.is_active
      and g.valid_from <= %(now)s::date and (g.valid_to is null or g.valid_to > %(now)s::date)
    union all
    select d.grantee_id, g.unit_id, g.role, d.grantor_id, d.step
    from identity_delegation d join identity_grant g on g.person_id = d.grantor_id
    join identity_person p on p.id = d.grantee_id join identity_person q on q.id = d.grantor_id
    where d.grantee_id = any(%(people)s) and p.is_active and q.is_active and d.revoked_at is null
      and %(now)s >= d.begins and %(now)s < d.ends
      and g.valid_from <= %(now)s::date and (g.valid_to is null or g.valid_to > %(now)s::date)
"""
MUTABLE = {
    "state": "text",
    "version": "int",
    "unit_id": "bigint",
    "handler_id": "bigint",
    "closed_at": "timestamptz",
    "due_at": "timestamptz",
    "warn_at": "timestamptz",
    "moved_at": "timestamptz",
    "urgent": "bool",
    "confidential": "bool",
    "provisional": "bool",
    "returnable": "bool",
    "supervised": "bool",
    "redo_count": "int",
    "return_count": "int",
    "urge_count": "int",
    "parent_id": "bigint",
    "merged_into_id": "bigint",
    "superior": "jsonb",
    "facts": "jsonb",
    "progress": "jsonb",
    "seq": "int",
}
CLOCK_COLUMNS = {
    "kind": "text",
    "basis": "text",
    "limit": "jsonb",
    "rule_id": "bigint",
    "started_at": "timestamptz",
    "due_at": "timestamptz",
    "warn_at": "timestamptz",
    "next_at": "timestamptz",
    "level": "int",
    "pauses": "jsonb",
    "extensions": "jsonb",
    "paused_at": "timestamptz",
    "stopped_at": "timestamptz",
    "provisional": "bool",
}
_columns = ", ".join(f'"{name}"' for name in CLOCK_COLUMNS)
_clock_set = ", ".join(f'"{name}" = n."{name}"' for name in CLOCK_COLUMNS if name not in ("kind", "basis"))
_clock_record = ", ".join(f'"{name}" {kind}' for name, kind in CLOCK_COLUMNS.items())
WRITE = f"""
    with u as (
        select * from jsonb_to_recordset(%(cases)s)
        as x(id bigint, head text, {", ".join(f"{name} {kind}" for name, kind in MUTABLE.items())})
    ), moved as (
        update cases_case c set head = decode(u.head, 'hex'), {", ".join(f"{name} = u.{name}" for name in MUTABLE)}
        from u where c.id = u.id
    ), entries as (
        insert into ledger_entry (body, hash) select * from unnest(%(bodies)s::bytea[], %(hashes)s::bytea[])
    ), texts as (
        insert into ledger_private (stream, seq, name, salt, text)
        select t.stream, t.seq, t.name, decode(t.salt, 'hex'), t.text from jsonb_to_recordset(%(texts)s)
        as t(stream text, seq int, name text, salt text, text text)
    ), n as materialized (
        select * from jsonb_to_recordset(%(clocks)s) as x(id bigint, case_id bigint, {_clock_record})
    ), clocks_new as (
        insert into clocks_clock (case_id, {_columns}) select case_id, {_columns} from n where id is null
    ), clocks_changed as (
        update clocks_clock k set {_clock_set} from n where n.id = k.id
    ), viewers as (
        insert into case_viewer (case_id, unit_id)
        select case_id, unit_id from jsonb_to_recordset(%(viewers)s) as v(case_id bigint, unit_id bigint)
        on conflict do nothing
    ), sent as (
        insert into notices_notice (case_id, template, channel, unit_id, party_id, target, context, key, status,
                                    attempts, created_at, next_attempt_at, error)
        select m.case_id, m.template, m.channel, m.unit_id,
            case when m.channel = 'sms' then (select p.id from cases_party p where p.case_id = m.case_id
                and p.role = 'reporter' and p.phone <> '' order by p.id limit 1) end,
            '', m.context, m.key, 'waiting', 0, m.created_at, m.created_at, ''
        from jsonb_to_recordset(%(notices)s) as m(case_id bigint, template text, channel text, unit_id bigint,
            context jsonb, key text, created_at timestamptz)
        on conflict (key) do nothing returning id
    )
    select procrastinate_defer_jobs_v1(array[row('notices', '{NOTICE_TASK}', 0, null, null,
        jsonb_build_object('ids', jsonb_agg(id)), null)::procrastinate_job_to_defer_v1])
    from sent having count(*) > 0
"""  # noqa: S608


class WriterCursor(Cursor[Any]):
    """A cursor with server-side binding that takes the role that may write, and gives back the one before."""

    before = "none"

    def role_take(self) -> None:
        """Ask for the role; the answer is read by `role_taken`, so that both fit into one pipeline."""
        self.execute("select current_setting('role'), set_config('role', 'bihuan_kernel', true)", prepare=True)

    def role_taken(self) -> None:
        self.before = self.fetchone()[0]  # type: ignore[index]

    def role_give_back(self) -> None:
        Cursor(self.connection).execute("select set_config('role', %s, true)", [self.before], prepare=True)


@contextmanager
def writer_cursor() -> Iterator[WriterCursor]:
    """A writer's cursor in a transaction. Writers nest: the inner one gives back the role that the outer one took."""
    with transaction.atomic():
        connection.ensure_connection()
        raw = connection.connection
        with WriterCursor(raw) as cursor:
            yield cursor


UNITS = "select id, kind from identity_unit where id = any(%s) and (valid_to is null or valid_to > %s::date)"


def cases_lock(
    cursor: WriterCursor, ids: Sequence[int], *, now: datetime, people: Iterable[int] = (), units: Iterable[int] = ()
) -> tuple[dict[int, Draft], dict[int, list[Granted]], dict[int, str]]:
    """Lock these cases in the order of their ids; read the grants of these people and the kinds of these units at `now`."""
    raw = connection.connection
    units = list(set(units))
    with raw.pipeline():
        cursor.role_take()
        stamps, grants, kinds, rows = Cursor(raw), Cursor(raw), Cursor(raw), Cursor(raw)
        if units:
            kinds.execute(UNITS, [units, now], prepare=True)
        stamps.execute(STAMP, prepare=True)
        grants.execute(GRANTS, {"people": list(set(people)), "now": now}, prepare=True)
        rows.execute(LOCK, [sorted(set(ids))], prepare=True)
        cursor.role_taken()
        stamp, granted, found = stamps.fetchone(), grants.fetchall(), rows.fetchall()
        kind_of = dict(kinds.fetchall()) if units else {}
    book = rulebook(stamp)
    drafts = {}
    for record in found:
        *values, recorded_at, clocks, children = record
        row = Row(*values)
        row.head, row.facts, row.progress = bytes(row.head), json.loads(row.facts), json.loads(row.progress)
        row.superior = json.loads(row.superior) if row.superior else None
        draft = Draft(row, recorded_at, book, settings.LEDGER_HASH, open_children=children)
        draft.clocks = {(c["kind"], c["basis"]): _running(c) for c in json.loads(clocks)}
        drafts[row.id] = draft
    held: dict[int, list[Granted]] = {}
    for person, unit, role, on_behalf_of, step in granted:
        held.setdefault(person, []).append(Granted(unit, role, on_behalf_of, step))
    return drafts, held, kind_of


def _running(value: dict[str, Any]) -> Running:
    moments = ("started_at", "due_at", "warn_at", "next_at", "paused_at", "stopped_at")
    read = {name: datetime.fromisoformat(value[name]) if value[name] else None for name in moments}
    return Running(
        kind=value["kind"],
        basis=value["basis"],
        limit=value["limit"],
        level=value["level"],
        pauses=tuple((begin, end) for begin, end in value["pauses"]),
        extensions=tuple(value["extensions"]),
        provisional=value["provisional"],
        rule=value["rule_id"],
        id=value["id"],
        **read,  # type: ignore[arg-type]
    )


def cases_write(cursor: WriterCursor, drafts: Iterable[Draft]) -> None:
    """Write all pending changes of these drafts, and give the role back."""
    drafts = list(drafts)
    raw = connection.connection
    with raw.pipeline():
        if drafts:
            cursor.execute(WRITE, write_parameters(drafts), prepare=True)
        cursor.role_give_back()


def write_parameters(drafts: Sequence[Draft]) -> dict[str, Any]:
    """The parameters of WRITE for these drafts."""
    entries = [entry for draft in drafts for entry in draft.entries]
    return {
        "cases": Json([_case(draft) for draft in drafts]),
        "bodies": [entry.body for entry in entries],
        "hashes": [entry.hash for entry in entries],
        "texts": Json(
            [
                {"stream": t.stream, "seq": t.seq, "name": t.name, "salt": t.salt.hex(), "text": t.text}
                for entry in entries
                for t in entry.private
            ]
        ),
        "clocks": Json([_clock(d.row.id, d.clocks[key]) for d in drafts for key in sorted(d.touched)]),
        "viewers": Json([{"case_id": d.row.id, "unit_id": u} for d in drafts for u in sorted(d.viewers)]),
        "notices": Json([_notice(n) for d in drafts for n in d.notices]),
    }


def _case(draft: Draft) -> dict[str, Any]:
    row = draft.row
    value = {name: getattr(row, name) for name in MUTABLE}
    value["id"], value["head"] = row.id, row.head.hex()
    return value


def _clock(case: int, clock: Running) -> dict[str, Any]:
    return {
        "id": clock.id,
        "case_id": case,
        "kind": clock.kind,
        "basis": clock.basis,
        "limit": clock.limit,
        "rule_id": clock.rule,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
        "next_at": clock.next_at,
        "level": clock.level,
        "pauses": clock.pauses,
        "extensions": clock.extensions,
        "paused_at": clock.paused_at,
        "stopped_at": clock.stopped_at,
        "provisional": clock.provisional,
    }


def _notice(notice: dict[str, Any]) -> dict[str, Any]:
    channel = "sms" if notice["to"] == "reporter" else "in_app"
    unit = None if channel == "sms" else notice["unit_id"]
    return {**{k: v for k, v in notice.items() if k != "to"}, "channel": channel, "unit_id": unit}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=lambda moment: moment.isoformat())


class Json(Jsonb):
    """jsonb whose datetimes are ISO texts."""

    def __init__(self, obj: Any) -> None:
        super().__init__(obj, dumps=_dumps)
