"""Other systems: applications handed in, changes asked for and pushed, reviews brought; what is wrong changes nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.forms.selectors import answers_of, answers_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice, WebhookTarget
from bihuan.packs.onewindow.catalogue.services import item_set, item_use
from bihuan.packs.onewindow.demonstration.item_forms import ANSWERS, BUSINESS, forms_load
from bihuan.packs.onewindow.models import Change, PlatformReview
from bihuan.packs.onewindow.online.services import is_verified
from bihuan.packs.onewindow.platforms import reviews
from bihuan.packs.onewindow.platforms.changes import changes_push
from bihuan.packs.onewindow.platforms.reconciling import reconciled
from tests.api.client import Api, refused
from tests.packs.onewindow.conftest import FOOD, MARKET, PERSON, Window
from tests.packs.onewindow.test_loop import state_now

pytestmark = pytest.mark.django_db
SECRET = "shared-with-the-platform"
DOOR = "/onewindow/exchange/reviews"
HANDED: dict[str, Any] = {
    **PERSON, "item": FOOD, "materials": {"1": "present", "3": "present", "4": "present"},
}  # fmt: skip


@pytest.fixture
def clerk(window: Window, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    api = Api()
    from bihuan.kernel.desk.api.tokens import token_issue

    token, _ = token_issue(username="fang", days=3, now=window.now, by="test")
    api.headers["Authorization"] = f"Bearer {token}"
    api.get("/units?limit=1")
    return api


WHOLE = {
    **{name: value for name, value in HANDED.items() if name not in ("item", "answers")},
    "theme": "t",
    "subject": "店",
}


def hand_in(api: Api, key: str = "", **changed: Any) -> HttpResponse:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post("/onewindow/applications", {**HANDED, **changed}, **headers)


def test_an_application_is_accepted_with_its_codes_and_once_by_its_key(clerk: Api) -> None:
    taken = hand_in(clerk, "a-1", external_id="GM-1")
    assert (taken.status_code, taken.json()) == (
        201,
        {"number": "BJ2026030200001", "case_code": f"{FOOD}202603020001", "state": "examining", "ticket": ""},
    )
    before = state_now()
    assert hand_in(clerk, "a-1", external_id="GM-1").json() == taken.json()
    refused(hand_in(clerk, "a-1", external_id="GM-2"), 422, code="idempotency_key")
    refused(hand_in(clerk, external_id="GM-1"), 409, field="external_id")
    refused(hand_in(clerk, item="\x00"), 422, field="item")
    refused(clerk.post("/onewindow/themes/applications", {**WHOLE, "theme": "a\x00"}), 422, field="theme")
    assert state_now() == before


def test_what_is_missing_can_be_told_on_record(window: Window, clerk: Api) -> None:
    answer = hand_in(clerk, way="tell_missing", materials={"1": "present"})
    taken = Case.objects.get()
    assert (answer.status_code, answer.json()["state"], answer.json()["number"]) == (
        201,
        "correcting",
        taken.number,
    )
    assert taken.facts["told"] == ["3", "4"]


def test_nobody_saw_the_identity_of_who_was_handed_in(window: Window, clerk: Api) -> None:
    who = {"name": PERSON["name"], "identity": PERSON["id_number"]}
    hand_in(clerk)
    handed = Case.objects.get()
    assert handed.facts["verified"] is False
    assert not is_verified(cases={handed.number: handed.pk}, **who)
    seen = window.accepted()
    assert window.case(seen.case).facts["verified"] is True
    assert is_verified(cases={seen.number: seen.case}, **who)


@pytest.mark.parametrize(
    ("changed", "status", "field", "words"),
    [
        ({"item": FOOD[:17] + "0" + FOOD[18:]}, 422, "item", "校验码"),
        ({"item": FOOD[:-1] + "9"}, 404, "item", "没有这个事项"),
        ({"item": FOOD[:-2]}, 422, "item", "29位"),
        ({"item": f"{FOOD}202603020001"}, 422, "item", "办件编码"),
        ({"id_number": "371502199001011227"}, 422, "id_number", "校验码"),
        ({"applicant": "organisation", "id_number": "91371502MA3C000000"}, 422, "id_number", "GB"),
        ({"materials": {"1": "present"}}, 422, "materials", "3 经营场所平面图、4 食品安全管理制度"),
        ({"materials": {"1": "present", "3": "present", "4": "present", "9": "present"}}, 422, "materials", "第 9 项"),
        ({"materials": {"1": "present"}, "way": "accept_lacking"}, 422, None, "可容缺"),
        ({"way": "accept_commitment"}, 422, None, "告知承诺"),
        ({"way": "tell_missing"}, 422, None, "材料齐全的应当受理"),
        ({"phone": "1234567890123"}, 422, "phone", "号码"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_field_and_rule(
    clerk: Api, changed: dict[str, Any], status: int, field: str | None, words: str
) -> None:
    before = (state_now(), Change.objects.count())
    problem = refused(hand_in(clerk, **changed), status, field=field)
    assert words in problem["detail"], problem
    assert (state_now(), Change.objects.count()) == before


def test_the_answers_of_an_items_form_are_taken_and_judged_by_its_schema(window: Window, clerk: Api) -> None:
    with kernel_writes():
        forms_load(since=date(2026, 1, 1), now=window.now)
    refused(hand_in(clerk, answers={"name": "店"}), 422, field="answers")
    item_set(
        item=window.item.pk, given={"form": BUSINESS}, unit=window.units[MARKET], now=window.now, by="system"
    )
    before = state_now()
    wrong: tuple[tuple[dict[str, Any], str, str], ...] = (
        ({}, "answers.name", "required"), ({"staff": 0}, "answers.staff", "smallest"), ({"other": 1}, "answers.other", "unknown"),
    )  # fmt: skip
    for changed, field, rule in wrong:
        answers = {**ANSWERS[BUSINESS], **changed} if changed else {}
        problem = hand_in(clerk, answers=answers).json()
        told = [problem[name] for name in ("status", "code", "field", "rule")]
        assert (told, problem["flaws"][0]["path"]) == ([422, "answers", field, rule], field)
    assert state_now() == before
    taken = hand_in(clerk, "a-2", answers=ANSWERS[BUSINESS])
    (row,) = answers_of(case=Case.objects.get(number=taken.json()["number"]).pk)
    assert (taken.status_code, answers_read(row)) == (201, ANSWERS[BUSINESS])
    after = state_now()
    assert hand_in(clerk, "a-2", answers=ANSWERS[BUSINESS]).json() == taken.json()
    refused(hand_in(clerk, "a-2", answers={**ANSWERS[BUSINESS], "staff": 4}), 422, code="idempotency_key")
    assert state_now() == after


def test_an_ended_item_and_a_stranger_are_refused(window: Window, clerk: Api) -> None:
    item_use(item=window.item.pk, active=False, now=window.now, by="system")
    before = state_now()
    refused(hand_in(clerk), 404, field="item")
    refused(hand_in(Api()), 401)
    assert state_now() == before


def test_changes_come_by_position_without_gaps_and_again_the_same(window: Window, clerk: Api) -> None:
    hand_in(clerk, external_id="GM-1")
    kept = window.take("1", "3", outcome="keep")
    window.move(kept.case, "tell_missing", "fang")
    first = clerk.get("/onewindow/changes?limit=2")
    told = first.json()
    assert [(c["position"], c["previous"], c["event"], c["state"]) for c in told["items"]] == [
        (1, None, "accept", "examining"), (2, None, "received", "received"),
    ]  # fmt: skip
    assert (told["next"], told["more"]) == (2, True)
    assert told["items"][0] | {"at": ""} == {
        "position": 1, "previous": None, "number": "BJ2026030200001", "case_code": f"{FOOD}202603020001", "external_id": "GM-1",
        "item": FOOD, "event": "accept", "state": "examining", "outcome": "", "grade": "", "at": "",
    }  # fmt: skip
    assert clerk.get("/onewindow/changes?limit=2").json() == told
    assert clerk.get("/onewindow/changes?limit=2", **{"If-None-Match": first["ETag"]}).status_code == 304
    rest = clerk.get("/onewindow/changes?after=2").json()
    assert [(c["position"], c["previous"], c["event"]) for c in rest["items"]] == [(3, 2, "tell_missing")]
    assert (rest["next"], rest["more"]) == (3, False)
    refused(clerk.get("/onewindow/changes?since=3"), 422, field="since")


def test_what_was_received_is_held_against_what_was_sent(window: Window, clerk: Api) -> None:
    hand_in(clerk)
    hand_in(clerk)
    told = clerk.post("/onewindow/changes/received", {"position": 2, "received": 1})
    assert told.json() == {"position": 2, "received": 1, "sent": 2, "agrees": False}
    assert not reconciled().agrees
    told = clerk.post("/onewindow/changes/received", {"position": 2, "received": 2})
    assert told.json()["agrees"]
    assert reconciled().agrees
    refused(clerk.post("/onewindow/changes/received", {"position": 9, "received": 2}), 422, field="position")


def test_changes_are_pushed_once_each_in_order_to_the_addresses_that_want_them(window: Window) -> None:
    window.accepted()
    with kernel_writes():
        wanting = WebhookTarget.objects.create(
            name="国脉", url="https://gov.example/hook", secret="s" * 32, events=["application_changed"]
        )
        WebhookTarget.objects.create(
            name="别家", url="https://x.example/", secret="s" * 32, events=["sealed"]
        )
    assert changes_push(now=window.now) == 0  # it begins with what comes next
    taken = window.accepted()
    window.move(taken.case, "take_up", "wang")
    assert changes_push(now=window.now) == 2
    assert changes_push(now=window.now) == 0
    with kernel_writes():
        rows = list(Notice.objects.filter(template="application_changed").order_by("pk"))
    assert [(row.key, row.context["event"], row.context["case_code"]) for row in rows] == [
        (f"change:2:webhook:{wanting.pk}", "accept", taken.case_code),
        (f"change:3:webhook:{wanting.pk}", "take_up", taken.case_code),
    ]
    assert PERSON["name"] not in str([row.context for row in rows])
    (followed,) = reconciled().followed
    assert (followed.name, followed.position, followed.sent, followed.waiting, followed.agrees) == ("国脉", 3, 2, 2, True)  # fmt: skip


Bring = Callable[..., HttpResponse]


@pytest.fixture
def bring(window: Window, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Bring:
    """A review brought to the door: `at` seconds from now its signature was made, `secret` it was made with."""
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    settings.REVIEWS_SECRETS = [SECRET]

    def send(code: str, grade: str = "5", *, key: str = "R-1", words: str = "", at: int = 0, secret: str = SECRET) -> HttpResponse:  # fmt: skip
        event = {
            "specversion": "1.0", "id": key, "source": "/haochaping", "type": "haochaping.review",
            "data": {"case_code": code, "grade": grade, "words": words},
        }  # fmt: skip
        body, time = json.dumps(event, ensure_ascii=False).encode(), int(window.now.timestamp()) + at
        sign = hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
        return Client().post(
            DOOR, body, content_type="application/json", headers={"Bihuan-Signature": f"t={time},v1={sign}"}
        )

    return send


def test_a_review_is_taken_once_by_its_id_and_bound_to_the_case(window: Window, bring: Bring) -> None:
    code = window.decided().case_code
    first = bring(code, "5", words="办得快")
    assert (first.status_code, first.json()) == (
        200,
        {"number": "BJ2026030200001", "state": "evaluated", "again": False},
    )
    before = state_now()
    refused(bring(code, "5", words="办得快"), 409, code="replayed")
    assert bring(code, "5", words="办得快", at=5).json()["again"]
    refused(bring(code, "1", words="很不满意", at=9), 422, code="review_differs")
    refused(bring(code, "1", key="R-2", words="很不满意"), 422, code="state")
    assert state_now() == before
    assert ledger_verify().faults == ()


def test_a_review_that_was_taken_is_never_written_over(
    window: Window, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = window.decided().case_code
    bring(code, "5")
    with kernel_writes():
        before = PlatformReview.objects.values().get()
    again = reviews.Review("R-1", code, "1", "很不满意")
    given = (again, b"{}", before["signed_at"] + 9, window.now)
    assert reviews._keep(*given, refused="state") is False
    assert reviews._keep(*given, case=before["case_id"]) is False
    with kernel_writes():
        assert PlatformReview.objects.values().get() == before
    other = window.decided().case_code
    monkeypatch.setattr(reviews, "_keep", lambda *a, **more: False)
    cases = state_now()
    refused(bring(other, "1", key="R-2", words="很不满意"), 409, code="replayed")
    assert state_now() == cases


def test_a_bad_review_begins_its_loop(window: Window, bring: Bring) -> None:
    taken = window.decided()
    assert bring(taken.case_code, "1", words="慢").json()["state"] == "complained"
    assert window.case(taken.case).facts["grades"] == ["1"]
    assert (reconciled().reviews, reconciled().taken, reconciled().bad) == (1, 1, 1)


def test_forged_old_and_unknown_reviews_change_nothing(window: Window, bring: Bring) -> None:
    code = window.decided().case_code
    before = state_now()
    refused(bring(code, secret="guessed"), 403, code="bad_signature")
    refused(bring(code, at=-301), 403, code="old_signature")
    refused(bring(code, at=301), 403, code="old_signature")
    assert PlatformReview.objects.count() == 0
    refused(bring(code[:17] + "0" + code[18:]), 422, field="code")
    refused(bring(FOOD), 422, field="case_code")
    refused(bring(code, "6"), 422, field="grade")
    refused(bring(f"{FOOD}202603029999"), 404, code="unknown_case")
    assert state_now() == before
    assert [one.why for one in reconciled().refused] == ["unknown_case"]
    assert bring(code, "4", at=1).json()["state"] == "evaluated"


def test_without_a_shared_secret_nobody_brings_reviews(window: Window, bring: Bring, settings: Any) -> None:
    settings.REVIEWS_SECRETS = []
    code = window.decided().case_code
    refused(bring(code, secret=""), 403, code="bad_signature")
