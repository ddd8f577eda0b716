"""The description of the API, which others build on, changes only on purpose."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.api.client import Api, refused

SNAPSHOT = Path(__file__).with_name("openapi.json")


def described(api: Api) -> dict[str, Any]:
    response = api.get("/openapi.json")
    assert response.status_code == 200
    return dict(response.json())


def test_the_description_is_the_one_agreed_on(as_: Callable[..., Api]) -> None:
    """To change it on purpose: BIHUAN_WRITE_OPENAPI=1 .venv/bin/pytest tests/api/test_openapi.py"""
    found = described(as_())
    if os.environ.get("BIHUAN_WRITE_OPENAPI") == "1":
        SNAPSHOT.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    assert found == json.loads(SNAPSHOT.read_text())


def test_every_operation_is_3_1_names_its_problems_and_asks_who_one_is(as_: Callable[..., Api]) -> None:
    found = described(as_())
    assert found["openapi"] == "3.1.0"
    operations = [(path, method, op) for path, ways in found["paths"].items() for method, op in ways.items()]
    assert sorted(op["operationId"] for _, _, op in operations) == [
        "answers_give",
        "application_hand_in",
        "call_note",
        "case_answers",
        "case_ledger",
        "case_read",
        "case_step",
        "cases_list",
        "certificates_list",
        "changes_list",
        "changes_received",
        "dispatch_figures",
        "file_keep",
        "form_read",
        "order_take",
        "passes_take",
        "readings_take",
        "theme_hand_in",
        "units_list",
        "workflow_read",
    ]
    for path, method, op in operations:
        assert op["security"] == [{"AccessToken": []}, {"BrowserSession": []}], path
        expected = (
            {"401", "404", "422"} if method == "get" else {"400", "401", "403", "409", "413", "415", "422"}
        )
        assert expected <= set(op["responses"]), path
        if method == "post" and op["operationId"] not in (
            "file_keep",
            "passes_take",
            "readings_take",
        ):  # each one is taken once by itself
            names = {(p["in"], p["name"]) for p in op["parameters"]}
            assert ("header", "Idempotency-Key") in names


def test_docs_name_every_operation_and_field(as_: Callable[..., Api]) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    found = described(as_())
    for path, ways in found["paths"].items():
        for method in ways:
            assert f"{method.upper()} {path}" in docs
    for field in found["components"]["schemas"]["OrderIn"]["properties"]:
        assert f"`{field}`" in docs


def test_unknown_addresses_and_methods_are_problems(as_: Callable[..., Api]) -> None:
    refused(as_("li").get("/nothing/here"), 404, code="not_found")
    refused(as_("li").get("/"), 404, code="not_found")
    wrong = as_("li").client.delete("/api/cases")
    refused(wrong, 405, code="method")
    assert wrong["Allow"] == "GET"
