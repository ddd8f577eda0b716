"""Which form an item asks in, what is known of the applicant already, and recording what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Party
from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import VALID
from bihuan.kernel.forms.checking import SENT_ALONG
from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.forms.rules import Field, Form, Prefilled, Source, answers_joined, form_prefilled
from bihuan.kernel.forms.selectors import answers_before, answers_read, form_in_force, form_of
from bihuan.kernel.forms.services import answers_record
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.models import ItemVersion

PACK, BEFORE = "onewindow", "before"
EARLIER = 50
"""Cases of the same applicant that are looked at, the latest first."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was filled in: the values of the form's fields, the files by the path of theirs, and what was known before."""

    values: Mapping[str, Any]
    files: Mapping[str, Any] = field(default_factory=dict)
    prefilled: Prefilled = field(default_factory=Prefilled)


def item_form(version: ItemVersion, on: date) -> tuple[FormVersion, Form] | None:
    """The form that an item's version asks in on a day; None where it has none."""
    if not version.form:
        return None
    row = form_in_force(code=version.form, on=on)
    return row, form_of(row)


def applicant_prefilled(form: Form, code: str, *, name: str, identity: str, today: date) -> Prefilled:
    """What earlier cases of this name and number and the certificates that the city issued to them know of the form's fields. The
    caller has made sure that it is this applicant who asks, and agrees."""
    if not name or not identity:
        return Prefilled()
    with kernel_writes():
        return form_prefilled(form, {**_certificates(name, identity, today), **_before(name, identity, code)})


def _certificates(name: str, identity: str, today: date) -> dict[str, Source]:
    """A source for each kind of certificate that holds, by the code of the kind: its lines, `number`, `holder`."""
    rows = Certificate.objects.filter(holder=name, identity=identity, state=VALID, valid_from__lte=today)
    known, found = certificate_kinds(), {}
    for one in rows.order_by("pk"):
        if one.kind in known and one.standing(today) == VALID:
            label = _("%(kind)s %(number)s") % {"kind": known[one.kind].name, "number": one.number}
            found[one.kind] = Source(label, {**one.contents, "number": one.number, "holder": one.holder})
    return found


def _before(name: str, identity: str, code: str) -> dict[str, Source]:
    """What this applicant answered before, where somebody saw who it was: a stranger with the number answers for nobody."""
    parties = Party.objects.filter(id_number=identity, name=name, case__pack=PACK, role=Party.Role.REPORTER)
    parties = parties.exclude(case__facts__verified=False)
    cases = list(parties.order_by("-case").values_list("case", flat=True)[:EARLIER])
    last = answers_before(cases=cases, code=code)
    if last is None:
        return {}
    label = _("%s 填过的表") % timezone.localdate(last.recorded_at).isoformat()
    return {BEFORE: Source(label, answers_read(last))}


def files_apart(
    fields: Sequence[Field], values: Mapping[str, Any], path: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers with their files as if they came along, and what stood for each file, by its path. What is of another shape stays as it came."""
    kinds, out, files = {one.name: one for one in fields}, dict(values), dict[str, Any]()
    for name, value in values.items():
        one, here = kinds.get(name), f"{path}{name}"
        if one is None or value is None:
            continue
        if one.kind == "file":
            files[here], out[name] = value, SENT_ALONG
        elif one.kind == "group" and isinstance(value, Mapping):
            out[name], more = files_apart(one.fields, value, f"{here}.")
            files |= more
        elif one.kind == "rows" and isinstance(value, list):
            out[name] = list(value)
            for n, row in enumerate(value):
                if isinstance(row, Mapping):
                    out[name][n], more = files_apart(one.fields, row, f"{here}.{n}.")
                    files |= more
    return out, files


def application_answer(
    *, case: int, version: ItemVersion, answered: Answered, by: int, now: datetime
) -> None:
    """Record what was answered in the item's form, in the caller's transaction. AnswersRefused names each field and rule."""
    asked = item_form(version, timezone.localdate(now))
    if asked is None:
        return
    values = answers_joined(answered.values, answered.prefilled)
    with kernel_writes():
        answers_record(case=case, form=asked[0], values=values, by=by, now=now, files=answered.files)
