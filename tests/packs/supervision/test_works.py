"""What becomes of the orders behind works once these are proved: call-back for every caller, once, or the unit's own answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.merging import case_merge
from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import Refusal
from bihuan.packs.supervision.services import ANSWER as ANSWERED
from bihuan.packs.supervision.services import task_open, works_prove
from tests.desk.conftest import City, city  # noqa: F401
from tests.walks import snapshot

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(0, (), (), True)
PLAN = {"works": "硬化抬高50米长3米宽,新砌排水口三处。", "until": "2026-03-20"}
PROOF = "胡同已硬化抬高,新砌排水口三处,验收单附后。"
ANSWER = "胡同已抬高,新砌了排水口,3月14日大雨后没有积水。"
PROVEN = {"on": "2026-03-14", "found": "大雨后到场看过,没有积水。"}


def _works(city: City, origin: int) -> int:
    scope_apply(EVERYTHING)
    number = task_open(
        scope=scope_of(person=city.people["tang"], at=city.now, roles=roles()), kind="works", unit=city.units["371502_market"],
        title="胡同硬化抬高", text="50米长3米宽。", due=None, origin=origin, key=f"works-{origin}", now=city.now,
    )  # fmt: skip
    works = Case.objects.get(number=number).pk
    city.move(works, "plan", "sun", after=2, **PLAN)
    city.move(works, "complete", "wang", after=24 * 8, proof=PROOF)
    return works


def _prove(city: City, works: int, **more: Any) -> None:
    works_prove(
        case_id=works, step="prove", by=city.people["tang"], now=city.now + timedelta(days=14), data={**PROVEN, **more}
    )  # fmt: skip
    scope_apply(EVERYTHING)


def test_a_paused_order_and_all_merged_into_it_go_to_call_back_once(city: City) -> None:
    order, again = city.handling(title="胡同积水"), city.opened(title="还是积水")
    city.move(
        order.case, "ask_pause", "sun", after=2, ground="conditions", days="25", reason="等工程做完和下一场雨"
    )
    city.move(order.case, "grant_pause", "tang", after=3)
    case_merge(case_id=again.case, into=order.case, by=city.people["tang"], now=city.now + timedelta(hours=4))
    works = _works(city, order.case)
    _prove(city, works, answer=ANSWER)
    row = Case.objects.select_related("content").get(pk=order.case)
    assert (row.state, row.content.answer, row.facts["outcome"]) == ("calling_back", ANSWER, "done")
    told = Case.objects.select_related("content").get(pk=again.case)
    assert (told.state, told.content.answer) == ("calling_back", ANSWER), (
        "each caller reads what became of it"
    )
    for case in (order.case, again.case):
        running = Clock.objects.filter(case=case, stopped_at=None).values_list("kind", flat=True)
        assert list(running) == ["call_back"]
    before = snapshot(order.case), snapshot(again.case), Notice.objects.count()
    with pytest.raises(Refusal):
        _prove(city, works)
    assert (snapshot(order.case), snapshot(again.case), Notice.objects.count()) == before


def test_works_of_an_order_that_was_merged_since_bring_the_survivor_to_its_call_back(city: City) -> None:
    order, survivor = city.dispatched(title="胡同积水"), city.dispatched(title="整条胡同积水")
    works = _works(city, order.case)
    case_merge(
        case_id=order.case, into=survivor.case, by=city.people["tang"], now=city.now + timedelta(days=9)
    )
    _prove(city, works)
    rows = Case.objects.select_related("content").in_bulk([order.case, survivor.case])
    assert {row.state for row in rows.values()} == {"calling_back"}
    assert rows[survivor.case].content.answer == ANSWERED.format(on="2026-03-14")
    told = Notice.objects.filter(template="mended").order_by("case_id").values_list("case_id", flat=True)
    assert list(told) == [order.case, survivor.case]


def test_a_superior_s_order_goes_on_at_its_unit_which_answers(city: City) -> None:
    above = {"peer": "371500", "number": "LC1", "due_at": (city.now + timedelta(days=60)).isoformat()}
    order = city.handling(title="胡同积水", superior=above)
    city.move(
        order.case, "ask_pause", "sun", after=2, ground="conditions", days="25", reason="等工程做完和下一场雨"
    )
    city.move(order.case, "grant_pause", "tang", after=3)
    _prove(city, _works(city, order.case), answer=ANSWER)
    row = Case.objects.select_related("content").get(pk=order.case)
    assert (row.state, row.content.answer) == ("handling", "")
    (told,) = Notice.objects.filter(template__startswith="origin_")
    assert (told.template, told.unit_id) == ("origin_mended", city.units["371502_market"])


def test_a_closed_order_stays_closed_and_its_caller_is_told(city: City) -> None:
    order = city.closed(title="胡同积水")
    works, version = _works(city, order.case), Case.objects.get(pk=order.case).version
    _prove(city, works)
    row = Case.objects.get(pk=order.case)
    assert (row.state, row.version) == ("closed", version)
    assert not Notice.objects.filter(template__startswith="origin_").exists()
    assert Notice.objects.filter(template="mended").count() == 1
