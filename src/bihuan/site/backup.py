"""Backups of the private server, from which it comes back as of a moment: a copy of its files, and the log of all changes since.

    DIR/base        the data files with what of the log makes them whole, as pg_backup_start and _stop tell (PostgreSQL 26.3.3)
    DIR/wal         the archived log, a file of 16 MB each minute in which something changed, when `BIHUAN_WAL_ARCHIVE=1`
    DIR/attachments contents by their hash; DIR/seals the seals; DIR/backup.json when and what

Keys are never beside what they protect: they go into a folder of their own. With `DATABASE_URL` the server is the operator's,
and so are its base backups and its log; then DIR/database.dump is what pg_dump gives, as of now alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from bihuan.site import postgres, postgres_files
from bihuan.site.postgres_files import Layout, PostgresError

SLOT = "bihuan_backup"
LEFT_OUT = {"postmaster.pid", "postmaster.opts", "postgresql.auto.conf.tmp"}
EMPTIED = {
    "pg_wal",
    "pg_replslot",
    "pg_dynshmem",
    "pg_notify",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
}
"""Folders whose content belongs to the running server."""
BESIDE = ("attachments", "seals", "models")
"""Folders of the home that are copied file by file; a file never changes once it is there."""
KEYS = ("keys", "secret_key", "secret_keys_before", "database-roles.json")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds now, in files."""

    log_files: int
    contents: int
    keys: int


def backup_make(
    *, to: Path, home: Path, keys: Path | None, now: datetime, log_only: bool = False
) -> BackedUp:
    """Back up into `to`, again and again: the base anew, of everything else what is not there yet.

    `log_only` copies the archived log alone, which is quick. PostgresError when it cannot be done; an older base is only
    replaced by one that is whole.
    """
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.environ.get("DATABASE_URL"):
        _dump(to)
    elif not log_only:
        _base_copy(postgres_files.layout_find(), to)
    copied = 0 if log_only else sum(_new_copy(home / name, to / name) for name in BESIDE)
    count = _new_copy(postgres_files.archive_folder(postgres_files.layout_find()), to / "wal")
    if not log_only:
        (to / "backup.json").write_text(
            json.dumps({"at": now.isoformat(), "home": str(home)}), encoding="utf-8"
        )
    return BackedUp(count, copied, _keys_copy(home, keys) if keys else 0)


def _keys_copy(home: Path, to: Path) -> int:
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    count = 0
    for path in [
        found for name in KEYS for found in ((home / name), *(home / name).glob("*")) if found.is_file()
    ]:
        target = to / path.relative_to(home)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        shutil.copy2(path, target)
        count += 1
    return count


def _new_copy(source: Path, to: Path) -> int:
    """Copy what is not there yet, each file whole or not at all. Returns how many."""
    count = 0
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        target = to / path.relative_to(source)
        if path.is_file() and not target.exists() and not path.name.startswith("."):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = target.with_name(f".{target.name}")
            shutil.copy2(path, unfinished)
            unfinished.rename(target)
            count += 1
    return count


