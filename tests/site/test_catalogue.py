"""The English catalogue: complete, with the placeholders of its sentences, compiled; and pages in English are English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import Opened, Opening, PartyData, case_open
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.workflow.model import STATIONS
from bihuan.lib.declared import declared
from bihuan.packs.hotline.reasons import SENTENCES, reason, reasons_told
from bihuan.packs.hotline.services import order_take
from tools.make_catalogue import CATALOGUE, CHINESE, _key, _of_python, _of_template, sentences, translations

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[.\d]*[a-zA-Z]|\{\w*\}")
TITLE, SAID, ADDRESS = "培训班不退费", "报了培训班一直没有开课,要求退费。", "东昌府区柳园街道3号楼2单元"
DATA = (TITLE, SAID, ADDRESS, "宋女士", "宋**", "中文", "聊城日报")
LAW = re.compile("《[^》]*》(?:第[一二三四五六七八九十百]+条)?")
VOID = {"input", "meta", "link", "br", "img", "hr", "path", "circle", "source", "col"}


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def test_every_sentence_has_english(catalogue: polib.POFile) -> None:
    known = {_key(entry) for entry in catalogue if entry.translated()}
    assert len(known) > 800
    assert [f"{where}: {sentence}" for sentence, where in sentences().items() if sentence not in known] == []


def test_english_holds_no_chinese_but_titles_of_laws(catalogue: polib.POFile) -> None:
    told = ((entry.msgid, text) for entry in catalogue for text in _english(entry))
    assert [sentence for sentence, text in told if CHINESE.search(LAW.sub("", text))] == []


def test_english_has_the_placeholders_of_its_sentence(catalogue: polib.POFile) -> None:
    wrong = [
        (entry.msgid, text)
        for entry in catalogue
        for text in _english(entry)
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(entry.msgid))
    ]
    assert wrong == []


def test_what_is_compiled_is_the_catalogue(catalogue: polib.POFile) -> None:
    assert CATALOGUE.with_suffix(".mo").read_bytes() == catalogue.to_binary()


def test_one_chinese_word_may_be_two_in_english() -> None:
    """A station says what has been done, a step what to do, a state where the case is."""
    with translation.override("en"):
        stations = [declared(label, "station") for _, label in STATIONS]
        words = [
            [declared(word, kind) for kind in ("step", "state", "")]
            for word in ("不予受理", "已撤销", "督办", "办理中")
        ]
    assert stations == [
        *("Found", "Numbered", "Dispatched", "Signed for", "Handled", "Reviewed", "Called back", "Closed")
    ]
    assert words == [
        ["Decline", "Declined", "Declined"],
        ["Closed", "Revoked", "Closed"],
        ["Supervise", "Supervised", "Supervised"],
        ["In handling", "In handling", "In handling"],
    ]
    assert declared("不予受理", "step") == "不予受理"
    assert declared("") == ""


def test_contexts_are_collected_and_translated(tmp_path: Path) -> None:
    page, table = tmp_path / "page.html", tmp_path / "more.tsv"
    page.write_text(
        '{% load i18n %}{% translate "督办" context "step" %}{% translate "督办" %}'
        '{% blocktranslate count n=2 context "mark" %}{{ n }} 件{% plural %}{{ n }} 个{% endblocktranslate %}'
    )
    table.write_text("督办\tSupervised\nstep|督办\tSupervise\n%(n)s 件|%(n)s 件\tone|many\n")
    assert list(_of_template(page)) == ["step\x04督办", "督办", "mark\x04%(n)s 件|%(n)s 个"]
    assert list(_of_python('pgettext("token", "已撤销"), _("已撤销")')) == ["token\x04已撤销", "已撤销"]
    assert translations([str(table)]) == {
        "督办": "Supervised",
        "step\x04督办": "Supervise",
        "%(n)s 件|%(n)s 件": "one|many",
    }


def _english(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


class _Words(HTMLParser):
    """What a page says: its text and the attributes that are read out, without what is marked as Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        chinese = (given.get("lang") or "").startswith("zh")
        if not chinese:
            self.words += [given.get(name) or "" for name in ("aria-label", "placeholder", "title", "alt")]
        if tag not in VOID:
            self.silent.append(chinese or tag in ("script", "style", "template") or any(self.silent[-1:]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.silent.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.silent:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.silent[-1:]):
            self.words.append(data)


def chinese_left(html: str, data: tuple[str, ...]) -> list[str]:
    """What a page says in Chinese besides its data: names, what people wrote, titles of laws."""
    parser = _Words()
    parser.feed(html)
    left = []
    for words in parser.words:
        rest = words
        for known in data:
            rest = rest.replace(known, "")
        if CHINESE.search(LAW.sub("", rest)):
            left.append(words.strip())
    return left


@pytest.fixture
def english(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Client]]:
    """A client of one of the cast (or nobody) who reads English."""

    def log_in(username: str = "", **more: str) -> Client:
        monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: now + timedelta(hours=4))
        client = Client(headers={"accept-language": "en"})
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        if username:
            with kernel_writes():
                client.force_login(Person.objects.get(username=username))
        return client

    yield log_in
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def names(db: None) -> tuple[str, ...]:
    """Names of units and people: the longest first."""
    people = Person.objects.values_list("name", flat=True)
    found = {*people, *Unit.objects.values_list("name", flat=True), *DATA}
    return tuple(sorted(found, key=len, reverse=True))


