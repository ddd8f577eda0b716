"""The hall's pages: each for whom it is, with its refusals beside the field, and few questions to the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.packs.onewindow.hall import calling
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket, Visit
from tests.packs.onewindow.conftest import MARKET
from tests.packs.onewindow.test_hall import YOUNG, Hall, hall  # noqa: F401  a fixture
from tests.stories.cast import text_of
from tests.walks import EVERYTHING


@pytest.fixture
def as_(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A browser of this person ("" a visitor) at the hall's own time."""
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: hall.window.now)
    monkeypatch.setattr("bihuan.site.amounts.timezone.now", lambda: hall.window.now)

    def client(who: str) -> Client:
        made = Client()
        if who:
            with kernel_writes():
                made.force_login(Person.objects.get(username=who))
        return made

    return client


def ticket() -> Ticket:
    scope_apply(EVERYTHING)
    return Ticket.objects.select_related("window").latest("pk")


def service(served: Ticket) -> Case:
    """The case in which the service of a ticket is evaluated."""
    with kernel_writes():
        return Case.objects.get(workflow="hall_service/1", pk__in=served.served.values("case"))


def test_a_clerk_calls_serves_and_finishes(as_: Any, hall: Hall) -> None:
    hall.take("B", priority="soldier", item=hall.window.item.pk)
    fang = as_("fang")
    assert "您今天坐哪个窗口" in fang.get("/onewindow/hall/desk").content.decode()

    def act(what: str, **data: Any) -> str:
        page = fang.post(f"/onewindow/hall/desk/{what}", data, follow=True)
        return page.content.decode()  # type: ignore[no-any-return]

    page = act("sit", window=hall.windows["1"])
    assert "食品经营许可(新办)" in page and "军人、退役军人" in page
    assert "B001" in act("call", window=hall.windows["1"])
    made = ticket()
    assert made.state == "called"
    assert "叫满 3 遍" in act("recall", ticket=made.pk)
    assert f'href="/onewindow/window?item={hall.window.item.pk}"' in act("begin", ticket=made.pk)
    assert "正在办 B001 号" in fang.get("/onewindow/window").content.decode()
    page = act("call", window=hall.windows["1"])
    assert "现在没有等您这个窗口的号" in page
    assert "正在办" not in fang.get("/onewindow/window").content.decode()
    assert ticket().state == "served"
    case = service(ticket())
    shown = text_of(fang.get("/onewindow/hall/desk"))
    for words in ("B001 号没有收件,请本人扫码评价", case.number, follow_code(case.pk)):
        assert words in shown, words
    hall.take("B", phone="19900000001")
    hall.do("finish", hall.serve())
    told, shown = service(ticket()), text_of(fang.get("/onewindow/hall/desk"))
    for words in ("没有收件,请本人扫码评价", told.number, follow_code(told.pk), follow_code(case.pk)):
        assert words not in shown, words  # the telephone has the code


def test_a_refusal_of_the_panel_says_why(as_: Any, hall: Hall) -> None:
    fang = as_("fang")
    answer = fang.post("/onewindow/hall/desk/call", {"window": hall.windows["1"]})
    assert (answer.status_code, "您没有坐在这个窗口" in answer.content.decode()) == (409, True)
    for bad in ("", "٣", "9" * 40, "-1"):
        assert fang.post("/onewindow/hall/desk/sit", {"window": bad}).status_code == 404
    assert fang.post("/onewindow/hall/desk/dance").status_code == 404
    assert as_("wang").post("/onewindow/hall/desk/sit", {"window": hall.windows["1"]}).status_code == 403
    scope_apply(EVERYTHING)
    assert set(HallWindow.objects.values_list("state", flat=True)) == {"shut"}


@pytest.mark.parametrize(
    ("who", "address"),
    [("wang", "/onewindow/hall"), ("fang", "/onewindow/hall"), ("dou", "/onewindow/hall/desk"), ("tang", "/onewindow/hall/counter"),
     ("wang", "/onewindow/hall/screen"), ("qian", "/onewindow/hall/screen/now")],
)  # fmt: skip
def test_pages_are_for_whom_they_are(as_: Any, who: str, address: str) -> None:
    assert as_(who).get(address).status_code == 403


