"""The way that a project takes (令51 art. 41; S0: 限额以上合并办理, 限额以下直接受理消防审验). Pure.

The limits of small works and whether they still file differ by province (rules.md C1, unverified): policies hold them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_noop as _

EXCLUDED = (
    ("dwelling_interior", _("住宅室内装修")),
    ("villager", _("村民自建住宅")),
    ("relief", _("救灾的临时性建筑")),
    ("temporary", _("非人员密集的临时性建筑")),
)
"""What the rules do not apply to (令51 art. 41)."""
DIRECT, MERGED, EXEMPT = "direct", "merged", "exempt"
ROUTES = {
    DIRECT: _("限额以下,直接受理消防审验,不办施工许可。"),
    MERGED: _("限额以上,消防手续与施工许可、质量安全监督合并办理,一次申请。"),
    EXEMPT: _("限额以下的其他建设工程,按本地规定不用办消防验收备案。"),
}
TEN_THOUSAND = 10_000


@dataclass(frozen=True, slots=True)
class SmallLimits:
    """Works below one of these are small: yuan, and m²."""

    investment: int
    area: int


def is_small(investment: Decimal | None, area: Decimal | None, limits: SmallLimits) -> bool:
    """Strictly below the limit of investment (10,000 yuan) or of area (m²); what was not given is below nothing."""
    cheap = investment is not None and investment * TEN_THOUSAND < limits.investment
    return cheap or (area is not None and area < limits.area)


def route_of(*, special: bool, small: bool, small_files: bool) -> str:
    """Which way a project takes: a special one is reviewed and accepted however small it is."""
    if not small:
        return MERGED
    return DIRECT if special or small_files else EXEMPT
