"""Free times of a day: 1,000 resources with 90 days of bookings, four of each resource a day, read in one query."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

from benchmarks.database import analyze, connect_as, django_ready, say, scratch
from benchmarks.loops import NOW, city, figure

NAME = "bench_slots"
RESOURCES, DAYS, RUNS = 1_000, 90, 20
RESOURCE = """
    insert into appointments_resource (code, name, name_en, kind, unit_id, minutes, buffer, open_to_public, active)
    select 'R' || n, n || '号窗口', '', 'window', %s, 30, 5, true, true from generate_series(1, %s) n
"""
BOOKINGS = """
    insert into appointments_booking (number, resource_id, begin, "end", held, name, phone, state, made_at)
    select 'B' || r.id || '-' || d || '-' || h, r.id, b, b + interval '30 minutes', tstzrange(b, b + interval '35 minutes'),
        '', '', 'booked', %(now)s
    from appointments_resource r, generate_series(1, %(days)s) d, generate_series(9, 12) h,
        lateral (select date_trunc('day', %(now)s at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'
            + d * interval '1 day' + h * interval '1 hour' as b) t
"""


def main() -> None:
    """Measure and print the 95th percentile of a day of all resources, its free times computed."""
    django_ready()
    from django.db import connection, transaction

    from bihuan.kernel.appointments.selectors import resources_offered
    from bihuan.kernel.ledger.services import kernel_writes

    with scratch(NAME):
        connect_as("app", NAME)
        units, _people = city()
        with transaction.atomic(), kernel_writes(), connection.cursor() as cursor:
            cursor.execute(RESOURCE, [units["371502_market"], RESOURCES])
            cursor.execute(BOOKINGS, {"now": NOW, "days": DAYS})
        analyze(NAME)
        connect_as("app", NAME)
        took = []
        for run in range(RUNS):
            day = NOW.date() + timedelta(days=1 + run * 4)
            began = perf_counter()
            offered = resources_offered(first=day, last=day)
            free = sum(len(one.free(day, NOW)) for one in offered)
            took.append((perf_counter() - began) * 1_000)
            assert len(offered) == RESOURCES
    p95 = sorted(took)[int(RUNS * 0.95) - 1]
    say(
        f"{RESOURCES:,} resources, {RESOURCES * DAYS * 4:,} bookings: a day in {p95:.0f} ms (p95), {free:,} free times on the last"
    )
    figure("free_slots_day_ms", round(p95), "ms, one query and its free times")


if __name__ == "__main__":
    main()
