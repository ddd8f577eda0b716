"""Formats of numbers as each pack declares them, the next number of each, and whether any number is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from bihuan.kernel.administration.shape import Asked, Column, Kind, Mark, Table
from bihuan.kernel.cases.numbers import format_in_force
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.formats import FIELD, NumberFormat
from bihuan.kernel.numbering.models import NumberCounter
from bihuan.kernel.pack import Pack, packs

ITEM = "A001"
"""Stands for an item's code in samples."""
COUNTERS = 14
DATES = {
    "Y": gettext_lazy("年"),
    "y": gettext_lazy("两位年"),
    "m": gettext_lazy("月"),
    "d": gettext_lazy("日"),
    "j": gettext_lazy("年内第几天"),
}
"""What the letters of a date in a format say."""
COUNTED = "select scope, value from numbering_counter where scope like %s order by scope desc limit %s"
REGISTERED = """
    select substr(number, %(from)s, %(width)s), count(*) from cases_case
    where pack = %(pack)s and not imported and substr(number, %(from)s, %(width)s) = any(%(between)s) group by 1
"""


class Numbering(Kind):
    """For the system administrator who is asked what a number means and whether any is missing."""

    name = "numbering"
    label = gettext_lazy("编号规则")
    about = gettext_lazy(
        "各业务的编号格式、下一个编号、有无缺号。格式随版本发布;开头的字母由规则“编号开头”定。"
    )
    group = "text"
    roles = ("system_admin",)
    empty = gettext_lazy("还没有业务有编号格式。")
    columns = (
        Column("pack", gettext_lazy("业务")),
        Column("pattern", gettext_lazy("格式")),
        Column("next", gettext_lazy("下一个编号")),
        Column("mode", gettext_lazy("方式")),
    )

    def rows(self, asked: Asked) -> list[Pack]:
        return [pack for pack in packs().values() if pack.number_format]

    def cells(self, rows: Sequence[Pack], asked: Asked) -> list[tuple[Any, ...]]:
        on = timezone.localdate(asked.now)
        formats = [_format(pack) for pack in rows]
        scopes = [format_.scope(on=on, item=ITEM) for format_ in formats]
        values = dict(NumberCounter.objects.filter(scope__in=scopes).values_list("scope", "value"))
        return [
            (
                gettext(pack.label),
                _told(format_),
                _written(format_, values.get(scope, 0) + 1, on),
                _mode(format_),
            )
            for pack, format_, scope in zip(rows, formats, scopes, strict=True)
        ]

    def key(self, row: Pack) -> str:
        return row.name

    def found(self, key: str, asked: Asked) -> Pack | None:
        pack = packs().get(key)
        return pack if pack and pack.number_format else None

    def title(self, row: Pack) -> str:
        return gettext(row.label)

    def facts(self, row: Pack, asked: Asked) -> list[tuple[Any, Any]]:
        format_ = _format(row)
        on = timezone.localdate(asked.now)
        samples = "\n".join(_written(format_, serial, on) for serial in (1, 2, 10**format_.width - 1))
        return [
            (gettext("格式"), _told(format_)),
            (gettext("样例"), samples),
            (gettext("方式"), _mode(format_)),
            (
                gettext("怎样改"),
                gettext("格式随版本发布,开头的字母由规则“编号开头”定;已给出的编号一直有效。"),
            ),
        ]

    def tables(self, row: Pack, asked: Asked) -> list[Table]:
        heads = (gettext("计数范围"), gettext("已给出"), gettext("已登记"), gettext("缺号"))
        return [Table(gettext("计数器(最近的)"), heads, _counters(row))]


def _told(format_: NumberFormat) -> str:
    """The format in words, part by part: RX + 年月日 + 5 位流水号."""
    parts, end = [], 0
    for field in FIELD.finditer(format_.pattern):
        parts += [format_.pattern[end : field.start()], _field_told(field[1], field[2] or "")]
        end = field.end()
    return " + ".join(part for part in (*parts, format_.pattern[end:]) if part)


def _field_told(kind: str, extra: str) -> str:
    if kind == "date":
        return " ".join(str(DATES[letter]) for letter in extra if letter in DATES)
    if kind == "serial":
        return gettext("%s 位流水号") % extra
    return gettext("事项代码") if kind == "item" else gettext("校验码")


def _format(pack: Pack) -> NumberFormat:
    return format_in_force(pack, region=settings.REGION, on=timezone.localdate(), book=rulebook())


def _written(format_: NumberFormat, serial: int, on: date) -> str:
    return format_.write(serial=serial, on=on, item=ITEM)


def _mode(format_: NumberFormat) -> str:
    return gettext("连号,不缺号") if format_.mode == "gapless" else gettext("快速,可能缺号")


def _counters(pack: Pack) -> tuple[tuple[str, ...], ...]:
    """The latest counters, how many cases bear their numbers, and how many numbers are missing; as the kernel sees."""
    format_, found = _format(pack), []
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(COUNTED, [f"{format_.code}/%", COUNTERS])
        values = {_between(format_, scope): (scope, value) for scope, value in cursor.fetchall()}
        width, begin = max(map(len, values), default=0), len(format_.prefix) + 1
        cursor.execute(
            REGISTERED, {"from": begin, "width": width, "pack": pack.name, "between": list(values)}
        )
        registered = dict(cursor.fetchall())
    for between, (scope, value) in values.items():
        missing = max(value - registered.get(between, 0), 0)
        words = Mark(missing, "late") if missing else Mark(gettext("没有"), "done")
        found.append((scope.partition("/")[2], str(value), str(registered.get(between, 0)), words))
    return tuple(found)


def _between(format_: NumberFormat, scope: str) -> str:
    """What stands between the letters at the beginning, which may change, and the serial in the numbers of a counter."""
    parts = iter(scope.split("/")[1:])
    before = format_.pattern[len(format_.prefix) : format_.pattern.index("{serial")]
    return FIELD.sub(lambda field: next(parts), before)
