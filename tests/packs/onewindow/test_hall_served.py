"""What comes of a ticket: its application, the evaluation of a service without one, the day's end, and what no entry tells."""

from __future__ import annotations

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from bihuan.packs.onewindow.applying.figures import Reviews, reviews_counted
from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from bihuan.packs.onewindow.hall import calling
from bihuan.packs.onewindow.hall.facts import ticket_facts
from bihuan.packs.onewindow.hall.models import HallWindow
from bihuan.packs.onewindow.hall.taking import ticket_give_up, tickets_close
from tests.packs.onewindow.test_hall import OLD, YOUNG, Hall, hall  # noqa: F401  a fixture
from tests.packs.onewindow.test_reviews import graded


def test_the_day_ends_for_everybody(hall: Hall) -> None:
    waits, serves = hall.take("A", phone="19900000001", id_number=OLD), hall.take("B", priority="disabled")
    hall.sit()
    assert hall.serve() == serves
    hall.window.now = hall.window.now.replace(hour=18, minute=29)
    assert tickets_close(now=hall.window.now) == 0
    assert calling.windows_end(now=hall.window.now) == 0
    hall.window.later(minutes=1)
    assert tickets_close(now=hall.window.now) == 2
    assert tickets_close(now=hall.window.now) == 0
    waits.refresh_from_db()
    serves.refresh_from_db()
    assert (waits.state, serves.state) == ("closed", "served")
    assert (waits.holder, waits.holder_key, waits.phone) == ("", "", "19900000001")
    assert Notice.objects.get(template="ticket_closed").target == f"ticket:{waits.pk}"
    assert (calling.windows_end(now=hall.window.now), calling.windows_end(now=hall.window.now)) == (1, 0)
    with kernel_writes():
        assert HallWindow.objects.filter(state="shut", person=None).count() == 3
    hall.window.later(days=1)
    hall.refused("ticket_day", lambda: ticket_give_up(ticket=waits.pk, by=0, now=hall.window.now))
    tickets_close(now=hall.window.now)
    waits.refresh_from_db()
    assert waits.phone == ""


def test_no_entry_holds_what_tells_whose_a_ticket_is(hall: Hall) -> None:
    made = hall.take("A", phone="19900000001", id_number=YOUNG)
    hall.sit()
    hall.do("finish", hall.serve())
    with kernel_writes():
        entries = list(LedgerEntry.objects.filter(stream=f"ticket:{made.pk}").order_by("seq"))
    assert [one.kind for one in entries] == ["ticket_taken", "ticket_called", "ticket_begun", "ticket_served"]
    words = b"".join(bytes(one.body) for one in entries)
    assert not [
        mark for mark in ("19900000001", YOUNG, made.holder, made.holder_key) if mark.encode() in words
    ]


def test_what_is_taken_in_keeps_its_ticket(hall: Hall) -> None:
    window = hall.window
    made = hall.take("", item=window.item.pk)
    window.later(minutes=7)
    hall.sit()
    hall.serve()
    window.later(minutes=5)
    taken = window.accepted()
    window.later(minutes=4)
    hall.do("finish", made)
    assert window.case(taken.case).facts["ticket"] == {"number": made.number, "waited": 7, "way": "kiosk"}
    assert [(fact.name, fact.value) for fact in ticket_facts(taken.case)] == [
        ("ticket", "B001 · 1 号窗口"), ("ticket_waited", "7 分钟"), ("ticket_served", "9 分钟"),
    ]  # fmt: skip
    other = window.accepted(id_number=YOUNG)
    assert (taken.ticket, other.ticket) == ("B001", "")
    assert "ticket" not in window.case(other.case).facts
    assert ticket_facts(other.case) == []


def test_a_service_without_an_application_has_its_one_evaluation(hall: Hall) -> None:
    window, since = hall.window, hall.window.now
    hall.sit()
    for phone in ("19900000001", "", "19900000003"):
        hall.take("A", phone=phone)
        hall.do("finish", hall.serve())
    hall.take("B")
    hall.serve()
    window.accepted()  # evaluated with its application, when that is done
    with kernel_writes():
        asked = list(Case.objects.filter(workflow="hall_service/1").order_by("pk"))
        told = Notice.objects.filter(template="service_done").values_list("case", "channel")
        assert sorted(told) == [(asked[0].pk, "sms"), (asked[2].pk, "sms")]
    assert [(one.state, one.progress["did"]) for one in asked] == [
        ("evaluating", {"take_in": [window.people["fang"]]})
    ] * 3
    good, silent, bad = (one.pk for one in asked)
    assert graded(window, good, "4") == "evaluated"
    hall.refused("state", lambda: graded(window, good, "1", "反悔了"))
    assert graded(window, bad, "1", "排了一小时,只说了一句话") == "complained"
    assert reviews_counted(since=since) == Reviews(
        asked=3, evaluated=2, satisfied=1, bad=1, mended=0, excluded=0, silent=0
    )
    hall.refused("not_permitted", lambda: window.move(bad, "contact", "fang", note="已打电话道歉"))
    assert window.move(bad, "contact", "shen", note="已打电话,问清了原因。").state == "verifying"
    window.later(days=8)
    applications_by_the_clock(now=window.now)
    assert window.case(silent).state == "unevaluated"
    assert reviews_counted(since=since).silent == 1
