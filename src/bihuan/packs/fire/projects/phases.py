"""容后分步按类: three phases verified in advance, by class (S0). Data and pure figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop as _

PHASES = ((1, _("图纸核对")), (2, _("质量核实")), (3, _("手续核准")))
CLASSES = (("acceptance", _("消防验收类")), ("filing", _("备案抽查类")))


@dataclass(frozen=True, slots=True)
class Spans:
    """Working days: of the formal procedure, and since the first phase was verified in advance (None: none was)."""

    formal: int
    since_first: int | None


def first_check(passed: Iterable[datetime], before: datetime) -> datetime | None:
    """The earliest phase verified before the formal procedure ended."""
    return min((at for at in passed if at <= before), default=None)
