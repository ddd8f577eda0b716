"""Ready answers: what agents may say at the seat. A supervisor keeps the list; every change is an entry of its register."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.cases.grams import gram_codes
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound
from bihuan.lib.text import FieldError, bigrams, clean_text
from bihuan.packs.hotline.models import Matter, ReadyAnswer

TITLE_LIMIT, TEXT_LIMIT = 80, 2000
SHOWN = 5
"""As many are offered at the seat, one for each of the keys 1 to 5."""
WORDS = 2
"""So many pairs of characters in common make a ready answer of another matter worth showing."""


def ready_answers_kept() -> list[ReadyAnswer]:
    """Those in force, by matter and title."""
    return list(ReadyAnswer.objects.filter(active=True).order_by("matter", "title", "id"))


def ready_answers_for(*, matter: str, text: str) -> list[ReadyAnswer]:
    """At most five: those of the matter first, then those whose words the text holds; the most in common first."""
    said = set(gram_codes(bigrams(text)))

    def shared(answer: ReadyAnswer) -> int:
        return len(said & set(gram_codes(bigrams(f"{answer.title}\n{answer.text}"))))

    found = [(answer.matter == matter != "", shared(answer), answer) for answer in ready_answers_kept()]
    fit = [one for one in found if one[0] or one[1] >= WORDS]
    return [one[2] for one in sorted(fit, key=lambda one: (not one[0], -one[1], one[2].pk))[:SHOWN]]


def ready_answer_save(
    *, answer: int | None = None, matter: str, title: str, text: str, by: int, now: datetime
) -> ReadyAnswer:
    """Add one, or change the one of this id. `matter` is a code or "". FieldError names field and rule."""
    title = clean_text(title, field="title", max_length=TITLE_LIMIT, min_length=2, multiline=False)
    text = clean_text(text, field="text", max_length=TEXT_LIMIT, min_length=4)
    if matter and not Matter.objects.filter(pk=matter[:40], active=True).exclude(parent=None).exists():
        raise FieldError("matter", "unknown_matter", "没有这个事项。")
    with kernel_writes():
        row = _found(answer) if answer is not None else ReadyAnswer()
        row.matter, row.title, row.text = matter, title, text
        row.changed_by_id, row.changed_at = by, now
        row.save()
        _enter("ready_answer_saved", row, by, now)
    return row


def ready_answer_withdraw(*, answer: int, by: int, now: datetime) -> None:
    """Offer it no more. NotFound when it is not in force."""
    with kernel_writes():
        row = _found(answer)
        row.active, row.changed_by_id, row.changed_at = False, by, now
        row.save()
        _enter("ready_answer_withdrawn", row, by, now)


def _found(answer: int) -> ReadyAnswer:
    row = ReadyAnswer.objects.select_for_update().filter(pk=answer, active=True).first()
    if row is None:
        raise NotFound("unknown_answer", "没有这条现成答复,或已停用。")
    return row


def _enter(kind: str, row: ReadyAnswer, by: int, now: datetime) -> None:
    data = {"answer": row.pk, "matter": row.matter, "title": row.title, "text": row.text}
    register_append(stream="answers", kind=kind, at=now, by=by, data=data)
