"""The regulations by name and version, shown on the screens of the steps that they bind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.translation import gettext

from bihuan.kernel.clocks.rulebook import Rulebook
from bihuan.kernel.pack import packs
from bihuan.kernel.policies.models import PolicyRule
from bihuan.lib.refusals import Refusal


def named_rules(
    pack: str, steps: Sequence[str], *, book: Rulebook, region: str, on: date
) -> Iterator[PolicyRule]:
    """The rows in force on a day of the regulations that bind any of these steps; none for what nobody set."""
    for code, bound in packs()[pack].named_rules.items():
        if set(bound).intersection(steps):
            try:
                yield book.rule(code, region=region, on=on)
            except Refusal:
                continue


def named_rules_told(pack: str, steps: Sequence[str], *, book: Rulebook, region: str, on: date) -> list[str]:
    """Each in a sentence: its name with its version, and since when it holds."""
    return [
        gettext("依据《%(name)s》,自 %(day)s 起施行。")
        % {"name": row.value, "day": row.valid_from.isoformat()}
        for row in named_rules(pack, steps, book=book, region=region, on=on)
    ]
