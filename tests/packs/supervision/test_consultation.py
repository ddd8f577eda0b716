"""A consultation (会商): agenda, attendance, minutes; what it decides is evaluated by somebody else, and the next opens with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.meetings.models import Decision, Meeting
from bihuan.lib.refusals import NotPermitted
from tests.desk.conftest import City, as_, city  # noqa: F401

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(0, (), (), True)
MARKET = "东昌府区市场监督管理局 · 371502_market"
PLAN = {
    "kind": "consultation", "subject": "预付卡监管整改会商", "at": "2026-03-12T09:00", "place": "中心三楼", "key": "k1", "units": [MARKET],
}  # fmt: skip
DECIDE = {
    "text": "预付卡备案台账补齐,逐户核对", "unit": MARKET, "due": "2026-03-31", "kind": "decision", "number": "1",
}  # fmt: skip
PROOF = "台账已补齐,全部商户核对完毕,核对单附后。"


def test_what_a_consultation_decides_is_evaluated_by_somebody_else(
    city: City, as_: Callable[..., Client]
) -> None:
    assert as_("tang", after=24 * 9).post("/meetings/new", PLAN).status_code == 302
    scope_apply(EVERYTHING)
    meeting = Meeting.objects.get()
    tang = as_("tang", after=24 * 10)
    market = city.units["371502_market"]
    tang.post(f"/meetings/{meeting.pk}/hold", {f"there-{market}": "on", f"who-{market}": "孙国强"})
    assert tang.post(f"/meetings/{meeting.pk}/decide", DECIDE).status_code == 302
    assert tang.post(f"/meetings/{meeting.pk}/close", {"words": "三方会商,月底评估整改。"}).status_code == 302
    assert tang.get(f"/meetings/{meeting.pk}/minutes.pdf").content.startswith(b"%PDF")
    scope_apply(EVERYTHING)
    case = Decision.objects.get().case_id
    assert case is not None
    city.move(case, "sign_for", "wang", after=24 * 10 + 1)
    city.move(case, "report", "wang", after=24 * 20, proof=PROOF)
    with pytest.raises(NotPermitted):
        city.move(case, "strike_off", "wang", after=24 * 20 + 1, found="自己核过了,都齐了。")
    assert Case.objects.get(pk=case).state == "checking"
    city.move(case, "redo", "tang", after=24 * 21, reason="抽查三户与台账不符,请重新核对")
    again = as_("tang", after=24 * 22).post("/meetings/new", {**PLAN, "at": "2026-03-26T09:00", "key": "k2"})
    page = as_("tang", after=24 * 22).get(again["Location"]).content.decode()
    assert "上次会议议定" in page and DECIDE["text"] in page
    city.move(case, "report", "wang", after=24 * 23, proof=PROOF)
    city.move(case, "strike_off", "tang", after=24 * 24, found="抽查二十户,均与台账相符。")
    scope_apply(EVERYTHING)
    ended = Case.objects.get(pk=case)
    assert (ended.state, ended.redo_count, ended.closed_at is not None) == ("struck_off", 1, True)
    cache.clear()
    board = as_("qian", after=24 * 25).get("/promises").content.decode()
    assert "会商 1 次,议定整改 1 项,评估退回 1 次,已销号 1 项" in board
    assert "开会 0 次,议定 0 项,已销号 0 项" in board
    assert "整改好不好:由评估的人判断,系统记判断和依据" in board
