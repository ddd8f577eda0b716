"""CSV: encoding told from the bytes, delimiter from the header, rows streamed and bounded."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import BinaryIO, Self, TextIO

from bihuan.lib.tables.rows import TITLES, Cell, Fault, Heading, Row, Table, TableError

BLOCK = 1 << 20
MAX_BYTES = 2 << 30
MAX_LINE = 16 << 20
MAX_RECORD_LINES = 1000
COMMON_SHARE = 0.8

_ESCAPED = re.compile("[\udc80-\udcff]")
"""What stands for bytes that the file's encoding does not know."""
_UTF16_MARKS = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _RecordBroken(Exception):
    """One record cannot be read; `rule` and `message` say why. `cells`: what can be given back."""

    def __init__(self, rule: str, message: str, cells: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.cells = cells
        self.rule = rule
        self.message = message


class _Lines:
    """Text lines for csv.reader. Remembers the record under way, so that a quote never closed costs one line only."""

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.waiting: deque[str] = deque()
        self.record: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else self.text.readline(MAX_LINE)
        if not line and not self.record:
            raise StopIteration
        if not line or len(self.record) >= MAX_RECORD_LINES:
            if line:
                self.record.append(line)
            raise self._unclosed()
        if len(line) >= MAX_LINE and not line.endswith(("\n", "\r")):
            self._skip_line()
            raise _RecordBroken("line_too_long", f"一行超过{MAX_LINE}个字")
        self.record.append(line)
        return line

    def _unclosed(self) -> _RecordBroken:
        self.waiting.extendleft(reversed(self.record[1:]))
        return _RecordBroken("open_quote", "引号没有闭合", (self.record[0].rstrip("\r\n"),))

    def _skip_line(self) -> None:
        while (rest := self.text.readline(BLOCK)) and not rest.endswith(("\n", "\r")):
            pass


def open_csv(reopen: Callable[[], BinaryIO], *, published: bool = False, blank: bool = False) -> Table:
    """A table from a CSV; `reopen` gives the bytes from the beginning, as often as asked. `published`, `blank`: as `open_table`.

    Encodings: UTF-8 with or without BOM, UTF-16 with BOM, GB18030; a row in another encoding than most is a fault of
    that row. Delimiter: comma, semicolon or tab, whichever the
    header has most of. TableError (rule encoding, nul_byte, empty_file, too_large or of the header) for all else.
    """
    with reopen() as binary:
        encoding = _encoding_told(binary)
    if encoding == "?":
        encoding = _encoding_guarded(reopen)
    text = io.TextIOWrapper(reopen(), encoding=encoding, errors="surrogateescape", newline="")
    try:
        return _table_started(text, encoding, published=published, blank=blank)
    except UnicodeError as error:
        text.close()
        raise TableError(0, "", "encoding", "文件的编码不完整") from error
    except BaseException:
        text.close()
        raise


def _table_started(text: TextIO, encoding: str, *, published: bool, blank: bool) -> Table:
    if csv.field_size_limit() < MAX_LINE:
        csv.field_size_limit(MAX_LINE)
    lines = _Lines(text)
    head, skipped = _head(text, 0)
    if published:
        head, skipped, below = _titles_left(text, head, skipped)
        lines.waiting.extend(below)
    if not head:
        raise TableError(0, "", "empty_file", "文件是空的")
    lines.waiting.appendleft(head)
    delimiter = _delimiter_told(head)
    records = _records(lines, delimiter)
    first = next(records)
    if isinstance(first, _RecordBroken):
        raise TableError(skipped + 1, "", first.rule, first.message)
    heading = Heading(first, skipped + 1)
    form = f"csv {encoding} {'tab' if delimiter == chr(9) else delimiter}"
    return Table(heading.headers, _rows(heading, records, blank), form=form, close=text.close)


def _head(text: TextIO, before: int) -> tuple[str, int]:
    """The next line that is not blank, and how many lines lie before it."""
    head = text.readline(MAX_LINE)
    while head and not head.strip("\r\n \t,;\u3000\ufeff"):
        before += 1
        head = text.readline(MAX_LINE)
    return head, before


def _titles_left(text: TextIO, head: str, skipped: int) -> tuple[str, int, list[str]]:
    """The header below at most `TITLES` lines of a single cell, how many lines lie above it, and what was read after it; without such
    a header the first line is it."""
    found = [(head, skipped)]
    while len(found) <= TITLES and _is_single(found[-1][0]):
        found.append(_head(text, found[-1][1] + 1))
    last = found[-1][0]
    if last.count(_delimiter_told(last)) >= 2 and not _is_single(last):
        return (*found[-1], [])
    below: list[str] = []
    for (_line, before), (line, at) in pairwise(found):
        below += ["\n"] * (at - before - 1) + [line]
    return head, skipped, below


def _is_single(line: str) -> bool:
    """Nothing but one cell, and it may be blank ones after it."""
    bare = line.rstrip("\r\n ,;\t")
    return bool(bare) and _delimiter_told(bare) not in bare


def _delimiter_told(head: str) -> str:
    outside = re.sub(r'"[^"]*"?', "", head)
    return max(",;\t", key=outside.count)


def _records(lines: _Lines, delimiter: str) -> Iterator[list[str] | _RecordBroken]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.record.clear()
        try:
            yield next(reader)
        except StopIteration:
            return
        except _RecordBroken as broken:
            yield broken
            reader = csv.reader(lines, delimiter=delimiter)
        except csv.Error:
            yield _RecordBroken("broken_row", "这一行不是有效的CSV")
            reader = csv.reader(lines, delimiter=delimiter)
        except UnicodeError as error:
            raise TableError(0, "", "encoding", "文件的编码不完整") from error


def _rows(heading: Heading, records: Iterator[list[str] | _RecordBroken], blank: bool) -> Iterator[Row]:
    """`blank`: rows of blank cells as well, but for those at the end."""
    waiting: list[Row] = []
    for line, record in enumerate(records, heading.line + 1):
        row = _row(heading, line, record)
        if row is not None:
            yield from waiting
            waiting.clear()
            yield row
        elif blank and isinstance(record, list) and len(record) > 1:
            waiting.append(Row(line, tuple(record), dict.fromkeys(heading.headers, "")))


def _row(heading: Heading, line: int, record: list[str] | _RecordBroken) -> Row | None:
    if isinstance(record, _RecordBroken):
        return Row(line, record.cells, {}, (Fault("", record.rule, record.message),))
    faults = [
        Fault(heading.headers[place] if place < len(heading.headers) else "", *broken)
        for place, cell in enumerate(record)
        if (broken := _cell_broken(cell))
    ]
    cells: list[Cell] = list(record)
    return heading.row(line, cells, faults[:1])


def _cell_broken(cell: str) -> tuple[str, str] | None:
    """Rule and message of a cell whose bytes are no text."""
    if "\0" in cell:
        return "nul_byte", "含有空字符"
    if not cell.isascii() and _ESCAPED.search(cell):
        return "encoding", "这一格的文字编码与整个文件不同"
    return None


def _encoding_told(binary: BinaryIO) -> str:
    """utf-16 by its mark, utf-8 (the mark is dropped) when every byte fits, else "?"."""
    head = binary.read(BLOCK)
    for mark, name in _UTF16_MARKS:
        if head.startswith(mark):
            return name
    if head[:4096].count(0) * 10 > len(head[:4096]):
        raise TableError(0, "", "nul_byte", "不是文本文件，或是没有标记的UTF-16；请另存为UTF-8")
    decoder = codecs.getincrementaldecoder("utf-8")()
    size = 0
    while head:
        size += len(head)
        if size > MAX_BYTES:
            raise TableError(0, "", "too_large", "文件超过2GB")
        try:
            decoder.decode(head)
        except UnicodeDecodeError:
            return "?"
        head = binary.read(BLOCK)
    return "?" if decoder.getstate()[0] else "utf-8-sig"


def _encoding_guarded(reopen: Callable[[], BinaryIO]) -> str:
    """gb18030 when the bytes fit and read as ordinary Chinese; else what more than half of the lines with other signs
    than ASCII are in; otherwise TableError at the first byte not UTF-8."""
    if _is_ordinary(reopen):
        return "gb18030"
    counts = {"utf-8": 0, "gb18030": 0}
    foreign, first = 0, 0
    with reopen() as binary:
        for number, line in enumerate(iter(lambda: binary.readline(MAX_LINE), b""), 1):
            if line.isascii():
                continue
            foreign += 1
            name = "utf-8" if _reads(line, "utf-8") else "gb18030" if _reads(line, "gb18030") else ""
            if name != "utf-8":
                first = first or number
            if name:
                counts[name] += 1
    for name, count in counts.items():
        if count * 2 > foreign:
            return "utf-8-sig" if name == "utf-8" else name
    raise TableError(first, "", "encoding", "文字编码既不是UTF-8也不是GB18030；请另存为UTF-8")


def _is_ordinary(reopen: Callable[[], BinaryIO]) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    foreign = common = 0
    with reopen() as binary:
        try:
            while True:
                block = binary.read(BLOCK)
                more = _signs(decoder.decode(block, final=not block))
                foreign, common = foreign + more[0], common + more[1]
                if not block:
                    return common >= COMMON_SHARE * foreign
        except UnicodeDecodeError:
            return False


def _signs(text: str) -> tuple[int, int]:
    """How many signs are not ASCII, and how many of them are common Chinese."""
    signs = re.sub(r"[\x00-\x7f]+", "", text)
    return len(signs), sum(1 for sign in signs.encode("gb2312", "ignore")[::2] if sign < 0xD8)


def _reads(line: bytes, encoding: str) -> bool:
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return False
    foreign, common = _signs(text)
    return encoding == "utf-8" or common >= COMMON_SHARE * foreign
