"""Scoring is a pure function of the ledger up to a closing time, with denominators, and its ranking is exact."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Grant, Person, Unit
from bihuan.kernel.identity.scope import Scope, day_of, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.scoring.decisions import decision_take, exclusion_ask, naming_ask, naming_withdraw
from bihuan.kernel.scoring.keeping import scores_keep, scores_recompute
from bihuan.kernel.scoring.models import Account, Daily, Decision, Item, Month
from bihuan.kernel.scoring.months import bottom_units, month_close, months_close
from bihuan.kernel.scoring.ranking import Card, Count, counts_sum
from bihuan.kernel.scoring.selectors import Span, card_in_force, counted, month_span, orders_behind
from bihuan.lib.refusals import Conflict, NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, FieldError
from tests.desk.conftest import City, city  # noqa: F401

EVERYTHING = Scope(0, (), (), True)


def march(closed: datetime) -> Span:
    return month_span(date(2026, 3, 1), closed=closed)


@pytest.mark.django_db
def test_what_is_kept_is_what_the_ledger_says_and_recomputing_changes_nothing(city: City) -> None:
    for _ in range(3):
        city.closed()
    later = city.now + timedelta(days=1)
    assert [scores_keep(now=later) for _ in range(2)] == [3, 0]
    scope_apply(EVERYTHING)
    market = str(city.units["371502_market"])
    counts = counted(pack="hotline", span=march(later))[market]
    assert counts == {
        "on_time": Count(3, 0), "signing": Count(3, 0), "returned": Count(3, 0), "redone": Count(3, 0),
        "satisfaction": Count(3, 0), "response": Count(0, 3), "resolution": Count(0, 3), "understanding": Count(0, 3),
    }  # fmt: skip
    given = {"pack": "hotline", "since": march(later).since, "now": later}
    assert _sums_kept() == _sums_counted() != set()
    first = scores_recompute(**given, until=later)
    assert (first.items, first.changed) == (24, 0)
    earlier = scores_recompute(**given, until=city.now + timedelta(hours=2, minutes=30))
    assert (earlier.items, earlier.changed) == (3, 0)  # signed for; nothing was answered yet
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("update scoring_item set outcome = 'bad' where measure = 'on_time'")
        cursor.execute("delete from scoring_item where measure = 'redone'")
    assert counted(pack="hotline", span=march(later))[market] == {
        **{measure: count for measure, count in counts.items() if measure != "redone"},
        "on_time": Count(0, 3),
    }
    assert _sums_kept() == _sums_counted()
    mended = scores_recompute(**given, until=later)
    assert (mended.missing, mended.surplus, mended.digest) == (6, 3, first.digest)
    assert scores_recompute(**given, until=later).changed == 0
    assert counted(pack="hotline", span=march(later))[market] == counts
    assert _sums_kept() == _sums_counted()


def _sums_kept() -> set[tuple[Any, ...]]:
    """Every day's sums that are not nothing."""
    with kernel_writes():
        return {
            row
            for row in Daily.objects.values_list("pack", "day", "unit", "measure", "good", "bad", "out")
            if any(row[4:])
        }


def _sums_counted() -> set[tuple[Any, ...]]:
    """The same, counted from the items."""
    found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    with kernel_writes():
        for item in Item.objects.all():
            found[item.pack, day_of(item.at), item.unit_id, item.measure][item.outcome] += 1
    return {(*key, count["good"], count["bad"], count["out"]) for key, count in found.items()}


@pytest.mark.django_db
def test_a_span_that_ends_within_a_day_counts_up_to_that_moment(city: City) -> None:
    city.closed()
    later = city.now + timedelta(days=1)
    scores_keep(now=later)
    scope_apply(EVERYTHING)
    market, month = str(city.units["371502_market"]), march(later)

    def measures(until: datetime) -> set[str]:
        return set(counted(pack="hotline", span=Span(month.since, until, later)).get(market, {}))

    assert measures(city.now) == set()
    assert measures(city.now + timedelta(hours=2)) == {"signing"}
    assert measures(city.now + timedelta(hours=3, minutes=30)) == {"signing", "returned", "on_time"}
    assert measures(later) == measures(month.until) and len(measures(later)) == 8


