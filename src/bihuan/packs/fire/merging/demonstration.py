"""Projects of the demonstration whose formalities are handled together: of one the fire review is under way, of another the permit was
issued and the review that it rests on was revoked since, which its organ has not decided on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.certificates.changes import change_ask, change_decide
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs, roles
from bihuan.packs.fire.merging.network import PERMIT, QUALITY, REVIEW, SAFETY
from bihuan.packs.fire.merging.services import merged_open
from bihuan.packs.fire.projects.services import Declared, Work, project_enter

POLYMER = Declared(
    name="聚酰胺切片扩能项目", owner="鲁城化工集团有限公司", place="高新区化工产业园", use="生产易燃易爆危险物品的工厂",
    area="21400", height="28", investment="38000", standard="GB 50160-2008(2018年版)",
    works=(Work("聚合厂房", 15600, 28, 5), Work("原料罐区", 3800)),
)  # fmt: skip


NITRILE = Declared(
    name="己二腈中试装置项目", owner="鲁城化工集团有限公司", place="高新区化工产业园", use="生产易燃易爆危险物品的工厂",
    area="6200", height="18", investment="9000", standard="GB 50160-2008(2018年版)",
)  # fmt: skip


def merged_load(*, now: datetime, documents: Mapping[str, str]) -> None:
    """Enter the projects and open their merged applications some days ago, with these `documents` for the review; the caller has seen that
    they are not there."""
    with kernel_writes():
        person = dict(Person.objects.filter(username__in=("jin", "xue", "du")).values_list("username", "id"))
    whole = _opened(POLYMER, "demonstration", person, now - timedelta(days=5))
    for days, code in enumerate((QUALITY, SAFETY), 2):
        _granted(whole, code, person, now - timedelta(days=5 - days))
    _unsettled(person, now, documents)


def _unsettled(person: Mapping[str, int], now: datetime, documents: Mapping[str, str]) -> None:
    begun = now - timedelta(days=40)
    whole = _opened(NITRILE, "demonstration:revoked", person, begun)
    review, at = _case(whole, REVIEW), begun + timedelta(days=3)
    _step(review, "accept", person["jin"], begun + timedelta(hours=1), dict(documents))
    _step(review, "propose_pass", person["xue"], at, {"opinion": "符合标准,同意。"})
    _step(review, "sign_pass", person["du"], at, {})
    for code in (QUALITY, SAFETY, PERMIT):
        _granted(whole, code, person, at)
    with kernel_writes():
        opinion = Certificate.objects.get(case=review, kind="fire_design_opinion")
        asked = change_ask(
            certificate=opinion.pk, act="revoke", ground="unqualified", reason="复核发现防火间距按错误的类别计算,不符合标准。",
            by=person["xue"], now=now - timedelta(days=2),
        )  # fmt: skip
        change_decide(change=asked.pk, granted=True, remark="", by=person["du"], now=now - timedelta(days=1))


def _opened(declared: Declared, key: str, person: Mapping[str, int], begun: datetime) -> str:
    scope = scope_of(person=person["jin"], at=begun, roles=roles())
    row = project_enter(scope=scope, declared=declared, key=f"{key}:merged", now=begun)
    return merged_open(scope=scope, project=row.pk, key=key, now=begun)


def _case(whole: str, code: str) -> int:
    with kernel_writes():
        return int(Part.objects.get(bundle__case__number=whole, code=code).case_id or 0)


def _granted(whole: str, code: str, person: Mapping[str, int], at: datetime) -> None:
    case = _case(whole, code)
    _step(case, "part_propose", person["xue"], at, {"opinion": "手续齐全,同意。"})
    _step(case, "part_pass", person["du"], at + timedelta(hours=1), {})


def _step(case: int, step: str, by: int, now: datetime, data: dict[str, Any]) -> None:
    write = packs()["fire"].writers.get(step, case_move)
    write(case_id=case, step=step, by=by, now=now, data=data)
