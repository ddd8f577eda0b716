"""Sentences that the rules write in Chinese, of which code and values are read again, so that they are told in the reader's language. Pure.

What is written is kept; as it was made of these sentences alone, records of before are read like those of today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext


class Sentences:
    """Templates by code, the outer ones before those that they hold; `forms` are patterns of values (others: anything)."""

    def __init__(self, templates: Mapping[str, str], forms: Mapping[str, str]) -> None:
        self.templates = templates
        self.patterns = {code: _pattern(template, forms) for code, template in templates.items()}

    def read(self, text: str) -> tuple[str, dict[str, str]] | None:
        """The code and the values that a sentence was made of; None for another text."""
        found = ((code, pattern.fullmatch(text)) for code, pattern in self.patterns.items())
        return next(((code, one.groupdict()) for code, one in found if one), None)

    def told(self, text: str, values: Callable[[str, str], str]) -> str:
        """A sentence in the reader's language, each value told by `values` (its name, what was written); another text as it is."""
        found = self.read(text)
        if found is None:
            return text
        code, written = found
        template = gettext(self.templates[code])
        if template == self.templates[code]:
            return text
        return template % {name: values(name, value) for name, value in written.items()}


def _pattern(template: str, forms: Mapping[str, str]) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", template)
    made = "".join(
        f"(?P<{part}>{forms.get(part, '.+')})" if at % 2 else re.escape(part) for at, part in enumerate(parts)
    )
    return re.compile(made, re.DOTALL)
