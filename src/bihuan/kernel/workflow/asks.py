"""What a step asks of the person who takes it: one declaration for the form, the API and the check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from bihuan.lib.text import SHANGHAI, FieldError, clean_text

Kind = Literal[
    "line",
    "text",
    "choice",
    "yes",
    "number",
    "date",
    "moment",
    "money",
    "unit",
    "units",
    "person",
    "case",
    "matter",
]
REFERENCES = ("unit", "person", "case")
MANY = 50


@dataclass(frozen=True, slots=True)
class Ask:
    """One field of a step's form. `explained` says of a choice, by its value, what it means in plain words. The `choices`
    of a line are suggestions: anything else may be written as well.

    Free text may name people: it goes beside the ledger, where it can be erased; only its salted commitment goes in.
    A moment without a zone is Shanghai's; it is kept to the minute, with its zone. `smallest` and `largest` bound a number
    (unit: see the label); a date may lie `earliest` days from today, not before. The form of a case `from_origin` starts with
    the case that this one was reported again of. A matter is a code of the list that the pack `register` keeps.
    A line of `ours` is written by the system and names nobody: it is told in the entry itself.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    max_length: int = 2000
    min_length: int = 0
    smallest: int = 0
    largest: int = 1_000_000
    earliest: int | None = None
    help: str = ""
    explained: tuple[tuple[str, str], ...] = ()
    from_origin: bool = False
    register: str = ""
    ours: bool = False

    @property
    def personal(self) -> bool:
        """Free text may hold personal data."""
        return self.kind in ("line", "text") and not self.ours

    def clean(self, value: Any) -> Any:
        """The value in its own type, or None when it was left out and may be. FieldError names field and rule."""
        if value is None or value in ("", []):
            if self.required:
                raise FieldError(self.name, "required", f"请填写“{self.label}”。")
            return None
        cleaner = getattr(self, f"_clean_{self.kind}", None) or self._clean_reference
        return cleaner(value)

    def day_check(self, value: Any, today: date) -> None:
        """FieldError when the cleaned date lies before the first day that it may name."""
        if self.earliest is None or value is None:
            return
        first = today + timedelta(days=self.earliest)
        if date.fromisoformat(value) < first:
            raise FieldError(self.name, "too_early", f"“{self.label}”不能早于 {first.isoformat()}。")

    def _clean_line(self, value: Any) -> str:
        return self._text(value, multiline=False)

    def _clean_text(self, value: Any) -> str:
        return self._text(value, multiline=True)

    def _text(self, value: Any, *, multiline: bool) -> str:
        least = max(self.min_length, 1 if self.required else 0)
        return clean_text(
            value, field=self.name, max_length=self.max_length, min_length=least, multiline=multiline
        )

    def _clean_choice(self, value: Any) -> str:
        if not isinstance(value, str) or value not in dict(self.choices):
            allowed = "、".join(label for _, label in self.choices)
            raise FieldError(self.name, "choice", f"“{self.label}”只能是:{allowed}。")
        return value

    def _clean_matter(self, value: Any) -> str:
        if not isinstance(value, str) or not value.isascii() or not value.isalnum() or len(value) > 40:
            raise FieldError(self.name, "unknown_matter", f"“{self.label}”:没有这个事项,或已停用。")
        return value

    def _clean_yes(self, value: Any) -> bool:
        known = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
        if isinstance(value, bool):
            return value
        if not isinstance(value, str) or value not in known:
            raise FieldError(self.name, "yes", f"“{self.label}”只能是“是”或“否”。")
        return known[value]

    def _clean_number(self, value: Any) -> int:
        try:
            number = int(str(value)[:20])
        except ValueError:
            raise FieldError(self.name, "number", f"“{self.label}”必须是整数。") from None
        if not self.smallest <= number <= self.largest:
            raise FieldError(
                self.name, "range", f"“{self.label}”应在 {self.smallest} 与 {self.largest} 之间。"
            )
        return number

    def _clean_money(self, value: Any) -> str:
        try:
            amount = Decimal(str(value)[:30])
        except InvalidOperation:
            raise FieldError(self.name, "money", f"“{self.label}”必须是金额(元)。") from None
        if not amount.is_finite() or not 0 <= amount <= 10**12 or amount != round(amount, 2):
            raise FieldError(self.name, "money", f"“{self.label}”应为不小于 0、最多两位小数的金额(元)。")
        return format(amount, "f")

    def _clean_date(self, value: Any) -> str:
        if isinstance(value, datetime):
            value = value.date()
        try:
            return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
        except ValueError:
            raise FieldError(self.name, "date", f"“{self.label}”应为日期,如 2026-01-31。") from None

    def _clean_moment(self, value: Any) -> str:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value)[:40])
            local = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
        except (ValueError, OverflowError):
            local = None
        if local is None or not 1990 <= local.year < 2100:
            raise FieldError(self.name, "moment", f"“{self.label}”应为日期和时间,如 2026-01-31 15:00。")
        return local.isoformat(timespec="minutes")

    def _clean_reference(self, value: Any) -> int:
        try:
            number = int(str(value)[:20])
        except ValueError:
            number = 0
        if not 0 < number < 2**63:
            raise FieldError(self.name, "reference", f"请选择“{self.label}”。")
        return number

    def _clean_units(self, value: Any) -> list[int]:
        values = value if isinstance(value, (list, tuple)) else str(value).split(",")
        if len(values) > MANY:
            raise FieldError(self.name, "too_many", f"请选择“{self.label}”。")
        return sorted({self._clean_reference(item) for item in values})


def asks_clean(asks: Sequence[Ask], data: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """`data` cleaned by `asks`, as of `today`: every field in its own type, unknown names refused, blanks left out."""
    names = {ask.name for ask in asks}
    for name in data:
        if name not in names:
            raise FieldError(str(name)[:50], "unknown", f"这一步不收“{str(name)[:50]}”这一项。")
    cleaned = {ask.name: ask.clean(data.get(ask.name)) for ask in asks}
    for ask in asks:
        ask.day_check(cleaned[ask.name], today)
    return {name: value for name, value in cleaned.items() if value is not None}