@pytest.mark.django_db
def test_counts_by_class_matter_and_place_add_up_and_lead_to_their_orders(city: City) -> None:
    for matter in ("consumer_refund", "consumer_refund", "road"):
        city.closed(matter=matter)
    later = city.now + timedelta(days=1)
    scores_keep(now=later)
    scope_apply(EVERYTHING)
    span = march(later)
    whole = counts_sum(counted(pack="hotline", span=span).values())
    for by in ("kind", "matter", "place"):
        assert counts_sum(counted(pack="hotline", span=span, by=by).values()) == whole
    assert counted(pack="hotline", span=span, by="matter")["consumer_refund"]["on_time"] == Count(2, 0)
    unit = city.units["371502_market"]
    behind = orders_behind(pack="hotline", span=span, unit=unit, measure="on_time", outcome="good")
    assert len(behind) == 3 and {one["number"] for one in behind} == set(
        Case.objects.values_list("number", flat=True)
    )
    assert orders_behind(pack="hotline", span=span, unit=unit, measure="on_time", outcome="bad") == []


def _second_supervisor(city: City) -> int:
    with kernel_writes():
        person = Person.objects.create(username="tao", name="陶敏")
        Grant.objects.create(person=person, unit_id=city.units["371502_12345"], role="supervisor")
    return person.pk


@pytest.mark.django_db
def test_an_order_is_left_out_only_when_another_person_agrees(city: City) -> None:
    order, later = city.closed(), city.now + timedelta(days=1)
    scores_keep(now=later)
    scope_apply(EVERYTHING)
    asked = {"number": order.number, "category": "litigation", "words": "已由法院立案,见传票"}
    with pytest.raises(NotPermitted):
        exclusion_ask(**asked, by=city.people["wang"], now=later)
    with pytest.raises(FieldError, match="请选择剔除的情形"):
        exclusion_ask(**{**asked, "category": "because"}, by=city.people["sun"], now=later)
    row = exclusion_ask(**asked, by=city.people["tang"], now=later)
    with pytest.raises(Refusal, match="已经申请剔除"):
        exclusion_ask(**asked, by=city.people["sun"], now=later)
    with pytest.raises(NotPermitted, match="不能自己批准"):
        decision_take(decision=row.pk, granted=True, remark="", by=city.people["tang"], now=later)
    with pytest.raises(NotPermitted):
        decision_take(decision=row.pk, granted=True, remark="", by=city.people["sun"], now=later)
    market = str(city.units["371502_market"])
    assert counted(pack="hotline", span=march(later))[market]["on_time"] == Count(1, 0, 0)
    second = _second_supervisor(city)
    decision_take(decision=row.pk, granted=True, remark="", by=second, now=later)
    with pytest.raises(Conflict):
        decision_take(decision=row.pk, granted=False, remark="再想想看", by=second, now=later)
    after = later + timedelta(minutes=1)
    assert counted(pack="hotline", span=march(after))[market]["on_time"] == Count(0, 0, 1)
    assert counted(pack="hotline", span=march(later))[market]["on_time"] == Count(1, 0, 0)  # as it stood then
    with kernel_writes():
        kinds = list(
            LedgerEntry.objects.filter(stream="score").order_by("seq").values_list("kind", flat=True)
        )
    assert kinds[-2:] == ["exclusion_asked", "exclusion_granted"]
    assert ledger_verify().faults == ()


@pytest.mark.django_db
def test_nobody_is_named_publicly_by_one_person_alone(city: City) -> None:
    given = {
        "pack": "hotline", "unit": city.units["371502_market"], "category": "shirking", "words": "三次推诿,经核实无正当理由",
        "now": city.now,
    }  # fmt: skip
    scope_apply(EVERYTHING)
    with pytest.raises(NotPermitted):
        naming_ask(**given, by=city.people["sun"])
    row = naming_ask(**given, by=city.people["tang"])
    assert (row.granted, Decision.objects.count()) == (None, 1)
    second = _second_supervisor(city)
    decision_take(decision=row.pk, granted=True, remark="", by=second, now=city.now)
    naming_withdraw(decision=row.pk, by=second, now=city.now + timedelta(days=9))
    row.refresh_from_db()
    assert (row.granted, row.withdrawn_at) == (True, city.now + timedelta(days=9))


def _month(month: date, bad: dict[int, int], units: list[int]) -> None:
    """On-time items of a month: every unit 20 orders, so many late."""
    at = datetime(month.year, month.month, 10, 9, 0, tzinfo=SHANGHAI)
    with kernel_writes():
        Item.objects.bulk_create(
            Item(
                seq=1_000_000 + month.month * 100_000 + unit * 100 + n, pack="hotline", measure="on_time", unit_id=unit, at=at,
                outcome="bad" if n < bad.get(unit, 0) else "good",
            )
            for unit in units
            for n in range(20)
        )  # fmt: skip


