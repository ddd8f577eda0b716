"""One order from its arrival until it is committed on a unit's desk, the model asked; then over HTTP.

Orders of all kinds by the product's own templates, one after another, as the web does it: role app, one
transaction each, the scope applied first. The clock runs until COMMIT has returned.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from benchmarks.database import analyze, connect_as, django_ready, say, scratch
from benchmarks.loops import NOW, city, figure

NAME = "bench_dispatch"
WARM, COUNT, OVER_HTTP = 50, 1000, 300


def bodies(count: int) -> list[dict[str, Any]]:
    """Orders as a channel sends them: the matter is left for the model to find."""
    from bihuan.packs.hotline.demonstration.generator import orders

    found = orders(count=count, seed=99, start=date(2026, 1, 5), end=date(2026, 2, 27))
    return [
        {
            "text": order.text,
            "title": order.title,
            "type": str(order.type.value),
            "place": order.place,
            "territory": order.township,
            "reporter": order.reporter,
            "phone": order.phone,
            "external_id": f"B-{number}",
        }
        for number, order in enumerate(found)
    ]


def taken(given: list[dict[str, Any]], person: int) -> tuple[list[float], int]:
    """Milliseconds of each order through order_take, and how many were sent with nobody between."""
    from django.db import transaction

    from bihuan.kernel.identity.scope import scope_apply, scope_of
    from bihuan.kernel.pack import roles
    from bihuan.packs.hotline.services import order_take

    times, automatic = [], 0
    scope = scope_of(person=person, at=NOW, roles=roles())
    for data in given:
        begun = perf_counter()
        with transaction.atomic():
            scope_apply(scope)
            result = order_take(data=data, by=person, now=NOW)
        times.append((perf_counter() - begun) * 1000)
        automatic += result.automatic
    return times, automatic


def posted(given: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of each order through the API with an access token: middleware, checks, answer and all."""
    from django.test import Client
    from django.utils import timezone

    from bihuan.kernel.desk.api.tokens import token_issue

    token, _ = token_issue(username="li", days=1, now=timezone.now(), by="benchmark")
    client = Client(headers={"Authorization": f"Bearer {token}"})
    times = []
    for number, data in enumerate(given):
        body = json.dumps(data | {"external_id": f"H-{number}"})
        begun = perf_counter()
        response = client.post(
            "/api/hotline/orders",
            body,
            content_type="application/json",
            headers={"Idempotency-Key": f"h-{number}"},
        )
        times.append((perf_counter() - begun) * 1000)
        if response.status_code != 201:
            raise RuntimeError(response.content.decode())
    return times


def at(times: list[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def main() -> None:
    """Measure and print."""
    django_ready()
    from django.conf import settings

    from bihuan.packs.hotline.demonstration.loading import model_train

    with scratch(NAME), tempfile.TemporaryDirectory() as folder:
        settings.MODEL_ROOT = Path(folder)
        _, people = city()
        model_train(until=NOW.date(), now=NOW)
        analyze(NAME)
        connect_as("app", NAME)
        given = bodies(WARM + COUNT)
        taken(given[:WARM], people["li"])
        times, automatic = taken(given[WARM:], people["li"])
        over_http = posted(given[: 20 + OVER_HTTP])[20:]
    say(f"{'':<22}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'max ms':>10}")
    for name, found in (("order_take, committed", times), ("POST, committed", over_http)):
        say(
            f"{name:<22}"
            + "".join(f"{value:>10.1f}" for value in (*(at(found, p) for p in (50, 95, 99)), max(found)))
        )
    say(f"sent with nobody in between: {automatic / COUNT:.1%} of {COUNT}")
    figure("dispatch_p99_ms", at(times, 99), "ms")
    figure("intake_http_p99_ms", at(over_http, 99), "ms")


if __name__ == "__main__":
    main()
