"""Bad input in every field of intake and of every step: a 4xx naming field and rule, and no row changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import SYSTEM, Step
from bihuan.packs.hotline.workflow import WORKFLOW
from tests.api.client import ORDER, Api, contents, refused, rows

As = Callable[..., Api]

LINES = {
    "title": 200, "channel": 60, "type": 60, "place": 200, "territory": 80, "matter": 80, "reporter": 60,
    "phone": 40, "id_number": 40, "address": 200, "accused": 80, "reported_at": 64, "external_id": 80,
}  # fmt: skip
FREE = ("title", "place", "reporter", "address", "external_id", "territory")
"""Fields in which any words are words."""
HOSTILE = (
    "'; drop table cases_case; --",
    "<script>alert(1)</script>",
    '" onload="x',
    "{{7*7}}",
    "%s %(x)s",
    "\\u0000",
)
NOT_TEXT: tuple[Any, ...] = (5, 1.5, True, ["文字"], {"a": "b"}, None)
BROKEN = {
    "NUL": "甲\x00乙",
    "control": "甲\x07乙",
    "escape": "甲\x1b[2J",
    "surrogate": "甲\ud800乙",
    "bidi": "甲\u202e乙",
    "nonchar": "甲\uffff",
}


def untouched(attack: Callable[[], None]) -> None:
    before, held = rows(), contents()
    attack()
    assert rows() == before
    assert contents() == held


@pytest.mark.parametrize("field", ["text", *LINES])
def test_every_text_of_an_order_is_bounded_and_clean(li: Api, field: str) -> None:
    limit = LINES.get(field, 4000)

    def attack() -> None:
        refused(li.take(**{field: "长" * (limit + 1)}), 422, field=field, code="too_long")
        for value in NOT_TEXT:
            refused(li.take(**{field: value}), 422, field=field, code="not_text")
        for broken in BROKEN.values():
            code = refused(li.take(**{field: broken}), 422, field=field)["code"]
            assert code in ("control_character", "surrogate", "bidi_override", "date_format")
        if field not in ("text", "reported_at"):
            refused(li.take(**{field: "甲\n乙"}), 422, field=field, code="line_break")

    untouched(attack)


@pytest.mark.parametrize("field", FREE)
@pytest.mark.parametrize("words", HOSTILE)
def test_sql_and_html_are_kept_as_words(li: Api, field: str, words: str) -> None:
    response = li.take(text=f"{words}要求查处", **{field: words})
    assert response.status_code == 201, response.content
    with kernel_writes():
        case = Case.objects.get(number=response.json()["number"])
        party = case.parties.get()
        kept = {
            "title": case.title,
            "place": case.place,
            "reporter": party.name,
            "address": party.address,
            "external_id": case.external_id,
            "territory": words,
        }
        assert kept[field] == words
        assert case.content.text == f"{words}要求查处"


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize(
    "field", ["channel", "type", "matter", "accused", "phone", "id_number", "reported_at"]
)
def test_sql_and_html_are_no_codes(li: Api, field: str, words: str) -> None:
    untouched(lambda: refused(li.take(**{field: words}), 422, field=field) and None)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"text": ""}, "text", "too_short"),
        ({"text": " \n\t　"}, "text", "empty"),
        ({"reported_at": "2026-02-30 10:00"}, "reported_at", "impossible_date"),
        ({"reported_at": "2026-02-29T10:00:00+08:00"}, "reported_at", "impossible_date"),
        ({"reported_at": "31/12/2025"}, "reported_at", "date_format"),
        ({"reported_at": "昨天"}, "reported_at", "date_format"),
        ({"reported_at": "1989-12-31"}, "reported_at", "date_too_early"),
        ({"reported_at": "9999-12-31T23:59:59+00:00"}, "reported_at", None),
        ({"reported_at": (timezone.now() + timedelta(days=1)).isoformat()}, "reported_at", "future_date"),
        ({"accused": "没有这个局"}, "accused", "unknown_unit"),
        ({"accused": "371502_nothing"}, "accused", "unknown_unit"),
        ({"matter": "no.such"}, "matter", "unknown_matter"),
        ({"phone": "12"}, "phone", "phone"),
        ({"id_number": "371502199002301234"}, "id_number", "id_number"),
        ({"confidential": "yes"}, "confidential", "yes_or_no"),
        ({"urgent": 1}, "urgent", "yes_or_no"),
        ({"answer_at_seat": []}, "answer_at_seat", "yes_or_no"),
        ({"answer_at_seat": True}, "answer_at_seat", "may_be_answered_at_seat"),
        ({"superior": "省12345"}, "superior", "object"),
        ({"superior": {}}, "superior.number", "required"),
        ({"superior": {"number": "S1", "more": 1}}, "superior.more", "unknown"),
        ({"superior": {"number": "S1", "return_days": -1}}, "superior.return_days", "range"),
        ({"superior": {"number": "S1", "return_count": "1"}}, "superior.return_count", "number"),
        ({"superior": {"number": "S1", "due_at": "2026-02-30"}}, "superior.due_at", "impossible_date"),
        ({"superior": {"number": "\x00"}}, "superior.number", "control_character"),
        ({"state": "closed"}, "state", "unknown"),
        ({"by": 1}, "by", "unknown"),
        ({"answer": "已答复"}, "answer", "unknown"),
        ({"__proto__": {}}, "__proto__", "unknown"),
    ],
)
def test_wrong_values_of_an_order_are_named(
    li: Api, changed: dict[str, Any], field: str, code: str | None
) -> None:
    untouched(lambda: refused(li.take(**changed), 422, field=field, code=code) and None)


def test_a_second_external_number_is_refused(li: Api) -> None:
    assert li.take(external_id="E-1").status_code == 201
    untouched(
        lambda: refused(li.take(external_id="E-1"), 422, field="external_id", code="duplicate") and None
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "required"),
        (b"null", 422, None),
        (b"[]", 422, "object"),
        (b'"text"', 422, "object"),
        (b"5", 422, "object"),
        (b'{"text": "a"', 400, "json"),
        (b"{'text': 'a'}", 400, "json"),
        (b'{"text": NaN}', 400, "number"),
        (b'{"text": -Infinity}', 400, "number"),
        (b'{"text": 1e400}', 400, "number"),
        (b'{"text": ' + b"9" * 5000 + b"}", 400, "number"),
        (b'{"text": "a", "text": "b"}', 400, "duplicate_name"),
        (b'{"text": "\xff\xfe"}', 400, "json"),
        ('{"text": "路灯"}'.encode("gb18030"), 400, "json"),
        ('{"text": "路灯"}'.encode("utf-16"), 400, "json"),
        (b'\xef\xbb\xbf{"text": "a"}', 400, "json"),
        (b'{"text": "a\x00b"}', 400, "json"),
        (b'{"superior": ' * 9 + b"1" + b"}" * 9, 400, "depth"),
        (b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "json"),
        (json.dumps({"text": "长" * 10_000_000}, ensure_ascii=False).encode()[:10_000_000], 413, "too_big"),
        (b'{"text": "' + b"a" * 1_000_000 + b'"}', 413, "too_big"),
        (b'{"text": "' + b"a" * 1_500_000 + b'"}', 413, "too_big"),
    ],
    ids=range(22),
)
def test_bodies_that_are_no_order(li: Api, body: bytes, status: int, code: str | None) -> None:
    untouched(lambda: refused(li.post("/hotline/orders", body), status, code=code) and None)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ],
)
def test_another_kind_of_body_is_415(li: Api, content_type: str) -> None:
    def attack() -> None:
        response = li.post("/hotline/orders", b'{"text": "a"}', content_type=content_type)
        refused(response, 415, field="Content-Type")

    untouched(attack)


ROLE = {
    "seat_agent": ("li", "371502_12345"), "dispatcher": ("zhou", "371502_desk"),
    "handler": ("wang", "371502_market"),
    "section_chief": ("chen", "371502_market"), "bureau_head": ("sun", "371502_market"),
    "reviewer": ("zhao", "371502_market"), "caller_desk": ("liu", "371502_market"),
    "supervisor": ("tang", "371502_market"),
    "discipline": ("371502_discipline_discipline", "371502_discipline"),
}  # fmt: skip
STEPS = [step for step in WORKFLOW.steps if step.asks and set(step.by) != {SYSTEM}]


def good(ask: Ask, other: Case) -> Any:
    kinds: dict[str, Any] = {
        "yes": True,
        "number": ask.smallest,
        "date": "2026-12-31",
        "moment": "2026-12-31T10:00+08:00",
        "money": "100.50",
        "unit": Unit.objects.get(code="371502_education").pk,
        "units": [Unit.objects.get(code="371502_education").pk],
        "case": other.pk,
        "matter": "0401",
    }
    return (
        ask.choices[0][0]
        if ask.kind == "choice"
        else kinds.get(ask.kind, "这是一段足够长的合规文字,共二十余字。")
    )


def bad(ask: Ask) -> list[Any]:
    if ask.personal:
        few = ["短"] if ask.min_length > 1 else []
        lines = ["甲\n乙" * 3] if ask.kind == "line" else []
        empty = ["", None, " 　"] if ask.required else []
        return [
            "长" * (ask.max_length + 1),
            "长" * 100_000,
            *BROKEN.values(),
            *NOT_TEXT[:-1],
            *few,
            *lines,
            *empty,
        ]
    return {
        "choice": ["no_such", "'; drop table cases_case; --", ["x"], {"x": 1}, 5, True, "\x00", "\ud800"],
        "matter": ["9999", "01", "'; drop", ["0401"], {"x": 1}, 401, True, "\x00", "\ud800", "4" * 100],
        "yes": ["yes", "true", 1, [True], {"a": 1}],
        "number": [ask.smallest - 1, ask.largest + 1, 10**17, "5", "五", 1.5, True, [1]],
        "date": [
            "2026-02-30",
            "2026-1-1",
            "20260101",
            20260101,
            "0000-00-00",
            ["2026-01-01"],
            "2026-01-31x",
            "\x00",
        ],
        "moment": ["2026-02-30T10:00", "明天", 5, ["2026-12-31T10:00"], "1899-01-01T10:00", "\x00", "9" * 60],
        "money": ["-1", "1e5", "1e30", "NaN", 1.234, "1,000", [1], True, "99999999999999", "\x00"],
        "unit": [999_999_999, 10**17, 0, -1, "x", "371502_market", [1], True, 1.0],
        "units": [[999_999_999], ["x"], "1,2", {"a": 1}, [True], [0], list(range(1, 60)), [[1]], 5],
        "case": ["RX20200101404", "x", -5, [1], True, {"a": 1}, "\x00", "\ud800", "9" * 65],
    }[ask.kind]


@pytest.mark.parametrize("step", STEPS, ids=[step.code for step in STEPS])
def test_every_field_of_every_step_refuses_what_it_does_not_take(as_: As, li: Api, step: Step) -> None:
    role = next(role for role in step.by if role != SYSTEM)
    who, unit = ROLE[role]
    api = as_(who)
    number, survivor = (li.take().json()["number"] for _ in range(2))
    with kernel_writes():
        held = Unit.objects.get(code=unit)
        other = Case.objects.get(number=survivor)
        Case.objects.filter(number=number).update(
            state=step.sources[0],
            unit=held,
            version=7,
            progress={"levels": ["bureau_head", "reviewer"], "merged_at": int(timezone.now().timestamp())},
            merged_into=other if step.sources[0] == "merged" else None,
        )
    valid = {ask.name: good(ask, other) for ask in step.asks}

    def attack() -> None:
        for ask in step.asks:
            for value in bad(ask):
                response = api.step(number, step.code, 7, **{**valid, ask.name: value})
                refused(response, 422, field=ask.name)
            if ask.required:
                without = {name: value for name, value in valid.items() if name != ask.name}
                refused(api.step(number, step.code, 7, **without), 422, field=ask.name)
        refused(api.step(number, step.code, 7, **valid, more="x"), 422, field="more", code="unknown")
        for data in ([], "x", 5, None):
            refused(
                api.post(f"/cases/{number}/steps/{step.code}", {"version": 7, "data": data}),
                422,
                field="data",
            )
        huge = json.dumps({"version": 7, "data": {step.asks[0].name: "长" * 3_400_000}}, ensure_ascii=False)
        refused(api.post(f"/cases/{number}/steps/{step.code}", huge.encode()), 413, code="too_big")

    untouched(attack)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from([*HOSTILE, *BROKEN.values()]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["text", *LINES, "confidential", "urgent", "answer_at_seat", "superior"]) | st.text(
    max_size=8
)


@settings(max_examples=120)
@given(changed=st.dictionaries(names, values, max_size=4))
def test_no_order_whatever_breaks_the_server(li: Api, changed: dict[str, Any]) -> None:
    before = rows()
    response = li.post("/hotline/orders", {**ORDER, **changed})
    if response.status_code == 201:
        assert rows()["cases_case"] == before["cases_case"] + 1
    else:
        assert response.status_code in (400, 422), response.content
        refused(response, response.status_code)
        assert rows() == before


@settings(max_examples=80)
@given(
    body=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_no_bytes_whatever_break_the_server(li: Api, body: bytes) -> None:
    before = rows()
    response = li.post("/hotline/orders", body)
    refused(response, response.status_code)
    assert 400 <= response.status_code < 500
    assert rows() == before
