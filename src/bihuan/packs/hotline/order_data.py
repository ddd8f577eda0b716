"""What comes in as an order, and its cleaning: every field bounded, in its own type, or refused by name and
rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from bihuan.kernel.cases.opening import PartyData
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.identifiers import id_number_fault, id_number_normal, phone_fault, phone_normal
from bihuan.lib.text import SHANGHAI, FieldError, clean_text, parse_moment
from bihuan.packs.hotline.rules import CHANNELS, TYPES

TITLE_LIMIT = 200
TEXT_LIMIT = 4000
TAKEN_OVER_LIMIT = 20_000
"""Characters of a text or answer that was written elsewhere and is taken over from a file."""
DERIVED_TITLE = 30

CHANNEL_WORDS = {label: code for code, label in CHANNELS} | {
    "热线": "telephone", "来电": "telephone", "12345": "telephone", "APP": "app", "手机APP": "app",
    "网络": "web",
    "微信公众号": "wechat", "邮箱": "email", "省12345": "province", "市12345": "city",
}  # fmt: skip
TYPE_WORDS = {label: code for code, label in TYPES} | {
    "投诉举报": "complaint",
    "其它": "other",
    "感谢": "praise",
}
YES = frozenset(("1", "true", "yes", "y", "on", "是", "保密", "紧急"))
NO = frozenset(("", "0", "false", "no", "n", "off", "否", "不保密", "一般"))
RETURNING = ("due_at", "number", "return_count", "return_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderData:
    """An order as it comes, not yet cleaned. Codes or Chinese labels; moments as people write them or
    aware.

    `territory`, `accused` and `matter` are codes or names. `superior` is {number, due_at, return_days,
    return_count}. `answer` and `answered_at` belong to history that is taken over closed.
    """

    text: Any
    title: Any = ""
    channel: Any = ""
    type: Any = ""
    place: Any = ""
    territory: Any = ""
    matter: Any = ""
    reporter: Any = ""
    phone: Any = ""
    id_number: Any = ""
    address: Any = ""
    confidential: Any = False
    urgent: Any = False
    accused: Any = ""
    reported_at: Any = None
    external_id: Any = ""
    superior: Any = None
    answer_at_seat: Any = False
    answer: Any = ""
    answered_at: Any = None


FIELDS = tuple(f.name for f in fields(OrderData))


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanOrder:
    """An order whose fields are clean. `territory` is still as people wrote it; `accused` is a unit's id."""

    title: str
    text: str
    channel: str
    type: str
    place: str
    territory: str
    matter: str
    party: PartyData
    confidential: bool
    urgent: bool
    accused: int | None
    reported_at: datetime
    external_id: str | None
    superior: Mapping[str, Any] | None
    answer_at_seat: bool
    answer: str
    answered_at: datetime | None
    now: datetime

    @property
    def closed(self) -> bool:
        """Is it history that was answered already?"""
        return self.answered_at is not None

    @property
    def on(self) -> date:
        return self.now.astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Words:
    """What names mean here: `matter` and `accused` give a matter's code and a unit's id, or None."""

    matter: Callable[[str], str | None]
    accused: Callable[[str, date], int | None]


@dataclass
class _Cleaner:
    data: Mapping[str, Any]
    now: datetime
    long: int
    faults: list[FieldError] = field(default_factory=list)

    def take(self, read: Callable[[], Any], default: Any = None) -> Any:
        try:
            return read()
        except FieldError as fault:
            self.faults.append(fault)
            return default

    def text(self, name: str, limit: int, *, least: int = 0, multiline: bool = False) -> str:
        value = self.data.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)

        def read() -> str:
            return clean_text(
                value or "", field=name, max_length=limit, min_length=least, multiline=multiline
            )

        return str(self.take(read, ""))

    def choice(self, name: str, known: Mapping[str, str], label: str, default: str) -> str:
        value = self.text(name, 60)
        if not value:
            return default
        code = value if value in known.values() else known.get(value)
        if code is None:
            options = "、".join(dict.fromkeys(known))
            self.faults.append(
                FieldError(name, "choice", f"“{label}”没有“{value[:20]}”这一项,可以是:{options}")
            )
        return code or default

    def yes(self, name: str) -> bool:
        value = str(self.data.get(name) or "").strip().lower()
        if value not in YES | NO:
            self.faults.append(FieldError(name, "yes_or_no", "只能是“是”或“否”"))
        return value in YES

    def moment(self, name: str) -> datetime | None:
        value = self.data.get(name)
        if value is None or value == "":
            return None
        moment: datetime | None = self.take(lambda: parse_moment(value, field=name, now=self.now))
        return moment


