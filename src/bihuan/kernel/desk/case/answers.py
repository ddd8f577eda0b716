"""What was filled in in a case's forms, as its page and its paper tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.forms.models import Answers
from bihuan.kernel.forms.selectors import answers_of, answers_read, form_of
from bihuan.kernel.forms.told import Said, answers_told
from bihuan.kernel.forms.words import form_title
from bihuan.lib.masking import mask_text


@dataclass(frozen=True, slots=True)
class AnswersTold:
    """The answers of one form and part, last corrected by whom and when; `said` is masked, and empty once they were erased."""

    title: str
    row: Answers
    said: list[Said]

    @property
    def key(self) -> str:
        """Tells it apart on the page."""
        return f"answers-{self.row.pk}"


def answers_of_case(case: int, attachments: Iterable[Attachment]) -> list[AnswersTold]:
    """What was last answered in each form of a case that the present scope sees. One query."""
    files = {one.pk: mask_text(one.name) for one in attachments}
    return [
        AnswersTold(answers_title(row), row, answers_told(form_of(row.form), answers_read(row), files=files))
        for row in answers_of(case=case)
    ]


def answers_title(row: Answers) -> str:
    """The form's title, with the part that was filled in."""
    title = form_title(form_of(row.form))
    return f"{title} · {row.part}" if row.part else title
