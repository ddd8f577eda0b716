"""Workbooks of kinds that no library here writes, byte by byte: .xls and .xlsb with a cell wherever a test wants it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable

Cells = Iterable[tuple[int, int, str]]
"""Line and place, from 0, and what stands there."""
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship
 Id="r1" Target="worksheets/sheet1.bin"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>"""


def old_workbook(cells: Cells) -> bytes:
    """An .xls file: BIFF8 in a compound file."""
    name = bytes([1, 0]) + b"S"
    begin = 20 + 4 + 6 + len(name) + 4
    sheets = _begin(5) + _record(0x85, struct.pack("<IBB", begin, 0, 0) + name) + _record(0x0A, b"")
    rows = b"".join(
        _record(0x204, struct.pack("<HHHHB", line, place, 0, len(text), 0) + text.encode())
        for line, place, text in cells
    )
    stream = sheets + _begin(0x10) + rows + _record(0x0A, b"")
    return _compound(stream.ljust(4096, b"\0"))


def _begin(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(stream: bytes) -> bytes:
    last = len(stream) // 512 + 1
    chain = [FAT, END, *range(3, last + 1), END]
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    head += struct.pack("<10I", 0, 1, 1, 0, 4096, END, 0, END, 0, 0) + b"\xff" * 432
    folder = _entry("Root Entry", 5, END, 0, 1) + _entry("Workbook", 2, 2, len(stream), FREE) + bytes(256)
    return head + struct.pack("<128I", *chain, *[FREE] * (128 - len(chain))) + folder + stream


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    text = f"{name}\0".encode("utf-16-le")
    told = struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child)
    return text.ljust(64, b"\0") + told + bytes(36) + struct.pack("<IQ", start, size)


def binary_workbook(cells: Cells) -> bytes:
    """An .xlsb file."""
    book = _part(0x83) + _part(0x99, bytes(8) + _wide("")) + _part(0x8F)
    book += (
        _part(0x9C, struct.pack("<II", 0, 1) + _wide("r1") + _wide("S"))
        + _part(0x90)
        + _part(0x9D, bytes(26))
        + _part(0x84)
    )
    sheet = _part(0x81) + _part(0x94, struct.pack("<IIII", 0, 1, 0, 1)) + _part(0x91)
    for line, place, text in cells:
        sheet += _part(0, struct.pack("<I", line) + bytes(13)) + _part(
            6, struct.pack("<II", place, 0) + _wide(text)
        )
    return packed(
        {
            "[Content_Types].xml": b"<Types/>", "xl/_rels/workbook.bin.rels": RELATIONS.encode(), "xl/workbook.bin": book,
            "xl/worksheets/sheet1.bin": sheet + _part(0x92) + _part(0x82),
        }
    )  # fmt: skip


def packed(members: dict[str, bytes]) -> bytes:
    """A zip of these."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def _part(kind: int, data: bytes = b"") -> bytes:
    sign = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return sign + bytes([len(data)]) + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
