"""Reporting without an account: an order at once, once, with its photographs, within the amounts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.kernel.attachments.files import path_of
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.notices.services import notices_due
from bihuan.packs.hotline.models import Order
from tests.public.conftest import REFUND, Citizen, photograph
from tests.stories.cast import Town, text_of

HERE = "115.985,36.45"
"""A point in 东昌府区."""


def test_a_report_becomes_an_order_that_is_dispatched_at_once(citizen: Citizen, town: Town) -> None:
    number, code = citizen.reports(text="消费退费纠纷:交了5200元,培训班没有开课,不退费。")
    case = town.case(number)
    assert case.state in ("dispatched", "coordinating")
    assert case.unit_id != case.opened_by_id
    assert case.opened_by.code == "371502_12345"
    order = Order.objects.get(case=case)
    assert (order.channel, order.type) == ("web", "complaint")
    party = Party.objects.get(case=case)
    assert (party.name, party.phone, party.confidential) == ("宋晓梅", "19900000001", False)
    assert '"by":"reporter"' in town.ledger(number).split("\n")[0]
    assert re.fullmatch("[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", code)
    town.verified()


def test_the_code_goes_to_the_telephone_and_nowhere_else(
    citizen: Citizen, town: Town, monkeypatch: Any
) -> None:
    number, code = citizen.reports()
    sent: list[str] = []
    monkeypatch.setattr(
        "bihuan.kernel.notices.adapters.sms_http.carry",
        lambda message: sent.append(message.text) or "199****0001",
    )
    notices_due(now=town.now)
    assert [text for text in sent if code in text and number in text] == sent
    assert len(sent) == 1
    town.see()
    told = Notice.objects.get(template="taken")
    assert code not in f"{told.text} {told.context} {told.key}"
    assert "****-****" in told.text
    for who in ("li", "wang", "tang", "admin", "liu", "sun"):
        for address in (f"/cases/{number}", "/notices", "/notices/sent"):
            assert code not in text_of(town.as_(who).get(address)), (who, address)


def test_photographs_come_without_place_and_without_their_name(citizen: Citizen, town: Town) -> None:
    number, _ = citizen.reports(photographs=[photograph(), photograph(colour="blue")])
    town.see()
    found = Attachment.objects.filter(case__number=number).order_by("pk")
    assert [one.kind for one in found] == ["photograph", "photograph"]
    assert not any("宋" in one.name or "IMG" in one.name for one in found)
    assert all(b"19900000001" not in path_of(one.blob_id).read_bytes() for one in found)
    assert town.kinds(number).count("attachment_added") == 2


def test_a_point_on_the_map_becomes_words(citizen: Citizen, town: Town) -> None:
    number, _ = citizen.reports(place="", territory="", point=HERE)
    case = town.case(number)
    assert case.place == "东昌府区(地图点位 36.45000, 115.98500)"
    assert case.territory is not None and case.territory.code == "371502"


def test_one_form_is_one_order(citizen: Citizen, town: Town) -> None:
    key = citizen.key()
    data = {"key": key, **REFUND}
    for _ in range(3):
        assert re.fullmatch(
            r"/public/received\?number=RX\d{13}", citizen.post("/public/report", data)["Location"]
        )
    town.see()
    assert Case.objects.count() == 1
    first = citizen.ticket()
    citizen.refused("/public/report", {**data, "text": "另一件事情。"}, "这张表已经收到过")
    assert citizen.ticket() == first


def test_a_kept_secret_keeps_the_unit_from_knowing(citizen: Citizen, town: Town) -> None:
    number, _ = citizen.reports(secret="yes", text="我是宋晓梅,19900000001,消费退费纠纷,培训班不退费。")
    case = town.case(number)
    assert case.confidential
    unit = case.unit.code
    who = {"371502_market": "wang", "371502_desk": "zhou"}[unit]
    page = town.page(who, number)
    assert "宋晓梅" not in page and "19900000001" not in page
    assert not Notice.objects.filter(template="taken").exists()
    assert "我们不发短信" in citizen.get(citizen.came_to)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"text": ""}, "请说说发生了什么事。"),
        ({"text": "字" * 2001}, "最多写 2000 个字"),
        ({"text": "有\x07铃"}, "控制字符"),
        ({"place": "", "territory": ""}, "请写在哪里"),
        ({"place": "路" * 151}, "地点最多写 150 个字"),
        ({"point": "116.4,39.9"}, "地图上的点不在本市"),
        ({"point": "1e5,x"}, "地图上的点不在本市"),
        ({"phone": "12"}, "电话"),
        ({"phone": "", "call": "yes"}, "请留电话号码"),
        ({"type": "nothing"}, "诉求类型"),
        ({"website": "http://spam.example"}, "请打 12345"),
        ({"key": ""}, "这张表不完整"),
        ({"reporter": "名" * 61}, "60"),
    ],
)
def test_bad_input_changes_nothing_and_keeps_the_words(
    citizen: Citizen, changed: dict[str, str], words: str
) -> None:
    data = {"key": "k" * 32, **REFUND, **changed}
    page = citizen.refused("/public/report", data, words)
    assert data["place"][:40] in page


def test_bad_photographs_change_nothing(citizen: Citizen) -> None:
    data = {"key": "k" * 32, **REFUND}
    many = [photograph(f"{n}.jpg") for n in range(30)]
    citizen.refused("/public/report", {**data, "photographs": many}, "照片最多 5 张")
    script = SimpleUploadedFile("x.jpg", b"<script>alert(1)</script>" * 10)
    citizen.refused("/public/report", {**data, "photographs": [photograph(), script]}, "文件")
    paper = SimpleUploadedFile("x.pdf", b"%PDF-1.7\n" + b"x" * 100)
    citizen.refused("/public/report", {**data, "photographs": [paper]}, "这里只收照片")
    torn = SimpleUploadedFile("x.jpg", photograph().read()[:60])
    citizen.refused("/public/report", {**data, "photographs": [torn]}, "图片")


def test_a_telephone_number_takes_so_many_an_hour(citizen: Citizen, town: Town) -> None:
    for n in range(3):
        Citizen(town, f"198.51.100.{n}").reports(text=f"第{n}件,路灯不亮。")
    other = Citizen(town, "198.51.100.9")
    refused = {"key": "k" * 32, **REFUND, "phone": "199 0000 0001"}
    other.refused("/public/report", refused, "现在收到的太多了", status=429)
    other.reports(phone="19900000002")
    town.later(hours=1)
    Citizen(town, "198.51.100.9").reports()


def test_an_address_takes_so_many_an_hour(town: Town, now: Any) -> None:
    from bihuan.kernel.policies.services import policy_set

    with kernel_writes():
        policy_set(
            code="public.amounts", value={"report_address": {"hour": 2, "day": 3}}, unit="times",
            legal_basis="测试", valid_from=now.date(), now=now, by="system",
        )  # fmt: skip
    citizen = Citizen(town)
    citizen.reports(phone="")
    citizen.reports(phone="", text="第二件,路灯不亮。")
    data = {"key": "k" * 32, **REFUND, "phone": ""}
    citizen.refused("/public/report", data, "着急的事请打 12345", status=429)
    Citizen(town, "203.0.113.8").reports(phone="")
    town.later(hours=1)
    citizen = Citizen(town)
    citizen.reports(phone="", text="第三件,路灯不亮。")
    citizen.refused("/public/report", data, "现在收到的太多了", status=429)


def test_script_in_words_is_words(citizen: Citizen, town: Town) -> None:
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>路灯不亮"
    number, _ = citizen.reports(text=bad, place="<b>路</b>")
    raw = citizen.client.get(f"/public/cases/{number}").content.decode()
    assert "<script>alert" not in raw and "<img src=x" not in raw
    assert "&lt;script&gt;alert(1)" in raw


def test_nobody_else_opens_the_received_page(citizen: Citizen, town: Town) -> None:
    number, _ = citizen.reports()
    door = f"/public/follow?number={number}"
    assert Citizen(town).client.get(f"/public/received?number={number}")["Location"] == door
    assert citizen.client.get("/public/received")["Location"] == "/public/follow"


def test_a_report_that_a_telephone_sends_twice_is_one_and_tells_its_code(
    citizen: Citizen, town: Town
) -> None:
    """The second time without the session that the first, lost answer brought."""
    data = {"key": citizen.key(), **REFUND}
    first = citizen.client.post("/public/report", data, headers={"Sent-By": "0"}).json()
    number, code = first["receipt"].split(" ")
    assert (first["to"], town.case(number).number) == (f"/public/received?number={number}", number)
    later = Citizen(town)
    assert later.client.post("/public/report", data, headers={"Sent-By": "0"}).json() == first
    assert code in later.get(first["to"])
    town.see()
    assert Case.objects.count() == 1


def test_a_page_for_everybody_tells_the_code_once_and_keeps_nothing(citizen: Citizen, town: Town) -> None:
    own = citizen.client.get("/public/report")
    assert own["Kept-For"] == "0" and 'data-offline="反映问题"' in own.content.decode()
    shared = citizen.client.get("/public/report", {"shared": "1"})
    form = shared.content.decode()
    assert (
        "Kept-For" not in shared
        and 'data-offline="反映问题"' not in form
        and 'autocomplete="name"' not in form
    )
    key = re.search(r'name="key" value="(\w+)"', form)[1]  # type: ignore[index]
    sent = {"key": key, **REFUND}
    first, again = (citizen.client.post("/public/report?shared=1", sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    number, code = (re.search(rf'{name}">([\w-]+)<', first.content.decode())[1] for name in ("ticket-big", "ticket-code"))  # type: ignore[index]  # fmt: skip
    assert number in again.content.decode() and code in again.content.decode()
    assert "no-store" in first["Cache-Control"]
    town.see()
    assert [case.number for case in Case.objects.all()] == [number]
    assert citizen.client.get("/public/received", {"number": number})["Location"].startswith("/public/follow")
    refused = citizen.client.post("/public/report?shared=1", {**sent, "key": "another", "text": ""})
    assert refused.status_code == 422 and "宋晓梅" in refused.content.decode()
    assert 'action="/public/report?shared=1"' in refused.content.decode()
