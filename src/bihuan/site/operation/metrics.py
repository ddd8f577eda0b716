"""Figures for Prometheus. What requests did is counted in files that all web processes share; what stands in the
database is read when it is asked for, and kept for a while."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.hotline.selectors import dispatch_figures
from bihuan.site.operation.state import flow_read, sealed_read
from bihuan.site.processes import METRICS_SHARED

KEPT_SECONDS = 15.0
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

own = CollectorRegistry()
"""Of this process alone, when nobody named a folder to share."""
requests_counted = Counter(
    "bihuan_requests", "Requests by page, method and status.", ("view", "method", "status"), registry=own
)
requests_timed = Histogram(
    "bihuan_request_seconds", "How long a page took.", ("view",), buckets=BUCKETS, registry=own
)
COUNTS = (
    (
        "bihuan_jobs", "Jobs that wait or run.", ("queue", "status"),
        "select queue_name, status::text, count(*) from procrastinate_jobs where status in ('todo', 'doing') group by 1, 2",
    ),
    (
        "bihuan_notices", "Notices that wait or have failed.", ("status",),
        "select s.status, (select count(*) from notices_notice n where n.status = s.status)"
        " from (values ('waiting'), ('failed')) s(status)",
    ),
    (
        "bihuan_notices_all", "All notices, as the database estimates.", (),
        "select greatest(reltuples, 0)::bigint from pg_class where oid = 'notices_notice'::regclass",
    ),
    (
        "bihuan_cases_open", "Open cases by workflow and state.", ("workflow", "state"),
        "select workflow, state, count(*) from cases_case where closed_at is null group by 1, 2",
    ),
    (
        "bihuan_database_connections", "Connections to this database.", ("role", "state"),
        "select usename, coalesce(state, 'other'), count(*) from pg_stat_activity where datname = current_database()"
        " and usename is not null group by 1, 2",
    ),
)  # fmt: skip


def request_count(*, view: str, method: str, status: int, seconds: float) -> None:
    """Count one request; `view` is the pattern of its address, never the address."""
    requests_counted.labels(view, method, str(status)).inc()
    requests_timed.labels(view).observe(seconds)


def metrics_text() -> bytes:
    """All figures in Prometheus' words."""
    registry = CollectorRegistry()
    if os.environ.get(METRICS_SHARED):
        MultiProcessCollector(registry)
    registry.register(standing)
    return generate_latest(registry) + (b"" if os.environ.get(METRICS_SHARED) else generate_latest(own))


class Standing(Collector):
    """What stands in the database, read at most every 15 seconds by each process."""

    def __init__(self) -> None:
        self.read_at, self.kept = 0.0, list[GaugeMetricFamily]()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        if not self.kept or time.monotonic() - self.read_at > KEPT_SECONDS:
            self.kept, self.read_at = self._read(timezone.now()), time.monotonic()
        yield from self.kept

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def _read(self, now: datetime) -> list[GaugeMetricFamily]:
        try:
            found = [*_counts(), *_ages(now)]
        except DatabaseError:
            return [GaugeMetricFamily("bihuan_database_up", "Does the database answer?", 0)]
        return [GaugeMetricFamily("bihuan_database_up", "Does the database answer?", 1), *found]


standing = Standing()


def _counts() -> list[GaugeMetricFamily]:
    found = []
    with kernel_writes(), connection.cursor() as cursor:
        for name, words, labels, query in COUNTS:
            family = GaugeMetricFamily(name, words, labels=labels)
            cursor.execute(query)
            for *values, count in cursor.fetchall():
                family.add_metric([str(value) for value in values], count)
            found.append(family)
    return found


def _ages(now: datetime) -> list[GaugeMetricFamily]:
    flow, sealed = flow_read(now=now), sealed_read(now=now)
    with kernel_writes():
        dispatch = dispatch_figures(since=now - timedelta(hours=1), until=now)
    told = (
        ("bihuan_worker_heartbeat_seconds", "Since a worker last beat.", flow.heartbeat),
        ("bihuan_outbox_late_seconds", "Since the notice longest due was due; 0: none is.", flow.outbox or 0),
        ("bihuan_clock_sweep_late_seconds", "Since the clock longest due was due; 0: none is.", flow.sweep or 0),
        ("bihuan_ledger_height", "The ledger's last entry.", sealed.height),
        ("bihuan_ledger_sealed_height", "The last entry under a seal.", sealed.sealed),
        ("bihuan_seal_age_seconds", "Since the last seal.", sealed.seconds),
        ("bihuan_dispatch_median_seconds", "Receipt to the unit's desk, last hour.", dispatch.median_s),
        ("bihuan_dispatch_p99_seconds", "The same, 99th percentile.", dispatch.p99_s),
    )  # fmt: skip
    return [GaugeMetricFamily(name, words, value) for name, words, value in told if value is not None]
