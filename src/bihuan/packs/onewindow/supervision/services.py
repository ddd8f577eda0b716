"""What a unit says on a card, and what somebody else decides: each an entry of the register `cards`."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.supervision.models import Card

STREAM = "cards"
ANSWERERS = ("handler", "section_chief", "bureau_head", "window_clerk", "issuing_clerk", "review_officer")
DECIDER = "supervisor"
OPEN, EXPLAINED, OBJECTED, UPHELD, WITHDRAWN = "open", "explained", "objected", "upheld", "withdrawn"
ANSWERS, DECISIONS = (EXPLAINED, OBJECTED), (UPHELD, WITHDRAWN)
LONGEST = 1000


def card_answer(*, card: int, what: str, words: str, scope: Scope, now: datetime) -> Card:
    """The unit explains a card, or objects to it. NotPermitted for whoever is not of the unit; Conflict when it was answered already;
    FieldError names the field."""
    if what not in ANSWERS:
        raise FieldError("what", "choice", _("请选说明情况,或提出异议。"))
    text = clean_text(words, field="words", max_length=LONGEST, min_length=4)
    with kernel_writes():
        row = _locked(card)
        if not answers(row, scope):
            raise NotPermitted("not_permitted", _("这张牌要由被监察的单位来答。"))
        if row.standing != OPEN:
            raise Conflict("card_state", _("这张牌已经答过,不能再答。"))
        row.standing, row.answer, row.answered_at, row.answered_by_id = what, text, now, scope.person
        row.save(update_fields=["standing", "answer", "answered_at", "answered_by"])
        data = {"card": row.pk, "case": row.case.number, "rule": row.rule, "standing": what}
        _entered("card_answered", data, text, scope.person, now)
    return row


def card_decide(*, card: int, what: str, words: str, scope: Scope, now: datetime) -> Card:
    """Somebody else upholds or withdraws a card; a withdrawn one does not count. NotPermitted for whoever does not supervise, earned or
    answered it; Conflict when it was decided already; FieldError names the field."""
    if what not in DECISIONS:
        raise FieldError("what", "choice", _("请选维持,或撤销。"))
    text = clean_text(words, field="words", max_length=LONGEST, min_length=4)
    with kernel_writes():
        row = _locked(card)
        if not scope.holds(DECIDER):
            raise NotPermitted("not_permitted", _("电子监察的裁定要由中心督办来作。"))
        if scope.person in (row.answered_by_id, row.person_id):
            raise NotPermitted("not_permitted", _("这张牌是您得的,或者答复是您作的,要由另一人裁定。"))
        if row.standing in DECISIONS:
            raise Conflict("card_state", _("这张牌已经裁定过。"))
        row.standing, row.decision, row.decided_at, row.decided_by_id = what, text, now, scope.person
        row.save(update_fields=["standing", "decision", "decided_at", "decided_by"])
        data = {"card": row.pk, "case": row.case.number, "rule": row.rule, "standing": what}
        _entered("card_decided", data, text, scope.person, now)
    return row


def answers(row: Card, scope: Scope) -> bool:
    """May this person answer for the unit of the card?"""
    return any(held.unit == row.unit_id and held.role in ANSWERERS for held in scope.held)


def decides(row: Card, scope: Scope) -> bool:
    """May this person decide on it now?"""
    concerned = scope.person in (row.answered_by_id, row.person_id)
    return scope.holds(DECIDER) and row.standing not in DECISIONS and not concerned


def _locked(card: int) -> Card:
    row = Card.objects.select_for_update(of=("self",)).select_related("case").filter(pk=card).first()
    if row is None:
        raise NotFound("not_found", _("没有这张牌。"))
    return row


def _entered(kind: str, data: dict[str, object], words: str, by: int, now: datetime) -> None:
    register_append(stream=STREAM, kind=kind, at=now, by=by, data=data, private={"words": words})
