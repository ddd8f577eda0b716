"""Cards of the demonstration: found by the rules in what was played, some explained, objected to, decided; and a note of the window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.packs.onewindow.lessons.services import lesson_keep
from bihuan.packs.onewindow.models import Card, ItemVersion
from bihuan.packs.onewindow.supervision.keeping import cards_keep
from bihuan.packs.onewindow.supervision.services import card_answer, card_decide

WINDOW, CENTRE = "fang", "tang"


def cards_play(*, until: datetime, people: Mapping[str, int]) -> int:
    """Find the cards; the window explains a reason that was too short and objects to a second card, which is decided on. How many."""
    clocks_sweep(now=until)
    found = cards_keep(now=until)

    def scope(who: str) -> Scope:
        return scope_of(person=people[who], at=until, roles=roles())

    def first(rule: str) -> int | None:
        with kernel_writes():
            return Card.objects.filter(rule=rule).order_by("pk").values_list("pk", flat=True).first()

    short, refused = first("no_reason"), first("refused")
    at = until - timedelta(minutes=3)
    if short:
        words = "当天系统检修,已补充告知书,写明了理由。"
        card_answer(card=short, what="explained", words=words, scope=scope(WINDOW), now=at)
    if refused:
        words = "申请人当场改办另一事项,本件应按撤回登记,录入时选错了。"
        card_answer(card=refused, what="objected", words=words, scope=scope(WINDOW), now=at)
        words = "应当登记撤回,不能登记不予受理,维持。"
        card_decide(card=refused, what="upheld", words=words, scope=scope(CENTRE), now=until)
    _noted(scope(WINDOW), until)
    return found


def _noted(scope: Scope, until: datetime) -> None:
    """The window keeps what it learnt beside the item."""
    with kernel_writes():
        version = ItemVersion.objects.filter(name="公共场所卫生许可").first()
    if version:
        answer = "要画到相邻的街道,标出两边的门牌;二楼以上的另附楼层平面图。"
        lesson_keep(item=version.item_id, question="方位图画到哪里?", answer=answer, scope=scope, now=until)
