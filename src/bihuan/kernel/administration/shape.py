"""What a kind of administered object says of itself; the views draw all kinds alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.administration.forms import Drawn
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.selectors import RegisterEntry, register_entries

GROUPS: tuple[tuple[str, Any], ...] = (
    ("organisation", _("机构和人员")),
    ("rules", _("规则和日历")),
    ("messages", _("通知和推送")),
    ("text", _("编号和模型")),
    ("audit", _("审计")),
)


class Mark(str):
    """A cell's text with a tone: "near", "late", "done" or "paused"."""

    __slots__ = ("tone",)
    tone: str

    def __new__(cls, text: Any, tone: str = "") -> Mark:
        made = super().__new__(cls, str(text))
        made.tone = tone
        return made


@dataclass(frozen=True, slots=True)
class Column:
    """A column of list and export. `name` heads it in files whatever the language; `screen` False: in files only."""

    name: str
    label: Any
    number: bool = False
    screen: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the list, kept in the address; `choices` gives (value, label) for whoever asks."""

    name: str
    label: Any
    choices: Callable[[], Sequence[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what, and when. `chosen`: the filters that are set; `files`: what was sent with a form, by field."""

    scope: Scope
    now: datetime
    q: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    files: Any = None

    @property
    def by(self) -> int:
        """The id of the person who asks."""
        return self.scope.person


@dataclass(frozen=True, slots=True)
class Version:
    """What a thing was, is or will be in a stretch of days; `state`: now, past, coming or replaced."""

    since: date | None
    until: date | None
    value: str
    basis: str = ""
    who: str = ""
    at: datetime | None = None
    state: str = "now"


