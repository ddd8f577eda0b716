"""Forms of administration. They check shape; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, clean_text

MESSAGES = {
    "invalid_choice": gettext_lazy("请从列表里选一个。"),
    "max_length": gettext_lazy("不能超过 %(limit_value)d 个字,现在有 %(show_value)d 个。"),
}
"""What is said in place of the framework's own words."""


class Drawn(forms.Form):
    """A form drawn with the look of the desk, and able to show a service's refusal at its field."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.draw()

    def draw(self) -> None:
        """Give the fields their look; again after fields were added."""
        for field in self.fields.values():
            for code, words in MESSAGES.items():
                if field.error_messages.get(code) in (None, type(field).default_error_messages.get(code)):
                    field.error_messages[code] = words
            if isinstance(field.widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple)):
                continue
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if select else "form-control")

    def refuse(self, refusal: Refusal | FieldError) -> None:
        """Show a refusal at its field, or above the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, told(refusal))

    @property
    def groups(self) -> list[tuple[Any, ...]]:
        """The visible fields in groups, each with its heading; one group without a heading unless a form says more.

        A group with a third value is a table of numbers: what they come to ("now") and must come to ("whole").
        """
        return [("", self.visible_fields())]

    @property
    def problems(self) -> list[tuple[str, Any, str]]:
        """(name, label, words) of every fault, for the list above the form."""
        return [
            (
                name if name in self.fields else "",
                self.fields[name].label if name in self.fields else "",
                text,
            )
            for name, texts in self.errors.items()
            for text in texts
        ]


class LineField(forms.CharField):
    """One line of text without control characters."""

    multiline = False

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_text(
                text,
                field=str(self.label),
                max_length=self.max_length or 200,
                multiline=self.multiline,
            )
        except FieldError as fault:
            raise forms.ValidationError(told(fault)) from None


class TextField(LineField):
    """Text of several lines without control characters."""

    multiline = True
    widget = forms.Textarea(attrs={"rows": 4})


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, picked or typed as 2026-01-31."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control short"})
    return forms.DateField(label=label, widget=widget, **more)


def time_field(label: Any, **more: Any) -> forms.TimeField:
    """A time of day to the minute, picked or typed as 08:30."""
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control short"})
    return forms.TimeField(label=label, widget=widget, input_formats=["%H:%M"], **more)


def number_field(label: Any, low: int, high: int, **more: Any) -> forms.IntegerField:
    """A whole number between bounds."""
    widget = forms.NumberInput(attrs={"class": "form-control short", "inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=low, max_value=high, widget=widget, **more)
