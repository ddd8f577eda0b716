"""Seals: whatever becomes of sealed entries is named, also when the tables' owner rewrites them with all hashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from bihuan.kernel.ledger import sealing, verifier
from bihuan.kernel.ledger.entries import GENESIS
from bihuan.kernel.ledger.keys import KeyMissing, key_rotate, statements_read
from bihuan.kernel.ledger.merkle import Tree
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.lib.hashing import digest
from bihuan.lib.refusals import Refusal
from tests.committed import owner_undone

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


# On PostgreSQL, as somebody who may do anything to the tables.


@pytest.fixture(autouse=True)
def roots(settings: Any, tmp_path: Path) -> None:
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"


@pytest.fixture
def owned(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), owner_undone():
        for table in ("ledger_seal", "ledger_leaf"):
            sql(f"alter table {table} disable trigger user")
        for n in range(1, 7):
            note(n)
        seal()
        for n in range(7, 10):
            note(n)
        seal()
        assert ledger_verify().faults == ()
        yield


def sql(query: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.rowcount


def note(n: int, stream: str = "model") -> None:
    register_append(stream=stream, kind="noted", at=AT, by="system", data={"n": n})


def seal(keep: bool = True) -> sealing.Seal:
    """Seal what is there; the transaction never ends, so its file is kept here."""
    before = sealing.seal_last()
    taken = sealing.seal_take(now=AT)
    assert taken is not None
    if keep:
        start = before.told["last"] if before else 0
        sealing.seal_keep(taken, sealing.leaves_read(start, taken.told["last"]))
    return taken


def rewrite(values: list[int], stream: str = "model") -> None:
    """The attacker's work: the stream says these numbers and nothing else, chain and head recomputed throughout."""
    bodies = [bytes(e.body) for e in LedgerEntry.objects.filter(stream=stream).order_by("seq")]
    made = [json.loads(body)["data"].get("n") for body in bodies]
    previous, kept = GENESIS, {n: json.loads(body) for n, body in zip(made, bodies, strict=True)}
    sql("delete from ledger_entry where stream = %s", stream)
    for seq, n in enumerate(values, 1):
        told = {**kept.get(n, kept[1]), "seq": seq, "data": {"n": n}}
        body = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        previous_ = previous
        previous = digest(previous_ + body)
        sql("insert into ledger_entry (body, hash) values (%s, %s)", body, previous)
    sql("update ledger_stream set seq = %s, head = %s where name = %s", len(values), previous, stream)


def faults() -> list[tuple[str, int]]:
    return [(fault.stream, fault.seq) for fault in ledger_verify().faults]


