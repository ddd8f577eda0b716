"""Is everything that was acknowledged there, once? Run in the site's environment: `python -m tools.soak.judge ACKNOWLEDGED`.

`--left MOMENT` instead prints how much was due by then and is not done yet.
"""

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
    "breaches_without_an_entry": """
        select c.id from clocks_clock c where c.level = 2 and c.stopped_at is null and not exists (
            select from ledger_entry e, lateral (select convert_from(e.body, 'utf8')::jsonb -> 'data' as told) t
            where e.case_id = c.case_id and e.kind = 'breach' and told ->> 'kind' = c.kind and told ->> 'basis' = c.basis)
    """,
    "notices_twice": "select key from notices_notice group by key having count(*) > 1",
    "entries_of_the_run_unsealed": """
        select e.stream || ' ' || e.seq from ledger_entry e where e.id <= %s
        and not exists (select from ledger_leaf l where l.entry = e.id)
    """,
}
"""Each finds nothing when all is well."""
LEFT = {
    "clocks": "select count(*) from clocks_clock where next_at < %s",
    "notices": """
        select count(*) from notices_notice where status = 'waiting' and channel = 'in_app'
        and coalesce(next_attempt_at, created_at) < %s
    """,
    "jobs": """
        select count(*) from procrastinate_jobs j where status = 'doing' and %s < now() and not exists (
            select from procrastinate_workers w where w.id = j.worker_id and w.last_heartbeat > now() - interval '1 minute')
    """,
}
STEPS = """
    select c.number, told #>> '{data,step}', count(*), max(e.id) from ledger_entry e join cases_case c on c.id = e.case_id,
        lateral (select convert_from(e.body, 'utf8')::jsonb as told) t
    where told #>> '{data,step}' is not null group by 1, 2
"""


def main() -> None:
    """Print what was found; exit status 1 when anything is missing or there twice."""
    import django

    django.setup()
    from bihuan.kernel.ledger.services import kernel_writes

    with kernel_writes():
        if sys.argv[1] == "--left":
            print(json.dumps({name: _rows(query, sys.argv[2:])[0][0] for name, query in LEFT.items()}))
            return
        told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        found = {**_acknowledged(told), **_numbers(), **_faults(told)}
    print(json.dumps(found, ensure_ascii=False))


def _acknowledged(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By kind: how many were found as they were acknowledged, which are missing, which are there more than once."""
    from bihuan.kernel.cases.models import CaseText

    texts = CaseText.objects.filter(text__contains="编号").values_list("text", "case__number")
    there = Counter((text.rpartition("编号")[2], number) for text, number in texts)
    times = Counter(key for key, _number in there.elements())
    missing, twice = {}, {}
    for kind in ("orders", "reports"):
        said = told[kind].items()
        missing[kind] = [key for key, number in said if not (there[key, number] if number else times[key])]
    twice["orders_and_reports"] = [key for key, count in times.items() if count > 1]
    taken = {(number, step): count for number, step, count, _last in _rows(STEPS)}
    steps = Counter((number, step) for number, step, _key in told["steps"])
    perhaps = Counter((number, step) for number, step in told["perhaps"])
    missing["steps"] = [f"{n} {s}" for (n, s), count in steps.items() if taken.get((n, s), 0) < count]
    twice["steps"] = [
        f"{n} {s}" for (n, s), count in steps.items() if taken.get((n, s), 0) > count + perhaps[n, s]
    ]
    found = {kind: len(told[kind]) - len(missing[kind]) for kind in missing}
    return {"found": found, "missing": missing, "twice": twice}


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


def _faults(told: dict[str, Any]) -> dict[str, list[str]]:
    mine = {(number, step) for number, step, _key in told["steps"]}
    last = max((last for number, step, _count, last in _rows(STEPS) if (number, step) in mine), default=0)
    values = {"entries_of_the_run_unsealed": [last]}
    return {
        name: [str(row[0]) for row in _rows(query, values.get(name))][:20] for name, query in FAULTS.items()
    }


def _rows(query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


if __name__ == "__main__":
    main()
