"""Which kind of table a file is (by its bytes, not its name), unpacked if need be; and its fingerprint."""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from bihuan.lib.tables.csv_files import open_csv
from bihuan.lib.tables.rows import Row, Table, TableError
from bihuan.lib.tables.workbooks import open_workbook

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
MAX_WORKBOOK = 256 << 20

Reopen = Callable[[], BinaryIO]


def open_table(
    path: str | Path, *, sheet: str | None = None, published: bool = False, blank: bool = False
) -> Table:
    """The table in `path`: CSV, .xlsx, .xls, a gzip of one, or a zip with exactly one of them.

    `sheet` names a worksheet (default: the first). A list as offices have `published` it may have up to three lines of title
    above its header, a header of two lines, and cells merged downwards, which hold for every row that they cover. `blank`: a CSV's rows of blank cells count, but for those at its end. TableError when the file is no readable table; OSError when it
    cannot be opened. CSV is streamed; a workbook is held in memory.
    """
    source = Path(path)
    try:
        return _opened(source, sheet, published, blank)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError) as error:
        raise TableError(0, "", "unreadable", "压缩文件已损坏") from error


def read_rows(path: str | Path, *, sheet: str | None = None) -> Iterator[Row]:
    """The rows of `open_table(path)`, closing the file at the end."""
    with open_table(path, sheet=sheet) as table:
        yield from table.rows


def file_fingerprint(path: str | Path) -> str:
    """SHA-256 of the file in hex, read in blocks: the key under which an import can be resumed."""
    with Path(path).open("rb") as binary:
        return hashlib.file_digest(binary, "sha256").hexdigest()


def _opened(source: Path, sheet: str | None, published: bool, blank: bool) -> Table:
    with source.open("rb") as binary:
        head = binary.read(4)
    if head == b"PK\x03\x04" and not _is_workbook(source):
        return _table_told(_only_member(source), sheet, published, blank)
    if head.startswith(b"\x1f\x8b"):
        return _table_told(lambda: cast(BinaryIO, gzip.open(source)), sheet, published, blank)
    return _table_told(lambda: source.open("rb"), sheet, published, blank)


def _table_told(reopen: Reopen, sheet: str | None, published: bool, blank: bool) -> Table:
    with reopen() as binary:
        head = binary.read(4)
    if not head:
        raise TableError(0, "", "empty_file", "文件是空的")
    if head in (b"\xd0\xcf\x11\xe0", b"PK\x03\x04"):
        with reopen() as binary:
            return open_workbook(_seekable(binary), sheet=sheet, published=published)
    if head.startswith(b"\x1f\x8b"):
        raise TableError(0, "", "nested_archive", "压缩文件里还是压缩文件")
    if head == b"%PDF":
        raise TableError(0, "", "pdf", "这是PDF文件，不是表格；请导入CSV或Excel文件")
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise TableError(0, "", "image", "这是图片，不是表格；请导入CSV或Excel文件")
    if head.removeprefix(b"\xef\xbb\xbf")[:1] == b"<":
        raise TableError(0, "", "web_page", "这是网页，不是表格；请用Excel打开后另存为xlsx")
    return open_csv(reopen, published=published, blank=blank)


def _is_workbook(source: Path) -> bool:
    with zipfile.ZipFile(source) as packed:
        return "[Content_Types].xml" in packed.namelist()


def _seekable(binary: BinaryIO) -> BinaryIO:
    data = binary.read(MAX_WORKBOOK + 1)
    if len(data) > MAX_WORKBOOK:
        raise TableError(0, "", "too_large", "Excel文件超过256MB")
    return io.BytesIO(data)


def _only_member(source: Path) -> Reopen:
    with zipfile.ZipFile(source) as packed:
        members = [member for member in packed.infolist() if _is_table(member.filename)]
    if len(members) != 1:
        raise TableError(0, "", "archive", f"压缩文件里应正好有一个表格，现有{len(members)}个")
    if members[0].flag_bits & 1:
        raise TableError(0, "", "archive", "压缩文件有密码")
    return lambda: _member_opened(source, members[0].filename)


def _member_opened(source: Path, name: str) -> BinaryIO:
    """The archive closes with the member: a ZipFile keeps its file until the last open member is closed."""
    with zipfile.ZipFile(source) as packed:
        return cast(BinaryIO, packed.open(name))


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = path.name.startswith((".", "~$")) or "__MACOSX" in path.parts
    return not hidden and path.suffix.lower() in TABLE_SUFFIXES
