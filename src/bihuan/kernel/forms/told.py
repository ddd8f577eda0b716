"""Answers in words, for pages, paper and lists: masked unless somebody gave a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from bihuan.kernel.forms.drawing import value_written
from bihuan.kernel.forms.rules import Field, Form, answers_shown
from bihuan.kernel.forms.words import choice_title, label_of, spoken
from bihuan.kernel.sentences import in_line
from bihuan.lib.masking import mask_address, mask_id, mask_name, mask_phone, mask_text

MASKS = {"phone": mask_phone, "id-number": mask_id, "name": mask_name, "address": mask_address}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: the field's label with those of its groups before it, and the answer in words; `file` an attachment's id."""

    label: str
    value: str
    file: int = 0


def answers_told(
    form: Form, values: Mapping[str, Any], *, files: Mapping[int, str] | None = None, plain: bool = False
) -> list[Said]:
    """The answers of the shown fields in their order. `files` are the names of attachments by their ids."""
    return list(_told(form.fields, answers_shown(form.fields, values), "", files or {}, plain))


def _told(
    fields: tuple[Field, ...], values: Mapping[str, Any], before: str, files: Mapping[int, str], plain: bool
) -> Iterator[Said]:
    for one in fields:
        value, label = values.get(one.name), f"{before}{label_of(one)}"
        if one.kind == "group" and isinstance(value, Mapping):
            yield from _told(one.fields, value, f"{label} · ", files, plain)
        elif one.kind == "rows" and isinstance(value, list):
            for place, row in enumerate(value, start=1):
                yield from _told(one.fields, row, f"{label} {place} · ", files, plain)
        elif one.kind == "file" and isinstance(value, int):
            yield Said(label, files.get(value, gettext("已撤下的附件")), value if value in files else 0)
        elif value is not None:
            yield Said(label, _words(one, value, plain))


def _words(one: Field, value: Any, plain: bool) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if one.choices:
        titles = {choice.value: choice_title(choice) for choice in one.choices}
        return in_line(
            titles.get(item, str(item)) for item in (value if isinstance(value, list) else [value])
        )
    text = value_written(value)
    if isinstance(value, str):
        mask = MASKS.get(one.schema.get("x-mask", one.kind), mask_text)
        return text if plain else mask(text)
    unit = spoken(one.schema, "x-unit")
    return f"{text} {unit}".strip()
