"""Digests that anyone can compute again."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import given
from hypothesis import strategies as st

from bihuan.lib import hashing

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab键", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_digests_of_abc() -> None:
    sm3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert hashing.digest(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hashing.digest(b"abc", algorithm="sm3").hex() == sm3
    with pytest.raises(ValueError, match="md5"):
        hashing.digest(b"abc", algorithm="md5")  # type: ignore[arg-type]


def test_missing_sm3_is_said_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(algorithm: object) -> None:
        raise UnsupportedAlgorithm("no SM3")

    monkeypatch.setattr(hashing.hashes, "Hash", missing)
    with pytest.raises(hashing.AlgorithmMissing, match="SM3"):
        hashing.digest(b"abc", algorithm="sm3")


def test_canonical_bytes_exactly() -> None:
    value = {
        "乙": [1, True, None, Decimal("1.50"), Decimal("1E+2")],
        "a": datetime(2026, 1, 2, 11, 4, 5, tzinfo=timezone(timedelta(hours=8))),
        "d": date(2026, 1, 2),
        "u": UUID(int=1),
        "t": ("</", "\n"),
    }
    assert (
        hashing.canonical_bytes(value)
        == (
            '{"a":"2026-01-02T03:04:05.000000Z","d":"2026-01-02","t":["</","\\n"],'
            '"u":"00000000-0000-0000-0000-000000000001","乙":[1,true,null,"1.50","100"]}'
        ).encode()
    )


@pytest.mark.parametrize(
    ("value", "error", "why"),
    [
        ({"a": 0.1}, TypeError, "Decimal"),
        ([float("nan")], TypeError, "Decimal"),
        ({"a": ({"b": [float("inf")]},)}, TypeError, "Decimal"),
        ({"a": [{1: 2}]}, TypeError, "keys"),
        ({"a": datetime(2026, 1, 1)}, TypeError, "naive"),
        (datetime(2026, 1, 1), TypeError, "naive"),
        ({1: 2}, TypeError, "keys"),
        (b"x", TypeError, "bytes"),
        ({1, 2}, TypeError, "set"),
        (Decimal("NaN"), ValueError, "finite"),
        ("\ud800", ValueError, "surrogates"),
    ],
)
def test_what_has_no_canonical_form(value: object, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        hashing.canonical_bytes(value)


@given(st.dictionaries(st.text("ab键c", max_size=3), VALUES, max_size=6), st.randoms())
def test_key_order_does_not_matter_and_bytes_are_json(value: dict[str, object], random: object) -> None:
    items = list(value.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert hashing.canonical_bytes(dict(items)) == hashing.canonical_bytes(value)
    assert json.loads(hashing.canonical_bytes(value)) == value


@given(
    st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=3), VALUES, max_size=6),
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2999, 1, 1)),
)
def test_the_bytes_are_those_of_the_standard_library(value: dict[str, object], at: datetime) -> None:
    told = {**value, "at": f"{at.isoformat(timespec='microseconds')}Z"}
    expected = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashing.canonical_bytes({**value, "at": at.replace(tzinfo=UTC)}) == expected.encode()


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2999, 1, 1)), st.integers(-12, 14))
def test_one_moment_has_one_spelling(moment: datetime, hours: int) -> None:
    here = moment.replace(tzinfo=UTC)
    assert hashing.canonical_bytes(here) == hashing.canonical_bytes(
        here.astimezone(timezone(timedelta(hours=hours)))
    )


def test_commitment_by_the_standard_library() -> None:
    salt = bytes(range(16))
    expected = hashlib.sha256(b"\x10" + salt + "张三".encode()).hexdigest()
    assert hashing.salted_commitment(salt, "张三") == expected
    assert hashing.salted_commitment(salt[::-1], "张三") != expected
    assert len(hashing.salted_commitment(salt, "张三", algorithm="sm3")) == 64
    with pytest.raises(ValueError, match="16"):
        hashing.salted_commitment(b"short", "张三")
