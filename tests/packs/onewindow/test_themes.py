"""A theme from one application to one permit: parts side by side, what waits, what is refused, withdrawn and counted."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.test import Client

from bihuan.kernel.bundles.models import Bundle, Part
from bihuan.kernel.bundles.rules import Outcome
from bihuan.kernel.bundles.selectors import network_happening, outcomes_of
from bihuan.kernel.bundles.services import bundle_begin, parts_follow
from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.changes import change_ask, change_decide
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.certificates.selectors import number_checked
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.kernel.desk.templatetags.desk import standing_words
from bihuan.kernel.identity.scope import NOBODY, scope_apply, scope_of
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.figures import reviews_counted
from bihuan.packs.onewindow.catalogue.services import item_set, item_use
from bihuan.packs.onewindow.themes.contents import parts_read, parts_told, shared_read, shared_told
from bihuan.packs.onewindow.themes.falling import licence_resting
from bihuan.packs.onewindow.themes.models import ThemeVersion
from bihuan.packs.onewindow.themes.selectors import theme_composed, theme_version_on
from bihuan.packs.onewindow.themes.services import theme_add, theme_set, theme_use
from tests.packs.onewindow.bazaar import ALL, FOOD, GIVEN, HYGIENE, PARTS, SIGN, Bazaar
from tests.packs.onewindow.conftest import MARKET, Window
from tests.packs.onewindow.test_loop import due, refused, state_now
from tests.stories.cast import text_of
from tests.walks import EVERYTHING

pytestmark = pytest.mark.django_db


def test_a_shared_material_is_asked_for_once_as_strictly_as_any_part_asks(bazaar: Bazaar) -> None:
    version = theme_version_on(bazaar.theme.pk, bazaar.window.now.date())
    assert version is not None
    found = theme_composed(version, bazaar.window.now.date()).checklist
    assert [(one["name"], one["held"], one["for"]) for one in found.materials] == [
        ("卫生许可申请表", False, ["卫生"]),
        ("经营场所平面图", False, ["卫生", "食品"]),
        ("营业执照", True, ["卫生", "招牌", "食品"]),
        ("卫生检测报告", False, ["卫生"]),
        ("设计图和效果图", False, ["招牌"]),
        ("食品经营许可申请书", False, ["食品"]),
        ("食品安全管理制度", False, ["食品"]),
        ("授权委托书", False, ["食品"]),
    ]
    assert [one["may_lack"] for one in found.materials][1] is False  # one of the two does not let it follow
    assert found.materials[6]["copies"] == 2
    assert (len(found.materials), found.asked) == (8, 11)
    assert found.numbers == {
        "卫生": ("1", "2", "3", "4"),
        "招牌": ("5", "3"),
        "食品": ("6", "3", "2", "7", "8"),
    }


def asked(window: Window) -> int:
    """How many came to their evaluation."""
    with kernel_writes():
        return reviews_counted(since=window.now - timedelta(days=60)).asked


def test_one_application_goes_to_three_offices_and_comes_back_as_one_permit(bazaar: Bazaar) -> None:
    window, taken = bazaar.window, bazaar.take()
    assert (taken.state, bazaar.parts(taken.case)) == (
        "parallel", {"卫生": "begun", "招牌": "begun", "食品": "waiting"},
    )  # fmt: skip
    # The limit of the whole is the longest chain: 3 and 5 working days.
    assert due(taken.case, "handle") == date(2026, 3, 12)
    hygiene, sign = bazaar.part(taken.case, "卫生").case, bazaar.part(taken.case, "招牌").case
    assert hygiene and sign and len({taken.number, hygiene.number, sign.number}) == 3
    assert hygiene.facts["materials"] == {"1": "present", "2": "present", "3": "held", "4": "present"}
    assert due(hygiene.pk, "handle") == date(2026, 3, 5)

    window.later(days=2)
    bazaar.grant(taken.case, "卫生")
    assert bazaar.parts(taken.case) == {"卫生": "done", "招牌": "begun", "食品": "begun"}
    window.later(days=1)
    bazaar.grant(taken.case, "招牌")
    window.later(days=4)
    moved = bazaar.grant(taken.case, "食品")
    assert (moved.state, moved.closed) == ("part_granted", True)
    assert window.case(taken.case).state == "concluding"
    assert (
        asked(window) == 0
    )  # parts are not asked for an evaluation, nor is a whole before its permit is handed out

    # Monday to Wednesday, Monday to Thursday, Wednesday to Monday: 2, 3 and 3 working days, in 5.
    assert outcomes_of([taken.case]) == {taken.case: Outcome(serial=8, elapsed=5)}
    network = network_happening(taken.case, today=window.now.date())
    assert network is not None and network.outcome is not None
    assert (network.outcome.saved, network.whole, network.plan.saved) == (3, True, 4)
    assert [(row.code, row.took, row.critical, row.left, row.width) for row in network.rows] == [
        ("卫生", 2, True, 0, 2), ("招牌", 3, False, 0, 3), ("食品", 3, True, 2, 3),
    ]  # fmt: skip

    refused(lambda: window.move(taken.case, "issue_permit", "fang"), "权限", NotPermitted)
    window.move(taken.case, "issue_permit", "ren")
    with kernel_writes():
        permit = Certificate.objects.get(case=taken.case)
        licences = (
            Certificate.objects.exclude(pk=permit.pk)
            .order_by("pk")
            .values_list("kind", "unit__code", "valid_until")
        )
        assert Notice.objects.filter(template="certificate_issued").count() == 1
    # It lists every licence that it holds, and ends with the first of them.
    assert list(licences) == [
        ("onewindow_hygiene", "371502_health", date(2027, 3, 8)), ("onewindow_sign", "371502_enforcement", None), ("onewindow_food", MARKET, date(2031, 3, 8)),
    ]  # fmt: skip
    assert permit.valid_until == date(2027, 3, 8)
    assert permit.number == "聊综许〔2026〕00001号"
    assert (permit.kind, permit.holder, permit.contents) == (
        "comprehensive_permit", "宋晓梅",
        {
            "theme": "开餐馆", "subject": "水城面馆",
            "parts": "公共场所卫生许可证 WSXK2026000001 · 东昌府区卫生健康局 · 有效期至 2027-03-08\n"
            "户外广告设施设置许可证 HWGG2026000001 · 东昌府区综合行政执法局 · 长期有效\n"
            "食品经营许可证 SPJY2026000001 · 东昌府区市场监督管理局 · 有效期至 2031-03-08",
        },
    )  # fmt: skip
    window.move(taken.case, "deliver", "ren", way="window")
    assert window.move(taken.case, "evaluate", "shen", grade="5", words="跑一次就够").closed
    a_licence_is_revoked(window, permit)
    assert ledger_verify().faults == ()


def a_licence_is_revoked(window: Window, permit: Certificate) -> None:
    """The permit holds on, whoever checks it reads which part does not, and its issuer is asked once."""

    def revoke(kind: str, asks: str, decides: str) -> None:
        with kernel_writes():
            licence = Certificate.objects.get(kind=kind)
        given = {"act": "revoke", "ground": "deceit", "reason": "健康证明系伪造"}
        scope_apply(EVERYTHING)
        change = change_ask(certificate=licence.pk, by=window.people[asks], now=window.now, **given)
        (told,) = licence_resting(licence.pk)
        assert f"综合许可 {permit.number} 不自动失效" in told
        change_decide(change=change.pk, granted=True, remark="", by=window.people[decides], now=window.now)

    revoke("onewindow_food", "wang", "chen")
    with kernel_writes():
        permit.refresh_from_db()
        assert permit.state == "valid"
        (put,) = Change.objects.filter(certificate=permit)
        assert (put.act, put.ground, put.outcome, put.asked_by_id) == (
            "suspend",
            "rests",
            "",
            window.people["wang"],
        )
        assert put.reason == "所含的 SPJY2026000001 已撤销:健康证明系伪造"
    revoke("onewindow_hygiene", "371502_health_handler", "371502_health_section_chief")
    with kernel_writes():
        assert Change.objects.filter(certificate=permit).count() == 1  # one waits already
    notes = ("其中公共场所卫生许可证 WSXK2026000001 已撤销", "其中食品经营许可证 SPJY2026000001 已撤销")
    checked = number_checked(number=permit.number, code=permit.code, now=window.now)
    assert (checked.standing, checked.notes) == ("valid", notes)
    typed = {"number": permit.number, "code": permit.code}
    page = text_of(Client().post("/verify", typed))
    assert ("是真的,但其中有的已不再有效" in page, notes[1] in page) == (True, True)
    scope_apply(EVERYTHING)
    ((_row, _name, _standing, words, _opens),) = certificates_told([permit], today=window.now.date())
    assert words == "有效、" + "、".join(notes)


def test_each_change_of_a_part_is_told_on_the_whole(bazaar: Bazaar) -> None:
    taken = bazaar.take()
    bazaar.grant(taken.case, "卫生")
    with kernel_writes():
        entries = LedgerEntry.objects.filter(case_id=taken.case, kind="move").order_by("seq")
        data = [json.loads(bytes(entry.body))["data"] for entry in entries]
    told = [one["fields"] for one in data if one["step"] == "part_told"]
    assert told == [
        {"part": "卫生", "became": "begun"}, {"part": "招牌", "became": "begun"}, {"part": "卫生", "became": "done"},
        {"part": "食品", "became": "begun"},
    ]  # fmt: skip


def test_a_second_time_opens_and_tells_nothing(bazaar: Bazaar) -> None:
    from bihuan.kernel.manifest import Stepped

    taken = bazaar.take()
    granted = bazaar.grant(taken.case, "卫生")
    before = state_now()
    stepped = Stepped(
        granted.case, granted.number, "onewindow", "part_grant", 0, bazaar.window.now, {}, "deciding", "part_granted",
        granted.unit, granted.unit, True, {}, {},
    )  # fmt: skip
    parts_follow([stepped])
    version = theme_version_on(bazaar.theme.pk, bazaar.window.now.date())
    assert version is not None
    plans = theme_composed(version, bazaar.window.now.date()).plans
    bundle_begin(whole=taken.case, parts=plans, by=0, now=bazaar.window.now)
    assert state_now() == before


def test_a_refused_part_is_told_and_holds_up_what_waits_for_it_until_it_is_applied_for_again(
    bazaar: Bazaar,
) -> None:
    window, taken = bazaar.window, bazaar.take()
    refused(
        lambda: window.move(taken.case, "apply_again", "fang", reason="没有什么可以重新申请的"),
        "没有哪个部分没有通过",
    )
    first = bazaar.part(taken.case, "卫生").case_id
    bazaar.refuse(taken.case, "卫生")
    assert bazaar.parts(taken.case) == {"卫生": "failed", "招牌": "begun", "食品": "waiting"}
    network = network_happening(taken.case, today=window.now.date())
    assert network is not None and network.until is None
    assert [(row.became, row.held) for row in network.rows] == [
        ("failed", False), ("begun", False), ("waiting", True),
    ]  # fmt: skip
    words = {
        "answer": "卫生许可没有通过,整件不予许可。",
        "remedy": "六十日内可以申请行政复议,或六个月内起诉。",
    }
    refused(
        lambda: window.move(taken.case, "refuse_theme", "371502_approval_section_chief", **words), "正在办"
    )
    refused(lambda: window.move(taken.case, "parts_done"), "没有办完")

    window.move(taken.case, "apply_again", "fang", reason="检测报告已重新出具")
    again = bazaar.part(taken.case, "卫生")
    assert again.case_id not in (None, first)
    assert bazaar.parts(taken.case)["卫生"] == "begun"
    bazaar.grant(taken.case, "卫生")
    assert bazaar.parts(taken.case) == {"卫生": "done", "招牌": "begun", "食品": "begun"}


def test_the_whole_is_refused_once_nothing_is_under_way(bazaar: Bazaar) -> None:
    window, taken = bazaar.window, bazaar.take()
    bazaar.refuse(taken.case, "卫生")
    bazaar.grant(taken.case, "招牌")
    words = {
        "answer": "卫生许可没有通过,整件不予许可。",
        "remedy": "六十日内可以申请行政复议,或六个月内起诉。",
    }
    window.move(taken.case, "refuse_theme", "371502_approval_section_chief", **words)
    assert window.case(taken.case).state == "delivering"
    with kernel_writes():
        assert not Certificate.objects.filter(case=taken.case).exists()
        assert Bundle.objects.get(pk=taken.case).ended_at == window.now


def test_the_whole_is_withdrawn_with_every_part_that_is_under_way(bazaar: Bazaar) -> None:
    window, taken = bazaar.window, bazaar.take()
    bazaar.grant(taken.case, "招牌")
    window.move(taken.case, "withdraw_theme", "fang", reason="申请人不开店了")
    assert window.case(taken.case).state == "evaluating"
    with kernel_writes():
        states = dict(Part.objects.filter(bundle=taken.case).values_list("code", "case__state"))
    assert states == {"卫生": "part_withdrawn", "招牌": "part_granted", "食品": None}
    assert asked(window) == 1  # the whole
    hygiene = bazaar.part(taken.case, "卫生").case
    assert hygiene and (hygiene.facts["outcome"], standing_words(hygiene)) == ("withdrawn", "已撤回")
    refused(lambda: window.move(taken.case, "withdraw_theme", "fang", reason="再撤回一次"), "不能")


def test_what_is_missing_is_told_once_and_accepted_when_it_has_come(bazaar: Bazaar) -> None:
    window = bazaar.window
    refused(lambda: bazaar.take("1", "2"), "还没有交齐")
    refused(lambda: bazaar.take(by="ren"), "窗口受理人员", NotPermitted)
    refused(lambda: bazaar.take(*ALL, outcome="accept_lacking"), "可容缺清单")
    taken = bazaar.take("1", "2", "4", outcome="tell_missing")
    assert (taken.state, window.case(taken.case).facts["told"]) == ("correcting", ["5", "6", "7"])
    with kernel_writes():
        assert not Part.objects.exists()
    window.move(taken.case, "materials", "fang", received="5、6、7")
    window.move(taken.case, "accept_theme", "fang")
    assert bazaar.parts(taken.case) == {"卫生": "begun", "招牌": "begun", "食品": "waiting"}


def test_who_approves_a_part_sees_the_whole_and_who_does_not_sees_nothing(bazaar: Bazaar) -> None:
    window, taken = bazaar.window, bazaar.take()
    seen = {}
    for who in ("wang", "371502_health_handler", "fang", "qian"):
        scope_apply(scope_of(person=window.people[who], at=window.now, roles=roles()))
        network = network_happening(taken.case, today=window.now.date())
        seen[who] = [bool(row.number) for row in network.rows] if network else None
    scope_apply(NOBODY)
    assert not Part.objects.exists() and not Bundle.objects.exists()
    scope_apply(EVERYTHING)
    assert seen == {
        "wang": [False, False, False], "371502_health_handler": [True, False, False], "fang": [True, True, False],
        "qian": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"parts": ""}, "至少要有一个部分"),
        ({"parts": f"卫生 | {HYGIENE}\n卫生 | {SIGN}"}, "写了两次"),
        ({"parts": f"卫生 | {HYGIENE} | 之后:食品"}, "没有“食品”"),
        ({"parts": f"卫生 | {HYGIENE} | 之后:卫生"}, "它自己之后"),
        ({"parts": f"卫生 | {HYGIENE} | 之后:食品\n食品 | {FOOD} | 之后:卫生"}, "成了一个圈:卫生 → 食品 → 卫生"),
        ({"parts": "卫生 | 370000000"}, "不在目录里"),
        ({"parts": f"卫生 | {HYGIENE} | 400天"}, "1 至 365"),
        ({"parts": f"卫生 | {HYGIENE} | 很快"}, "认不得"),
        ({"parts": "卫生"}, "先写简称"),
        ({"shared": "营业执照"}, "两个以上名称"),
        ({"shared": "甲证 = 乙证\n乙证 = 丙证"}, "写了两次"),
        ({"kind": "other"}, "类型"),
        ({"name": ""}, "不能为空"),
        ({"about": "a\x07b"}, "控制字符"),
    ],
)  # fmt: skip
def test_a_theme_that_makes_no_sense_is_refused(bazaar: Bazaar, changed: dict[str, str], words: str) -> None:
    before = list(ThemeVersion.objects.values_list())
    for act in (
        lambda: theme_add(code="other", given={**GIVEN, **changed}, now=bazaar.window.now, by="system"),
        lambda: theme_set(theme=bazaar.theme.pk, given=changed, now=bazaar.window.now, by="system"),
    ):
        with pytest.raises(FieldError, match=words) as fault:
            act()
        assert fault.value.field in changed
    assert list(ThemeVersion.objects.values_list()) == before


def test_a_change_holds_from_its_day_on_and_a_whole_stays_as_it_was_taken_in(bazaar: Bazaar) -> None:
    window, taken = bazaar.window, bazaar.take()
    today = window.now.date()
    window.later(hours=1)
    item_set(
        item=window.item.pk,
        given={"materials": "别的材料"},
        unit=window.units[MARKET],
        now=window.now,
        by="system",
    )
    theme_set(
        theme=bazaar.theme.pk, given={"parts": PARTS.replace(" | 之后:卫生", "")}, now=window.now, by="system"
    )
    bazaar.grant(taken.case, "卫生")
    assert bazaar.parts(taken.case) == {"卫生": "done", "招牌": "begun", "食品": "begun"}
    food = bazaar.part(taken.case, "食品").case
    assert food and food.facts["materials"] == {
        "1": "present", "2": "held", "3": "present", "4": "present", "5": "lacking",
    }  # fmt: skip
    assert bazaar.parts(bazaar.take("1", "2", "4", "5", "6").case) == dict.fromkeys(
        ("卫生", "招牌", "食品"), "begun"
    )
    with kernel_writes():
        before = list(ThemeVersion.objects.order_by("pk").values())
    for given, since, words in (
        ({}, None, "完全相同"),
        ({"name": "开饭店"}, today - timedelta(days=1), "今天或以后"),
    ):
        with pytest.raises(Refusal, match=words):
            theme_set(theme=bazaar.theme.pk, given=given, since=since, now=window.now, by="system")
    with pytest.raises(Refusal, match="已登记过"):
        theme_add(code="restaurant", given=GIVEN, now=window.now, by="system")
    with pytest.raises(FieldError, match="代码"):
        theme_add(code="餐馆", given=GIVEN, now=window.now, by="system")
    with pytest.raises(NotPermitted):
        theme_add(code="another", given=GIVEN, now=window.now, by=window.people["fang"])
    with kernel_writes():
        assert list(ThemeVersion.objects.order_by("pk").values()) == before
    theme_use(theme=bazaar.theme.pk, active=False, now=window.now, by="system")
    refused(bazaar.take, "已停用")


def test_nothing_is_taken_in_for_a_theme_of_which_an_item_has_ended(bazaar: Bazaar) -> None:
    item_use(item=bazaar.window.item.pk, active=False, now=bazaar.window.now, by="system")
    refused(bazaar.take, "“食品”的事项不在目录里或已停用")


def test_lines_are_read_as_they_are_written() -> None:
    for text in (PARTS, f"卫生 | {HYGIENE} | 15天\n食品 | {FOOD} | 之后:卫生、招牌 | 3天"):
        assert parts_told(parts_read(text)) == text
    assert shared_told(shared_read(GIVEN["shared"])) == GIVEN["shared"]
    assert parts_read("甲|1|之后:乙,丙|2 天") == [
        {"code": "甲", "item": "1", "after": ["乙", "丙"], "days": 2}
    ]


def test_the_parts_of_a_case_that_has_none(bazaar: Bazaar) -> None:
    taken = bazaar.window.accepted()
    assert network_happening(taken.case, today=bazaar.window.now.date()) is None
    assert outcomes_of([taken.case]) == {}
    with kernel_writes():
        assert Case.objects.filter(pk=taken.case, bundle=None).exists()
