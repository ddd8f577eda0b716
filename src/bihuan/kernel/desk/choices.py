"""Units and people chosen by typing: what is suggested, and what a typed name means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.units import people_at_work
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.text import FieldError

SUGGESTED = 20
SEPARATOR = "·"


def units_suggested(text: str, *, on: date, near: Sequence[int] = ()) -> list[str]:
    """Units whose name or code holds the text, as they can be typed: name · code.

    The letters of a short name stand in the full one, in their order: 市监局. What holds the text as it is typed comes
    first, and of those the units beside the ones in `near`.
    """
    words = text.partition(SEPARATOR)[0].strip()[:80]
    apart = ".*".join(re.escape(letter) for letter in words[:20])
    whole = Q(name__icontains=words) | Q(code__icontains=words)
    beside = Q(parent__in=Unit.objects.filter(pk__in=near).exclude(parent=None).values("parent"))
    alive = Unit.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on)).exclude(kind=Unit.Kind.TERRITORY)
    ordered = alive.filter(whole | Q(name__iregex=apart)).annotate(
        rank=Case(When(whole, then=Value(0)), default=Value(2))
        + Case(When(beside, then=Value(0)), default=Value(1))
    )
    found = ordered.order_by("rank", "code")[:SUGGESTED]
    return [f"{unit.name} {SEPARATOR} {unit.code}" for unit in found]


def unit_typed(code: str) -> str:
    """A unit's code as it can be typed, name · code; what is no unit's code stays as it is."""
    name = Unit.objects.filter(code=code).values_list("name", flat=True).first() if code else None
    return f"{name} {SEPARATOR} {code}" if name else code


def unit_named(ask: Ask, typed: str) -> int:
    """The unit meant by `name · code`, by a code, or by a name that only one unit has. FieldError otherwise."""
    typed = typed[:200].replace("\0", "")  # no text of the database can hold one
    _, separator, code = (part.strip() for part in typed.rpartition(SEPARATOR))
    wanted = Q(code=code) if separator else Q(code=typed) | Q(name=typed)
    found = list(Unit.objects.filter(wanted).values_list("pk", flat=True)[:2])
    if not found:
        raise FieldError(
            ask.name, "unknown_unit", gettext("“%s”:没有这个单位,请从提示中选。") % gettext(ask.label)
        )
    if len(found) > 1:
        raise FieldError(
            ask.name, "ambiguous_unit", gettext("“%s”:有几个单位同名,请从提示中选。") % gettext(ask.label)
        )
    return found[0]


def people_suggested(text: str, *, on: date, units: Sequence[int]) -> list[str]:
    """People at work in these units whose name or user name holds the text: name · user name."""
    words = text.partition(SEPARATOR)[0].strip()[:60]
    found = people_at_work(units=units, on=on).filter(
        Q(name__icontains=words) | Q(username__istartswith=words)
    )
    return [
        f"{person.name} {SEPARATOR} {person.username}" for person in found.order_by("username")[:SUGGESTED]
    ]


def person_named(ask: Ask, typed: str, *, on: date, units: Sequence[int]) -> int:
    """The person at work in these units that is meant by `name · user name` or by the user name. FieldError otherwise."""
    username = typed[:200].replace("\0", "").rpartition(SEPARATOR)[2].strip()
    found = people_at_work(units=units, on=on).filter(username=username).first()
    if found is None:
        raise FieldError(
            ask.name, "unknown_person", gettext("“%s”:没有这个人,请从提示中选。") % gettext(ask.label)
        )
    return int(found.pk)
