"""What the desk's templates need beyond Django's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from bihuan.kernel import sentences
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk import words
from bihuan.kernel.desk.case import loop_line
from bihuan.kernel.desk.choices import unit_typed
from bihuan.kernel.desk.lists.worklist import CaseRow
from bihuan.kernel.desk.pack_words import matter_typed
from bihuan.kernel.desk.time_left import TimeLeft
from bihuan.kernel.pack import workflows
from bihuan.lib.declared import declared
from bihuan.lib.geo import point_in
from bihuan.lib.masking import mask_text

register = template.Library()


@register.filter
def said(text: str, kind: str = "") -> str:
    """A word that a pack declares, in the page's language; a "station", "state" or "step" as such."""
    return declared(str(text or ""), kind)


register.filter("matter_typed", matter_typed)
register.filter("unit_typed", unit_typed)


@register.filter
def item(values: Mapping[str, str] | None, key: str) -> str:
    """What stands under a key, or nothing."""
    return values.get(key, "") if values else ""


@register.filter
def named(row: Any) -> str:
    """A unit's name, or that of anything with `name` and `name_en`, in the page's language, in Chinese when it has no other."""
    return sentences.named(row)


@register.filter
def masked(text: str) -> str:
    """Text without the personal numbers in it."""
    return mask_text(text)


@register.filter
def on_map(place: str) -> str:
    """The address that opens a place in the telephone's map; "" for one that names no point."""
    point = point_in(place)
    return point.uri if point else ""


@register.filter
def moment(at: datetime | None) -> str:
    """A moment to the minute, by Shanghai's clock."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


@register.filter
def short(at: datetime | None) -> str:
    """A moment without its year."""
    return f"{timezone.localtime(at):%m-%d %H:%M}" if at else ""


@register.filter
def clock(at: datetime) -> str:
    """Hour and minute of a moment."""
    return f"{timezone.localtime(at):%H:%M}"


@register.filter
def span(seconds: float | None) -> str:
    """A span of time in words."""
    return words.duration_told(seconds) if seconds is not None else ""


@register.filter
def unbroken(rate: str) -> str:
    """A rate that may go to the next line before its count, never within it: 95.0% (19 / 20)."""
    percent, bracket, count = rate.partition("(")
    return percent + bracket + count.replace(" ", "\u00a0")


@register.filter
def roles(codes: tuple[str, ...]) -> str:
    """Roles in words."""
    return words.roles_told(codes)


@register.simple_tag
def state_words(workflow: str, state: str) -> str:
    """A state in words."""
    return words.state_label(workflow, state)


@register.simple_tag
def standing_words(case: Case | CaseRow) -> str:
    """Where a case stands, and how it ended."""
    outcome = case.outcome if isinstance(case, CaseRow) else case.facts.get("outcome")
    return words.standing_label(case.workflow, case.state, outcome)


@register.simple_tag
def time_words(left: TimeLeft | None) -> SafeString | str:
    """What is left: a word, a figure, a colour; the exact moment on hover."""
    if left is None or left.tone == "none":
        return ""
    exact = format_html(' title="{} {}"', gettext("到期"), moment(left.due)) if left.due else ""
    shown = left.word and left.tone in ("late", "near", "done")
    word = format_html("<b>{}</b> ", left.word) if shown else ""
    return format_html('<span class="due due-{}"{}>{}{}</span>', left.tone, exact, word, left.figure)


@register.simple_tag
def thumbnail(workflow: str, state: str, redo: int = 0, returned: int = 0) -> SafeString:
    """The loop line as small as a word; what it says stands in its text alternative."""
    return _thumbnail(workflow, state, redo + returned, get_language() or "")


@lru_cache(maxsize=2048)
def _thumbnail(workflow: str, state: str, loops: int, language: str) -> SafeString:
    known = workflows().get(workflow)
    if known is None or state not in known.state:
        return format_html("<span>{}</span>", state)
    here, count = loop_line.places_of(known, state)
    label = declared(known.station_label(known.state[state].station), "station")
    told = gettext("%(label)s:第 %(here)s 环,共 %(count)s 环") % {
        "label": label,
        "here": here + 1,
        "count": count,
    }
    if loops:
        told += gettext(",折返 %s 次") % loops
    done = known.state[state].final
    marks = [
        "past" if place < here or done else "here" if place == here else "ahead" for place in range(count)
    ]
    dots = format_html_join("", '<i class="dot dot-{}"></i>', ((mark,) for mark in marks))
    back = format_html('<em class="thumb-back">↺{}</em>', loops) if loops else ""
    return format_html(
        '<span class="thumb" role="img" aria-label="{}" title="{}">{}{}</span>', told, told, dots, back
    )
