"""Search: by number, by a number of somebody else's system, by telephone, by words. Top 50, no total."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from bihuan.kernel.cases.grams import gram_codes
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.pack import roles
from bihuan.lib.identifiers import phone_kind, phone_normal
from bihuan.lib.masking import mask_text
from bihuan.lib.text import bigrams

SHOWN = 50
CANDIDATES = 120
SNIPPET = 90
PAIRED = re.compile(r"[\u4e00-\u9fff]{2,}|[a-z0-9]+")
"""Words that their search terms say whole, but for rare collisions and pairs that lie apart."""
NEWEST = 2000
"""Among so many, the newest, a single character is sought; longer words among all (`cases_search`)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A case found, with a piece of its text around the words, as safe HTML."""

    case: Case
    snippet: SafeString


def cases_found(*, scope: Scope, text: str, most: int = SHOWN) -> list[Hit]:
    """What the words mean to this person: only cases that the scope may see, at most so many."""
    text = unicodedata.normalize("NFKC", text).strip()[:200]
    if not text:
        return []
    found = _by_number(text, most)
    if may_unmask(scope) and phone_kind(text):
        found += _by_phone(text, most)
    words = [word for word in re.split(r"[\W_]+", text.lower()) if word]
    if words and len(found) < most:
        found += _by_words(text, words, scope, most)
    unique = {case.pk: case for case in found}
    return [Hit(case, _snippet(case, words)) for case in list(unique.values())[:most]]


def among_newest(text: str) -> bool:
    """Are the words only single characters, which are sought among the newest cases alone?"""
    grams = bigrams(text, query=True)
    return bool(grams) and all(len(gram) == 1 and gram > "\u3000" for gram in grams)


def may_unmask(scope: Scope) -> bool:
    """Does the person hold a role that may read personal data with a reason?"""
    return any(roles()[held.role].unmasks for held in scope.held if held.role in roles())


def _cases() -> QuerySet[Case]:
    unread = ("content__grams", "facts", "progress", "head", "superior")
    return Case.objects.select_related("unit", "content").defer(*unread)


def _by_number(text: str, most: int) -> list[Case]:
    upper = text.upper()
    wanted = Q(number=text) | Q(number=upper) | Q(external_id=text)
    if len(text) >= 6 and upper.isascii():
        wanted |= Q(number__gte=upper, number__lt=upper + "\U0010ffff")
    return list(_cases().filter(wanted).order_by("number")[:most])


def _by_phone(text: str, most: int) -> list[Case]:
    calling = Party.objects.filter(phone__in={text, phone_normal(text)})
    ids = list(calling.order_by("-case_id").values_list("case_id", flat=True)[:CANDIDATES])
    return list(_cases().filter(pk__in=ids).order_by("-pk")[:most])


def _by_words(text: str, words: list[str], scope: Scope, most: int) -> list[Case]:
    """What is not shown plainly may drop out, so a few more are found than are wanted, and those read when it does. Words whose
    pairs say all of them are not read in the database: they are judged here.
    """
    codes = [] if among_newest(text) else gram_codes(bigrams(text, query=True))
    weak = [word for word in words if not PAIRED.fullmatch(word)]
    with connection.cursor() as cursor:
        cursor.execute("select * from cases_search(%s::integer[], %s::text[], %s)", [codes, weak, CANDIDATES])
        ids = sorted((row[0] for row in cursor.fetchall()), reverse=True)
    unmasks = may_unmask(scope)
    candidates = (
        case
        for some in (ids[:most], ids[most:])
        if some
        for case in _cases().filter(pk__in=some).order_by("-pk")
    )
    held = (
        case
        for case in candidates
        if _holds(case, words, plain=unmasks and (scope.everything or not case.confidential))
    )
    return list(islice(held, most))


def _holds(case: Case, words: Iterable[str], *, plain: bool) -> bool:
    """Hashed pairs may collide, and pairs may lie apart: the words themselves decide.

    Unless `plain`, they are sought in the masked text: else a number that is not shown could be guessed bit by bit.
    """
    full = "\n".join((case.title, case.content.text, case.place, case.content.answer))
    sought = unicodedata.normalize("NFKC", full if plain else mask_text(full)).lower()
    return all(word in sought for word in words)


def _snippet(case: Case, words: list[str]) -> SafeString:
    """The text around the first word that it holds; personal numbers masked, everything escaped, words marked."""
    content = getattr(case, "content", None)
    text = " ".join(mask_text("\n".join((content.text, content.answer)) if content else "").split())
    low = text.lower()
    first = min((place for word in words if (place := low.find(word)) >= 0), default=0)
    start = max(0, first - SNIPPET // 3)
    piece = text[start : start + SNIPPET]
    marked = words_marked(piece, words)
    return mark_safe(("…" if start else "") + marked + ("…" if start + SNIPPET < len(text) else ""))  # noqa: S308  escaped


def words_marked(text: str, words: list[str]) -> SafeString:
    """Text escaped, with the words in <mark>."""
    if not words:
        return mark_safe(escape(text))  # noqa: S308  escaped
    pattern = re.compile(
        "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE
    )
    parts, last = [], 0
    for found in pattern.finditer(text):
        parts += [escape(text[last : found.start()]), f"<mark>{escape(found.group())}</mark>"]
        last = found.end()
    return mark_safe("".join([*parts, escape(text[last:])]))  # noqa: S308  each part is escaped
