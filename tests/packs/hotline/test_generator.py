"""The generated orders: same in, same out; counts, proportions, seasons and fates as they are declared."""

from __future__ import annotations

import itertools
import string
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from bihuan.packs.hotline.demonstration.generator import (
    Channel,
    Fate,
    GeneratedOrder,
    OrderType,
    calls,
    orders,
)
from bihuan.packs.hotline.demonstration.phrases import PHRASES
from bihuan.packs.hotline.demonstration.places import HOT_SPOT, RUN_BY_DISTRICT, RUN_BY_ZONES
from bihuan.packs.hotline.directory.leading import ROW_BY_MATTER, DispatchLevel
from bihuan.packs.hotline.directory.matters import MATTER_BY_CODE
from bihuan.site.city.units import DISTRICT_CODE, Kind, runner_of, units, units_by_code

YEAR = {"start": date(2021, 1, 1), "end": date(2021, 12, 31)}
SEAT = {Fate.ANSWERED_AT_SEAT, Fate.DECLINED, Fate.PASSED_ON}


@pytest.fixture(scope="module")
def year() -> list[GeneratedOrder]:
    return list(orders(count=151_404, seed=1, **YEAR))


def share(orders: list[GeneratedOrder], wanted) -> float:
    return sum(1 for order in orders if wanted(order)) / len(orders)


def test_same_seed_same_orders_and_another_seed_others() -> None:
    first = list(orders(count=500, seed=7, **YEAR))
    assert first == list(orders(count=500, seed=7, **YEAR))
    assert [o.text for o in first] != [o.text for o in orders(count=500, seed=8, **YEAR)]


def test_it_streams() -> None:
    stream = orders(count=1_000_000, seed=1, **YEAR)
    assert iter(stream) is stream
    ids = [order.external_id for order in itertools.islice(stream, 2)]
    assert ids == ["DC2021010100001", "DC2021010100002"]


@pytest.mark.parametrize("count", [0, 1, 2, 365, 2_000])
def test_count_is_exact(count: int) -> None:
    assert sum(1 for _ in orders(count=count, seed=3, **YEAR)) == count
    assert sum(1 for _ in calls(count=count, seed=3, **YEAR)) == count


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": -1},
        {"start": date(2022, 1, 1)},
        {"beyond": -0.1},
        {"beyond": 1.1},
    ],
)
def test_wrong_values_are_refused_at_once(wrong: dict) -> None:
    with pytest.raises(ValueError, match="must|between"):
        orders(**({"count": 1, "seed": 1} | YEAR | wrong))


def test_a_year_of_151_404(year) -> None:
    assert len(year) == 151_404
    assert len({order.external_id for order in year}) == 151_404
    assert all(a.reported_at <= b.reported_at for a, b in itertools.pairwise(year))
    assert {order.reported_at.utcoffset() for order in year} == {timedelta(hours=8)}
    assert year[0].reported_at.date() == YEAR["start"]
    assert year[-1].reported_at.date() == YEAR["end"]
    days = Counter(order.reported_at.date() for order in year)
    assert len(days) == 365
    assert 150 < min(days.values()) < 415 < max(days.values()) < 700


def test_city_in_general_is_29_29_percent_and_the_largest(year) -> None:
    classes = Counter(MATTER_BY_CODE[order.matter].class_code for order in year)
    assert classes.most_common(1)[0][0] == "01"
    assert classes["01"] / len(year) == pytest.approx(0.2929, abs=0.004)  # 3.4 standard deviations
    assert len(classes) == 12


def test_types_and_channels(year) -> None:
    types = {kind: share(year, lambda o, kind=kind: o.type is kind) for kind in OrderType}
    assert types[OrderType.HELP] == pytest.approx(0.8707, abs=0.004)
    assert types[OrderType.COMPLAINT] == pytest.approx(0.0788, abs=0.003)
    assert types[OrderType.REPORT] == pytest.approx(0.0139, abs=0.0015)
    assert types[OrderType.ENQUIRY] == pytest.approx(0.0258, abs=0.002)
    assert types[OrderType.SUGGESTION] == pytest.approx(0.0072, abs=0.001)
    assert min(types.values()) > 0
    assert share(year, lambda o: o.channel is Channel.TELEPHONE) == pytest.approx(0.9535, abs=0.003)
    assert {order.channel for order in year} == set(Channel)


