"""Numbers without gaps, eight writers on one counter, each committed; duplicates and gaps are counted."""

from __future__ import annotations

from benchmarks.database import connect_as, django_ready, say, scratch
from benchmarks.loops import NOW, figure, in_processes

NAME = "bench_numbers"
WRITERS, EACH = 8, 600


def take(count: int) -> list[str]:
    """So many numbers, one a transaction."""
    from bihuan.kernel.numbering.formats import NumberFormat
    from bihuan.kernel.numbering.services import number_take

    format_ = NumberFormat("bench", "B{date:%Y%m%d}{serial:6}")
    return [number_take(format_=format_, on=NOW.date()) for _ in range(count)]


def main() -> None:
    """Measure and print."""
    django_ready()
    with scratch(NAME):
        connect_as("worker", NAME)
        taken, seconds = in_processes(NAME, take, [(EACH,)] * WRITERS)
    numbers = [number for part in taken for number in part]
    duplicates = len(numbers) - len(set(numbers))
    gaps = max(int(number[-6:]) for number in numbers) - len(set(numbers))
    rate = len(numbers) / seconds
    say(f"{len(numbers):,} numbers by {WRITERS} writers: {rate:,.0f}/s, {duplicates} duplicates, {gaps} gaps")
    figure("numbers_per_s", rate, "1/s")
    figure("numbers_duplicates_and_gaps", duplicates + gaps, "")


if __name__ == "__main__":
    main()
