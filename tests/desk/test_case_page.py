"""The case page: the loop line, what is offered, steps taken and refused, who sees whom."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import bihuan
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.opening import PartyData
from bihuan.kernel.desk.case.loop_line import Event, loop_line, stations_of
from bihuan.kernel.desk.words import ENTRIES
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.pack import packs, roles, workflows
from tests.desk.conftest import City

As = Callable[..., Client]
LINE = ["found", "numbered", "dispatched", "signed_for", "handled", "reviewed", "called_back", "closed"]


def see_all(city: City) -> None:
    scope_apply(scope_of(person=city.people["tang"], at=city.now, roles=roles()))


def stored(city: City, case: int) -> tuple[str, int, int]:
    """State, version and number of entries: what must not change when a step is refused."""
    see_all(city)
    row = Case.objects.get(pk=case)
    return row.state, row.version, LedgerEntry.objects.filter(case_id=case).count()


def offered(client: Client, number: str) -> set[str]:
    page = client.get(f"/cases/{number}").content.decode()
    found = re.findall(rf'\?step=(\w+)#act|formaction="/cases/{number}/steps/(\w+)"', page)
    return {link or button for link, button in found}


def send(client: Client, number: str, step: str, version: int, **data: object):  # type: ignore[no-untyped-def]
    return client.post(f"/cases/{number}/steps/{step}", {"version": version, **data})


def test_the_line_has_the_eight_stations_and_draws_loops_back(city: City) -> None:
    workflow = workflows()["hotline/1"]
    assert list(stations_of(workflow)) == LINE
    moves = [
        ("李", "received"),
        ("李", "dispatched"),
        ("王", "handling"),
        ("王", "reviewing"),
        ("赵", "calling_back"),
    ]
    moves += [("刘", "handling")]
    events = [Event(city.now + timedelta(hours=n), who, state, state) for n, (who, state) in enumerate(moves)]
    line = loop_line(
        workflow, events, found_at=city.now - timedelta(minutes=5), now=city.now + timedelta(hours=9)
    )
    assert [stop.status for stop in line.stops] == ["past"] * 4 + ["here", "again", "again", "ahead"]
    assert [stop.who for stop in line.stops] == ["", "李", "李", "王", "", "赵", "刘", ""]
    assert [stop.seconds for stop in line.stops] == [300, 3600, 3600, None, 3600 + 4 * 3600, 3600, 3600, None]
    assert [(loop.start, loop.end, loop.who) for loop in line.loops] == [(6, 4, "刘")]
    assert len(line.arcs) == 1
    named = loop_line(
        replace(workflow, stations={"called_back": "评价"}), events, found_at=city.now, now=city.now
    )
    assert [stop.label for stop in named.stops][5:7] == ["审核", "评价"]


def test_every_workflow_and_state_has_a_place_on_its_line() -> None:
    from bihuan.kernel.desk.case.loop_line import places_of

    for pack in packs().values():
        for workflow in pack.workflows:
            for state in workflow.states:
                place, count = places_of(workflow, state.code)
                assert 0 <= place < count <= 8


@pytest.mark.parametrize(
    ("username", "steps"),
    [
        ("wang", {"answer", "assist", "ask_extension", "mediate", "self_call_back", "return"}),
        ("li", {"merge", "pass_on", "urge"}),
        ("tang", {"merge", "pass_on", "urge", "supervise"}),
        ("zhao", set()),
    ],
)
def test_what_is_offered_is_what_this_person_may(city: City, as_: As, username: str, steps: set[str]) -> None:
    opened = city.handling()
    assert offered(as_(username, after=1.5), opened.number) >= steps
    if not steps:
        assert offered(as_(username, after=1.5), opened.number) == set()


def test_what_cannot_be_done_yet_says_why_and_others_are_named(city: City, as_: As) -> None:
    opened = city.dispatched()
    city.move(opened.case, "sign_for", "wang")
    body = as_("wang").get(f"/cases/{opened.number}?step=answer").content.decode()
    assert "承办单位要先回访来电人" in body
    assert "由中心督办办理" in body
    assert 'name="outcome"' not in body


def test_every_offer_is_accepted_by_the_move_itself(city: City, as_: As) -> None:
    """What is offered never fails for its person or its state: only its own fields may be missing."""
    opened = city.handling()
    for username in ("wang", "chen", "sun", "li", "tang"):
        client = as_(username, after=1.5)
        version = stored(city, opened.case)[1]
        for step in offered(client, opened.number):
            asks = workflows()["hotline/1"].by_code[step].asks
            if not any(ask.required and ask.kind != "case" for ask in asks):
                continue
            response = send(client, opened.number, step, version)
            assert response.status_code == 422, (username, step)
            assert "请填写" in response.content.decode(), (username, step)


def test_a_step_is_taken_and_leads_back_to_the_page(city: City, as_: As) -> None:
    opened = city.dispatched()
    client = as_("wang")
    response = send(client, opened.number, "sign_for", 2)
    assert (response.status_code, response["Location"]) == (302, f"/cases/{opened.number}")
    assert "“签收”已办好,本件现在是“办理中”。" in client.get(response["Location"]).content.decode()
    assert stored(city, opened.case) == ("handling", 3, 4)


def test_a_second_click_is_told_that_it_was_done(city: City, as_: As) -> None:
    opened = city.dispatched()
    client = as_("wang")
    send(client, opened.number, "sign_for", 2)
    response = send(client, opened.number, "sign_for", 2)
    assert response.status_code == 409
    assert "这一步您刚才已经办好了,没有重复办理。" in response.content.decode()
    assert stored(city, opened.case) == ("handling", 3, 4)


def test_the_second_officer_reads_who_was_first_and_keeps_the_words(city: City, as_: As) -> None:
    opened = city.handling()
    city.move(opened.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    before = stored(city, opened.case)
    typed = "我写了很久的一段答复<script>"
    response = send(as_("chen"), opened.number, "answer", before[1] - 1, outcome="done", answer=typed)
    body = response.content.decode()
    assert response.status_code == 409
    assert "王建业已先一步办理" in body and "我写了很久的一段答复&lt;script&gt;" in body
    assert stored(city, opened.case) == before


def test_a_wrong_field_is_named_above_and_beside_and_keeps_what_was_typed(city: City, as_: As) -> None:
    opened = city.handling()
    before = stored(city, opened.case)
    response = send(as_("wang"), opened.number, "answer", before[1], outcome="done", answer="太短<i>")
    body = response.content.decode()
    assert response.status_code == 422
    assert 'href="#field-answer"' in body and 'id="field-answer-wrong"' in body and "太短&lt;i&gt;" in body
    assert '<option value="done" selected>' in body
    assert stored(city, opened.case) == before


@pytest.mark.parametrize(
    ("username", "step", "version", "data", "status"),
    [
        ("wang", "approve", "4", {}, 403),
        ("zhao", "answer", "4", {"outcome": "done", "answer": "代为答复,已经办结完成。"}, 403),
        ("qian", "answer", "4", {"outcome": "done", "answer": "代为答复,已经办结完成。"}, 404),
        ("audit", "answer", "4", {}, 404),
        ("wang", "no_such_step", "4", {}, 422),
        ("wang", "release", "4", {}, 403),
        ("wang", "answer", "x", {"outcome": "done"}, 422),
        ("wang", "answer", "", {}, 422),
        ("wang", "answer", "99", {"outcome": "done"}, 409),
        ("wang", "answer", "4", {"outcome": "' or 1=1", "answer": "答复内容写在这里,十个字。"}, 422),
        ("wang", "answer", "4", {"outcome": "done", "answer": "字" * 4001}, 422),
        ("wang", "answer", "4", {"outcome": "done", "answer": "答复\u0000内容写在这里,十个字。"}, 422),
        ("wang", "answer", "4", {"outcome": "done", "answer": "答复内容写在这里,十个字。", "state": "closed"}, 422),
        ("wang", "assist", "4", {"units": "没有这个单位", "request": "请协助"}, 422),
        ("wang", "answer", "4", {"outcome": "longer_term", "answer": "答复内容写在这里,十个字。", "until": "2026-02-31"}, 422),
    ],
)  # fmt: skip
def test_refusals_have_their_status_and_change_nothing(
    city: City, as_: As, username: str, step: str, version: str, data: dict[str, str], status: int
) -> None:
    opened = city.handling()
    before = stored(city, opened.case)
    assert before[1] == 4
    response = send(as_(username), opened.number, step, version, **data)  # type: ignore[arg-type]
    assert response.status_code == status
    assert stored(city, opened.case) == before


def test_the_outsider_gets_the_same_page_for_a_hidden_and_an_unknown_number(city: City, as_: As) -> None:
    opened = city.dispatched()
    client = as_("qian")
    hidden, unknown = client.get(f"/cases/{opened.number}"), client.get("/cases/RX0000")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert opened.number not in hidden.content.decode().replace(f'value="/cases/{opened.number}"', "")


def test_people_are_masked_and_a_confidential_reporter_is_not_shown(city: City, as_: As) -> None:
    opened = city.dispatched()
    body = as_("wang").get(f"/cases/{opened.number}").content.decode()
    assert "宋**" in body and "199****0001" in body and "柳园街道***" in body
    assert "宋女士" not in body and "19900000001" not in body
    hidden = PartyData(name="宋女士", phone="19900000001", confidential=True)
    secret = city.dispatched(confidential=True, parties=(hidden,))
    body = as_("wang").get(f"/cases/{secret.number}").content.decode()
    assert "反映人已要求保密。" in body and "宋" not in body
    body = as_("tang").get(f"/cases/{secret.number}").content.decode()
    assert "反映人已要求保密。" not in body and "</span> *** ***" in body and "宋" not in body


def test_personal_data_is_shown_once_for_a_reason_that_is_kept(city: City, as_: As) -> None:
    opened = city.dispatched()
    before = stored(city, opened.case)
    (party,) = Case.objects.get(pk=opened.case).parties.all()
    client, path = as_("wang"), f"/cases/{opened.number}/parties/{party.pk}/show"
    refused = client.post(path, {"reason": ""})
    assert refused.status_code == 422 and "宋女士" not in refused.content.decode()
    assert stored(city, opened.case) == before
    shown = client.post(path, {"reason": "联系来电人核实情况"})
    assert (
        shown.status_code == 200
        and "宋女士" in shown.content.decode()
        and "19900000001" in shown.content.decode()
    )
    assert "no-store" in shown["Cache-Control"]
    assert stored(city, opened.case)[2] == before[2] + 1
    assert "宋女士" not in client.get(f"/cases/{opened.number}").content.decode()
    assert as_("zhao").post(path, {"reason": "想看一看是谁"}).status_code == 403
    assert as_("qian").post(path, {"reason": "想看一看是谁"}).status_code == 404
    assert stored(city, opened.case)[2] == before[2] + 1


def test_telephone_numbers_in_texts_are_masked(city: City, as_: As) -> None:
    opened = city.handling(title="电话13812341234", text="请打13812341234找我,要求退费。")
    city.move(opened.case, "ask_extension", "chen", days=3, reason="已打13899998888联系不上商家")
    body = as_("wang").get(f"/cases/{opened.number}").content.decode()
    assert "138****1234" in body and "138****8888" in body
    assert "13812341234" not in body and "13899998888" not in body


def test_html_in_every_field_is_escaped(city: City, as_: As) -> None:
    attack = "<script>alert(1)</script>"
    opened = city.handling(
        title=attack, text=attack, place=attack, matter=attack[:40], external_id=attack,
        parties=(PartyData(name=attack, address=attack),),
    )  # fmt: skip
    city.move(opened.case, "ask_extension", "chen", days=3, reason=attack)
    see_all(city)
    city.move(opened.case, "assist", "wang", units=[city.units["371502_veterans"]], request=attack)
    for who in ("wang", "tang"):
        for path in ("", "?step=answer", "?step=supervise"):
            body = as_(who).get(f"/cases/{opened.number}{path}").content.decode()
            assert "<script>alert" not in body
            assert "&lt;script&gt;alert(1)" in body


def test_clocks_show_their_rule_and_the_ledger_its_words(city: City, as_: As) -> None:
    opened = city.closed()
    body = as_("tang", after=5).get(f"/cases/{opened.number}").content.decode()
    assert "hotline.handle" in body and "鲁政办字〔2019〕211号" in body and "5 个工作日" in body
    assert "按期完成" in body
    for words in (
        "受理登记",
        "派单",
        "签收",
        "回访自查",
        "审核通过",
        "回访办结",
        "非常满意",
        "本件已办结,没有下一步。",
    ):
        assert words in body, words
    assert "王建业" in body and "孙国强" in body


def test_parents_children_and_merged_cases_are_linked(city: City, as_: As) -> None:
    opened = city.handling()
    see_all(city)
    city.move(opened.case, "assist", "wang", units=[city.units["371502_veterans"]], request="请协助核实身份")
    body = as_("tang").get(f"/cases/{opened.number}").content.decode()
    see_all(city)
    child = Case.objects.get(parent_id=opened.case)
    assert f'协办件 <a href="/cases/{child.number}">' in body
    assert (
        f'主办件 <a href="/cases/{opened.number}">'
        in as_("tang").get(f"/cases/{child.number}").content.decode()
    )


def test_a_case_is_merged_by_the_number_of_the_other(city: City, as_: As) -> None:
    first, second = city.dispatched(), city.dispatched()
    client = as_("li")
    wrong = send(client, second.number, "merge", 2, case="RX404")
    assert wrong.status_code == 422 and "没有这个编号的件" in wrong.content.decode()
    assert send(client, second.number, "merge", 2, case=first.number).status_code == 302
    see_all(city)
    assert Case.objects.get(pk=second.case).merged_into_id == first.case


def test_the_page_asks_a_fixed_number_of_questions(city: City, as_: As) -> None:
    opened = city.dispatched()
    client = as_("wang")
    with CaptureQueriesContext(connection) as short:
        client.get(f"/cases/{opened.number}")
    city.move(opened.case, "sign_for", "wang")
    for _ in range(5):
        city.move(opened.case, "self_call_back", "wang", reached="yes", note="再次联系")
    with CaptureQueriesContext(connection) as long:
        client.get(f"/cases/{opened.number}?step=answer")
    assert len(long) == len(short) + 1, "the ready answers of the form"
    asked = [q["sql"] for q in long if "SAVEPOINT" not in q["sql"] and "django_session" not in q["sql"]]
    assert len(asked) <= 23


def test_units_are_suggested_by_name(city: City, as_: As) -> None:
    body = as_("li").get("/choices/unit?unit=市场监督").content.decode()
    assert 'value="' in body and "· 371502_market" in body
    assert Client().get("/choices/unit?unit=市").status_code == 302


@pytest.mark.parametrize(
    ("username", "first", "usual"),
    [("wang", "answer", "answer"), ("li", "pass_on", None)],
)
def test_the_usual_next_step_stands_first(
    city: City, as_: As, username: str, first: str, usual: str | None
) -> None:
    opened = city.handling()
    offers = as_(username, after=1.5).get(f"/cases/{opened.number}").context["page"].offers
    assert offers.mine[0].step.code == first
    assert (offers.usual.code if offers.usual else None) == usual
    assert "report" not in {offer.step.code for offer in offers.waiting}, "only an assisting unit reports"


def test_a_matter_that_is_known_is_not_asked_again(city: City, as_: As) -> None:
    opened = city.opened(matter="0401")
    fields = as_("li").get(f"/cases/{opened.number}?step=dispatch").context["fields"]
    assert {field.ask.name: field.value for field in fields} == {"unit": "", "matter": "0401", "remark": ""}


def test_ways_back_stand_last_and_what_holds_up_the_next_step_is_said(city: City, as_: As) -> None:
    opened = city.dispatched()
    city.move(opened.case, "sign_for", "wang")
    page = as_("wang", after=1.5).get(f"/cases/{opened.number}")
    offers = page.context["page"].offers
    assert [offer.step.code for offer in offers.mine][-1] == "return"
    assert offers.usual is None
    assert offers.held_up.step.code == "answer"
    assert "btn-primary" not in page.content.decode()
    assert "“答复”之前还差:" in page.content.decode()


def test_the_address_of_a_step_shows_its_form(city: City, as_: Callable[..., Client]) -> None:
    opened = city.handling()
    answer = as_("wang").get(f"/cases/{opened.number}/steps/ask_extension")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/cases/{opened.number}?step=ask_extension#act"


def test_every_entry_of_a_case_has_words() -> None:
    """Whatever a module of the product writes into a case's stream is told on its page by more than "记录"."""
    sources = Path(bihuan.__file__).parent
    written = {
        one.value.value
        for path in sources.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "enter"
        for one in call.keywords
        if one.arg == "kind" and isinstance(one.value, ast.Constant)
    }
    assert len(written) > 15
    assert written - set(ENTRIES) == {"move"}