@dataclass(frozen=True, slots=True)
class Table:
    """A small table in an effect or on a page: heads and rows of text."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What will happen and to whom, before it counts."""

    lines: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What was done. `address`: where to go on (default: the object's page or the list); `secret`: shown this once;
    `failed`: what was tried did not come about, as the message says.
    """

    message: str
    address: str = ""
    secret: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What one row of an import does: "new", "changed" or "same", to which object, and in words; `told`: what was not taken as it stands."""

    what: str
    title: str
    words: str = ""
    told: str = ""


def _always(row: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to one object, or to the list (its row is None).

    `form(row, data, asked)` makes the form, None for an action without fields; `do(row, given, asked)` calls a service;
    `effect(row, given, asked)` tells what would follow, and makes the form be sent twice. `warning` stands above the
    button. `open_to(row)` hides it where it makes no sense. `tried` False: the service reaches out of the database, so it
    is not tried before the effect is shown. `before` names the action that usually comes before this one.
    """

    name: str
    label: Any
    roles: tuple[str, ...]
    do: Callable[[Any, dict[str, Any], Asked], Done]
    form: Callable[[Any, Any, Asked], Drawn] | None = None
    effect: Callable[[Any, dict[str, Any], Asked], Effect] | None = None
    warning: Any = ""
    danger: bool = False
    open_to: Callable[[Any], bool] = _always
    template: str = "administration/form.html"
    tried: bool = True
    before: str = ""

    @property
    def foreseen(self) -> bool:
        """Is its effect shown before it counts?"""
        return self.effect is not None


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the index that has an address of its own."""

    view: str
    label: Any
    about: Any
    group: str
    roles: tuple[str, ...]

    def open_to(self, scope: Scope) -> bool:
        """May this person open it?"""
        return scope.holds(*self.roles)


def said(lines: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Of the lines (label, value) of an entry, those that say something."""
    return [(label, value) for label, value in lines if value]


class Kind:
    """One kind of object; see the folder's docstring for how to make one."""

    name: ClassVar[str]
    label: ClassVar[Any]
    about: ClassVar[Any]
    group: ClassVar[str]
    roles: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[Column, ...]]
    filters: ClassVar[tuple[Filter, ...]] = ()
    search: ClassVar[Any] = ""
    """What can be searched for, as the box's label; empty: no search."""
    stream: ClassVar[str] = ""
    """The ledger's register that holds its history."""
    empty: ClassVar[Any] = _("还没有内容。")
    list_actions: ClassVar[tuple[Action, ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = ()
    import_columns: ClassVar[tuple[str, ...]] = ()
    """The columns that a file must have; empty: nothing is imported."""
    import_key: ClassVar[str] = ""
    """The column whose value stands in one row of a file alone ("": none)."""
    import_roles: ClassVar[tuple[str, ...]] = ()
    columns_view: ClassVar[str] = ""
    """The name of the address where a file with other columns is matched to these ("": nowhere)."""
    list_template: ClassVar[str] = "administration/list.html"
    page_template: ClassVar[str] = "administration/object.html"
    has_page: ClassVar[bool] = True
    counted: ClassVar[bool] = True
    """False for long lists: they are paged by `rows_before` without a total."""

    def open_to(self, scope: Scope) -> bool:
        """May this person open list and pages?"""
        return scope.holds(*self.roles)

    def rows(self, asked: Asked) -> Any:
        """All rows that fit search and filters, in order: a queryset or a list."""
        raise NotImplementedError

    def rows_before(self, asked: Asked, before: int | None, most: int) -> list[Any]:
        """Of a long list: at most `most` rows by falling id, before this one if it is given."""
        raise NotImplementedError

    def cells(self, rows: Sequence[Any], asked: Asked) -> list[tuple[Any, ...]]:
        """For each row one value a column: text, number, date, moment, bool, None or Mark. Asks once for all rows."""
        raise NotImplementedError

    def key(self, row: Any) -> str:
        """How the object stands in an address; no slash."""
        return str(row.pk)

    def found(self, key: str, asked: Asked) -> Any | None:
        """The object of a key that this person may see, else None."""
        raise NotImplementedError

    def title(self, row: Any) -> str:
        """Its name as the heading of its page."""
        return str(row)

    def facts(self, row: Any, asked: Asked) -> list[tuple[Any, Any]]:
        """What it is now: (label, value); by default what the list shows of it, but the first, which heads the page."""
        return self.cells_named(row, asked)[1:]

    def cells_named(self, row: Any, asked: Asked) -> list[tuple[Any, Any]]:
        """The cells of one row that the list shows, each with its label."""
        cells = self.cells([row], asked)[0]
        shown = self.columns_shown(asked)
        named = zip(self.columns, cells, strict=True)
        return [(column.label, value) for column, value in named if column in shown]

    def columns_shown(self, asked: Asked) -> list[Column]:
        """The columns that the list shows to this person."""
        return [column for column in self.columns if column.screen]

    def versions(self, row: Any, asked: Asked) -> list[Version]:
        """What it was, is and will be, the latest first; empty where it has no dated versions."""
        return []

    def tables(self, row: Any, asked: Asked) -> list[Table]:
        """More that belongs on its page."""
        return []

    def history_match(self, row: Any) -> Mapping[str, Any]:
        """What an entry's data hold when it is about this object."""
        return {}

    def history(self, row: Any, asked: Asked) -> list[RegisterEntry]:
        """The entries about this object, the latest first."""
        match = self.history_match(row)
        return register_entries(stream=self.stream, match=match) if self.stream and match else []

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        """What an entry says, as (label, value)."""
        return []

    def page_context(self, row: Any, asked: Asked) -> dict[str, Any]:
        """More for a template of its own."""
        return {}

    def list_context(self, asked: Asked) -> dict[str, Any]:
        """More for a list template of its own."""
        return {}

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        """Carry out one row of a file by the services; Refusal or FieldError when it cannot be."""
        raise NotImplementedError


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name, in the order of the folders."""
    found = [kind for module in _modules() for kind in getattr(module, "KINDS", ())]
    return {kind.name: kind() for kind in found}


@cache
def places() -> tuple[Place, ...]:
    """The pages of the index that have addresses of their own."""
    return tuple(place for module in _modules() for place in getattr(module, "PLACES", ()))


@cache
def _modules() -> tuple[Any, ...]:
    names = [app.name for app in apps.get_app_configs() if app.name.startswith("bihuan.")]
    return tuple(import_module(f"{name}.kinds") for name in names if find_spec(f"{name}.kinds"))
