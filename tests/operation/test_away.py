"""A database that is away is told as that, with when to try again; any other error stays an error."""

from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from bihuan.site import middleware


def raising(error: Exception, cause: Exception | None) -> Any:
    def raise_(*_args: Any, **_more: Any) -> None:
        raise error from cause

    return raise_


LOST = (
    (OperationalError("connection refused"), psycopg.OperationalError("connection refused")),
    (OperationalError("terminating"), psycopg.errors.AdminShutdown("terminating")),
    (InterfaceError("the connection is closed"), None),
)


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "cause"), LOST)
@pytest.mark.parametrize(("language", "words"), [("zh-CN", "暂时连不上"), ("en", "cannot be reached")])
def test_a_page_says_that_nothing_changed_and_when_to_try_again(
    error: Exception, cause: Exception, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "scope_apply", raising(error, cause))
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    answer = client.post("/public/report", {"text": "路灯不亮"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert words in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "cause"), LOST)
def test_the_api_answers_a_problem(
    error: Exception, cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "scope_apply", raising(error, cause))
    answer = Client(raise_request_exception=False).get("/api/cases")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert (answer.headers["Content-Type"], answer.json()["code"]) == (
        "application/problem+json",
        "database_away",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OperationalError("deadlock"), psycopg.errors.DeadlockDetected("deadlock")),
        (ProgrammingError("no such table"), psycopg.errors.UndefinedTable("no such table")),
        (ValueError("ours"), None),
    ],
)
def test_what_is_our_own_fault_stays_an_error(
    error: Exception, cause: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "scope_apply", raising(error, cause))
    answer = Client(raise_request_exception=False).get("/public")
    assert (answer.status_code, "Retry-After" in answer.headers) == (500, False)


@pytest.mark.django_db
def test_the_servers_own_word_for_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = "do $$ begin raise exception 'ended' using errcode = '57P01'; end $$"
    with pytest.raises(OperationalError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ended)
    monkeypatch.setattr(middleware, "scope_apply", raising(raised.value, raised.value.__cause__))
    assert Client(raise_request_exception=False).get("/public").status_code == 503
