"""Units picked by typing: a list of the browser's own that narrows with every letter, so it needs no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.sentences import in_line, named

SEPARATOR = "·"
LONGEST = 200
ROOM = 3
"""So many boxes where several units can be named, one of them empty at the least."""
ALIKE = 5


def units_living() -> QuerySet[Unit]:
    """The units that exist or are to come."""
    return Unit.objects.filter(valid_to=None).order_by("code")


def departments() -> QuerySet[Unit]:
    """The units that exist or are to come and can lead a matter by their duties: no township and no place."""
    return units_living().exclude(kind__in=("township", "territory", "zone"))


def places() -> QuerySet[Unit]:
    """Territories and zones."""
    return units_living().filter(kind__in=("territory", "zone"))


def unit_words(unit: Unit) -> str:
    """A unit as it can be typed: name · code."""
    return f"{named(unit)} {SEPARATOR} {unit.code}"


def unit_found(text: str) -> Unit:
    """The unit meant by `name · code`, by a code, or by a name that only one living unit has. ValidationError otherwise,
    with those that were perhaps meant.
    """
    typed = text[:LONGEST].replace("\0", "").strip()
    _name, separator, code = (part.strip() for part in typed.rpartition(SEPARATOR))
    if found := Unit.objects.filter(code=code if separator else typed).first():
        return found
    same = list(units_living().filter(Q(name=typed) | Q(name_en__iexact=typed))[: ALIKE + 1])
    if len(same) == 1:
        return same[0]
    words = typed.partition(SEPARATOR)[0].strip()
    alike = same or list(units_living().filter(Q(name__contains=words) | Q(name_en__icontains=words))[:ALIKE])
    if not alike:
        raise forms.ValidationError(_("没有“%s”这个单位:请输入名称的一部分,从提示中选。") % typed[:40])
    shown = in_line(unit_words(unit) for unit in alike[:ALIKE])
    raise forms.ValidationError(
        _("没有叫“%(typed)s”的单位,是不是:%(alike)s?") % {"typed": typed[:40], "alike": shown}
        if not same
        else _("有几个单位都叫“%(typed)s”,请写明:%(alike)s。") % {"typed": typed[:40], "alike": shown}
    )


class UnitInput(forms.TextInput):
    """Boxes to type in with the list of what may be picked; `many`: several boxes of one name."""

    template_name = "administration/parts/unit_input.html"

    def __init__(self, offered: Callable[[], QuerySet[Unit]], *, many: bool = False) -> None:
        super().__init__({"maxlength": LONGEST, "autocomplete": "off"})
        self.offered, self.many = offered, many

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The texts of all boxes, or the text of the one."""
        if not self.many:
            return super().value_from_datadict(data, files, name)
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name, ())

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        """The boxes with what is in them, and the options."""
        context: dict[str, Any] = super().get_context(name, None, dict(attrs or {}))
        values = [value] if isinstance(value, (str, Unit)) else list(value or ())
        texts = [unit_words(one) if isinstance(one, Unit) else str(one) for one in values]
        texts = [text for text in texts if text]
        empty = max(1, ROOM - len(texts)) if self.many else 1 - len(texts[:1])
        context["widget"]["boxes"] = [*texts, *[""] * empty]
        context["widget"]["options"] = [unit_words(unit) for unit in self.offered()]
        return context


class UnitField(forms.Field):
    """A unit picked or typed; cleaned to the unit, None for none."""

    many = False

    def __init__(self, *, offered: Callable[[], QuerySet[Unit]] = units_living, **more: Any) -> None:
        super().__init__(widget=UnitInput(offered, many=self.many), **more)

    def clean(self, value: Any) -> Any:
        """The unit."""
        text = str(value or "").strip()
        super().clean(text)
        return unit_found(text) if text else None


class UnitsField(UnitField):
    """Several units picked or typed; cleaned to the list of them, each once."""

    many = True

    def clean(self, value: Any) -> Any:
        """The units."""
        texts: Sequence[str] = [value] if isinstance(value, str) else value or ()
        found = [unit_found(text) for text in map(str.strip, texts) if text]
        if self.required and not found:
            raise forms.ValidationError(self.error_messages["required"])
        return list({unit.pk: unit for unit in found}.values())
