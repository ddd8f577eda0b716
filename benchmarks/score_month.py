"""Seconds to compute a month's scores again from the ledger and to rank both lists; nothing may have changed.

On the seeded year: its last whole month of about 12,617 orders. The peer is reading and parsing the same entries alone.
"""

from __future__ import annotations

import json
import time

from benchmarks.database import django_ready, say
from benchmarks.loops import figure
from benchmarks.year import year_ready

ORDERS = 12_617


def main() -> None:
    """Measure and print; ends with an error when the second computation changed anything."""
    django_ready()
    year_ready()
    month_measure()


def month_measure() -> None:
    """Count the last whole month once, then time counting it again."""
    from django.utils import timezone

    from bihuan.kernel.cases.models import Case
    from bihuan.kernel.identity.scope import Scope, day_of, scope_within
    from bihuan.kernel.ledger.services import kernel_writes
    from bihuan.kernel.scoring.keeping import scores_recompute
    from bihuan.kernel.scoring.selectors import card_in_force, month_before, month_span, ranking

    with kernel_writes():
        last = (
            Case.objects.filter(imported=False).order_by("-opened_at").values_list("opened_at", flat=True)[0]
        )
    now, month = timezone.now(), month_before(day_of(last))
    span, card = month_span(month, closed=now), card_in_force(pack="hotline", on=month)
    given = {"pack": "hotline", "since": span.since, "until": span.until, "now": now}
    scores_recompute(**given)
    begun = time.perf_counter()
    again = scores_recompute(**given)
    with kernel_writes(), scope_within(Scope(0, (), (), True)):
        lists = ranking(pack="hotline", span=span, card=card)
    seconds = time.perf_counter() - begun
    with kernel_writes():
        opened = Case.objects.filter(
            opened_at__gte=span.since, opened_at__lt=span.until, imported=False
        ).count()
    reading = _read_alone(span)
    say(
        f"{opened:,} orders, {again.items:,} items, {sum(map(len, lists.values()))} units: {seconds:.2f} s; reading {reading:.2f} s"
    )
    scale = ORDERS / max(opened, 1)
    figure(
        "score_month_s", seconds * scale, "s for 12,617 orders", "reading the entries alone", reading * scale
    )
    if again.changed:
        raise SystemExit(f"{again.changed} items differ")


def _read_alone(span: object) -> float:
    """Seconds to read and parse the bodies of the same cases."""
    from django.db import connection

    from bihuan.kernel.ledger.services import kernel_writes

    begun = time.perf_counter()
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select e.body from ledger_entry e join cases_case c on c.id = e.case_id"
            " where c.opened_at < %s and c.moved_at >= %s and e.kind in ('opened', 'move', 'breach') and e.at < %s",
            [span.until, span.since, span.until],  # type: ignore[attr-defined]
        )
        for (body,) in cursor:
            json.loads(bytes(body))
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
