"""Tables as people bring them."""

import csv
import gzip
import hashlib
import io
import time
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.lib.tables import (
    BadRows,
    Fault,
    Row,
    TableError,
    bad_rows_path,
    file_fingerprint,
    open_table,
    read_rows,
)
from bihuan.lib.tables.cells import MAX_CELLS, cells_spanned

REAL = Path("/work/shared/data/hotline")
TEXT = '编号,内容,时间\r\n1,停水,2020-09-03\r\n2,"第一行\n第二行，请",2020-09-04\r\n\r\n3,路灯不亮,2020-09-05\r\n'


def kept(tmp_path: Path, data: bytes, name: str = "in.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def refusal(path: Path, **options: str) -> TableError:
    with pytest.raises(TableError) as caught:
        list(read_rows(path, **options))
    return caught.value


@pytest.mark.parametrize(("most", "one"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8", "big5")])
def test_a_row_in_another_encoding_is_a_fault_of_that_row(tmp_path: Path, most: str, one: str) -> None:
    lines = ["编号,内容", "1,市民反映路灯不亮", "2,小區停水請儘快處理", "3,市民反映道路积水请尽快处理"]
    raw = [line.encode(one if line.startswith("2") else most) for line in lines]
    rows = list(read_rows(kept(tmp_path, b"\n".join(raw) + b"\n")))
    assert [[fault.rule for fault in row.faults] for row in rows] == [[], ["encoding"], []]
    assert rows[1].faults[0].column == "内容"
    assert rows[2].values["内容"] == "市民反映道路积水请尽快处理"
    with BadRows(tmp_path / "x.bad.csv", ("编号", "内容")) as bad:
        bad.add(rows[1])
    if most == "utf-8":  # given back as it stood
        assert raw[2].split(b",")[1] in (tmp_path / "x.bad.csv").read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_and_lines_as_a_spreadsheet_counts(tmp_path: Path, encoding: str) -> None:
    rows = list(read_rows(kept(tmp_path, TEXT.encode(encoding))))
    assert [(row.line, row.values["编号"], row.faults) for row in rows] == [
        (2, "1", ()),
        (3, "2", ()),
        (5, "3", ()),
    ]
    assert rows[1].values["内容"] == "第一行\n第二行，请"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    data = f'"a,b;c"{delimiter}时间\n1{delimiter}2\n'.encode()
    with open_table(kept(tmp_path, data)) as table:
        assert table.headers == ("a,b;c", "时间")
        assert [row.cells for row in table.rows] == [("1", "2")]


def test_one_column_and_no_last_newline(tmp_path: Path) -> None:
    assert [row.values for row in read_rows(kept(tmp_path, "内容\n停水".encode()))] == [{"内容": "停水"}]


@pytest.mark.parametrize(
    ("data", "line", "column", "rule"),
    [
        (b"", 0, "", "empty_file"),
        (b"\r\n,,\r\n", 0, "", "empty_file"),
        ("编号,编号\n".encode(), 1, "编号", "duplicate_header"),
        ("编号,,内容\n".encode(), 1, "B", "empty_header"),
        ("编号,内容\n1,市民反映路灯不亮请尽快修理\n".encode()[:-3] + b"\n", 2, "", "encoding"),
        ("番數,內容\n1,請儘快處理這個問題\n".encode("big5"), 1, "", "encoding"),
        ("a,b\n1,2\n".encode("utf-16-le"), 0, "", "nul_byte"),
        (b"\x1f\x8b\x08\x00broken", 0, "", "unreadable"),
        (b"PK\x03\x04broken", 0, "", "unreadable"),
        (b"\xd0\xcf\x11\xe0broken", 0, "", "unreadable"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, data: bytes, line: int, column: str, rule: str) -> None:
    error = refusal(kept(tmp_path, data))
    assert (error.line, error.column, error.rule) == (line, column, rule)


def test_broken_rows_do_not_stop_the_others(tmp_path: Path) -> None:
    data = "a,b\n1,2\n3\n4,5,6\n7,\0\n8,9,,\n10,11\n"
    rows = list(read_rows(kept(tmp_path, data.encode())))
    told = [(row.line, [(fault.column, fault.rule) for fault in row.faults]) for row in rows]
    assert told == [
        (2, []),
        (3, [("b", "too_few_cells")]),
        (4, [("C", "too_many_cells")]),
        (5, [("b", "nul_byte")]),
        (6, []),
        (7, []),
    ]
    assert rows[2].cells == ("4", "5", "6")
    assert rows[4].cells == ("8", "9")


def test_a_quote_never_closed_costs_one_row(tmp_path: Path) -> None:
    body = "".join(f"{number},好\n" for number in range(3000))
    rows = list(read_rows(kept(tmp_path, f'a,b\n0,"开\n{body}'.encode())))
    assert [fault.rule for fault in rows[0].faults] == ["open_quote"]
    assert rows[0].cells == ('0,"开',)
    assert [row.values["a"] for row in rows[1:]] == [str(number) for number in range(3000)]


def test_ten_megabytes_in_a_cell_are_given_on(tmp_path: Path) -> None:
    began = time.process_time()
    rows = list(read_rows(kept(tmp_path, b"a,b\n1," + b"x" * 10_000_000 + b"\n2,y\n")))
    assert [len(str(row.values["b"])) for row in rows] == [10_000_000, 1]
    assert time.process_time() - began < 3


def test_a_line_beyond_all_bounds_is_a_faulty_row(tmp_path: Path) -> None:
    rows = list(read_rows(kept(tmp_path, b"a,b\n1," + b"x" * (17 << 20) + b"\n2,y\n")))
    assert [[fault.rule for fault in row.faults] for row in rows] == [["line_too_long"], []]
    assert rows[1].values == {"a": "2", "b": "y"}


def workbook(tmp_path: Path, *, merge: str = "", title: bool = False) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["编号", "内容", "时间", "证件"])
    sheet.append([188006, "停水", datetime(2019, 2, 28, 11, 25, 5), "371502199003071230"])
    sheet.append([188007, "路灯", datetime(2019, 3, 1), 371502199003071230])
    sheet.append([])
    sheet.append([188008, "井盖", "2019/3/2", "x"])
    sheet.append([188009, "噪声", "2019/3/3", "y"])
    if title:
        sheet.insert_rows(1)
        sheet["A1"] = "工单表"
        sheet.merge_cells("A1:D1")
    if merge:
        sheet.merge_cells(merge)
    book.create_sheet("附表").append(["甲"])
    path = tmp_path / "in.xlsx"
    book.save(path)
    return path


def test_workbook_values_dates_and_lines(tmp_path: Path) -> None:
    rows = list(read_rows(workbook(tmp_path)))
    assert [row.line for row in rows] == [2, 3, 5, 6]
    assert rows[0].values["编号"] == 188006
    assert isinstance(rows[0].values["编号"], int)
    assert rows[0].values["时间"] == datetime(2019, 2, 28, 11, 25, 5)
    assert rows[0].faults == ()
    assert [(fault.column, fault.rule) for fault in rows[1].faults] == [("证件", "number_too_long")]


def test_merged_cells_are_told_for_the_rows_they_blank(tmp_path: Path) -> None:
    rows = list(read_rows(workbook(tmp_path, merge="B5:B6")))
    assert [(row.line, [(f.column, f.rule) for f in row.faults]) for row in rows[2:]] == [
        (5, []),
        (6, [("内容", "merged_cells")]),
    ]


def test_merged_title_is_told_with_its_line(tmp_path: Path) -> None:
    error = refusal(workbook(tmp_path, title=True))
    assert (error.line, error.column, error.rule) == (1, "B", "merged_header")


def test_a_published_list_may_have_titles_and_cells_merged_downwards(tmp_path: Path) -> None:
    with open_table(workbook(tmp_path, title=True, merge="B6:B7"), published=True) as table:
        rows = list(table.rows)
    assert [(row.line, row.values["内容"], row.faults) for row in rows[2:]] == [
        (6, "井盖", ()),
        (7, "井盖", ()),
    ]
    with open_table(workbook(tmp_path, merge="B5:C6"), published=True) as table:
        assert [len(row.faults) for row in table.rows] == [0, 1, 1, 1]
    book = openpyxl.Workbook()
    for told in (
        ["清单"],
        ["编号", "时限", "", "机关"],
        ["", "法定", "承诺", ""],
        ["1", "20", "5", "水务局"],
    ):
        book.active.append(told)
    for merge in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
        book.active.merge_cells(merge)
    book.save(path := tmp_path / "two.xlsx")
    with open_table(path, published=True) as table:
        assert [(row.line, row.values) for row in table.rows] == [
            (4, {"编号": "1", "法定": "20", "承诺": "5", "机关": "水务局"})
        ]
    path = tmp_path / "list.csv"
    path.write_text("某市事项清单\n\n(2026年版)\n编号,名称,机关\n\n1,停水,水务局\n", encoding="gb18030")
    with open_table(path, published=True) as table:
        assert [(row.line, row.values) for row in table.rows] == [
            (6, {"编号": "1", "名称": "停水", "机关": "水务局"})
        ]
    path.write_text("编号,名称,机关\n\n1,停水,水务局\n")
    for published in (True, False):
        with open_table(path, published=published) as table:
            assert [(row.line, row.values["编号"]) for row in table.rows] == [(3, "1")]


def test_sheets_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    with open_table(path, sheet="附表") as table:
        assert table.headers == ("甲",)
    assert refusal(path, sheet="无").rule == "sheet"


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.lib.tables.workbooks.MAX_RATIO", 1)
    assert [row.line for row in read_rows(workbook(tmp_path))] == [2, 3, 5, 6]
    monkeypatch.setattr("bihuan.lib.tables.workbooks.FREE_UNPACKED", 1_000)
    assert refusal(workbook(tmp_path)).rule == "too_large"


@pytest.mark.parametrize("cells", [("XFD1048576",), ("A1048576", "ZZ1")])
def test_a_small_workbook_whose_cells_lie_far_apart_is_refused_before_it_is_read(
    tmp_path: Path, cells: tuple[str, ...]
) -> None:
    book = openpyxl.Workbook()
    for cell in ("A1", *cells):
        book.active[cell] = "x"
    book.save(path := tmp_path / "far.xlsx")
    assert path.stat().st_size < 6_000
    assert refusal(path).rule == "too_large"


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        (b'<row r="2"><c r="C2"><v>1</v></c></row>', 6),
        (b'<x:row r = "2"><x:c t="n" r=\'aa10\' ><v>1</v></x:c></x:row>', 270),
        (b'<row r="1000000">' + b"<c><v>1</v></c>" * 50 + b"</row>", 50 * 1_000_000),
        (b'<row r="1"><c r="B1"/></row>' + b"<row><c r='B1'/></row>" * 3, 2 * 4),
        (b"<row>" + b"<c><v>1</v></c>" * 20 + b"</row>" + b"<row><c/></row>" * 2_999, 20 * 3_000),
        (b"", 0),
        (b'<c r="A1"' + b" " * (1 << 17) + b">", MAX_CELLS + 1),
        (b"<\0" + b"\0" * (1 << 17) + b"<", 0),
    ],
)
def test_the_places_that_a_sheet_takes_up_are_told_from_its_cells(lines: bytes, places: int) -> None:
    with zipfile.ZipFile(io.BytesIO(), "w") as packed:
        packed.writestr("xl/anywhere.xml", b"<sheetData>" + lines + b"</sheetData>")
        for block in (7, 1 << 16):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("bihuan.lib.tables.cells.BLOCK", block)
                assert cells_spanned(packed) == places


def test_merged_regions_without_end_are_refused_and_those_below_the_rows_are_left(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["编号", "内容"])
    book.active.append(["1", "停水"])
    book.active.merged_cells.add("A3:B1048576")
    book.save(path := tmp_path / "merged.xlsx")
    assert [(row.line, row.faults) for row in read_rows(path)] == [(2, ())]
    for first in range(3, 203):
        book.active.merged_cells.add(f"A{first}:XFD{first}")
    book.active["A300"] = "x"
    book.save(path)
    assert refusal(path).rule == "too_large"


def test_packed_tables(tmp_path: Path) -> None:
    expected = [row.values for row in read_rows(kept(tmp_path, TEXT.encode()))]
    packed = kept(tmp_path, gzip.compress(TEXT.encode("gb18030")), "in.csv.gz")
    assert [row.values for row in read_rows(packed)] == expected
    for names, rule in ((["a.csv"], None), (["a.csv", "b.csv"], "archive"), (["a.jpg"], "archive")):
        path = tmp_path / "in.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in [*names, "__MACOSX/._a.csv"]:
                archive.writestr(name, TEXT)
        if rule:
            assert refusal(path).rule == rule
        else:
            assert [row.values for row in read_rows(path)] == expected
    with zipfile.ZipFile(tmp_path / "book.zip", "w") as archive:
        archive.write(workbook(tmp_path), "in.xlsx")
    assert [row.line for row in read_rows(tmp_path / "book.zip")] == [2, 3, 5, 6]


def test_bad_rows_have_a_file_of_their_own(tmp_path: Path) -> None:
    for name in ("orders.csv", "orders.xlsx", "orders.csv.gz", "orders.csv.bad.csv", "orders.2020"):
        assert bad_rows_path(tmp_path / name) == tmp_path / f"{name}.bad.csv"
    for ending in (".bad.csv", ".bad-2.csv", ".bad-3.csv"):
        path = bad_rows_path(tmp_path / "orders.csv")
        assert path == tmp_path / f"orders.csv{ending}"
        path.touch()


@pytest.mark.parametrize(
    ("head", "rule", "message"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "pdf", "这是PDF文件，不是表格；请导入CSV或Excel文件"),
        (b"\xef\xbb\xbf<html>", "web_page", "这是网页，不是表格；请用Excel打开后另存为xlsx"),
        (b"\x89PNG\r\n\x1a\n", "image", "这是图片，不是表格；请导入CSV或Excel文件"),
        (b"\xff\xd8\xff\xe0", "image", "这是图片，不是表格；请导入CSV或Excel文件"),
    ],
)
def test_another_kind_of_file_under_a_tables_name(
    tmp_path: Path, head: bytes, rule: str, message: str
) -> None:
    (tmp_path / "orders.xlsx").write_bytes(head + b"1 0 obj << /Type /Catalog >>")
    error = refusal(tmp_path / "orders.xlsx")
    assert (error.rule, str(error)) == (rule, message)


def test_bad_rows_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "in.bad.csv"
    path.write_text("of an earlier run, open to all")
    path.chmod(0o644)
    for resume in (False, True):
        with BadRows(path, ["电话"], resume=resume) as bad:
            bad.add(Row(7, ("13812341234",), {}))
        assert path.stat().st_mode & 0o777 == 0o600, resume
    assert "earlier" not in path.read_text()
    assert path.read_text().count("13812341234") == 2


def test_bad_rows_are_guarded_told_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "in.bad.csv"
    with BadRows(path, ["=a", "b"]) as bad:
        bad.add(Row(7, ("=1+1", "x\ry"), {}), [Fault("=a", "date_format", "不是日期"), Fault("b", "r", "坏")])
        bad.add(Row(9, ("1", "2", "3"), {}, (Fault("C", "too_many_cells", "多"),)))
        assert bad.count == 2
    report = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    assert report == [
        ["错误行号", "错误列", "错误原因", "=a", "b"],
        ["7", "'=a；b", "'=a：不是日期；b：坏", "=1+1", "x\ry"],
        ["9", "C", "C：多", "1", "2", "3"],
    ]
    rows = list(read_rows(path))
    assert rows[0].values == {"=a": "=1+1", "b": "x\ry"}
    assert [fault.rule for fault in rows[1].faults] == ["too_many_cells"]


def test_no_bad_row_no_file_and_resume_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "in.bad.csv"
    with BadRows(path, ["a"]):
        pass
    assert not path.exists()
    for resume in (False, True):
        with BadRows(path, ["a"], resume=resume) as bad:
            bad.add(Row(2, ("x",), {}), [Fault("a", "r", "坏")])
    assert [row.values for row in read_rows(path)] == [{"a": "x"}, {"a": "x"}]


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6))
def test_bad_rows_come_back_as_they_were(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "round.bad.csv"
    wanted = [row for row in rows if any(cell.strip() for cell in row)]
    with BadRows(path, ["甲", "乙", "丙"]) as bad:
        for line, row in enumerate(wanted, 2):
            bad.add(Row(line, row, {}), [Fault("甲", "r", "坏")])
    if wanted:
        assert [row.cells for row in read_rows(path)] == wanted
    path.unlink(missing_ok=True)


def test_fingerprint(tmp_path: Path) -> None:
    assert file_fingerprint(kept(tmp_path, b"abc")) == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.skipif(not REAL.exists(), reason="the shared data is not here")
@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("teddy_messages_4326.csv", 4326, "留言编号"),
        ("teddy_replies_2816.csv", 2816, "留言编号"),
        ("fuzhou_12345_rivers.csv", 1464, "id"),
        ("teddy_train_segmented.csv", 7685, "tokens"),
    ],
)
def test_real_files(name: str, count: int, first: str) -> None:
    with open_table(REAL / name) as table:
        assert table.headers[0] == first
        rows = list(table.rows)
    assert len(rows) == count
    assert [row.line for row in rows if row.faults] == []


@pytest.mark.skipif(not REAL.exists(), reason="the shared data is not here")
def test_a_real_file_in_gb18030_reads_the_same(tmp_path: Path) -> None:
    source = REAL / "teddy_messages_4326.csv"
    path = kept(tmp_path, source.read_text("utf-8-sig").encode("gb18030"))
    assert [row.cells for row in read_rows(path)] == [row.cells for row in read_rows(source)]