@pytest.mark.django_db
def test_the_last_three_two_months_running_are_called_to_account_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any, now: datetime
) -> None:
    settings.SUPERVISION_PACK = ""
    units = list(Unit.objects.filter(kind="department").order_by("pk").values_list("pk", flat=True)[:6])
    first, second, third = units[:3]
    card = Card("日考核", "试行", {"on_time": 100}, least=0, months=2, bottom=3)
    _month(date(2026, 1, 1), {first: 9, second: 8, third: 7}, units)
    _month(date(2026, 2, 1), {first: 9, second: 8, units[4]: 7}, units)
    scope_apply(EVERYTHING)
    january = month_close(
        pack="hotline", month=date(2026, 1, 1), card=card, now=datetime(2026, 2, 4, 7, tzinfo=SHANGHAI)
    )
    assert january and bottom_units(january.ranked) == {
        "townships": set(),
        "departments": {first, second, third},
    }
    assert Account.objects.count() == 0
    for _ in range(2):
        month_close(pack="hotline", month=date(2026, 2, 1), card=card, now=now)
    scope_apply(EVERYTHING)
    called = list(Account.objects.order_by("unit_id"))
    assert [row.unit_id for row in called] == sorted((first, second))
    assert called[0].key == f"bottom:hotline:departments:{called[0].unit_id}:2026-02"
    assert called[0].matter == "accountability" and "连续2个月(2026-01、2026-02)在后3名" in called[0].reason
    assert [one["month"] for one in called[0].facts["months"]] == ["2026-01", "2026-02"]
    assert Month.objects.count() == 2
    assert ledger_verify().faults == ()


@pytest.mark.django_db
def test_months_that_a_call_told_of_are_not_counted_twice(settings: Any, now: datetime) -> None:
    """With nothing open to join, a third month alone is no new run; the fourth makes one."""
    settings.SUPERVISION_PACK = ""
    units = list(Unit.objects.filter(kind="department").order_by("pk").values_list("pk", flat=True)[:6])
    card = Card("日考核", "试行", {"on_time": 100}, least=0, months=2, bottom=3)
    scope_apply(EVERYTHING)
    found = []
    for number in range(1, 6):
        _month(
            date(2026, number, 1), {units[0]: 9, units[number % 2 + 1]: 8, units[number % 2 + 3]: 7}, units
        )
        at = datetime(2026, number + 1, 4, 7, tzinfo=SHANGHAI)
        month_close(pack="hotline", month=date(2026, number, 1), card=card, now=at)
        scope_apply(EVERYTHING)
        found.append(Account.objects.count())
    assert found == [0, 1, 1, 2, 2]
    told = Account.objects.filter(unit=units[0]).order_by("pk")
    assert [[one["month"] for one in row.facts["months"]] for row in told] == [
        ["2026-01", "2026-02"],
        ["2026-03", "2026-04"],
    ]


@pytest.mark.django_db
def test_a_month_is_closed_by_the_clock_after_the_days_of_the_card(city: City) -> None:
    city.closed()
    for day in (1, 3):
        assert months_close(now=datetime(2026, 4, day, 6, 30, tzinfo=SHANGHAI)) == []
    (month,) = months_close(now=datetime(2026, 4, 4, 6, 30, tzinfo=SHANGHAI))
    assert months_close(now=datetime(2026, 4, 5, 6, 30, tzinfo=SHANGHAI)) == []
    assert (month.month, month.ranked["card"]["version"]) == (date(2026, 3, 1), "试行")
    (row,) = month.ranked["lists"]["departments"]
    assert (row["unit"], row["orders"], row["place"]) == (city.units["371502_market"], 1, None)


@pytest.mark.django_db
def test_the_command_prints_the_same_digest_again(city: City) -> None:
    city.closed()
    scores_keep(now=city.now + timedelta(days=1))

    def run() -> dict[str, Any]:
        out = StringIO()
        call_command("score", "recompute", "--until", "2026-03-03", stdout=out)
        return {name: value for name, value in json.loads(out.getvalue()).items() if name != "seconds"}

    first = run()
    assert (first["items"], first["changed"]) == (8, 0)
    assert run() == first


@pytest.mark.django_db
def test_a_unit_sees_only_its_own_scores(city: City) -> None:
    city.closed()
    scores_keep(now=city.now + timedelta(days=1))
    for units, seen in (((city.units["371502_market"],), 8), ((city.units["371502_veterans"],), 0), ((), 0)):
        scope_apply(Scope(1, (), units, False))
        assert (Item.objects.count(), Month.objects.count()) == (seen, 0)
    assert card_in_force(pack="hotline", on=city.now.date()).weights["satisfaction"] == 25
