"""Around every job: its line in the log, with the id of the request that asked for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import connection

from bihuan.site.logs import request_named

if TYPE_CHECKING:
    from procrastinate import JobContext
    from procrastinate.worker import Worker

log = logging.getLogger("bihuan.job")


def job_told(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
    """Run a job and tell its name, id, milliseconds and outcome; never its arguments."""
    job = context.job
    begun, outcome = time.perf_counter(), "failed"
    with request_named(request_of(job.id)):
        try:
            result = call_next()
            outcome = "done"
            return result
        finally:
            told = {"task": job.task_name, "job": job.id, "attempt": job.attempts + 1, "outcome": outcome}
            log.info("job", extra={"told": {**told, "ms": round((time.perf_counter() - begun) * 1000, 1)}})


def request_of(job: int | None) -> str:
    """The id of the request in whose transaction the job was asked for; "" for one that comes round by itself."""
    with connection.cursor() as cursor:
        cursor.execute("select request from procrastinate_jobs where id = %s", [job])
        found = cursor.fetchone()
    return str(found[0] or "") if found else ""
