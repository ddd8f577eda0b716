"""What the web's role may do to the database when all of our Python is out of the way."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from bihuan.kernel.identity.scope import NOBODY, Scope, scope_apply
from bihuan.kernel.ledger.entries import entry_make
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import entries_insert, kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from tests.stories.cast import Town

READ_BY_ALL = {
    # What a page needs before, or whoever is asking: accounts, units, rules, words, and the machinery's own tables.
    "auth_", "django_", "procrastinate_", "identity_", "policies_", "clocks_calendar", "clocks_day", "numbering_",
    "notices_template", "notices_notice_template", "hotline_matter", "hotline_directory", "hotline_import",
    "hotline_trained", "hotline_model", "hotline_ready", "desk_api_token", "spatial_",
}  # fmt: skip


def refused_as_app(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        )
        return [name for (name,) in cursor.fetchall()]


def test_every_table_of_cases_is_empty_to_nobody(town: Town) -> None:
    town.handling()
    scope_apply(NOBODY)
    open_ = []
    for name in tables():
        if name.startswith(tuple(READ_BY_ALL)):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'select count(*) from "{name}"')
            if cursor.fetchone()[0]:
                open_.append(name)
    assert open_ == []


def test_the_web_writes_to_no_table_of_its_own_power(town: Town) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, privilege_type from information_schema.role_table_grants where grantee in ('bihuan_app',"
            " 'PUBLIC') and table_schema = 'public' and privilege_type <> 'SELECT'"
        )
        assert {name for name, _ in cursor.fetchall()} == {"django_session"}


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entry set body = body", "delete from ledger_entry", "truncate ledger_entry",
        "alter table ledger_entry disable trigger all", "drop trigger ledger_append_only on ledger_entry",
        "set local role bihuan_owner", "set session authorization bihuan_owner", "alter role bihuan_app bypassrls",
        "create function f() returns int language sql as 'select 1'", "create table t (x int)",
        "set local session_replication_role = replica", "alter table cases_case disable row level security",
        "copy cases_case to program 'cat'", "select pg_read_file('/etc/passwd')",
    ],
)  # fmt: skip
def test_even_the_writing_role_may_not(town: Town, statement: str) -> None:
    town.handling()
    refused_as_app(statement)
    with kernel_writes():
        refused_as_app(statement)


def test_functions_with_their_owners_power_fix_where_they_look(town: Town) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select proname, coalesce(array_to_string(proconfig, ';'), '') from pg_proc"
            " where prosecdef and pronamespace = 'public'::regnamespace"
        )
        found = dict(cursor.fetchall())
        cursor.execute(
            "select count(*) from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace"
        )
        views = cursor.fetchone()[0]
    assert "cases_search" in found
    assert all("search_path=" in config for config in found.values()), found
    assert views == 0


def test_search_alone_shows_nothing_out_of_scope(town: Town) -> None:
    from bihuan.kernel.cases.models import CaseText

    number = town.handling()
    grams = CaseText.objects.get(case=town.case(number)).grams
    for scope, found in ((NOBODY, 0), (Scope(1, (), (town.units["371502_veterans"].pk,), False), 0),
                         (Scope(1, (), (town.units["371502_market"].pk,), False), 1)):  # fmt: skip
        scope_apply(scope)
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from cases_search(%s::integer[], '{退}', 1000000)", [grams[:3]])
            assert cursor.fetchone()[0] == found


@pytest.mark.parametrize("what", ["appended", "backdated", "foreign"])
def test_an_entry_forged_by_the_writing_role_is_found(town: Town, what: str) -> None:
    case = town.case(town.handling())
    assert ledger_verify().faults == ()
    stream = f"case:{case.pk}" if what != "foreign" else "case:999999999"
    entry: Any = entry_make(
        stream=stream, seq=case.seq + 1 if what == "appended" else 1 if what == "foreign" else case.seq + 2,
        previous=bytes(case.head), kind="move", at=town.now, recorded_at=town.now, by=1, data={"step": "x"}, private=None,
        algorithm="sha256",
    )  # fmt: skip
    with kernel_writes(), connection.cursor() as cursor:
        entries_insert(cursor, [entry])
    assert [fault.stream for fault in ledger_verify().faults] == [stream]


def test_a_private_text_changed_is_found(town: Town) -> None:
    case = town.case(town.handling())
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "update ledger_private set text = text || '。' where stream = %s and name = 'text'",
            [f"case:{case.pk}"],
        )
    assert [fault.stream for fault in ledger_verify().faults] == [f"case:{case.pk}"]


def test_no_entry_tells_a_text_or_a_name(town: Town) -> None:
    number = town.handling(text="绝密甲乙丙丁,要求退费。", reporter="佟志鹏", address="桂花巷7号")
    for entry in LedgerEntry.objects.filter(case_id=town.case(number).pk):
        body = bytes(entry.body).decode()
        json.loads(body)
        assert not re.search("绝密|佟志鹏|桂花巷|19900000001", body)
