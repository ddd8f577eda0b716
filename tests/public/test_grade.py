"""The citizen's grade: content closes, discontent has it done again; then it is reported again when it is back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Person
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.kernel.scoring.measures import SAID
from bihuan.kernel.scoring.models import Item
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import NotPermitted
from tests.api.client import contents, rows
from tests.public.conftest import Citizen, code_of, said
from tests.stories.cast import Town, text_of


@pytest.fixture
def number(citizen: Citizen, town: Town) -> str:
    """A case that waits for its call-back, opened by its reporter."""
    number = town.called_back()
    citizen.opens(number, code_of(number))
    return number


def again(town: Town, number: str) -> Citizen:
    """The reporter comes back: sessions have ended meanwhile."""
    citizen = Citizen(town)
    citizen.opens(number, code_of(number))
    return citizen


@pytest.mark.parametrize("grade", ["5", "4", "3"])
def test_content_closes_the_case_and_nobody_calls(
    citizen: Citizen, town: Town, number: str, grade: str
) -> None:
    response = citizen.grades(number, grade, "谢谢你们")
    assert response.status_code == 302, said(response)
    case = town.case(number)
    assert case.state == "closed" and case.closed_at == town.now
    assert case.facts["grades"] == [grade]
    assert '"by":"reporter"' in town.ledger(number).split("\n")[-1]
    assert number not in text_of(town.as_("liu").get("/"))
    page = citizen.page(number)
    assert "办结了。" in page and "办得怎么样?" not in page
    town.verified()


@pytest.mark.parametrize("grade", ["2", "1"])
def test_discontent_has_it_done_again(citizen: Citizen, town: Town, number: str, grade: str) -> None:
    assert citizen.grades(number, grade, "钱还没有退给我").status_code == 302
    case = town.case(number)
    assert (case.state, case.redo_count) == ("handling", 1)
    assert "钱还没有退给我" in town.page("wang", number)
    page = citizen.page(number)
    assert "承办单位正在办。" in page and "重办" in page
    town.answers(number)
    back = again(town, number)
    assert back.grades(number, "5").status_code == 302
    case = town.case(number)
    assert (case.state, case.facts["grades"]) == ("closed", [grade, "5"])


def test_a_grade_is_given_once_a_round(citizen: Citizen, town: Town, number: str) -> None:
    version = str(town.case(number).version)
    assert citizen.grades(number, "2", "没有解决").status_code == 302
    data = {"grade": "5", "why": "", "version": version}
    citizen.refused(f"/public/cases/{number}/grade", data, "现在不能评价")
    citizen.refused(
        f"/public/cases/{number}/grade", {**data, "version": str(town.case(number).version)}, "现在不能评价"
    )


def test_who_was_called_first_counts(citizen: Citizen, town: Town, number: str) -> None:
    town.takes("liu", number, "evaluate", grade="5")
    late = again(town, number)
    late.refused(
        f"/public/cases/{number}/grade", {"grade": "1", "why": "不好不好", "version": "1"}, "现在不能评价"
    )


FORGED = (
    ({"grade": ""}, "请选一个评价"),
    ({"grade": "6"}, "请选一个评价"),
    ({"grade": "0"}, "请选一个评价"),
    ({"grade": "5 or 1=1"}, "请选一个评价"),
    ({"grade": "1", "why": ""}, "不满意的原因"),
    ({"grade": "1", "why": "差"}, "4"),
    ({"grade": "5", "why": "好" * 1001}, "1000"),
)


def test_a_forged_grade_or_version_changes_nothing(citizen: Citizen, town: Town, number: str) -> None:
    version = str(town.case(number).version)
    path = f"/public/cases/{number}/grade"
    for data, words in FORGED:
        page = citizen.refused(path, {"why": "", **data, "version": version}, words)
        assert ('id="grade-wrong"' in page) != ('id="why-wrong"' in page)
    for forged in ("", "0", "999", "-1", "x", "9" * 30):
        citizen.refused(path, {"grade": "5", "why": "", "version": forged}, "刷新", status=409)


def test_lawful_impossibility_is_explained_by_the_centre(citizen: Citizen, town: Town) -> None:
    number = town.called_back()
    for _ in range(3):
        assert again(town, number).grades(number, "1", "还是没有解决").status_code == 302
        town.answers(number, outcome="unlawful")
    back = again(town, number)
    data = {"grade": "1", "why": "还是没有解决", "version": str(town.case(number).version)}
    back.refused(f"/public/cases/{number}/grade", data, "请由中心解释后办结")
    town.takes("tang", number, "explain", answer="依照规定,这项诉求不能满足,详见说明。")
    page = again(town, number).page(number)
    assert "这项诉求不能满足" in page


def test_the_reporter_takes_no_other_step(town: Town) -> None:
    number = town.handling()
    case = town.case(number)
    before = rows(), contents()
    for step in (
        "self_call_back",
        "answer",
        "urge",
        "ask_pause",
        "redo_after_review",
        "close_unreached",
        "supervise",
    ):
        with pytest.raises(NotPermitted):
            case_move(case_id=case.pk, step=step, by=BY_REPORTER, now=town.now)
    assert (rows(), contents()) == before


def test_the_system_gives_no_grade(town: Town, number: str) -> None:
    case = town.case(number)
    with pytest.raises(NotPermitted):
        case_move(case_id=case.pk, step="evaluate", by=0, now=town.now, data={"grade": "5"})
    handler = Person.objects.get(username="wang").pk
    with pytest.raises(NotPermitted):
        case_move(case_id=case.pk, step="evaluate", by=handler, now=town.now, data={"grade": "5"})


def test_what_is_back_is_reported_again(citizen: Citizen, town: Town, number: str) -> None:
    citizen.grades(number, "5")
    path = f"/public/cases/{number}/again"
    key = citizen.key(path)
    data = {"key": key, "text": "又不退费了,商家反悔。"}
    for _ in range(2):
        assert citizen.post(path, data)["Location"].startswith("/public/received?number=RX")
    new, code = citizen.ticket()
    assert new != number
    case = town.case(new)
    assert (case.origin.number, case.territory.code) == (number, town.case(number).territory.code)
    assert case.title == "再次反映:又不退费了,商家反悔"
    assert case.parties.get().phone == "19900000001"
    assert Case.objects.count() == 2
    assert f"新编号: {new}" in citizen.page(number).replace('<span class="number">', "")
    assert number in citizen.opens(new, code)
    assert number in town.page("tang", new)
    citizen.refused(path, {"key": "k" * 32, "text": "再说一次。"}, f"您已经再次反映过,正在办,编号 {new}")
    town.verified()


def test_an_open_case_is_not_reported_again(citizen: Citizen, town: Town, number: str) -> None:
    path = f"/public/cases/{number}/again"
    citizen.refused(path, {"key": "k" * 32, "text": "再说一次。"}, "这件事还在办")
    assert citizen.grades(number, "5").status_code == 302
    citizen.refused(path, {"key": "k" * 32, "text": "  "}, "请说说现在怎么样了")


def test_what_is_reported_again_goes_to_the_unit_that_had_it_at_once(
    citizen: Citizen, town: Town, number: str
) -> None:
    citizen.grades(number, "5")
    path = f"/public/cases/{number}/again"
    citizen.post(path, {"key": citizen.key(path), "text": "又不退费了。"})
    new, _ = citizen.ticket()
    assert town.at(new) == ("dispatched", "371502_market")
    assert town.case(new).matter == town.case(number).matter == "0401"


def test_a_repetition_without_new_facts_is_closed_by_the_centre(citizen: Citizen, town: Town) -> None:
    number = town.open(territory="", place="")
    town.takes("zhou", number, "assign", unit=town.unit("371502_market"))
    town.takes("wang", number, "sign_for")
    town.answers(number)
    citizen.opens(number, code_of(number))
    citizen.grades(number, "5")
    path = f"/public/cases/{number}/again"
    citizen.post(path, {"key": citizen.key(path), "text": "还是那件事。"})
    new, _ = citizen.ticket()
    assert town.at(new)[0] == "coordinating"
    nothing_new = {"same_facts": "on", "same_reasons": "on", "answer": "没有新事实,原答复不变。"}
    town.takes("tang", new, "close_repeat", earlier=number, **nothing_new)
    assert "没有新事实,原答复不变。" in again(town, new).page(new)


@pytest.mark.parametrize("signed", [False, True])
def test_a_repetition_that_its_unit_has_already_is_closed_by_the_centre_too(
    citizen: Citizen, town: Town, number: str, signed: bool
) -> None:
    citizen.grades(number, "5")
    path = f"/public/cases/{number}/again"
    citizen.post(path, {"key": citizen.key(path), "text": "还是那件事。"})
    new, _ = citizen.ticket()
    if signed:
        town.takes("wang", new, "sign_for")
    form = town.page("tang", new, "?step=close_repeat")
    assert re.search(rf'name="earlier"[^>]*value="{number}"', form)
    words = {"same_facts": "on", "same_reasons": "on", "answer": "没有新事实,原答复不变。"}
    town.refused("wang", new, "close_repeat", "要由中心督办来办", status=403, earlier=number, **words)
    town.takes("tang", new, "close_repeat", earlier=number, **words)
    assert town.at(new)[0] == "terminated"
    page = again(town, new).page(new)
    assert "没有新事实,原答复不变。" in page and "再次反映" in page


def test_the_three_questions_may_be_answered_with_the_grade_and_what_is_not_said_is_not_counted(
    citizen: Citizen, town: Town, number: str
) -> None:
    page = citizen.page(number)
    for question in ("承办单位联系过您吗?", "您反映的问题解决了吗?", "对这个结果,您理解并认可吗?"):
        assert question in page
    address, version = f"/public/cases/{number}/grade", str(town.case(number).version)
    given = {"grade": "4", "why": "谢谢", "contacted": "true", "resolved": "false", "version": version}
    page = citizen.refused(address, {**given, "resolved": "maybe"}, "“问题已解决”只能是“是”或“否”。")
    assert 'name="contacted" value="true" checked' in page and ">谢谢</textarea>" in page
    assert citizen.post(address, given).status_code == 302
    case = town.case(number)
    assert case.facts["evaluation"] == {"grade": "4", "contacted": True, "resolved": False}
    scores_keep(now=town.now + timedelta(minutes=1))
    town.see()
    items = Item.objects.filter(case_id=case.pk, measure__in=SAID).values_list("measure", "outcome")
    assert dict(items) == {"response": "good", "resolution": "bad", "satisfaction": "good"}


SCRIPT = {"Sent-By": "0", "Sent-Once": "a-key-of-the-telephone"}


def test_an_evaluation_that_a_telephone_sends_twice_is_one(citizen: Citizen, town: Town, number: str) -> None:
    typed = {"version": town.case(number).version, "grade": "5", "why": ""}
    for _ in range(2):
        answer = citizen.client.post(f"/public/cases/{number}/grade", typed, headers=SCRIPT)
        assert (answer.status_code, answer.json()["to"]) == (200, f"/public/cases/{number}")
    assert town.ledger(number).count('"step":"evaluate"') == 1
    town.verified()


def test_an_evaluation_after_the_session_waits_for_the_code(town: Town, number: str) -> None:
    before = town.case(number).version
    typed = {"version": before, "grade": "5", "why": ""}
    answer = Citizen(town).client.post(f"/public/cases/{number}/grade", typed, headers=SCRIPT)
    assert (answer.status_code, answer.json()) == (401, {"door": f"/public/follow?number={number}"})
    assert town.case(number).version == before
