"""Importing: nothing good held back, nothing twice, bad rows told and kept, killed anywhere and continued."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bihuan.kernel.cases.models import Case, ClosedDaily
from bihuan.kernel.desk.lists.counts import closed_counted
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.lib.tables import read_rows
from bihuan.lib.text import SHANGHAI
from bihuan.packs.hotline.importing import orders as importing
from bihuan.packs.hotline.importing.orders import ImportReport, orders_import
from bihuan.packs.hotline.models import ImportRun, Order

pytestmark = pytest.mark.django_db
HEADERS = ("外部编号", "标题", "诉求内容", "属地", "事项", "反映时间", "答复", "答复时间")
ONE = ("W1", "路面积水", "古楼街道路面积水", "古楼街道", "道路积水", "2026-03-01 08:00", "", "")
OLD = ("W2", "路灯不亮", "路灯不亮", "古楼街道", "0103", "2025/2/3 8:00:01", "已修好。", "2025/2/5 9:00")


@pytest.fixture(autouse=True)
def everything(db: None) -> None:
    scope_apply(Scope(0, (), (), True))


def write(
    path: Path, rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8", headers: Sequence[str] = HEADERS
) -> Path:
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows([headers, *rows])
    return path


def numbers(report: ImportReport) -> tuple[int, int, int, int]:
    return report.rows, report.imported, report.repeated, report.bad


def changed_rows() -> tuple[int, ...]:
    tables = (
        "cases_case",
        "hotline_order",
        "ledger_entry",
        "hotline_import_run",
        "numbering_counter",
        "ledger_private",
    )
    found = []
    with kernel_writes(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select count(*) from {table}")
            found.append(cursor.fetchone()[0])
    return tuple(found)


def test_open_rows_are_dispatched_and_answered_ones_are_history(now: datetime, tmp_path: Path) -> None:
    unknown = ("W3", "", "积水没人管", "A3区", "0101", "", "", "")
    report = orders_import(path=write(tmp_path / "a.csv", [ONE, OLD, unknown]), now=now)
    assert numbers(report) == (3, 3, 0, 0)
    assert report.mapping == "bihuan"
    assert (report.open, report.closed, report.automatic, report.coordination) == (2, 1, 1, 1)
    unit = dict(Unit.objects.values_list("code", "id"))
    one, old, lost = (Case.objects.select_related("content").get(external_id=f"W{n}") for n in (1, 2, 3))
    assert (one.state, one.unit_id, one.imported) == ("dispatched", unit["371502_municipal"], False)
    assert one.reported_at == datetime(2026, 3, 1, 8, tzinfo=SHANGHAI)
    assert one.opened_at == now
    assert (old.state, old.imported, old.content.answer, old.matter) == ("closed", True, "已修好。", "0103")
    assert old.opened_at == old.reported_at == datetime(2025, 2, 3, 8, 0, 1, tzinfo=SHANGHAI)
    assert old.closed_at == datetime(2025, 2, 5, 9, tzinfo=SHANGHAI)
    assert old.number == "RX2025020300001"
    assert (lost.state, lost.unit_id, lost.title) == ("coordinating", unit["371502_desk"], "积水没人管")
    assert Order.objects.get(case=old).on_desk_at is None
    assert Order.objects.get(case=one).automatic
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from clocks_clock where case_id = %s", [old.pk])
        assert cursor.fetchone()[0] == 0
    assert report.bad_rows_file is None
    assert not (tmp_path / "a.csv.bad.csv").exists()
    assert not ledger_verify().faults


def test_the_same_file_again_is_repeated(now: datetime, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [ONE, OLD])
    orders_import(path=path, now=now)
    again = orders_import(path=path, now=now)
    assert numbers(again) == (2, 0, 2, 0)
    assert Case.objects.count() == 2
    other = write(
        tmp_path / "b.csv",
        [ONE, ("W2", *OLD[1:6], "另一答复", OLD[7]), ONE, ("W9", *ONE[1:]), ("W9", "改", *ONE[2:])],
    )
    report = orders_import(path=other, now=now)
    assert numbers(report) == (5, 1, 2, 2)
    assert report.faults == {"duplicate": 2}
    assert Case.objects.count() == 3
    assert ImportRun.objects.count() == 2


def test_rows_without_an_id_are_taken_once(now: datetime, tmp_path: Path) -> None:
    rows = [["积水", "古楼街道"], ["积水", "古楼街道"], ["积水", "柳园街道"]]
    path = write(tmp_path / "a.csv", rows, headers=("内容", "属地"))
    assert numbers(orders_import(path=path, now=now)) == (3, 2, 1, 0)
    assert numbers(orders_import(path=path, now=now + timedelta(days=1))) == (3, 0, 3, 0)


def test_rows_without_a_time_are_the_same_tomorrow(now: datetime, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["E1", "积水", "古楼街道"]], headers=("外部编号", "内容", "属地"))
    assert numbers(orders_import(path=path, now=now)) == (1, 1, 0, 0)
    tomorrow = now + timedelta(days=1)
    assert numbers(orders_import(path=path, now=tomorrow)) == (1, 0, 1, 0)
    other = write(tmp_path / "b.csv", [["E1", "路灯", "古楼街道"]], headers=("外部编号", "内容", "属地"))
    assert numbers(orders_import(path=other, now=tomorrow)) == (1, 0, 0, 1)


BAD = (
    (("B1", *ONE[1:2], "", *ONE[3:]), "诉求内容", "empty"),
    (("B2", *ONE[1:2], "长" * 20_001, *ONE[3:]), "诉求内容", "too_long"),
    (("B3", *ONE[1:2], "有\x07响", *ONE[3:]), "诉求内容", "control_character"),
    (("B4", *ONE[1:5], "2026-02-30", "", ""), "反映时间", "impossible_date"),
    (("B5", *ONE[1:5], "2026-03-03", "", ""), "反映时间", "future_date"),
    (("B6", *ONE[1:5], "去年", "", ""), "反映时间", "date_format"),
    (("B7", *OLD[1:7], "2025/2/1"), "答复时间", "before_report"),
    (("B8", *OLD[1:7], ""), "答复时间", "empty"),
    (("B9", *ONE[1:4], "不存在的事项", *ONE[5:]), "事项", "unknown_matter"),
    (("x" * 81, *ONE[1:]), "外部编号", "too_long"),
    (("BA", "题" * 201, *ONE[2:]), "标题", "too_long"),
    (("BB", "少几格"), "诉求内容", "too_few_cells"),
    ((*ONE[:8], "多一格"), "I", "too_many_cells"),
)


@pytest.mark.parametrize(("row", "column", "rule"), BAD)
def test_a_bad_row_names_line_column_reason_and_changes_nothing_else(
    now: datetime, tmp_path: Path, row: Sequence[str], column: str, rule: str
) -> None:
    report = orders_import(path=write(tmp_path / "a.csv", [row]), now=now)
    assert numbers(report) == (1, 0, 0, 1)
    assert report.faults == {rule: 1}
    assert Case.objects.count() == 0
    assert Order.objects.count() == 0
    with (tmp_path / "a.csv.bad.csv").open(encoding="utf-8-sig", newline="") as kept:
        header, told = list(csv.reader(kept))
    assert header == ["错误行号", "错误列", "错误原因", *HEADERS]
    assert told[:2] == ["2", column]
    assert told[3:] == list(row)


def test_bad_rows_are_corrected_and_fed_again(now: datetime, tmp_path: Path) -> None:
    wrong = ("W3", "题", "内容", "古楼街道", "没有", "2030-01-01", "", "")
    report = orders_import(path=write(tmp_path / "a.csv", [ONE, wrong, OLD]), now=now)
    assert numbers(report) == (3, 2, 0, 1)
    assert report.faults == {"future_date": 1, "unknown_matter": 1}
    bad = tmp_path / "a.csv.bad.csv"
    assert report.bad_rows_file == str(bad)
    bad.write_text(
        bad.read_text(encoding="utf-8-sig").replace("2030", "2026").replace(",没有,", ",0101,"),
        encoding="utf-8-sig",
    )
    again = orders_import(path=bad, now=now)
    assert numbers(again) == (1, 1, 0, 0)
    assert Case.objects.count() == 3


def test_no_import_writes_over_the_bad_rows_of_another(now: datetime, tmp_path: Path) -> None:
    """Neither the same file once more, nor one of the same name that has another ending."""
    wrong = ("W3", "题", "内容", "古楼街道", "没有", "2026-01-01", "", "")
    path = write(tmp_path / "a.csv", [ONE, wrong])
    first = orders_import(path=path, now=now)
    kept = Path(str(first.bad_rows_file))
    kept.write_text("under correction", encoding="utf-8")
    again = orders_import(path=path, now=now)
    other = write(tmp_path / "a.txt", [(*wrong[:1], "另一题", *wrong[2:])])
    third = orders_import(path=other, now=now)
    names = [Path(str(report.bad_rows_file)).name for report in (first, again, third)]
    assert names == ["a.csv.bad.csv", "a.csv.bad-2.csv", "a.txt.bad.csv"]
    assert kept.read_text(encoding="utf-8") == "under correction"
    told = [[row.values["标题"] for row in read_rows(tmp_path / name)] for name in names[1:]]
    assert told == [["题"], ["另一题"]]


def test_dry_run_changes_nothing_and_reports_the_same(now: datetime, tmp_path: Path) -> None:
    rows = [
        ONE,
        OLD,
        ("W3", "", "x", "A3区", "0101", "", "", ""),
        ONE,
        ("W2", "改", *OLD[2:]),
        ("B", "", "", "", "", "", "", ""),
    ]
    path = write(tmp_path / "a.csv", rows)
    before = changed_rows()
    dry = orders_import(path=path, now=now, dry_run=True, batch=2)
    assert changed_rows() == before
    assert not (tmp_path / "a.csv.bad.csv").exists()
    real = orders_import(path=path, now=now, batch=2)
    for name in importing.COUNTED:
        assert getattr(dry, name) == getattr(real, name), name
    assert numbers(real) == (6, 3, 1, 2)


def test_open_rows_wait_for_few_others(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction holds so many open rows at most, since none is on its desk before it commits; history fills it up."""
    monkeypatch.setattr(importing, "OPEN", 2)
    kinds = "OOCCCOCOO"
    rows = [(f"{kind}{n}", *(ONE if kind == "O" else OLD)[1:]) for n, kind in enumerate(kinds)]
    entered: list[tuple[int, int]] = []
    path = write(tmp_path / "a.csv", rows)
    orders_import(path=path, now=now, progress=lambda report: entered.append((report.open, report.closed)))
    assert entered == [(2, 0), (4, 4), (5, 4)]
    assert ImportRun.objects.get().line == 10


