"""What objects kept in dated versions have in common: changed from a day on, ended and resumed, their versions one below the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import Drawn, day_field
from bihuan.kernel.administration.shape import Action, Asked, Change, Done, Effect, Kind, Version
from bihuan.lib.refusals import Refusal


class Dated(Protocol):
    """A version: what an object says from `since` on, and whether it is in use."""

    pk: int
    name: str
    active: bool
    since: date
    recorded_at: datetime


class DatedKind(Kind):
    """A kind whose row is the version that holds; `fields` are what forms and files say of it."""

    fields: ClassVar[tuple[str, ...]]

    def all_versions(self, row: Any) -> Iterable[Dated]:
        """Every version of the object, the latest first."""
        raise NotImplementedError

    def figure(self, version: Any) -> str:
        """What is said of a version beside its name."""
        return ""

    def more(self, row: Any, asked: Asked) -> Sequence[tuple[Any, Any]]:
        """What its page says beyond the list; lines without a value are left out."""
        return ()

    def title(self, row: Any) -> str:
        return str(row.name)

    def facts(self, row: Any, asked: Asked) -> list[tuple[Any, Any]]:
        said = [(label, value) for label, value in self.more(row, asked) if value not in ("", None)]
        return [*super().facts(row, asked), *said]

    def versions(self, row: Any, asked: Asked) -> list[Version]:
        rows = list(self.all_versions(row))
        ends = [None, *(one.since for one in rows)]
        return [
            Version(one.since, until, self._told(one), at=one.recorded_at, state=_state(one, row))
            for one, until in zip(rows, ends, strict=False)
        ]

    def given_of(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a form or a row of a file says of the object itself."""
        return {name: given[name] for name in self.fields if name in given}

    def _told(self, version: Dated) -> str:
        state = "" if version.active else _("已停用")
        return " · ".join(part for part in (version.name, self.figure(version), state) if part)


class ChangeForm(Drawn):
    """To stand before a form's own fields among its bases: from which day on they hold, asked last."""

    since = day_field(gettext_lazy("从哪天起"), required=False, help_text=gettext_lazy("不填的从今天起"))


def row_put(last: Dated | None, name: str, *, add: Callable[[], Any], change: Callable[[], Any]) -> Change:
    """A row of a file: added where there is no `last` version, else changed, or the same."""
    if last is None:
        add()
        return Change("new", name)
    try:
        change()
    except Refusal as refusal:
        if refusal.code != "same":
            raise
        return Change("same", last.name)
    return Change("changed", name, f"{last.name} → {name}")


def actions_dated(
    roles: tuple[str, ...],
    *,
    change: Callable[[Any, dict[str, Any], Asked], Done],
    form: Callable[[Any, Any, Asked], Drawn],
    use: Callable[[Any, bool, Asked], Any],
    ended: Any,
) -> tuple[Action, ...]:
    """Changed from a day on, ended and resumed. `use` sets whether it is in use; `ended` says what its end means, with %s for the name."""

    def end(row: Any, given: dict[str, Any], asked: Asked) -> Done:
        use(row, False, asked)
        return Done(_("已停用。"))

    def end_effect(row: Any, given: dict[str, Any], asked: Asked) -> Effect:
        return Effect((str(ended) % row.name,))

    def resume(row: Any, given: dict[str, Any], asked: Asked) -> Done:
        use(row, True, asked)
        return Done(_("已恢复。"))

    return (
        Action("change", gettext_lazy("修改"), roles, change, form, _change_effect),
        Action("end", gettext_lazy("停用"), roles, end, effect=end_effect, danger=True, open_to=_active),
        Action("resume", gettext_lazy("恢复使用"), roles, resume, open_to=_ended),
    )


def _change_effect(row: Any, given: dict[str, Any], asked: Asked) -> Effect:
    since = given["since"] or timezone.localdate(asked.now)
    return Effect((_("%s 起收的件按新的办;以前收的件照收件那天的,不变。") % since,))


def _active(row: Dated) -> bool:
    return row.active


def _ended(row: Dated) -> bool:
    return not row.active


def _state(version: Dated, held: Dated) -> str:
    if version.pk == held.pk:
        return "now"
    return "coming" if (version.since, version.pk) > (held.since, held.pk) else "past"
