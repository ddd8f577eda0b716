"""Ready answers: what may be said at the seat and in a unit's answer. A supervisor keeps the list; every change is an entry of
its register, and every answer that was made of one is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F

from bihuan.kernel.cases.grams import gram_codes
from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound
from bihuan.lib.text import FieldError, bigrams, clean_text
from bihuan.packs.hotline.models import Matter, ReadyAnswer, ReadyAnswerUse

TITLE_LIMIT, TEXT_LIMIT = 80, 2000
SHOWN = 5
"""As many are offered at the seat, one for each of the keys 1 to 5."""
WORDS = 2
"""So many pairs of characters in common make a ready answer of another matter worth showing."""
NEARLY_ALL = 0.8
"""An answer that holds so much of a ready answer was made of it, though a name or a sum was put in."""
KEEPER = "supervisor"
LATEST = 10


def ready_answers_kept() -> list[ReadyAnswer]:
    """Those in force, by matter and title."""
    return list(ReadyAnswer.objects.filter(active=True).order_by("matter", "title", "id"))


def ready_answers_for(*, matter: str, text: str) -> list[ReadyAnswer]:
    """At most five that fit: those of the matter whose words the text holds, those of the matter, then those whose words it holds.
    Of those that fit as well the one most used comes first, then the one with most words in common.
    """
    said = set(gram_codes(bigrams(text)))

    def ranked(answer: ReadyAnswer) -> tuple[int, int, int, int]:
        shared = len(said & _codes(answer))
        fit = 2 * (answer.matter == matter != "") + (shared >= WORDS)
        return -fit, -answer.used, -shared, answer.pk

    found = sorted((ranked(answer), answer) for answer in ready_answers_kept())
    return [answer for rank, answer in found if rank[0]][:SHOWN]


def ready_answers_fitting(case: Case) -> list[ReadyAnswer]:
    """Those that fit what a case says."""
    return ready_answers_for(matter=case.matter, text=f"{case.title}\n{case.content.text}")


def _codes(answer: ReadyAnswer) -> set[int]:
    return set(gram_codes(bigrams(f"{answer.title}\n{answer.text}")))


def ready_answers_use(*, case: int, text: str, by: int, now: datetime) -> list[int]:
    """Count the ready answers that an answer just given was made of; their ids. It is told by the words, so one that
    was sent by an interface counts too, and one that was picked and written over does not.
    """
    given = set(gram_codes(bigrams(text)))
    used = [one.pk for one in ready_answers_kept() if _holds(given, one.text)]
    if used:
        with kernel_writes():
            matter = Case.objects.values_list("matter", flat=True).get(pk=case)
            list(ReadyAnswer.objects.select_for_update().filter(pk__in=used).order_by("pk").values_list("pk"))
            ReadyAnswer.objects.filter(pk__in=used).update(used=F("used") + 1)
            ReadyAnswerUse.objects.bulk_create(
                ReadyAnswerUse(answer_id=one, case_id=case, person_id=by or None, matter=matter, at=now)
                for one in used
            )
    return used


def _holds(given: set[int], text: str) -> bool:
    wanted = set(gram_codes(bigrams(text)))
    return bool(wanted) and len(given & wanted) >= NEARLY_ALL * len(wanted)


@dataclass(frozen=True, slots=True)
class Used:
    """How a ready answer was used, in the cases that the reader may see: by matter, the most first, and the latest times."""

    matters: Sequence[tuple[str, int]]
    latest: Sequence[ReadyAnswerUse]


def ready_answer_used(answer: int) -> Used:
    """Who used it on which case when, and how often for each matter (a code or "")."""
    uses = ReadyAnswerUse.objects.filter(answer=answer)
    matters = uses.values_list("matter").annotate(n=Count("pk")).order_by("-n", "matter")[:LATEST]
    return Used(list(matters), list(uses.select_related("person", "case").order_by("-at", "-pk")[:LATEST]))


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
