"""Which limits hold a case: ordinary, urgent, danger to life; and what a ruling of the centre does to the unit's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.clocks.calendar import epoch, official_calendar
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rules import due_at
from bihuan.kernel.clocks.running import limit_read
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.policies.services import policy_set
from bihuan.packs.hotline.policies import POLICIES
from bihuan.packs.hotline.services import order_take

pytestmark = pytest.mark.django_db
LIMITS = {code: value for code, value, unit, _ in POLICIES if unit == "limit"}
GAS = {"text": "楼道里煤气泄漏了,快来人", "phone": "19900000001"}
REASON = "应由教育部门主办"
Act = Callable[..., None]


@pytest.fixture(autouse=True)
def everything(db: None) -> None:
    scope_apply(Scope(0, (), (), True))


@pytest.fixture
def u() -> dict[str, int]:
    return dict(Unit.objects.values_list("code", "id"))


@pytest.fixture
def act(now: datetime) -> Act:
    people = dict(Person.objects.values_list("username", "id"))

    def take(case: int, step: str, by: str, after: timedelta = timedelta(), **data: Any) -> None:
        case_move(case_id=case, step=step, by=people[by], now=now + after, data=data)

    return take


def clock(case: int, kind: str, basis: str = "promised") -> Clock:
    return Clock.objects.get(case_id=case, kind=kind, basis=basis)


def taken(now: datetime, **data: Any) -> int:
    return order_take(data={"text": "培训班不退费", "phone": "19900000001", **data}, by=0, now=now).case


@pytest.mark.parametrize("code", ["hotline.coordinate", "hotline.sign", "hotline.handle"])
def test_danger_ends_before_urgent_and_urgent_before_ordinary_at_any_hour(code: str, now: datetime) -> None:
    calendar = official_calendar()
    for hour in range(24 * 12):  # twelve days, nights and days off among them
        start = epoch(now) + hour * 3600
        order = ("urgent.danger", "urgent", "default")
        dues = [due_at(limit_read(LIMITS[code][key]), start, calendar).at for key in order]
        assert dues[0] < dues[1] < dues[2]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("kind", "key", "number", "unit"),
    [
        ("coordinate", "default", 2, "working_hour"), ("coordinate", "urgent", 30, "minute"),
        ("coordinate", "urgent.danger", 10, "minute"), ("sign", "default", 4, "working_hour"),
        ("sign", "urgent", 1, "urgent_hour"), ("sign", "urgent.danger", 15, "minute"),
        ("handle", "default", 5, "working_day"), ("handle", "urgent", 24, "urgent_hour"),
        ("handle", "urgent.danger", 2, "urgent_hour"),
    ],
)  # fmt: skip
def test_the_limits_are_policy(kind: str, key: str, number: int, unit: str) -> None:
    limit = limit_read(LIMITS[f"hotline.{kind}"][key])
    assert (limit.number, limit.unit, bool(limit.warnings)) == (number, unit, True)


def test_danger_at_the_coordination_desk_is_held_by_the_urgent_limit_at_night(now: datetime) -> None:
    night = now.replace(hour=23)
    case = taken(night, **GAS)
    row = Case.objects.get(pk=case)
    assert (row.state, row.urgent, row.facts["limit_key"]) == ("coordinating", True, "urgent.danger")
    assert clock(case, "coordinate").due_at == night + timedelta(minutes=10)
    assert row.due_at == night + timedelta(minutes=10)


def test_an_urgent_order_without_danger_goes_by_the_urgent_limit(now: datetime) -> None:
    case = taken(now, territory="古楼街道", urgent=True, matter="0101")
    assert Case.objects.get(pk=case).facts["limit_key"] == "urgent"
    assert clock(case, "sign").due_at == now + timedelta(hours=1)
    assert clock(case, "handle").due_at == now + timedelta(hours=24)


def test_danger_found_by_an_officer_hastens_what_runs(now: datetime, act: Act) -> None:
    case = taken(now, territory="古楼街道", matter="0101")
    later, statutory = timedelta(minutes=30), clock(case, "handle", "statutory").due_at
    act(case, "pass_on", "li", later, service="119")
    assert clock(case, "sign").due_at == now + later + timedelta(minutes=15)
    assert clock(case, "handle").due_at == now + later + timedelta(hours=2)
    assert clock(case, "handle", "statutory").due_at == statutory
    act(case, "pass_on", "li", timedelta(minutes=40), service="120")
    assert clock(case, "handle").due_at == now + later + timedelta(hours=2), "a second call wins no time"


def test_a_centre_that_sets_no_row_for_danger_goes_by_its_row_for_urgent(now: datetime) -> None:
    value = {
        "default": {"number": 2, "unit": "working_hour"},
        "urgent": {"number": 20, "unit": "minute"},
    }
    policy_set(
        code="hotline.coordinate", value=value, legal_basis="测试", valid_from=date(2020, 1, 1), now=now, by="system", region="371502"
    )  # fmt: skip
    assert clock(taken(now, **GAS), "coordinate").due_at == now + timedelta(minutes=20)


@pytest.fixture
def sent(now: datetime, u: dict[str, int], act: Act) -> int:
    """With the market bureau, not signed for."""
    case = taken(now)
    act(case, "assign", "tang", unit=u["371502_market"])
    return case


HOUR = timedelta(hours=1)
ASKS = [
    ("return", "wang", {"grounds": "duty", "reason": "不属于本单位职责"}),
    ("object", "chen", {"reason": REASON}),
]


def chief(u: dict[str, int]) -> str:
    return str(
        Person.objects.filter(
            grants__unit_id=u["371502_market"], grants__role__in=("section_chief", "bureau_head")
        ).values_list("username", flat=True)[0]
    )


@pytest.mark.parametrize(("step", "by", "data"), ASKS)
def test_signing_stands_still_while_the_centre_rules(
    now: datetime, u: dict[str, int], act: Act, sent: int, step: str, by: str, data: dict[str, Any]
) -> None:
    due, handle = clock(sent, "sign").due_at, clock(sent, "handle").due_at
    act(sent, step, chief(u) if step == "object" else by, HOUR / 2, **data)
    sign = clock(sent, "sign")
    assert (sign.paused_at, sign.due_at, sign.next_at) == (now + HOUR / 2, None, None)
    assert clock(sent, "handle").due_at == handle
    if step == "return":
        act(sent, "refuse_return", "tang", HOUR * 3 / 2, reason="由你单位办理")
    else:
        act(sent, "rule", "tang", HOUR * 3 / 2, unit=u["371502_market"], reason="由你单位办理")
    sign = clock(sent, "sign")
    assert (sign.paused_at, sign.due_at) == (None, due + HOUR)
    assert sign.started_at == now
    assert clock(sent, "handle").due_at == handle, "an objection that fails wins no time"


@pytest.mark.parametrize(("step", "by", "data"), ASKS)
def test_another_unit_signs_within_a_full_term(
    now: datetime, u: dict[str, int], act: Act, sent: int, step: str, by: str, data: dict[str, Any]
) -> None:
    promised = clock(sent, "handle").due_at
    act(sent, step, chief(u) if step == "object" else by, HOUR / 2, **data)
    after = timedelta(days=1)
    if step == "return":
        act(sent, "accept_return", "tang", after, unit=u["371502_education"])
    else:
        act(sent, "rule", "tang", after, unit=u["371502_education"], reason=REASON)
    sign, handle = clock(sent, "sign"), clock(sent, "handle")
    assert (sign.paused_at, sign.started_at, sign.level) == (None, now + after, 0)
    assert (handle.started_at, handle.due_at) == (now, promised), "the caller's promise is kept"
    assert Case.objects.get(pk=sent).unit_id == u["371502_education"]


def test_a_unit_that_had_signed_signs_again_within_a_full_term(now: datetime, act: Act, sent: int) -> None:
    act(sent, "sign_for", "wang", HOUR / 2)
    act(sent, "return", "wang", HOUR, grounds="duty", reason="不属于本单位职责")
    assert not Clock.objects.filter(case_id=sent, kind="sign", stopped_at=None).exists()
    act(sent, "refuse_return", "tang", 2 * HOUR, reason="由你单位办理")
    assert Clock.objects.get(case_id=sent, kind="sign", stopped_at=None).started_at == now + 2 * HOUR


def test_a_limit_without_pauses_runs_on_and_does_not_bar_the_return(
    now: datetime, u: dict[str, int], act: Act
) -> None:
    policy_set(
        code="hotline.sign", value={"default": {"number": 4, "unit": "working_hour", "pauses": False}},
        legal_basis="测试", valid_from=date(2020, 1, 1), now=now, by="system", region="371502",
    )  # fmt: skip
    case = taken(now)
    act(case, "assign", "tang", unit=u["371502_market"])
    due = clock(case, "sign").due_at
    act(case, "return", "wang", HOUR, grounds="duty", reason="不属于本单位职责")
    assert (Case.objects.get(pk=case).state, clock(case, "sign").due_at) == ("returned", due)