def test_only_matters_and_places_of_the_district(year) -> None:
    assert {order.township for order in year} == set(RUN_BY_DISTRICT)
    levels = {ROW_BY_MATTER[code].level for code in {order.matter for order in year}}
    assert levels == {DispatchLevel.COUNTY, DispatchLevel.TOWNSHIP}
    wanted = {
        code for code, row in ROW_BY_MATTER.items() if row.level is not DispatchLevel.CITY
    }  # fmt: skip
    assert {order.matter for order in year} == wanted


def test_townships_agree_with_the_city() -> None:
    coded = {u.code: u.name for u in units() if u.kind is Kind.TOWNSHIP and u.parent == DISTRICT_CODE}
    own = {code: name for code, name in coded.items() if runner_of(code) == DISTRICT_CODE}
    assert {code: name for code, (name, _) in RUN_BY_DISTRICT.items()} == own
    assert {code: name for code, (name, _) in (RUN_BY_DISTRICT | RUN_BY_ZONES).items()} == coded


def test_beyond_the_district() -> None:
    some = list(orders(count=4_000, seed=5, beyond=0.25, **YEAR))
    assert share(some, lambda o: o.township in RUN_BY_ZONES) == pytest.approx(0.25, abs=0.03)
    city_led = [o for o in some if ROW_BY_MATTER[o.matter].level is DispatchLevel.CITY]
    assert len(city_led) > 10
    assert {o.township for o in city_led} <= set(RUN_BY_ZONES)


def test_seasons(year) -> None:
    water = Counter(o.reported_at.month for o in year if o.matter == "0101")
    heat = Counter(o.reported_at.month for o in year if o.matter == "0303")
    assert water[7] > 8 * water[1]
    assert water[8] > 8 * water[12]
    assert heat[12] > 50 * max(1, heat[7])
    assert heat[1] > 50 * max(1, heat[8])
    spot = [o for o in year if (o.township, o.place) == HOT_SPOT]
    assert len(spot) > 100
    assert {o.reported_at.month for o in spot} <= {6, 7, 8, 9}


def test_hours_and_weekdays(year) -> None:
    hours = Counter(order.reported_at.hour for order in year)
    assert hours[9] > 20 * hours[3]
    weekdays = Counter(order.reported_at.weekday() for order in year)
    assert weekdays[0] > 1.3 * weekdays[6]


def test_every_fate_of_a_dispatched_order_occurs(year) -> None:
    assert {order.fate for order in year} == set(Fate) - SEAT
    closed_fates = {Fate.CLOSED_SATISFIED, Fate.CLOSED_AFTER_REDO, Fate.CLOSED_EXPLAINED}
    open_fates = {
        Fate.AWAITING_SIGN, Fate.AT_DESK, Fate.OPEN_AT_UNIT, Fate.PAUSED, Fate.AWAITING_REVIEW,
        Fate.AWAITING_CALL_BACK, Fate.IN_REDO,
    }  # fmt: skip
    assert all(order.closed for order in year if order.fate in closed_fates)
    assert not any(order.closed for order in year if order.fate in open_fates)


def test_old_orders_are_closed_and_new_ones_open(year) -> None:
    open_at = Counter(order.reported_at.month for order in year if not order.closed)
    assert open_at[12] > 0.75 * sum(open_at.values())
    assert 1_200 < sum(open_at.values()) < 3_500
    last = [order for order in year if order.reported_at.date() == YEAR["end"]]
    assert share(last, lambda o: not o.closed) > 0.85
    assert share(year, lambda o: o.fate is Fate.CLOSED_SATISFIED) == pytest.approx(0.78, abs=0.03)


def test_two_thousand_in_a_month_stand_everywhere() -> None:
    month = list(orders(count=2_000, seed=1, start=date(2021, 12, 2), end=date(2021, 12, 31)))
    assert {order.fate for order in month} == set(Fate) - SEAT
    assert 150 < sum(not order.closed for order in month) < 450
    assert any(order.accused for order in month)
    assert any(order.confidential for order in month)


