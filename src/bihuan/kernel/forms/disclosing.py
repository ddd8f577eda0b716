"""Reading what was answered in plain, with a reason that the ledger keeps (rules.md I)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.kernel.cases.discretion import draft_words_split
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.personal import REASON_LEAST, REASON_MOST, case_reads_plain
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.forms.models import Answers
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.lib.text import clean_text


def answers_disclose(*, answers: int, by: int, reason: str, now: datetime) -> Answers:
    """The answers, of which the page may now show every word; the case's stream gets an entry, the reason lies beside it.

    NotFound when the present scope does not see them; NotPermitted without a role that unmasks and sees the case; FieldError for a
    reason under 4 characters. What a confidential reporter said of itself is not in answers at all (`answers_record`).
    """
    found = Answers.objects.select_related("form", "recorded_by").filter(pk=answers).first()
    if found is None:
        raise NotFound("not_found", _("没有这份表单,或您无权查看。"))
    why = clean_text(reason, field="reason", max_length=REASON_MOST, min_length=REASON_LEAST)
    with writer_cursor() as cursor:
        drafts, _held = cases_lock(cursor, [found.case_id], now=now)
        draft = drafts[found.case_id]
        if not case_reads_plain(Case.objects.get(pk=found.case_id), by=by, now=now):
            raise NotPermitted("unmask", _("您的角色不能查看这份表单的完整信息。"), rule="rules.md I")
        data = {"form": found.code, "part": found.part, "version": found.version}
        shown, withheld = draft_words_split(draft, {"reason": why})
        draft.enter(kind="unmasked", at=now, by=by, data=data, private={**shown, **withheld})
        cases_write(cursor, [draft])
    return found
