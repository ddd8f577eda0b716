"""Publishing forms, and recording what was answered in a case."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.services import GONE, attachment_add
from bihuan.kernel.cases.discretion import WITHHELD, draft_words_split
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import acts_on
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.forms.checking import SENT_ALONG, Flaw, answers_check
from bihuan.kernel.forms.models import Answers, FormVersion
from bihuan.kernel.forms.rules import Field, Form
from bihuan.kernel.forms.schema import form_read
from bihuan.kernel.forms.selectors import form_of
from bihuan.kernel.forms.words import flaws_told
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.workflow.model import ACTORS, actor
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import clean_text

ANSWERED = "answers"
"""The kind of the entry that tells of answers, and the name of their text beside it."""
STREAM = "forms"
CODE = re.compile(r"[a-z][a-z0-9_.-]{0,79}")
PART = re.compile(r"[A-Za-z0-9_.-]{0,40}")
EARLIEST = date(2004, 1, 1)
FURTHEST = timedelta(days=3_660)


class AnswersRefused(Refusal):
    """Answers that their form does not take: `flaws` name each field and rule."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = tuple(flaws)
        first = self.flaws[0]
        super().__init__("answers", flaws_told(self.flaws), field=first.path, rule=first.rule)

    def within(self, name: str) -> AnswersRefused:
        """The same, for answers that stand under a name."""
        return AnswersRefused([replace(flaw, path=f"{name}.{flaw.path}") for flaw in self.flaws])


def form_publish(
    *, code: str, schema: str, valid_from: date, basis: str, now: datetime, by: int | str
) -> FormVersion:
    """Add a version of a form, in force from a day on; answers given before keep theirs. The system administrator's.

    Refusal with field and rule: a code that is none, a schema that `schema.form_read` refuses, a day out of bounds, nothing new.
    """
    power_require("system_admin", by=by, now=now)
    if not CODE.fullmatch(code):
        raise Refusal("code", _("表单代码用小写字母、数字和 . _ -,字母开头,不超过 80 个。"), field="code")
    basis = clean_text(basis, field="basis", max_length=300, min_length=1, multiline=False)
    if not EARLIEST <= valid_from <= timezone.localdate(now) + FURTHEST:
        raise Refusal("dates", _("生效日期应在 2004 年以后、十年以内。"), field="valid_from")
    form = form_read(schema)
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"forms_version:{code}"])
        last = FormVersion.objects.filter(code=code).order_by("-version").first()
        if last and (last.schema, last.valid_from) == (schema, valid_from):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), field="schema")
        row = FormVersion.objects.create(
            code=code,
            version=last.version + 1 if last else 1,
            title=form.title,
            title_en=form.title_en,
            schema=schema,
            basis=basis,
            valid_from=valid_from,
            recorded_at=now,
        )
        data = {
            "code": code,
            "version": row.version,
            "title": row.title,
            "valid_from": valid_from.isoformat(),
            "basis": basis,
            "sha256": hashlib.sha256(schema.encode()).hexdigest(),
        }
        register_append(stream=STREAM, kind="form_published", at=now, by=by, data=data)
    return row


def answers_record(
    *,
    case: int,
    form: FormVersion,
    values: Mapping[str, Any],
    by: int,
    now: datetime,
    part: str = "",
    replaces: int = 0,
    files: Mapping[str, Any] | None = None,
) -> Answers:
    """Record answers in an open case, with an entry in its stream; within a transaction of the caller's they come with the case's
    opening or step, or not at all.

    `replaces` is the version that is corrected, 0 for the first answers; `files` are uploads by the path of their field, added
    to the case. `by` 0 is the system and BY_REPORTER the reporter, whose caller has judged; others act on the case. Raises NotFound,
    NotPermitted, Conflict (answered meanwhile), AnswersRefused or Refusal; then nothing was written.
    """
    if not PART.fullmatch(part):
        raise Refusal("part", _("填写的部分写法不对。"), field="part")
    asked = form_of(form)
    checked = answers_check(asked, values)
    if checked.flaws:
        raise AnswersRefused(checked.flaws)
    if by not in ACTORS and not Case.objects.filter(pk=case).exists():
        raise NotFound("not_found", GONE)
    with transaction.atomic():
        sent = _files_added(asked, checked.values, files or {}, case=case, by=by, now=now)
        return _recorded(case, form, {**checked.values, **sent}, by=by, now=now, part=part, replaces=replaces)


