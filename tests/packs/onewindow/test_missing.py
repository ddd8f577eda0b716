"""What is still missing stands on the applicant's page with its day, and is brought there as files."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.packs.onewindow.applying.services import Taken, applications_by_the_clock
from bihuan.packs.onewindow.themes.applying import Taken as ThemeTaken
from tests.packs.onewindow.conftest import Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_item_forms import page, pdf
from tests.packs.onewindow.test_loop import clock, state_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_time(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)


def follower(taken: Taken | ThemeTaken) -> Client:
    client = Client()
    client.post("/public/follow", {"number": taken.number, "code": follow_code(taken.case)})
    return client


def bring(client: Client, taken: Taken, **files: Any) -> HttpResponse:
    return client.post(f"/public/cases/{taken.number}/materials", files, follow=True)


def test_what_was_told_is_missing_is_listed_and_brought_in_time(
    window: Window, django_assert_max_num_queries: Any
) -> None:
    taken = window.take("1", outcome="tell_missing")
    mine = follower(taken)
    with django_assert_max_num_queries(26):
        shown = page(mine.get(f"/public/cases/{taken.number}"))
    for words in ("还要交的材料", "3. 经营场所平面图", "4. 食品安全管理制度 × 2", "2026-03-23"):
        assert words in shown, words
    before = state_now()
    for files, words in (
        ({}, "请选要交的文件"), ({"file_1": pdf()}, "请选要交的文件"), ({"file_99": pdf()}, "请选要交的文件"),
        ({"file_3": SimpleUploadedFile("a.exe", b"MZ" + b"\x00" * 60)}, "第 3 项“经营场所平面图”:不收这种文件"),
    ):  # fmt: skip
        assert words in page(bring(mine, taken, **files))
    assert "查询码" in page(bring(Client(), taken, file_3=pdf()))
    assert state_now() == before
    assert "还有材料要交" in page(bring(mine, taken, file_3=pdf()))
    rest = page(bring(mine, taken, file_4=pdf("b.pdf")))
    assert ("材料交齐了" in rest, "网上补交:4 食品安全管理制度" in rest, "还要交的材料" in rest) == (
        True,
        True,
        False,
    )
    with kernel_writes():
        names = sorted(Attachment.objects.filter(case=taken.case).values_list("name", flat=True))
    assert names == ["3-经营场所平面图.pdf", "4-食品安全管理制度.pdf"]
    window.later(days=40)
    assert applications_by_the_clock(now=window.now) == 0
    assert window.move(taken.case, "accept", "fang").state == "examining"
    assert ledger_verify().faults == ()


def test_files_that_came_need_not_be_chosen_again_for_a_day_that_was_forgotten(window: Window) -> None:
    item = window.item_of(f"{ORGAN}4370131099000", materials="申请书\n健康证明 | 有效期:1年", special="")
    taken = window.take("1", outcome="tell_missing", item=item)
    mine, key, before = follower(taken), f"bring-{taken.number}", state_now()
    told = page(bring(mine, taken, file_2=pdf("健康.pdf"), key=key))
    assert ("请填签发日期" in told, "不用再选的文件:健康.pdf" in told, state_now() == before) == (
        True,
        True,
        True,
    )
    assert "材料交齐了" in page(bring(mine, taken, dated_2="2026-02-01", key=key))
    assert mine.session["kept_files"] == {}


def test_what_may_follow_is_brought_on_line_and_its_clock_stops(window: Window) -> None:
    taken = window.take("1", "4", outcome="accept_lacking")
    mine = follower(taken)
    assert "3. 经营场所平面图" in page(mine.get(f"/public/cases/{taken.number}"))
    bring(mine, taken, file_3=pdf())
    assert clock(taken.case, "supplement").stopped_at == window.now
    assert window.case(taken.case).facts["materials"]["3"] == "present"
    before = state_now()
    assert "现在没有要补的材料" in page(bring(mine, taken, file_3=pdf()))
    assert state_now() == before
