"""What the log holds of people who use the site: their ids, and nothing else of them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.site.logs import DiscreetFormatter, JsonFormatter
from bihuan.site.operation.jobs import job_told, request_of
from tests.api.client import ORDER, Api
from tests.stories.cast import Town

NAME, PHONE, WORDS = "佟志鹏", "13912344321", "某超市卖过期食品"
PERSONAL = (NAME, PHONE, "****4321", WORDS, r"\u4f5f", "%E4%BD%9F", "宋晓梅", "13812341234")


class Log:
    """Everything that any logger writes, in both forms."""

    def __init__(self) -> None:
        self.text, self.json = io.StringIO(), io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.json.getvalue().splitlines()]

    def of(self, view: str) -> dict[str, Any]:
        (line,) = [line for line in self.lines if line.get("view") == view]
        return line


@pytest.fixture
def log() -> Iterator[Log]:
    """All that is logged from INFO on, by our own logger and by Django's."""
    log, root = Log(), logging.getLogger()
    handlers = [logging.StreamHandler(log.text), logging.StreamHandler(log.json)]
    levels = {name: logging.getLogger(name).level for name in ("", "bihuan", "django")}
    for handler, formatter in zip(handlers, (DiscreetFormatter(), JsonFormatter()), strict=True):
        handler.setFormatter(formatter)
        root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.INFO)
    yield log
    for handler in handlers:
        root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_pages_leave_nothing_of_people_in_the_log(town: Town, log: Log) -> None:
    li = town.as_("li")
    assert li.get("/search", {"q": PHONE}).status_code == 200
    assert li.get(f"/cases/{NAME}{PHONE}").status_code == 404
    assert li.get(f"/nowhere/{NAME}", {"phone": PHONE}).status_code == 404
    town.open(reporter=NAME, phone=PHONE, text=WORDS)
    assert Client().post("/login", {"username": NAME, "password": PHONE}).status_code == 401
    Client().post("/public/follow", {"number": PHONE, "code": NAME})
    Client(enforce_csrf_checks=True).post(f"/cases/{NAME}/attachments", {"text": WORDS})
    assert Client().get(f"/public/cases/{PHONE}").status_code in (302, 404)
    assert Api("li").take(phone=PHONE, reporter=NAME, text=WORDS).status_code == 201
    assert Api("li").post("/hotline/orders", {**ORDER, "unknown": NAME}).status_code == 422
    told = log.text.getvalue() + log.json.getvalue()
    assert [one for one in PERSONAL if one in told] == []
    with kernel_writes():
        person = Person.objects.get(username="li").pk
    line = log.of("/search")
    assert (line["method"], line["status"], line["person"]) == ("GET", 200, person)
    assert {line["view"] for line in log.lines if line.get("status") == 404} >= {
        "none",
        "/cases/<str:number>",
    }


def test_an_error_is_logged_by_place_and_kind(log: Log, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"{NAME} {PHONE}")

    monkeypatch.setattr("bihuan.kernel.public.views.render", broken)
    response = Client(raise_request_exception=False).get("/public", {"phone": PHONE})
    assert response.status_code == 500
    told = log.text.getvalue() + log.json.getvalue()
    assert "builtins.ValueError" in told
    assert [one for one in PERSONAL if one in told] == []
    (error,) = [line for line in log.lines if line["level"] == "error"]
    assert error["message"] == "status 500 at /public"
    assert error["request"] == response.headers["X-Request-ID"]


def test_the_proxy_names_requests_and_nobody_else(log: Log, settings: Any, db: None) -> None:
    given = {"X-Request-ID": "proxy-2026.0001"}
    made = Client().get("/health", headers=given).headers["X-Request-ID"]
    assert len(made) == 16
    settings.PROXIES = 1
    assert Client().get("/health", headers=given).headers["X-Request-ID"] == "proxy-2026.0001"
    forged = Client().get("/health", headers={"X-Request-ID": "a b\"'{"}).headers["X-Request-ID"]
    assert len(forged) == 16
    assert [line["request"] for line in log.lines] == [made, "proxy-2026.0001", forged]


def test_a_job_carries_the_id_of_its_request(town: Town, log: Log) -> None:
    town.open(reporter=NAME, phone=PHONE)
    asked = [
        line["request"]
        for line in log.lines
        if line.get("view") == "/hotline/new" and line["method"] == "POST"
    ]
    with connection.cursor() as cursor:
        cursor.execute("select id, task_name from procrastinate_jobs where request = %s order by id", asked)
        (job, task), *_ = cursor.fetchall()
    assert task == "bihuan.kernel.notices.tasks.notices_send"
    assert request_of(job) == asked[0]
    context: Any = SimpleNamespace(job=SimpleNamespace(id=job, task_name=task, attempts=0))
    assert job_told(lambda: 7, context, None) == 7  # type: ignore[arg-type]
    line = log.lines[-1]
    assert {name: line[name] for name in ("message", "task", "job", "attempt", "outcome", "request")} == {
        "message": "job", "task": task, "job": job, "attempt": 1, "outcome": "done", "request": asked[0],
    }  # fmt: skip


def test_other_peoples_lines_say_the_kind_alone(log: Log) -> None:
    extra = {
        "job": {"id": 5, "task_name": "notices_send", "task_kwargs": {"to": NAME}},
        "action": "job_error",
    }
    logging.getLogger("procrastinate.worker").error("Job notices_send[5](to=%s) ended", NAME, extra=extra)
    logging.getLogger("elsewhere").error("请回拨 %s", PHONE)
    assert [line["message"] for line in log.lines] == ["job_error notices_send", "请回拨 139****4321"]
    assert log.lines[0]["job"] == 5
