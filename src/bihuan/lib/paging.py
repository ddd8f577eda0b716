"""Pages of long registers, whose cost does not grow with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet

MOST = 3_000
"""So many rows can be leafed through; what stands further down is found by a search or a filter."""
COUNTED = 1_000
"""So many rows are counted one by one where a figure is shown."""


def figure_counted(rows: QuerySet[Any]) -> str:
    """How many rows there are, as a figure: "1,000+" where there are more than COUNTED."""
    found = len(rows.order_by().values_list("pk")[: COUNTED + 1])
    return f"{COUNTED:,}+" if found > COUNTED else f"{found:,}"


class Latest(Paginator):
    """At most MOST rows, counted without putting them in order."""

    object_list: QuerySet[Any]
    most = MOST

    @cached_property
    def count(self) -> int:
        return len(self.object_list.order_by().values_list("pk")[: self.most])


class Part(Page[Any]):
    """A page that knows whether another follows; `cut`: rows do, but are not leafed through."""

    def __init__(self, rows: Sequence[Any], number: int, paginator: Paged, *, more: bool) -> None:
        super().__init__(rows, number, paginator)
        self.more = more and number < paginator.last
        self.cut = more and not self.more

    def has_next(self) -> bool:
        return self.more


class Paged(Latest):
    """The same, counted only for who asks: whether there is a next page is seen from one row more. What a row is shown with is
    joined for the rows of the page alone. `first` are the keys of rows that stand before all others.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, first: Sequence[int] = ()) -> None:
        super().__init__(rows, per_page)
        self.first = list(first)
        self.last = -(-self.most // per_page)

    def validate_number(self, number: int | float | str) -> int:
        try:
            place = int(number)
        except (ValueError, TypeError):
            raise PageNotAnInteger(str(number)) from None
        if not 1 <= place <= self.last:
            raise EmptyPage(str(place))
        return place

    def get_page(self, number: int | str | None) -> Page[Any]:
        """The page of that number; the first for what is no number, the last for what is beyond."""
        try:
            return self.page(number or 1)
        except PageNotAnInteger:
            return self.page(1)
        except EmptyPage:
            return self.page(self.num_pages)

    def page(self, number: int | str) -> Page[Any]:
        place = self.validate_number(number)
        keys = self._keys((place - 1) * self.per_page, self.per_page + 1)
        if not keys and place > 1:
            raise EmptyPage(str(place))
        rows = {row.pk: row for row in self.object_list.filter(pk__in=keys[: self.per_page])}
        more = len(keys) > self.per_page
        return Part([rows[key] for key in keys[: self.per_page] if key in rows], place, self, more=more)

    def _keys(self, begin: int, count: int) -> list[int]:
        """The keys of `count` rows from `begin`: first those of `first`, then the others in their order."""
        keys = self.first[begin : begin + count]
        begin, count = max(0, begin - len(self.first)), count - len(keys)
        others = self.object_list.exclude(pk__in=self.first) if self.first else self.object_list
        return [*keys, *others.values_list("pk", flat=True)[begin : begin + count]] if count else keys
