"""Other cases that a step names: found for the person who names them, and what guards may know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db.backends.utils import CursorWrapper

from bihuan.kernel.cases.facts import Named
from bihuan.kernel.cases.models import Case
from bihuan.kernel.pack import workflows
from bihuan.kernel.workflow.model import Step
from bihuan.lib.text import FieldError

READ = """
    with pairs as (
        select c.id as of, e.id as named, e.closed_at is not null and coalesce(t.answer, '') <> '' as answered,
            c.pack = e.pack and c.matter <> '' and c.matter = e.matter as same_matter, e.id = c.origin_id as is_origin
        from cases_case c cross join cases_case e left join cases_text t on t.case_id = e.id
        where c.id = any(%s) and e.id = any(%s) and c.id <> e.id
    )
    select of, named, answered, same_matter, (
        select bool_or(p.phone = q.phone) from cases_party p, cases_party q
        where p.case_id = of and q.case_id = named and p.role = 'reporter' and q.role = 'reporter'
          and p.phone <> '' and q.phone <> ''), coalesce(is_origin, false)
    from pairs
"""


def cases_resolve(step: Step, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with every case that it names, by id or by number, as an id. FieldError when it is not to be seen."""
    asked = [ask.name for ask in step.asks if ask.kind == "case" and data.get(ask.name) not in (None, "")]
    return {**data, **{name: _visible(name, str(data[name])) for name in asked}}


def _visible(field: str, named: str) -> int:
    named = named.replace("\0", "").strip()
    wanted = {"pk": int(named)} if named.isdecimal() and len(named) < 19 else {"number": named}
    found = Case.objects.filter(**wanted).values_list("pk", flat=True).first()
    if found is None:
        raise FieldError(field, "unknown_case", "没有这一件,或您无权查看。")
    return int(found)


@cache
def _case_fields() -> frozenset[str]:
    asks = (ask for workflow in workflows().values() for step in workflow.steps for ask in step.asks)
    return frozenset(ask.name for ask in asks if ask.kind == "case")


def cases_named(data: Mapping[str, Any]) -> list[int]:
    """The ids of cases in this data."""
    return [value for name, value in data.items() if name in _case_fields() and isinstance(value, int)]


def named_read(
    cursor: CursorWrapper | Any, *, cases: Sequence[int], named: Iterable[int]
) -> dict[int, dict[int, Named]]:
    """Of each of `cases`, what the `named` ones are to it."""
    cursor.execute(READ, [list(cases), list(named)])
    found: dict[int, dict[int, Named]] = {}
    for of, other, *told in cursor.fetchall():
        found.setdefault(of, {})[other] = Named(*told)
    return found
