"""Text and moments at the border, and search terms."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.lib.text import SHANGHAI, FieldError, bigrams, clean_text, parse_moment

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)


def refused(rule: str, value: object, **limits: object) -> FieldError:
    options = {"max_length": 100, **limits}
    with pytest.raises(FieldError) as caught:
        clean_text(value, field="内容", **options)  # type: ignore[arg-type]
    assert caught.value.field == "内容"
    assert caught.value.rule == rule
    return caught.value


def test_clean_text_makes_nfc_and_newlines_and_trims() -> None:
    assert clean_text("\ufeff　cafe\u0301\r\nb\rc\u2028d \n", field="f", max_length=100) == "café\nb\nc\nd"
    assert clean_text("a\tb", field="f", max_length=3) == "a\tb"
    assert clean_text("标题\n", field="f", max_length=2, multiline=False) == "标题"


@pytest.mark.parametrize(
    ("rule", "value", "limits"),
    [
        ("not_text", 5, {}),
        ("too_long", "字" * 101, {}),
        ("surrogate", "a\ud800", {}),
        ("control_character", "a\0b", {}),
        ("control_character", "a\x1b[0m", {}),
        ("control_character", "a\x1f", {}),
        ("bidi_override", "a\u202eb", {}),
        ("bidi_override", "a\u2066b", {}),
        ("line_break", "a\nb", {"multiline": False}),
        ("line_break", "a\tb", {"multiline": False}),
        ("empty", " \u3000\n", {"min_length": 1}),
        ("too_short", "短", {"min_length": 2}),
    ],
)
def test_clean_text_refuses(rule: str, value: object, limits: dict[str, object]) -> None:
    refused(rule, value, **limits)


def test_refusal_reads_well() -> None:
    assert str(refused("too_long", "字" * 101)) == "内容：不能超过100个字"
    assert str(refused("control_character", "好\x00")) == "内容：含有控制字符（第2个字符，U+0000）"


def test_ten_megabytes_are_refused_at_once() -> None:
    text = "e\u0301" * 5_000_000
    began = time.process_time()
    refused("too_long", text, max_length=20_000)
    assert time.process_time() - began < 0.15


@given(st.text(max_size=60))
def test_clean_text_is_stable(text: str) -> None:
    try:
        once = clean_text(text, field="f", max_length=60)
    except FieldError:
        return
    assert clean_text(once, field="f", max_length=60) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2019/2/28 11:25:05", (2019, 2, 28, 11, 25, 5)),
        ("2019/4/25 9:32:09", (2019, 4, 25, 9, 32, 9)),
        ("2019-08-01 00:00:00", (2019, 8, 1)),
        ("2020-09-03", (2020, 9, 3)),
        ("2018/4/24", (2018, 4, 24)),
        ("2020.9.3", (2020, 9, 3)),
        ("20200903", (2020, 9, 3)),
        ("20200903100000", (2020, 9, 3, 10)),
        ("2020年9月3日 10时5分", (2020, 9, 3, 10, 5)),
        ("２０２０－９－３", (2020, 9, 3)),
        ("2020-09-03T10:00:00+08:00", (2020, 9, 3, 10)),
        ("2020-09-03T02:00:00Z", (2020, 9, 3, 10)),
        ("2020-09-03T02:00:00.5+0000", (2020, 9, 3, 10, 0, 0, 500000)),
        (datetime(2019, 2, 28, 11, 25, 5), (2019, 2, 28, 11, 25, 5)),
        (datetime(2019, 2, 28, 3, tzinfo=UTC), (2019, 2, 28, 11)),
        (date(2020, 1, 1), (2020, 1, 1)),
        (43524, (2019, 2, 28)),
        (43524.475752314815, (2019, 2, 28, 11, 25, 5)),
        ("43524.5", (2019, 2, 28, 12)),
    ],
)
def test_moments_read(value: object, expected: tuple[int, ...]) -> None:
    moment = parse_moment(value, field="时间", now=NOW)
    assert moment == datetime(*expected, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]
    assert moment.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("empty", ""),
        ("empty", None),
        ("empty", " \u3000"),
        ("date_format", "昨天"),
        ("date_format", "28/2/2019"),
        ("date_format", "2019-02-28 下午3点"),
        ("date_format", "9" * 100),
        ("date_format", True),
        ("impossible_date", "2019-02-29"),
        ("impossible_date", "2019-13-01"),
        ("impossible_date", "2019-01-01 24:00:00"),
        ("impossible_date", "2019-01-01T10:00:00+99:00"),
        ("impossible_date", float("nan")),
        ("impossible_date", -1),
        ("impossible_date", datetime.max.replace(tzinfo=UTC)),
        ("date_too_early", "1989-12-31"),
        ("date_too_early", 5),
        ("date_too_early", "0001-01-01T00:00:00+08:00"),
        ("future_date", "2026-11-20 09:00:01"),
        ("future_date", datetime(2030, 1, 1)),
    ],
)
def test_moments_refused(rule: str, value: object) -> None:
    with pytest.raises(FieldError) as caught:
        parse_moment(value, field="留言时间", now=NOW)
    assert (caught.value.field, caught.value.rule) == ("留言时间", rule)


def test_now_itself_is_no_future_and_must_be_aware() -> None:
    assert parse_moment("2026-11-20 09:00:00", field="f", now=NOW) == NOW
    with pytest.raises(ValueError, match="aware"):
        parse_moment("2020-09-03", field="f", now=datetime(2026, 1, 1))


def test_bigrams_of_a_document_and_a_query() -> None:
    assert bigrams("A3区 停水，STOP水") == ["a", "a3", "区", "停水", "s", "st", "sto", "stop", "水"]
    assert bigrams("停水 STOP", query=True) == ["停水", "stop"]
    assert bigrams("水", query=True) == ["水"]
    assert bigrams("水 停电", query=True) == ["停电"]
    assert bigrams("停水停水") == ["停水", "水停"]
    assert bigrams("，。!") == []


@given(st.text("停水电路灯管道坏了请修，。 ", max_size=40), st.integers(0, 39), st.integers(2, 40))
def test_terms_of_a_part_are_terms_of_the_whole(text: str, start: int, size: int) -> None:
    part = text[start : start + size]
    terms = bigrams(part, query=True)
    if any(len(term) == 2 for term in terms):
        assert set(terms) <= set(bigrams(text))


@given(st.text(max_size=40), st.text("abz019ＡＺ", min_size=1, max_size=40), st.data())
def test_a_word_is_found_by_its_beginning(other: str, word: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(word)))
    assert set(bigrams(word[:size], query=True)) <= set(bigrams(f"{other} {word}"))
