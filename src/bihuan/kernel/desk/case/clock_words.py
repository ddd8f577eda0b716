"""How a clock's due time comes about, line by line in words: begun, what it allows, paused, extended, due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext

from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.desk.words import limit_told


def sums_told(clock: Clock) -> list[str]:
    """The arithmetic of a clock, in the order in which it is done. Moments to the minute, by Shanghai's clock."""
    return list(_sums(clock))


def _sums(clock: Clock) -> Iterator[str]:
    begun = _moment(clock.started_at)
    if "fixed" in clock.limit:
        yield gettext("%s 起,到期时间由上级指定。") % begun
    else:
        yield gettext("%(begun)s 起算 %(limit)s。") % {"begun": begun, "limit": limit_told(clock.limit)}
    for begin, end in clock.pauses:
        if end is None:
            yield gettext("自 %s 起暂停,暂停期间不计时。") % _moment(_at(begin))
        else:
            span = {"begin": _moment(_at(begin)), "end": _moment(_at(end))}
            yield gettext("%(begin)s 至 %(end)s 暂停,不计时。") % span
    for length in clock.extensions:
        yield gettext("经批准延长 %s。") % limit_told({**clock.limit, "number": length})
    if clock.due_at is not None:
        yield gettext("得出 %s 到期。") % _moment(clock.due_at)
    if clock.stopped_at is not None:
        yield gettext("%s 停止计时。") % _moment(clock.stopped_at)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
