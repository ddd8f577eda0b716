"""Certificates of the demonstration that did not stay as they were issued: suspended, replaced, revoked, and one that waits for a head."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bihuan.kernel.certificates.changes import change_ask, change_decide
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import VALID
from bihuan.kernel.identity.scope import scope_of, scope_within
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles

CLERK, CHIEF = "wang", "chen"
CHANGES: tuple[tuple[str, str, str], ...] = (
    ("suspend", "investigated", "有人举报租赁合同系伪造,正在核查。"),
    ("replace", "misprint", "地址漏写楼层,核对不动产证后更正。"),
    ("revoke", "deceit", "租赁合同系伪造,当事人承认。"),
    ("revoke", "unqualified", "经营场所已拆除,持证人已不在原址经营。"),
)
"""What is asked, on the latest food licences in turn; the last one waits."""


def certificates_play(*, until: datetime, people: Mapping[str, int]) -> None:
    """A clerk of the market bureau asks, the chief of the section decides."""
    at = until - timedelta(minutes=2)
    with kernel_writes():
        held = Certificate.objects.filter(kind="onewindow_food", state=VALID).order_by("-pk")
        found = list(held[: len(CHANGES)])
    scope = scope_of(person=people[CLERK], at=at, roles=roles())
    for row, (act, ground, reason) in zip(found, CHANGES, strict=False):
        more: dict[str, Any] = {}
        if act == "replace":
            address = row.contents.get("address", "柳园南路66号")
            more["contents"] = {**row.contents, "address": f"{address}(一层)"}
        with scope_within(scope):
            made = change_ask(
                certificate=row.pk, act=act, ground=ground, reason=reason, by=people[CLERK], now=at, **more
            )  # fmt: skip
        if row.pk != found[-1].pk:
            change_decide(change=made.pk, granted=True, remark="", by=people[CHIEF], now=until)
