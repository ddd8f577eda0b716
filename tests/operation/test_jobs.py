"""Jobs of a worker that was killed are done again, once; those of one that lives are left alone."""

from __future__ import annotations

import pytest
from django.db import connection

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.site.operation.jobs import jobs_lost_retry

JOB = """
    insert into procrastinate_jobs (queue_name, task_name, args, status, worker_id, queueing_lock)
    values ('test', %s, '{}', %s, %s, %s) returning id
"""


def _status(job: int) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("select status::text, attempts from procrastinate_jobs where id = %s", [job])
        return cursor.fetchone()


@pytest.mark.django_db
def test_jobs_of_a_killed_worker_are_done_again() -> None:
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values returning id")
        alive = cursor.fetchone()[0]
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id"
        )
        dead = cursor.fetchone()[0]

        def job(task: str, status: str, worker: int | None, lock: str | None = None) -> int:
            cursor.execute(JOB, [task, status, worker, lock])
            return int(cursor.fetchone()[0])

        lost, orphan = job("a", "doing", dead), job("b", "doing", None)
        running, done = job("c", "doing", alive), job("d", "succeeded", dead)
        waiting, twin = job("e", "todo", None, "only one"), job("e", "doing", dead, "only one")
        assert jobs_lost_retry() == (2, 1)
        assert [_status(one) for one in (lost, orphan)] == [("todo", 1), ("todo", 1)]
        assert [_status(one) for one in (running, done, waiting)] == [
            ("doing", 0),
            ("succeeded", 0),
            ("todo", 0),
        ]
        assert _status(twin)[0] == "failed"
        assert jobs_lost_retry() == (0, 0)
