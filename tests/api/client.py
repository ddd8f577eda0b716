"""A client of the API for one of the standing cast, and what every table of the database holds."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from bihuan.kernel.desk.api.tokens import token_issue
from bihuan.kernel.ledger.services import kernel_writes

OUTSIDE = ("public_tally", "django_session", "django_migrations", "pg_stat")

ORDER: dict[str, Any] = {
    "text": "东昌府区古楼街道某超市卖过期食品,要求查处。",
    "title": "超市卖过期食品",
    "channel": "app",
    "type": "complaint",
    "place": "古楼街道东关街某超市",
    "territory": "东昌府区",
    "reporter": "宋晓梅",
    "phone": "13812341234",
    "address": "东昌府区古楼街道某小区3号楼",
}


class Api:
    """A client that speaks JSON with a bearer token; `post` takes a value or raw bytes."""

    def __init__(self, username: str | None = None, *, subject: str = "", **headers: str) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = headers
        if username:
            token, _ = token_issue(username=username, days=3, now=timezone.now(), by="test", subject=subject)
            self.headers["Authorization"] = f"Bearer {token}"
            self.get(
                "/units?limit=1"
            )  # the token's first use is written now, not in the middle of a comparison

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/api{path}", headers={**self.headers, **headers})

    def post(
        self, path: str, body: Any, content_type: str = "application/json", **headers: str
    ) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            f"/api{path}", raw, content_type=content_type, headers={**self.headers, **headers}
        )

    def take(self, **changed: Any) -> HttpResponse:
        return self.post("/hotline/orders", {**ORDER, **changed})

    def step(self, number: str, step: str, version: Any, **data: Any) -> HttpResponse:
        return self.post(f"/cases/{number}/steps/{step}", {"version": version, "data": data})


def rows() -> dict[str, int]:
    """How many rows every table holds, read as the role that sees all."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        tables = [name for (name,) in cursor.fetchall() if not name.startswith(OUTSIDE)]
        cursor.execute(" union all ".join(f"select '{name}', count(*) from \"{name}\"" for name in tables))
        return dict(cursor.fetchall())


def contents() -> dict[str, str]:
    """A digest of what cases, clocks and ledger hold: an update in place would show here."""
    watched = ("cases_case", "cases_text", "cases_party", "clocks_clock", "ledger_entry", "hotline_order")
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            " union all ".join(
                f"select '{name}', md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {name} t"
                for name in watched
            )
        )
        return dict(cursor.fetchall())


def refused(
    response: HttpResponse, status: int, *, field: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """The problem, after checking that it is one and names what was expected."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "code", "field", "rule"}
    assert problem["status"] == status
    assert problem["type"] == f"urn:bihuan:problem:{problem['code']}"
    assert problem["detail"]
    assert problem["rule"]
    if field is not None:
        assert problem["field"] == field, problem
    if code is not None:
        assert problem["code"] == code, problem
    return problem