def test_the_guide_gives_a_number_and_takes_a_skipped_one_back(as_: Any, hall: Hall) -> None:
    dou = as_("dou")
    given = {"key": "one", "group": "A", "priority": "old"}
    page = dou.post("/onewindow/hall/counter", given, follow=True).content.decode()
    assert "号码 A001,前面还有 0 位。" in page
    assert dou.post("/onewindow/hall/counter", {**given, "key": "two", "id_number": "1"}).status_code == 422
    hall.sit()
    made = hall.call()
    assert made
    for _ in range(2):
        hall.do("recall", made)
    hall.do("skip", made)
    for typed in ("A2", "B001", "A", "", "A001; --"):
        answer = dou.post("/onewindow/hall/counter", {"missed": typed})
        assert (answer.status_code, "请看清号码" in text_of(answer)) == (422, True), typed
    assert ticket().state == "skipped"
    page = dou.post("/onewindow/hall/counter", {"missed": " a1 "}, follow=True).content.decode()
    assert "A001 号已重新排队" in page
    assert (ticket().state, ticket().returns) == ("waiting", 1)
    assert dou.post("/onewindow/hall/counter", {"ticket": made.pk}).status_code == 409
    assert dou.post("/onewindow/hall/counter", {"missed": "A001"}).status_code == 409


def test_the_ticket_of_another_hall_is_not_found(as_: Any, hall: Hall) -> None:
    made = hall.take("A")
    with kernel_writes():
        Ticket.objects.update(unit=hall.window.units[MARKET], state="skipped")
    before = hall.contents()
    for who, address in (("dou", "/onewindow/hall/counter"), ("fang", "/onewindow/hall/desk/return")):
        answer = as_(who).post(address, {"ticket": made.pk})
        assert (answer.status_code, "没有找到,或您无权查看。" in answer.content.decode()) == (404, True)
    scope_apply(EVERYTHING)
    assert hall.contents() == before


def test_a_number_by_telephone_without_an_account(as_: Any, hall: Hall) -> None:
    visitor, given = as_(""), {"key": "k" * 32, "group": "A", "phone": "19900000001"}
    assert "0 人在等" in visitor.get("/public/hall").content.decode()
    page = visitor.post("/public/hall", {**given, "phone": ""})
    assert (page.status_code, "请填手机号" in page.content.decode(), Ticket.objects.count()) == (422, True, 0)
    page = visitor.post("/public/hall", {**given, "booking": "YY202603020001", "code": "AAAA-AAAA"})
    assert (page.status_code, Ticket.objects.count()) == (404, 0)
    page = visitor.post("/public/hall", given, follow=True).content.decode()
    assert "A001" in page and "19900000001" not in page
    mine = f"/public/hall/form:{given['key']}"
    assert [mine in text_of(one.get("/public/hall")) for one in (visitor, as_(""))] == [True, False]
    hall.sit()
    hall.call()
    assert "请到 1 号窗口" in visitor.get(mine).content.decode()
    assert visitor.post(mine).status_code == 200
    assert ticket().state == "called"
    hall.do("finish", hall.do("begin", ticket()))
    assert mine not in text_of(visitor.get("/public/hall"))
    case, done = service(ticket()), text_of(visitor.get(mine))
    assert ("办得怎么样?请评价" in done, case.number in done) == (True, True)
    opened = visitor.post(
        "/public/follow", {"number": case.number, "code": follow_code(case.pk)}, follow=True
    )
    assert "窗口的事办完了,请您评价。" in text_of(opened)
    grade = {"grade": "5", "version": case.version}
    assert visitor.post(f"/public/cases/{case.number}/grade", grade).status_code == 302
    assert "办得怎么样?请评价" not in text_of(visitor.get(mine))
    assert visitor.get("/public/hall/nothing").status_code == 404


def test_a_telephone_number_is_told_and_asked_about_within_its_amount(as_: Any, hall: Hall) -> None:
    visitor = as_("")

    def ask(key: str, group: str, phone: str = "19900000001") -> int:
        given = {"key": key, "group": group, "phone": phone}
        return visitor.post("/public/hall", given).status_code  # type: ignore[no-any-return]

    assert [ask("a", "A"), ask("b", "A"), ask("c", "A")] == [302, 409, 409]
    before = hall.contents()
    for key, phone in (("d", "199 0000 0001"), ("e", "19900000001")):
        assert ask(key, "B", phone) == 429
    scope_apply(EVERYTHING)
    assert hall.contents() == before
    assert ask("f", "B", "19900000002") == 302


def test_no_form_takes_the_key_of_a_kiosk(as_: Any, hall: Hall) -> None:
    kiosk = as_("kiosk")
    kiosk.get("/onewindow/kiosk")
    with kernel_writes():
        key = f"visit-{Visit.objects.get().pk}-A"
    for who, address in (("", "/public/hall"), ("dou", "/onewindow/hall/counter")):
        given = {"key": key, "group": "A", "phone": "19900000001" if not who else ""}
        as_(who).post(address, given)
    for act, typed in (("identity", {}), ("identify", {"id_number": ""}), ("take", {"group": "A"})):
        kiosk.post(f"/onewindow/kiosk/{act}", typed)
    scope_apply(EVERYTHING)
    assert list(Ticket.objects.order_by("pk").values_list("way", "key")) == [
        ("phone", f"form:{key}"), ("kiosk", key),
    ]  # fmt: skip
    page = as_("dou").post("/onewindow/hall/counter", {"key": key, "group": "A"})
    assert (page.status_code, key in page.content.decode()) == (409, False)
    assert as_("dou").post("/onewindow/hall/counter", {"key": "", "group": "A"}).status_code == 302
    assert ticket().key.startswith("form:") and len(ticket().key) == 37
    assert as_("dou").post("/onewindow/hall/counter", {"key": "x" * 200, "group": "A"}).status_code == 302
    assert ticket().key == f"form:{'x' * 59}"


