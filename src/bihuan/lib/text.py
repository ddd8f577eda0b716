"""Text and moments as they come from people and files: cleaned, bounded, refused with field and rule.

Also the search terms of Chinese text (`bigrams`), the same function for documents and queries.
"""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from operator import add
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST_YEAR = 1990
WORD_LIMIT = 32

_NEWLINES = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_REFUSED = re.compile("|".join(pattern.pattern for pattern in (_SURROGATES, _CONTROLS, _BIDI)))
_NO_KEY = re.compile(r"[^\w.:-]", re.ASCII)
_EDGES = " \t\n\u00a0\u3000\ufeff"


class FieldError(ValueError):
    """A value refused: `field` as the caller named it, `rule` a short code, `message` a sentence in Chinese."""

    def __init__(self, field: str, rule: str, message: str) -> None:
        super().__init__(f"{field}：{message}")
        self.field = field
        self.rule = rule
        self.message = message


def number_of(text: str) -> int | None:
    """The whole number of at most 18 digits that a text is, as an id in an address; None when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def clean_text(
    value: object, *, field: str, max_length: int, min_length: int = 0, multiline: bool = True
) -> str:
    """`value` in NFC with \\n line ends and trimmed edges; lengths are in characters after cleaning.

    Raises FieldError with rule not_text, too_long, surrogate, control_character, bidi_override, line_break, empty
    or too_short. A text far beyond the limit is refused by its size alone, before any other work.
    """
    if not isinstance(value, str):
        raise FieldError(field, "not_text", "应为文字")
    if len(value) > 4 * max_length + 256:
        raise _too_long(field, max_length)
    text = _NEWLINES.sub("\n", value)
    if _REFUSED.search(text):
        _refuse(_SURROGATES, text, field, "surrogate", "含有不完整的字符编码")
        _refuse(_CONTROLS, text, field, "control_character", "含有控制字符")
        _refuse(_BIDI, text, field, "bidi_override", "含有改变文字方向的隐藏字符")
    text = unicodedata.normalize("NFC", text).strip(_EDGES)
    if not multiline and ("\n" in text or "\t" in text):
        raise FieldError(field, "line_break", "不能换行，也不能含制表符")
    if len(text) > max_length:
        raise _too_long(field, max_length)
    if len(text) < min_length:
        raise (
            FieldError(field, "too_short", f"不能少于{min_length}个字")
            if text
            else FieldError(field, "empty", "不能为空")
        )
    return text


def key_cleaned(typed: str, *, most: int = 64) -> str:
    """The key by which a form is taken once, as it was sent: without what no key of ours has, at most so long."""
    return _NO_KEY.sub("", typed[: 4 * most])[:most]


def _too_long(field: str, max_length: int) -> FieldError:
    return FieldError(field, "too_long", f"不能超过{max_length}个字")


def _refuse(pattern: re.Pattern[str], text: str, field: str, rule: str, message: str) -> None:
    found = pattern.search(text)
    if found:
        sign = f"U+{ord(found.group()):04X}"
        raise FieldError(field, rule, f"{message}（第{found.start() + 1}个字符，{sign}）")


_MOMENT = re.compile(
    r"(\d{4})(?:[-/.]|\s*年\s*)(\d{1,2})(?:[-/.]|\s*月\s*)(\d{1,2})\s*日?"
    r"(?:[T ]*(\d{1,2})\s*[:时]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2})(?:\.(\d{1,9}))?)?\s*[分秒]?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  its zone is set with the time


def parse_moment(value: object, *, field: str, now: datetime) -> datetime:
    """The moment meant, aware, in Asia/Shanghai; what has no zone is taken as Shanghai's clock.

    Takes 2019/2/28 11:25:05, 2020-09-03, 2020年9月3日 10时5分, 20200903[100000], ISO 8601 with zone, datetime and
    date objects, and Excel serial days (1900 system, as number or as text of five digits). A day alone is its 00:00.
    Raises FieldError with rule empty, date_format, impossible_date, date_too_early (before 1990) or future_date
    (after `now`, which must be aware).
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    moment = _moment_read(value, field)
    if moment.year < EARLIEST_YEAR:
        raise FieldError(field, "date_too_early", f"不能早于{EARLIEST_YEAR}年")
    try:
        moment = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    except OverflowError:
        raise FieldError(field, "impossible_date", "不是存在的日期时间") from None
    if moment > now:
        raise FieldError(field, "future_date", "不能晚于现在")
    if moment.year < EARLIEST_YEAR:
        raise FieldError(field, "date_too_early", f"不能早于{EARLIEST_YEAR}年")
    return moment


def _moment_read(value: object, field: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _serial_moment(float(value), field)
    if value is None or (isinstance(value, str) and not value.strip(_EDGES)):
        raise FieldError(field, "empty", "不能为空")
    if not isinstance(value, str) or len(value) > 64:
        raise FieldError(field, "date_format", "不是认得的日期格式，例如 2020-09-03 10:00:00")
    return _text_moment(unicodedata.normalize("NFKC", value).strip(_EDGES), field)


def _serial_moment(serial: float, field: str) -> datetime:
    if not math.isfinite(serial) or not 1 <= serial < 2958466:
        raise FieldError(field, "impossible_date", "不是有效的Excel日期序号")
    return _SERIAL_EPOCH + timedelta(seconds=round(serial * 86400))


def _text_moment(text: str, field: str) -> datetime:
    if _SERIAL.fullmatch(text):
        return _serial_moment(float(text), field)
    found = _MOMENT.fullmatch(text)
    compact = _COMPACT.fullmatch(text)
    if found is None and compact is None:
        raise FieldError(field, "date_format", "不是认得的日期格式，例如 2020-09-03 10:00:00")
    parts = found.groups() if found else (*compact.groups(), None, None)  # type: ignore[union-attr]
    year, month, day, hour, minute, second = (int(part or 0) for part in parts[:6])
    fraction = int((parts[6] or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, fraction)  # noqa: DTZ001  the zone follows
        zone = parts[7]
        return moment if zone is None else datetime.fromisoformat(moment.isoformat() + zone)
    except ValueError:
        raise FieldError(field, "impossible_date", "不是存在的日期时间") from None


_RUNS = re.compile(
    r"([\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
    r"|([^\W_\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
)


def bigrams(text: str, *, query: bool = False) -> list[str]:
    """Search terms, each once, in order of appearance; the text is first made NFKC and lower case.

    A run of Han characters gives its overlapping pairs, a run of one gives that character. A word of other letters
    and digits gives, in a document, all its prefixes (to 32 characters) and, with `query`, only itself: a query word
    finds words that begin with it. A document holds all terms of a query when it holds every Han phrase of two or
    more characters and the beginning of every other word. With `query`, lone Han characters are left out when
    anything else is asked, since longer runs in documents do not hold them.
    """
    terms: dict[str, None] = {}
    lone: dict[str, None] = {}
    for run in _RUNS.finditer(unicodedata.normalize("NFKC", text).lower()):
        han, word = run.groups()
        if word is not None:
            word = word[:WORD_LIMIT]
            terms.update(
                dict.fromkeys([word] if query else [word[:size] for size in range(1, len(word) + 1)])
            )
        elif len(han) > 1:
            terms.update(dict.fromkeys(map(add, han, han[1:])))
        else:
            (lone if query else terms)[han] = None
    return list(terms or lone)
