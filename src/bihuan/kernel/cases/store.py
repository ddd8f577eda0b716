"""The two statements of a writer: lock with what permission needs, and one that writes all the rest.

They run on Django's connection as raw psycopg statements, prepared by the server. The same two serve one case and a
batch: a batch is a longer array.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from operator import attrgetter, itemgetter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from orjson import dumps, loads
from psycopg import Cursor

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.grams import text_grams
from bihuan.kernel.cases.permission import Granted
from bihuan.kernel.cases.row import ROW, Row
from bihuan.kernel.clocks.rulebook import STAMP_CALENDAR, STAMP_RULES, rulebook
from bihuan.kernel.clocks.running import Running, Warned
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.pack import workflows

KERNEL = "bihuan_kernel"
NOTICE_TASK = "bihuan.kernel.notices.tasks.notices_send"

GRANTS = """
    select g.person_id, g.unit_id, g.role, 0 as on_behalf_of, '' as step
    from identity_grant g join identity_person p on p.id = g.person_id
    where g.person_id = any(%(people)s::bigint[]) and p.is_active
      and g.valid_from <= %(on)s::date and (g.valid_to is null or g.valid_to > %(on)s::date)
    union all
    select d.grantee_id, g.unit_id, g.role, d.grantor_id, d.step
    from identity_delegation d join identity_grant g on g.person_id = d.grantor_id
    join identity_person p on p.id = d.grantee_id join identity_person q on q.id = d.grantor_id
    where d.grantee_id = any(%(people)s::bigint[]) and p.is_active and q.is_active and d.revoked_at is null
      and %(now)s::timestamptz >= d.begins and %(now)s::timestamptz < d.ends
      and g.valid_from <= %(on)s::date and (g.valid_to is null or g.valid_to > %(on)s::date)
"""
LOCK = f"""
    with context as materialized (
        select jsonb_build_object(
            'grants', (select coalesce(jsonb_agg(to_jsonb(g)), '[]') from ({GRANTS}) g),
            'units', (select coalesce(jsonb_object_agg(u.id, jsonb_build_array(u.kind, (
                          select coalesce(jsonb_agg(distinct g.role), '[]') from identity_grant g
                          join identity_person p on p.id = g.person_id and p.is_active
                          where g.unit_id = u.id and g.valid_from <= %(on)s::date
                            and (g.valid_to is null or g.valid_to > %(on)s::date)))), '{{}}')
                      from identity_unit u
                      where u.id = any(%(units)s::bigint[]) and (u.valid_to is null or u.valid_to > %(on)s::date)),
            'rules', {STAMP_RULES}, 'calendar', {STAMP_CALENDAR})::text as told
    )
    select row_to_json(c)::text, to_json(clock_timestamp()) #>> '{{}}',
        (select coalesce(json_agg(row_to_json(k)), '[]')::text from clocks_clock k
         where k.case_id = c.id and k.stopped_at is null),
        (select coalesce(json_agg(json_build_array(child.unit_id, child.workflow, child.state)), '[]')::text
         from cases_case child where child.parent_id = c.id and child.closed_at is null),
        case when c.id = (select min(id) from cases_case where id = any(%(ids)s::bigint[]))
             then (select told from context) end,
        c.seq <> (select was.seq from cases_case was where was.id = c.id)
    from cases_case c where c.id = any(%(ids)s::bigint[]) order by c.id for no key update of c
