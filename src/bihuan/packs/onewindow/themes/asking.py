"""The forms of a theme's items as one: what two of them ask alike is asked once. Recorded with the whole, and with each part when it opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bihuan.kernel.attachments.kept import KeptFile
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.forms.checking import Flaw, answers_check
from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.forms.reading import answers_typed
from bihuan.kernel.forms.rules import Field, Form, Prefilled, answers_joined, value_at, value_placed
from bihuan.kernel.forms.selectors import answers_before, answers_read, form_of
from bihuan.kernel.forms.services import AnswersRefused, answers_record
from bihuan.kernel.forms.words import form_title
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.asking.item_form import Answered, applicant_prefilled, files_apart, item_form
from bihuan.packs.onewindow.asking.pages import Asked, files_sent
from bihuan.packs.onewindow.models import ItemVersion

ALONE = ("file", "group", "rows", "agree")
"""Kinds that every form asks for itself: what somebody agrees to is agreed to each time."""
TITLE = gettext_noop("要填的表")


@dataclass(frozen=True, slots=True)
class ThemeForm:
    """`form` has a group for each of the forms `rows`, by its name; `shared`: of a field that is asked in a form before, the path of the
    field that is asked."""

    form: Form
    rows: Mapping[str, FormVersion]
    shared: Mapping[str, str]


def theme_form(items: Iterable[ItemVersion], on: date) -> ThemeForm | None:
    """The forms of these items on a day as one, each form once; None where no item has one."""
    found = {version.form: item_form(version, on) for version in items if version.form}
    asked = {f"p{place}": one for place, one in enumerate(found.values(), 1) if one}
    if not asked:
        return None
    groups = tuple(_group(name, form) for name, (_row, form) in asked.items())
    properties = {group.name: group.schema for group in groups}
    form = Form(_(TITLE), "", {"type": "object", "properties": properties}, groups)
    return ThemeForm(form, {name: row for name, (row, _form) in asked.items()}, _shared(groups))


def _group(name: str, form: Form) -> Field:
    schema = {**form.schema, "title": form.title, **({"x-title-en": form.title_en} if form.title_en else {})}
    return Field(name, "group", schema, fields=form.fields)


def _shared(groups: Iterable[Field]) -> dict[str, str]:
    """Fields that are called alike, are of one kind and always shown are one."""
    first: dict[tuple[str, str, str], str] = {}
    shared = {}
    for group in groups:
        for one in group.fields:
            if one.kind in ALONE or one.when:
                continue
            alike, path = (one.name, str(one.schema.get("title")), one.kind), f"{group.name}.{one.name}"
            asked = first.setdefault(alike, path)
            if asked != path:
                shared[path] = asked
    return shared


def theme_asked(
    request: HttpRequest, found: ThemeForm, *, name: str, identity: str, today: date, may_know: bool
) -> Asked:
    """The forms as this request sends them. `may_know`: the applicant agrees that what the city knows is used."""
    typed = answers_typed(found.form, request.POST, files_sent(request))
    known = _known(found, name, identity, today) if may_know else Prefilled()
    return Asked(found.form, typed, asked_once(found, typed.values, known))


def _known(found: ThemeForm, name: str, identity: str, today: date) -> Prefilled:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    silent: set[str] = set()
    for group, row in found.rows.items():
        one = applicant_prefilled(form_of(row), row.code, name=name, identity=identity, today=today)
        values[group] = dict(one.values)
        origins |= {f"{group}.{path}": label for path, label in one.origins.items()}
        silent |= {f"{group}.{path}" for path in one.silent}
    return Prefilled(values, origins, frozenset(silent))


def asked_once(found: ThemeForm, typed: Mapping[str, Any], known: Prefilled) -> Prefilled:
    """What is known, with what is asked once for several forms: it need not be asked again, the server puts it in."""
    values, origins = answers_joined(known.values, Prefilled()), dict(known.origins)
    joined = answers_joined(typed, known)
    titles = {group.name: form_title(form_of(found.rows[group.name])) for group in found.form.fields}
    for path, asked in found.shared.items():
        value_placed(values, path, value_at(joined, asked))
        origins[path] = _("上面的《%s》") % titles[asked.partition(".")[0]]
    return Prefilled(values, origins, known.silent | set(found.shared))


def theme_flaws(found: ThemeForm, answered: Answered) -> list[Flaw]:
    """What is wrong with the answers, each flaw once, at the field where it was asked."""
    flaws: dict[str, Flaw] = {}
    for flaw in answers_check(found.form, answers_joined(answered.values, answered.prefilled)).flaws:
        path = found.shared.get(flaw.path, flaw.path)
        flaws.setdefault(path, replace(flaw, path=path))
    return list(flaws.values())


def theme_answer(*, case: int, found: ThemeForm, answered: Answered, by: int, now: datetime) -> None:
    """Record what was answered with the whole, each form for itself, in the caller's transaction. AnswersRefused names every flaw at the
    field where it was asked."""
    if flaws := theme_flaws(found, answered):
        raise AnswersRefused(flaws)
    values = answers_joined(answered.values, answered.prefilled)
    with kernel_writes():
        for name, row in found.rows.items():
            files = {
                p.removeprefix(f"{name}."): f for p, f in answered.files.items() if p.startswith(f"{name}.")
            }
            try:
                answers_record(case=case, form=row, values=values.get(name, {}), by=by, now=now, files=files)
            except AnswersRefused as refused:
                raise refused.within(name) from None


def part_answer(*, whole: int, case: int, version: ItemVersion, now: datetime) -> None:
    """Give a part what was answered in its item's form with the whole, with the files; nothing where it has no form."""
    with kernel_writes():
        row = answers_before(cases=[whole], code=version.form) if version.form else None
        if row is None:
            return
        values, files = files_apart(form_of(row.form).fields, answers_read(row))
        known = (
            Attachment.objects.select_related("blob")
            .filter(case=whole, withdrawn_at=None)
            .in_bulk(int(pk) for pk in files.values())
        )
        sent = {path: _file(known[int(pk)]) for path, pk in files.items() if int(pk) in known}
        answers_record(case=case, form=row.form, values=values, by=0, now=now, files=sent)


def _file(row: Attachment) -> KeptFile:
    return KeptFile(row.blob_id or "", row.name, row.blob.size if row.blob else 0)
