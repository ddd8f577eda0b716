"""A theme applied for from home: one application, one checklist, followed part by part up to the comprehensive permit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from bihuan.packs.onewindow.platforms.models import Change
from bihuan.packs.onewindow.themes.workflow import WHOLE
from tests.packs.onewindow.bazaar import FOOD, HYGIENE, SIGN, Bazaar
from tests.packs.onewindow.conftest import PERSON, Window
from tests.packs.onewindow.test_item_forms import page, pdf
from tests.packs.onewindow.test_loop import clock, refused, state_now
from tests.packs.onewindow.test_theme_ways import change

pytestmark = pytest.mark.django_db
WHO = {name: PERSON[name] for name in ("applicant", "name", "id_number", "phone")}
FILES = ("1", "2", "4", "5", "6", "7")


@pytest.fixture
def bazaar(window: Window, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bazaar:
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    found = Bazaar(window)
    for code in (HYGIENE, SIGN, FOOD):
        change(
            found,
            code,
            online=True,
            **({"materials": "设计图 | 可容缺\n营业执照 | 城市已有"} if code == SIGN else {}),
        )
    return found


def applied(bazaar: Bazaar, client: Client, *numbers: str, **typed: Any) -> HttpResponse:
    files = {f"file_{n}": pdf(f"{n}.pdf") for n in numbers}
    sent = {**WHO, "subject": "水城面馆", "key": "t1", "dated_4": "2026-02-01", **files, **typed}
    return client.post(f"/public/apply/theme/{bazaar.theme.pk}", sent)


def whole() -> Case:
    with kernel_writes():
        return Case.objects.select_related("content").get(workflow=WHOLE.key)


def test_a_theme_is_applied_for_at_home_and_followed_to_its_permit(bazaar: Bazaar) -> None:
    mine, window = Client(), bazaar.window
    assert f"/public/apply/theme/{bazaar.theme.pk}" in page(mine.get(f"/public/theme/{bazaar.theme.pk}"))
    assert "用于:" in page(mine.get(f"/public/apply/theme/{bazaar.theme.pk}"))
    before = state_now()
    wrong = page(applied(bazaar, mine, "1", "2", subject="", id_number="371502199001011227"))
    said = [f'id="{one}-wrong"' in wrong for one in ("subject", "id", "file_6", "file_7", "file_5")]
    assert (said, "已收到“1.pdf”" in wrong, state_now() == before) == (
        [True, True, True, True, False],
        True,
        True,
    )
    done = applied(bazaar, mine, "4", "6", "7")
    taken, again = whole(), applied(bazaar, mine, "1", "2", "4", "6", "7")["Location"]
    assert (again, taken.state, taken.facts["channel"], taken.facts["verified"]) == (
        done["Location"], "received", "web", False,
    )  # fmt: skip
    with kernel_writes():
        names = sorted(Attachment.objects.filter(case=taken.pk).values_list("name", flat=True))
        assert [one.event for one in Change.objects.all()] == ["received"]
    assert names == [
        "1-卫生许可申请表.pdf",
        "2-经营场所平面图.pdf",
        "4-卫生检测报告.pdf",
        "6-食品经营许可申请书.pdf",
        "7-食品安全管理制度.pdf",
    ]
    assert "材料收到了,正在看" in page(mine.get(f"/public/cases/{taken.number}"))
    window.move(taken.pk, "accept_theme_lacking", "fang")
    assert "各部分办得怎样" in (shown := page(mine.get(f"/public/cases/{taken.number}")))
    assert "5. 设计图" in shown
    mine.post(f"/public/cases/{taken.number}/materials", {"file_5": pdf("5.pdf")})
    for code in ("卫生", "招牌", "食品"):
        bazaar.grant(taken.pk, code)
    window.move(taken.pk, "issue_permit", "ren")
    window.move(taken.pk, "deliver", "ren", way="electronic")
    assert "行业综合许可证" in page(mine.get(f"/public/cases/{taken.number}"))
    assert ledger_verify().faults == ()


def test_whoever_commits_need_bring_nothing_where_every_item_allows_it(bazaar: Bazaar) -> None:
    before = state_now()
    assert 'name="signed"' not in page(applied(bazaar, Client(), signed="on"))
    assert state_now() == before
    for code in (HYGIENE, SIGN, FOOD):
        change(bazaar, code, commitment=True)
    assert applied(bazaar, Client(), key="t2", signed="on").status_code == 302
    taken = whole()
    assert (
        taken.facts["signed"],
        taken.content.text.endswith("网上签告知承诺书。"),
    ) == (True, True)
    assert bazaar.window.move(taken.pk, "accept_theme_commitment", "fang", signed="on").state == "parallel"


def test_nobody_told_in_five_days_is_acceptance_of_the_whole_too(bazaar: Bazaar) -> None:
    window = bazaar.window
    applied(bazaar, Client(), *FILES)
    taken = whole()
    refused(lambda: window.move(taken.pk, "deem_theme_accepted"), "期限还没有到")
    begun = window.now
    window.later(days=8)
    assert applications_by_the_clock(now=window.now) == 1
    assert (whole().state, whole().facts["accepted"]) == ("parallel", "deemed")
    assert clock(taken.pk, "handle").started_at == begun
    assert bazaar.parts(taken.pk) == {"卫生": "begun", "招牌": "begun", "食品": "waiting"}


def test_what_came_and_is_no_good_is_told_and_brought_again(bazaar: Bazaar) -> None:
    mine, window = Client(), bazaar.window
    applied(bazaar, mine, *FILES)
    taken = whole()
    for unfit in ("3", "9", "2、8", "x"):
        refused(
            lambda unfit=unfit: window.move(taken.pk, "tell_unfit", "fang", unfit=unfit, why="form"),
            "已经收到的材料",
        )
    assert window.move(taken.pk, "tell_unfit", "fang", unfit="2、4", why="illegible").state == "correcting"
    assert (whole().facts["told"], clock(taken.pk, "correct", "term").stopped_at) == (["2", "4"], None)
    shown = page(mine.get(f"/public/cases/{taken.number}"))
    assert ("2. 经营场所平面图" in shown, "请换一份:看不清" in shown) == (True, True)
    mine.post(
        f"/public/cases/{taken.number}/materials",
        {"file_2": pdf("b.pdf"), "file_4": pdf("c.pdf"), "dated_4": "2026-02-20"},
    )
    assert window.move(taken.pk, "accept_theme", "fang").state == "parallel"


def test_what_is_not_ours_is_told_and_ends_it(bazaar: Bazaar) -> None:
    applied(bazaar, Client(), *FILES)
    told = {"organ": "聊城市行政审批服务局", "answer": "请向聊城市行政审批服务局申请。"}
    assert bazaar.window.move(whole().pk, "not_ours", "fang", **told).state == "evaluating"


def test_a_theme_with_an_item_that_is_not_open_on_line_is_not_found_there(bazaar: Bazaar) -> None:
    change(bazaar, SIGN, online=False)
    assert Client().get(f"/public/apply/theme/{bazaar.theme.pk}").status_code == 404
    assert "网上申请" not in page(Client().get(f"/public/theme/{bazaar.theme.pk}"))
