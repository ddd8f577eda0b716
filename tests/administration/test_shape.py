"""Administration is the same for every kind: who may open it, list, page, history, files; a refusal changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.administration.numbering import Numbering
from bihuan.kernel.administration.shape import GROUPS, Kind, kinds, places
from tests.administration.conftest import City, Log

pytestmark = pytest.mark.django_db
NAMES = tuple(kinds())
CAST = {
    "admin": "system_admin",
    "security": "security_admin",
    "audit": "audit_admin",
    "tang": "supervisor",
    "wang": "handler",
}
MOST_QUERIES = 30


def allowed(kind: Kind) -> set[str]:
    more = {"tang"} if kind.name == "sent" else set()
    return {username for username, role in CAST.items() if role in kind.roles} | more


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_is_for_its_own_administrators(as_: Log, name: str) -> None:
    kind = kinds()[name]
    assert kind.group in dict(GROUPS)
    for username in CAST:
        expected = 200 if username in allowed(kind) else 403
        assert as_(username).get(f"/administration/{name}").status_code == expected, username
    assert Client().get(f"/administration/{name}")["Location"].startswith("/login")


@pytest.mark.parametrize("name", NAMES)
def test_list_page_and_files_of_a_kind(as_: Log, name: str, django_assert_max_num_queries: Any) -> None:
    client = as_(sorted(allowed(kinds()[name]))[0])
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(f"/administration/{name}")
    for address, _cells in page.context["rows"][:3]:
        if address:
            with django_assert_max_num_queries(MOST_QUERIES):
                assert client.get(address).status_code == 200, address
    columns = [column.name for column in kinds()[name].columns]
    csv = client.get(f"/administration/{name}/export.csv").content.decode("utf-8-sig")
    assert csv.splitlines()[0].split(",") == columns
    assert client.get(f"/administration/{name}/export.xlsx").content[:2] == b"PK"
    rows = json.loads(client.get(f"/administration/{name}/export.json").content)
    assert all(list(row) == columns for row in rows)
    assert client.get(f"/administration/{name}/export.exe").status_code == 404
    assert client.get(f"/administration/{name}/of/no-such-thing").status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_an_action_or_import_of_another_power_is_refused(as_: Log, name: str, nothing_changed: Any) -> None:
    kind, before = kinds()[name], nothing_changed()
    for username in CAST:
        if username in allowed(kind):
            continue
        for action in kind.list_actions:
            assert as_(username).post(f"/administration/{name}/do/{action.name}", {}).status_code == 403
        assert as_(username).post(f"/administration/{name}/import", {"text": "a"}).status_code == 403
    assert nothing_changed() == before


def test_the_index_shows_what_each_may_open(as_: Log) -> None:
    for username, role in CAST.items():
        expected = {k.label for k in kinds().values() if username in allowed(k)}
        expected |= {p.label for p in places() if role in p.roles}
        answer = as_(username).get("/administration")
        if not expected:
            assert answer.status_code == 403
            continue
        shown = {name for _label, entries in answer.context["groups"] for name, _about, _address in entries}
        assert shown == expected, username


def test_an_unknown_kind_action_or_object_is_not_found(as_: Log) -> None:
    client = as_("admin")
    assert client.get("/administration/nothing").status_code == 404
    assert client.get("/administration/numbering/do/explode").status_code == 404
    assert client.get("/administration/numbering/of/nothing").status_code == 404
    assert client.get("/administration/numbering/import").status_code == 404


def numbering(client: Any) -> dict[str, Any]:
    """The cells of each pack's row."""
    rows = client.get("/administration/numbering").context["rows"]
    return {address.rsplit("/", 1)[-1]: cells for address, cells in rows}


def test_numbers_are_shown_with_the_next_one_and_no_gap(as_: Log, city: City) -> None:
    client = as_("admin")
    assert numbering(client)["hotline"][2][1] == "RX2026030200001"
    city.opened()
    city.opened()
    assert numbering(client)["hotline"][2][1] == "RX2026030200003"
    page = client.get("/administration/numbering/of/hotline")
    assert page.context["tables"][0].rows == (("20260302", "2", "2", "没有"),)
    assert ("样例", "RX2026030200001\nRX2026030200002\nRX2026030299999") in page.context["facts"]
    assert Numbering.list_actions == ()


def test_a_page_that_is_not_for_this_role_says_for_whom_it_is(as_: Log) -> None:
    told = "这一页给系统管理员用。"
    assert told in as_("tang").get("/administration/units").content.decode()
    wang = as_("wang")
    wang.cookies["django_language"] = "en"
    answer = wang.get("/administration/units")
    assert answer.status_code == 403
    assert "This page is for: System administrator." in answer.content.decode()
    closing = as_("admin").get("/administration/units/of/371502_market/do/nothing")
    assert closing.status_code == 404


def test_a_format_of_numbers_is_told_in_words(as_: Log) -> None:
    cells = numbering(as_("admin"))
    told = {name: cells[name][1][1] for name in ("hotline", "supervision")}
    assert told == {"hotline": "RX + 年 月 日 + 5 位流水号", "supervision": "DC + 年 月 日 + 5 位流水号"}
