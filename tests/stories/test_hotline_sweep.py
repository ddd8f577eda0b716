"""A worker is killed in the middle of a sweep and another one goes on: every warning and breach exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.packs.hotline.services import orders_take_many
from tests.committed import cases_emptied, connected
from tests.stories.cast import REFUND

ORDERS, BATCH = 24, 5
WORKER = """
import sys, time
from datetime import datetime
import django
django.setup()
from django.db import connection
from bihuan.kernel.cases import sweeping
from bihuan.site.postgres import database_url

connection.settings_dict.update(database_url("worker"), NAME=sys.argv[1])
stop_in, written = int(sys.argv[3]), sweeping.cases_write
batches = 0

def write(cursor, drafts):
    global batches
    written(cursor, drafts)
    batches += 1
    if batches == stop_in:  # written, not committed: here it is killed
        print("in batch", batches, flush=True)
        time.sleep(600)

sweeping.cases_write = write
print(sweeping.clocks_sweep(now=datetime.fromisoformat(sys.argv[2]), batch=int(sys.argv[4])), flush=True)
"""
EVENTS = """
    select case_id, kind, convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'kind',
           convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'basis'
    from ledger_entry where case_id is not null and kind in ('warning', 'breach')
"""


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any, now: datetime) -> Iterator[datetime]:
    """Orders that are really there, and the moment at which all their limits are over."""
    with django_db_blocker.unblock(), cases_emptied():
        with transaction.atomic():
            by = Person.objects.get(username="li").pk
            taken = orders_take_many(orders=[REFUND] * ORDERS, by=by, now=now)
            assert {one.state for one in taken} == {"dispatched"}  # type: ignore[union-attr]
        yield now + timedelta(days=90)


def events() -> Counter[tuple[int, str, str, str]]:
    with connected("owner"), connection.cursor() as cursor:
        cursor.execute(EVENTS)
        return Counter(cursor.fetchall())


def worker(late: datetime, stop_in: int) -> subprocess.Popen[str]:
    arguments = [str(connection.settings_dict["NAME"]), late.isoformat(), str(stop_in), str(BATCH)]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments], stdout=subprocess.PIPE, text=True)


def test_each_warning_and_breach_is_written_once_whoever_is_killed(committed: datetime) -> None:
    killed = worker(committed, stop_in=3)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "in batch 3\n"
    killed.send_signal(signal.SIGKILL)
    assert killed.wait(120) == -signal.SIGKILL
    killed.stdout.close()
    half = events()
    assert set(half.values()) == {1}
    assert len({case for case, *_ in half}) == 2 * BATCH, "two batches were kept, the third one is undone"
    following = worker(committed, stop_in=0)
    said, _ = following.communicate(timeout=240)
    whole = events()
    assert set(whole.values()) == {1}
    assert len({case for case, *_ in whole}) == ORDERS
    assert int(said) == whole.total() - half.total()
    each = Counter(event[1:] for event in whole)
    expected = {
        (kind, clock, basis)
        for kind in ("warning", "breach")
        for clock, basis in (("sign", "promised"), ("handle", "promised"), ("handle", "statutory"))
    }
    assert each == dict.fromkeys(expected, ORDERS)
    again, _ = worker(committed, stop_in=0).communicate(timeout=240)
    assert int(again) == 0
    assert events() == whole
    with connected("owner"):
        assert ledger_verify().faults == ()
