"""Calls: told once, shown to their agent, linked with their order, called back when missed, heard by few."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from bihuan.kernel.cases.personal import person_anonymise
from bihuan.kernel.desk.api.tokens import token_issue
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.adapters.telephony import incoming_call
from bihuan.packs.hotline.models import Call, Order
from bihuan.packs.hotline.seat.calls import call_note, calls_expire, calls_missed, calls_waiting
from tests.desk.conftest import City, as_, city  # noqa: F401  fixtures
from tests.packs.hotline.test_screens import GOOD, counted, everything, key_of

As = Callable[..., Client]
PHONE = "19900000001"
RECORDING = "https://pbx.example/recordings/1.wav"


def told(city: City, event: str, *, after: float = 0, call: str = "c-1", **more: str) -> Call:
    """An event of a call at li's telephone, so many seconds after the standing moment of a log-in."""
    at = city.now + timedelta(hours=1, seconds=after)
    values = {"call": call, "event": event, "phone": PHONE, "agent": "li", **more}
    return call_note(event=incoming_call(values, now=at))


def test_a_call_is_kept_once_however_often_and_late_it_is_told(city: City) -> None:
    everything()
    start = city.now + timedelta(hours=1)
    told(city, "answered", after=7)
    for _ in range(2):
        told(city, "ringing")
        told(city, "answered", after=9)
        told(city, "ended", after=60)
        told(city, "ended", after=90)
        told(city, "recording", after=99, recording=RECORDING)
    call = Call.objects.get()
    assert (call.phone, call.agent_id, call.recording) == (PHONE, city.people["li"], RECORDING)
    assert (call.answered_at, call.ended_at) == (start + timedelta(seconds=7), start + timedelta(seconds=60))


def test_a_call_that_rings_on_is_the_next_agents_until_it_is_answered(city: City) -> None:
    everything()
    told(city, "ringing")
    told(city, "ringing", after=5, agent="tang")
    assert Call.objects.get().agent_id == city.people["tang"]
    told(city, "answered", after=8, agent="tang")
    told(city, "ringing", after=9, agent="li")
    assert Call.objects.get().agent_id == city.people["tang"]


BAD = (
    ({"event": "dancing"}, "event"),
    ({"call": ""}, "call"),
    ({"call": "c" * 81}, "call"),
    ({"agent": "nobody"}, "agent"),
    ({"event": "recording"}, "recording"),
    ({"recording": "javascript:alert(1)"}, "recording"),
    ({"recording": "https://me@pbx/1"}, "recording"),
    ({"recording": "http://[bad"}, "recording"),
    ({"at": "2099-01-01"}, "at"),
    ({"phone": "1\x00"}, "phone"),
)


@pytest.mark.parametrize(("change", "field"), BAD)
def test_a_faulty_event_is_refused_and_nothing_is_kept(
    city: City, change: dict[str, str], field: str
) -> None:
    everything()
    values = {"call": "c-1", "event": "ringing", "phone": PHONE, "agent": "li", **change}
    with pytest.raises(FieldError) as refused:
        call_note(event=incoming_call(values, now=city.now))
    assert refused.value.field == field
    assert Call.objects.count() == 0


def test_a_number_that_is_none_is_left_out(city: City) -> None:
    everything()
    assert [told(city, "ringing", call=n, phone=n).phone for n in ("anonymous", "138", "199 0000 0001")] == [
        "",
        "",
        PHONE,
    ]


def test_a_ringing_call_is_shown_to_its_agent_alone_with_its_waiting_time(as_: As, city: City) -> None:
    client = as_("li")
    everything()
    call = told(city, "ringing", after=-16)
    body = client.get("/hotline/calls/ringing").content.decode()
    assert f'data-call="{call.pk}" data-phone="{PHONE}"' in body
    assert "199****0001" in body
    assert "已等 16 秒" in body
    assert "超过 15 秒" in body
    assert "data-call" not in as_("tang").get("/hotline/calls/ringing").content.decode()
    assert as_("wang").get("/hotline/calls/ringing").status_code == 403
    assert Client().get("/hotline/calls/ringing").status_code == 401
    page = as_("li").get(f"/hotline/new?call={call.pk}").content.decode()
    assert f'name="phone" value="{PHONE}"' in page
    assert f'name="call" value="{call.pk}"' in page


