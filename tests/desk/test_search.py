"""Search: numbers, telephones for those who may, words in Chinese; the scope holds in each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from bihuan.kernel.cases.grams import gram_codes
from bihuan.kernel.desk.finding.search import words_marked
from bihuan.lib.text import bigrams
from tests.desk.conftest import City

As = Callable[..., Client]


def found(client: Client, text: str) -> list[str]:
    response = client.get("/search", {"q": text})
    assert response.status_code == 200
    return [hit.case.number for hit in response.context["hits"]]


def test_by_number_external_number_words_and_telephone(city: City, as_: As) -> None:
    opened = city.dispatched(external_id="ZX-7788", place="柳园街道")
    city.dispatched(title="路灯不亮", text="路灯坏了三天。", parties=())
    tang = as_("tang")
    for text in (
        opened.number,
        opened.number.lower(),
        "ZX-7788",
        "培训班",
        "要求退费",
        "柳园街道",
        "19900000001",
        "199 0000 0001",
    ):
        assert found(tang, text) == [opened.number], text
    assert len(found(tang, opened.number[:10])) == 2
    assert found(tang, "培训班 路灯") == []


def test_words_must_stand_together_as_typed(city: City, as_: As) -> None:
    city.dispatched(text="开课退款", title="开课")
    assert found(as_("tang"), "课退款") != []
    city.dispatched(text="退款要开课,课开得晚", title="课")
    assert found(as_("tang"), "退款要开课晚") == []


def test_single_characters_and_numbers_beside_words(city: City, as_: As) -> None:
    first = city.dispatched(title="漏雨", text="3栋顶楼漏雨。", parties=())
    city.dispatched(title="停电", text="13栋停电,3天没来电。", parties=())
    wang = as_("wang")
    assert found(wang, "雨") == [first.number]
    assert "单个字只在最近的 2000 件里找" in wang.get("/search", {"q": "雨"}).content.decode()
    assert len(found(wang, "栋")) == 2
    assert found(wang, "3栋顶") == [first.number]
    assert found(wang, "3栋 雨") == [first.number]
    assert found(wang, "，。") == []
    assert found(as_("qian"), "雨") == []


def test_words_of_the_answer(city: City, as_: As) -> None:
    closed = city.closed()
    assert found(as_("sun"), "经调解双方同意") == [closed.number]
    assert found(as_("qian"), "经调解双方同意") == []


def test_many_that_only_look_alike_do_not_hide_the_one_that_is_meant(city: City, as_: As) -> None:
    meant = city.dispatched(title="垃圾", text="7组垃圾没人收。", parties=())
    for day in range(5):
        city.dispatched(title="路灯", text=f"路灯7天不亮,第{day}次反映。", parties=())
    with connection.cursor() as cursor:
        cursor.execute("select set_config('bihuan.everything', 'on', true)")
        cursor.execute("select * from cases_search(%s::integer[], %s, 1)", [gram_codes(["7"]), ["7组"]])
        assert [row[0] for row in cursor.fetchall()] == [meant.case]
    assert found(as_("tang"), "7组") == [meant.number]


def test_what_very_many_hold_is_found_among_the_units_own(city: City, as_: As) -> None:
    """One hit is wished for: more than 75 that hold the pair are very many, the unit's newest 20 are looked at first."""
    mine = city.dispatched(title="路灯", text="路灯不亮。", parties=())
    centre = [city.opened(title="路灯", text="路灯不亮。", parties=()) for _ in range(76)]
    newer = [city.dispatched(title="停水", text="停水三天。", parties=()) for _ in range(20)]

    def ids(unit: str, most: int = 1, *, everything: str = "") -> list[int]:
        with connection.cursor() as cursor:
            units = "{%d}" % city.units[unit]
            cursor.execute(
                "select set_config('bihuan.units', %s, true), set_config('bihuan.everything', %s, true)",
                [units, everything],
            )
            cursor.execute("select * from cases_search(%s, '{}', %s)", [gram_codes(["路灯"]), most])
            return [row[0] for row in cursor.fetchall()]

    assert newer[0].case > centre[-1].case > mine.case
    assert ids("371502_market") == [mine.case], "not among its newest 20: among all"
    assert ids("371502_market", most=2) == [mine.case], "77 are no more than 75 for each wished for"
    last = city.dispatched(title="路灯", text="路灯不亮。", parties=())
    assert ids("371502_market") == [last.case], "among its newest 20"
    assert ids("371502_12345", most=2) == [last.case, centre[-1].case], "the centre may view what it sent"
    assert ids("371502_veterans") == []
    assert ids("371502_veterans", everything="on") == [last.case]
    assert ids("371502_veterans", most=2, everything="on") == [last.case, centre[-1].case]


