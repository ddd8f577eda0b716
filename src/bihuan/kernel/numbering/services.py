"""Taking numbers."""

from __future__ import annotations

from datetime import date

from django.db import connection

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.formats import NumberFormat

TAKE = """
    insert into numbering_counter as c (scope, value) values (%s, %s)
    on conflict (scope) do update set value = c.value + excluded.value returning value
"""


def numbers_take(*, format_: NumberFormat, on: date, item: str = "", count: int = 1) -> list[str]:
    """The next `count` numbers of a format, without gaps: the counter stays locked until the transaction ends.

    Call it last before the commit. A rollback gives the numbers back. In mode "fast" a sequence gives them at once,
    and a rollback leaves a gap. FormatError when the serial no longer fits.
    """
    scope = format_.scope(on=on, item=item)
    with connection.cursor() as cursor:
        if format_.mode == "fast":
            last = _fast(scope, count)
        else:
            cursor.execute(TAKE, [scope, count])
            last = cursor.fetchone()[0]
    return [format_.write(serial=serial, on=on, item=item) for serial in range(last - count + 1, last + 1)]


def _fast(scope: str, count: int) -> int:
    """Numbers from blocks: the counter's row is locked for a moment on a connection of its own, so gaps may come."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("set role bihuan_kernel")
            cursor.execute(TAKE, [scope, count])
            return int(cursor.fetchone()[0])
    finally:
        other.close()


def number_take(*, format_: NumberFormat, on: date, item: str = "") -> str:
    """One number, in a transaction of its own when there is none."""
    with kernel_writes():
        return numbers_take(format_=format_, on=on, item=item)[0]
