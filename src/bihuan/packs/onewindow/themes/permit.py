"""The comprehensive permit: one paper for all that a theme's parts permit. It holds until the first of them ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.formats import NumberFormat

Held = tuple[str, str, str, date | None]
"""A part's licence: its name, number, organ and last day (None: without end)."""

PERMIT = CertificateKind(
    code="comprehensive_permit",
    name="行业综合许可证",
    name_en="Comprehensive permit",
    number_format=NumberFormat("onewindow_permit", "聊综许〔{date:%Y}〕{serial:5}号"),
    lines={"theme": "主题", "subject": "店铺或项目名称", "address": "地址", "parts": "包含的许可"},
    optional=frozenset(("address",)),
    public=frozenset(("theme", "subject", "parts")),
    basis="一业一证、主题服务:一次申请,一证准营",
)


def parts_listed(parts: Sequence[Held]) -> str:
    """The line "parts": a licence a row; shorter where that is more than a line holds. In Chinese, as the paper is."""
    rows = [f"{name} {number} · {organ} · {_until(last)}" for name, number, organ, last in parts]
    told = "\n".join(rows)
    return told if len(told) <= PERMIT.longest else "\n".join(f"{one[1]} {_until(one[3])}" for one in parts)


def first_end(parts: Sequence[Held]) -> date | None:
    """The day on which the first of them ends, and the permit with it; None when none ends."""
    return min((last for *_others, last in parts if last), default=None)


def _until(last: date | None) -> str:
    return f"有效期至 {last.isoformat()}" if last else "长期有效"
