"""The hotline's loop over HTTP, as the people who work it: every way round, and every refusal with nothing changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bihuan.kernel.cases.models import Case, CaseText, Party
from bihuan.packs.hotline.models import Order
from tests.stories.cast import ANSWER, Town, town  # noqa: F401  a fixture

MARKET, EDUCATION, DESK = "371502_market", "371502_education", "371502_desk"
VETERANS, DISCIPLINE, CENTRE = "371502_veterans", "371502_discipline", "371502_12345"


def test_refund_is_mediated(town: Town) -> None:
    number = town.open()
    assert town.at(number) == ("dispatched", MARKET)
    order = Order.objects.get(case__number=number)
    assert order.automatic
    town.takes("wang", number, "sign_for")
    town.refused("wang", number, "answer", "承办单位要先回访来电人", outcome="done", answer=ANSWER)
    offers = {"claim": "退还5200元", "offer": "只退一半"}
    town.takes("wang", number, "mediate", **offers, result="again")
    town.later(days=1)
    town.takes(
        "wang", number, "mediate", claim="退还5200元", offer="退还4800元", result="agreed", sum="4800.00"
    )
    town.refused("wang", number, "mediate", "最多两位小数", **offers, result="agreed", sum="48.001")
    town.answers(number)
    town.refused("wang", number, "evaluate", "要由回访员来办", status=403, grade="5")
    town.refused("liu", number, "evaluate", "不能直接办结", grade="1")
    town.takes(
        "liu", number, "evaluate", grade="5", contacted="on", resolved="on", understood="on", words="谢谢"
    )
    case = town.case(number)
    assert (case.state, case.redo_count, case.handler.username) == ("closed", 0, "wang")
    assert [(m["result"], m["sum"]) for m in case.facts["mediation"]] == [
        ("again", None),
        ("agreed", "4800.00"),
    ]
    assert case.facts["evaluation"] == {"grade": "5", "contacted": True, "resolved": True, "understood": True}
    page = town.page("zhao", number)
    assert "退还4800元" in page
    assert "4800.00" in page
    assert "本件已办结,没有下一步。" in page
    for username in ("wang", "liu", "tang"):
        town.refused(username, number, "urge", "", status=403 if username != "tang" else 422)
    town.verified()


def test_the_unit_calls_back_before_it_answers(town: Town) -> None:
    number = town.handling()
    answer = {"outcome": "done", "answer": ANSWER}
    town.refused("wang", number, "answer", "答复前,承办单位要先回访来电人(回访自查)", **answer)
    town.refused("liu", number, "self_call_back", "要由办理人", status=403, reached="yes", note="已联系")
    for _ in range(3):
        town.refused("wang", number, "answer", "要在不同时间回访满规定次数", **answer)
        town.takes("wang", number, "self_call_back", reached="no", note="未接通")
        town.refused("wang", number, "self_call_back", "换一个半天", reached="no", note="未接通")
        town.later(hours=12)
    town.takes("wang", number, "answer", **answer)
    assert town.case(number).state == "reviewing"


def test_understanding_is_kept_apart_from_solved(town: Town) -> None:
    number = town.handling()
    town.answers(number, outcome="unlawful", answer="经核实,该课程已过退费期限,依法不能退还。")
    town.takes("liu", number, "evaluate", grade="3", contacted="on", understood="on")
    case = town.case(number)
    assert case.facts["evaluation"] == {"grade": "3", "contacted": True, "understood": True}
    assert (case.state, case.facts["outcome"]) == ("closed", "unlawful")
    page = town.page("tang", number)
    assert "理解并认可" in page.partition("办理记录")[2]


def test_each_level_of_review_is_another_person_and_no_one_reviews_his_own(town: Town) -> None:
    number = town.handling()
    town.takes("wang", number, "self_call_back", reached="yes", note="已联系")
    town.takes("wang", number, "answer", outcome="done", answer=ANSWER)
    town.refused("zhao", number, "approve", "要由单位负责人来办", status=403)
    town.refused("sun", number, "approve", "后面还有审核级次")
    town.takes("sun", number, "send_back", reason="请写明退费方式")
    assert town.at(number) == ("handling", MARKET)
    town.takes("sun", number, "answer", outcome="done", answer=ANSWER)
    town.refused("sun", number, "approve_up", "您在本件中已经“经办”", status=403)


def test_the_centre_audits_and_what_falls_short_is_redone(town: Town) -> None:
    number = town.handling()
    town.takes("wang", number, "self_call_back", reached="yes", note="已联系")
    town.takes("wang", number, "answer", outcome="done", answer="已经按照规定办理完毕。")
    town.takes("sun", number, "approve_up")
    town.refused("zhao", number, "send_back", "中心审核不通过的,按重办处理")
    town.takes("zhao", number, "redo_after_review", reason="答复没有说明退费金额")
    assert town.at(number) == ("handling", MARKET)
    assert town.case(number).redo_count == 1
    town.refused("wang", number, "answer", "承办单位要先回访来电人", outcome="done", answer=ANSWER)
    town.answers(number)
    town.takes("liu", number, "evaluate", grade="4")
    assert town.case(number).state == "closed"
    town.verified()


def test_discontent_is_redone_and_the_third_redo_is_supervised(town: Town) -> None:
    number = town.called_back()
    for times in (1, 2, 3):
        town.refused("liu", number, "redo", "来电人表示满意的,不需要重办", grade="5", reason="来电人仍不满意")
        assert town.case(number).supervised is False
        town.takes("liu", number, "redo", grade="1", reason="退费还没有到账")
        case = town.case(number)
        assert (case.state, case.redo_count, case.supervised) == ("handling", times, times == 3)
        town.answers(number)
    assert town.kinds(number).count("supervise_mark") == 1
    assert "督办" in town.page("tang", number)
    town.takes("liu", number, "evaluate", grade="3")
    assert town.case(number).facts["grades"] == ["1", "1", "1", "3"]
    town.verified()


def test_what_the_law_does_not_allow_ends_in_explanation_after_a_redo(town: Town) -> None:
    number = town.handling()
    unlawful = {"outcome": "unlawful", "answer": "经核实,该课程已过退费期限,依法不能退还。"}
    town.answers(number, **unlawful)
    explained = "课程已按合同履行完毕,依法不能退费。"
    town.refused("tang", number, "explain", "重办核实过的件", answer=explained)
    town.takes("liu", number, "redo", grade="2", reason="来电人不接受")
    town.answers(number, **unlawful)
    town.takes("tang", number, "explain", answer=explained)
    assert town.case(number).state == "closed"


def test_a_return_is_ruled_on_by_another_and_sent_on(town: Town) -> None:
    number = town.open()
    town.refused("wang", number, "return", "请填写“退单理由”", reason="不归本单位管")
    town.takes("wang", number, "return", grounds="duty", reason="属于校外培训,归教育部门")
    assert town.at(number) == ("returned", MARKET)
    town.refused("wang", number, "accept_return", "要由中心督办来办", status=403, unit=town.unit(EDUCATION))
    town.refused("tang", number, "accept_return", "改派要选别的单位", unit=town.unit(MARKET))
    town.takes("tang", number, "accept_return", unit=town.unit(EDUCATION), matter="0703", remark="校外培训")
    assert town.at(number) == ("dispatched", EDUCATION)
    assert town.case(number).return_count == 1
    town.refused("wang", number, "sign_for", "要由办理人", status=403)
    town.takes("371502_education_handler", number, "sign_for")


def test_after_the_term_and_after_a_ruling_nothing_goes_back(town: Town) -> None:
    first, second = town.open(), town.open()
    town.takes("chen", second, "object", reason="职责有交叉,请裁定")
    town.later(days=3)
    town.refused(
        "wang", first, "return", "退单要在退单期限内提出,期限已过", grounds="duty", reason="不归本单位管"
    )
    town.refused("chen", first, "object", "派单异议要在异议期限内提出,期限已过", reason="职责有交叉")
    assert town.at(second) == ("objecting", MARKET)
    town.refused(
        "chen", second, "rule", "要由中心督办来办", status=403, unit=town.unit(EDUCATION), reason="请裁定"
    )
    town.takes("tang", second, "rule", unit=town.unit(EDUCATION), reason="校外培训由教育部门主管")
    assert town.at(second) == ("dispatched", EDUCATION)
    head = "371502_education_section_chief"
    town.refused(head, second, "return", "除明显不归属外一律不得回退", grounds="duty", reason="不归本单位管")
    town.refused(head, second, "object", "除明显不归属外一律不得回退", reason="不归本单位管")


def test_a_refused_return_stays_and_may_not_be_returned_again(town: Town) -> None:
    number = town.open()
    town.takes("wang", number, "return", grounds="territory", reason="不在本单位辖区内")
    town.takes("tang", number, "refuse_return", reason="地点在本区,由你单位办理")
    assert town.at(number) == ("dispatched", MARKET)
    town.refused(
        "wang", number, "return", "除明显不归属外一律不得回退", grounds="territory", reason="不在辖区"
    )


def test_assisting_units_report_and_the_lead_answers_last(town: Town) -> None:
    number = town.handling()
    town.refused(
        "wang", number, "assist", "不能是主办单位自己", units=[town.unit(MARKET)], request="请配合调查"
    )
    town.takes("wang", number, "assist", units=[town.unit(EDUCATION), ""], request="请核实办学许可")
    child = Case.objects.get(parent=town.case(number))
    assert (child.state, child.unit.code) == ("dispatched", EDUCATION)
    assert town.clock(child.number, "assist").due_at < town.clock(number, "handle").due_at
    assert not Party.objects.filter(case=child).exists(), "the caller's data stays with the lead"
    town.takes("wang", number, "self_call_back", reached="yes", note="已联系")
    town.refused("wang", number, "answer", "还有协办单位没有办完", outcome="done", answer=ANSWER)
    town.takes("371502_education_handler", child.number, "sign_for")
    town.refused(
        "371502_education_handler",
        child.number,
        "return",
        "由主办单位来办",
        grounds="duty",
        reason="不归本单位管",
    )
    town.takes("371502_education_handler", child.number, "report", answer="该机构有办学许可。")
    assert town.case(child.number).state == "assisted"
    town.takes("wang", number, "answer", outcome="done", answer=ANSWER)
    town.verified()


def test_a_joint_unit_that_refuses_goes_to_discipline_inspection(town: Town) -> None:
    number = town.handling()
    town.takes("wang", number, "assist", units=[town.unit(EDUCATION)], request="请核实办学许可")
    child = Case.objects.get(parent=town.case(number)).number
    chief, inspector = "371502_education_section_chief", f"{DISCIPLINE}_discipline"
    town.takes(chief, child, "refuse_assistance", reason="不属于本单位职责")
    town.takes("tang", child, "insist", reason="联动单位必须配合")
    town.takes(chief, child, "refuse_assistance", reason="本单位人手不足")
    town.refused("wang", child, "hand_over", "", status=403, unit=town.unit(DISCIPLINE), reason="拒不配合")
    assert town.as_(chief).get(f"/cases/{child}").status_code == 200
    town.takes("tang", child, "hand_over", unit=town.unit(DISCIPLINE), reason="两次拒不配合")
    assert town.as_(chief).get(f"/cases/{child}").status_code == 404, (
        "the unit reads nothing of what is examined"
    )
    assert town.at(child) == ("with_discipline", DISCIPLINE)
    town.takes(inspector, child, "receive", remark="已登记")
    town.refused(chief, child, "conclude", "", status=404, answer="没有问题")
    town.takes(inspector, child, "conclude", answer="已约谈并责令配合。")
    assert town.at(child) == ("transferred", DISCIPLINE)
    page = town.page("tang", child)
    for words in ("移送纪检监察", "接收移送", "反馈处理结果", "已约谈并责令配合。"):
        assert words in page


def test_an_extension_is_asked_before_the_end_and_granted_by_another(town: Town) -> None:
    number, late = town.handling(), town.handling()
    before = town.clock(number, "handle").due_at
    town.refused("tang", number, "grant_extension", "没有待批复的延期申请")
    town.takes("wang", number, "ask_extension", days="5", reason="需要向生产厂家核实")
    town.refused("wang", number, "ask_extension", "已有一个延期申请在等批复", days="5", reason="再延几天")
    town.refused("wang", number, "grant_extension", "要由中心督办来办", status=403)
    town.takes("tang", number, "grant_extension")
    assert town.clock(number, "handle").due_at == before + timedelta(days=7), (
        "5 working days over one weekend"
    )
    town.later(days=10)
    town.refused("wang", late, "ask_extension", "延期要在到期前申请", days="5", reason="需要向生产厂家核实")


def test_a_pause_stops_the_clock(town: Town) -> None:
    number = town.handling()
    promised, statutory = (
        town.clock(number, "handle").due_at,
        town.clock(number, "handle", "statutory").due_at,
    )
    asked = {"ground": "material", "days": "10", "reason": "等待来电人补充合同"}
    town.refused("wang", number, "ask_pause", "要由科室负责人", status=403, **asked)
    town.refused("chen", number, "ask_pause", "挂起不能超过规定的最长天数", **{**asked, "days": "31"})
    town.takes("chen", number, "ask_pause", **asked)
    assert town.case(number).state == "handling"
    town.refused("chen", number, "grant_pause", "要由中心督办来办", status=403)
    town.takes("tang", number, "grant_pause")
    assert town.clock(number, "handle").paused_at is not None
    assert town.clock(number, "handle", "statutory").paused_at is None
    town.later(days=2)
    town.takes("wang", number, "resume")
    assert town.clock(number, "handle").due_at == promised + timedelta(days=1), (
        "one whole working day was paused"
    )
    # 60 natural days and one more both end in the May holiday, and so on the first working day after it.
    assert town.clock(number, "handle", "statutory").due_at == statutory


def test_a_decline_names_the_proper_route(town: Town) -> None:
    number = town.open(matter="", territory="", place="", text="对法院判决不服,要求改判。")
    assert town.at(number) == ("coordinating", DESK)
    words = {"reason": "other_route", "answer": "对判决不服的,可以依法上诉。"}
    town.refused("zhou", number, "decline", "要告知来电人正确的途径", **words)
    town.takes("zhou", number, "decline", **words, route="向上一级法院上诉")
    assert town.case(number).state == "declined"
    assert "向上一级法院上诉" in town.page("li", number)


def test_a_termination_is_approved_by_another_and_explained(town: Town) -> None:
    number, kept = town.handling(), town.handling()
    for one in (number, kept):
        town.takes("chen", one, "ask_termination", reason="双方已向法院起诉")
    town.refused("chen", number, "approve_termination", "要由中心督办来办", status=403, answer="已进入诉讼")
    town.takes("tang", number, "approve_termination", answer="本件已进入诉讼程序,终止办理。")
    town.takes("tang", kept, "refuse_termination", reason="没有起诉材料")
    assert (town.case(number).state, town.case(kept).state) == ("terminated", "handling")


def test_unreached_is_closed_only_after_three_attempts(town: Town) -> None:
    number = town.called_back()
    for _ in range(3):
        town.refused("liu", number, "close_unreached", "要在不同时间回访满三次")
        town.takes("liu", number, "attempt", result="no_answer")
        town.later(hours=12)
    town.refused("liu", number, "attempt", "回访次数已满", result="busy")
    town.takes("liu", number, "close_unreached", remark="三次均无人接听")
    assert town.case(number).state == "closed"


def test_merged_orders_are_handled_once_and_every_caller_is_called(town: Town) -> None:
    first = town.open()
    town.later(hours=3)
    second = town.open(phone="19900000002", reporter="马先生")
    third = town.open(phone="19900000003", reporter="何女士")
    town.refused("wang", second, "merge", "要由", status=403, case=first)
    for number in (second, third):
        town.takes("tang", number, "merge", case=first)
        assert town.case(number).merged_into_id == town.case(first).pk
    town.refused("tang", third, "merge", "", case=first)
    town.takes("tang", third, "unmerge", reason="不是同一家商户")
    assert town.at(third) == ("received", CENTRE)
    town.takes("wang", first, "sign_for")
    town.answers(first)
    assert [town.case(n).state for n in (first, second)] == ["calling_back", "calling_back"]
    town.takes("liu", first, "evaluate", grade="5")
    assert town.case(second).state == "calling_back", "the second caller is still to be called"
    town.takes("liu", second, "evaluate", grade="4")
    assert [town.case(n).state for n in (first, second, third)] == ["closed", "closed", "received"]
    assert (
        "19900000002"
        in town.as_("liu")
        .post(
            f"/cases/{second}/parties/{Party.objects.get(case__number=second).pk}/show",
            {"reason": "回访来电人"},
        )
        .content.decode()
    )
    town.verified()


def test_of_two_officers_the_second_reads_who_was_first(town: Town) -> None:
    number = town.open()
    version = town.case(number).version
    assert town.post("wang", number, "sign_for", version).status_code == 302
    before = town.case(number).version, town.kinds(number)
    second = town.post("chen", number, "sign_for", version)
    assert second.status_code == 409
    assert "王建业已先一步办理“签收”,本件现在是“办理中”" in second.content.decode()
    assert (town.case(number).version, town.kinds(number)) == before


@pytest.mark.parametrize("username", ["qian", "admin", "security", "audit"])
def test_an_outsider_sees_and_changes_nothing(town: Town, username: str) -> None:
    number = town.handling()
    assert town.as_(username).get(f"/cases/{number}").status_code == 404
    town.refused(username, number, "answer", "", status=404, outcome="done", answer=ANSWER)
    assert number not in town.as_(username).get("/?tab=all").content.decode()
    assert number not in town.exported(username)


def test_an_answer_is_kept_and_found_again(town: Town) -> None:
    number = town.called_back()
    assert CaseText.objects.get(case=town.case(number)).answer
    assert number in town.as_("tang").get("/search", {"q": "双方已达成一致"}).content.decode()