def test_repeats_are_others_calling_about_the_same(year) -> None:
    by_id = {order.external_id: order for order in year}
    repeats = [order for order in year if order.repeat_of is not None]
    assert len(repeats) / len(year) == pytest.approx(0.042, abs=0.004)
    for order in repeats:
        first = by_id[order.repeat_of]
        assert (first.matter, first.place, first.repeat_of) == (order.matter, order.place, None)
        assert first.reported_at <= order.reported_at
        assert first.phone != order.phone
    merged = [order for order in year if order.fate is Fate.MERGED]
    assert all(order.closed == by_id[order.repeat_of or ""].closed for order in merged)


def test_people_are_fictitious_and_reports_mostly_confidential(year) -> None:
    assert all(o.phone.startswith("1990000") and len(o.phone) == 11 and o.phone.isdigit() for o in year)
    assert all(2 <= len(order.reporter) <= 4 for order in year)
    reports = [order for order in year if order.type is OrderType.REPORT]
    assert share(reports, lambda o: o.confidential) == pytest.approx(0.7, abs=0.04)
    assert all(MATTER_BY_CODE[order.matter].wrongdoing for order in reports)
    others = [o for o in year if o.type not in (OrderType.REPORT, OrderType.COMPLAINT)]
    assert not any(order.confidential for order in others)


def test_the_accused_is_a_unit_that_does_not_lead(year) -> None:
    accused = [order for order in year if order.accused]
    assert {order.matter for order in accused} == {"1210"}
    assert all(order.accused for order in year if order.matter == "1210")
    assert len(accused) > 100
    for slug in {order.accused for order in accused}:
        assert f"{DISTRICT_CODE}_{slug}" in units_by_code()
        assert slug != ROW_BY_MATTER["1210"].lead


def test_emergencies_wait_for_nobody(year) -> None:
    emergencies = [order for order in year if MATTER_BY_CODE[order.matter].emergency]
    assert {order.matter for order in emergencies} == {"0305"}
    assert {order.type for order in emergencies} == {OrderType.HELP}
    assert {order.fate for order in emergencies} <= {Fate.CLOSED_SATISFIED, Fate.OPEN_AT_UNIT, Fate.MERGED}


def test_texts_are_filled_in_and_varied(year) -> None:
    assert not any(set(order.title + order.text) & set("{},!?") for order in year)
    assert len({order.text for order in year}) > 0.98 * len(year)
    assert all(4 <= len(order.title) <= 60 and 10 <= len(order.text) <= 200 for order in year)
    said = [o for o in year if o.type not in (OrderType.INVALID,)]
    assert all(order.place in order.text for order in said)
    assert all(order.place.startswith(units_by_code()[order.township].name) for order in year)


@pytest.mark.parametrize("code", sorted(MATTER_BY_CODE))
def test_every_matter_has_at_least_12_patterns_of_its_own(code: str) -> None:
    phrases = PHRASES[code]
    assert len(phrases.statements) * len(phrases.details) * len(phrases.demands) >= 12
    for part in (phrases.statements, phrases.details, phrases.demands):
        assert len(set(part)) == len(part)
    fields = {name for text in phrases.statements for _, name, _, _ in string.Formatter().parse(text) if name}
    assert fields == ({"p", "a"} if code == "1210" else {"p"})


def test_calls_end_at_the_seat() -> None:
    some = list(calls(count=10_000, seed=2, **YEAR))
    assert len({call.external_id for call in some}) == 10_000
    assert {call.fate for call in some} == SEAT
    assert all(call.closed for call in some)
    assert share(some, lambda c: c.fate is Fate.DECLINED) == pytest.approx(0.02, abs=0.006)
    assert all(MATTER_BY_CODE[c.matter].route for c in some if c.fate is Fate.DECLINED)
    assert all(MATTER_BY_CODE[c.matter].emergency for c in some if c.fate is Fate.PASSED_ON)
    answered = [c for c in some if c.fate is Fate.ANSWERED_AT_SEAT]
    assert share(answered, lambda c: c.type is OrderType.ENQUIRY) == pytest.approx(0.6413, abs=0.02)
    order_ids = {o.external_id for o in orders(count=10_000, seed=2, **YEAR)}
    assert order_ids.isdisjoint(call.external_id for call in some)


def test_a_single_day() -> None:
    day = date(2021, 7, 20)
    some = list(orders(count=50, seed=1, start=day, end=day))
    assert {order.reported_at.date() for order in some} == {day}
    assert isinstance(some[0].reported_at, datetime)
