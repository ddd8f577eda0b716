"""Work on the test database outside a test's transaction: as its owner, or committed by several threads at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

from django.db import connection, connections, transaction

EMPTIED = """
    alter table ledger_entry disable trigger ledger_entry_append_only;
    truncate cases_case, notices_notice, procrastinate_jobs, numbering_counter cascade;
    delete from ledger_private where stream like 'case:%';
    delete from ledger_entry where case_id is not null;
    alter table ledger_entry enable trigger ledger_entry_append_only;
"""


@contextmanager
def connected(role: str) -> Iterator[None]:
    """For the block, Django's connection is that of another database role."""
    from bihuan.site.postgres import database_url

    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(database_url(role), NAME=before["NAME"])  # type: ignore[arg-type]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def owner_undone() -> Iterator[None]:
    """A transaction of the tables' owner, who may do anything, undone at the end. The ledger's trigger is off."""
    with connected("owner"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("alter table ledger_entry disable trigger ledger_entry_append_only")
        yield
        transaction.set_rollback(True)


@contextmanager
def cases_emptied() -> Iterator[None]:
    """What the block commits about cases is taken away after it."""
    try:
        yield
    finally:
        with connected("owner"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(EMPTIED)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do these at once, each in a thread with a connection of its own; returns what each returned or raised."""
    results: list[Any] = [None] * len(works)
    barrier = Barrier(len(works))

    def run(index: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            results[index] = works[index]()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results
