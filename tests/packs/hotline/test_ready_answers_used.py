"""Ready answers in the unit's answer: offered by fit and use, put in, and counted when the answer is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.hotline.answers.ready import ready_answers_for
from bihuan.packs.hotline.models import ReadyAnswer, ReadyAnswerUse
from bihuan.packs.hotline.seat.settling import order_settle
from tests.desk.conftest import City, as_, city  # noqa: F401

As = Callable[..., Client]
TITLE = "退费先留好凭证"


def answered(client: Client, number: str, text: str) -> int:
    page = client.get(f"/cases/{number}?step=answer")
    typed = {"version": page.context["case"].version, "outcome": "done", "answer": text}
    return client.post(f"/cases/{number}/steps/answer", typed).status_code


def test_the_form_offers_them_and_the_link_puts_one_in(city: City, as_: As) -> None:
    opened, kept = city.handling(matter="0401"), ReadyAnswer.objects.get(title=TITLE)
    client = as_("wang")
    page = client.get(f"/cases/{opened.number}?step=answer")
    assert page.context["ready"][0].title == TITLE
    assert f"?step=answer&amp;ready={kept.pk}#act" in page.content.decode()
    put = client.get(f"/cases/{opened.number}?step=answer&ready={kept.pk}")
    assert next(f for f in put.context["fields"] if f.ask.name == "answer").value == kept.text
    for wrong in ("0", "x", "999999"):
        page = client.get(f"/cases/{opened.number}?step=answer&ready={wrong}")
        assert next(f for f in page.context["fields"] if f.ask.name == "answer").value == ""
    assert client.get(f"/cases/{opened.number}?step=return").context["ready"] == []


def test_an_answer_made_of_one_is_counted_once_with_who_when_and_matter(city: City, as_: As) -> None:
    opened, kept = city.handling(matter="0401"), ReadyAnswer.objects.get(title=TITLE)
    client = as_("wang", after=2)
    assert answered(client, opened.number, f"宋女士:{kept.text}请3日内联系我局。") == 302
    assert answered(client, opened.number, kept.text) != 302, "a second click"
    (use,) = ReadyAnswerUse.objects.all()
    told = (use.answer_id, use.case_id, use.person_id, use.matter, use.at)
    assert told == (kept.pk, opened.case, city.people["wang"], "0401", city.now + timedelta(hours=2))
    kept.refresh_from_db()
    assert kept.used == 1
    body = as_("tang").get(f"/hotline/answers?answer={kept.pk}").content.decode()
    assert f'href="/cases/{opened.number}"' in body
    assert "王" in body.partition("用在哪里")[2]


def test_other_words_and_refused_answers_count_for_nothing(city: City, as_: As) -> None:
    opened, kept = city.handling(), ReadyAnswer.objects.get(title=TITLE)
    client = as_("wang")
    typed = {"version": "1", "outcome": "", "answer": kept.text}
    assert client.post(f"/cases/{opened.number}/steps/answer", typed).status_code in (409, 422)
    assert answered(client, opened.number, "经调解双方同意退费,已经办结。") == 302
    assert not ReadyAnswerUse.objects.exists()
    assert set(ReadyAnswer.objects.values_list("used", flat=True)) == {0}


def test_an_answer_at_the_seat_is_counted_too(city: City, as_: As) -> None:
    kept = ReadyAnswer.objects.get(title="社保卡怎么补办")
    data = {"text": "问社保卡丢了怎么补办?", "type": "enquiry", "matter": "0602"}
    words = {"answer": kept.text}
    order_settle(data=data, outcome="answer", words=words, by=city.people["li"], now=city.now)
    used = as_("tang").get(f"/hotline/answers?answer={kept.pk}").context["used"]
    assert [(one.answer_id, one.person_id) for one in used.latest] == [(kept.pk, city.people["li"])]
    assert used.matters == [("0602", 1)]


def test_of_those_that_fit_as_well_the_most_used_comes_first(city: City) -> None:
    text = "个人信息怎么保密?件的进度怎么查?"
    before = [one.title for one in ready_answers_for(matter="", text=text)]
    assert before[0] != before[-1]
    with kernel_writes():
        ReadyAnswer.objects.filter(title=before[-1]).update(used=7)
    assert [one.title for one in ready_answers_for(matter="", text=text)] == [before[-1], *before[:-1]]
    assert ready_answers_for(matter="0401", text=text)[0].title == TITLE


def test_uses_are_seen_with_their_case_alone(city: City, as_: As) -> None:
    opened = city.handling(matter="0401")
    answered(as_("wang"), opened.number, ReadyAnswer.objects.get(title=TITLE).text)
    for unit, seen in (("371502_veterans", 0), ("371502_market", 1)):
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('bihuan.units', %s, true), set_config('bihuan.everything', '', true)",
                ["{%d}" % city.units[unit]],
            )
        assert ReadyAnswerUse.objects.count() == seen
