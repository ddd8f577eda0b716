"""Worklists: what waits for whom, counts, keyset paging, and who sees nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.kernel.cases.merging import case_merge
from bihuan.kernel.desk.lists.counts import cases_counted, closed_roll_up
from bihuan.kernel.desk.lists.wanted import wanted_read
from bihuan.kernel.desk.lists.worklist import cases_listed, cursor_of
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.identity.services import delegation_give
from bihuan.kernel.pack import roles
from bihuan.packs.hotline.selectors import matter_names
from tests.desk.conftest import City

As = Callable[..., Client]


def scope(city: City, username: str) -> Scope:
    found = scope_of(person=city.people[username], at=city.now, roles=roles())
    scope_apply(found)
    return found


def numbers(city: City, username: str, **query: str) -> list[str]:
    rows = cases_listed(scope=scope(city, username), wanted=wanted_read(query), now=city.now)
    return [row.number for row in rows]


def test_each_role_finds_what_waits_for_it(city: City) -> None:
    received, sent = city.opened(), city.dispatched()
    answered = city.handling()
    city.move(answered.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    assert numbers(city, "li") == [received.number]
    assert numbers(city, "wang") == [sent.number]
    assert numbers(city, "sun") == [answered.number], "the first level of review is the head's"
    assert numbers(city, "zhao") == []
    city.move(answered.case, "approve_up", "sun", after=2)
    assert numbers(city, "sun") == []
    assert numbers(city, "zhao") == [answered.number], "the second is the reviewer's"
    assert set(numbers(city, "wang", tab="unit")) == {sent.number, answered.number}
    assert set(numbers(city, "tang", tab="all")) == {received.number, sent.number, answered.number}


def test_a_merged_order_waits_for_nobody(city: City, as_: As) -> None:
    first, second = city.opened(), city.opened(title="再次反映培训班不退费")
    assert set(numbers(city, "li")) == {first.number, second.number}
    case_merge(case_id=second.case, into=first.case, by=city.people["li"], now=city.now + timedelta(hours=1))
    assert numbers(city, "li") == [first.number]
    assert set(numbers(city, "li", tab="unit")) == {first.number, second.number}
    tabs = {tab["address"]: tab["count"] for tab in as_("li").get("/").context["tabs"]}
    assert tabs["?tab=mine"] == 1


@pytest.mark.parametrize(
    ("typed", "code", "found"),
    [
        ("0101", "0101", True),
        (" 0101 ", "0101", True),
        ("随便 · 0101", "0101", True),
        ("没有的事", "没有的事", False),
    ],
)
def test_a_matter_is_filtered_by_its_name_or_code(
    city: City, as_: As, typed: str, code: str, found: bool
) -> None:
    opened = city.opened(matter="0101")
    other = city.opened(matter="0102")
    page = as_("li").get("/", {"matter": typed})
    assert page.context["wanted"].matter == code
    assert [row["case"].number for row in page.context["rows"]] == ([opened.number] if found else [])
    assert other.number not in page.content.decode()


def test_matters_are_suggested_by_name_and_stand_in_the_filter_by_name(city: City, as_: As) -> None:
    name = matter_names()["0101"]
    options = as_("li").get("/choices/matter", {"matter": name}).content.decode()
    assert f'value="{name} · 0101"' in options
    assert f'value="{name} · 0101"' in as_("li").get("/", {"matter": name}).content.decode()
    assert "督办件 · supervised" in as_("li").get("/choices/matter", {"matter": "督办件"}).content.decode()
    assert as_("li").get("/choices/matter", {"matter": "没有的事"}).content.decode().strip() == ""
    assert as_("li").get("/?columns=matter").status_code == 200


def test_the_menu_tells_how_many_messages_are_unread_with_one_query(city: City, as_: As) -> None:
    wang = as_("wang")
    assert 'class="menu-count"' not in wang.get("/").content.decode()
    with CaptureQueriesContext(connection) as before:
        wang.get("/")
    city.dispatched()
    city.dispatched()
    with CaptureQueriesContext(connection) as asked:
        page = wang.get("/").content.decode()
    assert '<b class="menu-count">2<span' in page
    assert len([q for q in asked.captured_queries if "read_at" in q["sql"]]) == 1
    assert len([q for q in before.captured_queries if "read_at" in q["sql"]]) == 1
    wang.post("/notices/read", {"all": "1"})
    assert 'class="menu-count"' not in wang.get("/").content.decode()


@pytest.mark.parametrize("username", ["qian", "admin", "security", "audit"])
@pytest.mark.parametrize("query", ["", "?tab=unit", "?tab=all", "?tab=all&closed=1"])
def test_the_outsider_and_administrators_see_no_cases(city: City, as_: As, username: str, query: str) -> None:
    seen = [city.dispatched().number, city.closed().number]
    page = as_(username).get(f"/{query}")
    assert page.status_code == 200
    assert not any(number in page.content.decode() for number in seen)
    assert page.context["counts"].open == page.context["counts"].closed == 0


def test_nobody_sees_anything_without_logging_in(city: City) -> None:
    response = Client().get("/")
    assert (response.status_code, response["Location"]) == (302, "/login?next=/")


def test_paging_by_key_misses_nothing_and_repeats_nothing(city: City) -> None:
    """Equal due times and cases without one: every case once, whatever the size of the page."""
    opened = [city.dispatched().number for _ in range(3)] + [
        city.opened(passes_on=True).number for _ in range(4)
    ]
    everything = scope(city, "tang")
    found: list[str] = []
    after = ""
    while True:
        rows = cases_listed(
            scope=everything, wanted=wanted_read({"tab": "all", "after": after}), now=city.now, most=2
        )
        if not rows:
            break
        found += [row.number for row in rows]
        after = cursor_of(rows[-1], closed=False)
    assert found == opened


def test_closed_cases_page_from_the_latest(city: City) -> None:
    first, second = city.closed(), city.closed()
    found = scope(city, "tang")
    (row,) = cases_listed(scope=found, wanted=wanted_read({"closed": "1"}), now=city.now, most=1)
    assert row.number == second.number
    later = wanted_read({"closed": "1", "after": cursor_of(row, closed=True)})
    assert [r.number for r in cases_listed(scope=found, wanted=later, now=city.now)] == [first.number]


def test_the_unit_that_is_filtered_by_stands_in_its_field_by_name(city: City, as_: As) -> None:
    page = as_("tang").get("/", {"tab": "all", "unit": "371502_market"}).content.decode()
    assert 'value="东昌府区市场监督管理局 · 371502_market"' in page
    assert 'value="371502_nowhere"' in as_("tang").get("/?unit=371502_nowhere").content.decode()


def test_filters_are_in_the_address(city: City) -> None:
    market = city.dispatched()
    other = city.opened()
    city.move(other.case, "dispatch", "li", unit=city.units["371502_veterans"])
    assert numbers(city, "tang", tab="all", unit="371502_market") == [market.number]
    assert numbers(city, "tang", tab="all", unit="退役军人事务局 · 371502_veterans") == [other.number]
    assert numbers(city, "tang", tab="all", unit="东昌府区市场监督管理局") == [market.number]
    assert numbers(city, "tang", tab="all", number=other.number[:-1]) == [market.number, other.number]
    assert numbers(city, "tang", tab="all", number=other.number) == [other.number]
    assert numbers(city, "tang", tab="all", state="handling") == []
    assert numbers(city, "tang", tab="all", since="2026-03-03") == []
    assert len(numbers(city, "tang", tab="all", since="2026-03-02", until="2026-03-02")) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"}, {"after": "9" * 40}, {"after": "1.-1"}, {"since": "2026-02-30"}, {"until": "9999-12-31"},
        {"number": "%' or 1=1 --"}, {"unit": "'; drop table x"}, {"tab": "<script>"}, {"state": "none", "burning": "x"},
    ],
)  # fmt: skip
def test_a_wrong_address_is_no_error(city: City, as_: As, query: dict[str, str]) -> None:
    city.dispatched()
    page = as_("tang").get("/", query)
    assert page.status_code == 200
    assert b"<script>" not in page.content.replace(b"<script src", b"")


def test_counts_tell_states_nearly_due_and_overdue(city: City) -> None:
    city.dispatched(), city.handling(), city.closed(), city.closed()
    found = scope(city, "tang")
    counts = cases_counted(scope=found, tab="all", now=city.now + timedelta(hours=1))
    assert [(s.code, s.count) for s in counts.states] == [("dispatched", 1), ("handling", 1)]
    assert (counts.open, counts.closed, counts.late) == (2, 2, 0)
    late = cases_counted(scope=found, tab="all", now=city.now + timedelta(days=30))
    assert (late.late, late.near) == (2, 0)


def test_closed_are_counted_once_before_and_after_the_roll_up(city: City) -> None:
    city.closed(), city.closed()
    found = scope(city, "tang")
    assert cases_counted(scope=found, tab="all", now=city.now).closed == 2
    for _ in range(2):
        closed_roll_up(last=date(2026, 3, 2))
        with connection.cursor() as cursor:
            cursor.execute("select sum(count), count(distinct day) from cases_closed_daily")
            assert cursor.fetchone() == (2, 1)
        assert cases_counted(scope=found, tab="all", now=city.now).closed == 2
    assert cases_counted(scope=scope(city, "qian"), tab="all", now=city.now).closed == 0


@pytest.mark.parametrize("username", ["wang", "sun", "tang"])
@pytest.mark.parametrize("query", ["", "?tab=unit", "?tab=all"])
def test_the_list_asks_at_most_fourteen_questions(city: City, as_: As, username: str, query: str) -> None:
    for _ in range(3):
        city.dispatched()
    client = as_(username)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/{query}").status_code == 200
    asked = [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"] and "django_session" not in q["sql"]]
    assert len(asked) <= 14
    city.dispatched()
    with CaptureQueriesContext(connection) as again:
        client.get(f"/{query}")
    assert len(again) == len(captured), "more cases, no more questions"


def test_titles_are_escaped_and_telephone_numbers_in_them_masked(city: City, as_: As) -> None:
    city.dispatched(title="<script>alert(1)</script>电话13812341234", place="<img src=x>")
    body = as_("wang").get("/").content.decode()
    assert "<script>alert" not in body and "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "13812341234" not in body and "138****1234" in body


def test_the_counts_come_alone(city: City, as_: As) -> None:
    city.dispatched()
    body = as_("wang").get("/worklist/counts?tab=unit").content.decode()
    assert "待签收 <b>1</b>" in body and "<html" not in body and 'worklist"' not in body


def test_the_page_allows_no_inline_code_and_has_none(city: City, as_: As) -> None:
    opened = city.handling()
    client = as_("wang")
    for path in ("/", f"/cases/{opened.number}?step=answer", "/search?q=x"):
        response: Any = client.get(path)
        body = response.content.decode()
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert " style=" not in body and " onclick=" not in body and "<style" not in body


def test_large_type_is_kept_and_leads_back_to_this_site_alone(city: City, as_: As) -> None:
    client = as_("wang")
    response = client.post("/large-type", {"next": "//evil.example/"})
    assert (response["Location"], response.cookies["large_type"].value) == ("/", "1")
    assert 'class="large-type"' in client.get("/").content.decode()


def test_an_extension_asked_for_waits_for_the_supervisor_and_is_offered_first(city: City, as_: As) -> None:
    other, opened = city.handling(), city.handling()
    city.move(opened.case, "ask_extension", "wang", days=3, reason="商家负责人在外地")
    assert numbers(city, "tang") == [opened.number]
    page = as_("tang").get(f"/cases/{opened.number}")
    assert [offer.step.code for offer in page.context["page"].offers.mine][:2] == [
        "grant_extension",
        "refuse_extension",
    ]
    assert page.context["page"].offers.usual.code == "grant_extension"
    assert set(numbers(city, "wang")) == {other.number, opened.number}, "it stays the handler's too"
    city.move(opened.case, "grant_extension", "tang", after=2)
    assert numbers(city, "tang") == []


@pytest.mark.parametrize(("step", "found"), [("", True), ("approve_up", True), ("return", False)])
def test_what_was_delegated_waits_for_whom_it_was_given_to(city: City, step: str, found: bool) -> None:
    answered = city.handling()
    city.move(answered.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    assert numbers(city, "chen") == []
    delegation_give(
        grantor=city.people["sun"],
        grantee=city.people["chen"],
        begins=city.now - timedelta(hours=1),
        ends=city.now + timedelta(days=1),
        reason="出差",
        step=step,
        now=city.now - timedelta(hours=2),
    )
    assert numbers(city, "chen") == ([answered.number] if found else [])
    city.move(answered.case, "send_back", "sun", after=2, reason="请补充凭证")
    assert numbers(city, "chen") == []


def test_urgent_cases_have_their_own_count_and_list(city: City, as_: As) -> None:
    calm, urgent = city.dispatched(), city.dispatched()
    city.move(urgent.case, "pass_on", "li", service="119")
    page = as_("wang").get("/?burning=urgent")
    assert page.context["counts"].urgent == 1
    assert [row["case"].number for row in page.context["rows"]] == [urgent.number]
    assert calm.number not in page.content.decode()


def test_units_are_found_by_a_short_name_the_nearest_first(city: City, as_: As) -> None:
    options = as_("zhou").get("/choices/unit", {"unit": "市监局"}).content.decode()
    assert options.index("371502_market") < options.index("371500_market")


def test_a_delegated_step_of_the_centre_is_not_bound_to_the_centres_own_cases(city: City) -> None:
    opened = city.handling()
    city.move(opened.case, "object", "chen", reason="应由教育部门主办")
    giving = {"begins": city.now - timedelta(hours=1), "ends": city.now + timedelta(days=1)}
    delegation_give(
        grantor=city.people["tang"],
        grantee=city.people["sun"],
        step="rule",
        reason="休假",
        now=city.now,
        **giving,
    )
    assert numbers(city, "sun") == [opened.number], "the ruling; the case is in sight as the unit's own"
