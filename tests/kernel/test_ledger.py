"""The ledger: a chain over stored bytes, and verification that names the first place that does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.entries import GENESIS, Entry, entry_make
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.ledger.verify import Fault, ledger_verify, streams_walk
from bihuan.lib.hashing import canonical_bytes, digest
from tests.committed import owner_undone
from tests.walks import Taken, World

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def chain(count: int, *, stream: str = "case:7", algorithm: str = "sha256") -> list[Entry]:
    entries: list[Entry] = []
    for seq in range(1, count + 1):
        previous = entries[-1].hash if entries else GENESIS
        entry = entry_make(
            stream=stream, seq=seq, previous=previous, kind="move", at=AT, recorded_at=AT, by=3,
            data={"n": seq}, private={"reason": "路灯不亮"}, algorithm=algorithm,
        )  # fmt: skip
        entries.append(entry)
    return entries


def walked(entries: list[Entry], head: Entry | None) -> tuple[Fault, ...]:
    rows = [(e.stream, e.seq, e.body, e.hash) for e in entries]
    return streams_walk(rows, {head.stream: (head.seq, head.hash)} if head else {}).faults


def test_the_body_is_canonical_and_the_hash_covers_the_one_before() -> None:
    first, second = chain(2)
    value = json.loads(second.body)
    assert canonical_bytes(value) == second.body
    assert list(value) == ["algorithm", "at", "by", "data", "kind", "private", "recorded_at", "seq", "stream"]
    assert value["at"] == "2026-03-02T02:00:00.000000Z"
    assert "路灯" not in second.body.decode()
    assert first.hash == digest(GENESIS + first.body)
    assert second.hash == digest(first.hash + second.body)


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_a_whole_chain_fits_under_either_algorithm(algorithm: str) -> None:
    entries = chain(4, algorithm=algorithm)
    assert walked(entries, entries[-1]) == ()
    other = chain(4, algorithm="sm3" if algorithm == "sha256" else "sha256")
    assert entries[0].hash != other[0].hash


@pytest.mark.parametrize("data", [{"x": 1.5}, {"x": AT.replace(tzinfo=None)}, {1: "x"}, {"x": {1}}])
def test_what_has_no_canonical_form_is_refused(data: Any) -> None:
    with pytest.raises(TypeError):
        entry_make(stream="s", seq=1, previous=GENESIS, kind="k", at=AT, recorded_at=AT, by=1, data=data)


@given(
    index=st.integers(0, 4),
    place=st.integers(0, 10**6),
    other=st.integers(1, 255),
    algorithm=st.sampled_from(["sha256", "sm3"]),
)
def test_any_changed_byte_of_any_body_is_caught(index: int, place: int, other: int, algorithm: str) -> None:
    entries = chain(5, algorithm=algorithm)
    body = bytearray(entries[index].body)
    body[place % len(body)] ^= other
    changed = entries[index]
    entries[index] = Entry(changed.stream, changed.seq, bytes(body), changed.hash)
    faults = walked(entries, entries[-1])
    assert [(fault.stream, fault.seq) for fault in faults] == [("case:7", index + 1)]


@given(st.permutations(range(5)))
def test_any_other_order_is_caught(order: list[int]) -> None:
    entries = chain(5)
    bodies = [entries[n] for n in order]
    moved = [Entry(e.stream, seq, e.body, e.hash) for seq, e in enumerate(bodies, 1)]
    first = next((seq for seq, n in enumerate(order, 1) if n != seq - 1), None)
    assert [f.seq for f in walked(moved, entries[-1])] == ([first] if first else [])


def test_heads_tell_of_cut_lengthened_replaced_and_unknown_streams() -> None:
    entries = chain(4)
    assert walked(entries[:3], entries[3])[0] == Fault("case:7", 4, "the tail is cut off after entry 3")
    assert [f.seq for f in walked(entries, entries[2])] == [4]
    assert [f.seq for f in walked(entries, chain(4)[3])] == [4]
    assert walked(entries, None)[0].what == "the stream belongs to nothing that is known"
    assert walked([], entries[3]) == (Fault("case:7", 1, "entries are missing: the whole stream is gone"),)


# On PostgreSQL, as somebody who may do anything to the tables.


@pytest.fixture
def case(django_db_setup: None, django_db_blocker: Any, now: datetime) -> Iterator[int]:
    """A case with five entries among others, in a transaction of the tables' owner that is undone."""
    with django_db_blocker.unblock(), owner_undone():
        world = World("hotline", now)
        number = world.open("lead")
        for step, by, data in (
            ("dispatch", "li", {"unit": world.unit["371502_market"]}),
            ("sign_for", "wang", {}),
            ("urge", "tang", {"remark": "请抓紧办理"}),
            ("self_call_back", "wang", {"reached": "yes", "note": "已联系"}),
        ):
            world.take(number, Taken(step, by, data))
        assert ledger_verify().faults == ()
        yield number


