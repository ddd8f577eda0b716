"""Office hours as a rule: seen before they count, kept by the clocks from a day on, never moving an end that is stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.clocks.calendar import epoch
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.clocks.rules import Limit, due_at
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from tests.administration.conftest import City, Log

pytestmark = pytest.mark.django_db
ADDRESS = "/administration/policies/of/office_hours/do/set"
FORM = {
    "morning_begin": "09:00", "morning_end": "12:00", "afternoon_begin": "13:00", "afternoon_end": "16:00",
    "valid_from": "2026-03-09", "valid_to": "", "region": "", "legal_basis": "聊城市办公时间的通知",
}  # fmt: skip


def signing(case: int) -> datetime:
    """When the unit must have signed for the case."""
    with kernel_writes():
        due = Clock.objects.get(case_id=case, kind="sign", basis="promised").due_at
    assert due is not None
    return due


def set_hours(city: City, **more: Any) -> None:
    given = {"value": ["09:00-12:00", "13:00-16:00"], "valid_from": date(2026, 3, 9), **more}
    policy_change(code="office_hours", legal_basis="通知", now=city.now, by=city.people["admin"], **given)


def test_hours_are_seen_before_they_count_and_the_clocks_keep_them(
    city: City, as_: Log, nothing_changed: Any
) -> None:
    early = city.dispatched().case
    due, admin, before = signing(early), as_("admin"), nothing_changed()
    assert admin.get(ADDRESS).context["form"]["valid_from"].initial == date(2026, 3, 3)  # tomorrow
    seen = admin.post(ADDRESS, FORM)
    assert nothing_changed() == before
    lines = seen.context["effect"].lines
    assert lines[0] == "2026-03-09 起每个工作日办公 6 小时:09:00-12:00、13:00-16:00;在那以前的日子按原来的。"
    assert lines[1] == "跨过那天、按办公时间算的时限有 0 个在走,已存的到期时间一个也不变。"
    table = seen.context["effect"].tables[0]
    assert table.title == "例:2026-03-09 受理的一件"
    assert ("签收时限 一般 09:00", "2026-03-09 15:00", "2026-03-09 14:00") in table.rows
    assert admin.post(ADDRESS, {**FORM, "confirm": seen.context["seal"]}).status_code == 302
    assert signing(early) == due
    city.now = datetime(2026, 3, 9, 15, tzinfo=city.now.tzinfo)
    late = city.dispatched().case
    assert signing(late) == datetime(2026, 3, 10, 14, tzinfo=city.now.tzinfo)  # dispatched at the new close


def test_an_end_that_is_stored_does_not_move_however_the_hours_change(city: City) -> None:
    city.now = datetime(
        2026, 3, 6, 15, 30, tzinfo=city.now.tzinfo
    )  # a Friday; dispatched an hour before the close
    case = city.dispatched().case
    due = signing(case)
    assert due == datetime(2026, 3, 9, 11, 30, tzinfo=city.now.tzinfo)
    set_hours(city)
    clocks_sweep(now=city.now + timedelta(hours=1))
    assert signing(case) == due


def test_hours_of_a_time_end_and_the_usual_ones_come_back(city: City) -> None:
    set_hours(city, value=["08:00-14:00"], valid_to=date(2026, 3, 16))
    calendar = rulebook().calendar
    days = [date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 13), date(2026, 3, 16)]
    opened = [
        due_at(
            Limit(1, "working_hour"),
            epoch(datetime(d.year, d.month, d.day, tzinfo=city.now.tzinfo)),
            calendar,
        ).when
        for d in days
    ]
    assert [at and f"{at:%d %H:%M}" for at in opened] == ["06 09:30", "09 09:00", "13 09:00", "16 09:30"]
    set_hours(city, region="44", valid_from=date(2026, 3, 10))
    assert rulebook().calendar == calendar  # another province's


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"valid_from": date(2026, 3, 2)}, "办公时间只能从明天或以后起改"),
        ({"value": []}, "应写明一至四段时间"),
        ({"value": ["09:00-25:00"]}, "应写明一至四段时间"),
        ({"value": "09:00-12:00"}, "应写明一至四段时间"),
        ({"value": ["13:00-16:00", "09:00-12:00"]}, "先后有序"),
        ({"value": ["09:00-12:00", "11:00-16:00"]}, "先后有序"),
        ({"value": ["12:00-09:00"]}, "先后有序"),
    ],
)
def test_hours_that_make_no_sense_are_refused(
    city: City, nothing_changed: Any, wrong: dict[str, Any], words: str
) -> None:
    before = nothing_changed()
    with pytest.raises(Refusal, match=words) as refused:
        set_hours(city, **wrong)
    assert refused.value.rule == "office_hours"
    assert nothing_changed() == before


def test_a_form_with_half_an_afternoon_is_refused(as_: Log, nothing_changed: Any) -> None:
    before = nothing_changed()
    answer = as_("admin").post(ADDRESS, {**FORM, "afternoon_end": ""})
    assert answer.status_code == 422
    assert "应写明一至四段时间" in answer.content.decode()
    assert 'value="09:00"' in answer.content.decode()
    assert nothing_changed() == before
    through = as_("admin").post(
        ADDRESS, {**FORM, "morning_end": "15:00", "afternoon_begin": "", "afternoon_end": ""}
    )
    assert "09:00-15:00" in through.context["effect"].lines[0]
