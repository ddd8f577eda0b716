"""Reading and moving cases through the API: what is seen, what is masked, and what two at once get."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from bihuan.kernel.desk.api.reads import cursor_write
from bihuan.kernel.desk.models import ApiToken
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from tests.api.client import Api, contents, refused, rows

As = Callable[..., Api]
FAR_CURSOR = cursor_write("2026-01-01T00:00:00+23:00", 1)


def dispatched(as_: As) -> str:
    """A case on the desk of the market bureau, by its number; its version is 3."""
    taken = as_("li").take().json()
    if taken["state"] == "coordinating":
        unit = Unit.objects.get(code="371502_market").pk
        moved = as_("zhou").step(taken["number"], "assign", taken["version"], unit=unit)
        assert moved.status_code == 200, moved.content
    return str(taken["number"])


def test_an_order_goes_in_and_round_the_loop(as_: As) -> None:
    response = as_("li").take()
    assert response.status_code == 201
    taken = response.json()
    assert response["Location"] == f"/api/cases/{taken['number']}"
    assert set(taken) == {"number", "version", "state", "unit", "seconds", "automatic", "reasons"}
    assert taken["reasons"]
    number = dispatched(as_)
    version = as_("wang").get(f"/cases/{number}").json()["version"]
    for who, step, data in (
        ("wang", "sign_for", {}),
        ("wang", "self_call_back", {"reached": "yes", "understood": True, "note": "已联系"}),
        ("wang", "answer", {"outcome": "done", "answer": "经查属实,已责令下架并立案。"}),
        ("sun", "approve_up", {}),
        ("zhao", "approve", {}),
        ("liu", "evaluate", {"grade": "5", "resolved": True}),
    ):
        offered = [s["step"] for s in as_(who).get(f"/cases/{number}").json()["steps"]]
        response = as_(who).step(number, step, version, **data)
        assert response.status_code == 200, response.content
        assert response.json()["version"] == version + 1
        if step not in ("evaluate", "approve"):  # these wait for what the form says
            assert step in offered
        version += 1
    assert response.json() == {
        "number": number,
        "state": "closed",
        "version": version,
        "unit": "371502_market",
        "closed": True,
    }
    assert not ledger_verify().faults


def test_a_case_is_shown_masked_with_its_version_as_etag(as_: As) -> None:
    number = dispatched(as_)
    response = as_("wang").get(f"/cases/{number}")
    case = response.json()
    assert response["ETag"] == f'"{case["version"]}"'
    assert case["parties"] == [
        {
            "role": "reporter",
            "name": "宋**",
            "phone": "138****1234",
            "id_number": "",
            "address": "东昌府区古楼街道***",
        }
    ]
    assert "宋晓梅" not in response.content.decode()
    assert "13812341234" not in response.content.decode()
    assert {c["kind"] for c in case["clocks"]} >= {"sign", "handle"}
    assert "sign_for" in {s["step"] for s in case["steps"]}
    answer = next(s for s in case["steps"] if s["step"] == "return")
    assert {a["name"] for a in answer["asks"]} == {"grounds", "reason"}


def test_a_confidential_reporter_never_reaches_the_handling_unit(as_: As) -> None:
    taken = as_("li").take(confidential=True).json()
    unit = Unit.objects.get(code="371502_market").pk
    if taken["state"] == "coordinating":
        as_("zhou").step(taken["number"], "assign", taken["version"], unit=unit)
    seen = as_("wang").get(f"/cases/{taken['number']}")
    assert seen.status_code == 200
    assert seen.json()["parties"] == []
    assert len(as_("tang").get(f"/cases/{taken['number']}").json()["parties"]) == 1


def test_the_ledger_is_read_in_pages_and_holds_no_personal_text(as_: As) -> None:
    number = dispatched(as_)
    entries, cursor = [], ""
    for _ in range(20):
        page = as_("wang").get(f"/cases/{number}/ledger?limit=1{cursor}").json()
        assert len(page["items"]) == 1
        entries += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [e["seq"] for e in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["kind"] == "opened"
    assert entries[0]["by"] == "李文静"
    assert json.loads(entries[0]["body"])["data"]["number"] == number
    assert "宋晓梅" not in json.dumps(entries, ensure_ascii=False)
    assert "过期食品" not in json.dumps(entries, ensure_ascii=False)


def test_lists_are_scoped_filtered_and_paged_without_gaps(as_: As) -> None:
    numbers = [as_("li").take(title=f"第{n}件").json()["number"] for n in range(5)]
    found, cursor = [], ""
    while True:
        page = as_("tang").get(f"/cases?limit=2{cursor}").json()
        found += [c["number"] for c in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == numbers[::-1]
    moved = [
        c["number"] for c in as_("tang").get("/cases?updated_after=2020-01-01T00:00:00Z").json()["items"]
    ]
    assert moved == numbers
    first = as_("tang").get("/cases?updated_after=2020-01-01T00:00:00Z&limit=3").json()
    rest = as_("tang").get(f"/cases?updated_after=2020-01-01T00:00:00Z&limit=3&cursor={first['next']}").json()
    assert [c["number"] for c in first["items"] + rest["items"]] == numbers
    assert rest["next"] is None
    one = as_("tang").get(f"/cases?number={numbers[2]}").json()["items"]
    assert [c["number"] for c in one] == [numbers[2]]
    assert as_("tang").get("/cases?state=closed").json()["items"] == []
    assert as_("tang").get("/cases?due_before=2020-01-01T00:00:00Z").json()["items"] == []
    assert as_("tang").get("/cases?unit=371502_veterans").json()["items"] == []
    state = one[0]["state"]
    assert len(as_("tang").get(f"/cases?state={state}&unit={one[0]['unit']['code']}").json()["items"]) == 5
    assert as_("qian").get("/cases").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=%00", "cursor"),
        ("cursor=bm90", "cursor"),
        ("cursor=WzFd%0a", "cursor"),
        ("cursor=WzFlOTk5XQ", "cursor"),
        ("cursor=WzEsMl0", "cursor"),
        ("state=%00", "state"),
        ("state=';drop table cases_case--", "state"),
        ("unit=<b>", "unit"),
        ("matter=" + "m" * 41, "matter"),
        ("number=%00", "number"),
        ("due_before=2026-13-01T00:00:00Z", "due_before"),
        ("due_before=2026-01-01T00:00:00", "due_before"),
        ("due_before=2026-01-01T00:00:00%2B23:00", "due_before"),
        ("updated_after=0001-01-01T00:00:00Z", "updated_after"),
        ("updated_after=2026-01-01T00:00:00Z&cursor=" + FAR_CURSOR, "cursor"),
        ("updated_after=yesterday", "updated_after"),
        ("staet=closed", "staet"),
    ],
)
def test_a_wrong_filter_is_named(as_: As, query: str, field: str) -> None:
    refused(as_("tang").get(f"/cases?{query}"), 422, field=field)


def test_outsider_and_administrators_find_and_change_nothing(as_: As) -> None:
    number = dispatched(as_)
    for who in ("qian", "admin", "security", "audit"):
        assert as_(who).get("/cases").json()["items"] == []
    before, held = rows(), contents()
    for who in ("qian", "admin", "security", "audit"):
        refused(as_(who).get(f"/cases/{number}"), 404, code="not_found")
        refused(as_(who).get(f"/cases/{number}/ledger"), 404, code="not_found")
        refused(as_(who).step(number, "sign_for", 3), 404, code="not_found")
        refused(as_(who).take(), 403, code="not_permitted")
    assert (rows(), contents()) == (before, held)


def test_versions_are_required_checked_and_lose_politely(as_: As) -> None:
    number = dispatched(as_)
    wang, path = as_("wang"), f"/cases/{number}/steps/sign_for"
    version = wang.get(f"/cases/{number}").json()["version"]
    as_("sun")
    before, held = rows(), contents()
    refused(wang.post(path, {}), 428, field="version", code="version_required")
    for forged in (
        "3",
        "'3'",
        'W/"3"',
        '"0"',
        '"-1"',
        '"3',
        '"99999999999"',
        "*",
        '"3","4"',
        '"３"'.encode().decode("latin-1"),
    ):
        refused(wang.post(path, {}, **{"If-Match": forged}), 422, field="If-Match")
    for forged_body in ("3", -1, 0, 2**31, 10**17, 1.0, 3.5, True, [3], {"v": 3}):
        refused(wang.post(path, {"version": forged_body}), 422, field="version")
    refused(wang.post(path, b'{"version": 100000000000000000000}'), 400, code="number")
    refused(wang.post(path, {"version": version}, **{"If-Match": '"9"'}), 422, code="version_differs")
    for stale in (version - 1, version + 1):
        problem = refused(wang.post(path, {"version": stale}), 409, code="version")
        assert "已先一步办理" in problem["detail"]
    assert (rows(), contents()) == (before, held)
    assert wang.post(path, {}, **{"If-Match": f'"{version}"'}).status_code == 200
    problem = refused(as_("sun").post(path, {"version": version}), 409, code="version")
    assert "王建业" in problem["detail"]
    assert "办理中" in problem["detail"]


def test_forged_steps_and_steps_of_others_are_refused(as_: As) -> None:
    number = dispatched(as_)
    wang = as_("wang")
    version = wang.get(f"/cases/{number}").json()["version"]
    as_("zhao")
    before, held = rows(), contents()
    for step in ("fly", "__init__", "sign_for'--", "签收", "s" * 5000, "release"):
        assert 400 <= wang.step(number, step, version).status_code < 500
    refused(wang.step(number, "fly", version), 422, field="step", code="unknown_step")
    refused(wang.step(number, "supervise", version, reason="越权督办测试"), 403, code="not_permitted")
    refused(as_("zhao").step(number, "sign_for", version), 403, code="not_permitted")
    refused(
        wang.step(number, "answer", version, outcome="done", answer="尚未签收就答复。"), 422, code="state"
    )
    refused(wang.step(number, "sign_for", version, extra="多余"), 422, field="extra", code="unknown")
    refused(wang.step("RX20200101%00", "sign_for", version), 404)
    assert (rows(), contents()) == (before, held)


def test_the_same_key_answers_the_same_once(as_: As) -> None:
    li = as_("li")
    body = {"text": "路灯不亮,东昌府区柳园街道"}
    first = li.post("/hotline/orders", body, **{"Idempotency-Key": "k-1"})
    before = rows()
    again = li.post("/hotline/orders", body, **{"Idempotency-Key": "k-1"})
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    refused(
        li.post("/hotline/orders", {"text": "别的"}, **{"Idempotency-Key": "k-1"}),
        422,
        field="Idempotency-Key",
    )
    refused(li.post("/hotline/orders", body, **{"Idempotency-Key": "k" * 129}), 422, field="Idempotency-Key")
    assert rows() == before
    other = as_("tang").post("/hotline/orders", body, **{"Idempotency-Key": "k-1"})
    assert other.status_code == 201
    assert other.json()["number"] != first.json()["number"]


def test_a_refused_request_does_not_use_its_key_up(as_: As) -> None:
    li, key = as_("li"), {"Idempotency-Key": "k-2"}
    before = rows()
    refused(li.post("/hotline/orders", {"text": "\x00"}, **key), 422, field="text")
    assert rows() == before
    assert li.post("/hotline/orders", {"text": "路灯不亮"}, **key).status_code == 201


def test_a_step_is_replayed_although_its_version_is_past(as_: As) -> None:
    number, wang = dispatched(as_), as_("wang")
    version = wang.get(f"/cases/{number}").json()["version"]
    path, key = f"/cases/{number}/steps/sign_for", {"Idempotency-Key": "sign-1"}
    first = wang.post(path, {"version": version}, **key)
    again = wang.post(path, {"version": version}, **key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"


def test_strangers_and_bad_tokens_are_401(as_: As) -> None:
    token = as_("li").headers["Authorization"]
    row = ApiToken.objects.latest("pk")
    nobody = as_()
    for forged in (
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        token[:-1],
        token + "x",
        token.replace("Bearer", "Basic"),
        "Bearer " + "\xff" * 20,
    ):
        problem = nobody.get("/cases", Authorization=forged)
        refused(problem, 401)
        assert problem["WWW-Authenticate"].startswith("Bearer")
    refused(nobody.get("/cases"), 401, code="login")
    refused(nobody.post("/hotline/orders", {"text": "x"}), 401, code="login")
    with kernel_writes():
        ApiToken.objects.filter(pk=row.pk).update(
            created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(seconds=1)
        )
    refused(as_("li").get("/cases"), 401, code="token")


def test_tokens_are_made_listed_revoked_and_kept_only_as_digests(
    as_: As, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("token", "create", "li", "--days", "2")
    token = capsys.readouterr().out.strip()
    row = ApiToken.objects.latest("pk")
    assert token.startswith("bihuan_")
    assert token.encode() not in bytes(row.digest)
    assert len(bytes(row.digest)) == 32
    assert (row.expires_at - row.created_at) == timedelta(days=2)
    api = Api(Authorization=f"Bearer {token}")
    assert api.get("/cases").status_code == 200
    used = ApiToken.objects.get(pk=row.pk).last_used_at
    assert used is not None
    api.get("/cases")
    assert ApiToken.objects.get(pk=row.pk).last_used_at == used
    call_command("token", "list", "li")
    assert token not in capsys.readouterr().out
    call_command("token", "revoke", str(row.pk))
    refused(api.get("/cases"), 401, code="token")


def test_a_token_of_somebody_who_left_stands_for_nobody(as_: As) -> None:
    li = as_("li")
    with kernel_writes():
        Person.objects.filter(username="li").update(is_active=False)
    refused(li.get("/cases"), 401, code="token")


def test_a_session_needs_its_csrf_token_to_write(as_: As) -> None:
    client = Client(enforce_csrf_checks=True)
    with kernel_writes():  # logging in is another's test
        client.force_login(Person.objects.get(username="li"))
    body: dict[str, Any] = {"data": json.dumps({"text": "路灯不亮"}), "content_type": "application/json"}
    before = rows()
    refused(client.post("/api/hotline/orders", **body), 403, code="csrf")
    assert rows() == before
    client.cookies["csrftoken"] = "a" * 32
    assert client.get("/api/cases").status_code == 200
    answer = client.post("/api/hotline/orders", **body, headers={"X-CSRFToken": "a" * 32})
    assert answer.status_code == 201


def test_units_and_workflow_are_told(as_: As) -> None:
    units, cursor = [], ""
    while True:
        page = as_("wang").get(f"/units?limit=100{cursor}").json()
        units += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(units) == Unit.objects.count()
    by_name = {unit["name"]: unit for unit in units}
    assert by_name["李海务街道"]["administered_by"] != by_name["李海务街道"]["parent"]
    workflow = as_("wang").get("/packs/hotline/workflow").json()
    assert workflow["states"][0]["code"] == "received"
    answer = next(s for s in workflow["steps"] if s["code"] == "answer")
    assert [a["name"] for a in answer["asks"]] == ["outcome", "answer", "until"]
    assert answer["guards"]
    refused(as_("wang").get("/packs/none/workflow"), 404, field="name")


def test_figures_count_what_came_in(as_: As) -> None:
    empty = as_("tang").get("/hotline/figures").json()
    assert (empty["orders"], empty["automatic_share"]) == (0, None)
    taken = [as_("li").take().json() for _ in range(3)]
    figures = as_("tang").get("/hotline/figures").json()
    assert figures["orders"] == figures["to_send"] == 3
    assert figures["automatic"] == sum(t["automatic"] for t in taken)
    assert figures["waiting"] == 3 - figures["sent"]
    assert as_("qian").get("/hotline/figures").json()["orders"] == 0
    swapped = "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z"
    refused(as_("tang").get(f"/hotline/figures?{swapped}"), 422, field="since")


def test_problems_speak_the_readers_language(as_: As) -> None:
    chinese = as_("li").get("/cases/none", **{"Accept-Language": "zh-CN"})
    english = as_("li").get("/cases/none", **{"Accept-Language": "en"})
    assert chinese["Content-Language"] == "zh-hans"
    assert english["Content-Language"] == "en"
    assert "没有" in chinese.json()["detail"]
