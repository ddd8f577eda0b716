"""Boston's file of 2011 and others like it: nothing good is bad, and our clocks agree with the file's own word."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.packs.hotline.importing import orders as importing
from bihuan.packs.hotline.importing.orders import ImportReport, orders_import
from bihuan.packs.hotline.models import ImportRun, Order

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[4] / "shared/data/open311/boston_311_service_requests_2011.zip"
HEADERS = (
    "CASE_ENQUIRY_ID", "Case_Title", "OPEN_DT", "Target_DT", "CLOSED_DT", "OnTime_Status", "CLOSURE_REASON",
    "Source", "Location", "Extra Column",
)  # fmt: skip
LIGHT = ("1", "Street Light Outages", "2011-07-01 01:32:33", "2011-07-15 01:32:32", "2011-07-01 05:06:58", "ONTIME",
         "Case Closed. Replaced fuse", "Self Service", "39  Lorraine St", "x")  # fmt: skip
LATE = (
    "2",
    "Pothole",
    "2011-07-01 03:03:48",
    "2011-07-15 03:03:48",
    "2011-07-15 03:03:49",
    "OVERDUE",
    " ",
    "",
    "",
    "",
)
TO_THE_SECOND = ("3", "Pothole", "7/1/2011 3:03:48 AM", "7/15/2011 3:03:48 AM", "7/15/2011 3:03:48 AM", "ontime",
                 "Done", "", "", "")  # fmt: skip
NO_TARGET = ("4", "Graffiti", "2011-07-01 03:12:31", "", "2012-07-01 06:12:38", "ONTIME", "Done", "", "", "")
OPEN_LATE = ("5", "Tree", "2011-07-01 07:57:58", "2011-09-02 07:57:58", "", "OVERDUE", "", "Twitter", "", "")
OPEN_ON_TIME = ("6", "Tree", "2011-07-01 07:57:58", "2059-12-31 19:00:00", "", "On Time", "", "", "", "")
UNSTATED = (
    "7",
    "Sign",
    "2011-07-02 13:55:04",
    "2011-07-18 13:55:03",
    "2013-07-11 17:38:25",
    "",
    "x",
    "",
    "",
    "",
)
DISAGREES = (
    "8",
    "Sign",
    "2011-07-02 13:55:04",
    "2011-07-18 13:55:03",
    "2011-07-11 17:38:25",
    "OVERDUE",
    "x",
    "",
    "",
    "",
)
ROWS = (LIGHT, LATE, TO_THE_SECOND, NO_TARGET, OPEN_LATE, OPEN_ON_TIME, UNSTATED)


@pytest.fixture(autouse=True)
def everything(db: None) -> None:
    scope_apply(Scope(0, (), (), True))


def write(path: Path, rows: Sequence[Sequence[str]], headers: Sequence[str] = HEADERS) -> Path:
    text = StringIO()
    csv.writer(text).writerows([headers, *rows])
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("requests.csv", text.getvalue())
    else:
        path.write_text(text.getvalue(), encoding="utf-8")
    return path


def figures(report: ImportReport) -> tuple[int | None, ...]:
    return (
        report.rows, report.good, report.bad, report.judged, report.ontime_file, report.ontime_clock, report.disagree,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["requests.csv", "requests.zip"])
@pytest.mark.parametrize("mapping", ["boston", None])
def test_every_kind_of_row_is_good_and_the_clocks_agree(
    now: datetime, tmp_path: Path, name: str, mapping: str | None
) -> None:
    report = orders_import(path=write(tmp_path / name, ROWS), now=now, mapping=mapping, dry_run=True)
    assert figures(report) == (7, 7, 0, 6, 4, 4, 0)
    assert (report.mapping, report.open, report.closed) == ("boston", 2, 5)
    assert report.unknown_columns == ["Extra Column"]
    assert Case.objects.count() == 0


def test_headers_in_another_order_and_of_later_years(now: datetime, tmp_path: Path) -> None:
    """The year 2023 calls them sla_target_dt and on_time."""
    later = {"Target_DT": "sla_target_dt", "OnTime_Status": "on_time"}
    order = list(reversed(range(len(HEADERS))))
    headers = [later.get(HEADERS[place], HEADERS[place].lower()) for place in order]
    rows = [[row[place] for place in order] for row in (*ROWS, DISAGREES)]
    report = orders_import(path=write(tmp_path / "a.csv", rows, headers), now=now, dry_run=True)
    assert figures(report) == (8, 8, 0, 7, 4, 5, 1)


def test_what_cannot_be_read_is_bad_and_judged_by_nobody(now: datetime, tmp_path: Path) -> None:
    rows = [
        LIGHT,
        ("9", "Sign", "yesterday", *LIGHT[3:]),
        ("10", "Sign", LIGHT[2], "soon", *LIGHT[4:]),
        ("11", *LIGHT[1:5], "maybe", *LIGHT[6:]),
        ("12", "Sign", "", *LIGHT[3:]),
        ("13", *LIGHT[1:4], "2011-06-30 00:00:00", *LIGHT[5:]),
    ]
    report = orders_import(path=write(tmp_path / "a.csv", rows), now=now, mapping="boston")
    assert figures(report) == (6, 1, 5, 1, 1, 1, 0)
    assert report.faults == {"before_report": 1, "choice": 1, "date_format": 2, "empty": 1}
    told = (tmp_path / "a.csv.bad.csv").read_text(encoding="utf-8-sig")
    assert "OnTime_Status" in told.split("\n")[3]
    assert Case.objects.count() == 1


def test_rows_become_history_and_open_orders_once(now: datetime, tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", ROWS)
    assert figures(orders_import(path=path, now=now, mapping="boston")) == (7, 7, 0, 6, 4, 4, 0)
    again = orders_import(path=path, now=now, mapping="boston")
    assert (again.imported, again.repeated, figures(again)) == (0, 7, (7, 7, 0, 6, 4, 4, 0))
    light = Case.objects.select_related("content").get(external_id="boston-1")
    assert (light.state, light.imported, light.title) == ("closed", True, "Street Light Outages")
    assert light.place == "39 Lorraine St"
    assert light.content.answer == "Case Closed. Replaced fuse"
    assert light.reported_at == datetime.fromisoformat("2011-07-01 01:32:33-04:00")
    assert light.closed_at == datetime.fromisoformat("2011-07-01 05:06:58-04:00")
    late = Case.objects.select_related("content").get(external_id="boston-2")
    assert late.content.answer == "Closed"
    tree = Case.objects.get(external_id="boston-5")
    assert (tree.closed_at, tree.imported, tree.opened_at) == (None, False, now)
    channels = dict(Order.objects.values_list("case__external_id", "channel"))
    assert (channels["boston-1"], channels["boston-5"]) == ("web", "import")


def test_an_import_that_was_killed_judges_the_whole_file(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv", ROWS)
    enter, calls = importing.orders_enter, []

    def killed(**given: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return enter(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "orders_enter", killed)
    with pytest.raises(KeyboardInterrupt):
        orders_import(path=path, now=now, mapping="boston", batch=4)
    assert (ImportRun.objects.get().imported, Case.objects.count()) == (4, 4)
    assert figures(orders_import(path=path, now=now, mapping="boston", batch=4)) == (7, 7, 0, 6, 4, 4, 0)


def test_a_file_that_promises_nothing_has_no_such_figures(now: datetime, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [("1", "路面积水")], ("外部编号", "内容"))
    report = orders_import(path=path, now=now, dry_run=True)
    assert figures(report) == (1, 1, 0, None, None, None, None)


def test_the_whole_file_of_2011_is_good_and_our_clocks_agree_with_it() -> None:
    out = StringIO()
    call_command(
        "hotline", "import", str(FILE), "--mapping", "boston", "--dry-run", "--report", "-", stdout=out
    )
    told = json.loads(out.getvalue())
    wanted = {
        "rows": 58_251, "good": 58_251, "bad": 0, "judged": 58_093, "ontime_file": 46_572, "ontime_clock": 46_572,
        "disagree": 0, "open": 3_681, "closed": 54_570, "unknown_columns": [],
    }  # fmt: skip
    assert {name: told[name] for name in wanted} == wanted
    assert Case.objects.count() == 0
