"""Training the text model from CSV files, and classifying a CSV file with it, row by row."""

import codecs
import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bihuan.lib.replacing import replacing
from bihuan.packs.hotline.text.model import TextModel, with_metrics

ADDED_COLUMNS = ("label", "confidence", "abstain", "reasons")
MAX_CELL_CHARACTERS = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Summary:
    """What `classify_file` did: rows written, of them sent (not abstained), abstained, and without text.

    `labels` counts all proposals by label; `renamed` maps input columns to the name they were given in the
    output because the added columns need theirs.
    """

    rows: int
    sent: int
    abstained: int
    empty: int
    labels: Mapping[str, int]
    renamed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Sheet:
    header: list[str]
    rows: Iterator[list[str]]  # each as wide as the header


def train_files(
    paths: Sequence[Path | str], *, text_column: str, label_column: str, seed: int = 0
) -> TextModel:
    """Train on the rows of CSV files with a header (UTF-8, with or without BOM, or GB18030).

    `text_column` may join several columns by '+'. Rows without text or label are skipped and counted in
    `metrics["skipped_rows"]`. ValueError, in Chinese, names the file and what is wrong with it.
    """
    # scikit-learn takes a second to load, and few processes train.
    from bihuan.packs.hotline.text.training import train

    texts: list[str] = []
    labels: list[str] = []
    skipped = 0
    for path in paths:
        with _opened(Path(path)) as sheet:
            places = _places(Path(path), sheet.header, text_column)
            (label_place,) = _places(Path(path), sheet.header, label_column, joined=False)
            for row in sheet.rows:
                text, label = _text(row, places), row[label_place].strip()
                if text and label:
                    texts.append(text)
                    labels.append(label)
                else:
                    skipped += 1
    return with_metrics(train(texts, labels, seed=seed), skipped_rows=float(skipped))


def classify_file(
    in_path: Path | str,
    *,
    text_column: str,
    out_path: Path | str,
    model: TextModel,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Write `in_path` with the columns label, confidence (0-1, 4 decimals), abstain (0/1) and reasons added.

    All rows and columns are kept, in order; an input column of one of these names becomes `input_<name>`.
    The output (UTF-8 with BOM) appears under its name only when complete. `progress` is told the rows done,
    every 1,000. ValueError, in Chinese, names the file and what is wrong; then `out_path` is as it was.
    """
    source, target = Path(in_path), Path(out_path)
    if source.resolve() == target.resolve():
        raise ValueError(f"输出文件不能就是输入文件 {source.name}")
    labels: Counter[str] = Counter()
    rows = sent = empty = 0
    with (
        _opened(source) as sheet,
        replacing(target) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", newline="") as out,
    ):
        places = _places(source, sheet.header, text_column)
        renamed = _renamed(sheet.header)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*(renamed.get(name, name) for name in sheet.header), *ADDED_COLUMNS])
        for row in sheet.rows:
            text = _text(row, places)
            found = model.classify(text)
            added = [found.label, f"{found.confidence:.4f}", str(int(found.abstain)), found.reason_text]
            writer.writerow([*row, *added])
            rows, sent, empty = rows + 1, sent + (not found.abstain), empty + (not text)
            labels[found.label] += 1
            if progress and rows % 1000 == 0:
                progress(rows)
    return Summary(rows, sent, rows - sent, empty, dict(labels), renamed)


def _renamed(header: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name in header:
        if name in ADDED_COLUMNS:
            fresh = f"input_{name}"
            while fresh in header:
                fresh = f"input_{fresh}"
            names[name] = fresh
    return names


def _text(row: Sequence[str], places: Sequence[int]) -> str:
    return "\n".join(row[place].strip() for place in places).strip()


def _places(path: Path, header: Sequence[str], column: str, *, joined: bool = True) -> list[int]:
    names = column.split("+") if joined and column not in header else [column]
    for name in names:
        if name not in header:
            raise ValueError(f"文件 {path.name} 没有列“{name}”，现有列：{'、'.join(header)}")
    return [header.index(name) for name in names]


@contextmanager
def _opened(path: Path) -> Iterator[_Sheet]:
    if path.is_dir():
        raise ValueError(f"{path} 是文件夹，不是文件")
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    with path.open(encoding=_encoding(path), newline="") as stream:
        lines = csv.reader(stream)
        try:
            header = [name.strip() for name in next(lines, [])]
        except csv.Error as error:
            raise ValueError(f"文件 {path.name} 第 1 行不是有效的 CSV：{error}") from error
        if not header:
            raise ValueError(f"文件 {path.name} 是空的，没有表头")
        yield _Sheet(header, _rows(path, lines, len(header)))


def _rows(path: Path, lines: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    number = 1
    while True:
        number += 1
        try:
            row = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(f"文件 {path.name} 第 {number} 条记录不是有效的 CSV：{error}") from error
        if len(row) > width:
            raise ValueError(f"文件 {path.name} 第 {number} 条记录有 {len(row)} 列，表头只有 {width} 列")
        yield row + [""] * (width - len(row))


def _encoding(path: Path) -> str:
    """The first of UTF-8 (BOM dropped) and GB18030 in which the whole file can be read."""
    for name in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(name)()
        try:
            with path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise ValueError(f"文件 {path.name} 既不是 UTF-8 也不是 GB18030 编码")
