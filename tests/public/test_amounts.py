"""How often one address is answered: every page open to all, log-in and tokens; refused with 429, Retry-After and words."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from bihuan.kernel.identity.addresses import address_of, net_of
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.services import policy_set
from tests.api.client import contents, rows
from tests.attack.test_addresses import OPEN_TO_ALL
from tests.stories.cast import Town, text_of

PASSWORD = {"username": "wang", "password": "nicht-richtig-1"}
READ = sorted(
    OPEN_TO_ALL
    - {
        "exchange/messages",
        "exchange/fetch",
        "exchange/contents",
        "logout",
        "large-type",
        "i18n/setlang/",
        "api/openapi.json",
        "login/code",
        "account/password",
    }
)


def amounts(now: Any, **limits: int) -> None:
    value = {name: {"hour": most, "day": most * 10} for name, most in limits.items()}
    day = timezone.localdate(timezone.now())
    with kernel_writes():
        policy_set(
            code="public.amounts",
            value=value,
            unit="amounts",
            legal_basis="试验",
            valid_from=day,
            now=now,
            by="test",
        )


def too_much(response: Any) -> None:
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 3600
    assert "现在收到的太多了" in text_of(response)
    assert "no-store" in response["Cache-Control"]


def test_every_page_open_to_all_is_counted(town: Town) -> None:
    amounts(town.now, visit_address=len(READ) + 1)
    client = Client(REMOTE_ADDR="203.0.113.7")
    for address in READ:
        assert client.get(f"/{address}").status_code == 200, address
    assert client.get("/api/openapi.json").status_code == 200
    before = rows(), contents()
    for address in (*READ, "nowhere", "cases/RX1"):
        too_much(client.get(f"/{address}"))
    for address in ("/public/report", "/i18n/setlang/", "/large-type", "/login/code", "/account/password"):
        too_much(client.post(address, {"language": "en"}))
    problem = client.get("/api/openapi.json")
    assert (problem.status_code, problem["Content-Type"], problem.json()["code"]) == (
        429,
        "application/problem+json",
        "too_much",
    )
    assert problem.json()["title"] == "次数太多" and int(problem["Retry-After"]) > 0
    assert (rows(), contents()) == before
    assert Client(REMOTE_ADDR="203.0.113.8").get("/public").status_code == 200  # a neighbour
    assert town.as_("wang").get("/").status_code == 200  # who is logged in


def test_a_net_is_counted_as_one(town: Town) -> None:
    amounts(town.now, visit_net=3)
    for last in (1, 2, 3):
        assert Client(REMOTE_ADDR=f"203.0.113.{last}").get("/public").status_code == 200
    too_much(Client(REMOTE_ADDR="203.0.113.4").get("/public"))
    assert Client(REMOTE_ADDR="203.0.114.4").get("/public").status_code == 200


def test_wrong_passwords_of_any_names_end_for_an_address(town: Town) -> None:
    amounts(town.now, login_address=3)
    client = Client(REMOTE_ADDR="203.0.113.7")
    for name in ("wang", "sun", "nobody"):
        assert client.post("/login", {**PASSWORD, "username": name}).status_code == 401
    before = rows(), contents()
    failed = Person.objects.get(username="wang").failed_logins
    too_much(client.post("/login", PASSWORD))
    too_much(client.post("/login/code", {"code": "123456"}))
    assert (rows(), contents(), Person.objects.get(username="wang").failed_logins) == (
        before[0],
        before[1],
        failed,
    )
    assert client.get("/login").status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.8").post("/login", PASSWORD).status_code == 401


def test_wrong_tokens_end_for_an_address(town: Town) -> None:
    amounts(town.now, token_address=2)
    client = Client(REMOTE_ADDR="203.0.113.7", headers={"authorization": "Bearer bh_wrong"})
    for _ in range(2):
        assert client.get("/api/cases").status_code == 401
    before = rows(), contents()
    problem = client.get("/api/cases")
    assert (problem.status_code, problem.json()["code"], "Retry-After" in problem) == (429, "too_much", True)
    assert (rows(), contents()) == before
    other = Client(REMOTE_ADDR="203.0.113.8", headers={"authorization": "Bearer bh_wrong"})
    assert other.get("/api/cases").status_code == 401


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "198.51.100.9", "203.0.113.7"),  # no proxy of ours: whoever sends it made it up
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "10.0.0.1, 198.51.100.9", "198.51.100.9"),
        (2, "10.0.0.1, 198.51.100.9, 192.0.2.1", "198.51.100.9"),
        (2, "198.51.100.9", "203.0.113.7"),  # it did not come through both
        (1, "not an address", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, proxies: int, forwarded: str, found: str) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7", headers={"x-forwarded-for": forwarded})
    assert address_of(request) == found


def test_a_forged_header_does_not_make_another_address(town: Town) -> None:
    amounts(town.now, visit_address=2)
    for last in range(2):
        forged = {"x-forwarded-for": f"198.51.100.{last}"}
        assert Client(REMOTE_ADDR="203.0.113.7").get("/public", headers=forged).status_code == 200
    too_much(Client(REMOTE_ADDR="203.0.113.7").get("/public", headers={"x-forwarded-for": "198.51.100.77"}))


def test_the_net_around_an_address() -> None:
    assert [net_of(a) for a in ("203.0.113.7", "2001:0db8:0001:0002", "unknown")] == [
        "203.0.113.0/24", "2001:0db8:0001", "unknown",
    ]  # fmt: skip
