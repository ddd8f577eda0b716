"""A use told in words, found among those of article 14. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from itertools import product
from typing import Literal

from bihuan.packs.fire.special import words

Kind = Literal["public", "home", "other", "excluded"]

_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\"'“”‘’《》「」]")
_BETWEEN = re.compile(r"[、，,/\\|]|以及|及")
_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_BEFORE = re.compile(r"^(?:新建|改建|扩建|拟建|室内)")
_AFTER = re.compile(r"(?:建设工程|建设项目|工程项目|工程|项目|建筑物|建筑|场所)$")


@dataclass(frozen=True, slots=True)
class Use:
    """What a word means: the `rows` of article 14 that it may fall under, the kind of building, and what it leaves open
    (`doubt`, then the strictest reading is taken). A home of `class_one` says itself that it is class one.
    """

    word: str
    kind: Kind
    rows: tuple[int, ...] = ()
    doubt: str = ""
    class_one: bool = False


def folded(text: str) -> str:
    """A word as it is looked up: full-width signs as plain ones, no blanks, no 的, "/" between parts, Latin in capitals."""
    plain = _BLANK.sub("", unicodedata.normalize("NFKC", text)).upper().replace("的", "")
    return re.sub("/+", "/", _BETWEEN.sub("/", plain)).strip("/;:.。")


@lru_cache(maxsize=4096)
def use_found(text: str) -> Use | None:
    """The use that `text` names; several known ones joined by 、 or / are all of them together. None when it is unknown."""
    word = folded(text)
    whole = _known(word)
    if whole or "/" not in word:
        return whole
    parts = [_known(part) for part in word.split("/")]
    return _joined(word, [part for part in parts if part]) if all(parts) else None


@lru_cache(maxsize=4096)
def uses_like(text: str) -> list[str]:
    """Known words that look like an unknown one, the nearest first, at most three."""
    return get_close_matches(folded(text)[:40], list(vocabulary()), n=3, cutoff=0.5)


@cache
def vocabulary() -> dict[str, Use]:
    """Every word that is known by itself."""
    return {use.word: use for use in _all_words()}


def _all_words() -> Iterator[Use]:
    for kind, text in (("public", words.PUBLIC), ("other", words.NOT_PUBLIC), ("excluded", words.EXCLUDED)):
        yield from (Use(word, kind) for word in text.split())  # type: ignore[arg-type]
    yield from (Use(word, "home", (7,)) for word in words.HOMES.split())
    yield from (Use(word, "home", (7,), class_one=True) for word in words.SINGLE_HOMES.split())
    for rows, text, doubt in words.DOUBTFUL:
        yield from (Use(word, _kind(word, rows[0]), rows, doubt) for word in text.split())
    for row, text in words.LISTED.items():
        yield from (Use(word, _kind(word, row), (row,)) for word in text.split())
    for row, text in words.SCHOOLS.items():
        for school, part in product(text.split(), words.SCHOOL_PARTS.split()):
            yield Use(school + part, "public", (row,))
    for with_, place in product(words.ENTERTAINING.split(), words.EATING.split()):
        yield Use(with_ + place, "public", (6,))


def _kind(word: str, row: int) -> Kind:
    """Rows 8 and 9 and a factory's workshop are no public buildings."""
    return "other" if row in (8, 9) or word.endswith(("车间", "厂房")) else "public"


def _known(word: str) -> Use | None:
    for form in _forms(word):
        if form in vocabulary():
            return vocabulary()[form]
        if any(re.fullmatch(pattern, form) for pattern in words.DANGEROUS):
            return Use(form, "other", (9,))
    return None


def _forms(word: str) -> Iterator[str]:
    """The word, then without what stands in brackets, before it (新建) and after it (工程), 大楼 as 楼."""
    yield word
    bare = _BRACKETS.sub("", word)
    yield bare
    bare = bare.replace("大楼", "楼").replace("大厦", "楼")
    yield bare
    begun = _BEFORE.sub("", bare)
    yield begun
    yield _AFTER.sub("", begun)


def _joined(word: str, parts: list[Use]) -> Use:
    rows = tuple(sorted({row for part in parts for row in part.rows}))
    kinds = {part.kind for part in parts}
    kind: Kind = next((name for name in ("public", "home", "other") if name in kinds), "excluded")
    doubts = dict.fromkeys(part.doubt for part in parts if part.doubt)
    return Use(word, kind, rows, ";".join(doubts), any(part.class_one for part in parts))
