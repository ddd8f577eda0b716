"""Around every job: its line in the log, with the id of the request that asked for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction

from bihuan.site.logs import request_named

if TYPE_CHECKING:
    from procrastinate import JobContext
    from procrastinate.worker import Worker

LOST = """
    select id from procrastinate_jobs where status = 'doing' and not exists (
        select from procrastinate_workers w where w.id = worker_id and w.last_heartbeat > clock_timestamp() - interval '1 minute')
    order by id
"""
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


def jobs_lost_retry() -> tuple[int, int]:
    """Let the jobs of workers whose heart has not beaten for a minute be done again: (done again, ended).

    Every job may run twice. One of a kind of which only one may wait ends when another of its kind waits already.
    """
    again = ended = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOST)
        for (job,) in cursor.fetchall():
            try:
                with transaction.atomic():
                    cursor.execute(
                        "select procrastinate_retry_job_v1(%s, clock_timestamp(), null, null, null)", [job]
                    )
                again += 1
            except IntegrityError:
                cursor.execute("select procrastinate_finish_job_v1(%s, 'failed', false)", [job])
                ended += 1
    if again or ended:
        log.warning("jobs of a worker that is gone: %s done again, %s ended", again, ended)
    return again, ended