"""
MUTABLE = {
    "state": "text",
    "version": "int",
    "unit_id": "bigint",
    "handler_id": "bigint",
    "matter": "text",
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
    "warnings": "jsonb",
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
    with p as materialized (select %s::jsonb as j
    ), u as materialized (
        select x.* from p, jsonb_to_recordset(p.j -> 'cases')
        as x(id bigint, head text, {", ".join(f"{name} {kind}" for name, kind in MUTABLE.items())})
    ), moved as (
        update cases_case c set head = decode(u.head, 'hex'), {", ".join(f"{name} = u.{name}" for name in MUTABLE)}
        from u where c.id = u.id
    ), entries as (
        insert into ledger_entry (body, hash)
        select convert_to(e.body, 'UTF8'), decode(e.hash, 'hex')
        from p, jsonb_to_recordset(p.j -> 'entries') as e(body text, hash text)
    ), texts as (
        insert into ledger_private (stream, seq, name, salt, text)
        select t.stream, t.seq, t.name, decode(t.salt, 'hex'), t.text
        from p, jsonb_to_recordset(p.j -> 'texts') as t(stream text, seq int, name text, salt text, text text)
    ), n as materialized (
        select x.* from p, jsonb_to_recordset(p.j -> 'clocks') as x(id bigint, case_id bigint, {_clock_record})
    ), clocks_new as (
        insert into clocks_clock (case_id, {_columns}) select case_id, {_columns} from n where id is null
    ), clocks_changed as (
        update clocks_clock k set {_clock_set} from n where n.id = k.id
    ), viewers as (
        insert into case_viewer (case_id, unit_id)
        select v.case_id, v.unit_id from p, jsonb_to_recordset(p.j -> 'viewers') as v(case_id bigint, unit_id bigint)
        on conflict do nothing
    ), answers as (
        update cases_text t set answer = a.answer, grams = array(
            select distinct g from unnest(t.grams || a.grams) g)
        from p, jsonb_to_recordset(p.j -> 'answers') as a(case_id bigint, answer text, grams int[])
        where t.case_id = a.case_id
    ), sent as (
        insert into notices_notice (case_id, template, channel, unit_id, party_id, target, context, key, status,
                                    attempts, created_at, next_attempt_at, error)
        select m.case_id, m.template, m.channel, m.unit_id,
            case when m.channel = 'sms' then (select y.id from cases_party y where y.case_id = m.case_id
                and y.role = 'reporter' and y.phone <> '' order by y.id limit 1) end,
            '', m.context, m.key, 'waiting', 0, m.created_at, m.created_at, ''
        from p, jsonb_to_recordset(p.j -> 'notices') as m(case_id bigint, template text, channel text,
            unit_id bigint, context jsonb, key text, created_at timestamptz)
        on conflict (key) do nothing returning id
    ), jobs as (
        select procrastinate_defer_jobs_v1(array[row('notices', '{NOTICE_TASK}', 0, null, null,
            jsonb_build_object('ids', jsonb_agg(id)), null)::procrastinate_job_to_defer_v1])
        from sent having count(*) > 0
    )
    select (select count(*) from jobs), set_config('role', %s, true)
"""


# A generic plan: planning these statements anew would take longer than running them.
TAKE = f"""
    select current_setting('role'), set_config('role', '{KERNEL}', true),
        set_config('plan_cache_mode', 'force_generic_plan', true)
"""


class WriterCursor(Cursor[Any]):
    """A cursor with server-side binding that takes the role that may write, and knows the one before."""

    before = "none"

    def role_take(self) -> None:
        self.execute(TAKE, prepare=True)
        self.before = self.fetchone()[0]  # type: ignore[index]

    def role_give_back(self) -> None:
        self.execute("select set_config('role', %s, true)", [self.before], prepare=True)


@contextmanager
def writer_cursor() -> Iterator[WriterCursor]:
    """A writer's cursor in a transaction, with the role taken. `cases_write` gives it back; after an error, which is
    Django's, the rollback does. Writers nest: the inner one gives back the role that the outer one took.
    """
    with transaction.atomic(), connection.wrap_database_errors:
        connection.ensure_connection()
        with WriterCursor(connection.connection) as cursor:
            cursor.role_take()
            yield cursor


def array_text(values: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)) + "}"


def cases_lock(
    cursor: WriterCursor,
    ids: Iterable[int],
    *,
    now: datetime,
    people: Iterable[int] = (),
    units: Iterable[int] = (),
) -> tuple[dict[int, Draft], dict[int, list[Granted]]]:
    """Lock these cases in the order of their ids; read the grants of these people, and what these units are."""
    wanted = {
        "ids": array_text(sorted(set(ids))),
        "people": array_text(sorted(set(people))),
        "units": array_text(sorted(set(units))),
        "now": now,
        "on": day_of(now),
    }
    cursor.execute(LOCK, wanted, prepare=True)
    found = cursor.fetchall()
    if any(waited for *_, waited in found):
        # The row is as another left it, but its clocks were read as they were before the wait: read them again.
        cursor.execute(LOCK, wanted, prepare=True)
        found = cursor.fetchall()
    if not found:
        return {}, {}
    context = loads(found[0][4])
    book = rulebook((context["rules"], context["calendar"]))
    kinds = {int(unit): kind for unit, (kind, _) in context["units"].items()}
    staffed = {int(unit): frozenset(roles) for unit, (_, roles) in context["units"].items()}
    drafts = {}
    for case, recorded_at, clocks, children, _, _ in found:
        row = _row(loads(case))
        moment = datetime.fromisoformat(recorded_at)
        draft = Draft(row, moment, book, settings.LEDGER_HASH)
        open_children = loads(children)
        draft.assisting = frozenset(unit for unit, _, _ in open_children)
        draft.open_children = sum(child_holds_up(workflow, state) for _, workflow, state in open_children)
        draft.kinds, draft.staffed = kinds, staffed
        draft.clocks = {(c["kind"], c["basis"]): running_read(c) for c in loads(clocks)}
        drafts[row.id] = draft
    held: dict[int, list[Granted]] = {}
    for g in context["grants"]:
        granted = Granted(g["unit_id"], g["role"], g["on_behalf_of"], g["step"])
        held.setdefault(g["person_id"], []).append(granted)
    return drafts, held


