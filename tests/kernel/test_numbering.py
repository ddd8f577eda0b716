"""Numbers: formats as data, parse back, and none given twice or left out however many ask at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.formats import FormatError, NumberFormat, Parsed, check_character
from bihuan.kernel.numbering.services import BLOCK, number_take, numbers_take
from bihuan.lib.identifiers import uscc_fault
from tests.committed import cases_emptied, together

DAY = date(2026, 3, 2)
CASE_43 = NumberFormat(
    "handled", "{item}{date:%Y%m%d}{serial:4}", item_pattern=r"[0-9A-HJ-NP-RTUW-Y]{18}[0-9]{13}"
)
"""The case number of GB/T 39554.1: 31 characters of the item (18 + 1 + 12), the date, 4 digits (rules.md B4)."""
SAMPLE = "12441500196720244T3442199806003202206230068"


def test_the_43_character_case_number_is_read_and_written() -> None:
    assert len(SAMPLE) == 43
    parsed = CASE_43.parse(SAMPLE)
    assert parsed == Parsed(68, date(2022, 6, 23), "12441500196720244T3442199806003")
    assert uscc_fault(parsed.item[:18]) is None
    assert CASE_43.write(serial=68, on=date(2022, 6, 23), item=parsed.item) == SAMPLE
    assert CASE_43.write(serial=9999, on=DAY, item=parsed.item).endswith("202603029999")


@pytest.mark.parametrize("serial", [0, -1, 10_000])
def test_a_serial_that_does_not_fit_is_refused(serial: int) -> None:
    with pytest.raises(FormatError, match="超出 4 位"):
        CASE_43.write(serial=serial, on=DAY, item=SAMPLE[:31])


@pytest.mark.parametrize("item", ["", SAMPLE[:30], SAMPLE[:31] + "1", "I" * 31, "1" * 17 + "' or 1=1 --123"])
def test_an_item_that_does_not_fit_is_refused(item: str) -> None:
    with pytest.raises(FormatError, match="不合格式"):
        CASE_43.write(serial=1, on=DAY, item=item)


@pytest.mark.parametrize(
    "number",
    ["", SAMPLE[:-1], SAMPLE + "1", SAMPLE.replace("20220623", "20220230"), SAMPLE.lower(), "字" * 43],
)
def test_what_is_no_number_is_not_read(number: str) -> None:
    with pytest.raises(FormatError):
        CASE_43.parse(number)


@pytest.mark.parametrize(
    "pattern",
    [
        "RX",
        "{serial:3}{serial:3}",
        "{serial}",
        "{serial:0}",
        "{serial:19}",
        "{serial:4}{unknown}",
        "{serial:4}{",
        "{check:mod11}{serial:4}",
        "{serial:4}{check:crc}",
        "{date}{serial:4}",
        "{date:%B}{serial:4}",
        "{date:%Y}{date:%Y}{serial:4}",
        "{item}{item}{serial:4}",
    ],
)
def test_a_format_that_cannot_work_is_refused(pattern: str) -> None:
    with pytest.raises(FormatError):
        NumberFormat("x", pattern)


PIECES = st.sampled_from(
    ["RX", "闭环", "-", "(", ".*", "{date:%Y%m%d}", "{date:%Y}", "{date:%y%m}", "{date:%Y-%m}", "{item}"]
)


@given(
    before=st.lists(PIECES, max_size=3),
    after=st.sampled_from(["", "-X", "号", "{check:mod11}", "{check:luhn}", "{check:mod11}-Z"]),
    width=st.integers(1, 9),
    serial=st.integers(1, 10**9 - 1),
    on=st.dates(date(2000, 1, 1), date(2068, 12, 31)),
    item=st.text("0123456789ABCXYZ", min_size=1, max_size=31),
)
def test_what_is_written_is_read_back(
    before: list[str], after: str, width: int, serial: int, on: date, item: str
) -> None:
    pattern = "".join(before) + "{serial:%d}" % width + after
    if pattern.count("{item}") > 1 or pattern.count("{date") > 1:
        with pytest.raises(FormatError):
            NumberFormat("x", pattern + "{item}{item}")
        return
    format_ = NumberFormat("x", pattern)
    serial %= 10**width
    if not serial:
        return
    written = format_.write(serial=serial, on=on, item=item)
    parsed = format_.parse(written)
    assert (parsed.serial, parsed.item) == (serial, item if "{item}" in pattern else "")
    if parsed.on:
        assert format_.write(serial=parsed.serial, on=parsed.on, item=parsed.item) == written
    if "%d" in pattern:
        assert parsed.on == on


@pytest.mark.parametrize(
    ("text", "algorithm", "expected"),
    [("794", "mod11", "0"), ("079", "mod11", "X"), ("7992739871", "luhn", "3"), ("4992739871", "luhn", "6")],
)
def test_check_characters(text: str, algorithm: str, expected: str) -> None:
    assert check_character(text, algorithm) == expected


@given(st.integers(1, 999_999), st.integers(0, 6), st.integers(1, 9), st.sampled_from(["mod11", "luhn"]))
def test_any_single_wrong_digit_is_caught_by_the_check(
    serial: int, place: int, off: int, algorithm: str
) -> None:
    format_ = NumberFormat("x", "{serial:6}{check:%s}" % algorithm)
    number = format_.write(serial=serial, on=DAY)
    if not number[place].isdigit():
        return
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    with pytest.raises(FormatError):
        format_.parse(wrong)


@pytest.mark.parametrize(
    ("pattern", "same", "other"),
    [
        ("{date:%Y%m%d}{serial:4}", date(2026, 3, 2), date(2026, 3, 3)),
        ("{date:%Y%m}{serial:4}", date(2026, 3, 31), date(2026, 4, 1)),
        ("{date:%Y}-{serial:4}", date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
@pytest.mark.django_db
def test_the_serial_begins_anew_with_its_day_month_or_year(pattern: str, same: date, other: date) -> None:
    format_ = NumberFormat("reset", pattern)
    taken = [format_.parse(number_take(format_=format_, on=on)).serial for on in (DAY, same, other, same)]
    assert taken == [1, 2, 1, 3]


@pytest.mark.django_db
def test_each_item_counts_for_itself_and_batches_follow_on() -> None:
    one, two = SAMPLE[:31], SAMPLE[:30] + "4"
    with kernel_writes():
        first = numbers_take(format_=CASE_43, on=DAY, item=one, count=3)
        assert [n[-4:] for n in first] == ["0001", "0002", "0003"]
        assert numbers_take(format_=CASE_43, on=DAY, item=two) == [f"{two}202603020001"]
        assert numbers_take(format_=CASE_43, on=DAY, item=one) == [f"{one}202603020004"]


@pytest.mark.django_db
def test_more_than_9999_a_day_is_refused_and_takes_nothing() -> None:
    narrow = NumberFormat("narrow", "{date:%Y%m%d}{serial:4}")
    with kernel_writes():
        assert numbers_take(format_=narrow, on=DAY, count=9999)[-1] == "202603029999"
    for _ in range(2):
        with pytest.raises(FormatError, match="10000 超出"), kernel_writes():
            numbers_take(format_=narrow, on=DAY)
    assert counter(narrow) == 9999


def counter(format_: NumberFormat) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select value from numbering_counter where scope = %s", [format_.scope(on=DAY)])
        return int(cursor.fetchone()[0])


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), cases_emptied():
        yield


def test_eight_writers_leave_no_gap_and_no_duplicate_though_some_roll_back(committed: None) -> None:
    format_ = NumberFormat("raced", "{date:%Y%m%d}{serial:5}")

    class TakenBack(Exception):
        pass

    def write() -> list[str]:
        kept = []
        for turn in range(25):
            try:
                with kernel_writes():
                    number = numbers_take(format_=format_, on=DAY)[0]
                    if turn % 5 == 4:
                        raise TakenBack
                kept.append(number)
            except TakenBack:
                pass
        return kept

    serials = [format_.parse(number).serial for kept in together(*[write] * 8) for number in kept]
    assert len(serials) == 160
    assert sorted(serials) == list(range(1, 161))


def test_fast_numbers_are_never_given_twice_and_nobody_waits(committed: None) -> None:
    fast = NumberFormat("quick", "{date:%Y%m%d}{serial:5}", mode="fast")

    def write() -> list[str]:
        return [number for _ in range(30) for number in numbers_take(format_=fast, on=DAY, count=2)]

    with transaction.atomic():
        held = numbers_take(format_=fast, on=DAY, count=BLOCK + 1)
        numbers = [number for kept in together(*[write] * 4) for number in kept]
        transaction.set_rollback(True)
    after = numbers_take(format_=fast, on=DAY)
    assert len(numbers) == 240
    assert len({*held, *numbers, *after}) == BLOCK + 1 + 240 + 1


def test_another_beginning_counts_by_the_same_counter() -> None:
    own = NumberFormat("hotline", "RX{date:%Y%m%d}{serial:5}")
    other, day = own.prefixed("LC"), date(2026, 3, 5)
    assert (own.prefix, other.prefix, own.prefixed("")) == ("RX", "LC", own)
    assert other.write(serial=7, on=day) == "LC2026030500007"
    assert other.scope(on=day) == own.scope(on=day) == "hotline/20260305"
    assert NumberFormat("plain", "{serial:4}").prefixed("A").write(serial=1, on=day) == "A0001"
