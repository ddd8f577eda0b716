"""What a mediation came to goes up at once; more time is asked for above, and what the superior says holds here."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import Refusal
from tests.exchange.conftest import CITY, DISTRICT, Two
from tests.exchange.test_loop_of_two import clock, steps_of

pytestmark = pytest.mark.django_db
MEDIATED = {"claim": "退还学费5200元", "offer": "退还4800元", "result": "agreed", "sum": "4800.00"}


def handling(two: Two) -> tuple[str, int, int]:
    """An order that the unit below has signed for: its number, the case above, the case here."""
    taken = two.taken_above()
    two.post()
    here = two.here(taken.number).pk
    two.moves(DISTRICT, here, "sign_for", "wang")
    two.post()
    two.see()
    return taken.number, taken.case, here


def asked(two: Two, here: int, days: str = "5") -> None:
    two.moves(DISTRICT, here, "ask_extension", "wang", days=days, reason="商家要分两次退费")
    two.moves(DISTRICT, here, "ask_extension_above", "tang", days=days, reason="商家要分两次退费")
    two.post()


def due(case: int, basis: str) -> datetime:
    found = Clock.objects.get(case=case, kind="handle", basis=basis, stopped_at=None).due_at
    assert found is not None
    return found


def test_a_mediation_is_on_the_case_above(two: Two) -> None:
    number, above, here = handling(two)
    two.moves(DISTRICT, here, "mediate", "wang", **MEDIATED)
    two.post()
    two.see()
    assert steps_of(above)[-1] == ("move", "mediate", two.below.account_id)
    assert steps_of(above)[-1][1] == steps_of(here)[-1][1] == "mediate"
    assert two.messages("in", two.below)[-1] == ("mediated", "settled")
    assert two.there(number).state == "handling"


def test_the_superior_s_consent_moves_its_deadline_here(two: Two) -> None:
    _number, above, here = handling(two)
    before = due(here, "superior")
    with pytest.raises(Refusal) as refused:
        two.moves(DISTRICT, here, "ask_extension_above", "tang", days="5", reason="商家要分两次退费")
    assert refused.value.code == "extension_waits"
    asked(two, here)
    assert two.link(_number, two.below).case.progress["extension"]["value"] == 5
    with pytest.raises(Refusal) as refused:
        two.moves(DISTRICT, here, "ask_extension_above", "tang", days="5", reason="再问一次上级的意见")
    assert refused.value.code == "no_answer_from_above_waits"
    two.moves(CITY, above, "grant_extension", "tang", remark="同意,注意安抚")
    two.post()
    two.see()
    granted = due(above, "promised").replace(second=0, microsecond=0)
    assert due(here, "superior") == granted != before
    assert steps_of(here)[-1] == ("move", "extended_above", "system")
    assert "asked_above" not in two.here(_number).progress
    assert Notice.objects.get(case=here, template="extended_above").unit_id == two.units["371502_12345"]
    two.moves(DISTRICT, here, "grant_extension", "tang")
    assert due(here, "promised") < due(here, "superior")


def test_what_the_superior_refuses_is_told_and_moves_nothing(two: Two) -> None:
    number, above, here = handling(two)
    before = due(here, "superior"), due(here, "promised")
    asked(two, here)
    two.moves(CITY, above, "refuse_extension", "tang", reason="来电人已多次催办")
    two.post()
    two.see()
    assert (due(here, "superior"), due(here, "promised")) == before
    assert steps_of(here)[-1] == ("move", "extension_refused_above", "system")
    assert two.here(number).state == "handling"
    assert Notice.objects.filter(case=here, template="extension_refused_above").count() == 1


def test_a_request_that_comes_too_late_above_is_answered_with_the_reason(two: Two) -> None:
    number, above, here = handling(two)
    two.moves(DISTRICT, here, "ask_extension", "wang", days="5", reason="商家要分两次退费")
    two.moves(DISTRICT, here, "ask_extension_above", "tang", days="5", reason="商家要分两次退费")
    two.now = clock(above, "handle", "promised").due_at + timedelta(hours=1)
    two.post()
    two.see()
    assert ("extension_asked", "refused") in two.messages("out", two.above)
    assert steps_of(here)[-1] == ("move", "extension_refused_above", "system")
    assert "asked_above" not in two.here(number).progress
