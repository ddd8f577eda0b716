"""A citizen books, moves and cancels without an account; the unit sees its day; nobody else's is touched."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.appointments.models import Booking, HoursChange, Resource
from bihuan.kernel.appointments.selectors import booking_code
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from tests.api.client import contents, rows
from tests.public.conftest import Citizen, citizen, kept
from tests.stories.cast import Town, text_of, town

__all__ = ["citizen", "town"]
MARKET = "371502_market"
OFFICE = f"/public/book/{MARKET}"


@pytest.fixture
def window(town: Town) -> Resource:
    with kernel_writes():
        return Resource.objects.create(
            code="W1", name="1号窗口", name_en="Window 1", kind="window", unit=town.units[MARKET], minutes=60
        )


def typed(town: Town, hour: int = 9, minute: int = 30, days: int = 1, **more: str) -> dict[str, str]:
    begin = (town.now + timedelta(days=days)).replace(hour=hour, minute=minute)
    return {"begin": begin.isoformat(), "name": "宋晓梅", "phone": "13912344321", "key": "k1", **more}


def booked(citizen: Citizen, town: Town, **more: Any) -> Booking:
    response = citizen.post(OFFICE, typed(town, **more))
    assert response.status_code == 302, text_of(response)
    with kernel_writes():
        return Booking.objects.latest("pk")


def test_from_the_start_page_to_a_booking(citizen: Citizen, town: Town, window: Resource) -> None:
    assert 'href="/public/book"' in citizen.get("/public")
    assert f'href="{OFFICE}"' in citizen.get("/public/book")
    page = citizen.get(f"{OFFICE}?day=2026-03-03")
    assert re.findall(r'name="begin" value="([^"]+)"', page) == [
        f"2026-03-03T{time}:00+08:00" for time in ("08:30", "09:30", "10:30", "14:00", "15:00", "16:00")
    ]
    made = booked(citizen, town)
    page = citizen.get(f"/public/bookings/{made.number}")
    for words in ("2026-03-03 09:30", made.number, booking_code(made.pk), "1号窗口", "已预约", "取消预约"):
        assert words in page, words
    assert "13912344321" not in page
    assert "2026-03-03T09:30" not in citizen.get(f"{OFFICE}?day=2026-03-03")
    again = citizen.post(OFFICE, typed(town))  # a double click
    assert again["Location"] == f"/public/bookings/{made.number}"
    citizen.post("/public/leave", {})  # the next one at a device for everybody
    assert citizen.client.get(f"/public/bookings/{made.number}")["Location"].startswith("/public/bookings?")


@pytest.mark.parametrize(
    ("changed", "words", "status"),
    [
        ({"begin": ""}, "请选一个时间", 422),
        ({"begin": "2026-03-03T09:30"}, "请选一个时间", 422),
        ({"begin": "9" * 400}, "请选一个时间", 422),
        ({"begin": "2026-03-03T03:00:00+08:00"}, "这个时间不办理预约", 422),
        ({"begin": "2026-03-02T09:30:00+08:00"}, "已经过了", 422),
        ({"name": ""}, "不能为空", 422),
        ({"name": "宋\u202e"}, "隐藏字符", 422),
        ({"phone": "12"}, "电话号码", 422),
    ],
)
def test_what_is_refused_keeps_the_words(
    citizen: Citizen, town: Town, window: Resource, changed: dict[str, str], words: str, status: int
) -> None:
    page = citizen.refused(OFFICE, {**typed(town), **changed}, words, status=status)
    assert changed.get("name", "宋晓梅") in page and 'name="begin"' in page


def test_a_taken_time_is_a_conflict(citizen: Citizen, town: Town, window: Resource) -> None:
    booked(citizen, town)
    other = Citizen(town)
    other.refused(OFFICE, typed(town, key="k2", phone="13912340000"), "刚被别人约走", status=409)
    assert 'name="key" value="k1"' not in other.get(
        f"{OFFICE}?key=k1"
    )  # nobody is sent there with another's key
    page = other.refused(OFFICE, typed(town, phone="13912340000"), "已经用来办过另一件", status=409)
    assert 'name="key" value="k1"' not in page


def test_moved_and_cancelled_by_number_and_code(citizen: Citizen, town: Town, window: Resource) -> None:
    made = booked(citizen, town)
    other = Citizen(town)
    assert (
        other.client.get(f"/public/bookings/{made.number}")["Location"]
        == f"/public/bookings?number={made.number}"
    )
    assert "原来的时间" not in other.get(f"{OFFICE}?move={made.number}")
    other.refused(
        "/public/bookings", {"number": made.number, "code": "ABCD-2345"}, "预约号或查询码不对", status=404
    )
    opened = other.post("/public/bookings", {"number": made.number.lower(), "code": booking_code(made.pk)})
    assert opened["Location"] == f"/public/bookings/{made.number}"
    moved = other.post(OFFICE, {**typed(town, hour=14, minute=0), "move": made.number, "key": ""})
    assert moved.status_code == 302
    with kernel_writes():
        made.refresh_from_db()
    assert f"{made.begin.astimezone(town.now.tzinfo):%H:%M}" == "14:00"
    assert "已取消" in text_of(other.client.post(f"/public/bookings/{made.number}/cancel", follow=True))
    with kernel_writes():
        assert Booking.objects.get(pk=made.pk).state == "cancelled"


def test_somebody_else_s_booking_is_neither_moved_nor_cancelled(
    citizen: Citizen, town: Town, window: Resource
) -> None:
    made = booked(citizen, town)
    other = Citizen(town)
    town.see()
    before = kept(rows()), contents()
    assert other.post(f"/public/bookings/{made.number}/cancel", {}).status_code == 302
    town.see()
    assert (kept(rows()), contents()) == before
    with kernel_writes():
        assert Booking.objects.get(pk=made.pk).state == "booked"


def test_the_unit_s_day(citizen: Citizen, town: Town, window: Resource) -> None:
    made = booked(citizen, town)
    town.later(days=1)
    page = text_of(town.as_("wang").get("/appointments"))
    for words in ("09:30–10:30", "宋**", "139****4321", made.number, "1 个预约,0 个已到"):
        assert words in page, words
    assert "宋晓梅" not in page
    assert made.number not in text_of(town.as_("qian").get("/appointments"))
    before = kept(rows()), contents()
    assert town.as_("qian").post(f"/appointments/{made.pk}/arrived").status_code == 403
    assert (kept(rows()), contents()) == before
    assert town.as_("wang").post(f"/appointments/{made.pk}/arrived").status_code == 302
    assert "1 个预约,1 个已到" in text_of(town.as_("wang").get("/appointments?day=2026-03-03"))
    again = town.as_("wang").post(f"/appointments/{made.pk}/arrived")
    assert again.status_code == 422 and "已到,不能这样办" in text_of(again)
    for day in ("٣٣", "9999-12-31", "0001-01-01"):
        assert town.as_("wang").get(f"/appointments?day={day}").status_code == 200


def test_the_administrator_opens_a_window_and_a_noon(town: Town) -> None:
    admin = town.as_("admin")
    form = {"code": "A1", "name": "综合窗口", "kind": "window", "unit": town.unit(MARKET), "minutes": "20", "buffer": "5",
            "open_to_public": "on", "active": "on"}  # fmt: skip
    assert admin.post("/administration/resources/do/add", form).status_code == 302
    made = Resource.objects.get()
    assert (made.code, made.minutes, made.buffer, made.unit.code) == ("A1", 20, 5, MARKET)
    again = admin.post("/administration/resources/do/add", form)
    assert again.status_code == 422 and "已登记过" in text_of(again)
    assert Resource.objects.count() == 1
    noon = {
        "unit": town.unit(MARKET),
        "on": "working",
        "hours": "12:00-14:00",
        "first": "2026-03-03",
        "reason": "延时服务",
    }
    wrong = admin.post("/administration/hours_changes/do/add", {**noon, "hours": "14:00-12:00"})
    assert wrong.status_code == 422 and HoursChange.objects.count() == 0
    assert admin.post("/administration/hours_changes/do/add", noon).status_code == 302
    assert HoursChange.objects.get().shifts == [[43_200, 50_400]]
    page = text_of(admin.get("/administration/hours_changes"))
    assert "12:00-14:00" in page and "延时服务" in page
    assert "T12:15" in Client().get(f"{OFFICE}?day=2026-03-03").content.decode()
    assert Unit.objects.get(code=MARKET).pk == made.unit_id


def test_pages_ask_a_fixed_number_of_times(
    town: Town, window: Resource, django_assert_max_num_queries: Any
) -> None:
    with kernel_writes():
        for n in range(20):
            Resource.objects.create(code=f"X{n}", name=f"{n}", kind="window", unit=town.units[MARKET])
    client = Client()
    client.get(OFFICE)
    with django_assert_max_num_queries(25):
        client.get(OFFICE)
