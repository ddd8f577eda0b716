"""Forms over the API: read, checked, answered once, corrected; what is refused tells every flaw and leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from bihuan.kernel.cases.models import Case
from bihuan.kernel.forms.services import form_publish
from bihuan.kernel.identity.scope import Scope, scope_apply
from tests.api.client import Api, contents, rows
from tests.kernel.forms.stall import GOOD, SCHEMA, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(li: Api) -> str:
    """A case at the desk of the market bureau's handler."""
    form_publish(
        code="test.stall", schema=text(), valid_from=date(2026, 1, 1), basis="集市管理办法第3条", now=timezone.now(), by="test"
    )  # fmt: skip
    taken = li.take(matter="消费退费纠纷", territory="柳园街道", text="培训班不退费,要求退还。")
    scope_apply(Scope(0, (), (), True))
    return str(Case.objects.get(number=taken.json()["number"]).number)


def give(api: Api, number: str, values: Any, *, key: str = "", **more: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(f"/cases/{number}/answers", {"form": "test.stall", "values": values, **more}, **headers)


def test_a_form_is_read_in_its_order(li: Api, number: str) -> None:
    told = li.get("/forms/test.stall").json()
    assert (told["code"], told["version"], told["title"], told["valid_from"]) == (
        "test.stall",
        1,
        "摊位申请",
        "2026-01-01",
    )
    assert told["form"] == SCHEMA and list(told["form"]["properties"]) == list(SCHEMA["properties"])
    assert (
        li.get("/forms/test.stall", **{"Accept-Language": "en"}).json()["title"] == "Application for a stall"
    )
    for address in ("/forms/test.none", "/forms/test.stall?on=2025-12-31"):
        assert li.get(address).status_code == 404
    assert li.get("/forms/test.stall?when=1").status_code == 422


def test_answers_are_given_once_and_corrected_on_what_was_read(li: Api, number: str) -> None:
    first = give(li, number, {**GOOD, "smoke": "看不见", "area": 2.5}, key="a")
    assert first.status_code == 201, first.content
    assert first.json() == {
        "number": number, "form": "test.stall", "form_version": 1, "part": "", "version": 1, "values": {**GOOD, "area": 2.5},
    }  # fmt: skip
    again = give(li, number, {**GOOD, "smoke": "看不见", "area": 2.5}, key="a")
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert give(li, number, {**GOOD, "kind": "booth"}, replaces=1).json()["version"] == 2
    (item,) = li.get(f"/cases/{number}/answers").json()["items"]
    assert (item["form"], item["version"], item["recorded_by"]) == ("test.stall", 2, "李文静")
    assert {"label": "申请人 · 电话", "value": "138****1234"} in item["said"]
    assert {"label": "摊位", "value": "亭子"} in item["said"]


def test_refused_answers_tell_every_flaw_and_leave_nothing(li: Api, number: str) -> None:
    before = rows(), contents()
    refused = give(li, number, {"applicant": {"name": "宋晓梅", "phone": "绝密"}, "kind": "tent"})
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
    problem = refused.json()
    assert (problem["code"], problem["field"], problem["rule"]) == ("answers", "applicant.phone", "format")
    assert [(f["path"], f["rule"]) for f in problem["flaws"]] == [
        ("applicant.phone", "format"), ("goods", "required"), ("kind", "choice"), ("promise", "required"),
    ]  # fmt: skip
    assert "绝密" not in refused.content.decode() and "tent" not in refused.content.decode()
    checked = give(li, number, GOOD, check=True)
    assert (checked.status_code, checked.json()["version"], checked.json()["values"]) == (200, 0, GOOD)
    assert give(li, number, GOOD, check=True, key="c").json() == checked.json()
    assert give(li, number, GOOD, replaces=1).status_code == 409
    assert give(li, number, {}, form="test.none").status_code == 404
    assert give(li, number, [], part="").status_code == 422
    assert give(li, number, GOOD, nobody=1).status_code == 422
    after = rows()
    assert after.pop("cases_idempotency") == before[0].pop("cases_idempotency") + 1
    assert (after, contents()) == (before[0], before[1])


def test_who_does_not_see_the_case_learns_nothing(as_: Callable[..., Api], number: str) -> None:
    qian = as_("qian")
    assert qian.get(f"/cases/{number}/answers").status_code == 404
    assert give(qian, number, GOOD).status_code == 404
    assert as_().get("/forms/test.stall").status_code == 401