def sql(query: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.rowcount


def first_faults() -> list[tuple[str, int]]:
    return [(fault.stream, fault.seq) for fault in ledger_verify().faults]


def rewritten(case: int, seq: int, old: bytes, new: bytes, to: int) -> None:
    """Change a body, and put it at another place when `to` differs."""
    body = bytes(LedgerEntry.objects.get(stream=f"case:{case}", seq=seq).body)
    assert old in body
    assert (
        sql(
            "update ledger_entry set body = %s where stream = %s and seq = %s",
            body.replace(old, new),
            f"case:{case}",
            seq,
        )
        == 1
    )
    assert LedgerEntry.objects.filter(stream=f"case:{case}", seq=to).exists()


def test_an_edited_entry_is_named(case: int) -> None:
    rewritten(case, 3, b'"step":"sign_for"', b'"step":"sign_fox"', 3)
    assert first_faults() == [(f"case:{case}", 3)]


def test_an_entry_whose_algorithm_was_edited_is_named(case: int) -> None:
    rewritten(case, 2, b'"algorithm":"sha256"', b'"algorithm":"none00"', 2)
    rewritten(case, 4, b'"algorithm":"sha256",', b"", 4)
    assert (f"case:{case}", 2) in first_faults()


def test_the_columns_are_what_the_body_says_whatever_is_given(case: int) -> None:
    columns = "stream, seq, kind, at::text, case_id"
    before = told(columns, case)
    sql(
        "update ledger_entry set kind = 'x', seq = 99, stream = 'x', at = now(), case_id = 1 where case_id = %s",
        case,
    )
    assert told(columns, case) == before
    sql(
        "insert into ledger_entry (body, hash, stream, seq, kind, at, case_id)"
        " select convert_to(replace(convert_from(body, 'UTF8'), '\"seq\":5', '\"seq\":6'), 'UTF8'), hash, 'x', 1, 'x', now(), 1"
        " from ledger_entry where case_id = %s and seq = 5",
        case,
    )
    stream, _, kind, at, id_ = before[-1]
    assert told(columns, case) == [*before, (stream, 6, kind, at, id_)]


def told(columns: str, case: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from ledger_entry where case_id = %s order by seq", [case])
        return cursor.fetchall()


def test_a_deleted_entry_is_named(case: int) -> None:
    assert sql("delete from ledger_entry where case_id = %s and seq = 3", case) == 1
    assert first_faults() == [(f"case:{case}", 3)]


def test_an_inserted_entry_is_named(case: int) -> None:
    for seq in (5, 4, 3):
        rewritten(case, seq, b'"seq":%d' % seq, b'"seq":%d' % (seq + 1), seq + 1)
    sql(
        "insert into ledger_entry (body, hash) select convert_to(replace(convert_from(body, 'UTF8'), '\"seq\":2', '\"seq\":3'),"
        " 'UTF8'), hash from ledger_entry where case_id = %s and seq = 2",
        case,
    )
    assert first_faults() == [(f"case:{case}", 3)]


def test_swapped_entries_are_named(case: int) -> None:
    rewritten(case, 2, b'"seq":2', b'"seq":9', 9)
    rewritten(case, 3, b'"seq":3', b'"seq":2', 2)
    rewritten(case, 9, b'"seq":9', b'"seq":3', 3)
    assert first_faults() == [(f"case:{case}", 2)]


def test_a_tail_cut_off_is_named(case: int) -> None:
    assert sql("delete from ledger_entry where case_id = %s and seq > 3", case) == 2
    assert first_faults() == [(f"case:{case}", 4)]


def test_an_altered_head_is_named(case: int) -> None:
    sql("update cases_case set head = %s where id = %s", b"\x01" * 32, case)
    assert first_faults() == [(f"case:{case}", 5)]


def test_an_altered_text_is_named(case: int) -> None:
    sql("update ledger_private set text = text || '。' where stream = %s and seq = 4", f"case:{case}")
    (fault,) = ledger_verify().faults
    assert (fault.stream, fault.seq) == (f"case:{case}", 4)
    assert "'remark'" in fault.what
    assert ledger_verify(private=False).faults == ()


def test_an_erased_text_is_a_fault_unless_a_later_entry_says_so(case: int) -> None:
    def enter(kind: str, **private: str) -> None:
        register_append(stream="model", kind=kind, at=AT, by="system", data={}, private=private)

    def erase() -> int:
        return sql(
            "update ledger_private set text = null, salt = '' where stream = 'model' and text is not null"
        )

    enter("noted", reason="宋晓梅来电", remark="已核实")
    assert erase() == 2
    assert first_faults() == [("model", 1)]
    enter("anonymised")
    assert first_faults() == []
    enter("noted", reason="宋晓梅再次来电")
    assert first_faults() == []
    assert erase() == 1
    assert first_faults() == [("model", 3)]


def test_a_stream_that_is_gone_is_named(case: int) -> None:
    sql("delete from ledger_private where stream = %s", f"case:{case}")
    sql("delete from ledger_entry where case_id = %s", case)
    assert first_faults() == [(f"case:{case}", 1)]


def test_an_unknown_stream_is_named(case: int) -> None:
    entry = chain(1, stream="case:999999999")[0]
    sql("insert into ledger_entry (body, hash) values (%s, %s)", entry.body, entry.hash)
    assert first_faults() == [("case:999999999", 1)]


def test_a_registers_stream_is_verified_too(case: int) -> None:
    register_append(stream="model", kind="model_trained", at=AT, by="system", data={"n": 1})
    register_append(stream="model", kind="model_trained", at=AT, by="system", data={"n": 2})
    assert first_faults() == []
    sql("delete from ledger_entry where stream = 'model' and seq = 2")
    assert first_faults() == [("model", 2)]


@settings(max_examples=25)
@given(seq=st.integers(1, 5), place=st.integers(0, 10**6), other=st.integers(1, 127))
def test_any_changed_byte_in_the_table_is_refused_or_named(
    case: int, seq: int, place: int, other: int
) -> None:
    stream = f"case:{case}"
    body = bytearray(LedgerEntry.objects.get(stream=stream, seq=seq).body)
    body[place % len(body)] ^= other
    mark = transaction.savepoint()
    try:
        sql("update ledger_entry set body = %s where stream = %s and seq = %s", bytes(body), stream, seq)
        assert any(name.startswith("case:") or name == stream for name, _ in first_faults())
    except DatabaseError:  # no longer a body that the table takes
        pass
    finally:
        transaction.savepoint_rollback(mark)


def test_the_command_names_stream_case_and_entry_and_fails(case: int) -> None:
    out = StringIO()
    call_command("verify", stdout=out)
    assert "Every entry and every file fits." in out.getvalue()
    sql("delete from ledger_entry where case_id = %s and seq = 3", case)
    number = Case.objects.get(pk=case).number
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify", stdout=out)
    assert ended.value.code == 1
    assert f"FAULT case:{case} ({number}) entry 3:" in out.getvalue()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert [(f["stream"], f["case"], f["entry"]) for f in told["faults"]] == [(f"case:{case}", number, 3)]
    assert told["entries"] == ledger_verify().entries
    assert told["seconds"] >= 0 and told["peak_mb"] > 10


# As the roles that the product connects with.


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["update ledger_entry set hash = hash", "delete from ledger_entry", "truncate ledger_entry"]
)
def test_nobody_but_the_owner_may_change_or_delete_entries(statement: str) -> None:
    before = ledger_verify().entries
    for role in ("none", "bihuan_kernel"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql(f"set local role {role}")
            sql(statement)
    assert ledger_verify().entries == before > 0


def test_even_the_owner_meets_the_trigger(case: int) -> None:
    sql("alter table ledger_entry enable trigger ledger_entry_append_only")
    for statement in (
        "update ledger_entry set hash = hash",
        "delete from ledger_entry",
        "truncate ledger_entry",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            sql(statement)


@pytest.mark.django_db
def test_the_app_cannot_write_without_taking_the_kernels_role() -> None:
    entry = chain(1, stream="model")[0]
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        sql("insert into ledger_entry (body, hash) values (%s, %s)", entry.body, entry.hash)
    with kernel_writes():
        assert sql("insert into ledger_entry (body, hash) values (%s, %s)", entry.body, entry.hash) == 1


@pytest.mark.django_db
def test_sm3_can_be_set_as_the_algorithm(settings: Any) -> None:
    register_append(stream="model", kind="model_trained", at=AT, by="system", data={})
    settings.LEDGER_HASH = "sm3"
    register_append(stream="model", kind="model_trained", at=AT, by="system", data={})
    with kernel_writes():
        bodies = [
            json.loads(bytes(e.body)) for e in LedgerEntry.objects.filter(stream="model").order_by("seq")
        ]
    assert [body["algorithm"] for body in bodies] == ["sha256", "sm3"]
    assert ledger_verify().faults == ()
