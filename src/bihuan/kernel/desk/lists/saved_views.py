"""Lists that people keep under a name: their own, and those that their unit shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext

from bihuan.kernel.desk.lists.columns import columns_read
from bihuan.kernel.desk.lists.wanted import wanted_read
from bihuan.kernel.desk.lists.worklist import own_units
from bihuan.kernel.desk.models import SavedView
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound
from bihuan.lib.text import FieldError, clean_text

MOST = 30
LONGEST = 40


def views_of(*, scope: Scope) -> list[SavedView]:
    """The person's own views by name, then those that others share with the person's units."""
    rows = SavedView.objects.filter(removed_at=None).select_related("person")
    mine = Q(person=scope.person) | Q(unit__in=own_units(scope))
    return sorted(rows.filter(mine), key=lambda view: (view.person_id != scope.person, view.name))


def view_save(*, scope: Scope, name: Any, query: str, columns: str, shared: bool, now: datetime) -> SavedView:
    """Keep a list under a name. FieldError for a name that is empty, too long or taken, for too many views, and for sharing
    without a unit.
    """
    name = clean_text(name, field="name", max_length=LONGEST, min_length=1)
    units = own_units(scope)
    if shared and not units:
        raise FieldError("shared", "unit", gettext("您没有承办单位,不能共用视图。"))
    kept = wanted_read(QueryDict(query.lstrip("?"))).address(after="")
    with kernel_writes():
        mine = SavedView.objects.filter(person=scope.person, removed_at=None)
        if mine.count() >= MOST:
            raise FieldError("name", "too_many_views", gettext("视图最多 30 个,请先删去不用的。"))
        try:
            with transaction.atomic():
                return SavedView.objects.create(
                    person_id=scope.person,
                    unit_id=units[0] if shared else None,
                    name=name,
                    query=kept[:600],
                    columns=".".join(columns_read(columns)),
                    created_at=now,
                )
        except IntegrityError:  # it is there, or came at the same moment
            raise _taken() from None


def view_remove(*, scope: Scope, view: int, now: datetime) -> SavedView:
    """Take an own view away; `view_restore` puts it back. NotFound for another person's."""
    return _own(scope, view, removed_at=None, to=now)


def view_restore(*, scope: Scope, view: int) -> SavedView:
    """Put a removed view back. FieldError when another has taken its name meanwhile."""
    with kernel_writes():
        name = SavedView.objects.filter(pk=view, person=scope.person).values_list("name", flat=True).first()
        if SavedView.objects.filter(person=scope.person, name=name, removed_at=None).exists():
            raise _taken()
    return _own(scope, view, removed_at__isnull=False, to=None)


def _taken() -> FieldError:
    return FieldError("name", "duplicate_view", gettext("您已有同名的视图,请换个名字,或先删去旧的。"))


def _own(scope: Scope, view: int, *, to: datetime | None, **state: Any) -> SavedView:
    with kernel_writes():
        found = SavedView.objects.select_for_update().filter(pk=view, person=scope.person, **state).first()
        if found is None:
            raise NotFound("not_found", "没有找到,或您无权查看。")
        found.removed_at = to
        found.save(update_fields=["removed_at"])
    return found