@pytest.fixture
def case(db: None, now: datetime) -> Opened:
    units = dict(Unit.objects.values_list("code", "id"))
    people = dict(Person.objects.values_list("username", "id"))
    centre = units["371502_12345"]
    opened = case_open(
        Opening(
            pack="hotline", title=TITLE, text=SAID, unit=centre, opened_by=centre, by=people["li"], now=now,
            reported_at=now - timedelta(minutes=5), region="371502", facts={"type": "complaint"},
            parties=(PartyData(name="宋女士", phone="19900000001", address=ADDRESS),),
        )
    )  # fmt: skip
    later = now + timedelta(hours=1)
    case_move(
        case_id=opened.case,
        step="dispatch",
        by=people["li"],
        now=later,
        data={"unit": units["371502_market"]},
    )
    case_move(case_id=opened.case, step="sign_for", by=people["wang"], now=later, data={})
    return opened


@pytest.mark.parametrize(
    ("username", "address", "heading"),
    [
        ("", "/login", "Log in"),
        ("", "/public", "12345 is there for you"),
        ("", "/public/report", "Report a problem"),
        ("", "/public/follow", "Follow"),
        ("wang", "/", "Worklist"),
        ("tang", "/?tab=all", "In handling"),
        ("wang", "/search?q=nothing", "No case that you may see was found."),
        ("wang", "/notices", "Messages"),
        ("wang", "/account", "My account"),
        ("wang", "/account/password", "Change password"),
        ("li", "/hotline/new", "Seat"),
        ("tang", "/hotline/figures", "Dispatch figures"),
        ("admin", "/administration/people", "People"),
        ("admin", "/administration/units", "Units and zones"),
        ("audit", "/audit", "Audit"),
    ],
)
def test_pages_in_english_are_english(
    english: Callable[..., Client],
    names: tuple[str, ...],
    case: Opened,
    username: str,
    address: str,
    heading: str,
) -> None:
    answer = english(username).get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert heading in page
    rules = PolicyRule.objects.all() if address == "/audit" else ()
    said = [text for rule in rules if rule.unit == "words" for texts in rule.value.values() for text in texts]
    stored = [*(rule.legal_basis for rule in rules), *said]
    assert chinese_left(page, tuple(sorted((*stored, *names), key=len, reverse=True))) == []


