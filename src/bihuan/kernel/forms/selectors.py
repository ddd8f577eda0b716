"""Reading forms and answers; row-level security decides which answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.forms.models import Answers, FormVersion
from bihuan.kernel.forms.rules import Form
from bihuan.kernel.forms.schema import form_registered
from bihuan.lib.refusals import NotFound


def form_in_force(*, code: str, on: date) -> FormVersion:
    """The version of a form in force on a day: the latest start, then the latest recorded. NotFound when there is none."""
    rows = FormVersion.objects.filter(code=code, valid_from__lte=on)
    found = rows.order_by("-valid_from", "-version").first()
    if found is None:
        raise NotFound("unknown_form", _("没有这个表单,或这一天还没有生效。"), field="form")
    return found


def form_of(row: FormVersion) -> Form:
    """What a version asks. Read once a process: versions never change."""
    return _read(row.pk, row.schema)


@lru_cache(maxsize=512)
def _read(pk: int, text: str) -> Form:
    return form_registered(text)


def answers_of(*, case: int) -> list[Answers]:
    """What was last answered in each form and part of a case, with the form, in the order of the first answers."""
    latest: dict[tuple[str, str], Answers] = {}
    for row in answers_versions(case=case):
        latest[row.code, row.part] = row
    return list(latest.values())


def answers_versions(*, case: int) -> QuerySet[Answers]:
    """Everything ever answered in a case, oldest first."""
    return Answers.objects.filter(case=case).select_related("form", "recorded_by").order_by("pk")


def answers_read(row: Answers) -> dict[str, Any]:
    """The values of answers; none once they were erased. Numbers with a point are Decimal."""
    return dict(json.loads(row.values, parse_float=Decimal)) if row.values else {}


def answers_before(*, cases: Sequence[int], code: str) -> Answers | None:
    """What was last answered in one form in any of these cases, as a source for the next time."""
    rows = Answers.objects.filter(case__in=cases, code=code).exclude(values="")
    return rows.select_related("form").order_by("-pk").first()
