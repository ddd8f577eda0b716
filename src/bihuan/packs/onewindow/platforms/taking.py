"""An application as another system hands it in: read by the list of its item or theme, taken in and accepted as at the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.forms.rules import Form, Prefilled
from bihuan.kernel.forms.services import AnswersRefused
from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.applying.materials import Materials, names_of
from bihuan.packs.onewindow.applying.receiving import DATED, Received, received_clean, subject_clean
from bihuan.packs.onewindow.applying.services import Taken, application_take, received_facts
from bihuan.packs.onewindow.asking.item_form import Answered, files_apart, item_form
from bihuan.packs.onewindow.catalogue.codes import code_read
from bihuan.packs.onewindow.catalogue.selectors import version_on
from bihuan.packs.onewindow.models import Item, ItemVersion, Theme
from bihuan.packs.onewindow.platforms.files import file_named
from bihuan.packs.onewindow.rules import lacking
from bihuan.packs.onewindow.themes import applying as themes
from bihuan.packs.onewindow.themes.asking import ThemeForm, asked_once, theme_form
from bihuan.packs.onewindow.themes.selectors import theme_composed, theme_version_on

T = TypeVar("T")
PRESENT = "present"
STATES = (PRESENT, "lacking")


def application_hand_in(*, given: Mapping[str, Any], by: int, now: datetime) -> Taken:
    """Take in and accept what a system handed in, for the window of its account `by`; all or nothing.

    `given`: item (code), applicant, name, id_number, phone, address, materials {number: "present" | "lacking"}, files {number: word}, dated
    {number: day}, answers (of the item's form), way, remark, external_id. AnswersRefused, FieldError or Refusal with field and rule: a forged
    code, an unknown or ended item, wrong check digits, what is missing by number and name. Conflict for an external_id that was taken before.
    """
    version = version_coded(clean_text(given["item"], field="item", max_length=80, multiline=False), now)
    received, files = _received(given, version.item_id, by, now)

    def take() -> Taken:
        return application_take(
            received=received, by=by, now=now, verified=False, external_id=given["external_id"],
            answered=_answered(version, given.get("answers", {}), by, now), files=files, version=version,
        )  # fmt: skip

    return _taken(take, version.materials, lambda: received_facts(received, version, now))


def theme_hand_in(*, given: Mapping[str, Any], by: int, now: datetime) -> themes.Taken:
    """As `application_hand_in` for a theme: `theme` (code) and `subject` in place of the item; `answers` by the code of each form."""
    today = timezone.localdate(now)
    code = clean_text(given["theme"], field="theme", max_length=40, multiline=False)
    row = Theme.objects.filter(code=code).only("pk").first()
    version = theme_version_on(row.pk, today) if row else None
    if version is None or not version.active:
        raise NotFound("theme", _("没有这个主题,或已停用。"), field="theme")
    received, files = _received(given, version.theme_id, by, now)
    found, subject = theme_composed(version, today), subject_clean(given["subject"])
    forms = theme_form(found.items.values(), today)
    answered = _theme_answered(forms, given["answers"], by, now)

    def take() -> themes.Taken:
        try:
            return themes.theme_take(
                received=received, subject=subject, by=by, now=now, verified=False, answered=answered,
                external_id=given["external_id"], files=files,
            )  # fmt: skip
        except AnswersRefused as refused:
            raise _by_form(refused, forms) from None

    return _taken(
        take, found.checklist.materials, lambda: themes.theme_facts(found, received=received, now=now)
    )


def _received(given: Mapping[str, Any], of: int, by: int, now: datetime) -> tuple[Received, dict[str, Any]]:
    """What was handed in, cleaned, and the files by the numbers of their materials, which are thereby present."""
    words = given.get("files", {})
    files = {n: file_named(word, field=f"files.{n}", by=by, now=now) for n, word in words.items()}
    for number in files:
        if given["materials"].get(number) == "lacking":
            raise FieldError(f"files.{number}", "choice", _("这项材料又写了缺,又交了文件。"))
    typed = {
        **given,
        "item": of,
        "outcome": given["way"],
        "signed": given["way"] == "accept_commitment",
        **{f"{DATED}{number}": day for number, day in given.get("dated", {}).items()},
    }
    present = dict.fromkeys((*_present(given["materials"]), *files))
    return received_clean(typed, present=tuple(present), today=timezone.localdate(now)), files


def _taken(take: Callable[[], T], materials: Materials, facts: Callable[[], Mapping[str, Any]]) -> T:
    try:
        with transaction.atomic():
            return take()
    except Refusal as refused:
        if refused.code != "materials_are_complete":
            raise
        raise _missing(materials, facts()) from None
    except IntegrityError as error:
        if "external" not in str(error):
            raise
        raise Conflict("external_id", _("这个外部编号已收过一件,没有再收。"), field="external_id") from None


def _answered(version: ItemVersion, answers: Mapping[str, Any], by: int, now: datetime) -> Answered | None:
    """The answers for the item's form, none of them left to what the city knows: nobody saw who it is."""
    if answers and not version.form:
        raise FieldError("answers", "unknown", _("这个事项没有要填的表。"))
    asked = item_form(version, timezone.localdate(now))
    return _filed(asked[1], answers, by, now) if asked else None


def _filed(form: Form, answers: Mapping[str, Any], by: int, now: datetime) -> Answered:
    values, words = files_apart(form.fields, answers)
    files = {path: file_named(word, field=f"answers.{path}", by=by, now=now) for path, word in words.items()}
    return Answered(values, files)


def _theme_answered(
    forms: ThemeForm | None, answers: Mapping[str, Any], by: int, now: datetime
) -> Answered | None:
    """The answers by the codes of their forms; what two forms ask alike need be answered once."""
    names = {row.code: name for name, row in forms.rows.items()} if forms else {}
    for code, values in answers.items():
        if code not in names or not isinstance(values, Mapping):
            raise FieldError("answers", "unknown", _("这个主题没有这张表:%s。") % code[:80])
    if forms is None:
        return None
    filed = _filed(forms.form, {names[code]: values for code, values in answers.items()}, by, now)
    return replace(filed, prefilled=asked_once(forms, filed.values, Prefilled()))


def _by_form(refused: AnswersRefused, forms: ThemeForm | None) -> AnswersRefused:
    """The flaws under the codes of their forms, as they were answered."""
    codes = {name: row.code for name, row in forms.rows.items()} if forms else {}
    parts = [(flaw, flaw.path.partition(".")) for flaw in refused.flaws]
    return AnswersRefused([replace(flaw, path=f"{codes.get(p[0], p[0])}.{p[2]}") for flaw, p in parts])


def version_coded(code: str, now: datetime) -> ItemVersion:
    """Today's version of the item with this code. FieldError for a code that is forged, NotFound for one that is not in the
    catalogue or has ended."""
    row = Item.objects.filter(code=code).only("pk").first()
    version = row and version_on(row.pk, timezone.localdate(now))
    if version and version.active:
        return version
    if row is None:
        _code_check(code)
    raise NotFound("item", _("目录里没有这个事项,或已停用。"), field="item")


def _code_check(code: str) -> None:
    """FieldError when a code that looks like a national one is none."""
    if not (code.isascii() and code.isalnum()):
        return
    try:
        found = code_read(code, "national")
    except FieldError as fault:
        raise FieldError("item", "item_code", fault.message) from None
    if found.form == "case":
        raise FieldError("item", "item_code", _("这是办件编码,不是事项编码。"))


def _present(materials: Mapping[str, str]) -> tuple[str, ...]:
    for number, state in materials.items():
        if state not in STATES or not (number.isascii() and number.isdecimal()):
            raise FieldError(
                "materials",
                "choice",
                _("材料写成 {“序号”: “present” 或 “lacking”},序号在办事指南的材料清单里。"),
            )
    return tuple(number for number, state in materials.items() if state == PRESENT)


def _missing(materials: Materials, facts: Mapping[str, Any]) -> FieldError:
    """Names every required material that is missing, at once."""
    words = _("必要的材料还没有交齐,缺:%(names)s。") % {"names": names_of(materials, lacking(facts))}
    return FieldError("materials", "materials_are_complete", words)
