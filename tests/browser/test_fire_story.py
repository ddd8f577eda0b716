"""A special project in the browser: declared by its owner, reviewed, accepted in stages with an item that fails, to the opinion on the
whole that anybody verifies.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.demonstration import have_all, people_load
from bihuan.packs.fire.materials import CONDITIONS, HAVE, ITEMS
from bihuan.packs.fire.models import Drawn
from bihuan.packs.fire.rules import ARTICLE_30
from tests.browser.axe import overflows, serious
from tests.browser.cast import Cast

pytestmark = pytest.mark.browser
HELD = {code: "yes" for code, _label in ARTICLE_30}
ACCEPTED = have_all("acceptance") | {code: "on" for code, _label in CONDITIONS}


@pytest.fixture
def cast(
    open_as: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, live: str, settings: Any, tmp_path: Any
) -> Cast:
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    made = Cast(open_as, now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    with transaction.atomic():
        people_load(now=now)
    return made


def evaluated(number: str, conclusion: str, now: datetime) -> None:
    """The on-site evaluation tells its conclusion; how it is made is a story of its own."""
    items = {code: "pass" for code, _label in ITEMS} | ({"hydrants": "fail"} if conclusion == "fail" else {})
    with kernel_writes():
        case = Case.objects.values_list("pk", flat=True).get(number=number)
    data = {"evaluation": 1, "open_findings": 0, **items}
    case_move(case_id=case, step=f"site_{conclusion}", by=0, now=now, data=data)


def newest() -> str:
    with kernel_writes():
        return str(Case.objects.filter(pack="fire").order_by("-pk").values_list("number", flat=True)[0])


def declared(cast: Cast) -> str:
    """lei declares a plant of two works; the page says at once that it is special. Returns the address of its page."""
    page = cast.at("lei", "/fire/owner")
    page.get_by_role("link", name="申报新项目").click()
    told = {
        "name": "双氧水装置",
        "place": "化工园东路",
        "use": "生产易燃易爆危险物品的工厂",
        "area_m2": "8600",
        "works": "主装置,7200,28,4\n罐区,1400",
    }
    for name, value in told.items():
        page.locator(f"#field-{name}").fill(value)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("h1", has_text="双氧水装置")).to_be_visible()
    return str(page.url).removeprefix(page.home)


def reviewed(cast: Cast, project: str) -> None:
    """lei applies for review; window, reviewer and chief do theirs."""
    page = cast.at("lei", project)
    page.get_by_role("link", name="申请设计审查").click()
    page.get_by_label("申报内容真实").check()
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("必须交的材料还没有传:消防设计文件。")).to_be_visible()
    submitted(page, "design_documents")
    number = newest()
    cast.takes("jin", number, "受理", "审查中", **have_all("design", planning_permit=HAVE))
    cast.takes("xue", number, "拟合格,报签", "拟合格", opinion="按 GB 50160 审查,符合标准。")
    cast.takes("du", number, "签发合格意见书", "审查合格")


def submitted(page: Any, *materials: str) -> None:
    """These materials are chosen, the rest is sent as it is."""
    for code in materials:
        page.locator(f"#file-{code}").set_input_files(
            {"name": f"{code}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
        )
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("已申请,编号")).to_be_visible()


def stages_applied(page: Any) -> str:
    """lei goes on with the stages that he chose, declares and hands in; returns the number."""
    page.get_by_role("button", name="为选中的阶段申报").click()
    expect(page.locator("#file-completion_report")).to_be_visible()
    page.wait_for_load_state()
    for box in page.locator("form.panel [type=checkbox]").all():
        box.check()
    submitted(page, "completion_report", "as_built")
    return newest()


def decided(cast: Cast, number: str, conclusion: str) -> None:
    """Window, on-site evaluation, inspector and chief."""
    cast.takes("jin", number, "受理", "待现场评定", **ACCEPTED)
    evaluated(number, conclusion, cast.now)
    if conclusion == "pass":
        cast.takes("yan", number, "验收合格,报签", "拟合格", **HELD)
        cast.takes("du", number, "签发合格意见书", "验收合格")
    else:
        cast.takes(
            "yan", number, "验收不合格,报签", "拟不合格", **HELD, faults="三层消火栓栓口静压不足,应增压。"
        )
        cast.takes("du", number, "签发不合格意见书", "验收不合格")


def test_from_the_declaration_to_the_opinion_that_anybody_verifies(
    cast: Cast, open_as: Any, telephone: Any
) -> None:
    project = declared(cast)
    reviewed(cast, project)
    page = cast.at("jin", project + "/stages")
    page.get_by_role("group", name="哪些单体").get_by_label("主装置").check()
    for stage in ("主体结构", "安装工程"):
        page.get_by_role("group", name="分哪些阶段").get_by_label(stage).check()
    page.get_by_role("button", name="登记阶段").click()
    expect(page.get_by_text("已登记 2 个阶段。")).to_be_visible()
    page.get_by_role("group", name="哪些单体").get_by_label("罐区").check()
    page.get_by_role("button", name="登记阶段").click()
    expect(page.get_by_text("已登记 1 个阶段。")).to_be_visible()
    page = cast.at("lei", project + "/stages")
    page.locator("tr", has_text="主装置").get_by_label("主体结构").check()
    decided(cast, stages_applied(page), "fail")
    page = cast.at("lei", project + "/stages")
    expect(page.get_by_text("不合格,可重新申请")).to_be_visible()
    tanks = page.locator("tr", has_text="罐区").get_by_role("checkbox")
    tanks.check()
    for label in ("主体结构", "安装工程"):
        page.locator("tr", has_text="主装置").get_by_label(label).check()
    number = stages_applied(page)
    decided(cast, number, "pass")
    narrow = open_as("lei", width=360)
    narrow.goto(f"{narrow.home}/cases/{number}")
    assert not overflows(narrow)
    page = cast.at("lei", project)
    expect(page.get_by_text("阶段通过 3/3,单体验收合格 2/2")).to_be_visible()
    expect(page.get_by_role("link", name="特殊建设工程消防验收意见书", exact=True)).to_be_visible()
    with kernel_writes():
        made = Certificate.objects.get(kind="fire_acceptance_opinion")
    phone = telephone()
    phone.goto(phone.home + "/verify")
    phone.locator("[name=number]").fill(made.number)
    phone.locator("[name=code]").fill(made.code)
    phone.get_by_role("button", name="核验", exact=True).click()
    expect(phone.get_by_text("特殊建设工程消防验收意见书").first).to_be_visible()
    expect(phone.get_by_text("鲁城化工集团有限公司").first).to_be_visible()


def filed(cast: Cast) -> str:
    """lei declares an office and files it; the window files it. Returns its number."""
    page = cast.at("lei", "/fire/owner/new")
    told = {
        "name": "厂前区办公楼",
        "place": "化工园东路",
        "use": "办公楼",
        "area_m2": "3600",
        "height_m": "18",
    }
    for name, value in told.items():
        page.locator(f"#field-{name}").fill(value)
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("link", name="办理备案").click()
    page.locator("#field-true").check()
    completed = f"{cast.now - timedelta(days=3):%Y-%m-%d}"
    page.locator("#field-class").select_option("general")
    page.locator("#field-way").select_option("documents")
    page.locator("#field-completed_on").fill(completed)
    submitted(page, "completion_report", "as_built")
    number = newest()
    told = have_all("filing", completion_report=HAVE, as_built=HAVE) | {
        "class": "general",
        "way": "documents",
        "completed_on": completed,
    }
    cast.takes("jin", number, "受理", "已备案,待抽取", **told)
    return number


def test_a_filing_is_drawn_checked_and_the_draw_verified(cast: Cast, telephone: Any, tmp_path: Path) -> None:
    number = filed(cast)
    page = cast.at("du", "/fire/draws")
    expect(page.locator("main").get_by_role("link", name=number)).to_be_visible()
    page.get_by_role("button", name="现在抽取").click()
    page.wait_for_url("**/fire/draws/*")
    expect(page.locator("main").get_by_text(number).first).to_be_visible()
    with kernel_writes():
        drawn = Drawn.objects.get(case__number=number)
        names = dict(Person.objects.filter(username__in=("yan", "ping", "luo")).values_list("username", "pk"))
    (left_out,) = (name for name, pk in names.items() if pk not in drawn.inspectors)
    inspector = next(name for name, pk in names.items() if pk in drawn.inspectors)
    evaluated(number, "pass", cast.now)
    page = cast.at(left_out, f"/cases/{number}/steps/check_pass")
    page.locator("#step-form [name=opinion]").fill("现场与竣工图一致。")
    page.locator(".step-form").get_by_role("button", name="抽查合格", exact=True).click()
    expect(page.get_by_text("您没有被抽到").first).to_be_visible()
    cast.takes(inspector, number, "抽查合格", "抽查合格", opinion="现场与竣工图一致。")
    phone = telephone()
    phone.goto(phone.home + "/public")
    phone.get_by_role("link", name="看抽查结果").click()
    phone.get_by_role("link", name=f"第 {drawn.draw_id} 次抽取").click()
    expect(phone.get_by_text("已按账本重新抽取,结果相同。")).to_be_visible()
    expect(phone.locator("li", has_text=number)).to_contain_text("· 合格")
    with phone.expect_download() as arrived:
        phone.get_by_role("link", name="下载抽取记录").click()
    record = tmp_path / "record.json"
    arrived.value.save_as(record)
    call_command("fire", "draw", "--verify", str(record))
    record.write_text(record.read_text().replace(number, number[::-1]))
    with pytest.raises(SystemExit):
        call_command("fire", "draw", "--verify", str(record))


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-CN"), (360, "en-GB")])
def test_the_pages_of_the_routes_are_fit_for_everybody(
    cast: Cast, open_as: Any, width: int, language: str
) -> None:
    project = declared(cast)
    for who, addresses in (
        (
            "lei",
            (
                "/fire/owner",
                project,
                f"{project}/stages",
                f"/fire/owner/projects/{project.rsplit('/', 1)[1]}/design",
            ),
        ),
        ("xue", ("/fire/legacy", "/fire/experts", "/fire/passed")),
    ):
        page = open_as(who, width=width, language=language, audited=True)
        for address in addresses:
            page.goto(page.home + address)
            assert (serious(page), overflows(page)) == ([], False), address
