"""Seconds and memory to import a file of 151,404 orders: closed history with its answers, open ones dispatched."""

from __future__ import annotations

import csv
import resource
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from benchmarks.database import django_ready, say, scratch
from benchmarks.loops import city, figure

NAME = "bench_import"
ORDERS = 151_404
NOW = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
HEADER = (
    "外部编号",
    "标题",
    "内容",
    "来源",
    "诉求类型",
    "属地",
    "地点",
    "事项",
    "反映人",
    "电话",
    "反映时间",
    "答复",
    "答复时间",
)


def main() -> None:
    """Measure and print."""
    django_ready()
    from django.db import transaction

    from bihuan.kernel.cases.models import Case
    from bihuan.packs.hotline.importing import orders_import

    with scratch(NAME), tempfile.TemporaryDirectory() as folder:
        city()
        path = Path(folder) / "year.csv"
        _written(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        report = orders_import(path=path, now=NOW)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with transaction.atomic():
            cases = Case.objects.count()
    say(
        f"{report.rows:,} rows ({report.closed:,} closed, {report.open:,} open, {report.bad} bad): {report.seconds:.0f} s, {report.rows_per_s:,.0f} rows/s, peak {peak:.0f} MB (before {before:.0f} MB)"
    )
    figure("import_year_s", report.seconds, "s")
    figure("import_peak_mb", peak, "MB")
    if (report.imported, cases) != (ORDERS, ORDERS):
        raise SystemExit(f"imported {report.imported}, cases {cases}, of {ORDERS}: {report.faults}")


def _written(path: Path) -> None:
    from bihuan.packs.hotline.generator import orders
    from bihuan.packs.hotline.order_data import TYPE_WORDS
    from bihuan.packs.hotline.rules import CHANNELS

    types, channels = {code: word for word, code in TYPE_WORDS.items()}, dict(CHANNELS)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(HEADER)
        for order in orders(count=ORDERS, seed=1, start=date(2025, 11, 20), end=date(2026, 11, 19)):
            at = order.reported_at
            answered = (
                ("已办结,已回访来电人。", f"{min(at + timedelta(days=3), NOW):%Y-%m-%d %H:%M:%S}")
                if order.closed
                else ("", "")
            )
            sheet.writerow(
                (
                    order.external_id, order.title, order.text, channels[order.channel], types[order.type], order.township,
                    order.place, order.matter, order.reporter, order.phone, f"{at:%Y-%m-%d %H:%M:%S}", *answered,
                )
            )  # fmt: skip


if __name__ == "__main__":
    main()
