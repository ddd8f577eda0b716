"""A case on paper: everything that the page shows, masked; nothing in it can become markup."""

from __future__ import annotations

import io
from collections.abc import Callable

from django.test import Client
from pypdf import PdfReader

from bihuan.kernel.cases.opening import PartyData
from tests.desk.conftest import City

HOSTILE = '#panic("x") [*粗体*] $x^2$ #include "/etc/passwd" <b>&amp;</b>'


def text_of(pdf: bytes) -> str:
    """The words of all pages, without the breaks between lines."""
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


def test_the_printed_case_tells_what_the_page_tells(city: City, as_: Callable[..., Client]) -> None:
    opened = city.closed()
    answer = as_("zhao", after=6).get(f"/cases/{opened.number}/print.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    for words in (
        opened.number,
        "培训班不退费",
        "经调解双方同意退费,已经办结。",
        "办理记录",
        "赵慧",
        "账本链头",
        "199****0001",
    ):
        assert words in text, words
    assert "19900000001" not in text


def test_words_of_a_case_are_never_markup(city: City, as_: Callable[..., Client]) -> None:
    opened = city.dispatched(title=HOSTILE[:60], text=HOSTILE, parties=(PartyData(name="#名 *氏*"),))
    text = text_of(as_("wang").get(f"/cases/{opened.number}/print.pdf").content)
    assert '#panic("x")[*粗体*]$x^2$#include"/etc/passwd"<b>&amp;</b>' in text.replace(" ", "")


def test_the_same_page_at_the_same_moment_is_the_same_file(city: City, as_: Callable[..., Client]) -> None:
    opened = city.dispatched()
    first, second = (as_("wang").get(f"/cases/{opened.number}/print.pdf").content for _ in range(2))
    assert first == second


def test_who_may_not_see_a_case_cannot_print_it(city: City, as_: Callable[..., Client]) -> None:
    opened = city.dispatched()
    assert as_("qian").get(f"/cases/{opened.number}/print.pdf").status_code == 404


def test_the_paper_speaks_the_readers_language(city: City, as_: Callable[..., Client]) -> None:
    opened = city.dispatched()
    client = as_("wang")
    client.cookies["django_language"] = "en"
    text = text_of(client.get(f"/cases/{opened.number}/print.pdf").content)
    assert "Timelimits" in text.replace(" ", "") or "Limits" in text