def _recorded(
    case: int, form: FormVersion, values: dict[str, Any], *, by: int, now: datetime, part: str, replaces: int
) -> Answers:
    with writer_cursor() as cursor:
        drafts, held = cases_lock(cursor, [case], people=[by], now=now)
        draft = drafts.get(case)
        if draft is None:
            raise NotFound("not_found", GONE)
        if by not in ACTORS and not acts_on(draft, held.get(by, ())):
            raise NotPermitted("not_permitted", _("本件不由您办理,不能填写表单。"))
        if draft.row.closed_at is not None:
            raise Refusal("closed", _("本件已经办结,不能再改表单。"))
        last = Answers.objects.filter(case_id=case, code=form.code, part=part).order_by("-version").first()
        if replaces != (last.version if last else 0):
            raise Conflict("version", _("这份表单刚才已有人填写,请刷新后再改;您填写的内容没有生效。"))
        shown, withheld = _discreet(draft, values)
        if last and (last.values, last.form_id) == (shown, form.pk):
            raise Refusal("same", _("与已填写的完全相同,没有要改的。"))
        row = Answers.objects.create(
            case_id=case,
            form=form,
            code=form.code,
            part=part,
            version=replaces + 1,
            values=shown,
            recorded_at=now,
            recorded_by_id=None if by in ACTORS else by,
        )
        data = {"form": form.code, "form_version": form.version, "part": part, "version": row.version}
        draft.enter(kind=ANSWERED, at=now, by=actor(by), data=data, private={ANSWERED: shown, **withheld})
        cases_write(cursor, [draft])
    return row


def answers_forget(cases: Sequence[int], now: datetime) -> None:
    """Erase what was answered in these cases, in the caller's transaction; the rows stay, the ledger tells of them."""
    Answers.objects.filter(case__in=cases).update(values="")


def _discreet(draft: Draft, values: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The answers as JSON without what a confidential party said of itself, and as they were, if that differs."""
    texts = {str(place): text for place, text in enumerate(sorted(set(_texts(values))))}
    shown, withheld = draft_words_split(draft, texts)
    if not withheld:
        return answers_json(values), {}
    instead = {text: shown[place] for place, text in texts.items()}
    return answers_json(_put(values, instead)), {f"{WITHHELD}{ANSWERED}": answers_json(values)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _put(value: Any, instead: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _put(item, instead) for name, item in value.items()}
    if isinstance(value, list):
        return [_put(item, instead) for item in value]
    return instead.get(value, value) if isinstance(value, str) else value


def answers_json(values: Mapping[str, Any]) -> str:
    """Answers as they are kept."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_exact)


def _exact(value: Any) -> float:
    """A number of at most 15 digits, which a float keeps."""
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return float(value)


def _files_added(
    form: Form, values: Mapping[str, Any], files: Mapping[str, Any], *, case: int, by: int, now: datetime
) -> dict[str, Any]:
    """The answers with the files that came along as attachments of the case; each file named is one of this case."""

    def walk(fields: tuple[Field, ...], inner: Mapping[str, Any], path: str) -> dict[str, Any]:
        found = dict(inner)
        for one in fields:
            value, here = found.get(one.name), f"{path}{one.name}"
            if one.kind == "group" and isinstance(value, Mapping):
                found[one.name] = walk(one.fields, value, f"{here}.")
            elif one.kind == "rows" and isinstance(value, list):
                found[one.name] = [walk(one.fields, row, f"{here}.{n}.") for n, row in enumerate(value)]
            elif one.kind == "file" and value is not None:
                found[one.name] = file(one, here, value)
        return found

    def file(one: Field, path: str, value: int) -> int:
        if value == SENT_ALONG and path in files:
            sent = files[path]
            return attachment_add(case=case, file=sent, name=sent.name, by=by, now=now).pk
        with kernel_writes():  # the reporter has no scope
            known = Attachment.objects.filter(pk=value, case=case, withdrawn_at=None).exists()
        if not known:
            raise AnswersRefused([Flaw(path, "required", one)])
        return value

    return walk(form.fields, values, "")
