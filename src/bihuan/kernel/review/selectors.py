"""Reading samples, and drawing one again from what the ledger holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.review.models import Sample
from bihuan.kernel.review.sampling import ALGORITHM, count_of, drawn, list_digest
from bihuan.kernel.review.services import STREAM

WORDS = (
    gettext_noop(
        "1. 名单里的工单编号按字符顺序排列,每个占一行(用换行符连接),UTF-8 编码,取 SHA-256,应等于名单摘要。"
    ),
    gettext_noop(
        "2. 对每个编号,把种子、换行符、编号连成一段文字,UTF-8 编码,取 SHA-256,得到这个编号的位置值。"
    ),
    gettext_noop("3. 位置值从小到大排列,取前面的若干件;件数 = 名单件数 × 比例,按写明的办法取整。"),
)
"""The algorithm for whoever draws again with a pencil and `sha256sum`."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A sample drawn again: what the ledger's entry says, what comes out, and in words what does not fit."""

    entry: dict[str, Any]
    drawn: list[str]
    faults: tuple[str, ...]


def sample_redraw(*, sample: Sample) -> Redrawn:
    """Draw a sample again from its entry in the ledger, and hold its rows against that."""
    entries = register_entries(stream=STREAM, match={"sample": sample.pk}, kinds=("drawn",), most=1)
    if not entries:
        return Redrawn({}, [], ("the ledger has no entry of this draw",))
    data = dict(entries[0].data)
    rule = data["rule"]
    count = count_of(len(data["listed"]), percent=rule["percent"], rounding=rule["rounding"])
    again = drawn(data["listed"], seed=data["seed"], count=count)
    kept = list(sample.cases.order_by("place").values_list("case__number", flat=True))
    checks = (
        (rule["algorithm"] == ALGORITHM, "the algorithm is another"),
        (list_digest(data["listed"]) == data["digest"], "the list differs from its digest"),
        (again == data["drawn"], "another draw comes out"),
        (kept == data["drawn"], "the cases kept differ from those drawn"),
        ((sample.seed, sample.digest) == (data["seed"], data["digest"]), "seed or digest kept differ"),
        (sorted(sample.listed) == data["listed"], "the list kept differs"),
    )
    return Redrawn(data, again, tuple(words for fits, words in checks if not fits))
