"""Certificates' rules and tokens, on any day and any bytes."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.kernel.certificates.rules import MAY, contents_clean, last_day, standing
from bihuan.kernel.certificates.token import check_code, says_of, token_parts, token_read, token_write
from bihuan.kernel.ledger.verifier import key_id
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.lib.codes import code_is
from bihuan.lib.hashing import canonical_bytes
from bihuan.lib.qr import qr_svg
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from tests.certificates import CONTENTS, KIND

ANY_PACE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Of a machine that is busy with others."""
DAYS = st.dates(date(2004, 1, 1), date(2090, 1, 1))
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEYS = {key_id(PUBLIC): PUBLIC}
TOLD = {
    "kind": "certificate", "key": key_id(PUBLIC), "number": "聊摊许〔2026〕0001号", "name": "临时摊点许可证", "organ": "城管局",
    "holder": "宋**", "issued": "2026-03-02", "until": "2027-03-01",
}  # fmt: skip


def signed(told: dict[str, str], key: Ed25519PrivateKey = PRIVATE) -> str:
    body = canonical_bytes(told)
    return token_write(body, key.sign(body))


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 3, 2), 12, date(2027, 3, 1)),
        (date(2026, 3, 1), 1, date(2026, 3, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), 2, date(2026, 5, 30)),
        (date(2026, 3, 2), 0, None),
    ],
)
def test_the_last_day(first: date, months: int, last: date | None) -> None:
    assert last_day(first, months) == last


@ANY_PACE
@given(DAYS, st.integers(1, 1_200))
def test_a_later_beginning_never_ends_earlier(first: date, months: int) -> None:
    last, next_ = last_day(first, months), last_day(first + timedelta(days=1), months)
    assert last is not None and next_ is not None
    assert first <= last <= next_
    assert 28 * months - 1 <= (last - first).days < 31 * months


@ANY_PACE
@given(st.sampled_from(["valid", "suspended", "revoked", "replaced"]), DAYS, DAYS)
def test_only_what_would_hold_expires(state: str, until: date, today: date) -> None:
    assert standing(state, None, today) == state
    assert standing(state, today, today) == state  # the last day is a day of it
    found = standing(state, until, today)
    assert found == ("expired" if until < today and state in ("valid", "suspended") else state)


def test_what_may_be_done_in_which_standing() -> None:
    assert {act: sorted(states) for act, states in MAY.items()} == {
        "suspend": ["valid"],
        "resume": ["suspended"],
        "revoke": ["expired", "suspended", "valid"],
        "replace": ["expired", "suspended", "valid"],
    }


def test_contents_are_those_of_the_kind() -> None:
    assert list(contents_clean(KIND, {"goods": " 早餐 ", "place": "东侧"}).items()) == [
        ("place", "东侧"),
        ("goods", "早餐"),
    ]
    for given_, field, rule in (
        ({"place": "东侧"}, "goods", "empty"),
        ({**CONTENTS, "colour": "red"}, "colour", "unknown"),
        ({**CONTENTS, "note": "长" * 501}, "note", "too_long"),
        ({**CONTENTS, "goods": 7}, "goods", "not_text"),
    ):
        with pytest.raises(FieldError) as refused:
            contents_clean(KIND, given_)
        assert (refused.value.field, refused.value.rule) == (field, rule)


def test_a_kind_with_gaps_in_its_numbers_is_not_declared() -> None:
    fast = NumberFormat("x", "{serial:4}", mode="fast")
    with pytest.raises(ValueError, match="不能有空号"):
        CertificateKind("x", "证", "C", fast, {})


def test_a_token_is_read_as_it_was_written() -> None:
    token = signed(TOLD)
    assert token_read(token, KEYS) == TOLD
    assert token_read(f" https://example.cn/verify?t={token} ", KEYS) == TOLD


@ANY_PACE
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_token_with_any_byte_changed_is_refused(place: int, change: int) -> None:
    body, signature = token_parts(signed(TOLD))
    raw = bytearray(body + signature)
    raw[place % len(raw)] ^= change
    with pytest.raises(Refusal):
        token_read(token_write(bytes(raw[: len(body)]), bytes(raw[len(body) :])), KEYS)


@ANY_PACE
@given(st.text(max_size=60))
def test_what_is_no_token_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refusal, match="。"):
        token_read(text, KEYS)


def test_another_key_signs_for_nobody() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
    with pytest.raises(Refusal, match="签名与内容不符"):
        token_read(signed(TOLD, other), KEYS)
    with pytest.raises(Refusal, match="不是本中心公布的"):
        token_read(signed({**TOLD, "key": key_id(other.public_key().public_bytes_raw())}, other), KEYS)
    with pytest.raises(Refusal, match="不是证照的二维码"):  # a seal's signature is no certificate's
        token_read(signed({**TOLD, "kind": "seal"}), KEYS)


def test_one_spelling_of_a_token_alone_is_taken() -> None:
    body, _dot, signature = signed(TOLD).partition(".")
    for text in (f"{body}=.{signature}", f"{body}.{signature}\n.", f"{body}.{signature}x", f".{signature}"):
        with pytest.raises(Refusal):
            token_read(text, KEYS)
    assert json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) == TOLD


def test_the_check_code_hangs_on_the_signature() -> None:
    _body, signature = token_parts(signed(TOLD))
    code = check_code(signature)
    assert code_is(code.lower().replace("-", " "), code)
    assert check_code(signature[:-1] + bytes([signature[-1] ^ 1])) != code


def test_the_same_text_is_the_same_drawing() -> None:
    assert qr_svg("https://example.cn/verify?t=x") == qr_svg("https://example.cn/verify?t=x")
    assert qr_svg("a") != qr_svg("b")


def test_what_the_code_says_is_cut_where_telephones_no_longer_read_it() -> None:
    assert (
        says_of([("结论", "消防验收不合格"), ("范围", "主体结构")]) == "结论：消防验收不合格；范围：主体结构"
    )
    long = says_of([("结论", "不" * 400)])
    assert (len(long), long[-1]) == (240, "…")
    with pytest.raises(ValueError, match="公开的内容"):
        replace(KIND, public=frozenset(("nothing",)))
