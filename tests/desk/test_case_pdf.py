"""A case on paper: everything that the page shows, masked; nothing in it can become markup."""

from __future__ import annotations

import io
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from bihuan.kernel.cases.opening import PartyData
from tests.desk.conftest import City
from tests.lib.test_sniffing import picture

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
    assert "Limits" in text
    assert "Unit in charge: Dongchangfu District Market Regulation Bureau" in text


def test_photographs_are_on_the_paper_small(city: City, as_: Callable[..., Client]) -> None:
    opened = city.handling()
    wang = as_("wang", after=2)
    files = [
        SimpleUploadedFile("现场.png", picture("PNG")),
        SimpleUploadedFile("说明.txt", "情况说明".encode()),
    ]
    assert (
        wang.post(f"/cases/{opened.number}/attachments", {"file": files, "kind": "after"}).status_code == 302
    )
    pdf = wang.get(f"/cases/{opened.number}/print.pdf").content
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert sum(len(page.images) for page in pages) == 1
    text = text_of(pdf)
    assert "说明.txt" in text and "现场.png" in text and "处理后 ·" in text