@pytest.mark.parametrize(
    ("values", "seq"),
    [
        ([1, 2, 3, 44, 5, 6, 7, 8, 9], 4),  # an edit
        ([1, 2, 4, 5, 6, 7, 8, 9], 3),  # a deletion
        ([1, 2, 3, 33, 4, 5, 6, 7, 8, 9], 4),  # an insertion
        ([1, 3, 2, 4, 5, 6, 7, 8, 9], 2),  # a swap
        ([1, 2, 3, 4, 5, 6, 7], 8),  # the tail cut off
        ([5], 1),  # another stream altogether
    ],
)
def test_a_stream_rewritten_to_the_last_byte_is_named(owned: None, values: list[int], seq: int) -> None:
    rewrite([1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert faults() == []
    rewrite(values)
    assert faults() == [("model", seq)]


def places_forged() -> None:
    """The attacker gives the rewritten entries the places of the old ones, too."""
    sql("delete from ledger_leaf where stream = 'model' and not exists (select from ledger_entry e where e.stream = 'model'"
        " and e.seq = ledger_leaf.seq)")  # fmt: skip
    sql(
        "update ledger_leaf l set hash = e.hash, entry = e.id from ledger_entry e"
        " where e.stream = l.stream and e.seq = l.seq and l.stream = 'model'"
    )


def test_a_place_rewritten_with_its_entry_is_named_by_the_kept_seal(owned: None) -> None:
    rewrite([1, 2, 3, 44, 5, 6, 7, 8, 9])
    places_forged()
    assert faults() == [("model", 4)]
    for path in sealing.kept_folder().glob("*"):
        path.unlink()  # without it the seal at least says that one of its entries it was
    assert [stream for stream, _ in faults()] == ["seal:1", "seal:2"]


def test_seals_rewritten_without_the_key_are_named(owned: None) -> None:
    rewrite([1, 2, 3, 44, 5, 6, 7, 8, 9])
    places_forged()
    tree, previous = Tree("sha256"), verifier.NO_SEAL
    for one in sealing.seals_read():
        tree.extend(sealing.leaves_read(tree.size, one.told["last"]))
        told = {**one.told, "root": tree.root().hex(), "previous": previous}
        body, peaks = json.dumps(told, sort_keys=True, separators=(",", ":")), b"".join(tree.peaks)
        previous = verifier.seal_digest({"body": body, "signature": one.signature}, "sha256")
        sql("update ledger_seal set body = %s, peaks = %s where number = %s", body, peaks, one.number)
    for path in sealing.kept_folder().glob("*"):
        path.unlink()
    (fault,) = ledger_verify().faults
    assert (fault.stream, "signature does not fit" in fault.what) == ("seal:2", True)
    note(10)
    with pytest.raises(sealing.SealBroken), transaction.atomic():
        sealing.seal_take(now=AT)
    assert [one.number for one in sealing.seals_read()] == [1, 2]


def test_a_seal_changed_in_the_middle_breaks_the_chain(owned: None) -> None:
    sql("update ledger_seal set signature = reverse(signature) where number = 1")
    (fault,) = ledger_verify().faults
    assert (fault.stream, "does not follow the one before" in fault.what) == ("seal:2", True)


def test_seals_cut_off_with_their_entries_are_named_by_the_kept_one(owned: None) -> None:
    rewrite([1, 2, 3, 4, 5, 6])
    first = sealing.seals_read()[0]
    sql("delete from ledger_seal where number = 2")
    assert faults() == [("seal:2", 1)]
    sql("delete from ledger_leaf where position > %s", first.told["last"])
    (fault,) = ledger_verify().faults
    assert (fault.stream, "seal 2 is kept outside" in fault.what) == ("seal:2", True)


def test_nothing_is_sealed_on_top_of_what_was_cut_off(owned: None) -> None:
    first = sealing.seals_read()[0]
    sql("delete from ledger_seal where number = 2")
    sql("delete from ledger_leaf where position > %s", first.told["last"])
    with pytest.raises(sealing.SealBroken), transaction.atomic():
        sealing.seal_take(now=AT)
    assert [one.number for one in sealing.seals_read()] == [1]
    assert sealing.kept_numbers() == [1, 2]


def test_entries_are_sealed_by_assignment_never_by_time(owned: None) -> None:
    """An entry that says that it is old goes into the next seal like any other."""
    register_append(stream="model", kind="noted", at=AT - timedelta(days=900), by="system", data={"n": 10})
    third = seal()
    assert third.told["last"] == sealing.seals_read()[1].told["last"] + 1
    assert ledger_verify().sealed == ledger_verify().entries == third.told["last"]
    assert sealing.seal_take(now=AT) is None


def test_an_entry_committed_late_is_sealed_later(owned: None) -> None:
    """Its number was given before that of an entry which is sealed already."""
    note(10)
    row = LedgerEntry.objects.get(stream="model", seq=10)
    sql("delete from ledger_entry where id = %s", row.pk)
    note(1, stream="other")
    seal()
    sql(
        "insert into ledger_entry (id, body, hash) overriding system value values (%s, %s, %s)",
        row.pk, bytes(row.body), bytes(row.hash),
    )  # fmt: skip
    assert seal().told["last"] == ledger_verify().entries
    assert faults() == []


def test_a_seal_whose_file_was_not_written_is_kept_with_the_next(owned: None) -> None:
    note(10)
    third = seal(keep=False)
    assert sealing.kept_numbers() == [1, 2]
    sealing.missing_keep(third)
    assert sealing.kept_numbers() == [1, 2, 3]
    assert sealing.kept_leaves(3) == sealing.leaves_read(third.told["last"] - 1, third.told["last"])


def test_another_algorithm_begins_another_tree(owned: None, settings: Any) -> None:
    settings.LEDGER_HASH = "sm3"
    note(10)
    third = seal()
    assert (third.told["tree"], third.told["size"], third.told["algorithm"]) == (2, 1, "sm3")
    assert (
        third.told["root"]
        == digest(b"\0" + bytes(LedgerEntry.objects.get(stream="model", seq=10).hash), algorithm="sm3").hex()
    )
    assert faults() == []
    settings.LEDGER_HASH = "sha256"
    note(11)
    assert seal().told["tree"] == 3
    rewrite([1, 2, 3, 4, 5, 6, 7, 8, 9, 99, 11])
    assert faults() == [("model", 10)]


# Keys.


def test_a_new_key_is_signed_by_the_old_whose_private_part_goes(owned: None, settings: Any) -> None:
    old = statements_read()[0]
    key = key_rotate(now=AT, by="operator", reason="每年更换")
    assert [path.name for path in settings.KEY_ROOT.glob("*.key")] == [f"seal-{key.name}.key"]
    assert (settings.KEY_ROOT / f"seal-{key.name}.key").stat().st_mode & 0o777 == 0o600
    keys, found, remarks = verifier.keys_read(statements_read())
    assert (len(keys), found, remarks) == (2, [], [])
    assert statements_read()[0] == old
    assert json.loads(bytes(LedgerEntry.objects.filter(stream="keys").latest("seq").body))["data"] == {
        "key": key.name, "previous": json.loads(old["body"])["key"], "reason": "每年更换",
    }  # fmt: skip
    assert seal().told["key"] == key.name
    assert faults() == []


def test_a_lost_key_is_declared_and_told(owned: None, settings: Any) -> None:
    with pytest.raises(Refusal, match="不能声明遗失"):
        key_rotate(now=AT, by="operator", reason="磁盘损坏", lost=True)
    (file,) = settings.KEY_ROOT.glob("*.key")
    file.unlink()
    note(10)
    with pytest.raises(KeyMissing, match="--lost"), transaction.atomic():
        sealing.seal_take(now=AT)
    with pytest.raises(KeyMissing):
        key_rotate(now=AT, by="operator", reason="每年更换")
    assert (len(statements_read()), list(settings.KEY_ROOT.glob("*.key"))) == (1, [])
    key_rotate(now=AT, by="operator", reason="磁盘损坏", lost=True)
    seal()
    assert faults() == []
    assert "磁盘损坏" in verifier.keys_read(statements_read())[2][0]


def test_an_announcement_that_nobody_signed_is_a_fault(owned: None, settings: Any) -> None:
    forged = Ed25519PrivateKey.generate()
    public = forged.public_key().public_bytes_raw()
    first = json.loads(statements_read()[0]["body"])
    told = {**first, "key": verifier.key_id(public), "public": public.hex(), "previous": first["key"]}
    body = json.dumps(told, sort_keys=True, separators=(",", ":"))
    statements = [*statements_read(), {"body": body, "signature": forged.sign(body.encode()).hex()}]
    (settings.KEY_ROOT / "seal.json").write_text(json.dumps(statements))
    assert ("keys", 1) in faults()


# As the roles that the product connects with, and by the commands.


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["ledger_seal", "ledger_leaf"])
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}", "truncate {}"])
def test_nobody_but_the_owner_may_change_seals(table: str, statement: str) -> None:
    column = "body" if table == "ledger_seal" else "hash"
    note(1)
    sealing.seal_take(now=AT)
    for role in ("none", "bihuan_kernel"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql(f"set local role {role}")
            sql(statement.format(table, column, column))
    with kernel_writes():
        assert len(sealing.seals_read()) == 1
    assert sql(f"select * from {table}") == 0  # the web sees none


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_worker_seals_by_the_hour(django_capture_on_commit_callbacks: Any) -> None:
    from bihuan.kernel.ledger.tasks import seals_take_hourly

    note(1)
    with django_capture_on_commit_callbacks(execute=True):
        seals_take_hourly(int(AT.timestamp()))
    assert sealing.kept_numbers() == [1]
    told = ledger_verify()
    assert (told.seals, told.sealed, told.sealed_at) == (1, told.entries, "2026-03-02T02:00:00.000000Z")
    assert f"{told.entries:,} of them sealed by 1 seals" in run("verify", "--without-files")


def test_seals_kept_elsewhere_are_checked_against_the_database(owned: None, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    assert run("seal", "export", str(folder)) == f"2 seals written to {folder}.\n"
    note(10)
    seal()
    assert run("seal", "export", str(folder)) == f"1 seals written to {folder}.\n"
    assert run("seal", "check", str(folder)) == "All 3 kept seals fit.\n"
    files = sorted(folder.glob("*.json"))
    assert max(file.stat().st_size for file in files) < 4096
    one, two = (json.loads(file.read_text()) for file in files[1:])
    path = [bytes.fromhex(step) for step in two["consistency"]["path"]]
    old, new = (json.loads(each["seal"]["body"]) for each in (one, two))
    roots = [bytes.fromhex(told["root"]) for told in (old, new)]
    assert verifier.consistent(old["size"], roots[0], new["size"], roots[1], path, "sha256")
    assert len(run("seal", "list").splitlines()) == 3
    # Now everything in the database and beside it is made anew, under a new key: only what was kept elsewhere knows better.
    rewrite([1, 2, 3, 44, 5, 6, 7, 8, 9, 10])
    sql("delete from ledger_seal")
    sql("delete from ledger_leaf")
    for name in ("keys", "seals"):
        (tmp_path / name).rename(tmp_path / f"{name}.old")
    seal()
    assert faults() == []
    with pytest.raises(SystemExit):
        run("seal", "check", str(folder))


@pytest.mark.django_db
def test_a_kept_seal_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(CommandError, match="cannot be read"):
        run("seal", "check", str(tmp_path / "x.json"))
