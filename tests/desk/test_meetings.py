"""Meetings: drawn from live cases, decided into cases with an owner and a date, closed with minutes that nobody changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.meetings.models import Decision, Invited, Item, Meeting
from bihuan.kernel.notices.models import Notice
from tests.desk.conftest import City

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(0, (), (), True)
MARKET = "东昌府区市场监督管理局 · 371502_market"
EDUCATION = "东昌府区教育和体育局 · 371502_education"
PLAN = {
    "kind": "dispatch",
    "subject": "预付卡退费调度会",
    "at": "2026-03-12T09:00",
    "place": "中心三楼",
    "key": "k1",
}
DECIDE = {
    "text": "市场监管局一周内清理预付卡积案",
    "unit": MARKET,
    "due": "2026-03-20",
    "kind": "decision",
    "number": "1",
}


def _planned(city: City, as_: Callable[..., Client], **more: Any) -> Meeting:
    late = city.dispatched(title="拖了很久的退费")
    city.move(late.case, "sign_for", "wang")
    disputed = city.dispatched(title="职责不清")
    city.move(disputed.case, "object", "sun", reason="不属于本单位职责")
    answer = as_("tang", after=24 * 9).post("/meetings/new", {**PLAN, **more})
    assert answer.status_code == 302, answer.content.decode()
    scope_apply(EVERYTHING)
    return Meeting.objects.get()


def _held(city: City, as_: Callable[..., Client]) -> Meeting:
    meeting = _planned(city, as_)
    market = city.units["371502_market"]
    answer = as_("tang", after=24 * 10).post(
        f"/meetings/{meeting.pk}/hold", {f"there-{market}": "on", f"who-{market}": "孙国强"}
    )
    assert answer.status_code == 302
    scope_apply(EVERYTHING)
    return meeting


def _entries() -> list[str]:
    scope_apply(EVERYTHING)
    with kernel_writes():
        return list(
            LedgerEntry.objects.filter(stream="meeting").order_by("seq").values_list("kind", flat=True)
        )


def test_the_agenda_is_drawn_from_live_cases(city: City, as_: Callable[..., Client]) -> None:
    meeting = _planned(city, as_, units=[EDUCATION])
    market = city.units["371502_market"]
    drawn = [
        (i.source, i.unit_id, i.figures) for i in Item.objects.filter(meeting=meeting).order_by("position")
    ]
    assert drawn[0] == ("troubled", market, {"late": 2, "redone": 0, "returned": 0})
    assert drawn[1][0] == "disputed" and drawn[1][2]["objections"] == 1
    assert [source for source, *_ in drawn[2:]] == ["overdue", "overdue"]
    invited = set(Invited.objects.filter(meeting=meeting).values_list("unit", flat=True))
    assert invited == {market, city.units["371502_education"]}
    told = Notice.objects.filter(template="meeting_called").values_list("unit", flat=True)
    assert set(told) == invited and len(told) == 2
    assert _entries() == ["planned", "agenda_drawn"]


def test_the_same_form_twice_is_one_meeting(city: City, as_: Callable[..., Client]) -> None:
    meeting = _planned(city, as_)
    again = as_("tang", after=24 * 9).post("/meetings/new", PLAN)
    assert again["Location"] == f"/meetings/{meeting.pk}"
    scope_apply(EVERYTHING)
    assert Meeting.objects.count() == 1
    assert _entries() == ["planned", "agenda_drawn"]


def test_a_decision_becomes_a_case_and_the_next_meeting_opens_with_it(
    city: City, as_: Callable[..., Client]
) -> None:
    meeting = _held(city, as_)
    item = Item.objects.filter(meeting=meeting, source="disputed").get()
    tang = as_("tang", after=24 * 10)
    for _ in range(2):  # a double click
        assert (
            tang.post(f"/meetings/{meeting.pk}/decide", {**DECIDE, "item": str(item.pk)}).status_code == 302
        )
    scope_apply(EVERYTHING)
    decision = Decision.objects.get()
    case = Case.objects.get(pk=decision.case_id)
    assert (case.pack, case.state, case.matter) == ("supervision", "given", "decision")
    assert (case.unit_id, case.origin_id, case.title) == (
        city.units["371502_market"], item.case_id, "市场监管局一周内清理预付卡积案",
    )  # fmt: skip
    assert tang.post(f"/meetings/{meeting.pk}/close", {"words": "会议要求一周一报。"}).status_code == 302
    assert _entries() == ["planned", "agenda_drawn", "held", "decided", "closed"]
    later = as_("tang", after=24 * 11).post(
        "/meetings/new", {**PLAN, "at": "2026-03-19T09:00", "key": "k2", "subject": "第二次调度会"}
    )
    page = as_("tang", after=24 * 11).get(later["Location"]).content.decode()
    assert page.index("上次会议议定") < page.index("问题较多的单位")
    assert "市场监管局一周内清理预付卡积案" in page


def test_the_minutes_are_a_pdf_and_nothing_changes_once_they_are(
    city: City, as_: Callable[..., Client]
) -> None:
    meeting = _held(city, as_)
    tang = as_("tang", after=24 * 10)
    tang.post(f"/meetings/{meeting.pk}/decide", DECIDE)
    tang.post(f"/meetings/{meeting.pk}/close", {"words": "一周一报。"})
    pdf = tang.get(f"/meetings/{meeting.pk}/minutes.pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    before = _entries()
    for act, typed in (
        ("decide", {**DECIDE, "number": "2"}), ("close", {"words": "改"}), ("hold", {}), ("redraw", {}),
        ("item", {"title": "再加一项"}),
    ):  # fmt: skip
        answer = tang.post(f"/meetings/{meeting.pk}/{act}", typed)
        assert answer.status_code == 422, act
        assert "会议已成纪要,不能再改。" in answer.content.decode()
    assert _entries() == before
    scope_apply(EVERYTHING)
    assert Decision.objects.count() == 1 and Meeting.objects.get().words == "一周一报。"


def test_a_unit_sees_its_own_points_and_no_other(city: City, as_: Callable[..., Client]) -> None:
    with (
        kernel_writes(),
        connection.cursor() as cursor,
    ):  # no id of an invitation is by chance that of its meeting
        cursor.execute(
            "select nextval(pg_get_serial_sequence('meetings_invited', 'id')) from generate_series(1, 50)"
        )
    meeting = _planned(city, as_, units=[EDUCATION])
    sun = as_("sun", after=24 * 9).get(f"/meetings/{meeting.pk}").content.decode()
    assert "预付卡退费调度会" in sun and "职责不清" in sun
    assert "东昌府区教育和体育局" not in sun
    assert "议定并交办" not in sun
    for person in ("qian", "audit", "li"):
        answer = as_(person, after=24 * 9).get(f"/meetings/{meeting.pk}")
        assert answer.status_code == (200 if person == "li" else 404), person
    for person in ("sun", "qian", "li"):
        assert as_(person, after=24 * 9).get("/meetings/new").status_code == 403
        answer = as_(person, after=24 * 9).post(f"/meetings/{meeting.pk}/hold", {})
        assert answer.status_code in (403, 404)
    assert _entries() == ["planned", "agenda_drawn"]


@pytest.mark.parametrize(
    ("act", "typed", "words"),
    [
        ("decide", {**DECIDE, "due": "2026-03-01"}, "不能早于"),
        ("decide", {**DECIDE, "text": ""}, "请填写“议定事项”。"),
        ("decide", {**DECIDE, "unit": "月球"}, "月球"),
        ("decide", {**DECIDE, "unit": "东昌府区 · 371502"}, "只能交给承办单位"),
        ("decide", {**DECIDE, "kind": "other"}, "“怎样办”只能是"),
        ("item", {"title": "加", "case": ""}, "另加一项"),
        ("item", {"title": "另议一件", "case": "RX-没有"}, "没有这个编号的件"),
        ("hold", {"who-MARKET": "长" * 61}, "60"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(
    city: City, as_: Callable[..., Client], act: str, typed: dict[str, str], words: str
) -> None:
    meeting = _held(city, as_)
    before = _entries()
    market = str(city.units["371502_market"])
    typed = {name.replace("MARKET", market): value for name, value in typed.items()}
    answer = as_("tang", after=24 * 10).post(f"/meetings/{meeting.pk}/{act}", typed)
    assert answer.status_code in (403, 422)
    assert words in answer.content.decode()
    assert _entries() == before
    scope_apply(EVERYTHING)
    assert not Decision.objects.exists() and not Case.objects.filter(pack="supervision").exists()


def test_a_meeting_in_the_past_is_not_planned(city: City, as_: Callable[..., Client]) -> None:
    answer = as_("tang", after=24 * 20).post("/meetings/new", PLAN)
    assert answer.status_code == 422 and "会议时间要在现在以后。" in answer.content.decode()
    scope_apply(EVERYTHING)
    assert not Meeting.objects.exists() and _entries() == []


def test_an_empty_city_has_an_empty_agenda(city: City, as_: Callable[..., Client]) -> None:
    answer = as_("tang").post("/meetings/new", PLAN)
    page = as_("tang").get(answer["Location"]).content.decode()
    assert "没有在办的件要上会。" in page
    assert "还没有会议。" not in as_("tang").get("/meetings").content.decode()