def test_a_display_hears_of_a_call_and_of_nothing_else(as_: Any, hall: Hall) -> None:
    hall.take("A", phone="19900000001", id_number="371502199001011226")
    screen = as_("hall")
    first = screen.get("/onewindow/hall/screen/now")
    assert (
        screen.get("/onewindow/hall/screen/now", headers={"if-none-match": first["ETag"]}).status_code == 304
    )
    hall.sit()
    hall.call()
    told = screen.get("/onewindow/hall/screen/now", headers={"if-none-match": first["ETag"]})
    assert told.json()["calls"] == [
        {"id": f"{ticket().pk}-1", "number": "A001", "window": "1", "there": False}
    ]
    page = screen.get("/onewindow/hall/screen").content.decode()
    assert "A001" in page
    assert not [
        mark for mark in ("19900000001", YOUNG, ticket().holder) if mark in page + told.content.decode()
    ]
    assert screen.get("/onewindow/hall/screen/now?window=2").json()["calls"] == []
    assert len(screen.get("/onewindow/hall/screen/now?window=1").json()["calls"]) == 1
    for _ in range(2):
        hall.do("recall", ticket())
    hall.do("skip", ticket())
    assert screen.get("/onewindow/hall/screen/now?window=1").json()["calls"] == []
    assert len(screen.get("/onewindow/hall/screen/now").json()["calls"]) == 1


def test_the_manager_sees_the_hour_and_opens_skills(as_: Any, hall: Hall) -> None:
    for _ in range(12):
        hall.take("A")
        hall.window.later(minutes=3)
    hall.sit()
    hall.serve()
    hall.sit("2", "hou")
    calling.window_pause(
        window=hall.windows["2"], reason="开会", scope=hall.scope("hou"), now=hall.window.now
    )
    cheng = as_("cheng")
    page = cheng.get("/onewindow/hall").content.decode()
    assert "建议再开一个窗口" in page and "36 分钟" in page
    assert "暂停着的窗口里办这些的:2,可以先请回来。" in page
    sent = {"window": hall.windows["3"], "skills": ["A", "C"]}
    assert cheng.post("/onewindow/hall/skills", sent).status_code == 302
    said = "3 号窗口的业务已改"
    assert said not in cheng.get("/onewindow/hall/screen").content.decode()  # the hall reads this one
    assert said in cheng.get("/onewindow/hall").content.decode()
    assert cheng.post("/onewindow/hall/skills", {"window": hall.windows["3"]}).status_code == 422
    scope_apply(EVERYTHING)
    assert HallWindow.objects.get(code="3").skills == ["A", "C"]


def test_the_manager_frees_a_window_whose_clerk_went_away(as_: Any, hall: Hall) -> None:
    made, clear = hall.take("A"), "/onewindow/hall/clear"
    hall.sit()
    hall.call()
    cheng, first = as_("cheng"), {"window": hall.windows["1"]}
    for who in ("fang", "dou", "tang"):
        assert as_(who).post(clear, first).status_code == 403
    assert ticket().state == "called"
    assert "1 号窗口已收回" in text_of(cheng.post(clear, first, follow=True))
    assert (ticket().state, ticket().window, ticket().turn) == ("waiting", None, made.turn)
    answer = cheng.post(clear, first)
    assert (answer.status_code, "没有人坐着" in text_of(answer)) == (422, True)
    assert cheng.post(clear, {"window": "x"}).status_code == 404
    hall.sit(who="hou")
    hall.do("begin", hall.call(who="hou"), "hou")
    cheng.post(clear, first)
    scope_apply(EVERYTHING)
    assert (ticket().state, HallWindow.objects.get(code="1").person) == ("served", None)


@pytest.mark.parametrize(
    ("who", "address", "most"),
    [("fang", "/onewindow/hall/desk", 20), ("cheng", "/onewindow/hall", 20), ("dou", "/onewindow/hall/counter", 18),
     ("hall", "/onewindow/hall/screen/now", 16), ("", "/public/hall", 30)],
)  # fmt: skip
def test_no_page_asks_once_a_row(
    as_: Any, hall: Hall, who: str, address: str, most: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        hall.take("AB"[n % 2], item=hall.window.item.pk if n % 3 == 0 else None)
    hall.sit()
    hall.serve()
    client = as_(who)
    client.get(address)
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200
