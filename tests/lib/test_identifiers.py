"""Check digits and shapes of rules.md I."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.lib import identifiers as ids

VALID_IDS = ["11010519491231002X", "440524188001010014", "371502199003071230"]
VALID_USCC = ["12441500196720244T", "91350100M000100Y43", "11341702730007167P"]


@pytest.mark.parametrize("number", VALID_IDS)
def test_published_id_numbers_hold(number: str) -> None:
    assert ids.id_number_fault(number) is None


def test_lower_x_and_full_width_are_made_normal() -> None:
    assert ids.id_number_normal(" 11010519491231002x ") == "11010519491231002X"
    assert ids.id_number_normal("３７１５０２ 19900307 1230") == "371502199003071230"
    assert ids.id_number_fault("11010519491231002x") is None


def test_id_number_tells_birth_date_and_sex() -> None:
    assert ids.id_number_birth_date("371502199003071230") == date(1990, 3, 7)
    assert ids.id_number_sex("371502199003071230") == "male"
    assert ids.id_number_sex("11010519491231002X") == "female"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "现为0位"),
        ("371502900307123", "15位旧号码"),
        ("3715021990030712", "现为16位"),
        ("37150219900307123A", "末位应为数字或X"),
        ("991502199003071230", "省级行政区划"),
        ("371502199002301230", "出生日期"),
        ("371502199003071231", "校验码"),
    ],
)
def test_id_number_faults_name_the_rule(text: str, part: str) -> None:
    fault = ids.id_number_fault(text)
    assert fault is not None
    assert part in fault
    assert "GB 11643" in fault


def test_birth_after_today_is_refused_only_when_asked() -> None:
    assert ids.id_number_fault("371502199003071230", today=date(1990, 3, 7)) is None
    assert "晚于今天" in (ids.id_number_fault("371502199003071230", today=date(1990, 3, 6)) or "")


@given(st.sampled_from(VALID_IDS), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_changed_character_of_an_id_is_caught(number: str, place: int, sign: str) -> None:
    changed = number[:place] + sign + number[place + 1 :]
    assert (ids.id_number_fault(changed) is None) == (changed == number)


@pytest.mark.parametrize("code", VALID_USCC)
def test_published_uscc_hold(code: str) -> None:
    assert ids.uscc_fault(code.lower()) is None
    assert ids.uscc_check_digit(code[:17]) == code[17]


@given(st.sampled_from(VALID_USCC), st.integers(0, 17), st.sampled_from(ids.USCC_ALPHABET + "IOSVZ"))
def test_any_changed_character_of_a_uscc_is_caught(code: str, place: int, sign: str) -> None:
    changed = code[:place] + sign + code[place + 1 :]
    assert (ids.uscc_fault(changed) is None) == (changed == code)


@given(
    st.text(ids.USCC_ALPHABET, min_size=17, max_size=17),
    st.integers(0, 16),
    st.sampled_from(ids.USCC_ALPHABET),
)
def test_mod31_alone_catches_one_changed_character(first17: str, place: int, sign: str) -> None:
    changed = first17[:place] + sign + first17[place + 1 :]
    same = ids.uscc_check_digit(changed) == ids.uscc_check_digit(first17)
    assert same == (changed == first17)


@pytest.mark.parametrize(
    ("text", "kind", "normal"),
    [
        ("13812341234", "mobile", "13812341234"),
        ("+86 138-1234-1234", "mobile", "13812341234"),
        ("０１３８１２３４１２３４", "mobile", "13812341234"),
        ("0635-8412345", "landline", "06358412345"),
        ("(010)88881234转806", "landline", "01088881234转806"),
        ("8412345", "landline", "8412345"),
        ("400-123-4567", "service", "4001234567"),
        ("12345", "short", "12345"),
        ("110", "short", "110"),
        ("95588", "short", "95588"),
    ],
)
def test_phone_kinds(text: str, kind: str, normal: str) -> None:
    assert ids.phone_kind(text) == kind
    assert ids.phone_normal(text) == normal
    assert ids.phone_fault(text) is None


@pytest.mark.parametrize(
    "text", ["", "1381234123", "12812341234", "138123412345", "abc", "0", "+1 202 555 0100"]
)
def test_what_is_no_phone_is_told(text: str) -> None:
    assert ids.phone_fault(text) is not None
    assert ids.phone_kind(text) is None
