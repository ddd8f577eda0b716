"""What a person filled in on a page, read by its form. Nothing is judged here: what cannot be read stays as it was typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from bihuan.kernel.forms.checking import SENT_ALONG
from bihuan.kernel.forms.rules import Field, Form
from bihuan.kernel.forms.schema import MAX_ROWS

PREFIX = "f."
"""Before the path of a field in the name of its control."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was filled in, and the files that came with it by the path of their field.

    `more` is set when the page is only to be drawn anew: the path of rows that shall have one more, or "" for none.
    """

    values: dict[str, Any]
    files: dict[str, Any] = field(default_factory=dict)
    more: str | None = None


def answers_typed(form: Form, posted: QueryDict, files: Mapping[str, Any] | None = None) -> Typed:
    """Read a sent form. Fields that the form does not have are left out; rows without a word count as none."""
    sent: dict[str, Any] = {}
    reader = _Reader(posted, files or {}, sent)
    values = reader.fields(form.fields, PREFIX, "")
    return Typed(values, sent, posted.get("more"))


class _Reader:
    """Reads controls by their names; `sent` collects files by their path."""

    def __init__(self, posted: QueryDict, files: Mapping[str, Any], sent: dict[str, Any]) -> None:
        self.posted, self.files, self.sent = posted, files, sent

    def fields(self, fields: tuple[Field, ...], name: str, path: str) -> dict[str, Any]:
        read = {one.name: self.one(one, f"{name}{one.name}", f"{path}{one.name}") for one in fields}
        return {name: value for name, value in read.items() if value not in (None, "", [], {})}

    def one(self, one: Field, name: str, path: str) -> Any:
        if one.kind == "group":
            return self.fields(one.fields, f"{name}.", f"{path}.")
        if one.kind == "rows":
            return self.rows(one, name, path)
        if one.kind == "many":
            return [value for value in self.posted.getlist(name) if value]
        if one.kind == "file" and name in self.files:
            self.sent[path] = self.files[name]
            return SENT_ALONG
        return _value(one, self.posted.get(name, ""))

    def rows(self, one: Field, name: str, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for place in self.places(name):
            row = self.fields(one.fields, f"{name}.{place}.", f"{path}.{len(found)}.")
            if row:
                found.append(row)
        return found

    def places(self, name: str) -> list[int]:
        """The numbers of the rows that were sent, a few more than there may be at the most."""
        begin = f"{name}."
        heads = {
            key[len(begin) :].partition(".")[0]
            for key in (*self.posted, *self.files)
            if key.startswith(begin)
        }
        return sorted(int(head) for head in heads if head.isascii() and head.isdecimal() and len(head) < 4)[: MAX_ROWS + 1]  # fmt: skip


def _value(one: Field, text: str) -> Any:
    if one.kind in ("yes", "agree"):
        return {"true": True, "false": False}.get(text, text)
    if one.kind in ("integer", "number", "file"):
        return number_read(text)
    return text


def number_read(text: str) -> int | Decimal | str:
    """A number as people write it, with a comma every three digits perhaps; the text itself when it is none."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    try:
        number = Decimal(plain) if len(plain) <= 40 else Decimal("nan")
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > 40:
        return text
    return int(number) if number == number.to_integral_value() else number
