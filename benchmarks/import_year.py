"""Seconds and memory to import a file of 151,404 orders: closed history with its answers, open ones dispatched; and how long
an open row takes from being read to its unit's desk, here and in a file of 9,000 open rows alone.
"""

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
OPEN, LATER = 9_000, NOW + timedelta(hours=1)
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
    from bihuan.packs.hotline.importing.orders import orders_import

    with scratch(NAME), tempfile.TemporaryDirectory() as folder:
        city()
        path, open_ones = Path(folder) / "year.csv", Path(folder) / "open.csv"
        _written(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        report = orders_import(path=path, now=NOW)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with transaction.atomic():
            cases = Case.objects.count()
        among_history = _on_desk()
        _written(open_ones, count=OPEN, closed=False)
        orders_import(path=open_ones, now=LATER)
        alone = _on_desk(LATER)
    say(
        f"{report.rows:,} rows ({report.closed:,} closed, {report.open:,} open, {report.bad} bad): {report.seconds:.0f} s, {report.rows_per_s:,.0f} rows/s, peak {peak:.0f} MB (before {before:.0f} MB)"
    )
    for where, times in (("in the year", among_history), (f"of {OPEN:,} alone", alone)):
        say(
            f"open rows {where}: on the desk after {times[len(times) // 2]:.2f} s (median), {times[-1]:.2f} s (last)"
        )
    figure("import_year_s", report.seconds, "s")
    figure("import_peak_mb", peak, "MB")
    figure("import_open_desk_s", max(among_history[-1], alone[-1]), "s")
    if (report.imported, cases) != (ORDERS, ORDERS):
        raise SystemExit(f"imported {report.imported}, cases {cases}, of {ORDERS}: {report.faults}")


def _on_desk(since: datetime = NOW) -> list[float]:
    """Seconds from being read to the unit's desk, of the open rows that came at `since`, shortest first."""
    from django.db import transaction

    from bihuan.packs.hotline.models import Order

    with transaction.atomic():
        rows = Order.objects.filter(arrived_at=since, on_desk_at__isnull=False)
        return sorted((o.on_desk_at - o.arrived_at).total_seconds() for o in rows if o.on_desk_at)


def _written(path: Path, *, count: int = ORDERS, closed: bool = True) -> None:
    """The year's orders; without `closed`, so many others of it that are all still open."""
    from bihuan.packs.hotline.demonstration.generator import orders
    from bihuan.packs.hotline.order_data import TYPE_WORDS
    from bihuan.packs.hotline.rules import CHANNELS

    types, channels = {code: word for word, code in TYPE_WORDS.items()}, dict(CHANNELS)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(HEADER)
        for order in orders(
            count=count, seed=1 if closed else 2, start=date(2025, 11, 20), end=date(2026, 11, 19)
        ):
            at = order.reported_at
            answered = (
                ("已办结,已回访来电人。", f"{min(at + timedelta(days=3), NOW):%Y-%m-%d %H:%M:%S}")
                if closed and order.closed
                else ("", "")
            )
            sheet.writerow(
                (
                    order.external_id if closed else f"O-{order.external_id}", order.title, order.text, channels[order.channel], types[order.type], order.township,
                    order.place, order.matter, order.reporter, order.phone, f"{at:%Y-%m-%d %H:%M:%S}", *answered,
                )
            )  # fmt: skip


if __name__ == "__main__":
    main()
