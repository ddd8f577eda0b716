"""One step on many cases: what is foretold is what happens; foreign cases, forged versions and second clicks change nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.lists import bulk
from bihuan.kernel.desk.models import BulkRow, BulkRun
from bihuan.kernel.identity.scope import Scope, scope_apply
from tests.api.client import contents, rows
from tests.desk.conftest import City
from tests.stories.cast import text_of

As = Callable[..., Client]
EVERYTHING = Scope(0, (), (), True)


def preview(client: Client, step: str, *cases: int, **more: Any) -> HttpResponse:
    return client.get("/bulk", {"step": step, "id": list(cases), "tab": "all", **more})


def go(client: Client, page: HttpResponse, **typed: str) -> HttpResponse:
    """Send the form of a preview as the browser would."""
    text = text_of(page)
    action = re.search(r'action="(/bulk/\w+\?[^"]*)"', text)[1]  # type: ignore[index]
    hidden = dict(re.findall(r'name="(cases|key|run)" value="([^"]*)"', text))
    return client.post(action, {**hidden, **typed})


def case(case_id: int) -> Case:
    scope_apply(EVERYTHING)
    return Case.objects.get(pk=case_id)


def test_twenty_are_urged_at_once_and_each_is_told(city: City, as_: As) -> None:
    opened = [city.dispatched() for _ in range(20)]
    closed = city.closed()
    tang = as_("tang", after=5)
    page = preview(tang, "urge", *(one.case for one in opened), closed.case)
    assert (page.context["total"], len(page.context["fit"])) == (21, 20)
    ((why, numbers, count),) = page.context["refused"]
    assert (why, numbers, count) == ("本件现在是“已办结”,不能“催办”。", [closed.number], 1)
    assert "办了就不能撤销" in text_of(page)
    response = go(tang, page, remark="请抓紧办理。")
    assert response.status_code == 302
    result = tang.get(response["Location"])
    assert (result.context["run"].done, result.context["run"].refused, result.context["back"]) == (
        20,
        0,
        None,
    )
    assert [case(one.case).urge_count for one in opened] == [1] * 20
    assert case(closed.case).urge_count == 0
    scope_apply(Scope(city.people["tang"], (), (), True))
    assert BulkRun.objects.get().data == {}, "what was typed is kept in the cases alone"


def test_the_same_form_twice_is_done_once(city: City, as_: As) -> None:
    opened = city.dispatched()
    tang = as_("tang", after=2)
    page = preview(tang, "urge", opened.case)
    first, second = go(tang, page), go(tang, page)
    assert first["Location"] == second["Location"]
    assert case(opened.case).urge_count == 1


def test_the_whole_filter_is_taken_and_nothing_else(city: City, as_: As) -> None:
    market = [city.dispatched() for _ in range(3)]
    other = city.opened()
    tang = as_("tang", after=2)
    page = tang.get("/bulk", {"step": "supervise", "whole": "1", "tab": "all", "unit": "371502_market"})
    assert {one.row.id for one in page.context["fit"]} == {one.case for one in market}
    go(tang, page, reason="群众反映强烈,限期办结。")
    assert [case(one.case).supervised for one in market] == [True] * 3
    assert case(other.case).supervised is False


def test_a_missing_reason_keeps_the_words_and_changes_nothing(city: City, as_: As) -> None:
    opened = city.dispatched()
    tang = as_("tang", after=2)
    page = preview(tang, "supervise", opened.case)
    scope_apply(EVERYTHING)
    before = rows(), contents()
    response = go(tang, page, reason="快")
    assert response.status_code == 422
    assert "快</textarea>" in text_of(response)
    scope_apply(EVERYTHING)
    assert (rows(), contents()) == before
    assert go(tang, response, reason="群众反映强烈。").status_code == 302
    assert case(opened.case).supervised is True


def test_who_moved_it_meanwhile_is_told_and_the_others_are_done(city: City, as_: As) -> None:
    first, second = city.dispatched(), city.dispatched()
    tang = as_("tang", after=2)
    page = preview(tang, "urge", first.case, second.case)
    city.move(first.case, "sign_for", "wang")
    result = tang.get(go(tang, page)["Location"])
    assert (result.context["run"].done, result.context["run"].refused) == (1, 1)
    assert "王建业已先一步办理“签收”,本件现在是“办理中”。" in text_of(result)
    assert (case(first.case).urge_count, case(second.case).urge_count) == (0, 1)


@pytest.mark.parametrize("who", ["wang", "sun", "qian", "zhao"])
def test_a_forged_bulk_changes_nothing(city: City, as_: As, who: str) -> None:
    opened = city.dispatched()
    client = as_(who, after=2)
    scope_apply(EVERYTHING)
    before = rows(), contents()
    assert preview(client, "urge", opened.case).status_code == 404
    answer = client.post("/bulk/urge?tab=all", {"cases": f"{opened.case}.2", "key": "k"})
    assert answer.status_code == 404
    scope_apply(EVERYTHING)
    assert (rows(), contents()) == before


def test_a_desk_cannot_reach_what_it_does_not_see(city: City, as_: As) -> None:
    """zhou may assign, and names an order of another unit by its id: it is as if it were not there."""
    opened = city.dispatched()
    zhou = as_("zhou", after=2)
    page = preview(zhou, "assign", opened.case)
    seen = [one.row.id for one in page.context["fit"]] if page.context else []
    assert seen == []
    scope_apply(EVERYTHING)
    before = rows(), contents()
    unit = "东昌府区退役军人事务局 · 371502_veterans"
    answer = zhou.post("/bulk/assign?tab=all", {"cases": f"{opened.case}.2", "key": "k", "unit": unit})
    assert answer.status_code in (302, 404)
    scope_apply(EVERYTHING)
    assert case(opened.case).unit_id == city.units["371502_market"]
    assert rows()["ledger_entry"] == before[0]["ledger_entry"]


@pytest.mark.parametrize("cases", ["", "x", "1", "1.", ".1", "9" * 30 + ".1", "1.1,1.1", "-1.2", "١.١"])
def test_wrong_cases_are_no_error(city: City, as_: As, cases: str) -> None:
    city.dispatched()
    tang = as_("tang", after=2)
    answer = tang.post("/bulk/urge?tab=all", {"cases": cases, "key": "k"})
    assert answer.status_code == 404
    scope_apply(Scope(city.people["tang"], (), (), True))
    assert BulkRun.objects.count() == 0


def test_nothing_picked_says_so(city: City, as_: As) -> None:
    response = as_("tang", after=2).get("/bulk", {"step": "urge", "tab": "all"}, follow=True)
    assert "还没有选" in text_of(response)


def test_the_order_that_stays_is_picked_from_those_that_were_chosen(city: City, as_: As) -> None:
    first, *others = [city.dispatched(title=f"胡同积水{n}") for n in range(3)]
    tang = as_("tang", after=2)
    page = preview(tang, "merge", *(one.case for one in (first, *others)))
    text = text_of(page)
    for one in (first, *others):
        assert f'name="case" value="{one.number}"' in text
    assert f'value="{first.number}" checked' in text and "都并到选定的这一件" in text
    assert f"/cases/{first.number}/similar?with={others[0].number}" in text
    before = rows(), contents()
    wrong = go(tang, page, case="", other="RX-没有")
    assert wrong.status_code == 422 and "没有这个编号的件" in text_of(wrong)
    assert (rows(), contents()) == before
    result = tang.get(go(tang, page, case=others[0].number)["Location"])
    assert (result.context["run"].done, result.context["run"].refused) == (2, 0)
    assert case(others[0].case).merged_into_id is None
    assert {case(one.case).merged_into_id for one in (first, others[1])} == {others[0].case}


def test_an_order_picked_alone_is_merged_into_one_that_is_named_never_into_itself(
    city: City, as_: As
) -> None:
    alone = city.dispatched()
    tang = as_("tang", after=2)
    page = preview(tang, "merge", alone.case)
    assert f'type="radio" name="case" value="{alone.number}"' not in text_of(page)
    before = rows(), contents()
    wrong = go(tang, page, case=alone.number)
    assert wrong.status_code == 422 and "不能并入自己。" in text_of(wrong)
    assert (rows(), contents()) == before


def test_repeats_are_merged_and_taken_apart_again(city: City, as_: As) -> None:
    survivor, *repeats = [city.dispatched() for _ in range(3)]
    tang = as_("tang", after=2)
    page = preview(tang, "merge", *(one.case for one in repeats))
    assert "撤销并单" in text_of(page), "what can be taken back is said before"
    result = tang.get(go(tang, page, case=survivor.number)["Location"])
    assert result.context["run"].done == 2
    assert [case(one.case).state for one in repeats] == ["merged", "merged"]
    back = tang.get("/bulk", {"step": "unmerge", "run": result.context["run"].pk})
    done = tang.get(go(tang, back, reason="不是同一件事。")["Location"])
    assert done.context["run"].done == 2
    assert [case(one.case).merged_into_id for one in repeats] == [None, None]
    again = tang.get(f"/bulk/runs/{result.context['run'].pk}")
    assert again.context["back"] is None, "once is enough"


def test_a_dispatch_of_many_goes_through_the_packs_own_writer(city: City, as_: As) -> None:
    opened = [city.opened() for _ in range(2)]
    tang = as_("tang", after=2)
    page = preview(tang, "dispatch", *(one.case for one in opened))
    go(tang, page, unit="东昌府区市场监督管理局 · 371502_market")
    assert [case(one.case).unit_id for one in opened] == [city.units["371502_market"]] * 2


def test_another_persons_run_is_not_there(city: City, as_: As) -> None:
    opened = city.dispatched()
    tang = as_("tang", after=2)
    location = go(tang, preview(tang, "urge", opened.case))["Location"]
    assert as_("li", after=2).get(location).status_code == 404
    assert as_("tang", after=2).get(location).status_code == 200


def test_more_than_a_batch_goes_on_in_the_background(
    city: City, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    opened = [city.dispatched() for _ in range(5)]
    tang = as_("tang", after=2)
    page = preview(tang, "urge", *(one.case for one in opened))
    location = go(tang, page)["Location"]
    run = tang.get(location).context
    assert (run["run"].done, run["waiting"]) == (2, 3)
    with connection.cursor() as cursor:
        cursor.execute(
            "select args from procrastinate_jobs where task_name = 'bihuan.kernel.desk.tasks.bulk_run_go'"
        )
        assert [json.loads(row[0]) for row in cursor.fetchall()] == [{"run": run["run"].pk}]
    later = city.now + timedelta(hours=3)
    scope_apply(EVERYTHING)
    assert bulk.bulk_take(run=run["run"].pk, now=later) is True
    assert bulk.bulk_take(run=run["run"].pk, now=later) is False
    assert bulk.bulk_take(run=run["run"].pk, now=later) is False, "nothing is done twice"
    assert [case(one.case).urge_count for one in opened] == [1] * 5
    scope_apply(Scope(city.people["tang"], (), (), True))
    assert BulkRow.objects.filter(status="done").count() == 5
    assert tang.get(location).context["waiting"] == 0


def test_a_preview_asks_as_often_for_thirty_as_for_one(city: City, as_: As) -> None:
    opened = [city.dispatched() for _ in range(30)]
    tang = as_("tang", after=2)
    preview(tang, "urge", opened[0].case)
    with CaptureQueriesContext(connection) as one:
        preview(tang, "urge", opened[0].case)
    with CaptureQueriesContext(connection) as thirty:
        preview(tang, "urge", *(o.case for o in opened))
    assert len(thirty) == len(one) <= 30
