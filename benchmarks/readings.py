"""Readings of devices: taken, checked against limits and kept, beside a plain COPY and INSERT of the same rows in the same run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from typing import Any

from benchmarks.database import connect_as, django_ready, say, scratch
from benchmarks.loops import NOW, city, figure

NAME = "bench_readings"
DEVICES, EACH, BATCH = 200, 250, 5_000
COPY = "copy bench_copied (device_id, metric, at, value, received_at) from stdin"
TABLE = "create table bench_copied (device_id bigint, metric text, at timestamptz, value float8, received_at timestamptz, primary key (device_id, metric, at))"
INSERT = "insert into bench_copied values (%s, %s, %s, %s, %s)"


def values() -> Iterator[tuple[int, Any, float]]:
    """Device, moment and value: every minute of every device; one device in fifty rises above its limit near the end."""
    for step in range(EACH):
        at = NOW - timedelta(minutes=EACH - step)
        for device in range(DEVICES):
            yield device, at, 180.0 if device % 50 == 0 and step > EACH - 20 else 60.0 + (step + device) % 40


def main() -> None:
    """Print readings a second: ours, by COPY, by INSERT; and how many alarms came of them, again none when sent again."""
    django_ready()
    from django.db import connection, transaction

    from bihuan.kernel.ledger.services import kernel_writes
    from bihuan.packs.fire.sites.kinds import DEVICES as KINDS
    from bihuan.packs.fire.sites.selectors import limits_known
    from bihuan.telemetry.models import Device
    from bihuan.telemetry.services import Given, Times, readings_take

    rows = list(values())
    times = Times(timedelta(minutes=5), timedelta(days=7))
    with scratch(NAME):
        connect_as("owner", NAME)
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
            began = perf_counter()
            with transaction.atomic(), cursor.copy(COPY) as copy:
                for device, at, value in rows:
                    copy.write_row((device, "pm10", at, value, NOW))
            copied = len(rows) / (perf_counter() - began)
            cursor.execute("truncate bench_copied")
            part = rows[:BATCH]
            began = perf_counter()
            with transaction.atomic():
                cursor.executemany(INSERT, [(device, "pm10", at, value, NOW) for device, at, value in part])
            inserted = len(part) / (perf_counter() - began)
        connect_as("app", NAME)
        units, _people = city()
        unit = units["371502_market"]
        with transaction.atomic(), kernel_writes():
            Device.objects.bulk_create(
                Device(code=f"D{n}", kind="dust", name="扬尘", subject="bench", unit_id=unit, added_at=NOW)
                for n in range(DEVICES)
            )
        given = [Given(f"D{device}", "pm10", at, value) for device, at, value in rows]

        def send() -> tuple[float, int]:
            begun, began = 0, perf_counter()
            for place in range(0, len(given), BATCH):
                taken = readings_take(
                    given=given[place : place + BATCH],
                    kinds=KINDS,
                    limits=limits_known(),
                    units=[unit],
                    times=times,
                    now=NOW,
                )
                begun += len(taken.begun)
            return len(given) / (perf_counter() - began), begun

        ours, alarms = send()
        again, more = send()
    assert (alarms, more) == (DEVICES // 50, 0)
    say(
        f"{len(rows):,} readings in batches of {BATCH:,}: {ours:,.0f}/s ({again:,.0f}/s sent again); COPY {copied:,.0f}/s, INSERT {inserted:,.0f}/s"
    )
    figure("readings_taken", round(ours), "readings/s", "COPY with a key", round(copied))
    figure("readings_inserted", round(ours), "readings/s", "INSERT", round(inserted))


if __name__ == "__main__":
    main()