@pytest.mark.parametrize("killed_at", [1, 2, 3])
@pytest.mark.parametrize("late", [False, True])
def test_killed_anywhere_and_started_again(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: int, late: bool
) -> None:
    rows = [(f"K{n}", "题", "积水" if n % 3 else "", *ONE[3:]) for n in range(8)]
    path = write(tmp_path / "a.csv", rows)
    real, calls = importing._remember, 0

    def dies(*given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == killed_at:
            if late:
                real(*given)
            # Inside the batch's transaction: the database forgets it, the file of bad rows does not.
            raise KeyboardInterrupt

        real(*given)

    monkeypatch.setattr(importing, "_remember", dies)
    with pytest.raises(KeyboardInterrupt):
        orders_import(path=path, now=now, batch=2)
    monkeypatch.setattr(importing, "_remember", real)
    assert Case.objects.count() < 5
    report = orders_import(path=path, now=now, batch=2)
    assert numbers(report) == (8, 5, 0, 3)
    assert report.faults == {"empty": 3}
    assert sorted(Case.objects.values_list("external_id", flat=True)) == ["K1", "K2", "K4", "K5", "K7"]
    assert [row.values["外部编号"] for row in read_rows(tmp_path / "a.csv.bad.csv")] == ["K0", "K3", "K6"]
    run = ImportRun.objects.get()
    assert (run.line, run.imported, run.bad, run.finished_at) == (9, 5, 3, now)


def test_closed_history_is_rolled_up_at_the_end(now: datetime, tmp_path: Path) -> None:
    """Worklists count by it; a day that is not over, and an open order, are not in it."""
    today = (
        "W3",
        "路灯不亮",
        "路灯不亮",
        "古楼街道",
        "0103",
        "2026/3/1 8:00",
        "已修好。",
        f"{now:%Y-%m-%d} 00:00:01",
    )
    path = write(tmp_path / "a.csv", [ONE, OLD, OLD, today, ("W4", *OLD[1:])])
    orders_import(path=path, now=now, dry_run=True)
    assert not ClosedDaily.objects.exists()
    orders_import(path=path, now=now)
    centre = Unit.objects.get(code="371502_12345").id
    rolled = ClosedDaily.objects.values_list("day", "pack", "unit", "state", "count")
    assert list(rolled) == [(date(2025, 2, 5), "hotline", centre, "closed", 2)]
    everything, outsider = Scope(0, (), (), True), Scope(0, (), (), False)
    assert closed_counted(scope=everything) == 3
    assert closed_counted(scope=outsider) == 0