def test_the_outsider_finds_nothing_by_any_way(city: City, as_: As) -> None:
    opened = city.closed(external_id="ZX-1")
    for who in ("qian", "audit", "admin"):
        client = as_(who)
        for text in (opened.number, "ZX-1", "培训班", "19900000001"):
            assert found(client, text) == [], (who, text)


def test_a_telephone_number_is_no_question_for_those_who_may_not_unmask(city: City, as_: As) -> None:
    opened = city.dispatched()
    assert found(as_("liu"), "19900000001") == [opened.number]
    assert found(as_("zhao"), "19900000001") == []


def test_a_confidential_reporters_number_leads_the_handling_unit_nowhere(city: City, as_: As) -> None:
    from bihuan.kernel.cases.opening import PartyData

    party = PartyData(name="宋女士", phone="19900000001", confidential=True)
    opened = city.dispatched(confidential=True, parties=(party,))
    assert found(as_("wang"), "19900000001") == []
    assert found(as_("tang"), "19900000001") == [opened.number]


def test_snippets_are_escaped_marked_and_masked(city: City, as_: As) -> None:
    city.dispatched(
        text="<b onmouseover=alert(1)>退费</b>,电话13812341234,要求退费", title="<script>x</script>"
    )
    body = as_("tang").get("/search", {"q": "退费"}).content.decode()
    assert "<mark>退费</mark>" in body and "&lt;b onmouseover=alert(1)&gt;" in body
    assert "<b onmouseover" not in body and "<script>x" not in body and "13812341234" not in body


def test_what_is_asked_is_escaped(city: City, as_: As) -> None:
    body = as_("tang").get("/search", {"q": "\"><script>alert(1)</script>%_'"}).content.decode()
    assert "<script>alert" not in body
    assert words_marked("a<b", ["<"]) == "a<mark>&lt;</mark>b"


@pytest.mark.django_db
def test_the_function_applies_the_scope_by_itself(city: City) -> None:
    city.dispatched()
    codes = gram_codes(bigrams("培训班", query=True))

    def ids(units: str = "", everything: str = "") -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('bihuan.units', %s, true), set_config('bihuan.everything', %s, true)",
                [units, everything],
            )
            cursor.execute("select * from cases_search(%s::integer[], %s, 10)", [codes, ["培训班"]])
            return [row[0] for row in cursor.fetchall()]

    assert ids() == []
    assert ids(units="{%d}" % city.units["371502_veterans"]) == []
    assert len(ids(units="{%d}" % city.units["371502_market"])) == 1
    assert len(ids(units="{%d}" % city.units["371502_12345"])) == 1, "the centre may view what it sent"
    assert len(ids(everything="on")) == 1


@pytest.mark.django_db
def test_nobody_else_may_call_the_function() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select has_function_privilege('public', 'cases_search(integer[], text[], integer)', 'execute')"
        )
        assert cursor.fetchone() == (False,)
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(
                "create or replace function cases_search(integer[], text[], integer) returns int language sql as 'select 1'"
            )