def test_an_order_names_its_call_and_the_call_waits_no_longer(as_: As, city: City, now: datetime) -> None:
    client = as_("li")
    everything()
    call = told(city, "ringing", after=-5)
    typed = {**GOOD, "call": str(call.pk), "key": key_of(client)}
    page = client.post("/hotline/new", typed, follow=True).content.decode()
    everything()
    assert Order.objects.get().call_id == call.pk
    assert list(calls_waiting(agent=city.people["li"], now=now + timedelta(hours=1))) == []
    assert f'href="/hotline/new?call={call.pk}" data-key="s"' in page


@pytest.mark.parametrize("forged", ["999999", "x", "9" * 40, "-1"])
def test_a_forged_call_takes_nothing_in(as_: As, forged: str) -> None:
    client = as_("li")
    before = counted()
    refused = client.post("/hotline/new", {**GOOD, "call": forged, "key": key_of(client)})
    assert refused.status_code == 422
    assert "没有这个来电。" in refused.content.decode()
    assert counted() == before


def test_missed_calls_are_listed_until_called_back_or_answered_later(as_: As, city: City) -> None:
    everything()
    now = city.now + timedelta(hours=1, minutes=10)
    told(city, "ended", call="missed")
    told(city, "ended", call="missed twice", after=30)
    told(city, "ended", call="again", phone="19900000002")
    told(city, "ringing", after=60, call="later", phone="19900000002")
    told(city, "answered", after=65, call="later", phone="19900000002")
    told(city, "ended", call="withheld", phone="")
    told(city, "answered", call="spoken", phone="19900000003")
    told(city, "ended", after=9, call="spoken", phone="19900000003")
    (missed,) = calls_missed(now=now)
    assert missed.call == "missed"
    client = as_("li", after=1.2)
    assert "1 个未接来电待回拨" in client.get("/hotline/new").content.decode()
    page = client.get("/hotline/calls").content.decode()
    assert "199****0001" in page
    assert PHONE not in page
    assert client.post(f"/hotline/calls/{missed.pk}/called-back").status_code == 302
    everything()
    assert Call.objects.filter(phone=PHONE, called_back_at=None).count() == 0
    missed.refresh_from_db()
    assert (missed.called_back_by_id, list(calls_missed(now=now))) == (city.people["li"], [])
    again = client.post(f"/hotline/calls/{missed.pk}/called-back", follow=True).content.decode()
    assert "没有这个未接来电,或已经回拨。" in again


def test_an_order_of_a_missed_call_is_its_calling_back(as_: As, city: City) -> None:
    client = as_("li")
    everything()
    call = told(city, "ended", after=-60)
    client.post("/hotline/new", {**GOOD, "call": str(call.pk), "key": key_of(client)})
    everything()
    call.refresh_from_db()
    assert call.called_back_by_id == city.people["li"]


@pytest.mark.parametrize(("username", "status"), [("li", 200), ("tang", 200), ("zhou", 403), ("wang", 403)])
def test_who_calls_back(as_: As, city: City, username: str, status: int) -> None:
    everything()
    call = told(city, "ended")
    client = as_(username)
    assert client.get("/hotline/calls").status_code == status
    if status == 403:
        assert client.post(f"/hotline/calls/{call.pk}/called-back").status_code == 403
        everything()
        assert Call.objects.get().called_back_at is None


def recorded(as_: As, city: City, **changed: str) -> str:
    """The number of an order at the municipal office whose call was recorded."""
    client = as_("li")
    everything()
    call = told(city, "answered", after=-90)
    told(city, "recording", recording=RECORDING)
    client.post("/hotline/new", {**GOOD, **changed, "call": str(call.pk), "key": key_of(client)})
    everything()
    return str(Order.objects.select_related("case").get().case.number)


