"""The names of what a board counts, and this month's scores: each read once for a page, when it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext

from bihuan.kernel.desk.boards.asked import Asked
from bihuan.kernel.desk.boards.counting import NONE, opened_counted
from bihuan.kernel.desk.menu import scores_readers
from bihuan.kernel.desk.pack_words import matter_classes
from bihuan.kernel.desk.scores import tables as scores
from bihuan.kernel.desk.words import language
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.scoring.ranking import Card, Placed
from bihuan.kernel.scoring.selectors import card_in_force
from bihuan.kernel.scoring.words import LIST_NAMES
from bihuan.lib.refusals import Refusal


class Named(NamedTuple):
    """A unit as boards name it; `county` is the code of the county that a township lies in. `short` is the name without that of
    the unit above, for an axis: there all would begin alike, and end cut off.
    """

    pk: int
    code: str
    name: str
    short: str
    county: str


class Known:
    """Names in the page's language, and scores of the month of `asked.now`."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.scores_read = asked.scope.holds(*scores_readers())

    @cached_property
    def _units(self) -> dict[str, Named]:
        columns = ("pk", "code", "name", "name_en", "parent__code", "parent__name", "parent__name_en", "kind")
        found = {}
        for pk, code, name, name_en, parent, above, above_en, kind in Unit.objects.values_list(*columns):
            if language() == "en":
                name, above = name_en or name, above_en or above  # noqa: PLW2901
            short = name.removeprefix(above or "").strip() or name
            found[code] = Named(pk, code, name, short, (parent or code) if kind == "township" else code)
        return found

    @cached_property
    def _by_id(self) -> dict[int, Named]:
        return {one.pk: one for one in self._units.values()}

    def unit(self, code: str) -> str:
        """A unit's name; a code that names none stays as it is."""
        return self._units[code].name if code in self._units else code

    def unit_by_id(self, pk: int) -> Named:
        return self._by_id[pk]

    def short(self, code: str) -> str:
        """A unit's name on an axis."""
        return self._units[code].short if code in self._units else code

    def place(self, code: str) -> str:
        return gettext("地点未定") if code == NONE else self.unit(code)

    def holder(self, code: str) -> str:
        return gettext("已转别的单位") if code == NONE else self.unit(code)

    def county(self, code: str) -> str:
        """The code of the county that a place is drawn in; "" for none."""
        return self._units[code].county[:6] if code in self._units else ""

    @cached_property
    def opened(self) -> list[tuple[str, str, int]]:
        """What came in the span by matter and place, for every chart that sums it."""
        return opened_counted(self.asked)

    @cached_property
    def classes(self) -> dict[str, tuple[str, str]]:
        """The code and name of each matter's class."""
        return dict(matter_classes(self.asked.pack))

    @cached_property
    def class_codes(self) -> dict[str, str]:
        """The code of each matter's class."""
        return {matter: code for matter, (code, _) in self.classes.items()}

    def class_of(self, matter: str) -> str:
        return self.class_codes.get(matter, NONE)

    def class_name(self, code: str) -> str:
        return dict(self.classes.values()).get(code) or gettext("未定类别")

    @cached_property
    def _card(self) -> Card | None:
        """None when nobody set one."""
        try:
            return card_in_force(pack=self.asked.pack, on=self._chosen.month)
        except Refusal:
            return None

    @cached_property
    def _chosen(self) -> scores.Chosen:
        return scores.chosen_of({}, self.asked.now)

    @cached_property
    def _lists(self) -> dict[str, list[Placed]]:
        if self._card is None:
            return {}
        return scores.lists_ranked(pack=self.asked.pack, span=self._chosen.span, card=self._card)

    def placed(self) -> list[Placed]:
        """The scored units whose figures this person may read."""
        scope = self.asked.scope
        return [
            row
            for rows in self._lists.values()
            for row in rows
            if scope.everything or row.unit in scope.units
        ]

    def scores_behind(self, unit: int, measure: str) -> str:
        """The address of the orders behind a unit's measure."""
        return f"{reverse('scores_behind', args=[self._by_id[unit].code, measure])}?{self._chosen.query}"

    def ranking(self) -> list[tuple[str, str, str, str, str]]:
        """Name, place, list, score and address of each unit, as the page of scores shows them to this person."""
        if self._card is None:
            return []
        found = []
        for name, rows in self._lists.items():
            shown = scores.list_shown(name, rows, self._card, self.asked.scope, self._chosen.query)
            found += [
                (row["name"], row["place"], str(LIST_NAMES[name]), row["score"], row["address"])
                for row in shown["rows"]
                if not row["few"]
            ]
        return found

    @property
    def card_told(self) -> str:
        """By which rule units are ranked."""
        if self._card is None:
            return gettext("没有设定考核办法,不排名。")
        words = gettext("本月至今,依据《%(name)s(%(version)s)》;件数不足的不排名。")
        return words % {"name": self._card.name, "version": self._card.version}
