"""The item's form on a page: read from what was sent, drawn with what is known and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.drawing import DrawnForm, form_drawn
from bihuan.kernel.forms.reading import Typed, answers_typed
from bihuan.kernel.forms.rules import Form, Prefilled, value_at, value_placed
from bihuan.packs.onewindow.asking.item_form import Answered, applicant_prefilled, item_form
from bihuan.packs.onewindow.models import ItemVersion


@dataclass(frozen=True, slots=True)
class Asked:
    """The form of an item as it was sent, with what is known of the applicant."""

    form: Form
    typed: Typed
    prefilled: Prefilled

    @property
    def answered(self) -> Answered:
        return Answered(self.typed.values, self.typed.files, self.prefilled)

    def drawn(self, *, fill: bool, flaws: Sequence[Flaw] = ()) -> DrawnForm:
        """The form with what was typed; with `fill` what is known stands where nothing was typed."""
        values = dict(self.typed.values)
        for path in self.prefilled.origins if fill else ():
            if value_at(values, path) in (None, "", [], {}):
                value_placed(values, path, value_at(self.prefilled.values, path))
        return form_drawn(
            self.form, values, flaws=flaws, prefilled=self.prefilled, more=self.typed.more, within="form-"
        )


def asked_of(
    request: HttpRequest, version: ItemVersion, *, name: str, identity: str, today: date, may_know: bool
) -> Asked | None:
    """The item's form as this request sends it; None where the item has none. `may_know`: it is this applicant who asks, and the
    page has said that what the city knows is used."""
    found = item_form(version, today)
    if found is None:
        return None
    row, form = found
    typed = answers_typed(form, request.POST, request.FILES)
    known = (
        applicant_prefilled(form, row.code, name=name, identity=identity, today=today)
        if may_know
        else Prefilled()
    )
    return Asked(form, typed, known)