def test_a_recording_is_heard_with_a_reason_that_is_kept(as_: As, city: City) -> None:
    number = recorded(as_, city)
    client = as_("tang")
    page = client.get(f"/cases/{number}").content.decode()
    assert "调听录音" in page
    assert RECORDING not in page
    refused = client.post(f"/hotline/cases/{number}/recording", {"reason": ""})
    assert refused.status_code == 422
    assert RECORDING not in refused.content.decode()
    everything()
    assert not LedgerEntry.objects.filter(kind="heard").exists()
    heard = client.post(f"/hotline/cases/{number}/recording", {"reason": "核对来电人的原话"})
    page = heard.content.decode()
    assert f'href="{RECORDING}"' in page and "<audio" not in page
    assert heard.context["page"].told[0].label == "调听了录音"
    everything()
    assert LedgerEntry.objects.filter(kind="heard").count() == 1


@pytest.mark.parametrize("username", ["zhao", "qian", "wang", "zhou"])
def test_who_may_not_unmask_hears_nothing(as_: As, city: City, username: str) -> None:
    number = recorded(as_, city)
    refused = as_(username).post(f"/hotline/cases/{number}/recording", {"reason": "想听一听"})
    assert refused.status_code in (403, 404)
    assert RECORDING not in refused.content.decode()
    everything()
    assert not LedgerEntry.objects.filter(kind="heard").exists()


def test_a_confidential_callers_call_is_hidden_from_the_unit(as_: As, city: City) -> None:
    from bihuan.kernel.identity.scope import Scope, scope_apply

    number = recorded(as_, city, confidential="on", matter="消费退费纠纷", text="柳园街道某店不退费。")
    scope_apply(Scope(city.people["wang"], (), (city.units["371502_market"],), False))
    assert Order.objects.count() == 1
    assert Call.objects.count() == 0
    page = as_("wang").get(f"/cases/{number}").content.decode()
    assert "录音" not in page


def test_anonymising_a_case_forgets_its_call(as_: As, city: City) -> None:
    number = recorded(as_, city, type="enquiry", outcome="answer", answer="今晚抢修完毕。")
    case = Order.objects.get(case__number=number).case_id
    person_anonymise(case=case, by="system", now=city.now + timedelta(days=1))
    call = Call.objects.get()
    assert (call.phone, call.recording, call.answered_at is None) == ("", "", False)


def test_numbers_of_calls_without_an_order_are_kept_for_so_long_only(as_: As, city: City) -> None:
    recorded(as_, city)
    told(city, "ended", call="c-2", phone="19900000002")
    start = city.now + timedelta(hours=1)
    assert calls_expire(now=start + timedelta(days=90)) == 0
    assert calls_expire(now=start + timedelta(days=90, seconds=1)) == 1
    assert list(Call.objects.order_by("call").values_list("phone", flat=True)) == [PHONE, ""]


def test_a_telephone_system_tells_of_a_call_with_a_token(as_: As, city: City, now: datetime) -> None:
    as_("li")
    everything()
    tokens = {name: token_issue(username=name, days=9, now=now, by=0)[0] for name in ("tang", "wang")}

    def post(token: str, **event: Any) -> Any:
        return Client().post(
            "/api/hotline/calls",
            json.dumps(event),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    event = {"call": "c-9", "event": "ringing", "phone": PHONE, "agent": "li"}
    assert post("bihuan_false", **event).status_code == 401
    assert post(tokens["wang"], **event).status_code == 403
    assert post(tokens["tang"], **{**event, "event": "dancing"}).json()["field"] == "event"
    everything()
    assert Call.objects.count() == 0
    for _ in range(2):
        answer = post(tokens["tang"], **event)
        assert answer.status_code == 200, answer.content
        assert answer.json()["answered_at"] is None
    everything()
    assert Call.objects.get().agent_id == city.people["li"]


def test_the_simulator_rings_answers_and_ends(city: City) -> None:
    everything()

    def ring(*arguments: str) -> dict[str, str]:
        out = StringIO()
        call_command("hotline", "ring", "--agent", "li", *arguments, stdout=out)
        answer: dict[str, str] = json.loads(out.getvalue())
        return answer

    with pytest.raises(CommandError, match="没有未结束的来电"):
        ring("--end")
    call = ring("--phone", PHONE)["call"]
    assert ring("--answer") == {"call": call, "event": "answered"}
    assert ring("--end", "--recording", RECORDING) == {"call": call, "event": "ended"}
    kept = Call.objects.get()
    assert (kept.phone, kept.recording) == (PHONE, RECORDING)
    assert kept.answered_at is not None
    assert kept.ended_at is not None
