"""Workbooks of other kinds than .xlsx: .xls is read apart, within bounded memory; .xlsb and .ods are not read. Tables that are cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.lib.tables import TableError, read_rows
from tests.lib.old_workbooks import binary_workbook, old_workbook, packed

NEAR = [(0, 0, "h"), (0, 1, "k"), (1, 0, "v")]


def refusal(path: Path, **options: str) -> TableError:
    with pytest.raises(TableError) as caught:
        list(read_rows(path, **options))
    return caught.value


def test_an_old_workbook_is_read_apart_and_one_that_asks_for_the_whole_memory_ends_nothing_else(
    tmp_path: Path,
) -> None:
    (path := tmp_path / "a.xls").write_bytes(old_workbook(NEAR))
    assert [row.values for row in read_rows(path)] == [{"h": "v", "k": ""}]
    assert (refusal(path, sheet="T").rule, refusal(path, sheet="T").message) == (
        "sheet",
        "没有名为“T”的工作表，现有：S",
    )
    path.write_bytes(old_workbook([*NEAR, (65535, 65535, "far")]))
    assert path.stat().st_size < 6_000
    assert refusal(path).rule == "too_large"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    assert refusal(path).rule == "unreadable"


@pytest.mark.parametrize("cells", [NEAR, [*NEAR, (1048575, 16383, "far")]])
def test_a_workbook_of_another_kind_is_not_read(tmp_path: Path, cells: list[tuple[int, int, str]]) -> None:
    path = tmp_path / "a.xlsx"
    both = {"[Content_Types].xml": b"", "xl/workbook.xml": b"", "xl/Workbook.bin": b""}
    for data in (
        binary_workbook(cells),
        packed({"[Content_Types].xml": b"", "content.xml": b""}),
        packed(both),
    ):
        path.write_bytes(data)
        error = refusal(path)
        assert (error.rule, error.message) == ("unreadable", "不是xlsx或xls文件；请用Excel另存为xlsx")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00",
        b"\xfe\xff\xd8\x00\x00,",
        b"a\xff,b\n" + "甲,乙\n".encode() * 50,
        b"a\x07,b\n" + "甲,乙\n".encode() * 50,
    ],
)
def test_a_header_that_is_cut_off_or_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    (path := tmp_path / "a.csv").write_bytes(data)
    assert refusal(path).rule == "encoding"
