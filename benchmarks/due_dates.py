"""Due dates a second, in bulk, beside a day-by-day loop over the package chinesecalendar; one core.

Run: .venv/bin/python benchmarks/due_dates.py. One JSON line on stdout, a table on stderr.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import chinese_calendar
import numpy as np

from bihuan.kernel.clocks.bulk import due_dates_bulk
from bihuan.kernel.clocks.calendar import BEIJING, epoch, moment, official_calendar
from bihuan.kernel.clocks.rules import Limit, due_at

MANY, SOME, PEER = 2_000_000, 50_000, 2_000
CALENDAR = official_calendar()
FIVE_DAYS = Limit(5, "working_day")


def rate(count: int, work: Callable[[], object]) -> float:
    """The best of three runs, per second."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return count / best


def peer_due(day: date, number: int) -> date:
    """The number-th working day after `day`, asking chinesecalendar about each day."""
    while number:
        day += timedelta(days=1)
        number -= chinese_calendar.is_workday(day)
    return day


def main() -> None:
    """Measures ours and the peer, checks that both give the same days, prints."""
    first, last = (epoch(datetime(year, 1, 1, tzinfo=BEIJING)) for year in (2004, 2026))
    starts = np.random.default_rng(12345).integers(first, last, MANY)
    few = starts[:SOME].tolist()
    days = [moment(start).date() for start in few[:PEER]]
    ours = [moment(due).date() for due in due_dates_bulk(starts[:PEER], FIVE_DAYS, CALENDAR).tolist()]
    if ours != [peer_due(day, 5) for day in days]:
        sys.exit("ours and chinesecalendar disagree")
    table = {
        f"bulk, 5 {unit}": rate(MANY, lambda unit=unit: due_dates_bulk(starts, Limit(5, unit), CALENDAR))
        for unit in ("working_day", "working_hour", "natural_day")
    }
    for unit in ("working_day", "working_hour"):
        limit = Limit(5, unit)
        table[f"one by one, 5 {unit}"] = rate(SOME, lambda: [due_at(limit, one, CALENDAR) for one in few])  # noqa: B023
    peer = rate(PEER, lambda: [peer_due(day, 5) for day in days])
    table["chinesecalendar loop, 5 working_day"] = peer
    for name, value in table.items():
        print(f"{name:<40}{value:>14,.0f}/s", file=sys.stderr)
    value = min(value for name, value in table.items() if name.startswith("bulk"))
    figures = {
        "value": round(value),
        "unit": "1/s",
        "peer": "chinesecalendar loop",
        "peer_value": round(peer),
    }
    print(json.dumps({"name": "due_dates_per_s"} | figures | {"ratio": round(value / peer, 1)}))


if __name__ == "__main__":
    main()
