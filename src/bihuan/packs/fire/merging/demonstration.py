"""A project of the demonstration whose formalities are handled together: supervision is done, the fire review is under way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs, roles
from bihuan.packs.fire.merging.network import QUALITY, SAFETY
from bihuan.packs.fire.merging.services import merged_open
from bihuan.packs.fire.projects.services import Declared, Work, project_enter

POLYMER = Declared(
    name="聚酰胺切片扩能项目", owner="鲁城化工集团有限公司", place="高新区化工产业园", use="生产易燃易爆危险物品的工厂",
    area="21400", height="28", investment="38000", standard="GB 50160-2008(2018年版)",
    works=(Work("聚合厂房", 15600, 28, 5), Work("原料罐区", 3800)),
)  # fmt: skip


def merged_load(*, now: datetime) -> None:
    """Enter the project and open its merged application some days ago; the caller has seen that it is not there."""
    with kernel_writes():
        person = dict(Person.objects.filter(username__in=("jin", "xue", "du")).values_list("username", "id"))
    begun = now - timedelta(days=5)
    scope = scope_of(person=person["jin"], at=begun, roles=roles())
    row = project_enter(scope=scope, declared=POLYMER, key="demonstration:merged", now=begun)
    number = merged_open(scope=scope, project=row.pk, key="demonstration", now=begun)
    with kernel_writes():
        parts = Part.objects.filter(bundle__case__number=number, code__in=(QUALITY, SAFETY))
        cases = [int(part.case_id or 0) for part in parts.order_by("place")]
    for days, case in enumerate(cases, 2):
        at = begun + timedelta(days=days)
        _step(case, "part_propose", person["xue"], at, {"opinion": "手续齐全,同意。"})
        _step(case, "part_pass", person["du"], at + timedelta(hours=1), {})


def _step(case: int, step: str, by: int, now: datetime, data: dict[str, Any]) -> None:
    write = packs()["fire"].writers.get(step, case_move)
    write(case_id=case, step=step, by=by, now=now, data=data)
