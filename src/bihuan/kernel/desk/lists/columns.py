"""The columns of a list: which there are, and which a person chose."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "state": _("状态"),
    "unit": _("单位"),
    "line": _("环节"),
    "left": _("剩余时间"),
    "handler": _("经办人"),
    "matter": _("事项"),
    "place": _("地点"),
    "opened": _("登记时间"),
}
"""Number and title are always there."""
USUAL = ("state", "unit", "line", "left")
COOKIE = "columns"


def columns_read(text: str) -> tuple[str, ...]:
    """The columns named in a text parted by dots, in the list's order; the usual ones when it names none."""
    named = set(text.split("."))
    return tuple(code for code in COLUMNS if code in named) or USUAL


def columns_of(query: Mapping[str, str], cookies: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that the address asks for, else those that the person keeps."""
    return columns_read(query.get("columns") or cookies.get(COOKIE, ""))