@pytest.mark.parametrize(
    "step", ["", "answer", "assist", "mediate", "ask_extension", "return", "self_call_back"]
)
def test_the_case_page_and_its_forms_are_english(
    english: Callable[..., Client], names: tuple[str, ...], case: Opened, step: str
) -> None:
    answer = english("wang").get(f"/cases/{case.number}", {"step": step})
    assert answer.status_code == 200
    assert chinese_left(answer.content.decode(), names) == []


DANGER = "楼道里煤气泄漏了,快来人"


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"text": SAID, "matter": "0101", "territory": "古楼街道"}, "(given at registration); place: "),
        ({"text": SAID, "territory": "古楼街道"}, "matter: not given, and no text model is in force; "),
        ({"text": DANGER}, "Danger to life: passed on to 119 at once"),
        (
            {"text": SAID, "matter": "0101", "territory": "月球"},
            "place: “月球” is not among the units of the city",
        ),
        ({"text": SAID, "matter": "0101"}, "place: not stated"),
    ],
)
def test_the_reasons_of_a_dispatch_are_english(
    english: Callable[..., Client], names: tuple[str, ...], now: datetime, order: dict[str, str], reason: str
) -> None:
    """On the case page, where the remark of the system's own step tells them, and in the answer to whoever registers."""
    order = {"title": TITLE, **order}
    taken = order_take(data={"phone": "19900000001", **order}, by=0, now=now)
    data = (DANGER, "月球", "煤气泄漏", *names)
    told = english("tang").get(f"/cases/{taken.number}").content.decode()
    assert reason in told
    assert chinese_left(told, data) == []
    sent = {"type": "help", "channel": "telephone", "reporter": "李女士", "key": "k", **order}
    answer = english("li").post("/hotline/new", {"phone": "19900000002", **sent}, follow=True)
    registered = answer.content.decode()
    assert answer.redirect_chain
    assert reason.split("; ", maxsplit=1)[0] in registered
    assert chinese_left(registered, ("李女士", "李**", *data)) == []


def test_every_reason_is_found_again_in_what_is_stored(names: tuple[str, ...]) -> None:
    values = {
        "matter": "道路积水", "unit": "古楼街道", "runner": "东昌府区", "follow": "聊城市", "law": "《派单目录》", "why": "地点不明",
        "service": "119", "confidence": "0.93", "words": "x", "label": "x", "weighed": "“x”", "route": "x",
    }  # fmt: skip
    stored = [reason(code, **values) for code in SENTENCES]
    assert reasons_told(stored) == stored
    with translation.override("en"):
        told = reasons_told(stored)
        left = [one for one in told if chinese_left(one, ("道路积水", *names))]
    assert left == []
    assert len(set(told)) == len(told)


def test_units_go_by_their_english_name_in_english(english: Callable[..., Client], case: Opened) -> None:
    unit = Unit.objects.get(code="371502_market")
    page = english("wang").get(f"/cases/{case.number}").content.decode()
    assert f"<dd>{unit.name_en}" in page
    assert f"<dd>{unit.name}" not in page


def test_a_refused_step_is_told_in_english(
    english: Callable[..., Client], names: tuple[str, ...], case: Opened
) -> None:
    sent = {"version": case.version + 2, "outcome": "nothing", "answer": ""}
    answer = english("wang").post(f"/cases/{case.number}/steps/answer", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not one of the choices." in page
    assert chinese_left(page, names) == []


def test_a_refused_order_is_told_in_english(english: Callable[..., Client], names: tuple[str, ...]) -> None:
    answer = english("li").post("/hotline/new", {"text": "", "phone": "12", "matter": "x", "key": "k"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Not registered yet: please correct what is marked below." in page
    assert "This is not a telephone number." in page
    assert chinese_left(page, names) == []


def test_the_search_for_chinese_finds_chinese() -> None:
    page = '<p>已办结 《济南市12345条例》</p><b title="到期">due</b><button lang="zh-CN">中文</button><i>宋女士</i><br>ok'
    assert chinese_left(page, ("宋女士",)) == ["已办结 《济南市12345条例》", "到期"]
