"""Statements that must stay flat find their rows by the index that was made for them, whoever asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.lists.bulk import cases_judged
from bihuan.kernel.desk.lists.wanted import Wanted
from bihuan.kernel.desk.lists.worklist import cases_listed
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.kernel.public.following import followed
from bihuan.packs.hotline.figures import categories_counted
from tests.desk.conftest import City

As = Callable[..., Client]
EVERYTHING = Scope(0, (), (), True)


def plans(act: Callable[[], Any]) -> str:
    """The plans of all that `act` reads. Whatever statistics there are, a table with many rows is read by its index."""
    with CaptureQueriesContext(connection) as captured:
        act()
    read = [q["sql"] for q in captured.captured_queries if q["sql"].lstrip().lower().startswith("select")]
    with connection.cursor() as cursor:
        lines = []
        for sql in read:
            cursor.execute(f"explain {sql.replace('%', '%%')}", [])
            lines += [line for (line,) in cursor.fetchall()]
    return "\n".join(lines)


def many_like(number: str, count: int) -> None:
    """So many further cases like that one; the planner sees how long the table is, analysed or not."""
    columns = ", ".join(
        f.column for f in Case._meta.local_fields if f.column not in ("id", "number", "external_id")
    )
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            f"insert into cases_case (number, {columns}) select 'N' || n, {columns}"
            " from cases_case, generate_series(1, %s) n where number = %s",
            [count, number],
        )


def test_what_was_reported_again_is_found_by_its_origin(city: City) -> None:
    first = city.closed()
    again = city.dispatched(origin=first.case)

    def page() -> None:
        with kernel_writes():
            assert list(Case.objects.filter(origin_id=first.case).values_list("pk", flat=True)) == [
                again.case
            ]

    many_like(first.number, 2000)
    assert re.search(r"(using|Scan on) cases_origin\b", plans(page))
    assert followed(case=first.case, now=city.now).after == (again.number,)


def test_categories_count_open_and_closed_orders_of_the_span(city: City) -> None:
    city.dispatched(matter="0403")
    city.closed(matter="0403")
    city.dispatched(matter="0403", now=city.now - timedelta(days=40))
    scope_apply(EVERYTHING)
    since, until = city.now - timedelta(days=30), city.now + timedelta(days=30)
    assert [one.count for one in categories_counted(since=since, until=until)] == [2]


def test_search_from_few_cases_and_from_many_finds_the_same(city: City, as_: As) -> None:
    """Beyond 5,000 own cases the words are looked up first, then whose they are."""
    mine = [city.dispatched().number for _ in range(2)]
    foreign = city.opened()
    few = found(as_("wang"), "培训班")
    many_like(mine[0], 5000)
    many = found(as_("wang"), "培训班")
    assert few == many == mine[::-1]
    assert foreign.number not in many


def found(client: Client, text: str) -> list[str]:
    return [hit.case.number for hit in client.get("/search", {"q": text}).context["hits"]]


@pytest.mark.parametrize(("step", "most"), [("urge", 3), ("supervise", 5)])
def test_a_preview_asks_as_often_for_many_as_for_one(
    city: City, django_assert_num_queries: Any, step: str, most: int
) -> None:
    """Clocks and assisting cases are read for a step with guards alone."""
    cases = [city.dispatched().case for _ in range(3)]
    scope_apply(EVERYTHING)
    tang = city.people["tang"]
    cases_judged(ids=cases, code=step, person=tang, now=city.now)
    with django_assert_num_queries(most):
        judged = cases_judged(ids=cases, code=step, person=tang, now=city.now)
    assert [(one.row.id, one.refusal) for one in judged] == [(case, None) for case in cases]


def test_the_notices_words_are_read_once(city: City, as_: As, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        city.dispatched()
    wang = as_("wang")
    with django_assert_max_num_queries(15):
        page = wang.get("/notices")
    assert len(page.context["shown"]) == 3


def test_cases_under_review_are_found_by_the_role_whose_level_it_is(city: City) -> None:
    """However many wait for another level, and under row-level security too."""
    answered = city.handling()
    city.move(answered.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    many_like(answered.number, 2000)
    tang = scope_of(person=city.people["tang"], at=city.now, roles=roles())
    scope_apply(tang)

    def waiting() -> list[str]:
        return [row.number for row in cases_listed(scope=tang, wanted=Wanted(), now=city.now)]

    assert waiting() == []
    assert re.search(r"cases_open_state.*\n.*Index Cond: .*level_role = ", plans(waiting))
    with kernel_writes():
        Case.objects.filter(pk=answered.case).update(
            progress={"levels": ["bureau_head", "supervisor"], "level": 1}
        )
    assert waiting() == [answered.number]
