"""The kiosk: one question a page, a guide who takes over with consent, and nothing kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.public.sessions import FOLLOWS
from bihuan.lib.refusals import Conflict
from bihuan.packs.onewindow.hall.kiosk import visit_act, visits_end
from bihuan.packs.onewindow.hall.models import Ticket, Visit
from tests.packs.onewindow.conftest import PERSON
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_hall import OLD, YOUNG, Hall, hall  # noqa: F401  a fixture
from tests.packs.onewindow.test_hall_pages import as_  # noqa: F401  a fixture


class Device:
    """A browser at the kiosk, or the guide's."""

    def __init__(self, client: Client, base: str) -> None:
        self.client, self.base = client, base

    def page(self) -> str:
        return self.client.get(self.base).content.decode()

    def touch(self, act: str, **typed: str) -> str:
        return self.client.post(f"{self.base}/{act}", typed, follow=True).content.decode()


@pytest.fixture
def kiosk(as_: Any) -> Device:
    return Device(as_("kiosk"), "/onewindow/kiosk")


@pytest.fixture
def tablet(as_: Any) -> Device:
    return Device(as_("dou"), "/onewindow/helping")


def visits() -> list[Visit]:
    with kernel_writes():
        return list(Visit.objects.all())


def kept(mark: str) -> list[str]:
    """The tables that hold this text anywhere."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(f'select 1 from "{name}" t where t::text like %s limit 1', [f"%{mark}%"])
            found += [name] if cursor.fetchone() else []
    return found


def test_a_number_in_four_touches_and_nothing_is_kept(kiosk: Device, hall: Hall) -> None:
    assert "取号排队" in kiosk.page()
    assert "您的身份证号" in kiosk.touch("identity")
    wrong = kiosk.touch("identify", id_number="371502199001011227")
    assert "身份证号码校验码不符" in wrong and 'value="371502199001011227"' in wrong
    hall.take("B")
    page = kiosk.touch("identify", id_number=OLD)
    assert "办哪一类" in page and re.findall(r"<small>(\d) 人在等", page)[:2] == ["0", "1"]
    assert "A001" in kiosk.touch("take", group="A")
    with kernel_writes():
        made = Ticket.objects.get(group="A")
    assert (made.way, made.priority, made.holder) == ("kiosk", "old", f"371***********{OLD[-4:]}")
    kiosk.client.post("/i18n/setlang/", {"language": "en", "next": kiosk.base})
    assert "Your number" in kiosk.page()
    assert "取号排队" in kiosk.touch("end")
    assert [one.typed for one in visits()] == [{}]
    assert kept(OLD) == []
    assert OLD not in json.dumps(dict(kiosk.client.session))


def test_an_online_item_is_applied_for_at_the_kiosk_which_goes_back_to_its_first_page(
    kiosk: Device, hall: Hall
) -> None:
    item = hall.window.item_of(f"{ORGAN}4370731003000", online=True, materials="身份证 | 城市已有")
    address = f"/public/apply/{item.pk}?shared=1"
    assert f'href="{address}"' in kiosk.page()
    ends = f'name="back" value="{kiosk.base}"'
    here, elsewhere = (one.get(address).content.decode() for one in (kiosk.client, Client()))
    assert ends in here and 'class="large-type"' in here
    assert ends not in elsewhere and 'class="large-type"' not in elsewhere
    plain = kiosk.client.get(f"/public/apply/{item.pk}").content.decode()  # however it was come to
    for at, leads in ((here, False), (plain, False), (elsewhere, True)):
        assert (f'href="/public/guide/{item.pk}"' in at, 'href="/public"' in at) == (leads, leads)
    assert ends in plain and "data-draft" not in plain and "大家共用的设备" in plain
    typed = {name: PERSON[name] for name in ("applicant", "name", "id_number", "phone")}
    done = kiosk.client.post(address, {**typed, "key": "k1"}, follow=True).content.decode()
    assert "请抄下来" in done and ends in done and "看进展" not in done
    assert len(kiosk.client.session[FOLLOWS]) == 1
    kiosk.page()
    assert kiosk.client.session.get(FOLLOWS) is None
    assert kiosk.client.post(address, {**typed, "key": "k1"}).status_code == 302
    assert kiosk.client.post("/public/leave", {"back": kiosk.base})["Location"] == kiosk.base
    assert kiosk.client.session.get(FOLLOWS) is None
    assert "取号排队" in kiosk.page()


def test_whoever_leaves_is_sent_nowhere_else(kiosk: Device) -> None:
    sent = kiosk.client.post("/public/leave", {"back": "https://elsewhere.example/"})
    assert sent["Location"] == "/public"


def test_the_same_person_gets_no_second_number(kiosk: Device, hall: Hall) -> None:
    hall.take("A", id_number=YOUNG)
    kiosk.touch("identity")
    kiosk.touch("identify", id_number=YOUNG)
    assert "您已经取了这一类的号" in kiosk.touch("take", group="A")
    assert "B001" in kiosk.touch("take", group="B")


def test_a_guide_sees_and_fills_the_page_with_consent_alone(kiosk: Device, tablet: Device) -> None:
    kiosk.page()
    assert "自助机上的代码" in tablet.page()
    assert "看到您这一页" in kiosk.touch("help")
    assert visits()[0].code == ""
    code = visits_code(kiosk.touch("agree"))
    refused = tablet.client.post("/onewindow/helping", {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert (refused.status_code, visits()[0].helper_id) == (404, None)
    assert tablet.client.post("/onewindow/helping", {"code": code}).status_code == 302
    assert "窦小雨 正在帮您" in kiosk.page()
    tablet.touch("identity")
    assert (
        tablet.client.post("/onewindow/helping/type", {"id_number": YOUNG}).json()["version"]
        == visits()[0].version
    )
    assert f'value="{YOUNG}"' in kiosk.page()
    assert "办哪一类" in tablet.touch("identify", id_number=YOUNG)
    assert "办哪一类" in kiosk.page()
    assert kiosk.client.get("/onewindow/kiosk/now").json() == {"version": visits()[0].version}
    kiosk.touch("alone")
    assert "自助机上的代码" in tablet.page()
    before = visits()[0].version
    tablet.touch("take", group="A")
    (visit,) = visits()
    with kernel_writes():
        dou = Person.objects.get(username="dou").pk
    with pytest.raises(Conflict):
        visit_act(
            visit=visit.pk, act="type", typed={"id_number": OLD}, by=dou, address="", now=visit.touched_at
        )
    assert (visits(), visits()[0].typed, Ticket.objects.count()) == ([visit], visit.typed, 0)
    assert visit.version == before
    again = tablet.client.post("/onewindow/helping", {"code": code})
    assert again.status_code == 404
    kiosk.touch("end")
    with kernel_writes():
        entries = list(LedgerEntry.objects.filter(kind__startswith="visit_").order_by("pk"))
    assert [one.kind for one in entries] == ["visit_helped", "visit_ended"]
    assert all(str(dou).encode() in bytes(one.body) for one in entries)
    assert kept(YOUNG) == []


def visits_code(page: str) -> str:
    found = re.search(r'kiosk-code">(\d{6})<', page)
    assert found
    return found[1]


def test_a_kiosk_that_was_left_forgets(kiosk: Device, hall: Hall) -> None:
    kiosk.touch("identity")
    kiosk.touch("identify", id_number=YOUNG)
    hall.window.later(seconds=119)
    assert visits_end(now=hall.window.now) == 0
    hall.window.later(seconds=2)
    assert visits_end(now=hall.window.now) == 1
    assert kept(YOUNG) == []
    kiosk.touch("identity")
    kiosk.touch("identify", id_number=YOUNG)
    hall.window.later(seconds=121)
    assert "取号排队" in kiosk.page()
    assert kept(YOUNG) == []


def test_how_a_case_stands_by_number_and_code(kiosk: Device, hall: Hall) -> None:
    taken = hall.window.accepted()
    kiosk.touch("follow")
    assert "编号或查询码不对" in kiosk.touch("ask", number=taken.number, code="AAAA-AAAA")
    code = follow_code(taken.case)
    page = kiosk.touch("ask", number=taken.number, code=code)
    assert "已受理,正在审查。" in page
    assert [mark for mark in ("宋晓梅", "19900000001", "3715021990") if mark in page] == []
    assert kept(code) == []


def test_who_may_not(as_: Any, kiosk: Device) -> None:
    kiosk.page()
    for who, address in (
        ("dou", "/onewindow/kiosk"),
        ("kiosk", "/onewindow/helping"),
        ("wang", "/onewindow/helping"),
    ):
        assert as_(who).get(address).status_code == 403
    assert kiosk.client.post("/onewindow/kiosk/dance").status_code == 404
    assert as_("dou").post("/onewindow/helping/identity").status_code == 302
    assert [one.page for one in visits()] == ["start"]
