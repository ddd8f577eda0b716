"""What the database itself refuses: rows without a scope, and every write of the app that is not a session."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import errors, sql

from bihuan.kernel.identity.scope import NOBODY, scope_apply
from tests.kernel.test_identity import City, city

__all__ = ["city"]  # a fixture
pytestmark = pytest.mark.django_db


def test_without_a_scope_the_app_sees_no_row(city: City) -> None:
    city.see("tang")
    city.handled()
    guarded = (
        "cases_case", "cases_text", "cases_party", "case_viewer", "cases_idempotency", "cases_closed_daily",
        "clocks_clock", "attachments_attachment", "notices_notice", "notices_webhook_target",
        "ledger_entry", "ledger_stream", "ledger_private", "forms_answers",
    )  # fmt: skip

    def counts() -> dict[str, int]:
        with connection.cursor() as cursor:
            found = {}
            for table in guarded:
                cursor.execute(f"select count(*) from {table}")
                found[table] = cursor.fetchone()[0]
        return found

    seen = counts()
    assert (
        min(seen[t] for t in ("cases_case", "cases_party", "clocks_clock", "ledger_entry", "ledger_private"))
        > 0
    )
    scope_apply(NOBODY)
    assert counts() == dict.fromkeys(guarded, 0)
    city.see("qian")
    assert {
        t: n for t, n in counts().items() if t.startswith(("cases_", "ledger_", "clocks_"))
    } == dict.fromkeys([t for t in guarded if t.startswith(("cases_", "ledger_", "clocks_"))], 0)


def denied(statement: sql.Composed) -> bool:
    """Does the database refuse the right to do this? Any other outcome means that it was allowed to try."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return isinstance(error.__cause__, errors.InsufficientPrivilege)
    return False


WRITABLE_BY_APP = {"django_session"}


def test_the_app_writes_no_table_but_sessions(city: City) -> None:
    city.see("tang")
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, min(a.attname) from pg_class c join pg_attribute a on a.attrelid = c.oid"
            " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0"
            " and a.attgenerated = '' and a.attidentity = '' and not a.attisdropped group by 1"
        )
        tables = dict(cursor.fetchall())
    assert {
        "cases_case",
        "ledger_entry",
        "identity_person",
        "policies_rule",
        "hotline_order",
    } <= tables.keys()
    writable = set()
    for table, column in tables.items():
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
        for statement in (
            "insert into {table} default values",
            "update {table} set {column} = {column}",
            "delete from {table}",
        ):
            if not denied(sql.SQL(statement).format(**names)):
                writable.add(table)
    assert writable == WRITABLE_BY_APP