def order_clean(
    data: OrderData | Mapping[str, Any], *, now: datetime, words: Words, taken_over: bool = False
) -> tuple[CleanOrder | None, list[FieldError]]:
    """The clean order, or None with every fault found. `taken_over` allows longer texts and history with an
    answer.
    """
    values = {name: getattr(data, name) for name in FIELDS} if isinstance(data, OrderData) else dict(data)
    it = _Cleaner(values, now, TAKEN_OVER_LIMIT if taken_over else TEXT_LIMIT)
    it.faults += [
        FieldError(str(name)[:50], "unknown", "没有这一项") for name in values if name not in FIELDS
    ]
    text = it.text("text", it.long, least=1, multiline=True)
    confidential = it.yes("confidential")
    kind = it.choice("type", TYPE_WORDS, "诉求类型", "other")
    reported = it.moment("reported_at")
    order = CleanOrder(
        title=it.text("title", TITLE_LIMIT) or title_of(text),
        text=text,
        channel=it.choice("channel", CHANNEL_WORDS, "来源", "import" if taken_over else "telephone"),
        type=kind,
        place=it.text("place", 200),
        territory=it.text("territory", 80),
        matter=_named(it, "matter", words.matter, "unknown_matter", "没有这个事项"),
        party=_party(it, confidential=confidential or kind == "report"),
        confidential=confidential or kind == "report",
        urgent=it.yes("urgent"),
        accused=_named(
            it, "accused", lambda name: words.accused(name, day_of(now)), "unknown_unit", "没有这个单位"
        ),
        reported_at=reported or now,
        external_id=it.text("external_id", 80) or None,
        superior=_superior(it),
        answer_at_seat=it.yes("answer_at_seat"),
        now=now,
        **_answered(it, reported, taken_over),
    )
    return (None, it.faults) if it.faults else (order, [])


def title_of(text: str) -> str:
    """A title from a text: its first sentence, at most 30 characters."""
    first = text.strip().split("\n", 1)[0].replace("\t", " ")
    for end in "。!?！？;；":
        first = first.split(end, 1)[0]
    return first if len(first) <= DERIVED_TITLE else first[: DERIVED_TITLE - 1] + "…"


def _named(it: _Cleaner, name: str, find: Callable[[str], Any], rule: str, message: str) -> Any:
    value = it.text(name, 80)
    found = find(value) if value else None
    if value and found is None:
        it.faults.append(FieldError(name, rule, f"{message}:“{value[:30]}”"))
    return found if found is not None else ("" if name == "matter" else None)


def _party(it: _Cleaner, *, confidential: bool) -> PartyData:
    phone, number = it.text("phone", 40), it.text("id_number", 40)
    if phone and (fault := phone_fault(phone)):
        it.faults.append(FieldError("phone", "phone", fault))
    if number and (fault := id_number_fault(number, today=day_of(it.now))):
        it.faults.append(FieldError("id_number", "id_number", fault))
    return PartyData(
        name=it.text("reporter", 60),
        phone=phone_normal(phone) if phone else "",
        id_number=id_number_normal(number) if number else "",
        address=it.text("address", 200),
        confidential=confidential,
    )


def _superior(it: _Cleaner) -> dict[str, Any] | None:
    """A superior's number, deadline (aware, may lie ahead), return term in days and count."""
    given = it.data.get("superior")
    if not given:
        return None
    if not isinstance(given, Mapping) or set(given) - set(RETURNING):
        it.faults.append(FieldError("superior", "superior", "应有上级编号、期限、退单天数和退单次数"))
        return None
    value: dict[str, Any] = {}
    number = it.take(
        lambda: clean_text(
            given.get("number", ""), field="superior.number", max_length=80, min_length=1, multiline=False
        )
    )
    value["number"] = number
    if given.get("due_at") not in (None, ""):
        latest = it.now.replace(year=it.now.year + 2, day=1)
        due = it.take(lambda: parse_moment(given["due_at"], field="superior.due_at", now=latest))
        value["due_at"] = due.isoformat() if due else None
    for name in ("return_days", "return_count"):
        if given.get(name) not in (None, ""):
            value[name] = _small_number(it, f"superior.{name}", given[name])
    return value


def _small_number(it: _Cleaner, name: str, value: Any) -> int | None:
    if str(value).isascii() and str(value).isdigit() and int(str(value)[:4]) <= 365:
        return int(str(value)[:4])
    it.faults.append(FieldError(name, "number", "应为0至365的整数"))
    return None


def _answered(it: _Cleaner, reported: datetime | None, taken_over: bool) -> dict[str, Any]:
    answer, at = it.text("answer", it.long, multiline=True), it.moment("answered_at")
    failed = any(f.field in ("answer", "answered_at") for f in it.faults)
    if (answer or at) and not taken_over:
        it.faults.append(FieldError("answer", "not_taken_over", "新登记的件不能带答复"))
    elif answer and at is None and not failed:
        it.faults.append(FieldError("answered_at", "empty", "有答复而没有答复时间"))
    elif at is not None and not answer and not failed:
        it.faults.append(FieldError("answer", "empty", "有答复时间而没有答复"))
    if at is not None and reported is not None and at < reported:
        it.faults.append(FieldError("answered_at", "before_report", "答复时间早于反映时间"))
    return {"answer": answer, "answered_at": at if answer else None}
