"""Cases for a benchmark and the seven steps that take one round the loop; figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from time import perf_counter
from typing import Any

from benchmarks.database import say
from benchmarks.reach import REACH, reached
from bihuan.lib.text import SHANGHAI

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
TEXT = "春节前给孩子报了培训班,交费三千元,一直没有开课,多次联系店家都推脱不退费,请有关部门帮助协调。" * 2
ANSWER = "经工作人员到店核实并组织双方调解,店家同意三日内全额退还培训费用,来电人表示认可。"


def figure(
    name: str, value: float, unit: str, peer: str | None = None, peer_value: float | None = None
) -> None:
    """Print one figure and whether it is what it has to be; the ratio is ours to the peer's."""
    ratio = round(value / peer_value, 2) if peer_value else None
    told = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "peer": peer,
        "peer_value": peer_value,
        "ratio": ratio,
        "reach": REACH.get(name),
        "reached": reached(name, value),
    }
    print(json.dumps(told, ensure_ascii=False), flush=True)
    if name in REACH:
        say(
            f"{name} {value:,.6g} {unit}, reach {REACH[name]:,}: {'reached' if told['reached'] else 'MISSED'}"
        )


def city() -> tuple[dict[str, int], dict[str, int]]:
    """Load the demonstration city; the ids of units by code and of people by name."""
    from django.db import transaction

    from bihuan.kernel.identity.models import Person, Unit
    from bihuan.site.city.load import city_load

    with transaction.atomic():
        city_load(now=NOW)
    return dict(Unit.objects.values_list("code", "id")), dict(Person.objects.values_list("username", "id"))


def cases_open(count: int, units: dict[str, int], people: dict[str, int]) -> list[int]:
    """Open so many cases at the centre, 500 a transaction."""
    from bihuan.kernel.cases.opening import Opening, PartyData, case_open_many

    centre = units["371502_12345"]
    one = Opening(
        pack="hotline",
        title="培训班不退费",
        text=TEXT,
        unit=centre,
        opened_by=centre,
        by=people["li"],
        now=NOW,
        reported_at=NOW,
        region="371502",
        parties=(PartyData(name="宋女士", phone="19900000001"),),
        facts={"type": "complaint"},
    )
    opened: list[int] = []
    for start in range(0, count, 500):
        opened += [o.case for o in case_open_many([one] * min(500, count - start))]
    return opened


def steps(units: dict[str, int], people: dict[str, int]) -> list[tuple[str, int, dict[str, Any]]]:
    """The steps from received to closed: code, who, with what."""
    return [
        ("dispatch", people["li"], {"unit": units["371502_market"]}),
        ("sign_for", people["wang"], {}),
        ("self_call_back", people["wang"], {"reached": "yes", "note": "已联系来电人"}),
        ("answer", people["wang"], {"outcome": "done", "answer": ANSWER}),
        ("approve_up", people["sun"], {}),
        ("approve", people["zhao"], {}),
        ("evaluate", people["liu"], {"grade": "5"}),
    ]


def in_processes(
    database: str, work: Callable[..., Any], parts: Iterable[tuple[Any, ...]]
) -> tuple[list[Any], float]:
    """Run `work` on each part in a process of its own, all at once; their results, and the seconds in all.

    Each process connects as `app` and is warm before the clock starts.
    """
    parts = list(parts)
    with ProcessPoolExecutor(
        len(parts), mp_context=get_context("spawn"), initializer=_begin, initargs=(database,)
    ) as pool:
        list(pool.map(_warm, range(len(parts) * 4)))
        begun = perf_counter()
        results = list(pool.map(_run, [work] * len(parts), parts))
        return results, perf_counter() - begun


def _begin(database: str) -> None:
    from benchmarks.database import connect_as, django_ready

    django_ready()
    connect_as("app", database)


def _warm(_: int) -> None:
    from time import sleep

    from bihuan.kernel.pack import workflows

    workflows()
    sleep(0.05)


def _run(work: Callable[..., Any], part: tuple[Any, ...]) -> Any:
    return work(*part)