def _dump(to: Path) -> None:
    program = shutil.which("pg_dump") or str(
        postgres_files.binaries_find(postgres_files.layout_find()) / "pg_dump"
    )
    unfinished = to / "database.new"
    done = subprocess.run(
        [program, "--format=custom", "--no-password", f"--file={unfinished}", os.environ["DATABASE_URL"]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise PostgresError(f"pg_dump failed: {done.stderr[-500:]}")
    unfinished.rename(to / "database.dump")


def _base_copy(layout: Layout, to: Path) -> None:
    unfinished = to / "base-new"
    shutil.rmtree(unfinished, ignore_errors=True)
    with superuser(layout) as server, _log_kept(server):
        server.execute("select pg_backup_start('bihuan', true)")
        _tree_copy(layout.data, unfinished)
        label, spaces = server.execute(
            "select labelfile, spcmapfile from pg_backup_stop(wait_for_archive => false)"
        ).fetchone() or ("", "")
        (unfinished / "backup_label").write_text(label)
        if spaces:
            raise PostgresError("The server has tablespaces, which this backup does not know.")
        for path in sorted((layout.data / "pg_wal").iterdir()):
            if path.is_file():
                shutil.copy2(path, unfinished / "pg_wal" / path.name)
    shutil.rmtree(to / "base-old", ignore_errors=True)
    if (to / "base").exists():
        (to / "base").rename(to / "base-old")
    unfinished.rename(to / "base")
    shutil.rmtree(to / "base-old", ignore_errors=True)


@contextmanager
def _log_kept(server: psycopg.Connection[Any]) -> Iterator[None]:
    """The server keeps its log from here on until the block ends, or the connection does."""
    server.execute("select pg_create_physical_replication_slot(%s, true, true)", [f"{SLOT}_{os.getpid()}"])
    yield
    server.execute("select pg_drop_replication_slot(%s)", [f"{SLOT}_{os.getpid()}"])


def _tree_copy(source: Path, to: Path) -> None:
    """Copy the data files of a running server: what vanishes meanwhile was not needed, what tears is mended by the log."""
    to.mkdir(mode=0o700)
    for path in sorted(source.iterdir()):
        target = to / path.name
        if path.is_dir():
            if path.name in EMPTIED:
                target.mkdir(mode=0o700)
            else:
                _tree_copy(path, target)
        elif path.name not in LEFT_OUT and not path.name.startswith("pgsql_tmp"):
            try:
                shutil.copy2(path, target)
            except FileNotFoundError:
                continue


def superuser(layout: Layout) -> psycopg.Connection[Any]:
    """A connection to the private server that may do anything."""
    return psycopg.connect(
        host=str(layout.socket),
        port=postgres_files.PORT,
        user=postgres_files.SUPERUSER,
        dbname="postgres",
        autocommit=True,
    )


# Restoring.


def restore_make(*, source: Path, home: Path, keys: Path | None, until: datetime | None) -> None:
    """Bring a backup back into a fresh home, as of `until` or as far as its log goes, and let the server run.

    PostgresError, changing nothing, when there is something already where it would go, or it is no backup. When the log
    does not reach `until` the server says so, and what was begun is taken away again.
    """
    layout = postgres_files.layout_find()
    _restorable(source, layout, home)
    account = postgres_files.account_find(layout)
    postgres_files.folders_create(layout, account)
    try:
        _data_put(source, layout, account, until)
        postgres.ensure_running()
    except BaseException:
        postgres.stop()
        shutil.rmtree(layout.data, ignore_errors=True)
        raise
    (layout.data / "postgresql.auto.conf").write_text("")
    shutil.rmtree(layout.base / "restored-wal", ignore_errors=True)
    for name in BESIDE:
        _new_copy(source / name, home / name)
    if keys:
        for path in [found for found in sorted(keys.rglob("*")) if found.is_file()]:
            target = home / path.relative_to(keys)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, target)


def _restorable(source: Path, layout: Layout, home: Path) -> None:
    if os.environ.get("DATABASE_URL"):
        raise PostgresError(
            "DATABASE_URL names a server of your own: restore DIR/database.dump there with pg_restore into an empty database, "
            "or its base backup and log to a moment, then copy attachments and seals, and run bihuan verify."
        )
    if not (source / "base/PG_VERSION").exists() or not (source / "backup.json").exists():
        raise PostgresError(f"{source} is no backup: base/ and backup.json are not there.")
    there = [path for path in (layout.data, *(home / name for name in (*BESIDE, "keys"))) if path.exists()]
    if there:
        raise PostgresError(
            f"{there[0]} is there already: a backup is restored into a fresh BIHUAN_HOME, never over one that lives."
        )


def _data_put(source: Path, layout: Layout, account: postgres_files.Account, until: datetime | None) -> None:
    unfinished, log = layout.base / "data-new", layout.base / "restored-wal"
    for folder in (unfinished, log):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source / "base", unfinished)
    log.mkdir(mode=0o700)
    for path in sorted((source / "wal").glob("[0-9A-F]*")) if (source / "wal").exists() else ():
        shutil.copy2(path, log / path.name)
    settings = [
        f'restore_command = \'cp "{log}/%f" "%p"\'',
        "hot_standby = off",
        "recovery_target_action = 'promote'",
    ]
    if until:
        settings.append(f"recovery_target_time = '{until.isoformat(sep=' ')}'")
    (unfinished / "postgresql.auto.conf").write_text("".join(f"{line}\n" for line in settings))
    (unfinished / "recovery.signal").touch()
    if postgres_files.is_root():
        for path in (unfinished, log, *unfinished.rglob("*"), *log.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    unfinished.chmod(0o700)
    unfinished.rename(layout.data)
