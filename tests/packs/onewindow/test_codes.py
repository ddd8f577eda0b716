"""Codes of items and cases by scheme (rules.md B4): read whole, forged ones refused with the rule, dirty ones kept."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.lib.identifiers import USCC_ALPHABET, organisation_check_digit, uscc_check_digit
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.codes import CASE_NUMBER, LEVELS, Code, case_code, code_read

ORGAN, BASE = "12441500196720244T", "442199806003"
LIVE = f"{ORGAN}3{BASE}202206230068"
"""The live sample of rules.md B4."""
SICHUAN = Path(__file__).resolve().parents[5] / "shared/data/onewindow/sichuan_guangan_district_items.csv"

letters = st.sampled_from(USCC_ALPHABET)
bases = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12)


@st.composite
def organs(draw: st.DrawFn) -> str:
    """Any unified social credit code with right check digits."""
    kind = draw(st.sampled_from(["11", "12", "91"]))
    area = draw(st.text("0123456789", min_size=6, max_size=6))
    body = draw(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
    first = f"{kind}{area}{body}{organisation_check_digit(body)}"
    return first + uscc_check_digit(first)


def test_the_live_sample_is_read_whole() -> None:
    read = code_read(LIVE, "national")
    assert read == Code(
        "national",
        LIVE,
        "case",
        base=BASE,
        organ=ORGAN,
        verified=True,
        level="3",
        on=date(2022, 6, 23),
        serial=68,
    )
    assert read.implementation == f"{ORGAN}3{BASE}"
    assert case_code(read.implementation, on=date(2022, 6, 23), serial=68) == LIVE
    assert CASE_NUMBER.parse(LIVE).serial == 68


@pytest.mark.parametrize(
    ("text", "form", "business"),
    [(BASE, "base", ""), (f"{ORGAN}3{BASE}", "implementation", ""), (f"{ORGAN}3{BASE}01", "business", "01")],
)
def test_each_national_code_is_told_by_its_length(text: str, form: str, business: str) -> None:
    read = code_read(text, "national")
    assert (read.form, read.base, read.business, read.text) == (form, BASE, business, text)
    assert code_read(f" {text.lower()} ", "national") == read


@given(
    organ=organs(),
    level=st.sampled_from(sorted(LEVELS)),
    base=bases,
    on=st.dates(date(2000, 1, 1)),
    serial=st.integers(1, 9999),
)
def test_what_is_written_is_read_again(organ: str, level: str, base: str, on: date, serial: int) -> None:
    implementation = f"{organ}{level}{base}"
    written = case_code(implementation, on=on, serial=serial)
    read = code_read(written, "national")
    assert len(written) == 43
    assert (read.organ, read.level, read.base, read.on, read.serial) == (organ, level, base, on, serial)
    assert read.implementation == implementation


@given(place=st.integers(0, 17), sign=letters)
def test_one_wrong_character_of_the_organ_is_refused(place: int, sign: str) -> None:
    forged = ORGAN[:place] + sign + ORGAN[place + 1 :]
    if forged == ORGAN:
        return
    with pytest.raises(FieldError) as fault:
        code_read(f"{forged}3{BASE}", "national")
    assert fault.value.rule == "item_code"
    assert "GB 32100" in fault.value.message or "GB 11714" in fault.value.message


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BASE[:-1], "现为11位"),
        (f"{ORGAN}9{BASE}", "行使层级"),
        (f"{ORGAN}3{BASE[:-1]}-", "基本编码应为12位"),
        (f"{ORGAN}3{BASE}202206310068", "不存在"),
        (f"{ORGAN}3{BASE}202206230000", "从0001起"),
        (f"{ORGAN}3{BASE}2022062300AB", "4位流水号"),
        (f"{ORGAN}3{BASE}-1", "后2位"),
    ],
)
def test_a_forged_national_code_is_refused_with_the_rule(text: str, rule: str) -> None:
    with pytest.raises(FieldError, match=rule):
        code_read(text, "national")


def test_a_case_code_is_made_of_an_implementation_code_and_a_serial_of_four_digits() -> None:
    for serial in (0, 10_000):
        with pytest.raises(FieldError, match="超出 4 位"):
            case_code(f"{ORGAN}3{BASE}", on=date(2026, 3, 2), serial=serial)
    with pytest.raises(FieldError, match="31位"):
        case_code(BASE, on=date(2026, 3, 2), serial=1)


@pytest.mark.parametrize(
    ("text", "base", "organ", "verified"),
    [
        ("511Z07001006-511602000000-000-11511301008778183N-1-00", "511Z07001006", "11511301008778183N", True),
        ("512C0107400001-511602000000-000-00877868-5-1-00", "512C0107400001", "00877868-5", False),
        ("G-000007-001-511602000000-000-115113010833722043-1-00", "G-000007-001", "115113010833722043", True),
        ("1J-5100-00027-511602000000-000-11511301008778386B-1-00", "1J-5100-00027", "11511301008778386B", True),
        ("E-000004-001-11511301008778386B", "E-000004-001", "11511301008778386B", True),
        ("H-000185-001-4444444444", "H-000185-001", "4444444444", False),
    ],
)  # fmt: skip
def test_a_code_of_sichuan_keeps_its_organ_as_told(text: str, base: str, organ: str, verified: bool) -> None:
    read = code_read(text, "sichuan")
    assert (read.base, read.organ, read.verified, read.text) == (base, organ, verified, text)
    assert read.implementation == ""


@pytest.mark.skipif(not SICHUAN.exists(), reason="the file is not here")
def test_every_row_of_the_real_file_is_read_and_what_is_dirty_is_marked() -> None:
    with SICHUAN.open(encoding="utf-8-sig") as file:
        read = [code_read(row["itemCode"], "sichuan") for row in csv.DictReader(file)]
    assert len(read) == 1135
    assert len({one.text for one in read}) == 1135
    assert sum(one.verified for one in read) == 983
    assert {one.area for one in read} == {"511602000000", "510000000000", ""}


@pytest.mark.parametrize(
    "text", ["511Z07001006", "x-511602000000-000-11-1-00", "511Z07001006-511602000000-000--1-0"]
)
def test_what_is_no_code_of_sichuan_is_refused(text: str) -> None:
    with pytest.raises(FieldError, match="四川的事项编码应为"):
        code_read(text, "sichuan")


def test_guizhou_and_hubei_have_bases_of_their_own_and_the_rest_is_opaque() -> None:
    assert code_read("5201020304", "guizhou") == Code("guizhou", "5201020304", "base", base="5201020304")
    assert code_read("42A0102030405060", "hubei").base == "42A0102030405060"
    assert code_read("５２０１０２０３０４", "guizhou").text == "5201020304"
    assert code_read("42a0102030405060", "hubei").text == "42A0102030405060"
    with pytest.raises(FieldError, match="10位数字"):
        code_read("".join(chr(0x660 + int(digit)) for digit in "5201020304"), "guizhou")
    assert code_read("鲁食-2026/07", "opaque") == Code("opaque", "鲁食-2026/07", "item")
    for text, scheme, rule in (("520102030", "guizhou", "10位"), ("42A01020304050", "hubei", "16位")):
        with pytest.raises(FieldError, match=rule):
            code_read(text, scheme)  # type: ignore[arg-type]


@given(text=st.text(max_size=90))
def test_any_text_is_read_or_refused_with_a_rule(text: str) -> None:
    for scheme in ("national", "sichuan", "guizhou", "hubei", "opaque"):
        try:
            read, fields = code_read(text, scheme), set[str]()  # type: ignore[arg-type]
        except FieldError as fault:
            read, fields = None, {fault.field}
        assert (read is None) == (fields == {"code"})
        assert read is None or read.scheme == scheme
