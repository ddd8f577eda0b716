"""Taking numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date
from threading import Lock

from django.db import connection

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.formats import NumberFormat

TAKE = """
    insert into numbering_counter as c (scope, value) values (%s, %s)
    on conflict (scope) do update set value = c.value + excluded.value returning value
"""


def numbers_take(*, format_: NumberFormat, on: date, item: str = "", count: int = 1) -> list[str]:
    """The next `count` numbers of a format, without gaps: the counter stays locked until the transaction ends.

    Call it last before the commit. A rollback gives the numbers back. In mode "fast" nobody waits for anybody's
    commit: the numbers come from a block that the process took, and a rollback leaves a gap. FormatError when the serial no longer fits.
    """
    scope = format_.scope(on=on, item=item)
    serials = _fast(scope, count) if format_.mode == "fast" else _gapless(scope, count)
    return [format_.write(serial=serial, on=on, item=item) for serial in serials]


def _gapless(scope: str, count: int) -> Iterable[int]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [scope, count])
        last = cursor.fetchone()[0]
    return range(last - count + 1, last + 1)


BLOCK = 100
_blocks: dict[tuple[str, str], deque[int]] = {}
_blocks_lock = Lock()


def _fast(scope: str, count: int) -> list[int]:
    """Serials from this process's block; the next block is taken, and committed, on a connection of its own.

    Two processes give numbers out of order, and what is left of a block when a process ends is a gap.
    """
    with _blocks_lock:
        block = _blocks.setdefault((connection.settings_dict["NAME"], scope), deque())
        if len(block) < count:
            block.extend(_block(scope, max(BLOCK, count - len(block))))
        return [block.popleft() for _ in range(count)]


def _block(scope: str, count: int) -> range:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("set role bihuan_kernel")
            cursor.execute(TAKE, [scope, count])
            last = int(cursor.fetchone()[0])
    finally:
        other.close()
    return range(last - count + 1, last + 1)


def number_take(*, format_: NumberFormat, on: date, item: str = "") -> str:
    """One number, in a transaction of its own when there is none."""
    with kernel_writes():
        return numbers_take(format_=format_, on=on, item=item)[0]
