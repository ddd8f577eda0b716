"""`bihuan fire classify`: files as they come from offices, judged row by row; what is wrong stays in its row."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from bihuan.packs.fire.special.files import Judged, RowError, file_classify
from bihuan.packs.fire.special.rules import NATIONAL, limits_of

HEAD = "use,area_m2,height_m,contains\n"
LIMITS = limits_of(NATIONAL)


def judged(tmp_path: Path, body: str | bytes, name: str = "in.csv") -> tuple[list[dict[str, str]], Judged]:
    path, out = tmp_path / name, tmp_path / "out.csv"
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    done = file_classify(path, out=out, limits=LIMITS)
    with out.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text)), done


def verdicts(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["special"], row["row"]) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_read_in_the_encodings_of_offices(tmp_path: Path, encoding: str) -> None:
    text = (
        HEAD
        + '歌舞厅,500.01,12,\r\n歌舞厅,500,12,\r\n大学的教学楼,"2,501",20,\r\n办公楼,3000,20,酒吧：501；网吧：200\r\n'
    )
    rows, done = judged(tmp_path, text.encode(encoding))
    assert verdicts(rows) == [("1", "6"), ("0", ""), ("1", "4"), ("1", "11")]
    assert (done.rows, done.special, done.errors) == (4, 3, ())
    marked = (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert marked is (encoding != "utf-8")


@pytest.mark.parametrize(
    ("cells", "special", "row"),
    [
        ("商场,10000.01,,", "1", "3"), ("商场,１００００.０１,,", "1", "3"), ('商场,"10,000.5㎡",,', "1", "3"),
        ("商场,1.1万平方米,,", "1", "3"), ("商场, 10001 ,24米,", "1", "3"), ("商场,1E+5,,", "1", "3"), ("商场,9000,50.1m,无", "1", "12"),
        ("国家机关办公楼,,,", "1", "10"), ("住宅,,55,", "1", "7"), ("写字楼,,60,", "1", "12"), ("商场,0,-,-", "0", ""), ("商场,-0,,", "0", ""), ("商场,10001,20,,", "1", "3"),
        ("商场,10001", "1", "3"), ("办公楼,100,10,歌舞厅:501;", "1", "11"), ("办公楼,100,10,具有娱乐功能的餐馆:\"501\"", "1", "11"),
    ],
)  # fmt: skip
def test_cells_are_read_as_people_fill_them_in(tmp_path: Path, cells: str, special: str, row: str) -> None:
    rows, done = judged(tmp_path, HEAD + cells + "\n")
    assert done.errors == ()
    assert verdicts(rows) == [(special, row)]


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ("火锅城,600,10,", "use", "不认识的用途“火锅城”,请用第14条的词"),
        ("宾倌,600,10,", "use", "不认识的用途“宾倌”,是不是:宾馆"),
        (",600,10,", "use", "用途没有填"),
        ("商场,-1,10,", "area_m2", "面积不能是负数(-1)"),
        ("商场,约一千,10,", "area_m2", "面积“约一千”不是数字"),
        ("商场,NaN,10,", "area_m2", "面积“NaN”不是数字"),
        ('商场,"1,00",10,', "area_m2", "面积“1,00”不是数字"),
        ("商场,,10,", "area_m2", "面积没有填"),
        ("办公楼,,10,", "area_m2", "面积没有填"),
        ("商场,600,高,", "height_m", "高度“高”不是数字"),
        ("商场,600,-3,", "height_m", "高度不能是负数(-3)"),
        ("办公楼,600,10,火锅城:600", "contains", "不认识的用途“火锅城”,请用第14条的词"),
        ("办公楼,600,10,酒吧", "contains", "所含部分“酒吧”要写成“用途:面积”"),
        ("办公楼,600,10,酒吧:", "contains", "所含部分“酒吧:”没有写面积"),
        ("商场,10,001,10,酒吧:600", "E", "应有4格，现有5格"),
        ("商场,10,001,,", "area_m2", "面积“10,001”里的逗号要去掉,或给这一格加上引号"),
    ],
)
def test_what_is_wrong_is_an_error_of_its_row_and_stops_no_other(
    tmp_path: Path, cells: str, column: str, message: str
) -> None:
    rows, done = judged(tmp_path, HEAD + "歌舞厅,501,,\n" + cells + "\n酒吧,502,,\n")
    assert done.errors == (RowError(3, column, message),)
    assert verdicts(rows) == [("1", "6"), ("", ""), ("1", "6")]
    assert rows[1]["reason"] == f"错误:{message}"
    assert rows[1]["use"] == cells.split(",", maxsplit=1)[0]


def test_a_row_of_blank_cells_keeps_its_place_but_for_those_at_the_end(tmp_path: Path) -> None:
    rows, done = judged(tmp_path, HEAD + "歌舞厅,501,,\n,,,\n\n酒吧,502,,\n,,,\n,,,\n")
    assert verdicts(rows) == [("1", "6"), ("", ""), ("1", "6")]
    assert (done.rows, done.errors) == (3, (RowError(3, "use", "用途没有填"),))


def test_a_file_of_many_parts_and_digits_is_judged_to_the_last(tmp_path: Path) -> None:
    parts = ";".join(["歌舞厅:500"] * 60 + ["酒吧:500." + "0" * 40 + "1"])
    rows, done = judged(tmp_path, HEAD + f"办公楼,3000,20,{parts}\n歌舞厅,500.{'0' * 40}1,,\n")
    assert (verdicts(rows), done.errors) == ([("1", "11"), ("1", "6")], ())


def test_a_workbook_and_other_columns_are_kept_and_a_column_of_ours_is_renamed(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["编号", "USE", "建筑面积", "special"])  # type: ignore[union-attr]
    book.active.append(["甲-1", "网吧", 500.5, "旧"])  # type: ignore[union-attr]
    kept = io.BytesIO()
    book.save(kept)
    rows, _ = judged(tmp_path, kept.getvalue(), "in.xlsx")
    reason = "第14条第六项:网吧 500.5 平方米,大于 500 平方米"
    assert rows == [
        {"编号": "甲-1", "USE": "网吧", "建筑面积": "500.5", "input_special": "旧", "special": "1", "row": "6", "reason": reason}
    ]  # fmt: skip


def test_the_command_tells_and_counts_the_rows_that_could_not_be_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text(HEAD + "歌舞厅,501,,\n", encoding="utf-8")
    call_command("fire", "classify", str(path), "--out", str(out))
    assert json.loads(capsys.readouterr().out) == {"rows": 1, "special": 1, "errors": 0, "out": str(out)}
    path.write_text(HEAD + "歌舞厅,501,,\n火锅城,501,,\n", encoding="utf-8")
    call_command("fire", "classify", str(path), "--out", str(out))
    told = capsys.readouterr()
    assert json.loads(told.out) == {"rows": 2, "special": 1, "errors": 1, "out": str(out)}
    assert told.err == "第 3 行 use:不认识的用途“火锅城”,请用第14条的词\n"
    assert out.read_text(encoding="utf-8").count("\n") == 3


@pytest.mark.parametrize(("head", "wrong"), [("area_m2,height_m", "use"), ("use,height_m", "area_m2")])
def test_a_file_without_a_column_is_refused_and_nothing_is_written(
    tmp_path: Path, head: str, wrong: str
) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text(head + "\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match=f"没有“{wrong}”这一列"):
        call_command("fire", "classify", str(path), "--out", str(out))
    assert not out.exists()
    with pytest.raises(CommandError, match="输出文件不能就是输入文件"):
        call_command("fire", "classify", str(path), "--out", str(path))
    assert path.read_text(encoding="utf-8") == head + "\n1,2\n"