def child_holds_up(workflow: str, state: str) -> bool:
    """Whether the lead unit waits for an assisting case in this state."""
    return workflows()[workflow].state[state].holds_up


_columns_of = itemgetter(*ROW)
_mutable_of = attrgetter(*MUTABLE)
MOMENTS = ("opened_at", "moved_at", "closed_at", "due_at", "warn_at")


def _row(value: dict[str, Any]) -> Row:
    for name in MOMENTS:
        if value[name]:
            value[name] = datetime.fromisoformat(value[name])
    value["basis_date"] = date.fromisoformat(value["basis_date"])
    value["head"] = bytes.fromhex(value["head"][2:])
    return Row(*_columns_of(value))


def running_read(value: Mapping[str, Any]) -> Running:
    """A clock as a value, from its row as JSON."""
    return Running(
        kind=value["kind"],
        basis=value["basis"],
        limit=value["limit"],
        started_at=datetime.fromisoformat(value["started_at"]),
        due_at=_moment(value["due_at"]),
        warn_at=_moment(value["warn_at"]),
        next_at=_moment(value["next_at"]),
        level=value["level"],
        warnings=tuple(map(Warned._make, value["warnings"])),
        pauses=tuple((begin, end) for begin, end in value["pauses"]),
        extensions=tuple(value["extensions"]),
        paused_at=_moment(value["paused_at"]),
        stopped_at=_moment(value["stopped_at"]),
        provisional=value["provisional"],
        rule=value["rule_id"],
        id=value["id"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def clocks_read(cursor: Any, ids: Sequence[int]) -> dict[int, Running]:
    """Clocks by their ids, stopped ones too."""
    cursor.execute("select k.id, to_jsonb(k)::text from clocks_clock k where k.id = any(%s)", [list(ids)])
    return {id_: running_read(loads(row)) for id_, row in cursor.fetchall()}


def cases_write(cursor: WriterCursor, drafts: Iterable[Draft]) -> None:
    """Write all pending changes of these drafts, and give the role back."""
    drafts = list(drafts)
    if drafts:
        value = pending(drafts, cases=[_case(draft) for draft in drafts])
        cursor.execute(WRITE, [value, cursor.before], prepare=True)
    else:
        cursor.role_give_back()


def pending(drafts: Sequence[Draft], *, cases: Sequence[dict[str, Any]]) -> str:
    """What WRITE writes: these rows of cases, with entries, texts, clocks, viewers and notices of these drafts."""
    entries = [entry for draft in drafts for entry in draft.entries]
    value = {
        "cases": cases,
        "entries": [{"body": e.body.decode(), "hash": e.hash.hex()} for e in entries],
        "texts": [
            {"stream": t.stream, "seq": t.seq, "name": t.name, "salt": t.salt.hex(), "text": t.text}
            for entry in entries
            for t in entry.private
        ],
        "clocks": [clock_written(d.row.id, d.clocks[key]) for d in drafts for key in sorted(d.touched)],
        "viewers": [{"case_id": d.row.id, "unit_id": unit} for d in drafts for unit in sorted(d.viewers)],
        "answers": [
            {"case_id": d.row.id, "answer": d.answer, "grams": array_text(text_grams(d.answer))}
            for d in drafts
            if d.answer is not None
        ],
        "notices": [_notice(notice) for d in drafts for notice in d.notices],
    }
    return json_text(value)


def _case(draft: Draft) -> dict[str, Any]:
    row = draft.row
    value = dict(zip(MUTABLE, _mutable_of(row), strict=True))
    value["id"], value["head"] = row.id, row.head.hex()
    return value


def clock_written(case: int, clock: Running) -> dict[str, Any]:
    """The row of a clock, of which `running_read` makes it again."""
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
        "warnings": [tuple(warned) for warned in clock.warnings],
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


def json_text(value: Any) -> str:
    """JSON whose dates and moments are ISO texts."""
    return dumps(value).decode()
