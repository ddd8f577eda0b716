"""Real messages, imported, go round the loop in a real browser; answered ones are closed history with their times."""

from __future__ import annotations

import csv
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.lib.text import parse_moment
from bihuan.packs.hotline.importing.orders import ImportReport, orders_import

pytestmark = pytest.mark.browser
DATA = Path(__file__).resolve().parents[3] / "shared/data/hotline"
ROWS = 200
MARKET = "东昌府区市场监督管理局 · 371502_market"
ANSWER = "经调解,商家已退还全部费用,来电人表示认可。"
MESSAGES = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情")
REPLIES = (*MESSAGES, "答复意见", "答复时间")


def rows_of(name: str, headers: tuple[str, ...], made: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    """The first rows of a file of real messages; without it, as many that are made up."""
    path = DATA / name
    if not path.exists():
        return list(headers), [[cell.format(n=n) for cell in made] for n in range(1, ROWS + 1)]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        return next(reader), list(islice(reader, ROWS))


def imported(tmp_path: Path, headers: list[str], rows: list[list[str]], now: datetime) -> ImportReport:
    path = tmp_path / "messages.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([headers, *rows])
    return orders_import(path=path, now=now, mapping="teddy")


def step(page: Any, label: str, done: str, **fields: str) -> None:
    """Choose a step on the case page, fill its form in, send it, and read that it is done."""
    at_once = page.locator(".offers").get_by_role("button", name=label, exact=True)
    if at_once.count():  # nothing is asked
        at_once.click()
        page.get_by_text(f"本件现在是“{done}”").wait_for()
        return
    page.locator(".offers").get_by_role("link", name=label, exact=True).click()
    for name, value in fields.items():
        box = page.locator(f"#step-form [name={name}]")
        box.select_option(value) if box.evaluate("e => e.tagName") == "SELECT" else box.fill(value)
    page.locator(".step-form").get_by_role("button", name=label, exact=True).click()
    page.get_by_text(f"本件现在是“{done}”").wait_for()


def test_an_imported_message_goes_round_the_loop(open_as: Any, present: datetime, tmp_path: Path) -> None:
    made = (
        "M{n}",
        "U{n}",
        "培训机构不退费{n}",
        "2020/9/3 10:00:00",
        "交了学费没有开课,协商不退费。第{n}件。",
    )
    headers, rows = rows_of("teddy_messages_4326.csv", MESSAGES, made)
    report = imported(tmp_path, headers, rows, present)
    assert (report.rows, report.imported, report.open, report.bad) == (ROWS, ROWS, ROWS, 0)
    # zhou's desk, by the keyboard alone: down, up, open.
    zhou = open_as("zhou")
    zhou.goto(zhou.home + "/")
    zhou.keyboard.press("j")
    first = zhou.locator("tr.at .c-number").inner_text()
    zhou.keyboard.press("j")
    expect(zhou.locator("tr.at .c-number")).not_to_have_text(first)
    zhou.keyboard.press("k")
    zhou.keyboard.press("Enter")
    zhou.wait_for_url(f"**/cases/{first}")
    step(zhou, "派单", "待签收", unit=MARKET, matter="0401", remark="消费纠纷")
    address = f"/cases/{first}"
    wang = open_as("wang")
    wang.goto(wang.home + "/")
    wang.keyboard.press("j")
    expect(wang.locator("tr.at .c-number")).to_have_text(first, use_inner_text=True)
    wang.keyboard.press("Enter")
    wang.wait_for_url(f"**{address}")
    step(wang, "签收", "办理中")
    step(wang, "回访自查", "办理中", reached="yes", note="已联系来电人,表示认可")
    step(wang, "答复", "审核中", outcome="done", answer=ANSWER)
    for username, label, done in (("sun", "审核通过,报上一级", "审核中"), ("zhao", "审核通过", "待回访")):
        page = open_as(username)
        page.goto(page.home + address)
        step(page, label, done)
    liu = open_as("liu")
    liu.goto(liu.home + address)
    step(liu, "回访办结", "已办结", grade="5", words="谢谢")
    stops = liu.locator(".loop-line .stop")
    expect(stops).to_have_count(8)
    assert stops.last.inner_text().startswith("办结")
    assert "stop-ahead" not in " ".join(s.get_attribute("class") for s in stops.all())
    expect(liu.locator(".timeline")).to_contain_text(ANSWER, use_inner_text=True)
    expect(liu.get_by_text("本件已办结,没有下一步。")).to_be_visible()


def test_answered_messages_are_closed_history_with_their_own_times(
    open_as: Any, present: datetime, tmp_path: Path
) -> None:
    made = (
        "R{n}", "U{n}", "路灯不亮{n}", "2020/9/3 10:00:00", "门口的路灯不亮。第{n}件。",
        "已经修好,感谢您的来信。", "2020/9/8 16:30:00",
    )  # fmt: skip
    headers, rows = rows_of("teddy_replies_2816.csv", REPLIES, made)
    report = imported(tmp_path, headers, rows, present)
    assert report.rows == ROWS
    assert (report.open, report.imported) == (0, report.closed)
    assert report.closed == ROWS - report.bad
    from bihuan.kernel.cases.models import Case

    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        case = Case.objects.filter(imported=True).latest("pk")
        number, id_ = case.number, str(case.external_id)
    told = dict(zip(headers, next(row for row in rows if id_.endswith(row[0])), strict=False))
    page = open_as("zhao")
    page.goto(f"{page.home}/cases/{number}")
    expect(page.get_by_text("导入的历史").first).to_be_visible()
    facts = page.locator(".facts").inner_text()
    for label, column in (("提出时间", "留言时间"), ("办结时间", "答复时间")):
        at = parse_moment(told[column], field=column, now=present)
        assert f"{label}\n{at:%Y-%m-%d %H:%M}" in facts
    assert page.locator(".answer").inner_text().strip()[:6] == told["答复意见"].strip()[:6]
    expect(page.locator(".offers a")).to_have_count(0)


def test_the_hotlines_pages_fit_their_window(open_as: Any, present: datetime) -> None:
    page = open_as("tang")
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/hotline/new", "/hotline/figures"):
            page.goto(page.home + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        page.goto(page.home + "/hotline/new")
        page.locator("main .btn-primary").click()
        page.locator(".refusal").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
