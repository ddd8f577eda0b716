"""The item's form on a page: read from what was sent, drawn with what is known and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest

from bihuan.kernel.attachments.kept import KeptFile, files_keep, files_kept
from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.drawing import Drawn, DrawnForm, form_drawn
from bihuan.kernel.forms.reading import PREFIX, Typed, answers_typed
from bihuan.kernel.forms.rules import Form, Prefilled, value_at, value_placed
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.public.gates import TooMuch, gate_count
from bihuan.kernel.sentences import told
from bihuan.packs.onewindow.asking.item_form import Answered, applicant_prefilled, item_form
from bihuan.packs.onewindow.models import ItemVersion

WITHIN = "form-"
Problem = tuple[str, str, str]
"""What is wrong on a page: the field's id without "field-", its label, why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The form of an item as it was sent, with what is known of the applicant."""

    form: Form
    typed: Typed
    prefilled: Prefilled

    @property
    def answered(self) -> Answered:
        return Answered(self.typed.values, self.typed.files, self.prefilled)

    def drawn(
        self,
        *,
        fill: bool,
        kept: Mapping[str, KeptFile],
        flaws: Sequence[Flaw] = (),
        unfit: Sequence[Problem] = (),
    ) -> DrawnForm:
        """The form with what was typed; with `fill` what is known stands where nothing was typed. `kept`: by the control's name;
        `unfit`: why files may not come in, each beside its field."""
        values = dict(self.typed.values)
        for path in self.prefilled.origins if fill else ():
            if value_at(values, path) in (None, "", [], {}):
                value_placed(values, path, value_at(self.prefilled.values, path))
        names = {control.removeprefix(PREFIX): file.name for control, file in kept.items()}
        drawn = form_drawn(
            self.form, values, flaws=flaws, prefilled=self.prefilled, more=self.typed.more, kept=names, within=WITHIN
        )  # fmt: skip
        _mark(drawn.fields, {f"field-{control}": why for control, _label, why in unfit})
        return drawn

    @property
    def files(self) -> dict[str, Any]:
        """The files that came, by the names that their controls have when the form is drawn anew."""
        return {f"{PREFIX}{path}": file for path, file in self.typed.files.items()}


def _mark(fields: Sequence[Drawn], why: Mapping[str, str]) -> None:
    for one in fields:
        one.wrong = one.wrong or why.get(one.id, "")
        for inside in (one.inside, *one.rows):
            _mark(inside, why)


def asked_of(
    request: HttpRequest, version: ItemVersion, *, name: str, identity: str, today: date, may_know: bool
) -> Asked | None:
    """The item's form as this request sends it; None where the item has none. `may_know`: it is this applicant who asks, and the
    page has said that what the city knows is used."""
    found = item_form(version, today)
    if found is None:
        return None
    row, form = found
    typed = answers_typed(form, request.POST, files_sent(request))
    known = (
        applicant_prefilled(form, row.code, name=name, identity=identity, today=today)
        if may_know
        else Prefilled()
    )
    return Asked(form, typed, known)


def files_sent(request: HttpRequest) -> dict[str, Any]:
    """The files of a form by the names of their controls: those sent now, and those that were sent with it before and kept."""
    kept = files_kept(request, request.POST.get("key", "")[:64])
    dropped = request.POST.getlist("drop")
    return {
        **{control: file for control, file in kept.items() if control not in dropped},
        **request.FILES.dict(),
    }


def files_held(
    request: HttpRequest, files: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[dict[str, KeptFile], list[Problem]]:
    """Keep the files of a form that is drawn anew, so that nobody chooses them twice; and those that may not come in: the field's id,
    its label (`names`, by the name of its control), why."""
    key, now = request.POST.get("key", "")[:64], request.now
    try:
        _counted(request, files, now)
        wrong = files_keep(request, key, files, now=now) if key else {}
    except TooMuch as refusal:
        return files_kept(request, key), [("", "", told(refusal))]
    ids = {
        control: control if control in names else f"{WITHIN}{control.removeprefix(PREFIX)}"
        for control in wrong
    }
    return files_kept(request, key), [(ids[c], names.get(c, ""), told(why)) for c, why in wrong.items()]


def _counted(request: HttpRequest, files: Mapping[str, Any], now: datetime) -> None:
    """TooMuch when more is kept for one address without an account than is taken."""
    if not request.user.is_authenticated:
        for _file in (one for one in files.values() if not isinstance(one, KeptFile)):
            gate_count("keep_address", address_of(request), now)
