"""Is everything that was acknowledged there, once? Run in the site's environment: `python -m tools.soak.judge ACKNOWLEDGED`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

FAULTS = {
    "clocks_told_twice": """
        select e.stream, count(*) from ledger_entry e, lateral (select convert_from(e.body, 'utf8')::jsonb as told) t
        where e.kind in ('warning', 'breach')
        group by e.stream, e.kind, told -> 'data' having count(*) > 1
    """,
    "clocks_past_due_untold": """
        select c.id from clocks_clock c where c.next_at < now() - interval '2 minutes'
    """,
    "breaches_without_an_entry": """
        select c.id from clocks_clock c where c.level = 2 and c.stopped_at is null and not exists (
            select from ledger_entry e, lateral (select convert_from(e.body, 'utf8')::jsonb -> 'data' as told) t
            where e.case_id = c.case_id and e.kind = 'breach' and told ->> 'kind' = c.kind and told ->> 'basis' = c.basis)
    """,
    "notices_twice": "select key from notices_notice group by key having count(*) > 1",
    "notices_left": """
        select id from notices_notice where status = 'waiting' and channel = 'in_app'
        and coalesce(next_attempt_at, created_at) < now() - interval '2 minutes'
    """,
    "jobs_left_running": """
        select j.id from procrastinate_jobs j where status = 'doing' and not exists (
            select from procrastinate_workers w where w.id = j.worker_id and w.last_heartbeat > now() - interval '1 minute')
    """,
}
"""Each finds nothing when all is well."""


STEPS = """
    select c.number, told #>> '{data,step}', count(*) from ledger_entry e join cases_case c on c.id = e.case_id,
        lateral (select convert_from(e.body, 'utf8')::jsonb as told) t
    where told #>> '{data,step}' is not null group by 1, 2
"""


def main() -> None:
    """Print what was found; exit status 1 when anything is missing or there twice."""
    import django

    django.setup()
    from bihuan.kernel.ledger.services import kernel_writes

    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with kernel_writes():
        found = {**_acknowledged(told), **_numbers(), **_faults()}
    print(json.dumps(found, ensure_ascii=False))
    sys.exit(any(found.values()))


def _acknowledged(told: dict[str, Any]) -> dict[str, list[str]]:
    from django.db import connection

    from bihuan.kernel.cases.models import Case, CaseText

    rows = dict(Case.objects.filter(external_id__startswith="soak-").values_list("external_id", "number"))
    texts = Counter(
        text.rpartition("编号")[2]
        for text in CaseText.objects.filter(text__contains="编号").values_list("text", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(STEPS)
        taken = {(number, step): count for number, step, count in cursor.fetchall()}
    acknowledged = Counter((number, step) for number, step, _ in told["steps"])
    return {
        "orders_lost": [key for key, number in told["orders"].items() if rows.get(key) != number],
        "orders_twice": [key for key, count in texts.items() if count > 1],
        "reports_lost": [key for key in told["reports"] if not texts[key]],
        "steps_not_once": [
            f"{n} {s}" for (n, s), count in acknowledged.items() if taken.get((n, s), 0) != count
        ],
    }


def _numbers() -> dict[str, list[str]]:
    """Serials of each kind and day of the soak run from the first to the last without a gap."""
    from bihuan.kernel.cases.models import Case

    series: dict[str, list[int]] = {}
    for number in Case.objects.filter(imported=False).values_list("number", flat=True):
        head, serial = number[:-5], number[-5:]
        if serial.isdigit():
            series.setdefault(head, []).append(int(serial))
    return {
        "numbers_with_gaps": [
            head for head, serials in series.items() if sorted(serials) != list(range(1, len(serials) + 1))
        ]
    }


def _faults() -> dict[str, list[str]]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for name, query in FAULTS.items():
            cursor.execute(query)
            found[name] = [str(row[0]) for row in cursor.fetchall()][:20]
    return found


if __name__ == "__main__":
    main()
