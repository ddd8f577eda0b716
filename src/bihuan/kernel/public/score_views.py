"""What anybody may read of scores: the ranking when the card says that it is shown, and who is named by decision."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.scores import tables as shown
from bihuan.kernel.scoring.decisions import NAMED
from bihuan.kernel.scoring.selectors import card_in_force, month_before


@require_GET
def scores(request: HttpRequest) -> HttpResponse:
    """For any citizen: how units did last month, if rankings are shown here, and who was named for shirking."""
    scope, now = request.scope, request.now
    pack = shown.pack_scored()
    named = [{**one, "category": NAMED.get(one["category"], "")} for one in shown.named_publicly(now)]
    last = month_before(shown.chosen_of({}, now).month)
    chosen = shown.chosen_of({"month": request.GET.get("month") or f"{last:%Y-%m}"}, now)
    card = card_in_force(pack=pack, on=chosen.month)
    lists = shown.lists_ranked(pack=pack, span=chosen.span, card=card) if card.public else {}
    context = {
        "card": card,
        "chosen": chosen,
        "lists": [shown.list_shown(name, rows, card, scope, "") for name, rows in lists.items()],
        "named": named,
    }
    return render(request, "public/scores.html", context)
