"""The unit asks, the citizen answers with words and photographs: entries with private text, and no change of state."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.personal import person_anonymise
from bihuan.kernel.identity.models import Person
from bihuan.kernel.notices.models import Notice
from tests.api.client import contents, rows
from tests.public.conftest import Citizen, code_of, photograph
from tests.stories.cast import Town, text_of

QUESTION = "请问合同是哪一天签的?"
ANSWER = "去年九月一日签的,照片在这里。"


def asks(town: Town, number: str, words: str = QUESTION, who: str = "wang") -> Any:
    response = town.as_(who).post(f"/cases/{number}/question", {"question": words})
    assert response.status_code == 302, text_of(response)[:500]
    return response


def not_asked(
    town: Town, number: str, words: str, said: str, *, who: str = "wang", status: int = 422
) -> None:
    town.see()
    before = rows(), contents()
    response = town.as_(who).post(f"/cases/{number}/question", {"question": words})
    assert response.status_code == status, response.status_code
    assert said in text_of(response)
    town.see()
    assert (rows(), contents()) == before


@pytest.fixture
def number(town: Town) -> str:
    return town.handling()


def test_a_question_is_answered_with_words_and_a_photograph(
    citizen: Citizen, town: Town, number: str
) -> None:
    version = town.case(number).version
    asks(town, number)
    page = citizen.opens(number, code_of(number))
    assert "承办单位在问您" in page and QUESTION in page
    assert "王" not in page.partition(QUESTION)[0].rpartition("承办单位在问您")[2]
    data = {"words": ANSWER, "photographs": [photograph()]}
    assert citizen.post(f"/public/cases/{number}/words", data).status_code == 302
    page = citizen.page(number)
    assert "承办单位在问您" not in page
    town.see()
    file = Attachment.objects.get(case__number=number)
    assert ANSWER in page and f"/public/cases/{number}/photographs/{file.pk}/thumbnail" in page
    inside = town.page("wang", number)
    assert ANSWER in inside and QUESTION in inside
    assert f"/attachments/{file.pk}?inline=1" in inside
    assert f"/attachments/{file.pk}/thumbnail" in inside
    case = town.case(number)
    assert (case.state, case.version) == ("handling", version)
    assert town.kinds(number)[-3:] == ["asked", "attachment_added", "replied"]
    assert QUESTION not in town.ledger(number) and ANSWER not in town.ledger(number)
    assert '"by":"reporter"' in town.ledger(number).split("\n")[-1]
    told = Notice.objects.filter(case=case).order_by("pk").values_list("template", "channel", "unit_id")
    assert list(told)[-2:] == [("question", "sms", None), ("replied", "in_app", case.unit_id)]
    town.verified()


def test_more_can_be_said_without_a_question(citizen: Citizen, town: Town, number: str) -> None:
    citizen.opens(number, code_of(number))
    citizen.post(f"/public/cases/{number}/words", {"words": "商家今天又搬走了。"})
    assert "商家今天又搬走了。" in town.page("wang", number)


@pytest.mark.parametrize(
    ("words", "said"), [("", "不能为空"), ("好", "4"), ("问" * 1001, "1000"), ("有\x07铃吗?", "控制字符")]
)
def test_a_bad_question_is_refused(town: Town, number: str, words: str, said: str) -> None:
    not_asked(town, number, words, said)


def test_the_same_question_goes_out_once(town: Town, number: str) -> None:
    asks(town, number)
    not_asked(town, number, QUESTION, "这句话刚才已经问过", status=409)


def test_who_does_not_act_on_the_case_asks_nothing(town: Town, number: str) -> None:
    not_asked(town, number, QUESTION, "", who="qian", status=404)
    not_asked(town, number, QUESTION, "", who="admin", status=404)


def test_a_closed_case_is_not_asked_about(citizen: Citizen, town: Town) -> None:
    number = town.called_back()
    citizen.opens(number, code_of(number))
    town.takes("liu", number, "evaluate", grade="5")
    not_asked(town, number, QUESTION, "本件已经办结", who="tang")
    citizen = Citizen(town)
    citizen.opens(number, code_of(number))
    citizen.refused(f"/public/cases/{number}/words", {"words": "还有话说"}, "请点“再次反映”")


@pytest.mark.parametrize("words", ["", "  ", "字" * 1001, "有\x07铃"])
def test_bad_words_of_a_citizen_change_nothing(citizen: Citizen, town: Town, number: str, words: str) -> None:
    citizen.opens(number, code_of(number))
    citizen.refused(f"/public/cases/{number}/words", {"words": words}, "")
    citizen.refused(
        f"/public/cases/{number}/words", {"words": "好", "photographs": [photograph(f"{n}.jpg") for n in range(30)]},
        "照片最多 5 张",
    )  # fmt: skip


def test_a_case_hears_so_much_an_hour(citizen: Citizen, town: Town, number: str) -> None:
    citizen.opens(number, code_of(number))
    for n in range(6):
        assert citizen.post(f"/public/cases/{number}/words", {"words": f"第{n}句"}).status_code == 302
    page = citizen.refused(
        f"/public/cases/{number}/words", {"words": "第七句"}, "现在收到的太多了", status=429
    )
    assert "第七句" in page


def test_a_confidential_reporter_stays_hidden_in_the_conversation(citizen: Citizen, town: Town) -> None:
    number, _ = citizen.reports(secret="yes", text="柳园街道消费退费纠纷。")
    unit = town.case(number).unit.code
    who = {"371502_market": "wang", "371502_desk": "zhou"}[unit]
    asks(town, number, who=who)
    citizen.post(f"/public/cases/{number}/words", {"words": "我叫宋晓梅,电话19900000001,九月签的。"})
    for username in (who, "tang"):
        page = town.page(username, number)
        assert "九月签的" in page
        assert "宋晓梅" not in page and "19900000001" not in page


def test_the_words_can_be_erased(citizen: Citizen, town: Town) -> None:
    number = town.handling()
    asks(town, number)
    citizen.opens(number, code_of(number))
    citizen.post(f"/public/cases/{number}/words", {"words": ANSWER})
    town.answers(number)
    town.takes("liu", number, "evaluate", grade="5")
    security = Person.objects.get(username="security").pk
    person_anonymise(case=town.case(number).pk, by=security, now=town.now)
    citizen = Citizen(town)
    page = citizen.opens(number, code_of(number))
    assert ANSWER not in page and QUESTION not in page
    town.verified()
