"""How far apart the cells of a workbook lie: the reader of workbooks keeps a place for every one between the first and the last."""

import re
import zipfile

MAX_CELLS = 30_000_000
"""Some 1 GB; a million rows of 28 columns."""
BLOCK, LONGEST = 1 << 20, 1 << 16
"""Bytes that are read at once, and of a tag at most."""
PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,3})([0-9]{1,7})[\"']")
"""Where a cell or a row says that it is."""
BEGUN = re.compile(rb"<(?:\w+:)?(?:c|row)(?![\w:.-])")
ROW = re.compile(rb"<(?:\w+:)?row(?![\w:.-])")
UNPLACED = re.compile(rb"<(?:\w+:)?(c|row)(?![\w:.-])(?![^<>]*\sr\s*=)")
"""A cell or row that follows the one before."""


def cells_spanned(packed: zipfile.ZipFile) -> int:
    """The most places that a sheet of this workbook can take up, whether filled or not; read in blocks."""
    return max((_spanned(packed, member) for member in packed.infolist()), default=0)


def _spanned(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    columns, lines, more_lines, wide, here, rest = {b""}, 0, 0, 0, 0, b""
    with packed.open(member) as file:
        while block := file.read(BLOCK):
            block, rest = _tags_whole(rest + block)
            if len(rest) > LONGEST:
                if BEGUN.match(rest):
                    return MAX_CELLS + 1
                rest = b""  # no sheet: a picture has such bytes
            found = PLACE.findall(block)
            columns.update(letters for letters, _ in found)
            lines = max(lines, max((int(digits) for _, digits in found), default=0))
            unplaced = UNPLACED.findall(block)
            more_lines += unplaced.count(b"row")
            for place, row in enumerate(ROW.split(block) if unplaced or here else ()):
                here = UNPLACED.findall(row).count(b"c") + (0 if place else here)
                wide = max(wide, here)
    return (max(map(_column, columns)) + wide) * (lines + more_lines)


def _tags_whole(block: bytes) -> tuple[bytes, bytes]:
    """A block up to the tag that it breaks off in, and the beginning of that."""
    cut = block.rfind(b"<")
    return (block, b"") if cut < 0 or b">" in block[cut:] else (block[:cut], block[cut:])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
